"""Why a write was not possible, where luojiang_ce.refusals has no word for it."""

from luojiang_ce.refusals import NotPossible


class Stale(NotPossible):
    """Somebody else saved in the meantime."""

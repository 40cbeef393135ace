"""Why a write was not possible."""


class NotPossible(Exception):
    """The write is not possible now; the message says why and what to do, in Chinese."""


class Stale(NotPossible):
    """Somebody else saved in the meantime."""

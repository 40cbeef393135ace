"""Cases that stand where nobody can act: asked of everything that is owed now."""

from __future__ import annotations

from collections.abc import Iterator

from luojiang_ce.deadlines.owed import Asked, everything_owed
from luojiang_ce.workdays.services import terms_in_force
from units.models import Unit
from units.notify import clerks_of, whose_turn
from units.officers import accounts_to_set_right


def dead_ends() -> Iterator[str]:
    """What is owed, and nobody holds the role to do it. A unit without a clerk is the security officer's to do."""
    asked = Asked(terms_in_force())
    found = everything_owed(asked)
    told = any("还没有专办员" in owed.title for owed in accounts_to_set_right(asked))
    for owed, accounts in zip(found, whose_turn(found), strict=True):
        bare = owed.of_unit and Unit.objects.filter(pk=owed.unit_id, is_bureau=False).exists()
        if not accounts and not (bare and told and not clerks_of(owed.unit_id or 0).exists()):
            yield f"nobody is {owed.turn.who.label}: {owed.title}"

"""A year that was given up and is not any more (V8): what goes with it, whoever or whatever brings it back.

Whoever stands in a batch that is still at the counter goes on from there. A batch that was closed or stamped stays as
it is: then the person stands in no roster and is filed in another one, as owing.py names them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from luojiang_ce.access import Actor
from luojiang_ce.workflow.engine import fire_many
from verification.batches.letters import withdraw_refusals
from verification.batches.models import AnnualRecord


def bring_back(rows: Sequence[AnnualRecord], step: str, *, actor: Actor) -> int:
    """Fire the step for each of them, and withdraw the letters that said the year is not taken; returns how many."""
    fire_many(rows, step, actor=actor)
    withdraw_refusals(rows)
    return len(rows)


def list_outside(rows: Sequence[AnnualRecord], *, actor: Actor, until: date | None) -> int:
    """Bring them back to be filed in another batch, by a day; None: no day counts. Returns how many."""
    bring_back(rows, "list_again", actor=actor)
    AnnualRecord.objects.filter(pk__in=[row.pk for row in rows]).update(batch=None, mend_by=until)
    return len(rows)

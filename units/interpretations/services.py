"""Writing interpretations; their way from there is case.py."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from luojiang_ce import clock
from luojiang_ce.access import Actor
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.changes import in_words, record_edit, stored_values
from luojiang_ce.workflow.events import record
from units.interpretations.case import may_change
from units.interpretations.models import Interpretation


def draft(*, actor: Actor, **facts: Any) -> Interpretation:
    """A new draft; `facts`: its editable fields."""
    with transaction.atomic():
        made = Interpretation.objects.create(created_by_id=actor.pk, **facts)
        record(made, "created", actor=actor, note=in_words(made, {}))
    return made


def keep(
    *, interpretation: Interpretation, actor: Actor, version: int | None = None, quiet: bool = False
) -> Interpretation:
    """Save what was typed into a draft (changed and not saved), on record. Raises NotPossible, Conflict. `quiet`: saved
    while it was typed."""
    with transaction.atomic():
        locked = Interpretation.objects.select_for_update().get(pk=interpretation.pk)
        if not may_change(locked, actor):
            raise NotPossible(f"状态是“{locked.get_state_display()}”，不能再修改；有误的请撤销后重新拟写")
        before = stored_values(interpretation)
        interpretation.save_over(version, actor)
        record_edit(interpretation, (interpretation, before), actor=actor, quiet=quiet)
    return interpretation


def by_clause() -> Mapping[str, list[Interpretation]]:
    """What holds today, by clause, the newest first. One query."""
    found: dict[str, list[Interpretation]] = {}
    for each in Interpretation.objects.in_force_on(clock.today()):
        found.setdefault(each.clause, []).append(each)
    return found

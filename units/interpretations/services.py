"""Writing interpretations; their way from there is case.py."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from luojiang_ce import clock
from luojiang_ce.access import Actor
from units.drafted_case import keep_draft
from units.interpretations.models import Interpretation

CLOSED = "状态是“{}”，不能再修改；有误的请撤销后重新拟写"


def draft(*, actor: Actor, **facts: Any) -> Interpretation:
    """A new draft; `facts`: its editable fields."""
    return keep_draft(draft=Interpretation(**facts), actor=actor, closed=CLOSED)


def keep(
    *, interpretation: Interpretation, actor: Actor, version: int | None = None, quiet: bool = False
) -> Interpretation:
    """Save what was typed into a draft (changed and not saved), on record. Raises NotPossible, Conflict. `quiet`: saved
    while it was typed."""
    return keep_draft(draft=interpretation, actor=actor, closed=CLOSED, version=version, quiet=quiet)


def by_clause() -> Mapping[str, list[Interpretation]]:
    """What holds today, by clause, the newest first. One query."""
    found: dict[str, list[Interpretation]] = {}
    for each in Interpretation.objects.in_force_on(clock.today()):
        found.setdefault(each.clause, []).append(each)
    return found

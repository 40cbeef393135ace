"""Which deadline holds for whom: the rules of all, moved by what the bureau granted (domain.md §3). No database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from luojiang_ce.workdays.deadlines import Deadline, DeadlineKind, Rules, extend


class Holder(Protocol):
    """What a grant looks at in a unit."""

    pk: int
    nature: str


@dataclass(frozen=True)
class Grant:
    """An extension that the bureau granted: until `due`, for one unit, a kind of unit (`nature`), or everybody.

    `subject`: a year, or the id of a class. `anchor`: the day that the granted deadline was counted from; a class
    that is moved to an earlier opening afterwards is not covered.
    """

    kind: DeadlineKind
    subject: str
    due: date
    said: str
    unit_id: int | None = None
    nature: str = ""
    anchor: date | None = None

    def covers(self, deadline: Deadline, subject: str, unit: Holder) -> bool:
        return (
            (self.kind, self.subject) == (deadline.kind, subject)
            and self.unit_id in (None, unit.pk)
            and self.nature in ("", unit.nature)
            and (self.anchor is None or deadline.start >= self.anchor)
        )


@dataclass(frozen=True)
class Terms(Rules):
    """The rules in force together with every extension granted. Load once per request, not once per row.

    `due` is what holds for everybody, `due_for` what holds for one unit.
    """

    grants: tuple[Grant, ...] = ()

    def due_for(self, kind: DeadlineKind, anchor: int | date, unit: Holder, subject: str) -> Deadline:
        """The deadline that holds for one unit; `subject`: a year, or the id of a class. Of several grants the latest
        day."""
        deadline = self.due(kind, anchor)
        covering = [grant for grant in self.grants if grant.covers(deadline, subject, unit)]
        if not covering:
            return deadline
        grant = max(covering, key=lambda grant: grant.due)
        # What it is for may have been moved since (a class that opens earlier): no grant passes it.
        due = min(grant.due, kind.until(anchor)) if kind.until else grant.due
        return extend(deadline, due, grant.said, self.settings_on(deadline.start))

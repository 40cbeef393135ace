"""Which deadline holds for whom: the rules of all, moved by what the bureau granted (domain.md §3). No database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from luojiang_ce.workdays.deadlines import Deadline, Kind, Rules, extend


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

    kind: Kind
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

    What is inherited holds for everybody; `…_for` is what holds for one unit.
    """

    grants: tuple[Grant, ...] = ()

    def plan_for(self, unit: Holder, year: int) -> Deadline:
        """notice 一(五)1"""
        return self._granted(self.plan(year), str(year), unit)

    def verification_for(self, unit: Holder, year: int) -> Deadline:
        """notice 二(一)"""
        return self._granted(self.verification(year), str(year), unit)

    def opening_for(self, unit: Holder, class_id: int | None, opens: date) -> Deadline:
        """notice 一(五)2"""
        return self._granted(self.opening(opens), str(class_id), unit)

    def recognition_for(self, unit: Holder, class_id: int, last_day: date) -> Deadline:
        """notice 一(五)3"""
        return self._granted(self.recognition(last_day), str(class_id), unit)

    def _granted(self, deadline: Deadline, subject: str, unit: Holder) -> Deadline:
        """Of several grants the latest day."""
        covering = (grant for grant in self.grants if grant.covers(deadline, subject, unit))
        grant = max(covering, key=lambda grant: grant.due, default=None)
        return extend(deadline, grant.due, grant.said, self.settings_on(deadline.start)) if grant else deadline

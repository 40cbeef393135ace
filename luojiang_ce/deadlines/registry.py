"""Every deadline that is running, over all case types: each app registers a source of its own.

The board, the reminders, the calendar feed, the record of lapses and the preview of a changed calendar all read here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from luojiang_ce import clock
from luojiang_ce.access.roles import Actor, Role
from luojiang_ce.workdays.deadlines import Deadline, Kind, Rules, is_in_time
from luojiang_ce.workdays.services import current_rules

SEES_ALL = (Role.BUREAU_HANDLER, Role.BUREAU_APPROVER, Role.AUDIT_ADMIN)


@dataclass(frozen=True)
class OpenDeadline:
    """One deadline that nobody has met yet, be it ahead or overdue.

    `unit_id`, `unit`: whose case it is. `role`: who must act, the unit's clerk or the bureau's handler.
    `subject` names the case among those of its kind and unit: a year, or the id of the case.
    `case`: generic key of the case (type, id), where one exists already.
    """

    deadline: Deadline
    unit_id: int
    unit: str
    subject: str
    title: str
    url: str
    role: Role = Role.UNIT_CLERK
    case: tuple[str, int] | None = None

    @property
    def key(self) -> str:
        """The same for the same duty, however its day moves."""
        return f"{self.deadline.kind}-{self.unit_id}-{self.subject}"

    def is_late(self, moment: datetime) -> bool:
        return not is_in_time(self.deadline, moment)


@dataclass(frozen=True)
class Asked:
    """What a source is asked for: under which rules, at which (aware) moment, of which units (None: of all).

    `shared`: what one source has loaded and the next ones need too.
    """

    rules: Rules
    now: datetime = field(default_factory=clock.now)
    units: frozenset[int] | None = None
    shared: dict[str, Any] = field(default_factory=dict, compare=False)


Source = Callable[[Asked], Iterable[OpenDeadline]]

_sources: list[Source] = []


def register_deadlines(source: Source) -> None:
    """Add a source; called in the app's `ready()`. It makes a bounded number of queries, whatever the rows."""
    _sources.append(source)


def open_deadlines(asked: Asked) -> list[OpenDeadline]:
    """All running deadlines, the earliest first. Raises nothing of its own; queries are those of the sources."""
    found = [each for source in _sources for each in source(asked)]
    return sorted(found, key=lambda each: (each.deadline.closes, each.unit, each.title))


def deadlines_of(account: Actor) -> list[OpenDeadline]:
    """Those that an account has to keep or to watch: a clerk's own units'; all of them for bureau and auditor."""
    if account.holds(*SEES_ALL):
        return open_deadlines(Asked(current_rules()))
    own = account.unit_ids(Role.UNIT_CLERK)
    if not own:
        return []
    found = open_deadlines(Asked(current_rules(), units=own))
    return [each for each in found if each.role is Role.UNIT_CLERK]


@dataclass(frozen=True)
class Moved:
    """A duty whose last day differs between two sets of rules."""

    before: OpenDeadline
    after: OpenDeadline

    @property
    def reopens(self) -> bool:
        """Overdue before, in time after."""
        return self.before.is_late(clock.now()) and not self.after.is_late(clock.now())


def moved_by(rules: Rules, current: Rules | None = None) -> list[Moved]:
    """The running deadlines whose last day would move if these rules replaced the current ones."""
    before = open_deadlines(Asked(current or current_rules()))
    after = {each.key: each for each in open_deadlines(Asked(rules))}
    pairs = [Moved(each, after[each.key]) for each in before if each.key in after]
    return [pair for pair in pairs if pair.before.deadline.due != pair.after.deadline.due]


def kinds_of(found: Sequence[OpenDeadline]) -> list[Kind]:
    """The kinds that occur, in the order of the table of kinds."""
    present = {each.deadline.kind for each in found}
    return [kind for kind in Kind if kind in present]

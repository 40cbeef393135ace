"""What pages of a class show of its changes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from luojiang_ce import clock
from luojiang_ce.access import Actor, Role
from training.classes.changes.assess import why_not_now
from training.classes.changes.lines import Line, lines_of, told
from training.classes.changes.models import ClassChange
from training.classes.models import ClassApplication
from units.access import FILER

MOST = 8  # lines of a change on the page of its class


@dataclass(frozen=True)
class Shown:
    """A change as the page of its class shows it: its first lines, and how many more its own page has."""

    change: ClassChange
    lines: list[Line]
    more: int


@dataclass(frozen=True)
class Adjusted:
    """A change that is in force, as trainees and their units are told: since when, and what."""

    since: datetime
    texts: list[str]


def changes_of(application: ClassApplication, account: Actor) -> list[Shown]:
    """The changes of a class that this account may see, newest first. One query."""
    rows = ClassChange.objects.visible_to(account).filter(application=application)
    rows = rows.exclude(state=ClassChange.State.CANCELLED).order_by("-pk")
    found = [(each, lines_of(each.former, each.proposed)) for each in rows]
    return [Shown(each, lines[:MOST], max(len(lines) - MOST, 0)) for each, lines in found]


def adjusted(classes: Iterable[int]) -> dict[int, list[Adjusted]]:
    """What has been changed of these classes since they were approved, by class id. One query."""
    found: dict[int, list[Adjusted]] = defaultdict(list)
    for change in ClassChange.objects.approved().filter(application__in=set(classes)):
        assert change.decided_at is not None
        found[change.application_id].append(Adjusted(change.decided_at, told(change.former, change.proposed)))
    return dict(found)


def may_begin(application: ClassApplication, account: Actor) -> bool:
    """May this account ask for a change of the class now? No query."""
    can_be = why_not_now(application, clock.now()) is None
    return can_be and account.holds(Role.UNIT_CLERK) and FILER.test(account, application)

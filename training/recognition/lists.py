"""The list of recognitions with their deadlines, and the classes that wait for one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from luojiang_ce import clock
from luojiang_ce.access.roles import Role
from luojiang_ce.workdays.badges import Badge, filed_badge, open_badge
from luojiang_ce.workdays.deadlines import Deadline
from training.classes.models import ClassApplication
from units.terms.grants import Terms

from .case import due_of_class
from .models import Recognition

SHOWN = 20  # classes of one unit that wait for their recognition


@dataclass(frozen=True)
class Waiting:
    """A class that is over (or ends today) and has no recognition yet, with its deadline."""

    application: ClassApplication
    deadline: Deadline
    badge: Badge


def classes_waiting(account: Any, terms: Terms) -> Iterator[Waiting]:
    """Classes of the clerk's units whose recognition can be begun, the oldest deadline first. One query."""
    own = account.unit_ids(Role.UNIT_CLERK)
    if not own:
        return
    rows = ClassApplication.objects.filter(
        unit__in=own, state=ClassApplication.State.APPROVED, ends_on__lte=clock.today(), recognition=None
    )
    for application in rows.select_related("unit").order_by("ends_on")[:SHOWN]:
        deadline = due_of_class(application, terms)
        yield Waiting(application, deadline, open_badge(deadline, terms.calendar, clock.now()))


@dataclass(frozen=True)
class RecognitionRow:
    """A recognition in the list, with its deadline met or open."""

    case: Recognition
    badge: Badge
    meaning: str


def recognition_rows(cases: list[Recognition], terms: Terms, meanings: dict[str, str]) -> list[RecognitionRow]:
    """The lines of a page; no query."""
    return [RecognitionRow(case, _badge(case, terms), meanings[case.state]) for case in cases]


def _badge(case: Recognition, terms: Terms) -> Badge:
    deadline = due_of_class(case.application, terms)
    if case.first_submitted_at:
        return filed_badge(deadline, case.first_submitted_at)
    return open_badge(deadline, terms.calendar, clock.now())

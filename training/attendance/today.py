"""The classes that are held today, each with the half-day that is on: what the start page shows first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.deadlines.owed import Asked, Owed, OwedDuty
from luojiang_ce.plain import value_of
from luojiang_ce.workflow.case_kind import Turn
from training.classes.models import ClassApplication, Enrolment, TimetableRow
from training.half_days import HALF_DAYS, Lesson, current, slots_of
from units.access import FILER

from .freezing import open_to_signs
from .models import Sign
from .oddities import MARGIN

TO_SIGN = Turn(FILER, "登记签到")


def half_days_of_today(asked: Asked) -> Iterator[Owed]:
    """The clerk's own classes of today, with the half-day that is on or comes next, else the last one. Three queries,
    one where no class is held."""
    if not asked.own or not asked.units:
        return
    on = half_days_on(asked)
    if not on:
        return
    courses = [course for course, _ in on]
    here = Counter(Enrolment.objects.present().filter(application__in=courses).values_list("application", flat=True))
    signed = _signed(asked, courses)
    for course, half_day in on:
        counts = "，".join(
            f"已{kind.label} {signed[course.pk, half_day, kind.value]} 人" for kind in (Sign.Kind.IN, Sign.Kind.OUT)
        )
        day = clock.local(asked.now).date()
        yield OwedDuty(
            TO_SIGN,
            course,
            f"今天{HALF_DAYS[half_day]}：登记签到，{course}",
            reverse("attendance:half_day", args=[course.pk, day, half_day]),
            f"{course.pk}-{day}-{half_day}",
            unit=course.unit.short,
            note=f"学员 {here[course.pk]} 人，{counts}",
            now=True,
        )


def half_days_on(asked: Asked) -> list[tuple[ClassApplication, str]]:
    """Each class that is held today, with the half-day that is on or comes next, else the last. One query."""
    now = clock.local(asked.now)
    classes = ClassApplication.objects.filter(unit__in=asked.units or (), state=ClassApplication.State.APPROVED)
    rows = TimetableRow.objects.filter(date=now.date(), application__in=open_to_signs(classes))
    ordered = rows.select_related("application__unit").order_by("application", "pk")
    found = []
    for course, lessons in groupby(ordered, lambda row: row.application):
        if on := current(slots_of(value_of(Lesson, row) for row in lessons), now, MARGIN):
            found.append((course, on.half_day))
    return found


def _signed(asked: Asked, courses: Iterable[ClassApplication]) -> Counter[Any]:
    """How many trainees have signed today, by class, half-day and kind."""
    signs = Sign.objects.valid().filter(
        enrolment__application__in=list(courses), enrolment__removed_at=None, date=clock.local(asked.now).date()
    )
    facts = ("enrolment__application", "half_day", "kind")
    distinct = signs.order_by().values_list(*facts, "enrolment").distinct()
    return Counter((course, half_day, kind) for course, half_day, kind, _ in distinct)

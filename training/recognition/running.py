"""The deadlines of recognitions that are running now (registry of luojiang_ce.deadlines)."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access.cases import case_key
from luojiang_ce.deadlines.registry import Asked, OpenDeadline
from luojiang_ce.workdays.deadlines import Deadline
from training.classes.models import ClassApplication
from units.terms.grants import Terms
from units.terms.reading import terms_for
from units.terms.running import cases_asked, of_case, to_answer, to_mend

from .models import Recognition, last_day

State = Recognition.State


def running(asked: Asked) -> Iterator[OpenDeadline]:
    """Classes whose hours are to be recognised (notice 一(五)3), recognitions to mend, to be answered. Five queries."""
    terms = terms_for(asked)
    states = [State.DRAFT, State.SUBMITTED, State.RETURNED, State.CHECKED]
    rows = cases_asked(Recognition.objects.filter(state__in=states).select_related("application"), asked)

    def first(case: Recognition) -> Deadline:
        return terms.recognition_for(case.unit, case.application_id, last_day(case.application))

    yield from _not_begun(asked, terms)
    for row in rows:
        if row.state == State.DRAFT:
            yield of_case(row, first(row), f"申报学时认定：{row.application}", subject=str(row.application_id))
    yield from to_mend([row for row in rows if row.state == State.RETURNED], terms, first)
    yield from to_answer(rows, terms)


def _not_begun(asked: Asked, terms: Terms) -> Iterator[OpenDeadline]:
    over = ClassApplication.objects.filter(
        state=ClassApplication.State.APPROVED, ends_on__lte=clock.local(asked.now).date(), recognition=None
    )
    for course in cases_asked(over, asked):
        yield OpenDeadline(
            terms.recognition_for(course.unit, course.pk, last_day(course)),
            course.unit_id,
            course.unit.short,
            str(course.pk),
            f"申报学时认定：{course}",
            reverse("recognition:list"),
            case=case_key(course),
        )

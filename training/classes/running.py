"""The deadlines of class applications that are running now (registry of luojiang_ce.deadlines)."""

from __future__ import annotations

from collections.abc import Iterator

from luojiang_ce.deadlines.registry import Asked, OpenDeadline
from luojiang_ce.workdays.deadlines import Deadline
from units.terms.reading import terms_for
from units.terms.running import cases_asked, of_case, to_answer, to_mend

from .models import ClassApplication

State = ClassApplication.State


def running(asked: Asked) -> Iterator[OpenDeadline]:
    """Openings to apply for (notice 一(五)2), applications to mend, to be answered. Four queries."""
    terms = terms_for(asked)
    states = [State.DRAFT, State.SUBMITTED, State.RETURNED, State.CHECKED]
    rows = cases_asked(ClassApplication.objects.filter(state__in=states), asked)

    def first(case: ClassApplication) -> Deadline | None:
        return terms.opening_for(case.unit, case.pk, case.opens_on) if case.opens_on else None

    for row in rows:
        if row.state == State.DRAFT and (deadline := first(row)):
            yield of_case(row, deadline, f"提交开班申请：{row}")
    yield from to_mend([row for row in rows if row.state == State.RETURNED], terms, first)
    yield from to_answer(rows, terms)

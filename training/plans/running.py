"""The deadlines of plans that are running now (registry of luojiang_ce.deadlines)."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.deadlines.registry import Asked, OpenDeadline
from units.terms.reading import terms_for
from units.terms.running import Yearly, cases_asked, to_answer, to_file, to_mend, units_asked

from .models import Plan
from .services import filing_years

State = Plan.State


def running(asked: Asked) -> Iterator[OpenDeadline]:
    """Plans to file (notice 一(五)1), to mend, to be answered by the bureau. Five queries."""
    terms = terms_for(asked)
    rows = cases_asked(Plan.objects.filter(state__in=[State.DRAFT, State.SUBMITTED, State.RETURNED]), asked)
    filed = Plan.objects.filter(supplement=0, first_submitted_at__isnull=False).values_list("unit_id", "year")
    plans = Yearly(
        "报送 {year} 年度培训办班计划",
        reverse("plans:new"),
        terms.plan_for,
        frozenset(filed),
        [row for row in rows if row.state == State.DRAFT and not row.supplement],
    )
    yield from to_file(plans, units_asked(asked, is_provider=True), filing_years(clock.local(asked.now).date()))
    returned = [row for row in rows if row.state == State.RETURNED]
    yield from to_mend(returned, terms, lambda row: None if row.supplement else terms.plan_for(row.unit, row.year))
    yield from to_answer(rows, terms)

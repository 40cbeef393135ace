"""The deadlines of the yearly verification that are running now (registry of luojiang_ce.deadlines)."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.deadlines.registry import Asked, OpenDeadline
from units.terms.reading import terms_for
from units.terms.running import Yearly, cases_asked, to_file, to_mend, units_asked

from .models import Batch
from .services import default_year

State = Batch.State


def running(asked: Asked) -> Iterator[OpenDeadline]:
    """Rosters to file (notice 二(一)), while a unit has filed none for the year; batches to mend. Six queries."""
    terms = terms_for(asked)
    rows = cases_asked(Batch.objects.filter(state__in=[State.DRAFT, State.RETURNED]), asked)
    today = clock.local(asked.now).date()
    years = sorted({today.year - 1, default_year(today)})
    filed = Batch.objects.filter(year__in=years, first_submitted_at__isnull=False).values_list("unit_id", "year")
    rosters = Yearly(
        "报送 {year} 年度验证花名册",
        reverse("batches:new"),
        terms.verification_for,
        frozenset(filed),
        [row for row in rows if row.state == State.DRAFT],
    )
    # A unit without people has nothing to file.
    employers = units_asked(asked, employments__ended_on=None, employments__isnull=False)
    yield from to_file(rosters, employers, years)
    returned = [row for row in rows if row.state == State.RETURNED]
    yield from to_mend(returned, terms, lambda row: terms.verification_for(row.unit, row.year))

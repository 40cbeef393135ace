"""The deadlines of the yearly verification that are running now (registry of luojiang_ce.deadlines)."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access.cases import case_key
from luojiang_ce.deadlines.registry import Asked, OpenDeadline
from units.terms.grants import Terms
from units.terms.reading import terms_for
from units.terms.running import cases_asked, to_mend, units_asked

from .models import Batch
from .services import default_year

State = Batch.State


def running(asked: Asked) -> Iterator[OpenDeadline]:
    """Rosters to file (notice 二(一)), while a unit has filed none for the year; batches to mend. Six queries."""
    terms = terms_for(asked)
    rows = cases_asked(Batch.objects.filter(state__in=[State.DRAFT, State.RETURNED]), asked)
    yield from _to_file(asked, terms, [row for row in rows if row.state == State.DRAFT])
    returned = [row for row in rows if row.state == State.RETURNED]
    yield from to_mend(returned, terms, lambda row: terms.verification_for(row.unit, row.year))


def _to_file(asked: Asked, terms: Terms, drafts: list[Batch]) -> Iterator[OpenDeadline]:
    today = clock.local(asked.now).date()
    years = sorted({today.year - 1, default_year(today)})
    filed = set(Batch.objects.filter(year__in=years, first_submitted_at__isnull=False).values_list("unit_id", "year"))
    begun = {(row.unit_id, row.year): row for row in drafts}
    # Whom a supervising unit files for has its people in that batch (V3); a unit without people has nothing to file.
    for unit in units_asked(asked, employments__ended_on=None, employments__isnull=False):
        for year in years:
            if (unit.pk, year) not in filed:
                draft = begun.get((unit.pk, year))
                yield OpenDeadline(
                    terms.verification_for(unit, year),
                    unit.pk,
                    unit.short,
                    str(year),
                    f"报送 {year} 年度验证花名册",
                    draft.get_absolute_url() if draft else reverse("batches:new"),
                    case=case_key(draft) if draft else None,
                )

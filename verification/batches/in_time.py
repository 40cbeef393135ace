"""Was each person of a batch filed in time? (notice 二(一), 二(三)2; product.md P2, V8)"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime

from django.db.models import Q

from luojiang_ce import clock
from luojiang_ce.once import keeping
from luojiang_ce.workdays.deadlines import Deadline, DeadlineKind, end_of_february, is_in_time, later
from units.extensions.reading import current_terms
from units.filed_case import FilingTerm
from units.models import Leave, Unit
from units.terms import Terms
from verification.batches.filers import filer_of
from verification.batches.models import AnnualRecord, Batch
from verification.batches.season_days import mends_until

VERIFICATION = DeadlineKind(
    "verification",
    "年度验证报送",
    "通知 二(一)",
    end_of_february("{year}年度验证应在第二年（{filing}年）2月底前报送", years_later=1),
    yearly=True,
    extendable=True,
    missed="recorded",
)
first_filing = FilingTerm(VERIFICATION, lambda batch: batch.year, lambda batch: str(batch.year))


def default_year(today: date) -> int:
    """The year that is being verified now: the last one until the season has ended, then the present one."""
    return today.year - 1 if today.month <= 3 else today.year


def due_of(unit: Unit, year: int) -> Deadline:
    """notice 二(一): by the end of February of the year after the one that is verified."""
    return current_terms().due_for(VERIFICATION, year, unit, str(year))


def due_outside(unit: Unit, year: int, terms: Terms) -> Deadline:
    """The last day for the people of a unit who are in no roster: the unit's own, or that of the unit which files for
    it (filers.py) where more time was granted there."""
    own, filer = (terms.due_for(VERIFICATION, year, each, str(year)) for each in (unit, filer_of(unit)))
    return later(filer, own)


def due_in(batch: Batch, units: Iterable[Unit]) -> dict[int, Deadline]:
    """The last day for the people of each of these units in a batch, by the unit's id: the unit's own, or that of the
    unit which files for it (V3) where more time was granted there."""
    terms = current_terms()
    filer = terms.due_for(VERIFICATION, batch.year, batch.unit, str(batch.year))
    own = {unit.pk: terms.due_for(VERIFICATION, batch.year, unit, str(batch.year)) for unit in units}
    return {pk: later(filer, due) for pk, due in own.items()}


def late_rows(batch: Batch, now: datetime) -> list[AnnualRecord]:
    """Rows that may not be filed at this moment, by name. Two queries, and one for each last day that has gone by.

    In time is who was first filed by then, as long as what was returned may still be filed again; whom the approver let
    in again; and for 补验 who was excused on that day.
    """
    never = Q(first_submitted_at=None, restored_at=None)
    found = batch.records.filter(never | Q(mend_by__lt=clock.local(now).date())).select_related("person", "unit")
    late, excused = _after_the_day(list(found.order_by("person__pinyin", "pk")), batch, now)
    return [row for row in late if not (row.makes_up and row.person_id in excused)]


def still_closed(rows: Sequence[AnnualRecord], batch: Batch) -> list[AnnualRecord]:
    """Of records that were given up, those for which nothing has opened the year again. Three queries, and one for each
    last day that has gone by."""
    if not rows:
        return []
    late, excused = _after_the_day(rows, batch, clock.now())
    return [row for row in late if not row.restored_at and row.person_id not in excused]


def _after_the_day(
    rows: Sequence[AnnualRecord], batch: Batch, now: datetime
) -> tuple[list[AnnualRecord], frozenset[int]]:
    """Those of a batch's rows whose last day has gone by, and who of them was excused on it, by person id."""
    dues = due_in(batch, {row.unit for row in rows})
    over = [row for row in rows if not is_in_time(dues[row.unit_id], now)]
    filed = [row for row in over if row.first_submitted_at]
    again = may_be_filed_again(filed, lambda row: (batch.unit, row.unit), current_terms(), now)
    late = [row for row in over if row.pk not in again]
    return late, _excused((row, dues[row.unit_id].due) for row in late)


def may_be_filed_again(
    rows: Iterable[AnnualRecord], filers: Callable[[AnnualRecord], Iterable[Unit]], terms: Terms, now: datetime
) -> frozenset[int]:
    """Which of these, filed once and in no roster since, may still be: the day that was told or the season of one of
    who files them is not over, or they were on leave on it (notice 二(三)2); ids. One query for each day gone by."""
    with keeping():
        until = {row: mends_until(row.mend_by, row.year, filers(row), terms) for row in rows}
    over = {row: ends.due for row, ends in until.items() if ends and not is_in_time(ends, now)}
    excused = _excused(over.items())
    return frozenset(row.pk for row in until if row not in over or row.person_id in excused)


def _excused(last: Iterable[tuple[AnnualRecord, date]]) -> frozenset[int]:
    """Who of these was excused on the own last day, by person id."""
    people: dict[date, list[int]] = defaultdict(list)
    for row, day in last:
        people[day].append(row.person_id)
    return frozenset(pk for day, some in people.items() for pk in on_leave(day, some))


def filed_on(person_id: int, year: int) -> date | None:
    """The day on which a person's year was first filed, None if it was not (registry of verification.ledger)."""
    moments = AnnualRecord.objects.filter(person=person_id, year=year, first_submitted_at__isnull=False)
    first = moments.values_list("first_submitted_at", flat=True).first()
    return clock.local(first).date() if first else None


def on_leave(day: date, people: Iterable[int]) -> frozenset[int]:
    """Who of these was excused on that day (notice 二(三)2: 长期外出培训、病假等特殊情况). One query."""
    excused = Leave.objects.approved(day).filter(person__in=list(people))
    return frozenset(excused.values_list("person_id", flat=True))

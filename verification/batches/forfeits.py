"""视同放弃 (notice 二(三)2, V8): who was not filed in time gives the year up, unless on leave that day; and who was
filed but never came to the counter in the season (unpresented.py).

Whether somebody is late is derived from dates whenever it is asked; these records are what it came to, for the person
and the bureau to see. Writing them is idempotent, catches up after any pause, and is undone by a later last day.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import date
from itertools import groupby
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.notices.services import notify
from luojiang_ce.refusals import NotPossible, refusing_clashes
from luojiang_ce.workdays.deadlines import Deadline, is_in_time
from luojiang_ce.workflow.engine import SYSTEM, fire_many
from units.extensions.reading import current_terms
from units.models import Employment, Leave, Person, Unit
from units.notify import clerks_of
from units.terms import Terms
from verification.batches.candidates import employed_in_year
from verification.batches.coming_back import bring_back, list_outside
from verification.batches.facts import PREFETCHED, new_records, years_of
from verification.batches.filers import filer_of, with_filer
from verification.batches.in_time import VERIFICATION, due_outside, may_be_filed_again
from verification.batches.models import AnnualRecord, Batch, Path
from verification.batches.season_days import mends_until
from verification.batches.unpresented import settle_season, waiting_for_the_counter

log = logging.getLogger(__name__)
State = AnnualRecord.State
AT_ONCE = 500  # people


def record_given_up() -> tuple[int, int]:
    """Write down whose year is given up, and open again what is not late any more; (people, people)."""
    terms, today = current_terms(), clock.today()
    written = opened = 0
    # A year is closed in the year after it; after a long pause the one before is caught up too.
    for year in (today.year - 1, today.year - 2):
        for unit, deadline in _in_question(year, terms):
            try:
                with refusing_clashes():
                    new, again = _settle(unit, year, deadline)
            except NotPossible as quicker:  # somebody is at it at this moment: the next run looks again
                log.info("%s %s waits for the next run: %s", unit.code, year, quicker)
            else:
                written, opened = written + new, opened + again
    return written, opened


def _in_question(year: int, terms: Terms) -> list[tuple[Unit, Deadline]]:
    """The units of which something may have to be written: mostly none. A few queries for each last day there is.

    A suspended unit cannot file: its people give nothing up while it is.
    """
    units = with_filer(Unit.objects.exclude(status=Unit.Status.SUSPENDED)).select_related("supervisor").order_by("pk")
    dues = {unit: due_outside(unit, year, terms) for unit in units}
    busy = waiting_for_the_counter(year)
    have_time = [unit.pk for unit, due in dues.items() if is_in_time(due, clock.now())]
    for due in set(dues.values()):
        given_up = _given_up(year)
        if not is_in_time(due, clock.now()):
            given_up = given_up.filter(_away(due.due) | Q(batch__unit__in=have_time))
            busy |= set(_late(year, due.due).values_list("unit", flat=True))
            busy |= set(_owing(year, due.due).values_list("unit", flat=True))
        busy |= set(given_up.values_list("unit", flat=True))
    return [(unit, due) for unit, due in dues.items() if unit.pk in busy]


@transaction.atomic
def _settle(unit: Unit, year: int, deadline: Deadline) -> tuple[int, int]:
    """One unit's year: (given up, opened again). Nobody lists or files people of it meanwhile.

    Whoever lists people holds the batch and then points at the unit: that must not wait for this (`no_key`)."""
    list(Unit.objects.select_for_update(no_key=True).filter(pk=unit.pk))
    holding = Q(unit=unit) | Q(pk__in=AnnualRecord.objects.filter(unit=unit, year=year).values("batch"))
    list(Batch.objects.select_for_update().filter(holding, year=year).order_by("pk"))
    never_came, came_after_all = settle_season(unit, year)
    given_up = 0 if is_in_time(deadline, clock.now()) else _give_up(unit, year, deadline)
    return never_came + given_up, came_after_all + _open_again(unit, year, deadline)


def _give_up(unit: Unit, year: int, deadline: Deadline) -> int:
    late = list(_late(year, deadline.due).filter(unit=unit))
    again = _may_be_filed_again(late, unit)
    rows = [row for row in late if row.pk not in again and not _filer_has_time(row)]
    without = Person.objects.filter(pk__in=_owing(year, deadline.due).filter(unit=unit).values("person"))
    rows += _records_for(list(without.prefetch_related(*PREFETCHED).order_by("pk")), unit, year)
    filed_once = [row.pk for row in rows if row.first_submitted_at]  # they leave the draft in which they wait
    AnnualRecord.objects.filter(pk__in=filed_once).update(batch=None)
    fire_many(rows, "give_up", actor=SYSTEM)
    if rows:
        _tell(unit, year, len(rows), deadline)
    return len(rows)


def _may_be_filed_again(rows: Sequence[AnnualRecord], unit: Unit) -> frozenset[int]:
    """Of those who were filed once and are in no roster: for whom the day that was told, or the season, goes on."""
    filed = [row for row in rows if row.first_submitted_at]
    return may_be_filed_again(filed, lambda row: _filers(unit, row.path), current_terms(), clock.now())


def _filers(unit: Unit, path: str) -> tuple[Unit, ...]:
    """Who may file a person of the unit: of 卫生系列 also the unit that supervises it, clerk or no clerk (V3)."""
    above = unit.supervisor if path == Path.MEDICAL else filer_of(unit)
    return (unit, above) if above else (unit,)


def _late(year: int, due: date) -> QuerySet[AnnualRecord]:
    """Records that were not filed: in a draft, or taken out of a returned batch and not filed again in time, though
    they stand in a new draft.

    Who had left the unit by the last day is no longer its business (product.md U3); who was on leave is excused.
    """
    in_no_roster = Q(batch__first_submitted_at=None)  # in none, or in a draft that nobody has sent
    mending = in_no_roster & Q(first_submitted_at__isnull=False, mend_by__lt=clock.today())
    late = AnnualRecord.objects.filter(Q(first_submitted_at=None) | mending, restored_at=None, state=State.LISTED)
    late = late.select_related("batch__unit")
    there = Employment.objects.on(due).filter(unit=OuterRef("unit"), person=OuterRef("person"))
    return late.filter(Exists(there), ~_away(due), year=year).order_by("pk")


def _filer_has_time(row: AnnualRecord) -> bool:
    """Does it stand in the draft of a supervising unit to which more time was granted? (in_time.due_in)"""
    filer = row.batch.unit if row.batch else None
    if filer is None or filer.pk == row.unit_id:
        return False
    due = current_terms().due_for(VERIFICATION, row.year, filer, str(row.year))
    return is_in_time(due, clock.now())


def _owing(year: int, due: date) -> QuerySet[Employment]:
    """Who worked in a unit on the last day and in the district during the year, and has no record of it.

    Both must be known: where the start is unset, that the person was in the system by the end of the year. Whoever
    came later may have been verified on paper, or may have nothing to verify: nothing is said of them.
    """
    last = date(year, 12, 31)
    began = Employment.objects.filter(person=OuterRef("pk"), started_on__lte=last)
    was_there = Exists(began) | Q(created_at__lt=clock.midnight_after(last))
    known = Person.objects.filter(was_there, created_at__lt=clock.midnight_after(due))
    working = known.filter(employed_in_year(year, "pk")).exclude(records__year=year)
    return Employment.objects.on(due).filter(~_away(due), person__in=working)


def _away(due: date) -> Exists:
    """notice 二(三)2: 长期外出培训、病假等特殊情况."""
    return Exists(Leave.objects.approved(due).filter(person=OuterRef("person")))


def _given_up(year: int) -> QuerySet[AnnualRecord]:
    """Whose year was given up without having been filed."""
    never_filed = Q(batch=None) | Q(first_submitted_at=None)
    return AnnualRecord.objects.filter(never_filed, year=year, state=State.GIVEN_UP).order_by("pk")


def _records_for(people: Sequence[Any], unit: Unit, year: int) -> list[AnnualRecord]:
    """A record for each of them, as they stand now; who got one at this very moment is left out."""
    for some in (people[start : start + AT_ONCE] for start in range(0, len(people), AT_ONCE)):
        rows = new_records(some, years_of(some, year), unit=unit, year=year)
        AnnualRecord.objects.bulk_create(rows, ignore_conflicts=True)
    wanted = [person.pk for person in people]
    return list(AnnualRecord.objects.filter(person__in=wanted, year=year, batch=None, state=State.LISTED))


def _open_again(unit: Unit, year: int, deadline: Deadline) -> int:
    """What was given up and is not late any more: everybody, or who turned out to have been on leave that day; and of
    those who were filed, whose season goes on."""
    given_up = _given_up(year).filter(unit=unit).select_related("batch__unit")
    rows = list(given_up)
    if not is_in_time(deadline, clock.now()):
        away = set(given_up.filter(_away(deadline.due), first_submitted_at=None).values_list("pk", flat=True))
        again = away | _may_be_filed_again(rows, unit)
        rows = [row for row in rows if row.pk in again or _filer_has_time(row)]
    filed = sorted((row for row in rows if row.first_submitted_at), key=lambda row: row.path)
    for path, some in groupby(filed, key=lambda row: row.path):
        list_outside(list(some), actor=SYSTEM, until=_ahead(year, deadline, _filers(unit, path)))
    bring_back([row for row in rows if not row.first_submitted_at], "list_again", actor=SYSTEM)
    if rows:
        _tell_again(unit, year, len(rows))
    return len(rows)


def _ahead(year: int, deadline: Deadline, filers: Sequence[Unit]) -> date | None:
    """The last day that is still ahead, of filing or of the season of who files; None: no day counts."""
    ends = mends_until(deadline.due, year, filers, current_terms())
    return ends.due if ends and is_in_time(ends, clock.now()) else None


def _tell(unit: Unit, year: int, number: int, deadline: Deadline) -> None:
    text = f"{deadline.explanation}有正当理由的，可以申请延期，或请区人社局审批人在个人页恢复。"
    _notify(unit, f"{year} 年度验证：{number} 人未申报，视同放弃", text, key=f"given-up-{unit.pk}-{year}")


def _tell_again(unit: Unit, year: int, number: int) -> None:
    text = "期限已延后，或经批准长期离岗（通知 二(三)2）。还没有列入花名册的，请列入后报送。"
    _notify(unit, f"{year} 年度验证：{number} 人恢复验证权利", text, key=f"come-again-{unit.pk}-{year}")


def _notify(unit: Unit, title: str, text: str, *, key: str) -> None:
    key = f"{key}-{clock.now().isoformat()}"
    filer = filer_of(unit)
    if filer == unit:
        notify(clerks_of(unit.pk), title, key=key, text=text, case=unit)
    else:
        notify(clerks_of(filer.pk), f"{unit.short} {title}", key=key, text=text, url=reverse("batches:list"))

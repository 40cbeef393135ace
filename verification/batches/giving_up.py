"""视同放弃 (notice 二(三)2, product.md V8): who was not filed in time gives the year up, unless on leave that day.

Whether somebody is late is derived from dates whenever it is asked; these records are what it came to, for the person
and the bureau to see. Writing them is idempotent, catches up after any pause, and is undone by a later last day.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import transaction

from luojiang_ce import clock
from luojiang_ce.notices.services import notify
from luojiang_ce.workdays.deadlines import Deadline, is_in_time
from luojiang_ce.workflow.engine import SYSTEM, fire_many
from units.models import Employment, Person, Unit
from units.notify import clerks_of
from units.terms.reading import current_terms

from .candidates import employed_in_year
from .facts import PREFETCHED, new_records, years_of
from .in_time import on_leave
from .models import AnnualRecord

State = AnnualRecord.State
AT_ONCE = 500  # people


def record_given_up() -> tuple[int, int]:
    """Write down whose year is given up, and open again what is not late any more; (people, people)."""
    terms, now = current_terms(), clock.now()
    # A year is closed in the year after it; after a long pause the one before is caught up too.
    years = [clock.local(now).year - back for back in (1, 2)]
    written = opened = 0
    for unit in Unit.objects.filter(status=Unit.Status.ACTIVE).order_by("pk"):
        for year in years:
            deadline = terms.verification_for(unit, year)
            if is_in_time(deadline, now):
                opened += _open_again(unit, year, None)
            else:
                opened += _open_again(unit, year, deadline.due)
                written += _give_up(unit, year, deadline)
    return written, opened


@transaction.atomic
def _give_up(unit: Unit, year: int, deadline: Deadline) -> int:
    Unit.objects.select_for_update().get(pk=unit.pk)  # a clerk may be listing people, another worker writing the same
    drafted = AnnualRecord.objects.filter(unit=unit, year=year, state=State.LISTED, first_submitted_at=None)
    drafted = drafted.filter(restored_at=None)
    excused = on_leave(deadline.due, drafted.values_list("person_id", flat=True))
    rows = [row for row in drafted if row.person_id not in excused]
    rows += _records_for(_without_record(unit, year, deadline), unit, year)
    fire_many(rows, "give_up", actor=SYSTEM)
    if rows:
        _tell(unit, year, len(rows), deadline)
    return len(rows)


def _without_record(unit: Unit, year: int, deadline: Deadline) -> list[Person]:
    """Who worked in the unit on the last day, and is in no batch of the year.

    Whoever came into the system after that day may have been verified on paper: nothing is said of them.
    """
    day = deadline.due
    there = Employment.objects.on(day).filter(unit=unit).values("person")
    known = Person.objects.filter(pk__in=there, created_at__lt=_day_after(day)).filter(employed_in_year(year, "pk"))
    open_ones = known.exclude(records__year=year).prefetch_related(*PREFETCHED)
    people = list(open_ones.order_by("pk"))
    excused = on_leave(day, (person.pk for person in people))
    return [person for person in people if person.pk not in excused]


def _records_for(people: Sequence[Any], unit: Unit, year: int) -> list[AnnualRecord]:
    """A record for each of them, as they stand now; who got one at this very moment is left out."""
    for some in (people[start : start + AT_ONCE] for start in range(0, len(people), AT_ONCE)):
        rows = new_records(some, years_of(some, year), unit=unit, year=year)
        AnnualRecord.objects.bulk_create(rows, ignore_conflicts=True)
    wanted = [person.pk for person in people]
    return list(AnnualRecord.objects.filter(person__in=wanted, year=year, batch=None, state=State.LISTED))


def _open_again(unit: Unit, year: int, due: date | None) -> int:
    """What was given up and is not late any more: everybody, or who turned out to have been on leave that day."""
    rows = list(AnnualRecord.objects.filter(unit=unit, year=year, state=State.GIVEN_UP))
    if due is not None and rows:
        excused = on_leave(due, (row.person_id for row in rows))
        rows = [row for row in rows if row.person_id in excused]
    return len(fire_many(rows, "list_again", actor=SYSTEM))


def _tell(unit: Unit, year: int, number: int, deadline: Deadline) -> None:
    text = f"{deadline.explanation}有正当理由的，可以申请延期，或请区人社局审批人在个人页恢复。"
    key = f"given-up-{unit.pk}-{year}-{clock.now().isoformat()}"
    notify(clerks_of(unit.pk), f"{year} 年度验证：{number} 人未申报，视同放弃", key=key, text=text, case=unit)


def _day_after(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time.min, clock.SHANGHAI)

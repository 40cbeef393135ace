"""视同放弃 (notice 二(三)2, V8): who was not filed in time gives the year up, unless on leave that day.

The other half of V8, who was filed but never came to the counter in the season, is not recorded: when a season ends is
unset.

Whether somebody is late is derived from dates whenever it is asked; these records are what it came to, for the person
and the bureau to see. Writing them is idempotent, catches up after any pause, and is undone by a later last day.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import date
from itertools import product
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from luojiang_ce import clock
from luojiang_ce.notices.services import notify
from luojiang_ce.workdays.deadlines import Deadline, is_in_time
from luojiang_ce.workflow.engine import SYSTEM, Refused, fire_many
from units.extensions.reading import current_terms
from units.models import Employment, Person, Unit
from units.notify import clerks_of
from verification.batches.candidates import employed_in_year
from verification.batches.facts import PREFETCHED, new_records, years_of
from verification.batches.in_time import VERIFICATION, on_leave
from verification.batches.models import AnnualRecord, Batch

log = logging.getLogger(__name__)
State = AnnualRecord.State
AT_ONCE = 500  # people


def record_given_up() -> tuple[int, int]:
    """Write down whose year is given up, and open again what is not late any more; (people, people)."""
    terms, today = current_terms(), clock.today()
    # A year is closed in the year after it; after a long pause the one before is caught up too. A suspended unit
    # cannot file: its people give nothing up while it is.
    units = Unit.objects.exclude(status=Unit.Status.SUSPENDED).order_by("pk")
    written = opened = 0
    for unit, year in product(units, (today.year - 1, today.year - 2)):
        try:
            new, again = _settle(unit, year, terms.due_for(VERIFICATION, year, unit, str(year)))
        except Refused as quicker:  # the approver restored somebody at this moment: the next run looks again
            log.info("%s %s waits for the next run: %s", unit.code, year, quicker)
        else:
            written, opened = written + new, opened + again
    return written, opened


@transaction.atomic
def _settle(unit: Unit, year: int, deadline: Deadline) -> tuple[int, int]:
    """One unit's year: (given up, opened again). Nobody lists or files people of it meanwhile."""
    list(Unit.objects.select_for_update().filter(pk=unit.pk))
    list(Batch.objects.select_for_update().filter(unit=unit, year=year).order_by("pk"))
    if is_in_time(deadline, clock.now()):
        return 0, _open_again(unit, year, None)
    return _give_up(unit, year, deadline), _open_again(unit, year, deadline.due)


def _give_up(unit: Unit, year: int, deadline: Deadline) -> int:
    rows = [*_listed(unit, year, deadline.due), *_records_for(_without_record(unit, year, deadline.due), unit, year)]
    fire_many(rows, "give_up", actor=SYSTEM)
    if rows:
        _tell(unit, year, len(rows), deadline)
    return len(rows)


def _listed(unit: Unit, year: int, due: date) -> list[AnnualRecord]:
    """Records that were not filed: in a draft, or taken out of a returned batch and not filed again in time.

    Who had left the unit by the last day is no longer its business (product.md U3).
    """
    mending = Q(first_submitted_at__isnull=False, batch=None, mend_by__lt=clock.today())
    late = AnnualRecord.objects.filter(Q(first_submitted_at=None) | mending, restored_at=None, state=State.LISTED)
    there = Employment.objects.on(due).filter(unit=unit).values("person")
    rows = list(late.filter(unit=unit, year=year, person__in=there))
    excused = on_leave(due, (row.person_id for row in rows))
    return [row for row in rows if row.person_id not in excused]


def _without_record(unit: Unit, year: int, due: date) -> list[Person]:
    """Who worked in the unit on the last day and in the district during the year, and has no record of it.

    Both must be known: where the start is unset, that the person was in the system by the end of the year. Whoever
    came later may have been verified on paper, or may have nothing to verify: nothing is said of them.
    """
    there = Employment.objects.on(due).filter(unit=unit).values("person")
    last = date(year, 12, 31)
    began = Employment.objects.filter(person=OuterRef("pk"), started_on__lte=last)
    was_there = Exists(began) | Q(created_at__lt=clock.midnight_after(last))
    known = Person.objects.filter(was_there, created_at__lt=clock.midnight_after(due))
    working = known.filter(employed_in_year(year, "pk"), pk__in=there).exclude(records__year=year)
    people = list(working.prefetch_related(*PREFETCHED).order_by("pk"))
    excused = on_leave(due, (person.pk for person in people))
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

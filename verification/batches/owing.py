"""Whose year is in no roster yet: a unit's clock runs until there is nobody left (notice 二(一), 二(三)2).

Who stands in a roster has its clock; who was verified, waived or failed has been filed; who is on leave on the last day
is excused, and who has left is gone. Everybody else is named, reminded of, and to be done, however many were filed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, FilteredRelation, OuterRef, Q
from django.urls import reverse
from django.utils.http import urlencode

from luojiang_ce import clock
from luojiang_ce.deadlines.owed import Asked, Owed, OwedDuty
from luojiang_ce.workdays.deadlines import Deadline, DeadlineKind, is_in_time, later, the_day_itself
from luojiang_ce.workflow.case_kind import Turn
from units.access import FILER, NO_ROWS
from units.filed_case import NotBegun, terms_asked
from units.models import Employment, Leave, Unit
from units.terms import Terms
from verification.batches.candidates import employed_in_year
from verification.batches.in_time import VERIFICATION, default_year
from verification.batches.models import AnnualRecord, Batch

TAKEN_OUT = DeadlineKind(
    "taken_out",
    "移出后重报",
    "区人社局设定",
    the_day_itself("从退回的花名册移出的人，补正期到 {day} 为止"),
    public=False,
)
NAMED = 5  # whom a line names; a reminder names them all
IN_A_ROSTER = Q(batch__isnull=False)


def to_file(about: Any) -> str:
    """A roster that is not filed, begun or not."""
    return f"报送 {about.year} 年度验证花名册"


def place(unit_id: int, year: int) -> str:
    """Where people of the unit are added to a roster of the year."""
    return f"{reverse('batches:new')}?{urlencode({'unit': unit_id, 'year': year})}"


def first_names(names: Sequence[str], shown: int = NAMED) -> str:
    """Of many people the first by name, and how many there are."""
    said = "、".join(names[:shown])
    return said if len(names) <= shown else f"{said}等 {len(names)} 人"


# Names of those who are in no roster, each with the day until which they are filed; None: the approver let them in
# again, no day counts.
Missing = list[tuple[Deadline | None, list[str]]]


def rosters_to_file(asked: Asked) -> Iterator[Owed]:
    """For each active unit and the years that are filed now: a line for those who are in no roster. Three queries."""
    today = clock.local(asked.now).date()
    years = sorted({today.year - 1, default_year(today)})
    in_hand = _in_hand(asked)
    units = {unit.pk: unit for unit in _employers(asked, years, in_hand)}
    for year in years if units else ():
        for unit_id, missing in missing_of(units, year, terms_asked(asked), asked.now, in_hand).items():
            for deadline, names in missing:
                yield _line(units[unit_id], year, deadline, names)


def missing_of(
    units: Mapping[int, Any], year: int, terms: Terms, now: datetime, in_hand: Q = IN_A_ROSTER
) -> dict[int, Missing]:
    """Whom these units (by id) have in no roster of a year, by unit. One query.

    `in_hand`: which yearly records stand in a roster.
    """
    dues = {pk: terms.due_for(VERIFICATION, year, unit, str(year)) for pk, unit in units.items()}
    found: dict[tuple[int, date | None, bool], list[str]] = defaultdict(list)
    for unit_id, name, mend_by, restored in _rows(dues, year, now, in_hand):
        found[unit_id, mend_by, restored is not None].append(name)
    missing: dict[int, Missing] = defaultdict(list)
    for (unit_id, mend_by, restored), names in found.items():
        missing[unit_id].append((_until(dues[unit_id], mend_by, restored, terms), names))
    return missing


def _until(due: Deadline, mend_by: date | None, restored: bool, terms: Terms) -> Deadline | None:
    if restored:
        return None
    return later(due, terms.due(TAKEN_OUT, mend_by)) if mend_by else due


def _rows(dues: Mapping[int, Deadline], year: int, now: datetime, in_hand: Q) -> Any:
    """(unit, name, mend_by, restored_at) of each, unit by unit, by name."""
    listed = AnnualRecord.objects.filter(in_hand, person=OuterRef("person"), year=year)
    jobs = Employment.objects.on(clock.local(now).date()).filter(employed_in_year(year, "person"), _owing(dues, now))
    loose = Q(person__records__year=year, person__records__batch=None)
    rows = jobs.filter(~Exists(listed)).annotate(loose=FilteredRelation("person__records", condition=loose))
    named = rows.order_by("unit", "person__pinyin", "pk")
    return named.values_list("unit", "person__name", "loose__mend_by", "loose__restored_at")


def _owing(dues: Mapping[int, Deadline], now: datetime) -> Q:
    """Who of these units is not excused on its last day (an extension moves it for some of them)."""
    units: dict[date, list[int]] = defaultdict(list)
    for pk, due in dues.items():
        units[due.due].append(pk)
    owing = NO_ROWS
    for day, some in units.items():
        there = Q(unit__in=some) & ~Q(person__in=Leave.objects.approved(day).values("person"))
        if not is_in_time(dues[some[0]], now):
            # Who began in the unit after the last day, or was entered after it, is not late (see forfeits.py).
            there &= Q(person__created_at__lt=clock.midnight_after(day))
            there &= Q(started_on=None) | Q(started_on__lte=day)
        owing |= there
    return owing


def _in_hand(asked: Asked) -> Q:
    """Which records stand in a roster. A draft is its unit's own business: to anybody else nobody is in it yet."""
    if not asked.account:
        return Q(batch__isnull=False)
    return Q(batch__first_submitted_at__isnull=False) | Q(batch__unit__in=asked.account.unit_ids(*FILER.roles))


def _employers(asked: Asked, years: Sequence[int], in_hand: Q) -> Any:
    """The active units that employ somebody; `begun_2026`: is somebody of theirs in a roster of the year, `filed_2026`:
    was one filed?"""
    own = Batch.objects.filter(unit=OuterRef("pk"))
    listed = AnnualRecord.objects.filter(in_hand, unit=OuterRef("pk"))
    known = {f"begun_{year}": Exists(listed.filter(year=year)) for year in years}
    known |= {f"filed_{year}": Exists(own.filter(year=year, first_submitted_at__isnull=False)) for year in years}
    units = Unit.objects.filter(Exists(Employment.objects.filter(unit=OuterRef("pk"), ended_on=None)))
    rows = units.filter(status=Unit.Status.ACTIVE).only("name", "short_name", "nature").annotate(**known)
    return rows if asked.units is None else rows.filter(pk__in=asked.units)


def _line(unit: Any, year: int, deadline: Deadline | None, names: Sequence[str]) -> Owed:
    about, begun = NotBegun(unit.pk, year), getattr(unit, f"begun_{year}")
    plain = deadline is not None and deadline.kind == VERIFICATION
    return OwedDuty(
        Turn(FILER, "选人员"),
        about,
        f"{to_file(about)}：还有 {len(names)} 人未列入" if begun or not plain else to_file(about),
        place(unit.pk, year),
        str(year) if plain or deadline is None else f"{year}-{deadline.due}",
        deadline,
        unit.short,
        f"未列入：{first_names(names)}" if deadline else f"已恢复验证权利，请补报：{first_names(names)}",
        # Lateness is decided person by person; a unit that has filed a roster has not missed the year.
        missable=not getattr(unit, f"filed_{year}"),
        names=tuple(names),
    )

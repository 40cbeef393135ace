"""Whose year is in no roster yet: a unit's clock runs until there is nobody left (notice 二(一), 二(三)2).

Who stands in a roster has its clock; who was verified, waived or failed has been filed; who is on leave on the last day
is excused, and who has left is gone. Everybody else is named, reminded of, and to be done, however many were filed.
"""

# mypy: disable-error-code="override"
# What is owed makes its words when asked for, as a case does (luojiang_ce/deadlines/owed.py).
from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.db.models import (
    BooleanField,
    Count,
    Exists,
    ExpressionWrapper,
    FilteredRelation,
    Min,
    OuterRef,
    Q,
)
from django.urls import reverse
from django.utils.http import urlencode

from luojiang_ce import clock
from luojiang_ce.deadlines.owed import Asked, Owed
from luojiang_ce.words import first_of
from luojiang_ce.workdays.deadlines import Deadline, is_in_time, later
from luojiang_ce.workflow.case_kind import Turn, Who
from units.access import FILER, NO_ROWS
from units.filed_case import NotBegun, terms_asked
from units.models import Employment, Leave, Person, Unit
from units.terms import Terms
from verification.batches.candidates import employed_in_year
from verification.batches.filers import filer_of, with_filer
from verification.batches.in_time import VERIFICATION, default_year, due_outside
from verification.batches.models import PATH_OF, AnnualRecord, Path
from verification.batches.season_days import mends_until

IN_A_ROSTER = Q(batch__isnull=False)
# Why somebody is not missing.
AWAY, NEW = "报送截止日在长期离岗", "报送期限过后才到本单位或登记"


def to_file(about: Any) -> str:
    """A roster that is not filed, begun or not."""
    return f"报送 {about.year} 年度验证花名册"


def place(unit_id: int, year: int, path: str = "", of: int | None = None) -> str:
    """Where people are added to a roster of the unit and year; `path`: of those who go this way, `of`: those of another
    unit, for which it files."""
    asked: dict[str, Any] = {"unit": unit_id, "year": year}
    asked |= {name: value for name, value in (("path", path), ("of", of)) if value}
    return f"{reverse('batches:new')}?{urlencode(asked)}"


def rosters_to_file(asked: Asked) -> Iterator[Owed]:
    """For each active unit and the years that are filed now: a line for those who are in no roster. Three queries, and
    one more for each year of which names are asked for."""
    today = clock.local(asked.now).date()
    years = sorted({today.year - 1, default_year(today)})
    in_hand = _in_hand(asked)
    units = {unit.pk: unit for unit in _employers(asked, years, in_hand)}
    for year in years if units else ():
        for group in Missing(units, year, terms_asked(asked), asked.now, in_hand).groups:
            employer = units[group.unit_id]
            yield Unlisted(group, employer, ToFile(group.unit_id, year, employer.filer), group.deadline)


@dataclass(frozen=True)
class ToFile(NotBegun):
    """People who are in no roster, and the unit whose clerk lists them (filers.py)."""

    filing_unit_id: int = 0


# Nobody gives a year up without anybody having been told: a clinic without a clerk has its supervising unit's.
LISTER = Who(FILER.label, FILER.roles, lambda actor, about: about.filing_unit_id in actor.unit_ids(*FILER.roles))


@dataclass(frozen=True)
class Group:
    """Those of a unit who are in no roster of a year and have one last day, the unit's or one to mend by; None: no day
    counts, the approver let them in again or they were on leave on their last one. `names` reads them for all groups
    that were found with it."""

    unit_id: int
    deadline: Deadline | None
    count: int
    category: str  # of some of them
    key: tuple[int, date | None, bool]
    found: Missing

    @property
    def names(self) -> list[str]:
        """Who they are, by pinyin."""
        return self.found.names[self.key]


class Missing:
    """Whom some units (by id) have in no roster of a year. One query, and one more where names are asked for.

    `in_hand`: which yearly records stand in a roster.
    """

    def __init__(
        self, units: Mapping[int, Any], year: int, terms: Terms, now: datetime, in_hand: Q = IN_A_ROSTER
    ) -> None:
        self._terms, self._units, self._year = terms, units, year
        self._dues = {pk: due_outside(unit, year, terms) for pk, unit in units.items()}
        listed = AnnualRecord.objects.filter(in_hand, person=OuterRef("person"), year=year)
        jobs = Employment.objects.on(clock.local(now).date()).filter(_owing(self._dues, now), ~Exists(listed))
        # One record a person and year: who is left has none, or one that stands in no roster.
        loose = FilteredRelation("person__records", condition=Q(person__records__year=year))
        again = Q(loose__state=AnnualRecord.State.LISTED, loose__first_submitted_at__isnull=False)
        no_day = Q(loose__restored_at__isnull=False) | (again & Q(loose__mend_by=None))
        # Most have begun by the year's end, which says without another look that they were employed in it.
        in_year = Q(started_on__lte=date(year, 12, 31)) | employed_in_year(year, "person")
        let_in_again = ExpressionWrapper(no_day, BooleanField())
        self._jobs = jobs.filter(in_year).annotate(loose=loose, restored=let_in_again)

    @cached_property
    def groups(self) -> list[Group]:
        """Unit by unit."""
        key = ("unit", "loose__mend_by", "restored")
        counted = self._jobs.order_by(*key).values_list(*key).annotate(Count("pk"), Min("person__category"))
        return [
            Group(unit, self._until(unit, *more), count, category, (unit, *more), self)
            for unit, *more, count, category in counted
        ]

    @cached_property
    def names(self) -> dict[tuple[int, date | None, bool], list[str]]:
        """Of each group, by pinyin."""
        found: dict[tuple[int, date | None, bool], list[str]] = defaultdict(list)
        named = self._jobs.order_by("unit", "person__pinyin", "pk")
        for *key, name in named.values_list("unit", "loose__mend_by", "restored", "person__name"):
            found[tuple(key)].append(name)
        return found

    @property
    def everybody(self) -> list[str]:
        """All of them, whatever day is theirs."""
        return [name for names in self.names.values() for name in names]

    def _until(self, unit_id: int, mend_by: date | None, restored: bool) -> Deadline | None:
        due = self._dues[unit_id]
        if restored:
            return None
        unit = self._units[unit_id]
        again = mends_until(mend_by, self._year, (unit, filer_of(unit)), self._terms) if mend_by else None
        return later(again, due)


def _owing(dues: Mapping[int, Deadline], now: datetime) -> Q:
    """Who of these units is not excused on its last day (an extension moves it for some of them)."""
    owing = NO_ROWS
    for day, some in _by_day(dues).items():
        there = Q(unit__in=some) & ~Q(person__in=Leave.objects.approved(day).values("person"))
        if not is_in_time(dues[some[0]], now):
            # Who began in the unit after the last day, or was entered after it, is not late (see forfeits.py).
            there &= Q(person__created_at__lt=clock.midnight_after(day))
            there &= Q(started_on=None) | Q(started_on__lte=day)
        owing |= there
    return owing


def _away(dues: Mapping[int, Deadline]) -> Q:
    """Who of these units is on leave on its last day."""
    away = NO_ROWS
    for day, some in _by_day(dues).items():
        away |= Q(unit__in=some, person__in=Leave.objects.approved(day).values("person"))
    return away


def _by_day(dues: Mapping[int, Deadline]) -> dict[date, list[int]]:
    units: dict[date, list[int]] = defaultdict(list)
    for pk, due in dues.items():
        units[due.due].append(pk)
    return units


def excused(unit: Unit, year: int, people: Iterable[Person], terms: Terms, now: datetime) -> dict[str, list[str]]:
    """Who of these people of a unit, in no roster of the year, is not missing: the names by why. One query."""
    due = due_outside(unit, year, terms)
    owes = ExpressionWrapper(_owing({unit.pk: due}, now), BooleanField())
    away = Exists(Leave.objects.approved(due.due).filter(person=OuterRef("person")))
    jobs = Employment.objects.on(clock.local(now).date()).filter(unit=unit, person__in=people)
    found: dict[str, list[str]] = defaultdict(list)
    rows = jobs.annotate(owes=owes, away=away).filter(owes=False).order_by("person__pinyin", "pk")
    for name, is_away in rows.values_list("person__name", "away"):
        found[AWAY if is_away else NEW].append(name)
    return found


def excused_jobs(jobs: Sequence[Employment], year: int, terms: Terms, now: datetime) -> dict[int, str]:
    """Why the people of these running employments (by id, of whatever units), in no roster of the year, are not
    missing; who is, is left out. Two queries."""
    employers = with_filer(Unit.objects.filter(pk__in={job.unit_id for job in jobs})).select_related("supervisor")
    dues = {unit.pk: due_outside(unit, year, terms) for unit in employers}
    owes = ExpressionWrapper(_owing(dues, now), BooleanField())
    away = ExpressionWrapper(_away(dues), BooleanField())
    rows = Employment.objects.filter(pk__in=[job.pk for job in jobs]).annotate(owes=owes, away=away)
    return {pk: AWAY if away else NEW for pk, away in rows.filter(owes=False).values_list("pk", "away")}


def _in_hand(asked: Asked) -> Q:
    """Which records stand in a roster. A draft is its unit's own business: to anybody else nobody is in it yet."""
    return in_hand_of(asked.account.unit_ids(*FILER.roles)) if asked.account else IN_A_ROSTER


def in_hand_of(unit_ids: Collection[int]) -> Q:
    """The same to the clerks of these units."""
    return Q(batch__first_submitted_at__isnull=False) | Q(batch__unit__in=unit_ids)


def _employers(asked: Asked, years: Sequence[int], in_hand: Q) -> Any:
    """The active units that employ somebody; `begun_2026`: is somebody of theirs in a roster of the year? `filer`: the
    unit whose clerk lists them."""
    listed = AnnualRecord.objects.filter(in_hand, unit=OuterRef("pk"))
    known = {f"begun_{year}": Exists(listed.filter(year=year)) for year in years}
    units = Unit.objects.filter(Exists(Employment.objects.filter(unit=OuterRef("pk"), ended_on=None)))
    active = units.filter(status=Unit.Status.ACTIVE).select_related("supervisor")
    rows = with_filer(active.only("name", "short_name", "nature", "supervisor__nature").annotate(**known))
    return rows if asked.units is None else rows.filter(Q(pk__in=asked.units) | Q(filer__in=asked.units))


@dataclass(frozen=True)
class Unlisted(Owed):
    """What is owed about a group; of hundreds, a page shows few: words and names are made when asked for."""

    group: Group
    employer: Any
    about: ToFile
    deadline: Deadline | None
    turn = Turn(LISTER, "选人员")
    case = None
    mends = False
    # notice 二(一), 二(三)2: the clock runs until everybody is filed; who is left has not been, whoever else was.
    missable = True

    @cached_property
    def title(self) -> str:
        what = to_file(self.about)
        what = what if self._is_own else f"代{self.unit}{what}"
        return f"{what}：还有 {self.group.count} 人未列入" if self._is_begun or not self._is_plain else what

    @cached_property
    def address(self) -> str:
        """Who files for another unit has people of its own as well: the address says which way these go, and whose they
        are."""
        filer, year = self.about.filing_unit_id, self.about.year
        if self._is_own:
            return place(filer, year)
        return place(filer, year, PATH_OF.get(self.group.category, Path.GENERAL), self.about.unit_id)

    @property
    def subject(self) -> str:
        year = self.about.year
        return str(year) if self._is_plain or self.deadline is None else f"{year}-{self.deadline.due}"

    @property
    def unit(self) -> str:
        return str(self.employer.short)

    @property
    def note(self) -> str:
        return f"{'未列入' if self.deadline else '已恢复验证权利，请补报'}：{first_of(self.names)}"

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.group.names)

    @property
    def _is_own(self) -> bool:
        return self.about.filing_unit_id == self.about.unit_id

    @property
    def _is_begun(self) -> bool:
        return bool(getattr(self.employer, f"begun_{self.about.year}"))

    @property
    def _is_plain(self) -> bool:
        """Is it the unit's own last day, of nobody who was taken out of a returned roster?"""
        return self.deadline is not None and self.deadline.kind == VERIFICATION

"""Counting the hours of a class: plain values in, plain values out; no database, no clock.

A half-day counts with an *in* and an *out*, the earliest in before the latest out (notice 一(五)3).
Hours of a counted half-day are those of its timetable rows that count, by subject, in the year of the date.
Caps and the 45 minutes of an hour are checked when the timetable is approved, not here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal
from enum import StrEnum

from training.half_days import order_of


class HalfDay(StrEnum):
    """In the order of the day."""

    MORNING = "morning"
    AFTERNOON = "afternoon"
    EVENING = "evening"


class Why(StrEnum):
    """Why a half-day counts or not; the first that applies."""

    EXCLUDED = "excluded"
    ABSENT = "absent"
    NO_SIGN_IN = "no-sign-in"
    NO_SIGN_OUT = "no-sign-out"
    OUT_BEFORE_IN = "out-before-in"
    COUNTED = "counted"

    @property
    def label(self) -> str:
        """In words, for screen and paper."""
        return _WHY_LABELS[self]


_WHY_LABELS = {
    Why.EXCLUDED: "检查后不予认定",
    Why.ABSENT: "未到",
    Why.NO_SIGN_IN: "缺签到",
    Why.NO_SIGN_OUT: "缺签退",
    Why.OUT_BEFORE_IN: "签退不晚于签到",
    Why.COUNTED: "计入",
}
# A person is whatever names one: a name in the public cases, an id in the database.
Person = Hashable
Slot = tuple[date, HalfDay]


@dataclass(frozen=True, slots=True)
class TimetableRow:
    """One row: `hours` (学时) of a subject; `counts` is False for 报到, 考试 and the like."""

    date: date
    half_day: HalfDay
    subject: str
    hours: Decimal
    counts: bool = True


@dataclass(frozen=True, slots=True)
class Sign:
    """One sign-in or sign-out, in local time."""

    person: Person
    date: date
    half_day: HalfDay
    is_in: bool
    time: time


@dataclass(frozen=True, slots=True)
class Exclusion:
    """What an inspection's decision takes out; None stands for all."""

    person: Person | None = None
    date: date | None = None
    half_day: HalfDay | None = None

    def covers(self, person: Person, slot: Slot) -> bool:
        wanted = zip((self.person, self.date, self.half_day), (person, *slot), strict=True)
        return all(mine is None or mine == its for mine, its in wanted)


@dataclass(frozen=True)
class ClassCase:
    """A class to be counted. `credits` (学分 by subject) makes it a class of credits, None one of hours.

    `results`: who passed (True) or failed (False); looked at only where the class has an assessment.
    """

    timetable: tuple[TimetableRow, ...]
    trainees: tuple[Person, ...]
    signs: tuple[Sign, ...] = ()
    credits: Mapping[str, Decimal] | None = None
    assessment: bool = False
    results: Mapping[Person, bool] = field(default_factory=dict)
    exclusions: tuple[Exclusion, ...] = ()


@dataclass(frozen=True, slots=True)
class HalfDayResult:
    date: date
    half_day: HalfDay
    why: Why

    @property
    def counted(self) -> bool:
        return self.why is Why.COUNTED


@dataclass(frozen=True, slots=True)
class Amount:
    """Hours or credits of one subject in one year."""

    year: int
    subject: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class PersonResult:
    """What a trainee has earned and why; `decide`: the handler must decide by hand."""

    person: Person
    half_days: tuple[HalfDayResult, ...]
    amounts: tuple[Amount, ...]
    decide: bool

    def total(self, subject: str) -> Decimal:
        """The sum over the years."""
        return sum((each.amount for each in self.amounts if each.subject == subject), Decimal(0))


def count_hours(case: ClassCase) -> tuple[PersonResult, ...]:
    """The result of each trainee, in the order of `trainees`. Signs of strangers and of other half-days are ignored."""
    # notice 一(五)3
    slots = counting_half_days(case.timetable)
    signs = _signs_by_place(case.signs)
    return tuple(_person_result(case, person, slots, signs) for person in case.trainees)


def counting_half_days(timetable: Iterable[TimetableRow]) -> list[Slot]:
    """The half-days with at least one counting row, in order of time."""
    slots = {(row.date, row.half_day) for row in timetable if row.counts}
    return sorted(slots, key=order_of)


Signs = Mapping[tuple[Person, Slot], list[Sign]]


def _signs_by_place(signs: Iterable[Sign]) -> Signs:
    places: dict[tuple[Person, Slot], list[Sign]] = defaultdict(list)
    for sign in signs:
        places[sign.person, (sign.date, sign.half_day)].append(sign)
    return places


def _person_result(case: ClassCase, person: Person, slots: list[Slot], signs: Signs) -> PersonResult:
    half_days = tuple(HalfDayResult(*slot, _why(case, person, slot, signs.get((person, slot), []))) for slot in slots)
    amounts, decide = _earned(case, person, half_days)
    return PersonResult(person, half_days, amounts, decide)


def _why(case: ClassCase, person: Person, slot: Slot, signs: list[Sign]) -> Why:
    if any(exclusion.covers(person, slot) for exclusion in case.exclusions):
        return Why.EXCLUDED
    ins = [sign.time for sign in signs if sign.is_in]
    outs = [sign.time for sign in signs if not sign.is_in]
    if not signs:
        return Why.ABSENT
    if not ins:
        return Why.NO_SIGN_IN
    if not outs:
        return Why.NO_SIGN_OUT
    return Why.COUNTED if min(ins) < max(outs) else Why.OUT_BEFORE_IN


def _earned(case: ClassCase, person: Person, half_days: tuple[HalfDayResult, ...]) -> tuple[tuple[Amount, ...], bool]:
    if case.assessment and person not in case.results:
        return (), True
    # notice 三3: 修业不合格 earns nothing
    if case.assessment and not case.results[person]:
        return (), False
    if case.credits is None:
        return _hours(case.timetable, half_days), False
    return _credits(case.credits, half_days)


def _hours(timetable: Iterable[TimetableRow], half_days: Iterable[HalfDayResult]) -> tuple[Amount, ...]:
    counted = {(each.date, each.half_day) for each in half_days if each.counted}
    sums: dict[tuple[int, str], Decimal] = defaultdict(Decimal)
    for row in timetable:
        if row.counts and (row.date, row.half_day) in counted:
            sums[row.date.year, row.subject] += row.hours
    return _amounts(sums)


def _credits(credits: Mapping[str, Decimal], half_days: tuple[HalfDayResult, ...]) -> tuple[tuple[Amount, ...], bool]:
    """The class's credits whole for full attendance, nothing for none; what lies between is decided by the handler."""
    counted = sum(each.counted for each in half_days)
    if not counted or counted < len(half_days):
        return (), counted > 0
    year = half_days[-1].date.year
    return _amounts({(year, subject): amount for subject, amount in credits.items()}), False


def _amounts(sums: Mapping[tuple[int, str], Decimal]) -> tuple[Amount, ...]:
    return tuple(Amount(year, subject, amount) for (year, subject), amount in sorted(sums.items()) if amount)

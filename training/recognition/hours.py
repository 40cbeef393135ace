"""Counting the hours of a class: plain values in, plain values out; no database, no clock.

Which half-days count: training/half_days.py (notice 一(五)3).
Hours of a counted half-day are those of its timetable rows that count, by subject, in the year of the date.
Caps and the 45 minutes of an hour are checked when the timetable is approved, not here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from training.half_days import Lesson, Person, Sign, SlotKey, Why, slots_of, why_of


@dataclass(frozen=True, slots=True)
class Exclusion:
    """What an inspection's decision takes out; None stands for all."""

    person: Person | None = None
    date: date | None = None
    half_day: str | None = None

    def covers(self, person: Person, slot: SlotKey) -> bool:
        wanted = zip((self.person, self.date, self.half_day), (person, *slot), strict=True)
        return all(mine is None or mine == its for mine, its in wanted)


@dataclass(frozen=True)
class ClassCase:
    """A class to be counted. `credits` (学分 by subject) makes it a class of credits, None one of hours.

    `results`: who passed (True) or failed (False); looked at only where the class has an assessment.
    """

    timetable: tuple[Lesson, ...]
    trainees: tuple[Person, ...]
    signs: tuple[Sign, ...] = ()
    credits: Mapping[str, Decimal] | None = None
    assessment: bool = False
    results: Mapping[Person, bool] = field(default_factory=dict)
    exclusions: tuple[Exclusion, ...] = ()


@dataclass(frozen=True, slots=True)
class HalfDayResult:
    date: date
    half_day: str
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
    slots = [slot.key for slot in slots_of(case.timetable)]
    signs: dict[tuple[Person, SlotKey], list[Sign]] = defaultdict(list)
    for sign in case.signs:
        signs[sign.person, sign.key].append(sign)

    def result(person: Person) -> PersonResult:
        whys = [_why(case, person, slot, signs.get((person, slot), [])) for slot in slots]
        half_days = tuple(HalfDayResult(*slot, why) for slot, why in zip(slots, whys, strict=True))
        return PersonResult(person, half_days, *_earned(case, person, half_days))

    return tuple(map(result, case.trainees))


def _why(case: ClassCase, person: Person, slot: SlotKey, signs: list[Sign]) -> Why:
    return why_of(
        [sign.time for sign in signs if sign.is_in],
        [sign.time for sign in signs if not sign.is_in],
        excluded=any(exclusion.covers(person, slot) for exclusion in case.exclusions),
    )


def _earned(case: ClassCase, person: Person, half_days: tuple[HalfDayResult, ...]) -> tuple[tuple[Amount, ...], bool]:
    if case.assessment and person not in case.results:
        return (), True
    # notice 三3: 修业不合格 earns nothing
    if case.assessment and not case.results[person]:
        return (), False
    if case.credits is None:
        return _hours(case.timetable, half_days), False
    return _credits(case.credits, half_days)


def _hours(timetable: Iterable[Lesson], half_days: Iterable[HalfDayResult]) -> tuple[Amount, ...]:
    counted = {(each.date, each.half_day) for each in half_days if each.counted}
    sums: dict[tuple[int, str], Decimal] = defaultdict(Decimal)
    for row in timetable:
        if row.counts and row.key in counted:
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

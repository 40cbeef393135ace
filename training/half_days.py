"""Half-days: timetable rows, the half-days that they make, signs in them, and why one counts. Pure: no Django, no
clock.

A half-day counts with an *in* and an *out*, the earliest in before the latest out (notice 一(五)3). Times are compared
to the minute: seconds are cut off, so an *out* in the minute of the *in* is none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise

from luojiang_ce.clock import SHANGHAI

# A person is whatever names one: a name in the public cases, an id in the database.
Person = Hashable
# In the order of the day, with their names.
HALF_DAYS = {"morning": "上午", "afternoon": "下午", "evening": "晚上"}
# A day and one of these.
SlotKey = tuple[date, str]


def order_of(key: SlotKey) -> tuple[date, int]:
    """Sorts half-days by time: the database's order is that of the alphabet."""
    return key[0], list(HALF_DAYS).index(key[1])


@dataclass(frozen=True, slots=True)
class Lesson:
    """A row of the timetable: `hours` (学时) of a subject; `counts` is False for 报到, 考试 and the like."""

    date: date
    half_day: str
    subject: str
    hours: Decimal
    counts: bool = True
    starts_at: time = time.min
    ends_at: time = time.min
    course: str = ""
    required_course: str = ""  # the 公共必修课 that it belongs to

    @property
    def key(self) -> SlotKey:
        return self.date, self.half_day


@dataclass(frozen=True, slots=True)
class Slot:
    """A half-day: from the start of its first row to the end of its last; courses and hours of the rows that count."""

    date: date
    half_day: str
    starts_at: time
    ends_at: time
    courses: tuple[str, ...]
    hours: Decimal

    @property
    def key(self) -> SlotKey:
        return self.date, self.half_day

    @property
    def begins(self) -> datetime:
        """The moment at which it begins."""
        return datetime.combine(self.date, self.starts_at, SHANGHAI)

    @property
    def ends(self) -> datetime:
        """The moment at which it is over."""
        return datetime.combine(self.date, self.ends_at, SHANGHAI)


def all_slots(lessons: Iterable[Lesson]) -> list[Slot]:
    """Every half-day of a timetable, in order of time."""
    rows: dict[SlotKey, list[Lesson]] = defaultdict(list)
    for lesson in lessons:
        rows[lesson.key].append(lesson)
    return [_slot(key, rows[key]) for key in sorted(rows, key=order_of)]


def slots_of(lessons: Iterable[Lesson]) -> list[Slot]:
    """The half-days in which somebody has to sign: those with at least one counting row, in order of time."""
    known = list(lessons)
    counting = {lesson.key for lesson in known if lesson.counts}
    return [slot for slot in all_slots(known) if slot.key in counting]


def _slot(key: SlotKey, lessons: list[Lesson]) -> Slot:
    counting = [lesson for lesson in lessons if lesson.counts]
    return Slot(
        *key,
        starts_at=min(lesson.starts_at for lesson in lessons),
        ends_at=max(lesson.ends_at for lesson in lessons),
        courses=tuple(dict.fromkeys(lesson.course for lesson in counting)),
        hours=sum((lesson.hours for lesson in counting), Decimal(0)),
    )


def ahead(slots: Iterable[Slot], moment: datetime) -> list[Slot]:
    """Half-days that have not begun at this (aware) moment."""
    return [slot for slot in slots if slot.begins > moment]


def on_until(slots: Sequence[Slot], after: timedelta) -> list[datetime]:
    """Until when each of these half-days (in order of time) is the one that is on: `after` its end, since people sign
    out then, but no longer than half-way to the next."""
    room = [max(then.begins - slot.ends, timedelta()) / 2 for slot, then in pairwise(slots)]
    return [slot.ends + min(after, half) for slot, half in zip(slots, [*room, after], strict=False)]


def current(slots: Sequence[Slot], moment: datetime, after: timedelta) -> Slot | None:
    """The half-day that is on at this (aware) moment or comes next, else the last."""
    still = (slot for slot, until in zip(slots, on_until(slots, after), strict=True) if moment < until)
    return next(still, slots[-1] if slots else None)


@dataclass(frozen=True, slots=True)
class Sign:
    """A valid sign-in or sign-out in local time; `recorded_at` is local too, `device` empty where there is none;
    `one_time`: kept at one time for all (a platform's record, a photographed sheet), so that it says nothing."""

    person: Person
    date: date
    half_day: str
    is_in: bool
    time: time
    recorded_at: datetime | None = None
    device: str = ""
    one_time: bool = False

    @property
    def key(self) -> SlotKey:
        return self.date, self.half_day


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


def why_of(ins: Collection[time], outs: Collection[time], *, excluded: bool = False) -> Why:
    """What somebody's sign-ins and sign-outs of one half-day come to; `excluded` by a decision after an inspection."""
    if excluded:
        return Why.EXCLUDED
    if not ins:
        return Why.NO_SIGN_IN if outs else Why.ABSENT
    if not outs:
        return Why.NO_SIGN_OUT
    return Why.COUNTED if is_in_order(min(ins), max(outs)) else Why.OUT_BEFORE_IN


def is_in_order(first_in: time, last_out: time) -> bool:
    """Does the *out* come after the *in*, to the minute? One after midnight does not: it is of another day."""
    return to_minute(first_in) < to_minute(last_out)


def to_minute(at: time) -> time:
    """Seconds are cut off, never rounded."""
    return at.replace(second=0, microsecond=0)


def minutes(at: time) -> int:
    """Minutes since midnight."""
    return at.hour * 60 + at.minute

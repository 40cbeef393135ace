"""The half-days of a class, from its timetable: plain values in, plain values out; no database, no clock."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal

from luojiang_ce.clock import SHANGHAI
from training.half_days import SlotKey, order_of


@dataclass(frozen=True, slots=True)
class Lesson:
    """A row of the timetable; `counts` is False for 报到, 考试 and the like; `hours` in 学时."""

    date: date
    half_day: str
    starts_at: time
    ends_at: time
    course: str
    counts: bool = True
    hours: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Slot:
    """A half-day in which somebody has to sign: from the start of its first row to the end of its last."""

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


def slots_of(lessons: Iterable[Lesson]) -> list[Slot]:
    """The half-days with at least one counting row, in order of time (notice 一(五)3: 半日内签到、签退各一次)."""
    rows: dict[SlotKey, list[Lesson]] = defaultdict(list)
    for lesson in lessons:
        rows[lesson.date, lesson.half_day].append(lesson)
    slots = [_slot(key, found) for key, found in rows.items() if any(lesson.counts for lesson in found)]
    return sorted(slots, key=lambda slot: order_of(slot.key))


def minutes(at: time) -> int:
    """Minutes since midnight."""
    return at.hour * 60 + at.minute


def _slot(key: SlotKey, lessons: list[Lesson]) -> Slot:
    counting = [lesson for lesson in lessons if lesson.counts]
    return Slot(
        *key,
        starts_at=min(lesson.starts_at for lesson in lessons),
        ends_at=max(lesson.ends_at for lesson in lessons),
        courses=tuple(dict.fromkeys(lesson.course for lesson in counting)),
        hours=sum((lesson.hours for lesson in counting), Decimal(0)),
    )


def state_of(ins: Collection[time], outs: Collection[time]) -> str:
    """What a trainee's signs of one half-day come to: counted, absent, no-sign-in, no-sign-out or out-before-in.

    The same words and the same order as in the recognition of hours, whose tests hold the two together.
    """
    if not ins:
        return "no-sign-in" if outs else "absent"
    if not outs:
        return "no-sign-out"
    return "counted" if min(ins) < max(outs) else "out-before-in"

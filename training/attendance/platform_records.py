"""What the record of a remote platform comes to (product.md A1): who has finished which course, and which half-days
are thereby attended. Pure: no database, no clock.

A course is finished where the platform does not say otherwise and the minutes, where it tells any, reach its hours; a
half-day is attended by who has finished every course of it that counts. Lengths are read in seconds and cut to minutes
once, when all rows are added up: many short sittings lose nothing.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_CEILING, Decimal

from luojiang_ce.sheets.cells import Value, as_text, clean_text
from luojiang_ce.sheets.months import DAY_SECONDS
from luojiang_ce.sheets.problems import UnreadableCellError
from training.half_days import Lesson, Slot

_BETWEEN_WORDS = re.compile(r"[\W_]+")
_CLOCK = re.compile(r"(\d{1,4}):([0-5]\d):([0-5]\d)")
_NUMBER = r"\d{1,7}(?:\.\d{1,9})?"  # of seconds that is four months, and no longer one is a length of study
_SPELT = re.compile(
    rf"(?:({_NUMBER})(?:个)?(?:小时|时|h))?(?:({_NUMBER})(?:分钟|分|min))?(?:(\d{{1,7}})(?:秒钟|秒|s))?"
)
_FIGURE = re.compile(_NUMBER)
_SHARE = re.compile(r"(\d+(?:\.\d+)?)[%％]")
_FIRST = datetime.combine(date.min, time.min)
_HOW = "请写明单位，如 90分钟、1小时30分、01:30:00，或把列名写成 学习时长（分钟）"
PASSED = {"通过", "已通过", "合格", "已合格", "及格", "完成", "已完成", "已学完", "学完", "结业", "已结业", "是", "√"}
NOT_PASSED = {
    *("未通过", "不通过", "不合格", "不及格", "未完成", "未学完", "未结业", "学习中", "进行中", "未开始", "未学习"),
    *("否", "×"),
}

Finished = tuple[int, str]  # whose enrolment, and the key of a course


@dataclass(frozen=True, slots=True)
class Studied:
    """A row: who studied which course (its key), for how many seconds, whether the platform says that it was passed
    (None where it says nothing), and when the sitting began where rows are sittings (or on which day, if it says no
    more)."""

    enrolment: int
    course: str
    seconds: Decimal | None
    passed: bool | None
    begun: date | None = None


@dataclass(frozen=True, slots=True)
class Total:
    """What all rows of a person and a course come to, against the minutes that the course asks for."""

    minutes: Decimal | None
    passed: bool | None
    needed: Decimal

    @property
    def is_enough(self) -> bool:
        """Is the course finished?"""
        told = self.passed is not None or self.minutes is not None
        return told and self.passed is not False and (self.minutes is None or self.minutes >= self.needed)


def course_key(name: str) -> str:
    """What two spellings of a course's name share: blanks, brackets and punctuation do not count."""
    return _BETWEEN_WORDS.sub("", clean_text(name)).casefold()


def minutes_needed(lessons: Iterable[Lesson], hour_minutes: int) -> dict[str, Decimal]:
    """The minutes of each course that counts, by its key: its hours (学时) in all."""
    hours: dict[str, Decimal] = defaultdict(Decimal)
    for lesson in lessons:
        if lesson.counts and lesson.course:
            hours[course_key(lesson.course)] += lesson.hours
    return {key: (amount * hour_minutes).to_integral_value(ROUND_CEILING) for key, amount in hours.items()}


def totals(rows: Iterable[Studied], needed: Mapping[str, Decimal]) -> dict[Finished, Total]:
    """Each person's courses. The same row twice counts once; sittings add up, as far as they are not at the same time,
    and of several sums of one course the highest holds; what was passed once is passed."""
    found: dict[Finished, list[Studied]] = defaultdict(list)
    for row in rows:
        found[row.enrolment, row.course].append(row)
    return {key: Total(_minutes(those), _passed(those), needed.get(key[1], Decimal(0))) for key, those in found.items()}


def _minutes(rows: Collection[Studied]) -> Decimal | None:
    sittings = [(row.begun, row.seconds) for row in rows if row.seconds is not None]
    if not sittings:
        return None
    timed = [(begun, seconds) for begun, seconds in sittings if isinstance(begun, datetime)]
    days: dict[date | None, Decimal] = defaultdict(Decimal)
    for begun, seconds in sittings:
        if not isinstance(begun, datetime):
            days[begun] = max(days[begun], seconds)
    told = days.pop(None, Decimal(0))
    return max(told, _seconds_of(timed) + sum(days.values(), Decimal(0))) // 60


def _seconds_of(sittings: Iterable[tuple[datetime, Decimal]]) -> Decimal:
    """How long these sittings were together; what two of them share, as on two devices at once, counts once."""
    whole, until = Decimal(0), Decimal(0)
    for begun, seconds in sorted(sittings):
        begins = Decimal((begun - _FIRST) // timedelta(seconds=1))
        whole += max(begins + seconds - max(begins, until), Decimal(0))
        until = max(until, begins + seconds)
    return whole


def _passed(rows: Collection[Studied]) -> bool | None:
    said = {row.passed for row in rows} - {None}
    return any(said) if said else None


def attended(finished: Collection[Finished], slots: Iterable[Slot]) -> dict[int, list[Slot]]:
    """The half-days whose every course somebody has finished, by enrolment."""
    courses: dict[int, set[str]] = defaultdict(set)
    for enrolment, course in finished:
        courses[enrolment].add(course)
    keys = [(slot, {course_key(course) for course in slot.courses}) for slot in slots]
    return {person: [slot for slot, asked in keys if asked <= done] for person, done in courses.items()}


def read_length(value: Value) -> Decimal:
    """How many seconds: 90分钟, 1小时30分, 01:30:00, or a time of Excel. Raises UnreadableCellError: a bare figure does
    not say what it counts."""
    if isinstance(value, datetime):
        return _length_of_excel(value)
    if isinstance(value, float):
        if 0 <= value < 1:
            return Decimal(round(value * DAY_SECONDS))
        raise UnreadableCellError("时长没有写单位", _HOW)
    text = "".join(clean_text(value).split()).lower()
    if clock := _CLOCK.fullmatch(text):
        return Decimal(int(clock[1]) * 3600 + int(clock[2]) * 60 + int(clock[3]))
    spelt = _SPELT.fullmatch(text)
    if spelt and any(spelt.groups()):
        return Decimal(spelt[1] or 0) * 3600 + Decimal(spelt[2] or 0) * 60 + Decimal(spelt[3] or 0)
    raise UnreadableCellError("时长没有写单位" if _FIGURE.fullmatch(text) else "认不出时长", _HOW)


def _length_of_excel(value: datetime) -> Decimal:
    """Excel keeps 26:10 as the first day of its calendar at 2:10."""
    if value.year > 1904:
        raise UnreadableCellError("这一格是日期，不是时长", _HOW)
    first = date(1904, 1, 1) if value.year == 1904 else date(1899, 12, 31)
    days = max((value.date() - first).days, 0)
    return Decimal(days * DAY_SECONDS + value.hour * 3600 + value.minute * 60 + value.second)


def figure(value: Value, seconds: int) -> Decimal:
    """The seconds of a bare figure under a title that names its unit, which is so many; a unit in the cell goes first.
    Raises UnreadableCellError."""
    text = "" if isinstance(value, datetime) else "".join(clean_text(as_text(value)).split())
    return Decimal(text) * seconds if _FIGURE.fullmatch(text) else read_length(value)


def read_passed(value: Value) -> bool:
    """Whether the platform says that it was passed. Raises UnreadableCellError: a figure may be marks or progress, so
    only a share (Excel keeps 100% as 1) says it."""
    if isinstance(value, float) and 0 <= value <= 1:
        return value == 1
    text = "".join(clean_text(as_text(value)).split())
    if share := _SHARE.fullmatch(text):
        return Decimal(share[1]) >= 100
    if text in PASSED or text in NOT_PASSED:
        return text in PASSED
    if _FIGURE.fullmatch(text):
        raise UnreadableCellError("只有数字，看不出是否通过", "请填 通过 或 未通过；是进度的写成 100%")
    raise UnreadableCellError("认不出是否通过", "请填 通过 或 未通过")

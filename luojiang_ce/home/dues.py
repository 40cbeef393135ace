"""A deadline as a badge: what is left of it, and the date. Working days everywhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import chinese_calendar

from luojiang_ce import clock

SOON = 5  # a unit's deadline turns amber at 5 working days left, the bureau's own clock at 1 (design)
SOON_BUREAU = 1


@dataclass(frozen=True)
class DueBadge:
    """`meaning` is a class of the design, `left` what is left in words, `when` the date."""

    meaning: str
    left: str
    when: str


def days_left() -> Callable[[date], int]:
    """A function from a due day to the working days left until it (negative: overdue), by the calendar of today."""
    today = clock.today()

    def left(due: date) -> int:
        first, last, sign = (today, due, 1) if due >= today else (due, today, -1)
        return sign * sum(_works(first + timedelta(days=n)) for n in range(1, (last - first).days + 1))

    return left


def _works(day: date) -> bool:
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:  # a year whose arrangement is not published yet
        return day.weekday() < 5


def open_badge(
    due: date, *, today: date, days_left: int, provisional: bool = False, soon: int = SOON, prefix: str = ""
) -> DueBadge:
    """A deadline that still runs, or has passed unmet. `days_left` in working days; `prefix` names whose (本局)."""
    if due < today:
        return DueBadge("late", f"{prefix}逾期 {abs(days_left)} 个工作日", _day(due, today))
    if provisional:
        return DueBadge("prov", f"{prefix}暂定，剩 {days_left} 个工作日", _day(due, today))
    if due == today:
        return DueBadge("soon", f"{prefix}今天截止", _day(due, today))
    return DueBadge("soon" if days_left <= soon else "wait", f"{prefix}剩 {days_left} 个工作日", _day(due, today))


def closed_badge(due: date, *, filed_at: datetime, in_time: bool, today: date, prefix: str = "") -> DueBadge:
    """A deadline that was met or missed by a filing."""
    filed = clock.local(filed_at).date()
    said = f"截止 {_day(due, today, weekday=False)}，{_day(filed, today, weekday=False)} 首报"
    return DueBadge("done" if in_time else "late", f"{prefix}{'按时' if in_time else '逾期'}", said)


def _day(day: date, today: date, *, weekday: bool = True) -> str:
    year = "" if day.year == today.year else f"{day.year}年"
    return f"{year}{day.month}月{day.day}日" + (f" 周{'一二三四五六日'[day.weekday()]}" if weekday else "")

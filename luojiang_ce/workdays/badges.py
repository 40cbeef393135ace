"""What a deadline looks like in a head or a table: plain data for templates (design README, colours with meaning)."""

from dataclasses import dataclass, replace
from datetime import datetime

from luojiang_ce.clock import local
from luojiang_ce.workdays.calendar import ONE_DAY, Calendar
from luojiang_ce.workdays.deadlines import Deadline, is_in_time, working_days_left
from luojiang_ce.workdays.text import month_day, near

# When amber begins, in working days left: for a unit, and for the bureau's own clock.
UNIT_SOON = 5
BUREAU_SOON = 1


@dataclass(frozen=True, slots=True)
class Badge:
    """`meaning`: a class of the design; `label`: what is left; `text`: the date or hour; `title`: the explanation."""

    meaning: str
    label: str
    text: str
    title: str


@dataclass(frozen=True, slots=True)
class Clock:
    """The bureau's working days as marks: `used` of `marks` are over."""

    meaning: str
    label: str
    marks: tuple[bool, ...]
    title: str


def open_badge(deadline: Deadline, calendar: Calendar, moment: datetime) -> Badge:
    """A unit's deadline that is still open, or overdue, at this moment."""
    meaning, label = _state(deadline, calendar, moment, UNIT_SOON)
    if meaning == "is-wait" and deadline.provisional:
        return Badge("is-prov", "暂定", near(deadline.due, local(moment).date()), f"{label}。{deadline.explanation}")
    return Badge(meaning, label, _text(deadline, moment), deadline.explanation)


def mending_badge(deadline: Deadline, calendar: Calendar, moment: datetime) -> Badge:
    """The time to mend what was filed in time and sent back: when it is over, nothing is overdue (P2)."""
    badge = open_badge(deadline, calendar, moment)
    return badge if is_in_time(deadline, moment) else replace(badge, meaning="is-soon", label="补正期已过")


def bureau_badge(deadline: Deadline, calendar: Calendar, moment: datetime, whose: str = "本局") -> Badge:
    """The clock of the bureau, or of the authority that is named, in the head of a case."""
    meaning, _ = _state(deadline, calendar, moment, BUREAU_SOON)
    label = f"{whose}{_bureau_label(deadline, calendar, moment)}"
    return Badge(meaning, label, _text(deadline, moment), deadline.explanation)


def filed_badge(deadline: Deadline, filed: datetime) -> Badge:
    """A deadline that was met, or missed, by a filing: the first submission decides (P2)."""
    in_time = is_in_time(deadline, filed)
    label = "按时" if in_time else "逾期报送"
    text = f"截止 {month_day(deadline.due)}，{month_day(local(filed).date())}报"
    return Badge("is-done" if in_time else "is-late", label, text, deadline.explanation)


def bureau_clock(deadline: Deadline, calendar: Calendar, moment: datetime) -> Clock:
    """The bureau's working days as marks in a table; full means due."""
    meaning, _ = _state(deadline, calendar, moment, BUREAU_SOON)
    total = max(day.number or 0 for day in deadline.days)
    left = max(working_days_left(calendar, local(moment).date(), deadline.due), 0)
    marks = tuple(n < total - left for n in range(total))
    return Clock(meaning, _bureau_label(deadline, calendar, moment), marks, deadline.explanation)


def _state(deadline: Deadline, calendar: Calendar, moment: datetime, soon: int) -> tuple[str, str]:
    """The class and what is left. Amber stays through the due day; vermilion starts when it is too late."""
    today = local(moment).date()
    left = working_days_left(calendar, today, deadline.due)
    if not is_in_time(deadline, moment):
        return "is-late", f"逾期 {-left} 个工作日" if left < 0 else "已截止"
    if today == deadline.due:
        return "is-soon", "今天截止"
    label = f"剩 {left} 个工作日" if left else "明天截止" if today + ONE_DAY == deadline.due else "即将截止"
    return ("is-soon" if left <= soon else "is-wait"), label


def _text(deadline: Deadline, moment: datetime) -> str:
    today = local(moment).date()
    if today == deadline.due and is_in_time(deadline, moment):
        return f"{deadline.closes:%H:%M} 前" if deadline.closes.date() == today else "24:00 前"
    return near(deadline.due, today) + ("（暂定）" if deadline.provisional else "")


def _bureau_label(deadline: Deadline, calendar: Calendar, moment: datetime) -> str:
    today = local(moment).date()
    if not is_in_time(deadline, moment):
        return "，".join(filter(None, ("已超期", deadline.kind.unmet)))
    if today == deadline.due:
        return "今天到期"
    if today + ONE_DAY == deadline.due:
        return "明天到期"
    return f"剩 {working_days_left(calendar, today, deadline.due)} 个工作日"

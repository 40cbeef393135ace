"""The strip of days: why a deadline falls on its date, week by week (lj-strip). Plain data for parts/strip.html."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from luojiang_ce.workdays.calendar import Calendar, DayInfo, DayKind
from luojiang_ce.workdays.deadlines import CountedDay, Deadline, is_in_time
from luojiang_ce.workdays.text import long_weekday, month_day

# Today is drawn when it lies at most two weeks outside the days of the deadline.
NEAR = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class StripDay:
    """One box: `classes` of the design, `text` (30, or 12/1 on a first), `small` (figure or word), `title`."""

    date: date
    classes: str
    text: str
    small: str
    title: str


@dataclass(frozen=True, slots=True)
class StripWeek:
    label: str
    days: tuple[StripDay, ...]


@dataclass(frozen=True, slots=True)
class LegendItem:
    """`css`: class of the item, `mark`: class of its mark."""

    css: str
    mark: str
    text: str


@dataclass(frozen=True, slots=True)
class Strip:
    label: str
    weeks: tuple[StripWeek, ...]
    legend: tuple[LegendItem, ...]


def build(deadline: Deadline, calendar: Calendar, today: date, filed: datetime | None = None) -> Strip:
    """The weeks from the Monday of the first day that matters to the last day that matters.

    `filed`: what was filed in time is not late however long that is ago.
    """
    late = today > deadline.due and not (filed and is_in_time(deadline, filed))
    counted = {day.date: day for day in deadline.days}
    days = [_strip_day(deadline, counted.get(day), calendar.day(day), today, late) for day in _span(deadline, today)]
    whole = [tuple(days[n : n + 7]) for n in range(0, len(days), 7)]
    # An extension may leave months between in which nothing is counted: their weeks are left out.
    weeks = [week for week in whole if any(day.date in counted or day.date == today for day in week)]
    shown = {name for day in days for name in day.classes.split()}
    return Strip(
        f"{deadline.kind.label}期限怎么数",
        tuple(StripWeek(f"{month_day(week[0].date)}起", week) for week in weeks),
        tuple(item for name, item in _legend(deadline, late).items() if name in shown),
    )


def _span(deadline: Deadline, today: date) -> list[date]:
    first, last = deadline.days[0].date, deadline.days[-1].date
    if first - NEAR <= today <= last + NEAR:
        first, last = min(first, today), max(last, today)
    monday = first - timedelta(days=first.weekday())
    return [monday + timedelta(days=n) for n in range((last - monday).days + 1)]


def _strip_day(deadline: Deadline, counted: CountedDay | None, info: DayInfo, today: date, late: bool) -> StripDay:
    classes = " ".join(_classes(deadline, counted, info, today, late))
    text = f"{info.day.month}/{info.day.day}" if info.day.day == 1 else str(info.day.day)
    return StripDay(info.day, classes, text, _small(deadline, counted, info, today), _title(counted, info))


def _classes(deadline: Deadline, counted: CountedDay | None, info: DayInfo, today: date, late: bool) -> Iterator[str]:
    if info.day == deadline.due:
        yield "due"
        if late:
            yield "late"
    elif info.day == deadline.start > deadline.due:
        yield "goal"
    elif counted and counted.counted:
        yield "count"
    elif not info.working:
        yield "rest"
    elif info.day < min(deadline.days[0].date, today) or info.day > max(deadline.days[-1].date, today):
        yield "out"  # neither looked at nor between today and the count
    if info.kind is DayKind.MAKEUP:
        yield "makeup"
    if info.day == today:
        yield "today"
    if info.provisional:
        yield "prov"


def _small(deadline: Deadline, counted: CountedDay | None, info: DayInfo, today: date) -> str:
    if info.day == deadline.due:
        return "截止"
    if info.day == deadline.start > deadline.due:
        return "开班"
    if counted and counted.number:
        return str(counted.number)
    if info.day == today:
        return "今天"
    if info.working:
        return ""
    return "停" if info.kind is DayKind.CLOSURE else "休"


def _title(counted: CountedDay | None, info: DayInfo) -> str:
    facts = [f"{month_day(info.day)} {long_weekday(info.day)}"]
    if counted:
        facts.append(counted.why)
    elif info.kind is not DayKind.WORKDAY:
        facts.append(info.reason)
    if info.provisional:
        facts.append("暂定")
    return "，".join(facts)


def _legend(deadline: Deadline, late: bool) -> dict[str, LegendItem]:
    """All that a strip may show, by class."""
    number = "倒数第几日" if deadline.start > deadline.due else "第几日"
    counted = "计入的工作日" if deadline.kind.in_working_days else "计入的日子"
    last = "最后申报日" if deadline.kind.filed else "最后答复日"
    due_meaning = "is-late" if late else "is-prov" if deadline.provisional else "is-soon"
    return {
        "count": LegendItem("", "k-count", f"{counted}（数字为{number}）"),
        "rest": LegendItem("", "k-rest", "休息日，不计"),
        "makeup": LegendItem("", "k-makeup", "调休上班"),
        "due": LegendItem(due_meaning, "", last),
        "goal": LegendItem("", "k-goal", "开班日"),
        "today": LegendItem("", "k-today", "今天"),
        "prov": LegendItem("is-prov", "is-prov", "暂定，待国务院公布"),
    }

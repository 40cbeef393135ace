"""A year of the working calendar as twelve months: rest days, make-up days, and the deadlines that fall on them."""

from __future__ import annotations

from calendar import Calendar as Weeks
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product

from luojiang_ce.home.ribbon import Mark
from luojiang_ce.workdays.calendar import Calendar, DayInfo, DayKind, UnknownYearError
from luojiang_ce.workdays.deadlines import Rules, deadline_kinds
from luojiang_ce.workdays.text import long_weekday, month_day

# notice, date of issue: 3 March 2017; the first February in which anything is due by it is the next one
FIRST_FILING_YEAR = 2018
_WORDS = {DayKind.HOLIDAY: "休", DayKind.MAKEUP: "班", DayKind.CLOSURE: "停"}


@dataclass(frozen=True, slots=True)
class DayBox:
    """One day: `classes` of lj-strip, `word` under the figure (休, 班, 停), `said` in full for whoever asks."""

    date: date
    classes: str
    word: str
    said: str


@dataclass(frozen=True, slots=True)
class MonthSheet:
    """A month: weeks from Monday, None where another month's day would stand; `working`: how many working days."""

    label: str
    weeks: Sequence[Sequence[DayBox | None]]
    working: int
    marks: Sequence[Mark]


def year_marks(year: int, rules: Rules) -> list[Mark]:
    """The deadlines that fall on everybody in a year: its plans, and the verification of the year before."""
    if year < FIRST_FILING_YEAR:
        return []
    yearly = [kind for kind in deadline_kinds() if kind.yearly]
    marks = []
    for kind, named in product(yearly, (year, year - 1)):
        try:
            due = rules.due(kind, named)
        except UnknownYearError:
            continue  # in the calendar's last year: due after it
        if due.start.year == year:
            marks.append(Mark(due.due, kind.label, "soon", due.provisional))
    return marks


def months_of(year: int, calendar: Calendar, today: date, marks: Iterable[Mark]) -> list[MonthSheet]:
    """The twelve months of a year; `marks` outside it are left out. Raises UnknownYearError outside the calendar."""
    by_day: dict[date, list[Mark]] = defaultdict(list)
    for mark in marks:
        by_day[mark.day].append(mark)
    return [_month(year, month, calendar, today, by_day) for month in range(1, 13)]


def _month(year: int, month: int, calendar: Calendar, today: date, by_day: Mapping[date, list[Mark]]) -> MonthSheet:
    weeks = [
        [_box(calendar.day(day), today, by_day.get(day, [])) if day.month == month else None for day in week]
        for week in Weeks().monthdatescalendar(year, month)
    ]
    days = [box.date for week in weeks for box in week if box]
    marks = [mark for day in days for mark in by_day.get(day, [])]
    return MonthSheet(f"{month}月", weeks, sum(map(calendar.is_working, days)), marks)


def _box(info: DayInfo, today: date, marks: Sequence[Mark]) -> DayBox:
    classes = {
        "due": bool(marks),
        "late": any(mark.meaning == "late" for mark in marks),
        "rest": not info.working and not marks,
        "makeup": info.kind is DayKind.MAKEUP,
        "today": info.day == today,
        "prov": any(mark.provisional for mark in marks),
    }
    facts = [f"{month_day(info.day)} {long_weekday(info.day)}"]
    if info.kind is not DayKind.WORKDAY:
        facts.append(info.reason)
    facts += [f"{mark.label}截止" for mark in marks]
    shown = " ".join(name for name, on in classes.items() if on)
    return DayBox(info.day, shown, _WORDS.get(info.kind, ""), "，".join(facts))

"""The calendar of working days: a plain value; no database, no clock.

Three layers, the upper one wins (domain.md §3):
1. what the bureau has entered: a year's arrangement, closures of the district;
2. the official arrangements of 2004–2026 (`chinesecalendar`, which raises for years not yet announced);
3. for later years weekends and the statutory days (`holidays`), without make-up days: provisional (暂定).

Days are looked up in a table per year. Those of the two lower layers are made once a process; a calendar lays its own
entries over the years that they touch.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from itertools import accumulate

import chinese_calendar

FIRST_YEAR = min(chinese_calendar.constants.holidays).year
LAST_OFFICIAL_YEAR = max(chinese_calendar.constants.holidays).year
# The lunar tables of `holidays` end with 2099.
LAST_YEAR = 2099
SATURDAY = 5
ONE_DAY = timedelta(days=1)


class UnknownYearError(ValueError):
    """No calendar is known for the year of this day."""

    def __init__(self, day: date) -> None:
        self.day = day
        super().__init__(f"{day.year}年不在工作日历的范围内（{FIRST_YEAR}年至{LAST_YEAR}年），无法推算。请核对日期。")


class DayKind(StrEnum):
    """What a day is; the value is also the stored code."""

    WORKDAY = "workday"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    MAKEUP = "makeup"
    CLOSURE = "closure"

    @property
    def working(self) -> bool:
        """Make-up Saturdays and Sundays are working days (domain.md §3)."""
        return self in (DayKind.WORKDAY, DayKind.MAKEUP)


@dataclass(frozen=True, slots=True)
class DayInfo:
    """One day: its kind, the holiday's or closure's name, and whether its year is still unpublished."""

    day: date
    kind: DayKind
    name: str = ""
    provisional: bool = False

    @property
    def working(self) -> bool:
        return self.kind.working

    @property
    def reason(self) -> str:
        """Why the day is what it is, for people: 国庆节放假, 周六休息, 调休上班, 台风停工."""
        match self.kind:
            case DayKind.HOLIDAY:
                return f"{self.name or '节假日'}放假"
            case DayKind.CLOSURE:
                return f"{self.name or '停工'}，不计"
            case DayKind.WEEKEND:
                return "周六休息" if self.day.weekday() == SATURDAY else "周日休息"
            case DayKind.MAKEUP:
                return "调休上班"
            case DayKind.WORKDAY:
                return "工作日"


@dataclass(frozen=True, slots=True)
class Entry:
    """One day that the bureau has entered: its kind and why."""

    kind: DayKind
    name: str = ""


@dataclass(frozen=True, slots=True)
class _Year:
    """The days of one year from the `first` (an ordinal) on; `before[n]`: working days before the n-th, 0 to all."""

    first: int
    days: Sequence[Entry]
    before: Sequence[int]

    @classmethod
    def of(cls, first: int, days: Sequence[Entry]) -> "_Year":
        return cls(first, days, (0, *accumulate(entry.kind.working for entry in days)))

    def with_days(self, own: Mapping[date, Entry]) -> "_Year":
        """The same year with some days replaced; the table itself if there are none."""
        if not own:
            return self
        days = list(self.days)
        for day, entry in own.items():
            days[day.toordinal() - self.first] = entry
        return _Year.of(self.first, days)

    def at(self, day: date) -> Entry:
        return self.days[day.toordinal() - self.first]

    def working_days(self, first: date, until: date) -> int:
        """How many of the year's working days lie between the two days, both included; they may lie outside of it."""
        start = max(first.toordinal() - self.first, 0)
        end = min(until.toordinal() - self.first + 1, len(self.days))
        return self.before[end] - self.before[start]


@dataclass(frozen=True)
class Calendar:
    """Every day from 2004 to 2099. `entries`: the bureau's own days; `arranged`: years it has entered whole."""

    entries: Mapping[date, Entry] = field(default_factory=dict)
    arranged: frozenset[int] = frozenset()
    _years: dict[int, _Year] = field(default_factory=dict, init=False, repr=False, compare=False)

    def day(self, day: date) -> DayInfo:
        """All that is known of a day. Raises UnknownYearError outside 2004–2099."""
        entry = self._year(day).at(day)
        return DayInfo(day, entry.kind, entry.name, self.provisional(day))

    def is_working(self, day: date) -> bool:
        """Whether the day counts in a period of working days."""
        return self._year(day).at(day).kind.working

    def kind(self, day: date) -> DayKind:
        return self.day(day).kind

    def provisional(self, day: date) -> bool:
        """May the day still change? The State Council has not published its year, and the bureau has not entered it.

        29–31 December wait for the arrangement of the next year too: 2018-12-31 became a rest day that way.
        """
        arranged_with = day.year + 1 if (day.month, day.day) >= (12, 29) else day.year
        return any(year > LAST_OFFICIAL_YEAR and year not in self.arranged for year in (day.year, arranged_with))

    def on_or_after(self, day: date) -> date:
        """The first working day that is not before `day`."""
        while not self.is_working(day):
            day += ONE_DAY
        return day

    def working_days(self, after: date, until: date) -> int:
        """How many working days lie after `after` and not after `until`."""
        if until <= after:
            return 0
        first = after + ONE_DAY
        beginnings = (date(year, 1, 1) for year in range(first.year + 1, until.year + 1))
        return sum(self._year(day).working_days(first, until) for day in (first, *beginnings))

    def _year(self, day: date) -> _Year:
        """The table of the day's year. Raises UnknownYearError."""
        if (found := self._years.get(day.year)) is None:
            if not FIRST_YEAR <= day.year <= LAST_YEAR:
                raise UnknownYearError(day)
            own = {each: entry for each, entry in self.entries.items() if each.year == day.year}
            found = self._years[day.year] = _below(day.year, day.year in self.arranged).with_days(own)
        return found


@cache
def _below(year: int, arranged: bool) -> _Year:
    """A year without the bureau's entries: the same for every calendar of this process."""
    first, last = date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()
    days = map(date.fromordinal, range(first, last + 1))
    if year <= LAST_OFFICIAL_YEAR:
        return _Year.of(first, [_official(day) for day in days])
    names = {} if arranged else _statutory(year)
    return _Year.of(first, [Entry(DayKind.HOLIDAY, names[day]) if day in names else _plain(day) for day in days])


def _plain(day: date) -> Entry:
    return Entry(DayKind.WEEKEND if day.weekday() >= SATURDAY else DayKind.WORKDAY)


def _official(day: date) -> Entry:
    """From the package's tables themselves: its functions look for the first and last year at every call."""
    if day in chinese_calendar.workdays:
        name = _chinese_name(chinese_calendar.workdays[day])
        return Entry(DayKind.MAKEUP, name) if day.weekday() >= SATURDAY else Entry(DayKind.WORKDAY)
    english = chinese_calendar.holidays.get(day)
    return Entry(DayKind.HOLIDAY, _chinese_name(english)) if english else _plain(day)


_SHORTENED = {"清明": "清明节", "端午": "端午节", "中秋": "中秋节"}


@cache
def _names() -> dict[str, str]:
    return {h.value: _SHORTENED.get(h.chinese, h.chinese) for h in chinese_calendar.Holiday}


def _chinese_name(english: str) -> str:
    return _names().get(english, english)


def _statutory(year: int) -> dict[date, str]:
    """The statutory days of a year not yet announced; `holidays` is imported here because most requests need none."""
    import holidays

    named = holidays.country_holidays("CN", years=year, language="zh_CN")
    return {day: name.replace("（补假）", "") for day, name in named.items()}

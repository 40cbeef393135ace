"""The tables of a calendar say of every day and span what asking day by day says, and refuse the same days."""

from datetime import date, timedelta
from functools import cache

import chinese_calendar
import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from luojiang_ce.workdays.calendar import (
    FIRST_YEAR,
    LAST_OFFICIAL_YEAR,
    LAST_YEAR,
    Calendar,
    DayKind,
    Entry,
    UnknownYearError,
)

DAY = timedelta(days=1)
# A little beyond both ends, and most of all around the years in which the bureau works.
days = st.dates(date(2003, 12, 1), date(2100, 1, 31)) | st.dates(date(2025, 12, 1), date(2029, 1, 31))
entries = st.dictionaries(days, st.builds(Entry, st.sampled_from(DayKind), st.sampled_from(["", "台风停工"])))
calendars = st.builds(
    Calendar, entries, st.frozensets(st.integers(LAST_OFFICIAL_YEAR - 1, LAST_OFFICIAL_YEAR + 3) | st.just(LAST_YEAR))
)


def kind_day_by_day(calendar: Calendar, day: date) -> DayKind:
    """What the layers say, asked for this one day without any table."""
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise UnknownYearError(day)
    if entry := calendar.entries.get(day):
        return entry.kind
    weekend = day.weekday() >= 5
    if day.year <= LAST_OFFICIAL_YEAR:
        resting, name = chinese_calendar.get_holiday_detail(day)
        if not resting:
            return DayKind.MAKEUP if weekend else DayKind.WORKDAY
        return DayKind.HOLIDAY if name else DayKind.WEEKEND
    if day.year not in calendar.arranged and day in statutory(day.year):
        return DayKind.HOLIDAY
    return DayKind.WEEKEND if weekend else DayKind.WORKDAY


@cache
def statutory(year: int) -> holidays.HolidayBase:
    return holidays.country_holidays("CN", years=year, language="zh_CN")


def answer(ask, *args):
    """The answer, or the day that was refused."""
    try:
        return ask(*args)
    except UnknownYearError as refused:
        return refused.day, str(refused)


def count_day_by_day(calendar: Calendar, after: date, until: date) -> int:
    span = range(1, (until - after).days + 1)
    return sum(kind_day_by_day(calendar, after + n * DAY).working for n in span)


def first_day_by_day(calendar: Calendar, day: date) -> date:
    while not kind_day_by_day(calendar, day).working:
        day += DAY
    return day


@given(calendars, days)
def test_one_day(calendar, day):
    assert answer(calendar.kind, day) == answer(kind_day_by_day, calendar, day)
    assert answer(calendar.is_working, day) == answer(lambda: kind_day_by_day(calendar, day).working)
    assert answer(calendar.on_or_after, day) == answer(first_day_by_day, calendar, day)


@given(calendars)
def test_the_days_that_the_bureau_entered(calendar):
    for day, entry in calendar.entries.items():
        if FIRST_YEAR <= day.year <= LAST_YEAR:
            info = calendar.day(day)
            assert (info.kind, info.name, info.provisional) == (entry.kind, entry.name, calendar.provisional(day))


@given(calendars, days, st.integers(-40, 800))
def test_a_span(calendar, after, length):
    until = after + length * DAY
    assert answer(calendar.working_days, after, until) == answer(count_day_by_day, calendar, after, until)


@pytest.mark.parametrize(
    ("after", "until", "refused"),
    [
        (date(2003, 12, 31), date(2004, 1, 2), None),
        (date(2003, 12, 30), date(2004, 1, 2), date(2003, 12, 31)),
        (date(2099, 12, 30), date(2099, 12, 31), None),
        (date(2099, 12, 31), date(2100, 1, 1), date(2100, 1, 1)),
        (date(2098, 6, 1), date.max, date(2100, 1, 1)),
        (date.max, date.max, None),
        (date.max, date.min, None),
    ],
)
def test_a_span_over_the_ends(after, until, refused):
    found = answer(Calendar().working_days, after, until)
    assert (found[0] == refused) if refused else isinstance(found, int)


def test_one_calendars_entries_are_not_anothers():
    closed = Calendar({date(2026, 7, 28): Entry(DayKind.CLOSURE)})
    assert not closed.is_working(date(2026, 7, 28))
    assert Calendar().is_working(date(2026, 7, 28))
    assert closed.working_days(date(2026, 1, 1), date(2026, 12, 31)) == (
        Calendar().working_days(date(2026, 1, 1), date(2026, 12, 31)) - 1
    )

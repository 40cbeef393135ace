"""The calendar agrees with the official one and lets the bureau's entries win."""

from datetime import date, timedelta

import chinese_calendar
import pytest

from luojiang_ce.workdays.calendar import LAST_YEAR, Calendar, DayKind, Entry, UnknownYearError

OFFICIAL = [date(2004, 1, 1) + timedelta(days=n) for n in range((date(2026, 12, 31) - date(2004, 1, 1)).days + 1)]


def test_agrees_with_the_official_arrangements_day_by_day():
    calendar = Calendar()
    wrong = [day for day in OFFICIAL if calendar.is_working(day) != chinese_calendar.is_workday(day)]
    assert wrong == []
    assert not any(calendar.provisional(day) for day in OFFICIAL[:-3])


@pytest.mark.parametrize(
    ("day", "kind", "reason"),
    [
        (date(2026, 11, 24), DayKind.WORKDAY, "工作日"),
        (date(2026, 11, 28), DayKind.WEEKEND, "周六休息"),
        (date(2026, 11, 29), DayKind.WEEKEND, "周日休息"),
        (date(2026, 9, 25), DayKind.HOLIDAY, "中秋节放假"),
        (date(2026, 2, 28), DayKind.MAKEUP, "调休上班"),
        (date(2027, 2, 8), DayKind.HOLIDAY, "春节放假"),
    ],
)
def test_says_what_a_day_is(day, kind, reason):
    info = Calendar().day(day)
    assert (info.kind, info.reason) == (kind, reason)
    assert Calendar().kind(day) is kind


def test_later_years_are_provisional_and_have_no_make_up_days():
    calendar = Calendar()
    days = [date(2027, 1, 1) + timedelta(days=n) for n in range(365)]
    assert all(calendar.provisional(day) for day in days)
    assert not any(calendar.kind(day) is DayKind.MAKEUP for day in days)
    assert not calendar.is_working(date(2027, 10, 1))


@pytest.mark.parametrize(
    ("day", "arranged", "provisional"),
    [
        (date(2026, 12, 28), (), False),
        (date(2026, 12, 29), (), True),
        (date(2026, 12, 31), (), True),
        (date(2026, 12, 29), (2027,), False),
        (date(2026, 12, 31), (2028,), True),
        (date(2025, 12, 31), (), False),
        (date(2027, 1, 1), (), True),
        (date(2027, 12, 28), (2027,), False),
        (date(2027, 12, 29), (2027,), True),
        (date(2027, 12, 29), (2028,), True),
        (date(2027, 12, 29), (2027, 2028), False),
        (date(LAST_YEAR, 12, 31), (), True),
    ],
)
def test_the_last_days_of_december_wait_for_the_next_year(day, arranged, provisional):
    calendar = Calendar(arranged=frozenset(arranged))
    assert calendar.provisional(day) is calendar.day(day).provisional is provisional


@pytest.mark.parametrize("day", [date(2003, 12, 31), date(LAST_YEAR + 1, 1, 1), date.min, date.max])
def test_refuses_years_it_does_not_know(day):
    with pytest.raises(UnknownYearError, match=f"{day.year}年不在工作日历的范围内"):
        Calendar().day(day)


def test_an_arrangement_of_the_bureau_replaces_the_computed_days():
    calendar = Calendar({date(2027, 1, 1): Entry(DayKind.HOLIDAY, "元旦")}, frozenset({2027}))
    assert calendar.day(date(2027, 1, 1)).reason == "元旦放假"
    # A statutory day that the arrangement does not name is a plain working day now.
    assert calendar.is_working(date(2027, 10, 1))
    assert not calendar.provisional(date(2027, 10, 1))
    assert calendar.provisional(date(2028, 1, 1))


def test_a_closure_wins_over_the_official_calendar():
    calendar = Calendar({date(2026, 7, 28): Entry(DayKind.CLOSURE, "台风停工")})
    assert not calendar.is_working(date(2026, 7, 28))
    assert calendar.day(date(2026, 7, 28)).reason == "台风停工，不计"


def test_counts_working_days_between_two_days():
    calendar = Calendar()
    assert calendar.working_days(date(2026, 2, 13), date(2026, 2, 28)) == 6
    assert calendar.working_days(date(2026, 2, 28), date(2026, 2, 28)) == 0
    assert calendar.on_or_after(date(2026, 2, 15)) == date(2026, 2, 24)

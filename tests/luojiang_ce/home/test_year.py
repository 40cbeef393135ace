"""The calendar of a year: what each day is, and the deadlines on it."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine
from django.urls import reverse

from luojiang_ce.home.ribbon import Mark
from luojiang_ce.home.year import months_of, year_marks
from luojiang_ce.workdays.calendar import LAST_YEAR, Calendar, DayKind, Entry
from tests.luojiang_ce.workdays.rules import rules

TODAY = date(2026, 2, 26)


def boxes(year=2026, marks=(), calendar=None):
    months = months_of(year, calendar or Calendar(), TODAY, marks)
    return {box.date: box for month in months for week in month.weeks for box in week if box}


def test_every_day_of_the_year_stands_once():
    assert len(boxes(2026)) == 365
    assert len(boxes(2028)) == 366


@pytest.mark.parametrize(
    ("day", "classes", "word", "said"),
    [
        (date(2026, 2, 14), "makeup", "班", "2月14日 星期六，调休上班"),
        (date(2026, 2, 17), "rest", "休", "2月17日 星期二，春节放假"),
        (date(2026, 3, 1), "rest", "", "3月1日 星期日，周日休息"),
        (date(2026, 2, 26), "today", "", "2月26日 星期四"),
        (date(2026, 3, 3), "", "", "3月3日 星期二"),
    ],
)
def test_what_a_day_is(day, classes, word, said):
    box = boxes()[day]

    assert (box.classes, box.word, box.said) == (classes, word, said)


def test_a_closure_says_why():
    typhoon = Calendar({date(2026, 7, 9): Entry(DayKind.CLOSURE, "台风停工")})

    box = boxes(calendar=typhoon)[date(2026, 7, 9)]
    assert (box.classes, box.word, box.said) == ("rest", "停", "7月9日 星期四，台风停工，不计")


def test_a_deadline_is_named_on_its_day_and_below_its_month():
    mark = Mark(date(2026, 5, 6), "学时认定", "late")
    months = months_of(2026, Calendar(), TODAY, [mark])

    assert boxes(marks=[mark])[mark.day].classes == "due late"
    assert [month.marks for month in months if month.marks] == [[mark]]


def test_working_days_of_a_month():
    # February 2026: 20 weekdays, 17 to 20 and 16 and 23 February rest, 14 and 28 February are worked
    assert months_of(2026, Calendar(), TODAY, [])[1].working == 16


@pytest.mark.notice("一(五)1")
@pytest.mark.notice("二(一)")
def test_the_deadlines_of_everybody_stand_in_the_year():
    assert [(mark.day, mark.provisional) for mark in year_marks(2027, rules())] == [(date(2027, 3, 1), True)] * 2
    assert year_marks(2017, rules()) == []


@time_machine.travel("2026-02-26 12:00 +0800", tick=False)
def test_the_page(client, district):
    client.force_login(district.owner)

    page = client.get(reverse("home:calendar"))
    assert page.context["year"] == 2026
    assert "年度验证报送截止" in page.content.decode()
    assert "尚未公布" not in page.content.decode()
    assert "尚未公布" in client.get(reverse("home:calendar_year", args=[2027])).content.decode()


def test_the_calendars_last_year_shows_what_is_due_in_it(client, district):
    client.force_login(district.owner)

    assert {mark.day.year for mark in year_marks(LAST_YEAR, rules())} == {LAST_YEAR}
    assert client.get(f"/calendar/{LAST_YEAR}/").status_code == 200


@pytest.mark.parametrize("year", [0, 2003, 2100, 99999])
def test_a_year_that_no_calendar_knows_is_not_found(client, district, year):
    client.force_login(district.owner)

    assert client.get(f"/calendar/{year}/").status_code == 404

"""The strip of days shows what the mock-up shows, and its legend only what the strip shows."""

from datetime import date

from django.template.loader import render_to_string

from luojiang_ce.workdays import strip
from luojiang_ce.workdays.calendar import Calendar
from tests.luojiang_ce.workdays.rules import OPENING, PLAN, RECOGNITION, REPLY

from .rules import rules

CALENDAR = Calendar()


def boxes(built: strip.Strip) -> dict[date, strip.StripDay]:
    return {day.date: day for week in built.weeks for day in week.days}


def test_opening_over_a_make_up_day():
    built = strip.build(rules().due(OPENING, date(2026, 10, 12)), CALENDAR, date(2026, 8, 3))
    assert [week.label for week in built.weeks] == ["9月21日起", "9月28日起", "10月5日起", "10月12日起"]
    assert [len(week.days) for week in built.weeks] == [7, 7, 7, 1]
    days = boxes(built)
    assert (days[date(2026, 9, 21)].classes, days[date(2026, 9, 21)].small) == ("due", "截止")
    assert (days[date(2026, 9, 22)].classes, days[date(2026, 9, 22)].small) == ("count", "9")
    assert (days[date(2026, 9, 25)].classes, days[date(2026, 9, 25)].small) == ("rest", "休")
    assert days[date(2026, 10, 1)].text == "10/1"
    assert days[date(2026, 10, 10)].classes == "count makeup"
    assert days[date(2026, 10, 10)].title == "10月10日 星期六，第 1 个工作日，调休上班"
    assert (days[date(2026, 10, 12)].classes, days[date(2026, 10, 12)].small) == ("goal", "开班")
    assert [item.text for item in built.legend] == [
        "计入的工作日（数字为倒数第几日）",
        "休息日，不计",
        "调休上班",
        "最后申报日",
        "开班日",
    ]


def test_today_is_drawn_when_it_is_near():
    built = strip.build(rules().due(OPENING, date(2026, 12, 14)), CALENDAR, date(2026, 11, 24))
    assert built.weeks[0].label == "11月23日起"
    today = boxes(built)[date(2026, 11, 24)]
    assert (today.classes, today.small) == ("today", "今天")
    assert boxes(built)[date(2026, 11, 23)].classes == "out"
    assert boxes(built)[date(2026, 11, 25)].classes == ""
    assert "今天" in [item.text for item in built.legend]


def test_a_missed_day_is_marked():
    built = strip.build(rules().due(OPENING, date(2026, 12, 14)), CALENDAR, date(2026, 12, 2))
    assert boxes(built)[date(2026, 11, 30)].classes == "due late"
    assert [item.css for item in built.legend if item.text == "最后申报日"] == ["is-late"]
    assert boxes(built)[date(2026, 12, 2)].classes == "count today"


def test_reply_begins_with_the_day_of_submission():
    built = strip.build(rules().due(REPLY, date(2026, 11, 23)), CALENDAR, date(2026, 11, 24))
    days = boxes(built)
    assert (days[date(2026, 11, 23)].classes, days[date(2026, 11, 23)].small) == ("", "")
    assert (days[date(2026, 11, 24)].classes, days[date(2026, 11, 24)].small) == ("count today", "1")
    assert days[date(2026, 11, 30)].classes == "due"


def test_recognition_counts_rest_days_too():
    built = strip.build(rules().due(RECOGNITION, date(2026, 1, 17)), CALENDAR, date(2026, 1, 18))
    days = boxes(built)
    assert (days[date(2026, 1, 24)].classes, days[date(2026, 1, 24)].small) == ("count", "7")
    assert days[date(2026, 2, 14)].classes == "count makeup"
    assert days[date(2026, 2, 16)].classes == "rest"
    assert "计入的日子（数字为第几日）" in [item.text for item in built.legend]


def test_unpublished_years_are_dashed():
    built = strip.build(rules().due(PLAN, 2027), CALENDAR, date(2027, 2, 22))
    days = boxes(built)
    assert days[date(2027, 2, 28)].classes == "rest prov"
    assert (days[date(2027, 3, 1)].classes, days[date(2027, 3, 1)].text) == ("due prov", "3/1")
    assert days[date(2027, 3, 1)].title.endswith("暂定")


def test_the_template_needs_no_inline_style():
    built = strip.build(rules().due(OPENING, date(2026, 10, 12)), CALENDAR, date(2026, 9, 1))
    html = render_to_string("parts/strip.html", {"strip": built})
    assert '<li class="due" title="9月21日 星期一，第 10 个工作日">21<small>截止</small></li>' in html
    assert "style=" not in html

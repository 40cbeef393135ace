"""Badges of deadlines: what is left in working days, and in which colour."""

from dataclasses import replace
from datetime import date, datetime, time

import pytest

from luojiang_ce.clock import SHANGHAI
from luojiang_ce.workdays import badges
from luojiang_ce.workdays.calendar import Calendar
from tests.luojiang_ce.workdays.rules import OPENING, PLAN, REPLY

from .rules import rules

CALENDAR = Calendar()
CLASS = rules().due(OPENING, date(2026, 12, 14))  # due Monday 2026-11-30
ANSWER = rules().due(REPLY, date(2026, 11, 23))  # due Monday 2026-11-30


def at(day: date, hour: int = 9) -> datetime:
    return datetime.combine(day, time(hour), SHANGHAI)


@pytest.mark.parametrize(
    ("today", "meaning", "label", "text"),
    [
        (date(2026, 11, 20), "is-wait", "剩 6 个工作日", "11月30日 周一"),
        (date(2026, 11, 23), "is-soon", "剩 5 个工作日", "11月30日 周一"),
        (date(2026, 11, 24), "is-soon", "剩 4 个工作日", "11月30日 周一"),
        (date(2026, 11, 30), "is-soon", "今天截止", "24:00 前"),
        (date(2026, 12, 1), "is-late", "逾期 1 个工作日", "11月30日 周一"),
        (date(2026, 12, 2), "is-late", "逾期 2 个工作日", "11月30日 周一"),
    ],
)
def test_of_a_unit(today, meaning, label, text):
    badge = badges.open_badge(CLASS, CALENDAR, at(today))
    assert (badge.meaning, badge.label, badge.text) == (meaning, label, text)
    assert badge.title == CLASS.explanation


def test_late_on_the_rest_day_after_the_due_day():
    found = rules().due(OPENING, date(2026, 12, 11))  # due Friday 2026-11-27
    badge = badges.open_badge(found, CALENDAR, at(date(2026, 11, 28)))
    assert (badge.meaning, badge.label) == ("is-late", "已截止")


def test_provisional_while_it_is_far_away():
    badge = badges.open_badge(rules().due(PLAN, 2027), CALENDAR, at(date(2026, 11, 24)))
    assert (badge.meaning, badge.label, badge.text) == ("is-prov", "暂定", "2027年3月1日 周一")
    assert badge.title.startswith("剩 ")
    near = badges.open_badge(rules().due(PLAN, 2027), CALENDAR, at(date(2027, 2, 25)))
    assert (near.meaning, near.text) == ("is-soon", "3月1日 周一（暂定）")


def test_a_due_day_without_rolling_may_be_a_rest_day():
    found = rules(roll=False).due(PLAN, 2027)  # Sunday
    badge = badges.open_badge(found, CALENDAR, at(date(2027, 2, 27)))
    assert (badge.meaning, badge.label) == ("is-soon", "明天截止")


def test_after_the_hour_at_which_the_bureau_closes():
    found = rules(cutoff_minutes=1050).due(OPENING, date(2026, 12, 14))
    before, after = (badges.open_badge(found, CALENDAR, at(date(2026, 11, 30), hour)) for hour in (17, 18))
    assert (before.meaning, before.text) == ("is-soon", "17:30 前")
    assert (after.meaning, after.label) == ("is-late", "已截止")


def test_of_what_was_filed():
    in_time = badges.filed_badge(CLASS, at(date(2026, 11, 18)))
    late = badges.filed_badge(CLASS, at(date(2026, 12, 1)))
    assert (in_time.meaning, in_time.label, in_time.text) == ("is-done", "按时", "截止 11月30日，11月18日报")
    assert (late.meaning, late.label) == ("is-late", "逾期报送")


@pytest.mark.parametrize(
    ("today", "meaning", "label", "used"),
    [
        (date(2026, 11, 23), "is-wait", "剩 5 个工作日", 0),
        (date(2026, 11, 24), "is-wait", "剩 4 个工作日", 1),
        (date(2026, 11, 27), "is-soon", "剩 1 个工作日", 4),
        (date(2026, 11, 29), "is-soon", "明天到期", 4),
        (date(2026, 11, 30), "is-soon", "今天到期", 5),
        (date(2026, 12, 1), "is-late", "已超期，视为受理", 5),
    ],
)
def test_of_the_bureaus_own_clock(today, meaning, label, used):
    clock = badges.bureau_clock(ANSWER, CALENDAR, at(today))
    assert (clock.meaning, clock.label, sum(clock.marks), len(clock.marks)) == (meaning, label, used, 5)
    assert badges.bureau_badge(ANSWER, CALENDAR, at(today)).label == f"本局{label}"


def test_only_what_the_law_says_so_of_counts_as_received():
    late = replace(ANSWER, kind=replace(ANSWER.kind, unmet=""))
    assert badges.bureau_badge(late, CALENDAR, at(date(2026, 12, 1)), "卫健局").label == "卫健局已超期"

"""Deadlines: the public cases, the settings in force, the edges of a day, and what must always hold."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from luojiang_ce.clock import SHANGHAI
from luojiang_ce.workdays.calendar import Calendar, DayKind, Entry
from luojiang_ce.workdays.deadlines import (
    NoSettingsError,
    OpeningMode,
    Rules,
    is_in_time,
    working_days_left,
)
from luojiang_ce.workdays.lookup import NotUnderstoodError, deadline_from_text
from tests.luojiang_ce.workdays.rules import MENDING, OPENING, PLAN, RECOGNITION, REPLY, VERIFICATION

from .rules import rules, shipped_settings

DAY = timedelta(days=1)
CASES = json.loads((Path(__file__).parents[2] / "data" / "deadlines.json").read_text(encoding="utf-8"))["cases"]


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=SHANGHAI)


official_days = st.dates(date(2004, 2, 1), date(2027, 12, 31))


@pytest.mark.notice("一(五)1")
@pytest.mark.notice("一(五)2")
@pytest.mark.notice("一(五)3")
@pytest.mark.notice("二(一)")
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['kind']}-{case['from']}")
def test_public_case(case):
    found = deadline_from_text(rules(), case["kind"], case["from"])
    assert found.due.isoformat() == case["due"]
    assert found.provisional == case.get("provisional", False)


def test_says_how_the_opening_deadline_was_counted():
    found = rules().due(OPENING, date(2026, 10, 12))
    assert found.explanation.startswith(
        "2026年10月12日开班，提前至少 10 个工作日：从开班前一日 10月11日 往回数，第 10 个工作日是 2026年9月21日 周一"
    )
    by_day = {day.date: day for day in found.days}
    assert by_day[date(2026, 9, 21)].number == 10
    assert by_day[date(2026, 10, 10)].why == "第 1 个工作日，调休上班"
    assert by_day[date(2026, 10, 1)].why == "国庆节放假"
    assert not by_day[date(2026, 10, 12)].counted
    assert [day.date for day in found.days] == sorted(by_day)


def test_clear_mode_asks_one_working_day_more():
    assert rules(opening_mode=OpeningMode.CLEAR).due(OPENING, date(2026, 10, 12)).due == date(2026, 9, 20)


def test_recognition_counts_rest_days_and_rolls_only_at_the_end():
    found = rules().due(RECOGNITION, date(2026, 1, 17))
    numbered = [day for day in found.days if day.number]
    assert [day.number for day in numbered] == list(range(1, 30))
    assert found.days[30].why == "春节放假，顺延"
    assert found.days[-1].date == found.due == date(2026, 2, 24)
    assert "顺延至下一个工作日 2026年2月24日 周二" in found.explanation


def test_without_rolling_february_ends_on_its_last_day():
    found = rules(roll=False).due(PLAN, 2027)
    assert (found.due, found.provisional) == (date(2027, 2, 28), False)


def test_leap_years():
    assert rules().due(PLAN, 2024).due == date(2024, 2, 29)


@pytest.mark.parametrize(
    ("found", "provisional"),
    [
        (rules().due(OPENING, date(2026, 12, 29)), False),
        (
            rules().due(OPENING, date(2026, 12, 30)),
            True,
        ),  # 29 December may still become a rest day
        (rules().due(OPENING, date(2027, 1, 1)), True),
        (rules().due(OPENING, date(2027, 1, 5)), True),
        (rules().due(RECOGNITION, date(2026, 11, 28)), False),  # due on 28 December
        (rules().due(RECOGNITION, date(2026, 12, 1)), True),  # due on 31 December
        (rules(Calendar(arranged=frozenset({2027}))).due(RECOGNITION, date(2026, 12, 1)), False),
        (rules().due(RECOGNITION, date(2026, 12, 15)), True),
        (rules().due(REPLY, date(2026, 12, 25)), True),
        (rules().due(VERIFICATION, 2025), False),
    ],
)
def test_provisional_where_a_day_looked_at_is_not_published(found, provisional):
    assert found.provisional is provisional
    assert ("暂定" in found.explanation) is provisional


def test_a_published_year_is_not_provisional_any_more():
    calendar = Calendar({date(2027, 2, 28): Entry(DayKind.MAKEUP)}, frozenset({2027}))
    found = rules(calendar).due(PLAN, 2027)
    assert (found.due, found.provisional) == (date(2027, 2, 28), False)


def test_a_closure_moves_an_open_deadline():
    closed = Calendar({date(2026, 9, 21): Entry(DayKind.CLOSURE, "台风停工")})
    assert rules(closed).due(OPENING, date(2026, 10, 12)).due == date(2026, 9, 20)


class TestSettingsInForce:
    """domain.md §3: each deadline takes the settings of its own anchor, the calendar is always the present one."""

    timeline = (shipped_settings(), replace(shipped_settings(), valid_from=date(2026, 6, 1), opening_days=15))

    def test_opening_takes_those_of_the_opening_day(self):
        both = Rules(Calendar(), self.timeline)
        assert both.due(OPENING, date(2026, 5, 31)).due == rules().due(OPENING, date(2026, 5, 31)).due
        assert both.due(OPENING, date(2026, 6, 1)).due == rules(opening_days=15).due(OPENING, date(2026, 6, 1)).due

    def test_plan_and_verification_take_those_of_new_years_day_of_the_filing_year(self):
        later = replace(shipped_settings(), valid_from=date(2027, 1, 1), roll=False)
        both = Rules(Calendar(), (shipped_settings(), later))
        assert both.due(VERIFICATION, 2026).due == date(2027, 2, 28)
        too_late = Rules(Calendar(), (shipped_settings(), replace(later, valid_from=date(2027, 1, 2))))
        assert too_late.due(VERIFICATION, 2026).due == date(2027, 3, 1)
        assert too_late.due(PLAN, 2027).due == date(2027, 3, 1)

    def test_none_in_force_is_said(self):
        late = replace(shipped_settings(), valid_from=date(2026, 1, 1))
        with pytest.raises(NoSettingsError, match="2025年12月31日没有可用的期限参数"):
            Rules(Calendar(), (late,)).due(OPENING, date(2025, 12, 31))


class TestInTime:
    """Until 24:00 of Beijing, wherever the server stands."""

    @pytest.mark.parametrize(
        ("moment", "in_time"),
        [
            (datetime(2026, 9, 21, 23, 59, 59, 999999, SHANGHAI), True),
            (datetime(2026, 9, 22, 0, 0, 0, 0, SHANGHAI), False),
            (datetime(2026, 9, 21, 15, 59, 59, 999999, UTC), True),
            (datetime(2026, 9, 21, 16, 0, 0, 0, UTC), False),
        ],
    )
    def test_at_midnight(self, moment, in_time):
        assert is_in_time(rules().due(OPENING, date(2026, 10, 12)), moment) is in_time

    def test_a_bureau_that_closes_earlier(self):
        found = rules(cutoff_minutes=17 * 60 + 30).due(OPENING, date(2026, 10, 12))
        assert is_in_time(found, datetime(2026, 9, 21, 17, 29, 59, tzinfo=SHANGHAI))
        assert not is_in_time(found, datetime(2026, 9, 21, 17, 30, tzinfo=SHANGHAI))
        assert "当日 17:30 前报送均为按时" in found.explanation
        evening = rules(cutoff_minutes=17 * 60 + 30).earliest(OPENING, datetime(2026, 9, 21, 18, tzinfo=SHANGHAI))
        assert evening == date(2026, 10, 13)


@pytest.mark.parametrize(
    ("today", "left"),
    [
        (date(2026, 11, 24), 4),
        (date(2026, 11, 28), 1),  # Saturday before the Monday
        (date(2026, 11, 30), 0),
        (date(2026, 12, 1), -1),
        (date(2026, 12, 5), -4),  # a Saturday adds nothing
    ],
)
def test_working_days_left(today, left):
    assert working_days_left(Calendar(), today, date(2026, 11, 30)) == left


class TestAlways:
    """What must hold on every day of 2004–2027."""

    @given(official_days)
    def test_never_due_on_a_rest_day(self, day):
        both = rules()
        for found in (both.due(OPENING, day), both.due(RECOGNITION, day), both.due(REPLY, day), both.due(MENDING, day)):
            assert both.calendar.is_working(found.due)

    @pytest.mark.parametrize("year", range(2004, 2028))
    def test_february_in_every_year(self, year):
        found = rules().due(PLAN, year)
        last = date(year, 3, 1) - DAY
        assert found.due >= last
        assert rules().calendar.is_working(found.due)
        assert not any(rules().calendar.is_working(last + n * DAY) for n in range((found.due - last).days))
        assert found.due == rules().due(VERIFICATION, year - 1).due

    @given(official_days, st.integers(0, 60))
    def test_later_starts_are_never_due_earlier(self, day, more):
        both = rules()
        for kind in (OPENING, RECOGNITION, REPLY, MENDING):
            assert both.due(kind, day).due <= both.due(kind, day + more * DAY).due

    @given(official_days)
    def test_ten_working_days_lie_between_filing_and_opening(self, opens):
        found = rules().due(OPENING, opens)
        between = [found.due + n * DAY for n in range((opens - found.due).days)]
        assert sum(map(rules().calendar.is_working, between)) == 10

    @given(official_days, st.sampled_from(OpeningMode))
    @settings(max_examples=200)
    def test_the_opening_rule_and_its_inverse_agree(self, filed, mode):
        both = rules(opening_mode=mode)
        earliest = both.earliest(OPENING, noon(filed))
        assert both.due(OPENING, earliest).due >= filed
        assert both.due(OPENING, earliest - DAY).due < filed
        assert both.earliest(OPENING, noon(both.due(OPENING, earliest).due)) == earliest

    @given(official_days)
    def test_recognition_is_due_on_day_thirty_or_the_next_working_day(self, ended):
        due = rules().due(RECOGNITION, ended).due
        assert due == rules().calendar.on_or_after(ended + 30 * DAY)


@pytest.mark.parametrize(
    ("kind", "start", "says"),
    [
        ("lunch", "2026", "不认识的期限种类“lunch”"),
        ("mending", "2026-01-05", "不认识的期限种类"),
        ("plan", "26", "不是年份"),
        ("plan", "２０２６", "不是年份"),
        ("plan", "1999", "不在工作日历的范围内"),
        ("verification", "2099", "2100年不在工作日历的范围内"),
        ("opening", "2026", "不是日期"),
        ("opening", "2026-W10-1", "不是日期"),
        ("opening", "2026-02-30", "没有 2026-02-30 这一天"),
        ("opening", "2004-01-05", "2003年不在工作日历的范围内"),
        ("reply", "9999-12-31", "9999年不在工作日历的范围内"),
        ("recognition", "0001-01-01", "不在工作日历的范围内"),
    ],
)
def test_says_what_was_not_understood(kind, start, says):
    with pytest.raises((NotUnderstoodError, ValueError), match=says):
        deadline_from_text(rules(), kind, start)

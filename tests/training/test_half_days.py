"""Why a half-day counts, once for attendance and recognition; which half-days are still ahead."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luojiang_ce.clock import SHANGHAI
from training.choices import HalfDay
from training.half_days import (
    Lesson,
    Why,
    ahead,
    all_slots,
    current,
    is_in_order,
    on_until,
    slots_of,
    to_minute,
    why_of,
)

DAY = date(2026, 5, 11)
times = st.lists(st.times(), max_size=4)


@pytest.mark.notice("一(五)3")
@pytest.mark.parametrize(
    ("ins", "outs", "why"),
    [
        ([], [], Why.ABSENT),
        ([], [time(11)], Why.NO_SIGN_IN),
        ([time(8)], [], Why.NO_SIGN_OUT),
        ([time(11)], [time(8)], Why.OUT_BEFORE_IN),
        ([time(8, 20)], [time(8, 20)], Why.OUT_BEFORE_IN),
        ([time(8, 20, 1)], [time(8, 20, 59)], Why.OUT_BEFORE_IN),
        ([time(8, 20, 59)], [time(8, 21, 0)], Why.COUNTED),
        ([time(19, 0)], [time(0, 10)], Why.OUT_BEFORE_IN),
        ([time(9), time(8)], [time(8, 30), time(7)], Why.COUNTED),
    ],
)
def test_each_reason(ins, outs, why):
    assert why_of(ins, outs) is why
    assert why_of(ins, outs, excluded=True) is Why.EXCLUDED


@given(times, times)
def test_counts_with_any_in_before_any_out_to_the_minute(ins, outs):
    pairs = any(to_minute(first) < to_minute(last) for first in ins for last in outs)
    assert (why_of(ins, outs) is Why.COUNTED) is pairs


@given(st.times(), st.times())
def test_seconds_decide_nothing(first, last):
    assert is_in_order(first, last) == is_in_order(first.replace(second=0, microsecond=0), last.replace(second=59))


def test_half_days_stand_in_the_order_of_the_day():
    assert HalfDay.values == ["morning", "afternoon", "evening"]


def test_a_half_day_of_a_ceremony_is_one_and_asks_for_no_sign():
    opening = Lesson(DAY, "evening", "professional", Decimal(0), counts=False, starts_at=time(19), ends_at=time(20))
    lecture = Lesson(DAY, "morning", "professional", Decimal(4), starts_at=time(8, 30), ends_at=time(11, 30))
    assert [slot.half_day for slot in all_slots([opening, lecture])] == ["morning", "evening"]
    assert [slot.half_day for slot in slots_of([opening, lecture])] == ["morning"]


def test_a_half_day_that_begins_now_is_not_ahead_any_more():
    rows = [Lesson(DAY, "morning", "public", Decimal(4), starts_at=time(8, 30), ends_at=time(11, 30))]
    at = datetime(2026, 5, 11, 8, 29, tzinfo=SHANGHAI)
    assert ahead(all_slots(rows), at) == all_slots(rows)
    assert ahead(all_slots(rows), at.replace(minute=30)) == []


class TestTheHalfDayThatIsOn:
    AFTER = timedelta(hours=1)
    SPANS = (("morning", 8, 11), ("afternoon", 14, 17), ("evening", 18, 20))

    @pytest.fixture
    def slots(self):
        rows = [
            Lesson(day, half_day, "public", Decimal(3), starts_at=time(begins), ends_at=time(ends))
            for day in (DAY, DAY + timedelta(days=1))
            for half_day, begins, ends in self.SPANS
        ]
        return slots_of(rows)

    @pytest.mark.parametrize(
        ("day", "hour", "minute", "half_day", "on"),
        [
            (10, 12, 0, "morning", 11),
            (11, 11, 59, "morning", 11),  # an hour after its end people still sign out
            (11, 12, 0, "afternoon", 11),
            (11, 17, 29, "afternoon", 11),
            (11, 17, 30, "evening", 11),  # half-way to the next, which people sign in to
            (11, 21, 0, "morning", 12),
            (13, 9, 0, "evening", 12),  # all are over: the last
        ],
    )
    def test_it_is_on_for_a_while_after_its_end(self, slots, day, hour, minute, half_day, on):
        found = current(slots, datetime(2026, 5, day, hour, minute, tzinfo=SHANGHAI), self.AFTER)
        assert (found.half_day, found.date.day) == (half_day, on)

    def test_there_is_none_of_none(self):
        assert current([], datetime(2026, 5, 11, tzinfo=SHANGHAI), self.AFTER) is None
        assert on_until([], self.AFTER) == []

"""Why a half-day counts, once for attendance and recognition; which half-days are still ahead."""

from datetime import date, datetime, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luojiang_ce.clock import SHANGHAI
from training.choices import HalfDay
from training.half_days import Lesson, Why, ahead, all_slots, is_in_order, slots_of, to_minute, why_of

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

"""The half-days of a timetable, and the punches of a clock put into them."""

from datetime import date, time
from decimal import Decimal

import pytest

from training.attendance.sheet import pair, slot_at
from training.half_days import Lesson, slots_of

DAY = date(2026, 5, 11)


def lesson(half_day="morning", start=(8, 30), end=(11, 30), *, day=DAY, **kwargs):
    facts = {"subject": "professional", "hours": Decimal(4), "course": "检测技术", **kwargs}
    return Lesson(day, half_day, starts_at=time(*start), ends_at=time(*end), **facts)


SLOTS = slots_of([lesson(), lesson("afternoon", (14, 0), (17, 0))])


@pytest.mark.notice("一(五)3")
def test_half_days_come_in_order_of_time_with_the_span_of_all_their_rows():
    rows = [
        lesson("evening", (19, 0), (20, 30), hours=Decimal(2)),
        lesson("afternoon", (14, 0), (15, 30), hours=Decimal(2)),
        lesson("afternoon", (15, 30), (17, 0), course="结业考试", counts=False, hours=Decimal(0)),
        lesson(),
    ]
    morning, afternoon, evening = slots_of(rows)
    assert [slot.half_day for slot in (morning, afternoon, evening)] == ["morning", "afternoon", "evening"]
    assert (afternoon.starts_at, afternoon.ends_at) == (time(14), time(17))
    assert afternoon.courses == ("检测技术",)
    assert afternoon.hours == Decimal(2)


def test_a_half_day_of_rows_that_do_not_count_asks_for_no_sign():
    assert slots_of([lesson(course="报到", counts=False)]) == []


@pytest.mark.parametrize(
    ("at", "half_day"),
    [
        (time(7, 30), "morning"),
        (time(11, 40), "morning"),
        (time(12, 20), "morning"),
        (time(13, 20), "afternoon"),
        (time(18, 0), "afternoon"),
    ],
)
def test_a_punch_belongs_to_the_nearest_half_day(at, half_day):
    assert slot_at(DAY, at, SLOTS).half_day == half_day


@pytest.mark.parametrize("at", [time(7, 29), time(12, 45), time(18, 1), time(0, 0)])
def test_a_punch_more_than_an_hour_off_belongs_to_none(at):
    assert slot_at(DAY, at, SLOTS) is None


def test_a_punch_of_another_day_belongs_to_none():
    assert slot_at(date(2026, 5, 12), time(8, 30), SLOTS) is None


def test_first_and_last_punch_make_in_and_out():
    assert pair([time(11, 31), time(8, 20), time(9, 40)], SLOTS[0]) == (time(8, 20), time(11, 31))


def test_a_single_punch_makes_nothing_up():
    assert pair([time(8, 20)], SLOTS[0]) == (time(8, 20), None)
    assert pair([time(11, 20)], SLOTS[0]) == (None, time(11, 20))

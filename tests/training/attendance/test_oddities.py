"""Oddities are pointed out (product.md A3)."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal

from training.attendance.oddities import Kind, oddities_of
from training.half_days import Sign, Slot

DAY = date(2026, 5, 11)
MORNING = Slot(DAY, "morning", time(8, 30), time(11, 30), ("检测技术",), Decimal(4))
LATER = datetime(2026, 5, 11, 20, 0)


def signed(person, at, *, is_in=True, day=DAY, half_day="morning", recorded=LATER, device=""):
    return Sign(person, day, half_day, is_in, at, recorded, device)


def kinds(signs, elsewhere=None):
    return [oddity.kind for oddity in oddities_of([MORNING], signs, elsewhere or {})]


def test_an_ordinary_half_day_has_nothing_odd():
    signs = [signed(n, time(8, 20 + n)) for n in range(5)] + [
        signed(n, time(11, 30 + n), is_in=False) for n in range(5)
    ]
    assert kinds(signs) == []


def test_the_same_minute_for_everybody():
    found = oddities_of([MORNING], [signed(n, time(8, 25)) for n in range(5)], {})
    assert [oddity.kind for oddity in found] == [Kind.SAME_MINUTE]
    assert found[0].detail == "签到均为 08:25"
    assert found[0].people == (0, 1, 2, 3, 4)


def test_a_handful_in_the_same_minute_is_chance():
    assert kinds([signed(n, time(8, 25)) for n in range(4)]) == []
    assert kinds([signed(n, time(8, 25)) for n in range(5)] + [signed(9, time(8, 26))]) == []


def test_one_device_for_many():
    signs = [signed(1, time(8, 20), device="a"), signed(2, time(8, 21), device="a"), signed(3, time(8, 22), device="b")]
    found = oddities_of([MORNING], signs, {})
    assert [(oddity.kind, oddity.people) for oddity in found] == [(Kind.ONE_DEVICE, (1, 2))]


def test_one_person_with_one_device_is_not_odd():
    assert kinds([signed(1, time(8, 20), device="a"), signed(1, time(11, 30), is_in=False, device="a")]) == []


def test_two_classes_in_one_half_day():
    found = oddities_of([MORNING], [signed(1, time(8, 20)), signed(2, time(8, 21))], {(2, MORNING.key): "心理健康讲座"})
    assert [(oddity.kind, oddity.people, oddity.detail) for oddity in found] == [
        (Kind.TWO_CLASSES, (2,), "另一个班：心理健康讲座")
    ]


def test_a_sign_more_than_an_hour_outside_the_half_day():
    assert kinds([signed(1, time(7, 30)), signed(1, time(12, 30), is_in=False)]) == []
    assert kinds([signed(1, time(7, 29))]) == [Kind.OUTSIDE]
    assert kinds([signed(1, time(12, 31), is_in=False)]) == [Kind.OUTSIDE]


def test_a_half_day_that_the_timetable_does_not_have():
    assert kinds([signed(1, time(19, 0), half_day="evening")]) == [Kind.NOT_PLANNED]


def test_a_sign_recorded_before_its_time():
    early = datetime.combine(DAY, time(8, 0)) - timedelta(minutes=1)
    assert kinds([signed(1, time(8, 0), recorded=early)]) == [Kind.AHEAD]


def test_a_device_that_changes_hands_between_half_days_is_pointed_out_once():
    afternoon = Slot(DAY, "afternoon", time(14), time(17), ("检测技术",), Decimal(4))
    signs = [
        signed("a", time(8, 20), device="x"),
        signed("a", time(11, 40), is_in=False, device="x"),
        signed("b", time(13, 50), half_day="afternoon", device="x"),
        signed("b", time(17, 2), is_in=False, half_day="afternoon", device="x"),
        signed("c", time(13, 52), half_day="afternoon", device="y"),
        signed("c", time(8, 21), device="y"),
    ]
    found = oddities_of([MORNING, afternoon], signs, {})
    assert [(each.kind, each.half_day, each.people) for each in found] == [(Kind.ONE_DEVICE, "afternoon", ("a", "b"))]
    assert found[0].detail == "先后在不同的半日"

"""The code on the screen: good for a moment, for one class, half-day and kind; nothing of it can be made up."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luojiang_ce.clock import SHANGHAI
from training.attendance.phone.code import (
    IN,
    OUT,
    WINDOW,
    BadCode,
    Code,
    Flaw,
    kind_at,
    open_times,
    read,
    window_of,
    write,
)
from training.half_days import Slot

KEY = b"the key of the test"
NOW = datetime(2026, 5, 11, 8, 21, 0, tzinfo=SHANGHAI)
MORNING = Slot(date(2026, 5, 11), "morning", time(8, 30), time(11, 30), ("检测技术",), Decimal(4))


def code(moment=NOW, **kwargs):
    return Code(
        **{"course": 7, "date": date(2026, 5, 11), "half_day": "morning", "kind": IN} | kwargs, window=window_of(moment)
    )


def flaw(text, moment=NOW, course=7, key=KEY):
    with pytest.raises(BadCode) as bad:
        read(text, course=course, key=key, moment=moment)
    return bad.value


def test_a_code_says_class_half_day_and_kind():
    made = code(half_day="evening", kind=OUT)
    assert read(write(made, KEY), course=7, key=KEY, moment=NOW) == made


def test_it_is_taken_in_its_window_and_the_next_and_no_longer():
    begins = datetime.fromtimestamp(window_of(NOW) * WINDOW, SHANGHAI)
    text = write(code(), KEY)
    for seconds in (0, 29, 30, 59):
        read(text, course=7, key=KEY, moment=begins + timedelta(seconds=seconds))
    for seconds in (60, 61, 3600, 86400, -1):
        assert flaw(text, begins + timedelta(seconds=seconds)).flaw == Flaw.OLD


def test_an_old_code_and_one_of_another_class_say_what_they_are():
    bad = flaw(write(code(NOW - timedelta(days=1), kind=OUT), KEY))
    assert (bad.flaw, bad.code.kind) == (Flaw.OLD, OUT)
    assert flaw(write(code(), KEY), course=8).flaw == Flaw.OTHER_CLASS


def test_a_code_of_another_key_is_none():
    assert flaw(write(code(), b"another key")).flaw == Flaw.NOT_OURS


@pytest.mark.parametrize("text", ["", "x", "7-20260511mi-1-", "../../etc", "７-20260511mi-1-00000000000000000000"])
def test_what_is_no_code_is_none(text):
    assert flaw(text).flaw == Flaw.NOT_OURS


@given(st.data())
def test_no_changed_sign_is_taken(data):
    text = write(code(), KEY)
    place = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.sampled_from("0123456789abcdefmeio-").filter(lambda sign: sign != text[place]))
    assert flaw(text[:place] + other + text[place + 1 :]).flaw == Flaw.NOT_OURS


def test_nothing_in_the_picture_lets_the_next_code_be_made():
    """Two codes of one class share no part of what makes them genuine."""
    one, next_one = (write(code(NOW + timedelta(seconds=s)), KEY).rpartition("-")[2] for s in (0, 30))
    assert one != next_one
    assert KEY.hex() not in one
    assert len({write(code(kind=kind), KEY).rpartition("-")[2] for kind in (IN, OUT)}) == 2


def test_when_phones_sign():
    opens, closes = open_times(MORNING, IN)
    assert (opens.time(), closes.time()) == (time(7, 30), time(11, 30))
    opens, closes = open_times(MORNING, OUT)
    assert (opens.time(), closes.time()) == (time(8, 30), time(12, 30))


def test_signing_out_of_a_late_evening_ends_with_the_day():
    late = Slot(date(2026, 5, 11), "evening", time(21, 0), time(23, 30), ("检测技术",), Decimal(3))
    assert open_times(late, OUT)[1] == datetime(2026, 5, 11, 23, 59, 59, tzinfo=SHANGHAI)


@pytest.mark.parametrize(("at", "kind"), [((8, 0), IN), ((11, 19), IN), ((11, 20), OUT), ((12, 0), OUT)])
def test_the_screen_turns_to_signing_out_before_the_end(at, kind):
    assert kind_at(MORNING, datetime(2026, 5, 11, *at, tzinfo=SHANGHAI)) == kind

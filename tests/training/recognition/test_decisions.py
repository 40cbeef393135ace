"""The handler's decisions replace what was counted; entries of the ledger are split by 公共必修课."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.choices import HalfDay
from training.half_days import Lesson
from training.recognition.hours import (
    Amount,
    Decision,
    Final,
    PersonResult,
    Portion,
    final_amounts,
    is_reduced,
    is_undecided,
    portions,
)

D = Decimal
COUNTED = (Amount(2026, "professional", D(12)), Amount(2026, "public", D(4)))
MORNING, AFTERNOON = (date(2026, 5, 11), HalfDay.MORNING), (date(2026, 5, 11), HalfDay.AFTERNOON)


def test_without_decisions_everything_stands_as_counted():
    assert final_amounts(COUNTED, []) == (
        Final(2026, "professional", D(12), D(12)),
        Final(2026, "public", D(4), D(4)),
    )


def test_a_decision_replaces_one_amount_and_keeps_what_was_counted():
    finals = final_amounts(COUNTED, [Decision(2026, "public", D(2), "早退")])
    assert finals[0] == Final(2026, "professional", D(12), D(12))
    assert finals[1] == Final(2026, "public", D(2), D(4), "早退")


def test_a_decision_may_give_what_was_not_counted():
    assert final_amounts((), [Decision(2026, "class_2", D(3), "参加四分之三")]) == (
        Final(2026, "class_2", D(3), D(0), "参加四分之三"),
    )


@pytest.mark.parametrize(
    ("decide", "decisions", "undecided"),
    [(True, (), True), (True, (Decision(2026, "public", D(0), "缺考"),), False), (False, (), False)],
)
def test_who_must_be_decided_is_undecided_until_decided(decide, decisions, undecided):
    assert is_undecided(PersonResult(1, (), (), decide), decisions) is undecided


def test_less_than_counted_is_a_reduction():
    assert not is_reduced(COUNTED, final_amounts(COUNTED, []))
    assert not is_reduced(COUNTED, final_amounts(COUNTED, [Decision(2026, "public", D(6), "x")]))
    assert is_reduced(COUNTED, final_amounts(COUNTED, [Decision(2026, "public", D(3), "x")]))
    assert is_reduced(COUNTED, final_amounts(COUNTED[:1], []))


ROWS = [
    Lesson(*MORNING, "public", D(2), required_course="师德修养"),
    Lesson(*MORNING, "public", D(2)),
    Lesson(*AFTERNOON, "public", D(4), required_course="信息技术"),
    Lesson(*AFTERNOON, "professional", D(1), required_course="信息技术"),
]


def split(amount, counted=(MORNING, AFTERNOON)):
    return list(portions([Final(2026, "public", D(amount), D(8))], ROWS, counted))


@pytest.mark.notice("一(三)3")
def test_each_required_course_is_a_portion_of_its_own():
    assert split(8) == [
        Portion(2026, "public", "师德修养", D(2)),
        Portion(2026, "public", "信息技术", D(4)),
        Portion(2026, "public", "", D(2)),
    ]


def test_a_course_that_was_not_attended_is_none():
    assert split(4, counted=(MORNING,)) == [
        Portion(2026, "public", "师德修养", D(2)),
        Portion(2026, "public", "", D(2)),
    ]


def test_a_smaller_amount_fills_the_courses_in_order():
    assert split(3) == [Portion(2026, "public", "师德修养", D(2)), Portion(2026, "public", "信息技术", D(1))]


def test_a_surplus_belongs_to_no_course():
    assert split(9)[-1] == Portion(2026, "public", "", D(3))


def test_nothing_recognised_is_no_portion():
    assert split(0) == []


@given(amount=st.decimals(0, 20, places=1), counted=st.sets(st.sampled_from([MORNING, AFTERNOON])))
def test_portions_always_come_to_the_amount(amount, counted):
    found = split(amount, tuple(counted))
    assert sum((portion.amount for portion in found), D(0)) == amount
    assert all(portion.amount > 0 for portion in found)

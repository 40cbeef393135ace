"""Which extension moves which deadline. Pure: no database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import pytest

from luojiang_ce.clock import SHANGHAI
from luojiang_ce.workdays.calendar import Calendar
from luojiang_ce.workdays.deadlines import DeadlineSettings, OpeningMode, is_in_time, later
from tests.luojiang_ce.workdays.rules import MENDING, OPENING, PLAN, VERIFICATION
from units.terms import Grant, Terms

SETTINGS = DeadlineSettings(date(2004, 1, 1), 10, OpeningMode.DIFFERENCE, 30, 5, 5, True, 24 * 60)
SAID = "经区人社局批准延期（2026-YQ-001）"


@dataclass
class AUnit:
    pk: int = 7
    nature: str = "school"


def terms(*grants: Grant) -> Terms:
    return Terms(Calendar(), (SETTINGS,), grants)


def grant(due: date = date(2026, 3, 20), **facts) -> Grant:
    return Grant(**{"kind": PLAN, "subject": "2026", "due": due, "said": SAID, **facts})


@pytest.mark.parametrize(
    ("facts", "moved"),
    [
        ({"unit_id": 7}, True),
        ({"unit_id": 8}, False),
        ({"nature": "school"}, True),
        ({"nature": "medical"}, False),
        ({}, True),
        ({"subject": "2027"}, False),
        ({"kind": VERIFICATION}, False),
    ],
)
def test_for_whom_and_for_what(facts, moved):
    deadline = terms(grant(**facts)).due_for(PLAN, 2026, AUnit(), "2026")
    assert deadline.due == (date(2026, 3, 20) if moved else date(2026, 2, 28))
    assert (deadline.extended_from == date(2026, 2, 28)) is moved


def test_the_latest_of_several_holds_and_none_shortens():
    several = terms(grant(date(2026, 3, 10)), grant(date(2026, 3, 20)), grant(date(2026, 1, 5)))
    assert several.due_for(PLAN, 2026, AUnit(), "2026").due == date(2026, 3, 20)
    assert terms(grant(date(2026, 1, 5))).due_for(PLAN, 2026, AUnit(), "2026").due == date(2026, 2, 28)


def test_what_it_is_for_may_have_been_moved_before_the_day_that_was_granted():
    """A class that opens on 12 October, granted until the 11th, and brought forward a day after it was granted."""
    granted = grant(date(2026, 10, 11), kind=OPENING, subject="3", unit_id=7, anchor=date(2026, 10, 1))
    assert terms(granted).due_for(OPENING, date(2026, 10, 9), AUnit(), "3").due == date(2026, 10, 8)


def test_it_says_who_decided_and_closes_at_the_cut_off_of_the_new_day():
    deadline = terms(grant()).due_for(PLAN, 2026, AUnit(), "2026")
    assert SAID in deadline.explanation
    assert "2026年3月20日 周五" in deadline.explanation
    assert is_in_time(deadline, datetime(2026, 3, 20, 23, 59, 59, tzinfo=SHANGHAI))
    assert not is_in_time(deadline, datetime(2026, 3, 21, tzinfo=SHANGHAI))


def test_a_class_moved_to_an_earlier_opening_is_not_covered():
    given = grant(date(2026, 9, 30), kind=OPENING, subject="3", anchor=date(2026, 10, 12))
    held = terms(given)
    assert held.due_for(OPENING, date(2026, 10, 12), AUnit(), "3").due == date(2026, 9, 30)
    assert held.due_for(OPENING, date(2026, 10, 9), AUnit(), "3").extended_from is None
    assert held.due_for(OPENING, date(2026, 10, 12), AUnit(), "4").extended_from is None


def test_of_two_deadlines_the_later_one():
    rules = terms()
    mending, first = rules.due(MENDING, date(2026, 2, 27)), rules.due(PLAN, 2026)
    assert later(first, mending) is mending
    assert later(rules.due(PLAN, 2027), mending).due == date(2027, 3, 1)
    assert later(None, mending) is mending

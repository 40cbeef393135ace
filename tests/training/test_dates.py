"""Days on forms are those of the district: half past midnight there is still the day before in UTC."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from luojiang_ce import clock
from tests.training.classes.factories import an_application
from tests.training.plans.factories import a_plan
from training.classes import form2, form3, timetable
from training.classes.models import ClassApplication
from training.plans import form1
from training.plans.models import Plan

AFTER_MIDNIGHT = datetime(2026, 3, 2, 0, 30, tzinfo=clock.SHANGHAI)


@pytest.fixture
def application(district) -> ClassApplication:
    facts = {"first_submitted_at": AFTER_MIDNIGHT, "edited_at": AFTER_MIDNIGHT}
    made = an_application(district.unit, ClassApplication.State.SUBMITTED)
    ClassApplication.objects.filter(pk=made.pk).update(**facts)
    return ClassApplication.objects.get(pk=made.pk)


def test_the_day_of_filing_on_form_1(district):
    plan = a_plan(district.unit, state=Plan.State.SUBMITTED, first_submitted_at=AFTER_MIDNIGHT)
    assert form1.head_of(Plan.objects.get(pk=plan.pk))["date"] == date(2026, 3, 2)


def test_the_day_of_filing_on_form_2(application):
    values = {fact.label: fact.value for fact in form2.facts(application, [])}
    assert values["申报日期"] == "2026年3月2日"


def test_the_day_of_writing_on_form_3(application):
    assert form3.foot(application, timetable.sums([]))["day"] == date(2026, 3, 2)

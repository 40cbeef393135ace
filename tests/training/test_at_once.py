"""Two at the same moment: a list is recorded once, a class has one recognition, hours are posted once."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any

import pytest

from luojiang_ce import clock
from luojiang_ce.access import Role
from luojiang_ce.papers.models import Paper
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.engine import Refused, fire
from luojiang_ce.workflow.models import Event
from tests.conftest import in_parallel
from tests.factories import account_with, person_in
from tests.training.factories import class_of, enrol, recognition_of, sign_all, with_package
from training.attendance.models import Sign
from training.attendance.services import Wanted, record_signs
from training.recognition.models import Recognition
from training.recognition.services import open_recognition
from verification.ledger.models import LedgerEntry

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.real_services]


@pytest.fixture
def course(district):
    return class_of(district.unit, opens_on=clock.today() - timedelta(days=5))


def first_day(course) -> date:
    return course.opens_on


def test_two_clerks_record_the_same_list(district, course):
    trainee = enrol(course, person_in(district.unit))

    def record(actor: Any) -> Any:
        wanted = [Wanted(trainee.pk, first_day(course), "morning", time(8, 30), time(11, 30))]
        return record_signs(application=course, wanted=wanted, source=Sign.Source.LIST, actor=district.fresh(actor))

    results = in_parallel([lambda: record(district.owner), lambda: record(district.colleague)])
    assert sorted(each.signed_in for each in results) == [0, 1]
    assert Sign.objects.count() == 2


def test_two_clerks_begin_the_same_recognition(district, course):
    acts = [
        lambda: open_recognition(application=course, actor=district.fresh(district.owner)),
        lambda: open_recognition(application=course, actor=district.fresh(district.colleague)),
    ]
    assert len({case.pk for case in in_parallel(acts)}) == 1
    assert Event.objects.filter(name="created", case_type="training_recognition.recognition").count() == 1


def complete(district, course) -> Recognition:
    sign_all(course, [enrol(course, person_in(district.unit))])
    case = recognition_of(course)
    with_package(case, district.owner)
    return case


def attempt(case: Recognition, name: str, actor: Any) -> Any:
    try:
        return fire(Recognition.objects.get(pk=case.pk), name, actor=actor)
    except Refused as refused:
        return refused


def test_two_approvers_recognise_at_once_and_the_hours_are_posted_once(district, course):
    case = complete(district, course)
    fire(case, "submit", actor=district.owner)
    fire(case, "check", actor=district.handler)
    second = account_with(Role.BUREAU_APPROVER, district.bureau)
    acts = [
        lambda: attempt(case, "recognise", district.fresh(district.approver)),
        lambda: attempt(case, "recognise", district.fresh(second)),
    ]
    results = in_parallel(acts)
    assert sum(isinstance(each, Refused) for each in results) == 1
    assert LedgerEntry.objects.count() == 1
    assert Paper.objects.count() == 1
    assert case.outcomes.count() == 1


def test_a_double_submission_gives_one_number(district, course):
    case = complete(district, course)
    results = in_parallel([lambda: attempt(case, "submit", district.fresh(district.owner))] * 2)
    assert sum(isinstance(each, Refused) for each in results) == 1
    assert Event.objects.filter(name="submit").count() == 1


def test_signs_come_before_the_submission_or_are_refused_after_it(district, course):
    case = complete(district, course)
    late = enrol(course, person_in(district.unit, "后来的人"))

    def record() -> Any:
        wanted = [Wanted(late.pk, first_day(course), "morning", time(8, 30), time(11, 30))]
        try:
            return record_signs(
                application=course, wanted=wanted, source=Sign.Source.LIST, actor=district.fresh(district.owner)
            )
        except NotPossible as refused:
            return refused

    recorded, submitted = in_parallel([record, lambda: attempt(case, "submit", district.fresh(district.owner))])
    assert not isinstance(submitted, Refused)
    event = Event.objects.get(name="submit")
    if not isinstance(recorded, NotPossible):
        assert Event.objects.get(name="signs_recorded").pk < event.pk
    assert Sign.objects.filter(enrolment=late).exists() is not isinstance(recorded, NotPossible)

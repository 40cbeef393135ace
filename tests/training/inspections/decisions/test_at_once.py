"""Two officers at the same moment: a decision is made once, and a class is never counted without what was decided."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from luojiang_ce import clock
from luojiang_ce.access import Role
from luojiang_ce.workflow.engine import Refused, fire
from tests.conftest import in_parallel
from tests.factories import account_with, person_in
from tests.training.factories import class_of, enrol, recognition_of, sign_all, with_package
from tests.training.inspections.decisions.factories import WAY, a_draft, moved
from tests.training.recognition.corrections import from_scratch, in_ledger, recognised
from training.inspections.decisions.models import Decision
from training.recognition.models import Recognition, Ruling
from verification.ledger.models import LedgerEntry

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.real_services]


def attempt(case: Any, name: str, actor: Any) -> Any:
    try:
        return fire(type(case).objects.get(pk=case.pk), name, actor=actor)
    except Refused as refused:
        return refused


def test_two_approvers_decide_the_same(district):
    case = recognised(district)
    made = moved(district, a_draft(district, case.application), *WAY[:-1])
    other = account_with(Role.BUREAU_APPROVER, district.bureau)
    found = in_parallel([partial(attempt, made, "decide", district.fresh(who)) for who in (district.approver, other)])
    assert sorted(isinstance(each, Refused) for each in found) == [False, True]
    assert Ruling.objects.count() == 1
    assert LedgerEntry.objects.exclude(counter_of=None).count() == 2
    assert in_ledger(case) == from_scratch(case) == {}


def test_two_decisions_on_the_same_half_day(district):
    case = recognised(district)
    slot = [(case.application.opens_on, "morning")]
    drafts = [moved(district, a_draft(district, case.application, half_days=slot), *WAY[:-1]) for _ in range(2)]
    in_parallel([partial(attempt, made, "decide", district.fresh(district.approver)) for made in drafts])
    assert set(Decision.objects.values_list("state", flat=True)) == {"decided"}
    assert in_ledger(case) == from_scratch(case)
    assert set(in_ledger(case).values()) == {12}


def test_a_class_is_recognised_while_a_decision_is_made(district):
    course = class_of(district.unit, opens_on=clock.today() - timedelta(days=5))
    sign_all(course, [enrol(course, person_in(district.neighbour_unit))])
    case = recognition_of(course)
    with_package(case, district.owner)
    fire(case, "submit", actor=district.owner)
    fire(case, "check", actor=district.handler)
    made = moved(district, a_draft(district, course, half_days=[(course.opens_on, "morning")]), *WAY[:-1])
    in_parallel(
        [
            partial(attempt, case, "recognise", district.fresh(district.approver)),
            partial(attempt, made, "decide", district.fresh(district.approver)),
        ]
    )
    case = Recognition.objects.get(pk=case.pk)
    if case.state in Recognition.POSTED:
        assert in_ledger(case) == from_scratch(case)
        assert set(in_ledger(case).values()) == {12}
    else:
        assert not LedgerEntry.objects.exists()

"""Two at the same moment: one decides, a class has one open change, a sign comes before or after a change."""

from __future__ import annotations

from typing import Any

import pytest

from luojiang_ce.access import Role
from luojiang_ce.papers.models import Paper
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.engine import Refused, fire
from tests.conftest import District, in_parallel
from tests.factories import account_with
from tests.training.classes.changes.factories import a_change, a_class
from training.classes.changes import services
from training.classes.changes.models import ClassChange
from training.classes.models import ClassApplication

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.real_services]


def test_two_approvers_agree_to_the_same_change(district: District) -> None:
    change = a_change(district, "checked")
    other = account_with(Role.BUREAU_APPROVER, district.bureau)

    def approve(actor: Any) -> str:
        try:
            fire(ClassChange.objects.get(pk=change.pk), "approve", actor=district.fresh(actor))
        except Refused as refused:
            return str(refused)
        return "approved"

    said = in_parallel([lambda: approve(district.approver), lambda: approve(other)])
    assert sorted(each == "approved" for each in said) == [False, True]
    assert ClassApplication.objects.get(pk=change.application_id).version == 1
    assert Paper.objects.filter(kind="opening_notice").count() == 1


def test_two_clerks_begin_a_change_of_one_class(district: District) -> None:
    application = a_class(district)

    def begin(actor: Any) -> Any:
        facts = {"reason": "检修", "place": "区文化馆", "opens_on": None}
        try:
            return services.begin(application=application, actor=district.fresh(actor), **facts)
        except NotPossible as refused:
            return refused

    made = in_parallel([lambda: begin(district.owner), lambda: begin(district.colleague)])
    assert len({each.pk for each in made if isinstance(each, ClassChange)}) == 1
    assert ClassChange.objects.count() == 1


def test_a_class_is_cancelled_while_its_change_is_agreed_to(district: District) -> None:
    change = a_change(district, "checked")

    def do(case: Any, name: str, actor: Any, note: str = "") -> bool:
        try:
            fire(case, name, actor=district.fresh(actor), note=note)
        except Refused:
            return False
        return True

    acts = [
        lambda: do(ClassChange.objects.get(pk=change.pk), "approve", district.approver),
        lambda: do(ClassApplication.objects.get(pk=change.application_id), "cancel", district.owner, "讲师不能到课"),
    ]
    in_parallel(acts)
    application = ClassApplication.objects.get(pk=change.application_id)
    agreed = ClassChange.objects.get(pk=change.pk).state == ClassChange.State.APPROVED
    assert application.state == ClassApplication.State.CANCELLED
    assert (application.place == "区文化馆 3 楼") == agreed, "both or neither: never a change without its class"

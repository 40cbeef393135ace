"""A page left open while a colleague went on: what can no longer be done says why, and keeps what was typed."""

from __future__ import annotations

from datetime import date

import pytest
from django.forms import model_to_dict
from django.urls import reverse

from luojiang_ce import clock
from tests.factories import person_in
from tests.training.factories import class_of, enrol, recognition_of, sign_all
from tests.training.plans.factories import a_plan, an_item
from training.plans.models import Plan, PlanItem
from training.recognition.models import Exclusion, Override

DAY = date(2026, 5, 11)


@pytest.fixture
def item(district) -> PlanItem:
    now = clock.now()
    plan = a_plan(district.unit, state=Plan.State.SUBMITTED, first_submitted_at=now, submitted_at=now)
    return an_item(plan, title="冷链保鲜班")


@pytest.fixture
def checked(district):
    """A recognition that a colleague has passed on to the approver, with an exclusion."""
    course = class_of(district.unit, assessment="exam")
    sign_all(course, [enrol(course, person_in(district.unit, "王小明"))])
    case = recognition_of(course, state="checked")
    Exclusion.objects.create(
        recognition=case, date=DAY, half_day="morning", reason="未授课", decided_by=district.handler
    )
    return case


class TestPlan:
    LOCKED = "培训计划的状态是“待审核”，不能修改"

    def address(self, name, item, *, of_item=True):
        return reverse(f"plans:{name}", args=[item.plan_id, *([item.pk] if of_item else [])])

    @pytest.mark.parametrize("of_item", [True, False])
    def test_a_form_keeps_what_was_typed(self, client, district, item, of_item):
        client.force_login(district.owner)
        address = self.address("item_edit" if of_item else "edit", item, of_item=of_item)
        typed = {name: value for name, value in model_to_dict(item).items() if value is not None}
        answer = client.post(address, {**typed, "title": "新的班名", "leader": "新的班名"})
        assert answer.status_code == 422
        page = answer.content.decode()
        assert self.LOCKED in page
        assert "新的班名" in page
        assert self.LOCKED in client.get(address, follow=True).content.decode()

    def test_a_row_is_not_deleted(self, client, district, item):
        client.force_login(district.owner)
        assert self.LOCKED in client.post(self.address("item_delete", item), follow=True).content.decode()
        assert PlanItem.objects.filter(pk=item.pk).exists()

    def test_a_row_deleted_by_a_double_click_is_gone_once(self, client, district, item):
        Plan.objects.update(state=Plan.State.RETURNED)
        client.force_login(district.owner)
        client.post(self.address("item_delete", item))
        assert "这一行已经删除" in client.post(self.address("item_delete", item), follow=True).content.decode()

    def test_a_neighbour_finds_nothing(self, client, district, item):
        client.force_login(district.neighbour)
        for address in (self.address("item_edit", item), self.address("item_delete", item)):
            assert client.post(address, {"title": "x"}).status_code == 404


class TestRecognition:
    LOCKED = "学时认定的状态是“待审批”"

    def test_an_exclusion_is_not_taken_back(self, client, district, checked):
        client.force_login(district.handler)
        address = reverse("recognition:include", args=[checked.pk, checked.exclusions.get().pk])
        assert self.LOCKED in client.post(address, follow=True).content.decode()
        assert checked.exclusions.exists()

    def test_an_exclusion_is_taken_back_once(self, client, district, checked):
        type(checked).objects.update(state="submitted")
        client.force_login(district.handler)
        address = reverse("recognition:include", args=[checked.pk, checked.exclusions.get().pk])
        client.post(address)
        assert "已经恢复" in client.post(address, follow=True).content.decode()

    @pytest.mark.parametrize("name", ["decide", "decide_rest", "exclude"])
    def test_a_decision_keeps_its_reason(self, client, district, checked, name):
        client.force_login(district.handler)
        trainee = checked.application.enrolments.get()
        address = reverse(f"recognition:{name}", args=[checked.pk, *([trainee.pk] if name == "decide" else [])])
        typed = {"reason": "第二天代签", "half_day": f"{DAY.isoformat()}_afternoon", "2026-professional": "8"}
        answer = client.post(address, typed)
        assert answer.status_code == 422
        page = answer.content.decode()
        assert self.LOCKED in page
        assert "第二天代签" in page
        assert self.LOCKED in client.get(address, follow=True).content.decode()
        assert not Override.objects.exists()

    def test_results_are_not_changed(self, client, district, checked):
        client.force_login(district.owner)
        address = reverse("recognition:results", args=[checked.pk])
        trainee = checked.application.enrolments.get()
        answer = client.post(address, {f"outcome-{trainee.pk}": "passed", f"score-{trainee.pk}": "86"})
        assert answer.status_code == 422
        assert "提交后不能再改考核结果" in answer.content.decode()
        assert "提交后不能再改考核结果" in client.get(address, follow=True).content.decode()

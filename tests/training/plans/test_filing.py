"""Filing a plan: what it must hold, until when, what comes back."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
import time_machine
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.engine import Refused, fire
from luojiang_ce.workflow.events import open_items
from luojiang_ce.workflow.models import Event
from tests.training.plans.factories import a_plan, an_item, with_scheme
from training.plans import services
from training.plans.case import item_problems
from training.plans.checks import problems
from training.plans.models import Plan, PlanItem
from units.models import Unit


def at(text: str) -> time_machine.travel:
    return time_machine.travel(datetime.fromisoformat(text).replace(tzinfo=clock.SHANGHAI), tick=False)


@pytest.fixture
def plan(district):
    plan = a_plan(district.unit, 2026)
    an_item(plan)
    return with_scheme(plan, district.owner)


@pytest.mark.notice("一(五)1")
@pytest.mark.parametrize(("moment", "in_time"), [("2026-02-28T23:59:59", True), ("2026-03-01T00:00:00", False)])
def test_the_end_of_february_decides(plan, district, moment, in_time):
    with at(moment):
        if in_time:
            fire(plan, "submit", actor=district.owner)
            assert plan.first_submitted_at == clock.now()
        else:
            with pytest.raises(Refused, match=r"年度培训计划申报期限.*一\(五\)1.*2月28日.*延期"):
                fire(plan, "submit", actor=district.owner)
            plan.refresh_from_db()
            assert plan.state == Plan.State.DRAFT


def test_mending_may_run_past_the_deadline(plan, district):
    with at("2026-02-27T10:00:00"):
        fire(plan, "submit", actor=district.owner)
        fire(
            plan,
            "return",
            actor=district.handler,
            data={"items": [{"where": "第 1 行", "wrong": "预算不符", "mend": ""}]},
        )
    with at("2026-03-05T10:00:00"):
        answers = {str(item.pk): "已按实际改正" for item in open_items(plan)}
        fire(plan, "resubmit", actor=district.owner, data={"answers": answers})
    assert plan.state == Plan.State.SUBMITTED
    assert plan.first_submitted_at.date() < date(2026, 3, 1)
    assert not open_items(plan)


def test_everything_that_is_missing_is_said_at_once(district):
    plan = a_plan(district.unit, clock.today().year + 1)
    PlanItem.objects.create(plan=plan, unit=plan.unit, charges=True)
    with pytest.raises(Refused) as refused:
        fire(plan, "submit", actor=district.owner)
    said = str(refused.value)
    for part in ("年度培训方案", "第 1 行", "培训班名称", "收费批准文号", "拟授学时"):
        assert part in said


@pytest.mark.notice("三2")
def test_charging_needs_a_standard_and_an_approval(plan):
    item = plan.items.get()
    item.charges, item.fee = True, Decimal(300)
    assert item_problems(item) == ["收费的班须填收费批准文号"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"people": 0}, "每期人数须大于 0"),
        ({"budget": Decimal(-1)}, "经费预算不能是负数"),
        ({"starts_on": date(2027, 5, 11), "ends_on": date(2027, 5, 12)}, "拟定开始日期 2027年5月11日 不在 2026 年度"),
        ({"public_amount": Decimal(0), "professional_amount": Decimal(0)}, "拟授学时（学分）公共、专业至少填一项"),
        ({"fee": Decimal(10)}, "填了收费标准，但“是否收费”选了否"),
    ],
)
def test_what_a_row_may_not_say(plan, change, said):
    item = plan.items.get()
    row = {field.name: getattr(item, field.name) for field in item._meta.concrete_fields}
    assert problems({**row, **change}, 2026) == [said]


def test_a_filed_plan_cannot_be_edited(plan, district):
    item = plan.items.get()
    Plan.objects.filter(pk=plan.pk).update(state=Plan.State.SUBMITTED)
    with pytest.raises(NotPossible, match="待审核"):
        services.save_item(item=item, actor=district.owner)


def test_a_row_may_be_saved_incomplete_and_says_what_is_missing(client, district):
    plan = a_plan(district.unit)
    client.force_login(district.owner)
    sent = {"title": "水肥一体化", "sessions": 1, "form": "face", "measure": "hours", "public_amount": 0,
            "professional_amount": 16, "budget": 0}  # fmt: skip
    answer = client.post(reverse("plans:item_new", args=[plan.pk]), sent, follow=True)
    page = answer.content.decode()
    assert "还没有填：" in page
    assert "办班依据" in page
    assert PlanItem.objects.get().position == 1


def test_what_was_typed_stays_when_a_row_is_wrong(client, district):
    plan = a_plan(district.unit)
    client.force_login(district.owner)
    answer = client.post(
        reverse("plans:item_new", args=[plan.pk]), {"title": "冷链班", "people": "五十", "budget": "一万"}
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert all(text in page for text in ("冷链班", "五十", "一万", "每期人数", "经费预算"))


def test_deleting_a_row_moves_the_others_up(district):
    plan = a_plan(district.unit)
    first, second = an_item(plan, position=1), an_item(plan, position=2)
    services.delete_item(item=first, actor=district.owner)
    second.refresh_from_db()
    assert second.position == 1


def test_a_unit_has_one_plan_a_year_however_often_it_asks(district):
    plans = {services.open_plan(unit=district.unit, year=2026, actor=district.owner).pk for _ in range(3)}
    assert len(plans) == 1
    assert Event.objects.filter(name="created").count() == 1


def test_a_supplement_needs_the_bureaus_leave_and_a_filed_plan(district):
    plan = a_plan(district.unit, 2026)
    with pytest.raises(NotPossible, match="年度计划还没有报送"):
        services.allow_supplement(unit=district.unit, year=2026, leave="局务会", actor=district.approver)
    Plan.objects.filter(pk=plan.pk).update(state=Plan.State.CHECKED)
    more = services.allow_supplement(unit=district.unit, year=2026, leave="局务会", actor=district.approver)
    assert (more.supplement, more.state) == (1, Plan.State.DRAFT)
    an_item(with_scheme(more, district.owner))
    with at("2026-08-03T10:00:00"):
        fire(more, "submit", actor=district.owner)
    assert more.state == Plan.State.SUBMITTED


@pytest.mark.notice("一(五)1")
def test_who_is_no_provider_and_has_a_filed_plan_can_add_to_it(client, district):
    """One who is none and has filed nothing is not offered."""
    Unit.objects.filter(pk=district.neighbour_unit.pk).update(is_provider=False)
    client.force_login(district.approver)
    here = reverse("plans:supplement")
    year = clock.today().year
    typed = {"unit": district.neighbour_unit.pk, "year": year, "leave": "局务会"}
    plan = a_plan(district.neighbour_unit, year)
    assert client.post(here, typed).status_code == 422
    Plan.objects.filter(pk=plan.pk).update(state=Plan.State.CHECKED)
    assert district.neighbour_unit.name in client.get(here).content.decode()
    assert client.post(here, typed).status_code == 302
    more = Plan.objects.get(unit=district.neighbour_unit, supplement=1)
    an_item(with_scheme(more, district.neighbour))
    fire(more, "submit", actor=district.neighbour)
    assert more.state == Plan.State.SUBMITTED


def test_a_double_click_files_once(client, district):
    plan = a_plan(district.unit, clock.today().year + 1)
    an_item(plan)
    with_scheme(plan, district.owner)
    client.force_login(district.owner)
    address = reverse("workflow:act", args=["training_plans.plan", plan.pk, "submit"])
    answers = [client.post(address).status_code for _ in range(2)]
    assert answers == [302, 302]
    assert Event.objects.filter(name="submit").count() == 1


def test_a_draft_saves_itself_while_it_is_typed(client, district):
    plan = a_plan(district.unit)
    item = an_item(plan)
    client.force_login(district.owner)
    head = client.post(reverse("plans:edit", args=[plan.pk]) + "?autosave=1", {"leader": "岳临川", "version": 0})
    typed = {"title": "半句", "sessions": 1, "form": "face", "measure": "hours", "public_amount": 0,
             "professional_amount": 0, "budget": 0, "version": 0}  # fmt: skip
    row = client.post(reverse("plans:item_edit", args=[plan.pk, item.pk]) + "?autosave=1", typed)
    assert "自动保存" in head.content.decode()
    assert "自动保存" in row.content.decode()
    plan.refresh_from_db()
    item.refresh_from_db()
    assert (plan.leader, item.title) == ("岳临川", "半句")
    assert not Event.objects.exists()


def test_saving_the_head_never_takes_a_filed_plan_back(district):
    stale = a_plan(district.unit)
    Plan.objects.filter(pk=stale.pk).update(state=Plan.State.SUBMITTED)
    with pytest.raises(NotPossible, match="待审核"):
        services.save_head(plan=stale, values={"leader": "岳临川"}, actor=district.owner)
    stale.refresh_from_db()
    assert stale.state == Plan.State.SUBMITTED


def test_a_second_return_needs_the_approvers_leave(plan, district) -> None:
    """Licensing Act 32, by analogy: everything that is missing is told at once."""
    with at("2026-02-10T09:00:00"):
        items = [{"where": "第 1 行", "wrong": "没有地点", "mend": "请补"}]
        fire(plan, "submit", actor=district.owner)
        fire(plan, "return", actor=district.handler, data={"items": items})
        fire(plan, "resubmit", actor=district.owner, data={"answers": {}})
        with pytest.raises(Refused, match="须一次告知全部问题"):
            fire(plan, "return", actor=district.handler, data={"items": items})
        fire(plan, "allow_return", actor=district.approver, note="附件看不清")
        fire(plan, "return", actor=district.handler, data={"items": items})
        fire(plan, "resubmit", actor=district.owner, data={"answers": {}})
        with pytest.raises(Refused, match="须一次告知全部问题"):
            fire(plan, "return", actor=district.handler, data={"items": items})

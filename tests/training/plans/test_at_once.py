"""Two at the same moment: a unit has one plan of a year, a year one batch that is being gathered."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.engine import Refused, fire
from luojiang_ce.workflow.models import Event
from tests.conftest import in_parallel
from tests.training.plans.factories import a_batch, a_plan, an_item
from training.plans import services
from training.plans.models import Plan, PlanBatch, PlanItem

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.real_services]


def test_two_clerks_begin_the_same_plan(district):
    def begin(actor: Any) -> Plan:
        account = district.fresh(actor)
        return services.open_plan(unit=account.unit, year=2026, actor=account)

    plans = in_parallel([lambda: begin(district.owner), lambda: begin(district.colleague)] * 2)
    assert len({plan.pk for plan in plans}) == 1
    assert Event.objects.filter(name="created").count() == 1


def test_two_approvers_allow_one_supplement(district):
    a_plan(district.unit, 2026, Plan.State.CHECKED)

    def allow() -> Any:
        try:
            return services.allow_supplement(
                unit=district.unit, year=2026, leave="纪要3号", actor=district.fresh(district.approver)
            )
        except NotPossible as refused:
            return str(refused)

    results = in_parallel([allow] * 3)
    assert sum(isinstance(each, Plan) for each in results) == 1
    assert Plan.objects.filter(supplement=1).count() == 1


def test_two_handlers_open_the_same_batch(district):
    an_item(a_plan(district.unit, 2026, Plan.State.CHECKED), PlanItem.State.CHECKED)
    opened = in_parallel([lambda: services.open_batch(year=2026, actor=district.fresh(district.handler))] * 3)
    assert len({batch.pk for batch in opened}) == 1
    assert PlanBatch.objects.count() == 1


def test_two_handlers_gather_the_same_item(client, district):
    item = an_item(a_plan(district.unit, 2026, Plan.State.CHECKED), PlanItem.State.CHECKED)
    batch = a_batch()

    def gather() -> Any:
        try:
            return services.gather(batch=batch, items=[item], actor=district.fresh(district.handler))
        except NotPossible as refused:
            return str(refused)

    results = in_parallel([gather] * 2)
    assert sum(each == 1 for each in results) == 1
    assert sum("待选入" in str(each) for each in results) == 1


@pytest.mark.django_db
def test_a_batch_is_not_recalled_beside_another_that_is_gathered(client, district):
    under_consent, other = a_batch(PlanBatch.State.CONSENTING), a_batch()
    with pytest.raises(Refused, match=f"“{other}”还在汇总"):
        fire(under_consent, "recall", actor=district.handler)


@pytest.mark.django_db
def test_a_batch_is_opened_for_a_year_with_checked_items_only(client, district):
    client.force_login(district.handler)
    for year in (2026, 99999999999):
        page = client.post(reverse("plans:batch_open", args=[year]), follow=True).content.decode()
        assert f"{year} 年度没有审核通过的项目" in page
    assert not PlanBatch.objects.exists()


def test_a_row_is_added_once_by_a_double_click(district):
    plan = a_plan(district.unit)
    made = in_parallel(
        [lambda: services.save_item(item=PlanItem(plan=plan, title="果蔬冷链"), actor=district.owner)] * 2
    )
    assert made == [PlanItem.objects.get()] * 2

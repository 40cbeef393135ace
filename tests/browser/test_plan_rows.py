"""附件1 in the real browser: pasted and mended on the page, and reviewed in one table, in every size."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from luojiang_ce import clock
from tests.browser.conftest import DESKTOP, PHONE, assert_accessible, assert_fits
from tests.browser.plan_steps import carry_remark, give_back, paste, take_in
from tests.browser.way import shot
from tests.conftest import District
from tests.training.plans.factories import a_plan, an_item
from tests.training.plans.sheets import FIRST, IN_ORDER, LOWER, SECOND, UPPER, copied
from training.plans.models import Plan

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_a_clerk_pastes_the_rows(page_for: Any, district: District, size: tuple[int, int]) -> None:
    plan = a_plan(district.unit)
    page = page_for(district.owner, plan.get_absolute_url(), size=size)
    page.get_by_role("link", name="导入或粘贴").click()
    wrong = [*SECOND[:9], "六月上旬", *SECOND[10:]]
    shot(page, "plan-paste")
    assert_accessible(page)
    paste(page, copied(UPPER, LOWER, FIRST, wrong))
    assert page.get_by_role("link", name="J4").is_visible()
    assert_fits(page)
    assert_accessible(page)
    shot(page, "plan-paste-wrong")
    area = page.get_by_role("textbox", name="粘贴的内容")
    area.fill(area.input_value().replace("六月上旬", "6月1日"))
    page.get_by_role("button", name="改好了，重新预览").click()
    page.get_by_role("button", name="导入 2 个班").wait_for()
    assert_fits(page)
    shot(page, "plan-paste-sound")
    take_in(page, 2)
    assert [item.title for item in plan.items.all()] == ["冷链保鲜班", "数字技能班"]


def test_a_paste_without_a_head_goes_below_what_is_there(page_for: Any, district: District) -> None:
    plan = a_plan(district.unit)
    page = page_for(district.owner, f"/plans/{plan.pk}/import/", script=False)
    paste(page, copied(IN_ORDER))
    take_in(page, 1)
    assert plan.items.get().people == 50


@pytest.mark.parametrize(("size", "dark"), [(DESKTOP, False), (DESKTOP, True), (PHONE, False)])
def test_the_handler_reviews_all_classes_in_one_table(
    page_for: Any, district: District, size: tuple[int, int], dark: bool
) -> None:
    now = clock.now()
    plan = a_plan(district.unit, state=Plan.State.SUBMITTED, first_submitted_at=now, submitted_at=now)
    an_item(plan, charges=True, lecturers="沈听澜")
    an_item(
        plan, position=2, title="快检技术班", days=Decimal(4), lecturers="沈听澜、温如故", content="快检方法，" * 20
    )
    page = page_for(district.handler, f"/plans/{plan.pk}/review/", size=size, dark=dark)
    assert_fits(page)
    assert_accessible(page)
    shot(page, "plan-review-dark" if dark else "plan-review")
    if size == DESKTOP:  # the name stays where it is while the other columns move
        name = page.get_by_role("rowheader").first
        before = name.bounding_box()
        page.locator(".lj-scroll").evaluate("box => box.scrollLeft = 900")
        assert name.bounding_box() == before
    carry_remark(page, "第 2 行 快检技术班", "天数与起止时间不符")
    assert_accessible(page)
    give_back(page)
    plan.refresh_from_db()
    assert plan.state == Plan.State.RETURNED

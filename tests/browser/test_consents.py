"""Both bodies answer on-line, one item is struck, the rest is published (notice 一(五)1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, assert_accessible, assert_fits
from tests.browser.way import act, stands
from tests.conftest import District
from tests.factories import account_with
from tests.training.plans.factories import a_batch, a_plan, an_item, answers_on_line, two_bodies
from training.plans.models import PlanBatch

pytestmark = pytest.mark.django_db(transaction=True)
WHY = "没有批准文号，请补批件或改为不收费"


def gathered(district: District) -> PlanBatch:
    batch = a_batch()
    charged = {"charges": True, "fee": 1600}
    rows = (("基层审计实务培训班", {}), ("数控加工工艺提升培训班", charged), ("水库安全管理培训班", {}))
    for position, (title, more) in enumerate(rows, 1):
        unit = district.unit if position < 3 else district.neighbour_unit
        plan = a_plan(unit, 2026, "checked", supplement=position, leave="同意")
        an_item(plan, "batched", batch=batch, title=title, **more)
    return batch


def test_both_bodies_answer_on_line_one_item_is_struck_and_the_rest_is_published(
    page_for: Callable[..., Page], district: District
) -> None:
    for body, unit in zip(two_bodies(), (district.bureau, district.health), strict=True):
        answers_on_line(body, unit)
    second, batch = account_with("consent_officer", district.health), gathered(district)
    page = page_for(district.handler, batch.get_absolute_url())
    act(page, "送两家会签")
    stands(page, "会签中")

    page = page_for(district.consent, "/")
    page.get_by_role("link", name="出具会签意见：").first.click()
    expect(page.get_by_text("0/2 同意").first).to_be_visible()
    page.get_by_role("link", name="出具意见").click()
    assert_accessible(page)
    object_to(page, "数控加工工艺提升培训班", WHY)
    page.get_by_role("button", name="出具意见").click()
    expect(page.get_by_text("1/2 同意").first).to_be_visible()

    page = page_for(second, batch.get_absolute_url(), size=PHONE)
    expect(page.get_by_text(WHY)).to_have_count(0)
    page.get_by_role("link", name="出具意见").click()
    assert_fits(page)
    stands_above_the_bar(page, "出具意见")
    page.get_by_role("button", name="出具意见").click()
    expect(page.get_by_text("2/2 同意").first).to_be_visible()
    expect(page.get_by_text(WHY).first).to_be_visible()

    page = page_for(district.approver, batch.get_absolute_url())
    act(page, "发文公布")
    stands(page, "已发文公布")
    assert states(batch) == {
        "基层审计实务培训班": "published", "数控加工工艺提升培训班": "struck", "水库安全管理培训班": "published",
    }  # fmt: skip
    page = page_for(district.consent, batch.get_absolute_url())
    expect(page.get_by_role("link", name="更改意见")).to_have_count(0)


def stands_above_the_bar(page: Page, button: str) -> None:
    """On the phone the navigation at the bottom, however long its words, covers nothing of the button."""
    bar, box = page.locator(".lj-tabbar").bounding_box(), page.get_by_role("button", name=button).bounding_box()
    assert bar
    assert box
    assert box["y"] + box["height"] <= bar["y"]


def object_to(page: Page, title: str, why: str) -> None:
    """The reason is asked for once there is an objection."""
    reason = page.get_by_label(f"异议理由：{title}")
    expect(reason).to_be_hidden()
    page.get_by_role("radiogroup", name=title).get_by_text("异议").click()
    reason.fill(why)


def states(batch: PlanBatch) -> dict[str, Any]:
    return {item.title: item.state for item in batch.items.all()}

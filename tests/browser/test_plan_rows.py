"""附件1 in the real browser: one clerk pastes its rows, another imports a filled workbook."""

from __future__ import annotations

import os
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from luojiang_ce import clock
from tests.browser.conftest import DESKTOP, PHONE, assert_accessible, assert_fits
from tests.conftest import District
from tests.training.plans.factories import a_plan, an_item
from tests.training.plans.sheets import FIRST, IN_ORDER, LOWER, SECOND, UPPER, copied, filled
from training.plans.models import Plan

pytestmark = pytest.mark.django_db(transaction=True)
SHOTS = os.environ.get("SHOTS")


def shot(page: Any, name: str) -> None:
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}-{page.viewport_size['width']}.png", full_page=True)


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_a_clerk_pastes_the_rows(page_for: Any, district: District, size: tuple[int, int]) -> None:
    plan = a_plan(district.unit)
    page = page_for(district.owner, plan.get_absolute_url(), size=size)
    page.get_by_role("link", name="导入或粘贴").click()
    wrong = [*SECOND[:9], "六月上旬", *SECOND[10:]]
    page.get_by_label("或者粘贴表格里的行").fill(copied(UPPER, LOWER, FIRST, wrong))
    shot(page, "plan-paste")
    assert_accessible(page)
    page.get_by_role("button", name="上传并预览").click()
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
    page.get_by_role("button", name="导入 2 个班").click()
    page.get_by_text("新增 2 个班").wait_for()
    assert [item.title for item in plan.items.all()] == ["冷链保鲜班", "数字技能班"]


def test_a_paste_without_a_head_goes_below_what_is_there(page_for: Any, district: District) -> None:
    plan = a_plan(district.unit)
    page = page_for(district.owner, f"/plans/{plan.pk}/import/", script=False)
    page.get_by_label("或者粘贴表格里的行").fill(copied(IN_ORDER))
    page.get_by_role("button", name="上传并预览").click()
    page.get_by_role("button", name="导入 1 个班").click()
    page.get_by_text("新增 1 个班").wait_for()
    assert plan.items.get().people == 50


def test_another_imports_a_workbook(page_for: Any, district: District, tmp_path: Path) -> None:
    plan = a_plan(district.neighbour_unit)
    path = tmp_path / "附件1（定稿）.xlsx"
    path.write_bytes(filled(FIRST, SECOND).getvalue())
    page = page_for(district.neighbour, f"/plans/{plan.pk}/import/")
    page.set_input_files("input[type=file]", path)
    page.get_by_role("button", name="上传并预览").click()
    shot(page, "plan-import")
    assert_accessible(page)
    page.get_by_role("button", name="导入 2 个班").click()
    page.get_by_text("新增 2 个班").wait_for()
    assert page.get_by_text("还不能报送").count() == 1
    assert plan.items.count() == 2
    shot(page, "plan-imported")


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
    page.get_by_label("第 2 行 快检技术班：问题").fill("天数与起止时间不符")
    page.get_by_role("button", name="带着这些问题去退回").click()
    assert page.get_by_role("combobox", name="位置").first.input_value() == "第 2 行 快检技术班"
    assert_accessible(page)
    page.get_by_role("button", name="退回补正").click()
    page.get_by_text("已退回补正").first.wait_for()
    plan.refresh_from_db()
    assert plan.state == Plan.State.RETURNED

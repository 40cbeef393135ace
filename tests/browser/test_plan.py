"""The rows of 附件1 are read without scrolling sideways, whatever stands in them, and their buttons are buttons."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from playwright.sync_api import Page

from tests.browser.conftest import PHONE
from tests.conftest import District
from tests.training.plans.factories import a_plan, an_item


def test_names_are_read_and_no_button_is_cut_off(page_for: Callable[..., Page], district: District) -> None:
    plan = a_plan(district.unit)
    days = {"starts_on": date(2031, 11, 29), "ends_on": date(2031, 12, 31)}  # with their year: not this one
    for n in range(1, 4):
        an_item(plan, position=n, charges=True, fee=Decimal("1280.50"), budget=Decimal("1188000"), **days)
    page = page_for(district.owner, plan.get_absolute_url())
    page.set_viewport_size({"width": 1440, "height": 900})
    table = page.locator(".lj-scroll").first
    assert table.evaluate("box => box.scrollWidth <= box.clientWidth")
    assert table.locator("tbody th").first.evaluate("cell => cell.clientWidth") >= 9 * 16


def test_a_button_in_a_row_keeps_its_shape_on_the_phone(page_for: Callable[..., Page], district: District) -> None:
    plan = a_plan(district.unit)
    an_item(plan, title="快检技术班")
    button = page_for(district.owner, plan.get_absolute_url(), size=PHONE).get_by_role("link", name="修改 快检技术班")
    assert button.evaluate("link => parseFloat(getComputedStyle(link).paddingLeft)") >= 8

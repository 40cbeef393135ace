"""A rule is edited, its preview looked at, decided by a second person, and seen in a unit's verdicts; a figure of the
year likewise."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from luojiang_ce import clock
from luojiang_ce.jobs.services import sweep
from tests.browser.looking import look
from tests.browser.way import act
from tests.factories import person_in
from tests.verification.batches.samples import learned
from verification.requirements.models import FigureChange, RuleSet

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.notice("一(三)1")]


def try_it(page: Any, url: str) -> None:
    """Ask for the preview, let the worker make it, come back."""
    page.get_by_role("button", name="试算").click()
    page.wait_for_url("**/jobs/**")
    sweep()
    page.wait_for_url("**/requirements/trial/**")
    page.goto(url)


def test_a_rule_is_edited_tried_decided_and_seen(page_for: Any, district: Any) -> None:
    """96 and 84 hours of professional subjects: by 90 hours a year one is met, by 80 both are."""
    year = clock.today().year
    for name, amount in (("温如故", "96"), ("岳临川", "84")):
        learned(person_in(district.unit, name), public="0", professional=amount, year=year)
    page = page_for(district.owner, f"/ledger/?year={year}")
    expect(page.locator("tr", has_text="岳临川")).to_contain_text("未达标")

    standing = RuleSet.objects.get(code="general-2017")
    page = page_for(district.handler, standing.get_absolute_url())
    page.get_by_role("button", name="拟定修订").click()
    page.get_by_role("link", name="修改", exact=True).click()
    page.locator("#id_first_year").fill(f"{year}")
    page.locator("#id_document").fill("演示文件（虚构）")
    page.get_by_role("button", name="保存修改").click()
    draft = RuleSet.objects.get(replaces=standing)
    url = f"{page.url.split('/requirements/')[0]}{draft.get_absolute_url()}"
    page.goto(f"{page.url.split('/requirements/')[0]}/requirements/rule/{draft.rules.get(code='total').pk}/")
    page.locator("#id_required").fill("80")
    page.get_by_role("button", name="保存要求").click()
    try_it(page, url)
    page.get_by_role("link", name=f"{year} 年度：2 人中 1 人会变").click()
    expect(page.locator("main")).to_contain_text("未达标 → 达标 1 人")
    expect(page.locator("main")).to_contain_text(district.unit.name)
    look(page, "rule-preview")
    page.goto(url)
    act(page, "送审批")

    page = page_for(district.approver, draft.get_absolute_url())
    look(page, "rule-decision")
    act(page, "批准执行", note="按演示文件")
    expect(page.locator("main")).to_contain_text("执行中")
    page = page_for(district.owner, f"/ledger/?year={year}")
    expect(page.locator("tr", has_text="岳临川")).to_contain_text("达标")
    expect(page.locator("tr", has_text="岳临川")).not_to_contain_text("未达标")


def test_a_figure_of_the_year_comes_into_force_by_decision(page_for: Any, district: Any) -> None:
    """18 of 24 hours of public subjects: met while no figure is set, unmet once it is 24."""
    year = clock.today().year
    learned(person_in(district.unit, "岳临川"), public="18", professional="72", year=year)
    page = page_for(district.handler, "/requirements/")
    expect(page.locator("main")).to_contain_text("未设定：公共科目最低学时")
    page.get_by_role("link", name="拟定年度学时").click()
    page.locator("#id_key").select_option("public_minimum")
    page.locator("#id_amount").fill("24")
    page.locator("#id_document").fill("演示文件（虚构）")
    look(page, "figure-form")
    page.get_by_role("button", name="保存，下一步试算").click()
    page.wait_for_url("**/requirements/figure/*/")
    change = FigureChange.objects.get()
    url = page.url
    try_it(page, url)
    page.get_by_role("link", name=f"{year} 年度：1 人中 1 人会变").click()
    expect(page.locator("main")).to_contain_text("达标 → 未达标 1 人")
    page.goto(url)
    look(page, "figure")
    act(page, "送审批")
    page = page_for(district.approver, change.get_absolute_url())
    act(page, "批准执行", note="按演示文件")
    expect(page.locator("main")).to_contain_text("已执行")
    page = page_for(district.owner, f"/ledger/?year={year}")
    expect(page.locator("tr", has_text="岳临川")).to_contain_text("未达标")

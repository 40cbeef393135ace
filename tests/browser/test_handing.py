"""Cases given to a handler by name in the real browser: the start page, the board's ticks, the case, no axe finding."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from luojiang_ce import clock
from luojiang_ce.access import Role, case_key
from luojiang_ce.workflow.handlers import handler_of
from tests.browser.conftest import assert_accessible
from tests.factories import account_with, person_in
from tests.training.plans.factories import a_plan
from tests.units.cases import request_for
from units.handing.services import give

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_ticked_case_goes_to_a_colleague_and_leaves_the_own_list(page_for: Any, district: Any) -> None:
    now = clock.now()
    colleague = account_with(Role.BUREAU_HANDLER, district.bureau, name="林远帆")
    plan = a_plan(district.unit, now.year, "submitted", submitted_at=now, first_submitted_at=now)
    other = a_plan(district.neighbour_unit, now.year, "submitted", submitted_at=now, first_submitted_at=now)
    page = page_for(district.handler, "/deadlines/?handler=none")
    expect(page.locator("[data-bulk]")).to_be_hidden()
    page.get_by_role("checkbox", name=f"选 审核：{plan}").check()
    assert_accessible(page)
    page.get_by_role("button", name="指定经办人").click()
    page.get_by_label("经办人", exact=True).select_option("林远帆")
    assert_accessible(page)
    page.get_by_role("group", name="表单操作").get_by_role("button", name="指定经办人").click()
    expect(page.get_by_text("1 件已交给林远帆经办")).to_be_visible()
    assert handler_of(plan) == colleague
    page.goto(page.url.split("/deadlines/")[0] + "/")
    expect(page.get_by_role("heading", name="同事经办，您也可以办")).to_be_visible()
    expect(page.get_by_text("等 区人社局经办 林远帆")).to_be_visible()
    assert_accessible(page)
    give(cases=[other], to=district.handler, actor=district.approver)
    for path in (plan.get_absolute_url(), "/handing/over/", f"/handing/{case_key(plan)[0]}/{plan.pk}/", "/plans/"):
        page.goto(page.url.split("/", 3)[0] + "//" + page.url.split("/")[2] + path)
        assert_accessible(page)


def test_a_reason_that_was_kept_brings_back_no_ticks_of_then(page_for: Any, district: Any) -> None:
    now = clock.now()
    for unit in (district.unit, district.neighbour_unit):
        a_plan(unit, now.year, "submitted", submitted_at=now, first_submitted_at=now)
    page = page_for(district.handler, "/deadlines/?handler=none")
    page.on("dialog", lambda dialog: dialog.accept())
    given = []
    for number in (0, 1):
        page.locator("[data-tick]:checked").evaluate_all("boxes => boxes.forEach(box => box.click())")
        page.locator("[data-tick]").nth(number).check()
        page.get_by_role("button", name="指定经办人").click()
        given.append(page.locator("input[name=cases]").input_value())
        if number == 0:
            page.get_by_label("说明").fill("分片负责")
            expect(page.locator("[data-typed-says]")).to_contain_text("暂存")
            page.goto(page.url.split("/handing/")[0] + "/deadlines/?handler=none")
    page.get_by_role("button", name="恢复填写的内容").click()
    expect(page.get_by_label("说明")).to_have_value("分片负责")
    assert page.locator("input[name=cases]").input_value() == given[1] != given[0]


def test_who_is_asked_for_answers_and_who_asks_sees_what_was_typed(page_for: Any, district: Any) -> None:
    request = request_for(district, person=person_in(district.unit, "沈照临"), name="沈照林")
    page = page_for(district.neighbour, request.get_absolute_url())
    expect(page.get_by_text("沈照临")).to_have_count(0)
    assert_accessible(page)
    page = page_for(district.owner, request.get_absolute_url())
    expect(page.get_by_text("姓名不一致")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("link", name="同意调出", exact=True).click()
    assert_accessible(page)
    page.get_by_role("button", name="同意调出", exact=True).click()
    expect(page.get_by_text("已同意调出：")).to_be_visible()


def test_the_ticks_of_a_list_are_gone_once_the_cases_are_given(page_for: Any, district: Any) -> None:
    now = clock.now()
    plan = a_plan(district.unit, now.year, "submitted", submitted_at=now, first_submitted_at=now)
    page = page_for(district.handler, "/plans/")
    page.locator("[data-tick]").check()
    kept = "() => Object.keys(sessionStorage).filter(key => key.startsWith('ticks:')).length"
    page.get_by_role("button", name="指定经办人").click()
    actions = page.get_by_role("group", name="表单操作")
    actions.get_by_role("button", name="指定经办人").click()
    expect(page.locator(".lj-errors")).to_be_visible()
    assert page.evaluate(kept) == 1, "nothing was done yet"
    page.get_by_label("经办人", exact=True).select_option(str(district.handler.pk))
    actions.get_by_role("button", name="指定经办人").click()
    expect(page.get_by_text("1 件已交给")).to_be_visible()
    assert handler_of(plan) == district.handler
    assert page.evaluate(kept) == 0
    expect(page.locator("[data-tick]:checked")).to_have_count(0)

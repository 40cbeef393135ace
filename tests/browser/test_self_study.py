"""Self-study from its filing to the hours, walked in the real browser by clerk, approver and handler."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from playwright.sync_api import expect

from luojiang_ce import clock
from tests.browser.looking import look
from tests.browser.way import act
from tests.documents import PDF
from tests.factories import person_in
from verification.declarations.models import Declaration
from verification.ledger.models import LedgerEntry
from verification.self_study.models import SelfStudy

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.notice("一(四)")]


def fill(page: Any, **values: str) -> None:
    for name, value in values.items():
        page.locator(f"#id_{name}").fill(value)


def test_from_filing_to_hours(page_for: Any, district: Any, tmp_path: Path) -> None:
    for name in ("仇远", "莫知之"):
        person_in(district.unit, name)
    today = clock.today()
    first, last = today + timedelta(days=1), today + timedelta(days=3)

    page = page_for(district.owner, "/self-study/")
    page.get_by_role("link", name="新建备案").click()
    fill(page, names="仇远\n莫知之", title="设施蔬菜水肥一体化", content="自学教材第一至六章，每天两章")
    fill(page, date_from=first.isoformat(), date_to=last.isoformat(), guide="指导人甲，高级农艺师")
    fill(page, assessment="闭卷考试，60 分合格", amount="20", basis="测文〔2020〕1号第3条")
    page.locator("#id_subject").select_option("professional")
    look(page, "filing-form")
    page.get_by_role("button", name="保存草稿").click()
    page.wait_for_url("**/self-study/*/")
    look(page, "filing-draft")
    act(page, "提交核准")
    expect(page.locator("main")).to_contain_text("待核准")

    study = SelfStudy.objects.get()
    page = page_for(district.approver, study.get_absolute_url())
    look(page, "filing-approver")
    act(page, "核准备案")
    expect(page.locator("main")).to_contain_text("已核准备案")

    with time_machine.travel(clock.now() + timedelta(days=4), tick=True):
        page = page_for(district.owner, study.get_absolute_url())
        look(page, "filing-approved")
        page.locator("tr", has_text="仇远").get_by_role("link", name="申报学时").click()
        fill(page, date_from=first.isoformat(), date_to=last.isoformat(), amount="24")
        look(page, "declaration-form")
        page.get_by_role("button", name="保存草稿").click()
        expect(page.locator(".lj-errors")).to_contain_text("还可申报 20 学时")
        fill(page, amount="18")
        page.get_by_role("button", name="保存草稿").click()
        result = tmp_path / "考核结果.pdf"
        result.write_bytes(PDF)
        page.set_input_files("#material-result input[type=file]", result)
        expect(page.locator("#material-result")).to_contain_text("考核结果.pdf")
        act(page, "提交审核")
        expect(page.locator("main")).to_contain_text("待审核")
        case = Declaration.objects.get()
        page = page_for(district.handler, case.get_absolute_url())
        look(page, "declaration-handler")
        act(page, "认可并入账")
        expect(page.locator("main")).to_contain_text("已认可")
    entry = LedgerEntry.objects.get()
    assert (entry.person.name, entry.form, entry.amount, entry.title) == (
        "仇远", "self_study", 18, "设施蔬菜水肥一体化",
    )  # fmt: skip


def test_the_form_of_learning_comes_first(page_for: Any, district: Any) -> None:
    person_in(district.unit, "仇远")
    page = page_for(district.owner, "/declarations/new/")
    look(page, "choose")
    page.get_by_role("link", name="填写 论文").click()
    expect(page.locator("#id_organiser")).to_be_visible()
    expect(page.locator("label[for=id_organiser]")).to_contain_text("刊物")
    look(page, "paper")

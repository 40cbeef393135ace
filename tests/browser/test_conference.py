"""Thirty people at one conference, walked in the real browser: what is clicked and typed is counted."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from playwright.sync_api import expect

from luojiang_ce import clock
from tests.browser.conftest import PHONE, assert_accessible, assert_fits
from tests.documents import PDF
from tests.factories import person_in
from tests.verification.declarations.cases import declaration_of, with_evidence
from verification.declarations.models import Declaration

pytestmark = pytest.mark.django_db(transaction=True)
SURNAMES, GIVEN = "温岳顾傅沈夏裴陆祁韩", ("知微", "行之", "若水")
SHOTS = os.environ.get("SHOTS")


def shoot(page: Any, name: str) -> None:
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"{name}.png"), full_page=True)


def test_thirty_people_at_one_conference(page_for: Any, district: Any, tmp_path: Path) -> None:
    names = [f"{surname}{given}" for surname in SURNAMES for given in GIVEN]
    for name in names:
        person_in(district.unit, name)
    day = clock.today().replace(month=1, day=1).isoformat()
    files = []
    for name in ("会议通知.pdf", "单位同意报名表.pdf", "学时证明.pdf"):
        files.append(tmp_path / name)
        files[-1].write_bytes(PDF + name.encode())
    clicks = typed = 0
    page = page_for(district.owner, "/declarations/")

    page.get_by_role("link", name="为多人申报").click()
    clicks += 1
    page.locator("#id_form").select_option("conference")
    page.locator("#id_subject").select_option("professional")
    for name, value in (
        ("names", "\n".join(names)),
        ("title", "植保学术年会"),
        ("organiser", "省植物保护学会"),
        ("date_from", day),
        ("date_to", day),
        ("amount", "8"),
        ("basis", "会议证明注明 8 学时"),
    ):
        page.locator(f"#id_{name}").fill(value)
    typed += 9
    assert_accessible(page)
    shoot(page, "many")
    page.get_by_role("button", name="建立草稿").click()
    clicks += 1
    expect(page.locator(".lj-messages")).to_contain_text("已建立 30 件草稿")
    page.evaluate("window.same = true")
    page.set_input_files("#upload-any", files)
    clicks += 1
    expect(page.locator("#material-proof")).to_contain_text("学时证明.pdf")
    expect(page.locator("#material-consent")).to_contain_text("单位同意报名表.pdf")
    expect(page.locator("#material-notice")).to_contain_text("30 件")
    assert page.evaluate("window.same")
    assert_accessible(page)
    shoot(page, "together")
    page.get_by_role("button", name="提交审核").click()
    clicks += 1
    assert_accessible(page)
    shoot(page, "confirm")
    page.get_by_role("button", name="提交审核").click()
    clicks += 1
    expect(page.locator(".lj-messages")).to_contain_text("已提交 30 件")
    assert Declaration.objects.filter(state="submitted").count() == 30
    assert (clicks, typed) == (5, 9)

    reviewer = page_for(district.handler, "/declarations/", size=PHONE)
    assert_fits(reviewer)
    reviewer.locator("[data-tick]").first.check()
    shoot(reviewer, "list-phone")
    reviewer.get_by_role("button", name="认可并入账").click()
    assert_fits(reviewer)
    shoot(reviewer, "confirm-phone")
    reviewer.get_by_role("button", name="认可并入账").click()
    expect(reviewer.locator(".lj-messages")).to_contain_text("已认可 1 件")


def test_thirty_people_at_one_conference_by_workbook(page_for: Any, district: Any, tmp_path: Path) -> None:
    """Hours differ from person to person: the first is typed, the others come from the unit's own table."""
    names = [f"{surname}{given}" for surname in SURNAMES for given in GIVEN]
    people = [person_in(district.unit, name) for name in names]
    day = clock.today().replace(month=1, day=1)
    facts = {"form": "conference", "title": "植保学术年会", "amount": 8, "date_from": day, "date_to": day}
    first = with_evidence(declaration_of(district.unit, people[0], year=day.year, **facts), district.owner)
    book = Workbook()
    for row in (["姓名", "学时", "备注"], *([name, 4 if at < 3 else None] for at, name in enumerate(names))):
        book.active.append(row)
    book.active.append(["查无此人"])
    path = tmp_path / "参会人员.xlsx"
    book.save(path)

    page = page_for(district.owner, first.get_absolute_url())
    page.get_by_role("link", name="用表格加人").click()
    assert_accessible(page)
    shoot(page, "people-upload")
    page.set_input_files("input[type=file]", path)
    page.get_by_role("button", name="上传并预览").click()
    expect(page.locator("main")).to_contain_text("不是本单位在册人员的姓名")
    assert_accessible(page)
    assert_fits(page)
    shoot(page, "people-preview")
    page.get_by_role("button", name="建立 29 件草稿").click()
    page.wait_for_url("**/together/")
    expect(page.locator("main")).to_contain_text("30 件")
    assert_accessible(page)
    shoot(page, "people-together")
    page.get_by_role("button", name="提交审核").click()
    page.get_by_role("button", name="提交审核").click()
    expect(page.locator(".lj-messages")).to_contain_text("已提交 30 件")
    amounts = list(Declaration.objects.filter(state="submitted").values_list("amount", flat=True))
    assert sorted(amounts) == [4, 4, *[8] * 28]  # the first one stands as it was typed

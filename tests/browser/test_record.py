"""The record for title applications, walked in the real browser: asked for, issued, downloaded; and one of another
district registered, taken over and accepted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from luojiang_ce.jobs.services import sweep
from luojiang_ce.papers.models import Paper
from tests.browser.looking import look
from tests.browser.way import act, fill, stands
from tests.factories import person_in
from tests.verification.batches.samples import a_seal
from tests.verification.ledger.entries import a_source, hours, posted
from tests.verification.record.second_district import issued_there
from verification.ledger.models import LedgerEntry
from verification.record import portable
from verification.record.models import Attestation, Transfer, TrustedDistrict

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.notice("三1")]


def test_asked_issued_downloaded(page_for: Any, district: Any) -> None:
    a_seal(district.bureau)
    person = person_in(district.unit, "裴南枝")
    posted(a_source(), district.handler, hours(person, "60.0"), hours(person, "30.0", subject="public"))

    page = page_for(district.owner, "/record/")
    look(page, "record-empty")
    page.get_by_role("link", name="申请证明").click()
    fill(page, {"names": "裴南枝", "first_year": "2025", "last_year": "2026", "purpose": "申报中级职称"})
    look(page, "record-form")
    page.get_by_role("button", name="保存草稿").click()
    page.get_by_role("link", name="现在会怎样写").click()
    expect(page.locator("main")).to_contain_text("未报送验证")
    look(page, "record-preview")
    page.go_back()
    act(page, "提交申请")
    stands(page, "待审核")

    case = Attestation.objects.get()
    page = page_for(district.approver, case.get_absolute_url())
    act(page, "出具证明")
    stands(page, "已出具")
    sweep()

    page = page_for(district.owner, case.get_absolute_url())
    look(page, "record-issued")
    paper = Paper.objects.get()
    page.get_by_role("link", name=paper.number).click()
    look(page, "record-paper")
    with page.expect_download() as download:
        page.get_by_role("link", name="电子记录（.json，转到外区时导入）").click()
    signed = portable.opened(Path(download.value.path()).read_bytes())
    assert json.loads(signed.payload)["years"] == case_content(case)
    with page.expect_download() as badge:
        page.get_by_role("link", name="Open Badges 3.0（.jwt）").click()
    assert Path(badge.value.path()).read_text().count(".") == 2


def case_content(case: Attestation) -> Any:
    case.refresh_from_db()
    return case.content["years"]


def test_imported_elsewhere_and_accepted(page_for: Any, district: Any, tmp_path: Path) -> None:
    person = person_in(district.unit, "裴南枝")
    carried = issued_there(person.id_number, "裴南枝", tmp_path)

    page = page_for(district.handler, "/record/districts/")
    page.get_by_role("link", name="登记互认地区").click()
    typed = {"name": "青溪市临江区", "document": "测函〔2026〕3号，电话核对密钥编号", "valid_from": "2020-01-01"}
    fill(page, {**typed, "key_set": json.dumps(carried.keys, ensure_ascii=False)})
    look(page, "district-form")
    page.get_by_role("button", name="保存草稿").click()
    act(page, "送审批")
    page = page_for(district.approver, TrustedDistrict.objects.get().get_absolute_url())
    look(page, "district")
    act(page, "批准互认")

    page = page_for(district.owner, "/record/transfers/")
    page.get_by_role("link", name="导入电子记录").click()
    page.locator("#id_person").select_option(str(person.pk))
    page.set_input_files("#id_file", carried.file)
    fill(page, {"code": "AAAA-BBBB-CCCC"})
    page.get_by_role("button", name="核验并导入").click()
    expect(page.locator(".lj-errors")).to_contain_text("对不上")
    look(page, "take-over-wrong")
    page.set_input_files("#id_file", carried.file)
    fill(page, {"code": carried.code})
    page.get_by_role("button", name="核验并导入").click()
    page.wait_for_url("**/transfers/*/")
    look(page, "transfer")
    act(page, "提交审核")
    page = page_for(district.handler, Transfer.objects.get().get_absolute_url())
    look(page, "transfer-asked")
    page.get_by_role("link", name="认可并入账", exact=True).click()
    expect(page.get_by_label("水土保持监测技术培训班")).to_be_checked()
    look(page, "accept")
    page.get_by_role("button", name="认可并入账", exact=True).click()
    expect(page.locator(".lj-errors")).to_contain_text("请先到对方核验页核对")
    fill(page, {"checked": "是"})
    page.get_by_role("button", name="认可并入账", exact=True).click()
    stands(page, "已认可")
    look(page, "transfer-accepted")
    assert sorted(LedgerEntry.objects.values_list("title", flat=True)) == ["公需科目网络课程", "水土保持监测技术培训班"]
    page = page_for(district.owner, "/record/transfers/")
    look(page, "transfers")

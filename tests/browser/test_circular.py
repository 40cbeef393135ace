"""A circular in the real browser: written, sent, passed on by one unit, not read by another, which is reminded."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from luojiang_ce import clock
from luojiang_ce.notices.models import Notice
from tests.browser.conftest import PHONE, assert_accessible, assert_fits
from tests.documents import PDF
from tests.factories import UnitFactory
from units.circulars.models import Circular

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.notice("三1")]
TITLE = "关于做好年度验证工作的通知"
SHOTS = os.environ.get("SHOTS")


def shoot(page: Any, name: str) -> None:
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"circular-{name}.png"), full_page=True)


def test_one_unit_passes_it_on_and_one_does_not_read_it(page_for: Any, district: Any, tmp_path: Path) -> None:
    UnitFactory(name="洛江区水利工程队", code="BARE", nature="company")
    page = page_for(district.handler, "/circulars/")
    page.get_by_role("link", name="写通知").click()
    page.locator("#id_title").fill(TITLE)
    page.locator("#id_text").fill("请核对在册人员和学时，缺学时的及早安排。")
    page.locator("#id_read_by").fill((clock.today() + timedelta(days=14)).isoformat())
    page.get_by_label("按类别").check()
    page.get_by_label("区直单位").check()
    page.get_by_label("企业/非公").check()
    assert_accessible(page)
    shoot(page, "write")
    page.get_by_role("button", name="保存，下一步上传文件").click()
    expect(page.locator("#main")).to_contain_text("3 个没有专办员")
    document = tmp_path / "通知正文.pdf"
    document.write_bytes(PDF)
    page.set_input_files("#upload-document", document)
    expect(page.locator("#material-document")).to_contain_text("通知正文.pdf")
    assert_accessible(page)
    shoot(page, "draft")
    page.get_by_role("link", name="发出通知").click()
    page.get_by_role("button", name="发出通知").click()
    expect(page.locator(".lj-messages")).to_contain_text("已发出")

    reader = page_for(district.owner, "/")
    reader.get_by_role("link", name=f"阅读通知：{TITLE}").click()
    expect(reader.locator("#main")).to_contain_text("通知正文.pdf")
    assert_accessible(reader)
    shoot(reader, "receipt")
    reader.get_by_role("link", name="确认已传达").click()
    reader.locator("#id_people").fill("31")
    reader.get_by_role("button", name="确认已传达").click()
    expect(reader.locator(".lj-messages")).to_contain_text("已传达")

    page.reload()
    table = page.locator("#standing >> xpath=ancestor::section")
    expect(table).to_contain_text("洛江区禾山水利工作站")
    expect(table).not_to_contain_text("洛江区青麓农业技术推广中心")
    expect(table).to_contain_text("无专办员")
    shoot(page, "standing")
    page.get_by_role("button", name="催办").click()
    expect(page.locator(".lj-messages")).to_contain_text("已催办 1 个单位")
    assert_accessible(page)
    assert Notice.objects.filter(recipient=district.neighbour, title=f"催办：{TITLE}").count() == 1

    page.get_by_role("link", name="全部回执").click()
    row = page.locator("tbody tr").filter(has_text="洛江区禾山水利工作站")
    expect(row).to_contain_text("未读")
    expect(row).to_contain_text("已催 1 次")
    assert_accessible(page)
    shoot(page, "list")
    sent = Circular.objects.get()
    for path in (sent.get_absolute_url(), "/circulars/", "/circulars/receipts/", f"/circulars/{sent.pk}/correct/"):
        phone = page_for(district.handler, path, size=PHONE)
        assert_fits(phone)
        shoot(phone, f"phone{path.replace('/', '-')}")
    phone = page_for(district.neighbour, sent.get_absolute_url(), size=PHONE)
    assert_fits(phone)
    shoot(phone, "phone-receipt")

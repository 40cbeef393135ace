"""The counter in the real browser: a morning of thirty by the code of the cover sheet and one key a person; somebody
asked for and decided by the approver; a year made up; a batch that nobody ever brings.

By hand: 30 people, 28 of whom have 96 hours (90 are asked), 2 have 86. The scan opens the batch, F2 passes one after
the other, F4 with a reason is two fields more for nobody: 28 keys. One of the two is asked for and let pass by the
approver, the other fails. So 29 of 30 are verified, 1 fails.
"""

from __future__ import annotations

import io
import subprocess
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from django.test import Client
from django.urls import reverse
from PIL import Image
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, assert_accessible, assert_fits
from tests.browser.test_shell import keep
from tests.browser.way import Office, act, stands
from tests.conftest import District
from tests.verification.batches.samples import a_batch, a_draft, a_seal, a_slot, staff
from verification.batches.forfeits import record_given_up
from verification.batches.models import AnnualRecord, Batch
from verification.batches.seasons import set_season
from verification.counter.seats import book

WHY = "下乡支教半年，专业科目未修满"


def scanned(account: Any, batch: Batch, folder: Path) -> str:
    """What the code on the printed cover sheet says, read from its picture as a camera does."""
    client = Client()
    client.force_login(account)
    (folder / "cover.pdf").write_bytes(client.get(reverse("batches:cover", args=[batch.pk])).content)
    command = ["pdftoppm", "-png", "-r", "110", "-singlefile", str(folder / "cover.pdf"), str(folder / "cover")]
    subprocess.run(command, check=True)
    (found,) = zxingcpp.read_barcodes(Image.open(io.BytesIO((folder / "cover.png").read_bytes())))
    return str(found.text)


@pytest.mark.notice("二(一)")
def test_a_morning_of_thirty_with_one_key_a_person(office: Office, district: District, tmp_path: Path) -> None:
    office.at("2027-01-11", "09:00")
    batch = a_batch(district, people=[*staff(district.unit, 28), *staff(district.unit, 2, met=False)])
    code = scanned(district.owner, batch, tmp_path)
    page = office.sit(district.handler, "/")
    # The hand scanner types the address and Enter into the search field.
    search = page.get_by_role("searchbox").first
    search.fill(code)
    search.press("Enter")
    expect(page).to_have_url(f"{page.url.split('/verification')[0]}{reverse('batches:counter', args=[batch.pk])}")
    assert_accessible(page)
    keep(page, "counter-morning")
    keys = Counter[str]()
    short = set(batch.records.filter(verdict__outcome="unmet").values_list("person__name", flat=True))
    for _ in range(40):
        if not batch.records.filter(state="filed", verdict__outcome="met").exists():
            break
        in_hand = page.locator("#hand a").inner_text()
        before = page.url
        if page.locator("#one [data-key=F2]").count():
            page.keyboard.press("F2")
            keys["F2"] += 1
            page.wait_for_url(lambda url, before=before: url != before)  # namesakes stand together
            expect(page.locator(".lj-messages")).to_contain_text(f"{in_hand}：通过")
        else:
            assert in_hand in short
            page.keyboard.press("ArrowDown")
            keys["ArrowDown"] += 1
            page.wait_for_url(lambda url, before=before: url != before)
    assert batch.records.filter(state="verified").count() == 28
    assert sum(keys.values()) <= 30, keys

    asked_for(office, district, batch)
    page = office.at("2027-01-11", "11:00").sit(district.handler, reverse("batches:counter", args=[batch.pk]))
    page.locator("#why").fill("学时未达标")
    page.keyboard.press("F8")
    expect(page.locator(".lj-messages")).to_contain_text("不通过")
    assert Counter(batch.records.values_list("state", flat=True)) == {"verified": 29, "failed": 1}


def asked_for(office: Office, district: District, batch: Batch) -> None:
    """一(三)1: from the counter to the approver's start page, and back decided."""
    page = office.sit(district.handler, f"{reverse('batches:counter', args=[batch.pk])}?state=filed")
    name = page.locator("#hand a").inner_text()
    page.locator("#why").fill(WHY)
    page.get_by_role("button", name="请审批人同意（写明理由）").click()
    expect(page.locator(".lj-messages")).to_contain_text(f"{name}：已请审批人同意")
    page = office.at("2027-01-11", "10:30").sit(district.approver, "/")
    page.get_by_role("link", name=f"审批未达标人员：{batch}").first.click()
    stands(page, "待审批")
    keep(page, "counter-asked")
    assert_accessible(page)
    act(page, "未达标仍通过")
    stands(page, "已验证")
    row = AnnualRecord.objects.get(batch=batch, waived_by=district.approver)
    assert (row.person.name, row.reason) == (name, WHY)
    page = office.sit(district.handler, "/notices/")
    expect(page.get_by_text("1 人审批通过（未达标）").first).to_be_visible()


@pytest.mark.notice("二(三)2")
def test_a_year_is_made_up_at_the_counter(office: Office, district: District) -> None:
    office.at("2027-01-11")
    batch = a_batch(district, people=staff(district.unit, 1))
    batch.records.update(verifies=False, makes_up=True)
    page = office.sit(district.handler, reverse("batches:counter", args=[batch.pk]), size=PHONE)
    expect(page.locator("#roster")).to_contain_text("补验")
    assert_fits(page)
    keep(page, "counter-phone")
    page.get_by_role("button", name="通过 F2").click()
    expect(page.locator(".lj-messages")).to_contain_text("通过")
    for seen in page.locator("[name=seen]").all()[:3]:
        seen.check()
    page.get_by_role("button", name="登记已查验").click()
    page.goto(page.url.split("/verification/")[0] + batch.get_absolute_url())
    act(page, "办结，送用印")
    a_seal(district.bureau)
    page = office.at("2027-01-12").sit(district.keeper, batch.get_absolute_url())
    act(page, "花名册用印")
    stands(page, "已盖章")
    assert batch.records.get().kinds == "补验"


@pytest.mark.notice("二(三)2")
def test_what_is_never_brought_to_the_counter_is_given_up_at_the_end_of_the_season(
    office: Office, district: District
) -> None:
    page = office.at("2027-01-11").sit(district.owner, a_draft(district).get_absolute_url())
    act(page, "报送花名册")
    stands(page, "待柜台验证")
    batch = Batch.objects.get()
    office.at("2027-03-10")
    set_season(year=2026, last_day=date(2027, 5, 28), document="洛人社〔2027〕9号", actor=district.approver)
    office.at("2027-05-29", "01:00")
    assert record_given_up()[0] == 3
    for account in (district.owner, district.handler):
        page = office.at("2027-05-31").sit(account, batch.get_absolute_url())
        stands(page, "未到柜台，已结案")
        expect(page.get_by_text("视同放弃").first).to_be_visible()
    record = batch.records.first()
    act(office.sit(district.handler, record.get_absolute_url()), "出具不予受理通知书", note="集中验证截止前未到柜台")
    expect(office.sit(district.owner, record.get_absolute_url()).get_by_text("年度验证不予受理通知书")).to_be_visible()


def test_slots_are_opened_and_booked_and_the_day_is_listed(office: Office, district: District) -> None:
    page = office.at("2027-01-11").sit(district.handler, reverse("batches:new_slots"))
    keep(page, "slots-new")
    assert_accessible(page)
    for name, value in {
        "first_day": "2027-01-18", "last_day": "2027-01-19", "times": "09:00-11:00", "minutes": "30",
        "places": "2 号窗口\n3 号窗口", "capacity": "1",
    }.items():  # fmt: skip
        page.locator(f"[name={name}]").fill(value)
    page.get_by_role("button", name="开放时段").click()
    expect(page.locator(".lj-messages")).to_contain_text("已开放 16 个时段")
    batch = a_batch(district)
    book(batches=[batch], slot=a_slot(days=1), unit=district.unit, actor=district.owner)
    for size in ((1440, 900), PHONE):
        for dark in (False, True):
            page = office.sit(district.handler, reverse("batches:bookings"), size=size, dark=dark)
            expect(page.get_by_role("link", name=batch.number or "").first).to_be_visible()
            assert_fits(page)
            keep(page, "bookings")
    assert_accessible(page)

"""Hours corrected after they were recognised, in the real browser: the handler prepares, the approver decides, and the
public check of the old sheet leads to the new one."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from luojiang_ce import clock
from luojiang_ce.jobs.services import sweep
from luojiang_ce.papers.models import Paper
from tests.browser.conftest import DESKTOP, PHONE, assert_accessible, assert_fits
from tests.browser.test_shell import keep
from tests.browser.way import act, stands
from tests.factories import person_in
from tests.training.factories import class_of, enrol, recognition_of, sign_all
from tests.training.recognition.corrections import decided
from training.recognition.corrections import services
from training.recognition.models import RecognitionCorrection
from verification.ledger.models import LedgerEntry

NAMES = ("王小明", "李晓红", "欧阳修远")


@pytest.fixture
def case(district):
    course = class_of(district.unit, opens_on=clock.today() - timedelta(days=7))
    sign_all(course, [enrol(course, person_in(district.neighbour_unit, name)) for name in NAMES])
    made = decided(district, recognition_of(course))
    sweep()
    return made


def test_recognition_corrected_afterwards(page_for, district, case):
    old = Paper.objects.get()
    page = page_for(district.handler, case.get_absolute_url())
    page.get_by_role("link", name="提出更正").click()
    page.get_by_label("更正理由").fill("检查发现一名学员第二天由他人代签")
    page.get_by_role("button", name="保存，下一步写明更正内容").click()
    page.get_by_role("link", name="选学员核定学时").click()
    page.get_by_role("link", name="李晓红").click()
    page.locator("[name$='-professional']").fill("8")
    page.get_by_label("理由").fill("第二天由他人代签")
    page.get_by_role("button", name="保存更正内容").click()
    expect(page.get_by_role("heading", name="影响的学员")).to_be_visible()
    row = page.get_by_role("row", name="李晓红")
    expect(row).to_contain_text("16")
    expect(row).to_contain_text("-8")
    expect(page.get_by_text("没有人因此从达标变为未达标")).to_be_visible()
    assert_accessible(page)
    keep(page, "correction-prepared")
    act(page, "提请审批")
    stands(page, "待审批")

    made = RecognitionCorrection.objects.get()
    page = page_for(district.approver, made.get_absolute_url())
    page.wait_for_load_state("networkidle")
    keep(page, "correction-to-decide")
    act(page, "更正学时")
    stands(page, "已更正")
    assert list(LedgerEntry.objects.order_by("-pk").values_list("amount", flat=True)[:2]) == [8, -16]
    sweep()

    page = page_for(district.owner, reverse("papers:check_code", args=[old.code]))
    expect(page.get_by_text("替代，不能使用")).to_be_visible()
    keep(page, "check-superseded")
    page.get_by_role("link", name="核验这一份").click()
    expect(page.get_by_text("现在有效")).to_be_visible()
    expect(page.get_by_text("部分认定（更正后）")).to_be_visible()


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_pages_fit_and_are_accessible(page_for, district, case, size):
    made = services.begin(recognition=case, reason="检查发现代签", actor=district.handler)
    services.set_whole(correction=made, reason="没有按课程表办班", actor=district.handler)
    for address, name in (
        (made.get_absolute_url(), "correction"),
        (reverse("recognition:correction_half_day", args=[made.pk]), "correction-half-day"),
        (reverse("recognition:corrections"), "corrections"),
        (case.get_absolute_url(), "recognition-corrected"),
    ):
        page = page_for(district.handler, address, size=size)
        page.wait_for_load_state("networkidle")
        assert_fits(page)
        assert_accessible(page)
        keep(page, name)

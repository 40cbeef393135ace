"""A class's sheet, signed and photographed with a phone: uploaded, looked at, confirmed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from luojiang_ce.jobs.services import sweep
from tests.browser.conftest import DESKTOP, PHONE, assert_accessible, assert_fits
from tests.browser.test_shell import keep
from tests.conftest import District
from tests.training.attendance.photographs.signed_sheets import DRAWN, a_class, photograph, printed, signed
from training.attendance.models import Sign

NAMES = ("温知故", "许明", "林静", "欧阳知远", "顾清和", "宁致远", "裴南枝", "沈听澜")


@pytest.mark.parametrize("size", [PHONE, DESKTOP])
def test_a_photograph_is_uploaded_looked_at_and_confirmed(
    page_for: Callable[..., Page], district: District, tmp_path: Path, size: tuple[int, int]
) -> None:
    course, trainees = a_class(district, NAMES)
    drawn = [*DRAWN, ("signature", "dash"), ("cursive", "signature")]
    (tmp_path / "IMG_0001.jpg").write_bytes(photograph(signed(printed(course), drawn), tilt=6.0, shadow=0.3))
    page = page_for(district.owner, reverse("attendance:class", args=[course.pk]), size=size)
    page.get_by_role("link", name="签到表照片").click()
    page.get_by_label("签到表照片：选择文件").set_input_files(tmp_path / "IMG_0001.jpg")
    page.get_by_role("button", name="上传并识别").click()
    expect(page.locator("h1")).to_contain_text("识别签到表照片")
    there = page.url.split("/jobs/")[0] + reverse("photographs:class", args=[course.pk])
    page.goto(there)
    sweep()
    page.goto(there)
    assert_accessible(page)
    keep(page, "photographs-read")
    page.get_by_role("link", name="5月11日 上午 第 1 页（共 1 页）").click()
    expect(page.get_by_text("3 格看不准，要您选")).to_be_visible()
    assert_fits(page)
    assert_accessible(page)
    keep(page, "photographs-confirm")
    page.get_by_role("button", name="登记这一页的签到、签退").click()
    expect(page.locator(".lj-errors")).to_contain_text("顾清和 签到：有划线或涂抹")
    assert not Sign.objects.exists()
    for name, kind, answer in (("顾清和", "签到", "没签"), ("宁致远", "签到", "已签"), ("裴南枝", "签退", "没签")):
        page.get_by_role("group", name=f"{name} {kind}").get_by_label(answer).check()
    page.get_by_role("button", name="登记这一页的签到、签退").click()
    expect(page.locator(".lj-messages")).to_contain_text("已登记签到 6 人、签退 5 人")
    keep(page, "photographs-done")
    assert Sign.objects.filter(source="sheet").count() == 11
    assert not trainees[3].signs.exists()
    page.goto(page.url.split("/attendance/")[0] + course.sheets.get().get_absolute_url())
    expect(page.get_by_role("link", name="IMG_0001.jpg")).to_be_visible()

"""Roster import in the real browser: a messy file from upload to result, with and without script."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import DESKTOP, PHONE, assert_accessible, assert_fits
from tests.conftest import District
from tests.factories import person_in
from tests.units.roster.rosters import number, person, workbook
from units.models import Employment

MESSY = Path(__file__).parents[1] / "units/roster/files/title-rows.xlsx"
SHOTS = os.environ.get("SHOTS")

pytestmark = pytest.mark.django_db(transaction=True)


def shot(page: Any, name: str) -> None:
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)


@pytest.mark.parametrize(("size", "script"), [(DESKTOP, True), (PHONE, True), (DESKTOP, False)])
def test_a_messy_roster(page_for: Any, district: District, size: tuple[int, int], script: bool) -> None:
    page = page_for(district.owner, "/people/import/", size=size, script=script)
    shot(page, f"roster-upload-{size[0]}")
    page.set_input_files("input[type=file]", MESSY)
    page.get_by_role("button", name="上传并预览").click()
    assert "还没有写入任何数据" in page.inner_text("h1")
    assert "D9" in page.inner_text("table")
    page.get_by_role("link", name="D9").click()
    assert_fits(page)
    if script:
        assert_accessible(page)
    page.get_by_role("button", name="导入 9 人").click()
    assert "已导入" in page.inner_text("h1")
    assert Employment.objects.filter(unit=district.unit, ended_on=None).count() == 9
    if script:
        assert_accessible(page)
    shot(page, f"roster-result-{size[0]}")


@pytest.mark.parametrize(("size", "dark"), [(DESKTOP, False), (DESKTOP, True), (PHONE, False)])
def test_the_preview_with_everything_in_it(
    page_for: Any, district: District, tmp_path: Path, size: tuple[int, int], dark: bool
) -> None:
    person_in(district.unit, "夏知远", number=number(2))
    person_in(district.unit, "裴南枝", number=number(3))
    rows = [
        person(姓名="温如故", 职称="农艺师", 级别="中级"),
        person(姓名="夏知远", 身份证号=number(2), 职称="工程师", 任职时间="2026-08-15"),
        person(姓名="韩砚青", 身份证号=3.50504198503120e17, 职称="农艺师", 级别="中级"),
        person(姓名="沈听澜", 身份证号=number(5)[:17] + "Z", 任职时间="去年"),
        person(姓名="白若谷", 身份证号=number(6), 级别="中职", 部门="农业技术推广科", 备注="返聘"),
    ]
    path = tmp_path / "2026专技人员花名册（最终版）.xlsx"
    path.write_bytes(workbook(*rows).getvalue())
    page = page_for(district.owner, "/people/import/", size=size, dark=dark)
    page.set_input_files("input[type=file]", path)
    page.get_by_role("button", name="上传并预览").click()
    for tab in ("wrong", "changed", "new", "all"):
        page.goto(f"{page.url.partition('?')[0]}?show={tab}")
        assert_fits(page)
        assert_accessible(page)
        shot(page, f"roster-preview-{tab}-{size[0]}{'-dark' if dark else ''}")


def test_a_file_that_cannot_be_used(page_for: Any, district: District, tmp_path: Path) -> None:
    path = tmp_path / "名单.xlsx"
    path.write_bytes(b"%PDF-1.7")
    page = page_for(district.owner, "/people/import/")
    page.set_input_files("input[type=file]", path)
    page.get_by_role("button", name="上传并预览").click()
    assert "这是 PDF 文件" in page.inner_text("[role=alert]")
    assert_accessible(page)
    shot(page, "roster-refused-1440")

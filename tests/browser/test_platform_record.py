"""The record of a remote platform in the real browser (product.md A1): read, seen, written once."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from luojiang_ce import clock
from tests.browser.conftest import DESKTOP, PHONE, assert_accessible, assert_fits
from tests.browser.test_shell import keep
from tests.conftest import District
from tests.factories import person_in
from tests.training.factories import class_of, enrol
from tests.units.roster.rosters import workbook
from training.attendance.models import Sign

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_a_platforms_record_is_seen_before_it_is_written(
    page_for: Any, district: District, tmp_path: Path, size: tuple[int, int]
) -> None:
    course = class_of(district.unit, opens_on=clock.today() - timedelta(days=3), days=1, form="remote")
    morning, afternoon = course.timetable.order_by("starts_at")
    for row, name in ((morning, "农产品追溯"), (afternoon, "实验室安全")):
        row.course = name
        row.save(update_fields=["course"])
    for name in ("王小明", "李晓红"):
        enrol(course, person_in(district.neighbour_unit, name))
    path = tmp_path / "平台导出.xlsx"
    rows = [
        ["王小明", "《农产品追溯》", 185, "已完成"],
        ["王小明", "实验室安全", 60, "学习中"],
        ["李晓红", "农产品追溯", 180, "已完成"],
        ["李晓红", "实验室 安全", 190, "已完成"],
        ["没有此人", "实验室安全", 190, "已完成"],
    ]
    path.write_bytes(workbook(*rows, titles=("学员姓名", "课程名称", "学习时长（分钟）", "完成状态")).getvalue())
    page = page_for(district.owner, f"/attendance/{course.pk}/", size=size)
    page.get_by_role("link", name="导入平台记录").click()
    assert_accessible(page)
    page.set_input_files("input[type=file]", path)
    page.get_by_role("button", name="上传并预览").click()
    expect(page.get_by_text("不在本班学员名单里").first).to_be_visible()
    assert_fits(page)
    assert_accessible(page)
    keep(page, "platform-record")
    page.get_by_role("link", name="未学完").click()
    expect(page.get_by_text("60 分钟，须 180 分钟").first).to_be_visible()
    page.get_by_role("button", name="登记签到、签退 3 人次").click()
    expect(page.get_by_text("已导入签到、签退 6 项").first).to_be_visible()
    assert Sign.objects.filter(source="platform").count() == 6
    page.get_by_role("link", name="导入平台记录").click()
    page.set_input_files("input[type=file]", path)
    page.get_by_role("button", name="上传并预览").click()
    page.get_by_role("button", name="登记签到、签退 3 人次").click()
    expect(page.get_by_text("6 项原来已有").first).to_be_visible()
    assert Sign.objects.count() == 6

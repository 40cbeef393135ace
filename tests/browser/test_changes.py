"""A class moved to another day and place: asked for, agreed to, and seen by the units of its trainees."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from luojiang_ce.workdays.text import full
from tests.browser.conftest import PHONE, assert_accessible, assert_fits
from tests.factories import person_in
from tests.training.classes.changes.factories import a_class
from tests.training.classes.factories import enrolled
from tests.training.plans.factories import a_scan
from training.classes.changes.models import ClassChange
from training.classes.models import ClassApplication

pytestmark = pytest.mark.django_db(transaction=True)


def press(page: Page, label: str) -> None:
    """A button of the case, and its page."""
    page.get_by_role("link", name=label, exact=True).click()
    assert_accessible(page)
    page.get_by_role("button", name=label, exact=True).click()
    page.wait_for_load_state()


def test_a_class_is_moved_and_the_units_of_its_trainees_see_it(page_for: Any, district: Any, tmp_path: Any) -> None:
    application = a_class(district)
    opens = application.opens_on + timedelta(days=7)
    enrolled(application, person_in(district.neighbour_unit))

    page = page_for(district.owner, application.get_absolute_url())
    page.get_by_role("link", name="申请变更").click()
    page.get_by_label("改到哪天开班").fill(opens.isoformat())
    expect(page.locator("#opening-live")).to_contain_text("个工作日是")
    page.get_by_label("改到哪里").fill("区文化馆 3 楼")
    page.get_by_label("变更理由").fill("原定会议室当周检修")
    assert_accessible(page)
    page.get_by_role("button", name="保存，下一步核对并提交").click()
    expect(page.get_by_role("heading", name="原批准与变更后")).to_be_visible()
    expect(page.locator("ins", has_text=full(opens)).first).to_be_visible()
    assert_accessible(page)

    scan = tmp_path / "检修通知.pdf"
    scan.write_bytes(a_scan().read())
    page.set_input_files("#upload-evidence", str(scan))
    expect(page.get_by_role("link", name="检修通知.pdf")).to_be_visible()
    page.reload()
    press(page, "提交变更申请")

    change = ClassChange.objects.get()
    page = page_for(district.handler, change.get_absolute_url())
    expect(page.get_by_text("现在由您审核")).to_be_visible()
    press(page, "审核通过，送审批")
    assert ClassApplication.objects.get(pk=application.pk).opens_on == application.opens_on
    press(page_for(district.approver, change.get_absolute_url()), "同意变更")

    moved = ClassApplication.objects.get(pk=application.pk)
    assert (moved.opens_on, moved.place) == (opens, "区文化馆 3 楼")
    page = page_for(district.neighbour, "/classes/trainees/", size=PHONE)
    expect(page.get_by_text("已调整")).to_be_visible()
    expect(page.get_by_text(f"原为 {full(application.opens_on)}").first).to_be_visible()
    assert_accessible(page)
    assert_fits(page)
    page.goto(page.url.replace("/classes/trainees/", "/notices/"))
    expect(page.get_by_text(f"培训班有调整：{application}").first).to_be_visible()

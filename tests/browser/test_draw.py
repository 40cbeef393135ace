"""A draw in the real Chromium: a list is frozen, anybody reads its digest, then the seed, then the visits."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import assert_accessible
from tests.conftest import District
from tests.training.inspections.draws.factories import in_days
from tests.training.inspections.factories import a_class, second_inspector
from training.inspections.draws.models import Draw
from training.inspections.models import Inspection

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.notice("一(五)4")]


def test_from_the_frozen_list_to_the_visits(
    page_for: Callable[..., Page], open_page: Callable[..., Page], district: District
) -> None:
    second_inspector(district)
    course, *_ = [a_class(district, in_days(1)) for _ in range(3)]
    page = page_for(district.handler, "/inspections/draws/new/")
    page.get_by_role("button", name="冻结名单并公布摘要").click()
    expect(page.get_by_text("没有设定抽查比例，请填写抽几个").first).to_be_visible()
    page.get_by_label("抽取数量").fill("2")
    page.get_by_role("button", name="冻结名单并公布摘要").click()
    expect(page.get_by_text("名单摘要已公布，还没有种子")).to_be_visible()
    case = Draw.objects.get()
    public = open_page("/inspections/draws/published/")
    expect(public.get_by_text(case.digest)).to_be_visible()
    expect(public.get_by_text(course.title)).to_have_count(0)
    page.get_by_role("link", name="产生种子并抽取").click()
    page.get_by_role("button", name="产生种子并抽取").click()
    expect(page.get_by_role("heading", name="抽中的培训班")).to_be_visible()
    page.get_by_role("link", name="安排检查").click()
    page.get_by_role("button", name="安排检查").click()
    expect(page.get_by_role("link", name=Inspection.objects.earliest("pk").number or "", exact=True)).to_be_visible()
    assert Inspection.objects.filter(origin="draw").count() == 2
    assert_accessible(page)

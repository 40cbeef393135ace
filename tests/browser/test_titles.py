"""The title of a document in its lines, before it is issued: without JavaScript too (GB/T 9704-2012 7.3.1)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from luojiang_ce.papers.models import Paper
from tests.browser.looking import look
from tests.conftest import District
from tests.training.classes.factories import an_application
from training.classes.models import ClassApplication
from units.seals import load_bureau_seals

TITLE = "设施蔬菜生产与病虫害绿色防控技术高级研修培训班"


@pytest.mark.parametrize("script", [True, False])
def test_the_lines_of_a_title_are_moved(page_for: Callable[..., Page], district: District, script: Any) -> None:
    load_bureau_seals()
    case = an_application(district.unit, ClassApplication.State.CHECKED, opens_on=date(2027, 3, 1))
    ClassApplication.objects.filter(pk=case.pk).update(title=TITLE)
    address = reverse("workflow:act", args=["training_classes.classapplication", case.pk, "approve"])
    page = page_for(district.approver, address, script=script)
    lines = page.get_by_label("公文标题")
    assert lines.input_value().count("\n") == 1
    lines.fill("关于准予“设施蔬菜生产与病虫\n害绿色防控技术高级研修\n培训班（第1期）”开班的通知")
    page.get_by_role("button", name="准予开班").click()
    expect(page.get_by_text("断在“与病虫害”中间").first).to_be_visible()
    if script:
        look(page, "title-lines")
    page.get_by_label("标题就按所填的分行").check()
    page.get_by_role("button", name="准予开班").click()
    page.wait_for_url(lambda url: "approve" not in url)
    assert Paper.objects.get().title_lines.splitlines()[1] == "害绿色防控技术高级研修"

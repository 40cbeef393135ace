"""Who is short, from the clerk's list to the classes and the bureau's reminder, in the real browser.

By hand: 90 hours are asked for, 60 of them professional. 韩砚青 has 52 + 30 and lacks 8 professional; 白若谷 has
60 + 22 and lacks any 8; 薛景明 has 20 + 30 and lacks 40. Open are a day of 8 professional hours and two half-days of
4, one of them public. One class makes two people whole (two places); 薛景明 would still lack 28 professional hours and
24 of the total.
"""

from __future__ import annotations

import os
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import time_machine
from playwright.sync_api import expect

from luojiang_ce.clock import SHANGHAI
from tests.browser.conftest import PHONE, assert_accessible, assert_fits
from tests.factories import UnitFactory, person_in
from tests.training.factories import class_of
from tests.verification.declarations.cases import declaration_of
from tests.verification.ledger.entries import a_source, hours, posted
from training.classes.models import ClassApplication, Enrolment
from units.models import Unit
from verification.shortfalls.models import Reminder

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.notice("一(三)1")]
SHOTS = os.environ.get("SHOTS")
KNOWN = {"王小明": ("60", "30"), "韩砚青": ("52", "30"), "白若谷": ("60", "22"), "薛景明": ("20", "30")}


def look(page: Any, name: str) -> None:
    """Accessible, as wide as the screen and as a telephone, light and dark; pictures where they are asked for."""
    wide = page.viewport_size
    for scheme in ("dark", "light"):
        page.context.add_cookies([{"name": "theme", "value": scheme, "url": page.url.split("/shortfalls")[0]}])
        page.reload()
        for size, kind in ((wide, ""), ({"width": PHONE[0], "height": PHONE[1]}, "-phone")):
            page.set_viewport_size(size)
            assert_fits(page)
            if SHOTS:
                page.screenshot(path=str(Path(SHOTS) / f"{name}-{scheme}{kind}.png"), full_page=True)
        page.set_viewport_size(wide)
        assert_accessible(page)


def a_class(district: Any, title: str, day: int, **facts: Any) -> ClassApplication:
    return class_of(district.neighbour_unit, title=title, opens_on=date(2026, 12, day), days=1, **facts)


def test_from_who_is_short_to_classes_and_a_reminder(page_for: Any, district: Any) -> None:
    with time_machine.travel(datetime(2026, 11, 24, 9, tzinfo=SHANGHAI)):
        _the_way(page_for, district)


def _the_way(page_for: Any, district: Any) -> None:
    everybody = {name: person_in(district.unit, name) for name in KNOWN}
    for name, (professional, public) in KNOWN.items():
        entries = hours(everybody[name], professional), hours(everybody[name], public, subject="public")
        posted(a_source(), district.handler, *entries)
    whole_day = a_class(district, "仓储技术班", 2)
    a_class(district, "半日专业班", 3, half_days=("morning",))
    a_class(district, "半日公共班", 4, half_days=("morning",)).timetable.update(subject="public")

    # The clerk sees who is short.
    page = page_for(district.owner, "/")
    page.get_by_role("link", name="还差多少").first.click()
    page.wait_for_url("**/shortfalls/*/*")
    expect(page.locator("tbody tr")).to_have_count(4)
    assert "专业科目差 8.0" in page.inner_text("tbody tr:has-text('韩砚青')")
    assert "差 8.0" in page.inner_text("tbody tr:has-text('白若谷')")
    assert "已达标" in page.inner_text("tbody tr:has-text('王小明')")
    look(page, "shortfalls-unit")

    # Plans, and enrols with one click.
    page.get_by_role("link", name="补学方案").click()
    expect(page.get_by_role("heading", name="3 人还差，2 人补得齐")).to_be_visible()
    expect(page.get_by_role("heading", name="最少 1 个班，补齐 2 人")).to_be_visible()
    left = page.inner_text("section:has(#left) tbody")
    assert "专业科目 28.0" in left
    assert "24.0" in left
    look(page, "shortfalls-plan")
    page.get_by_role("button", name="按此报名").click()
    expect(page.get_by_text("已报名 2 人次")).to_be_visible()
    expect(page.get_by_role("heading", name="1 人还差，0 人补得齐")).to_be_visible()
    on_the_list = Enrolment.objects.values_list("application", "person__name")
    assert set(on_the_list) == {(whole_day.pk, "韩砚青"), (whole_day.pk, "白若谷")}

    # The bureau sees who is left, and reminds the unit, once.
    page = page_for(district.handler, "/shortfalls/")
    row = page.locator("tbody tr").first
    expect(row).to_contain_text(district.unit.short)
    look(page, "shortfalls-units")
    page.get_by_role("button", name="全部催办（1 个单位）").click()
    expect(page.get_by_text("已催办 1 个单位")).to_be_visible()
    expect(page.get_by_role("button", name="全部催办")).to_have_count(0)
    assert Reminder.objects.get().said == "2026 年度还有 1 人学时（学分）不足"

    page = page_for(district.owner, "/notices/")
    page.get_by_text("催办：2026 年度还有 1 人学时（学分）不足").first.click()
    expect(page.get_by_text("区人社局催办：2026 年度还有 1 人")).to_be_visible()


def test_who_files_for_a_clinic_switches_to_its_people(page_for: Any, district: Any) -> None:
    """A hospital whose clinic has no clerk; of somebody something is on its way, and something was sent back."""
    with time_machine.travel(datetime(2026, 11, 24, 9, tzinfo=SHANGHAI)):
        facts = {"nature": "medical", "medical_level": "first", "supervisor": district.unit}
        Unit.objects.filter(pk=district.unit.pk).update(nature="medical", medical_level="second")
        clinic = UnitFactory(code="CL", name="洛江区双溪卫生院", short_name="双溪卫生院", **facts)
        doctor = person_in(clinic, "柳见青", category="medical")
        typed = {"measure": "credits", "subject": "class_2", "form": "conference"}
        declaration_of(district.unit, doctor, title="学术会议", amount=Decimal(3), state="submitted", **typed)
        declaration_of(district.unit, doctor, title="另一会议", amount=Decimal(2), state="returned", **typed)
        page = page_for(district.owner, f"/shortfalls/{district.unit.pk}/")
        page.get_by_role("link", name="代报送：双溪卫生院").click()
        expect(page.get_by_role("row", name="柳见青")).to_contain_text("另有 2.0 退回补正，未计入")
        page.get_by_role("row", name="柳见青").locator("summary").click()
        expect(page.get_by_role("link", name="3.0 学分，学术会议，学时申报 待审核")).to_be_visible()
        look(page, "clinic")
        page.get_by_role("link", name="代双溪卫生院报送").click()
        expect(page.get_by_role("heading", name="代双溪卫生院报送年度验证")).to_be_visible()

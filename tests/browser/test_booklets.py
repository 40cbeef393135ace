"""Booklets: a number by the bureau's rule at the stamp, another one for an expired booklet; the page of a hospital's
people, written by its supervising unit."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from luojiang_ce import clock
from tests.browser.conftest import PHONE, assert_accessible, assert_fits
from tests.browser.way import act
from tests.verification.batches.samples import YEAR, a_batch, a_seal, staff
from tests.verification.booklets.written import a_doctor, a_hospital, more_hours
from units.models import Certificate
from verification.batches.models import Batch, Material
from verification.booklets.models import WrittenPage
from verification.counter.deciding import decide

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.notice("附件4"), pytest.mark.notice("二(一)卫生")]
SHOTS = os.environ.get("SHOTS")


def look(page: Any, name: str) -> None:
    """Accessible, as wide as the screen and as a telephone; pictures where they are asked for."""
    assert_accessible(page)
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"{name}.png"), full_page=True)
    wide = page.viewport_size
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    assert_fits(page)
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"{name}-phone.png"), full_page=True)
    page.set_viewport_size(wide)


def test_numbers_by_the_bureaus_rule_at_the_stamp(page_for: Any, district: Any) -> None:
    """The rule says 洛继教 and five digits from 301 on, six years. One gets a first booklet, one exchanges an old one."""
    today = clock.today()
    page = page_for(district.system_admin, "/workdays/calendar/")
    page.goto(page.url.replace("/workdays/calendar/", "/terms/calendar/")) if "terms" not in page.url else None

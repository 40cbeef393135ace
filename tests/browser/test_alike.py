"""What a reviewer is shown of evidence that another unit has handed in too, and its filer is not."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, assert_accessible, assert_fits
from tests.luojiang_ce.files.pictures import jpeg, photograph
from tests.verification.declarations.test_alike import two

pytestmark = pytest.mark.django_db(transaction=True)
SHOTS = os.environ.get("SHOTS")


def shoot(page: Any, name: str) -> None:
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"alike-{name}.png"), full_page=True)


def test_the_reviewer_follows_the_link_to_the_other_case(page_for: Any, district: Any) -> None:
    picture = photograph(1)
    mine, theirs = two(district, jpeg(picture), jpeg(picture.crop((32, 0, 640, 480)), 60))
    page = page_for(district.handler, mine.get_absolute_url())
    panel = page.locator("section", has=page.locator("#alike"))
    expect(panel).to_contain_text("几乎相同的图片")
    assert_accessible(page)
    shoot(page, "page")
    phone = page_for(district.handler, mine.get_absolute_url(), size=PHONE)
    assert_fits(phone)
    shoot(phone, "phone")
    panel.get_by_role("link").click()
    expect(page).to_have_url(re.compile(f"{theirs.get_absolute_url()}$"))
    filer = page_for(district.owner, mine.get_absolute_url())
    expect(filer.locator("#alike")).to_have_count(0)

"""A page as whoever uses it sees it."""

from __future__ import annotations

import os
from pathlib import Path

from playwright.sync_api import Page

from tests.browser.conftest import PHONE, assert_accessible, assert_fits

SHOTS = os.environ.get("SHOTS")  # a folder: keep pictures of what is passed through


def look(page: Page, name: str) -> None:
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

"""What a class teacher does on the phone, with a network and without."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import Any

from playwright.sync_api import BrowserContext, Page

from tests.browser.conftest import PATIENCE


def opened(context: BrowserContext, address: str) -> Page:
    """The link's page in the phone's browser."""
    page = context.pages[0] if context.pages else context.new_page()
    page.goto(address)
    return page


def kept_for_later(page: Page) -> None:
    """Until the pages are on the phone and its worker stands by."""
    page.wait_for_selector("[data-kept=yes]")


def touch(page: Page, name: str, verb: str = "到了") -> None:
    page.get_by_role("button", name=f"{name} {verb}").click()


def show(page: Page, side: str) -> None:
    """The side of those who come, or of those who leave."""
    page.locator(f"label[for=side-{side}]").click()


def wait_for(what: Callable[[], Any], wanted: Any, page: Page) -> None:
    """Until the server has what is wanted, as long as the browser is given for anything: a busy machine may take its
    time."""
    deadline = monotonic() + PATIENCE / 1000
    while what() != wanted and monotonic() < deadline:
        page.wait_for_timeout(100)
    assert what() == wanted

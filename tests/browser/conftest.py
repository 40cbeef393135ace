"""The real Chromium against a live server: pages, sign-in, screenshots, accessibility.

    def test_start(page_for, district):
        page = page_for(district.owner, "/")         # signed in, 1440 px wide, fails on any console error
        assert_accessible(page)                      # WCAG 2.2 A and AA and best practices, by axe-core

Without Chromium (CHROMIUM, or the one on the path) these tests are skipped, with that reason.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from axe_playwright_python.base import AxeResults
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, expect, sync_playwright

from luojiang_ce import clock
from tests.browser.way import Office

FOUND = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
CHROMIUM = os.environ.get("CHROMIUM") or FOUND or "/usr/bin/chromium"
# Without windows, toolbars and pages of its own the shell opens a page in a third of the time. When it is closed it
# forgets what was installed: a phone, which is switched off and on again, is the whole browser.
SHELL = os.environ.get("CHROMIUM") or shutil.which("chromium-headless-shell") or CHROMIUM
ARGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 120_000  # milliseconds: it ends a test that has failed, and must not fail one on a busy machine
DESKTOP, PHONE = (1440, 900), (390, 844)
AXE = Axe()
TAGS = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}

expect.set_options(timeout=PATIENCE)
# Playwright keeps an event loop in this thread; Django would refuse the ORM beside it.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder is a browser test."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def playwright_driver() -> Iterator[Playwright]:
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def browser(playwright_driver: Playwright) -> Iterator[Browser]:
    if not Path(CHROMIUM).exists():
        pytest.skip(f"no Chromium at {CHROMIUM}; set CHROMIUM or apt-get install chromium")
    chromium = playwright_driver.chromium.launch(executable_path=SHELL, args=ARGS)
    yield chromium
    chromium.close()


@pytest.fixture
def site(live_server: Any, settings: Any) -> str:
    """The address of a live server, which its links bear; its cookies work over plain HTTP."""
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = False
    settings.PUBLIC_URL = live_server.url
    return str(live_server.url)


@pytest.fixture
def open_page(browser: Browser, site: str) -> Iterator[Callable[..., Page]]:
    """Open a path in a fresh browser profile; the test fails if a page logs an error (a CSP violation is one)."""
    contexts: list[Any] = []
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            complaints.append(message.text)

    def open_path(
        path: str = "/",
        *,
        size: tuple[int, int] = DESKTOP,
        dark: bool = False,
        cookies: list[Any] | None = None,
        script: bool = True,
    ) -> Page:
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            locale="zh-CN",
            java_script_enabled=script,
            reduced_motion="reduce",  # colours are looked at when they have come to rest
        )
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        theme = [{"name": "theme", "value": "dark", "url": site}] if dark else []
        context.add_cookies([*theme, *(cookies or [])])
        page = context.new_page()
        page.on("console", note)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{site}{path}")
        return page

    yield open_path
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def page_for(open_page: Callable[..., Page], site: str) -> Callable[..., Page]:
    """Open a path signed in as an account."""

    def open_as(account: Any, path: str = "/", **options: Any) -> Page:
        return open_page(path, cookies=[session_of(account, site)], **options)

    return open_as


def session_of(account: Any, site: str) -> Any:
    """The cookie of somebody who is signed in."""
    client = Client()
    client.force_login(account)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    return {"name": settings.SESSION_COOKIE_NAME, "value": session, "url": site}


@pytest.fixture
def phone_of(playwright_driver: Playwright, site: str, tmp_path: Path) -> Iterator[Callable[..., BrowserContext]]:
    """Switch on a phone whose browser keeps what it has when it is closed and opened again; `account`: signed in,
    `zone`: where it thinks that it is."""
    switched_on: list[BrowserContext] = []

    def switch_on(account: Any = None, *, offline: bool = False, zone: str = "Asia/Shanghai") -> BrowserContext:
        context = playwright_driver.chromium.launch_persistent_context(
            tmp_path / "phone", executable_path=CHROMIUM, args=ARGS, locale="zh-CN", timezone_id=zone,
            reduced_motion="reduce",
            viewport={"width": PHONE[0], "height": PHONE[1]},
        )  # fmt: skip
        context.set_default_timeout(PATIENCE)
        context.add_cookies([session_of(account, site)] if account else [])
        context.set_offline(offline)
        switched_on.append(context)
        return context

    yield switch_on
    for context in switched_on:
        context.close()


@pytest.fixture
def office(
    page_for: Callable[..., Page], tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Office]:
    """The system on the day that `at` sets, in every thread, with a chain of events of its own; what the screen said
    last is shown where the test fails."""
    settings.VAR_DIR = tmp_path
    office = Office(page_for, tmp_path)
    monkeypatch.setattr(clock, "_set_to", SimpleNamespace(get=lambda: office.now))
    yield office
    if office.page:
        sys.stdout.write(f"{office.page.url}\n{office.page.inner_text('main')}\n")


def assert_accessible(page: Page, *rules: str) -> None:
    """No violation of WCAG 2.2 A and AA nor of best practices on the page as it stands; `rules`: only of these."""
    page.wait_for_load_state()
    only = {"type": "rule", "values": list(rules)} if rules else TAGS
    if not page.evaluate("'axe' in window"):  # half a megabyte, and a page is often looked at twice
        page.evaluate(AXE.axe_script)
    found = page.evaluate("options => axe.run(options)", {"runOnly": only, "resultTypes": ["violations"]})
    results = AxeResults(found)
    assert results.violations_count == 0, results.generate_report()


def assert_fits(page: Page) -> None:
    """No sideways scrolling of the page."""
    page.wait_for_load_state()  # a link that was just clicked may have brought a page that is still empty
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"the page is {wide}px too wide at {page.viewport_size}"

"""The page that verifies papers without a network, in the real Chromium, with the server out of reach."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from playwright.sync_api import BrowserContext, Page, expect

from luojiang_ce.papers.services import revoke_papers
from luojiang_ce.proof import keyring
from luojiang_ce.workflow import case_kind
from tests.browser.looking import look
from tests.conftest import District
from tests.factories import person_in
from tests.luojiang_ce.papers.samples import issued_page
from tests.luojiang_ce.proof.papers import Held, held

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def paper(district: District, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, site: str) -> Any:
    monkeypatch.setattr(case_kind, "_kinds", dict(case_kind._kinds))
    settings.MEDIA_ROOT = settings.VAR_DIR = tmp_path
    return issued_page(district, person_in(district.unit, "温知故"))


def ready(page: Page) -> None:
    expect(page.locator("body")).to_have_attribute("data-ready", "yes")


def judged(page: Page, verdict: str, *findings: str) -> None:
    expect(page.locator("[data-verdict]")).to_have_attribute("data-verdict", verdict)
    for each in findings:
        expect(page.locator(f"[data-finding={each}]")).to_be_visible()


def pasted(page: Page, text: str, typed: str = "") -> None:
    page.fill("#text", text)
    page.fill("#typed", typed)
    page.click("[data-judge]")


def chosen(page: Page, *files: tuple[str, str, bytes]) -> None:
    page.fill("#typed", "")
    page.set_input_files("#files", [{"name": name, "mimeType": kind, "buffer": content} for name, kind, content in files])


def pdf(held_: Held) -> tuple[str, str, bytes]:
    return "文书.pdf", "application/pdf", held_.file


def proof(held_: Held) -> tuple[str, str, bytes]:
    return "收录证明.txt", "text/plain", held_.proof.encode()


def test_everything_is_verified_with_the_server_stopped(
    phone_of: Callable[..., BrowserContext], live_server: Any, paper: Any
) -> None:
    mine = held(paper)
    phone = phone_of()
    page = phone.new_page()
    page.goto(f"{live_server.url}/verify/")
    ready(page)
    page.evaluate("navigator.serviceWorker.ready")
    page.wait_for_function("caches.open('verify').then(c => c.keys()).then(all => all.length > 10)")
    page.close()
    live_server.stop()
    page = phone.new_page()
    page.goto(f"{live_server.url}/verify/")
    ready(page)
    pasted(page, mine.text)
    judged(page, "genuine", "signed", "not_revoked", "no_inclusion")
    expect(page.locator("[data-claims]")).to_contain_text("温*故")
    chosen(page, pdf(mine), proof(mine))
    judged(page, "genuine", "signed", "same_file", "included")
    look(page, "verify-genuine")

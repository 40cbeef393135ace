"""Hands for the test of the whole way: who sits at the screen, what day it is, and the few moves that recur."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from luojiang_ce import clock
from tests.training.plans.factories import a_scan

SHOTS = os.environ.get("SHOTS")  # a folder: keep pictures of what is passed through


@dataclass
class Office:
    """The system in the browser on a given day: `at` sets the day for server and test alike."""

    page_for: Callable[..., Page]
    folder: Path
    now: datetime = field(default_factory=clock.now)
    page: Page | None = None
    _scan: Path | None = None

    def at(self, day: str, time: str = "10:00") -> Office:
        """It is this day and time in Beijing."""
        self.now = datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=clock.SHANGHAI)
        return self

    def sit(self, account: Any, path: str = "/", **options: Any) -> Page:
        """The account opens a page in a browser of its own."""
        self.page = self.page_for(account, path, **options)
        return self.page

    @property
    def scan(self) -> Path:
        """A scan to upload."""
        if self._scan is None:
            self._scan = self.folder / "扫描件.png"
            self._scan.write_bytes(a_scan().read())
        return self._scan


def act(page: Page, label: str, *, note: str = "", **typed: str) -> None:
    """Press an action of a case, fill in what it asks for, and press it again."""
    page.get_by_role("link", name=label, exact=True).click()
    fill(page, typed)
    if note:
        page.locator("[name=note]").fill(note)
    page.get_by_role("button", name=label, exact=True).click()
    expect(page.locator(".lj-errors")).to_have_count(0)


def fill(page: Page, typed: dict[str, str]) -> None:
    """Fill fields by name; a choice by its word, a box by ticking it."""
    for name, value in typed.items():
        element = page.locator(f"[name='{name}']").first
        kind = element.evaluate("e => e.tagName === 'SELECT' ? 'select' : e.type")
        if kind == "select":
            element.select_option(label=value) if not value.isdecimal() else element.select_option(value)
        elif kind == "checkbox":
            element.set_checked(value == "是")
        else:
            element.fill(value)


def upload(page: Page, material: str, file: Path) -> None:
    """Attach a file under a material of the checklist."""
    page.get_by_label(f"{material}：选择文件").set_input_files(file)
    page.get_by_role("button", name=f"上传 {material}").click()
    expect(page.get_by_text(f"已上传：{file.name}").first).to_be_visible()


def stands(page: Page, state: str) -> None:
    """The case in front of us stands in this state."""
    expect(page.locator(".lj-head .lj-state").first).to_have_text(state)


def shot(page: Page, name: str) -> None:
    """A picture of the whole page, where pictures are asked for."""
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}-{page.viewport_size['width']}.png", full_page=True)

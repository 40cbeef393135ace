"""An inspection on a phone: taps and seconds of a visit without findings; without a network, over a closed browser,
sent once."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import BrowserContext, Page, Playwright, expect

from luojiang_ce.files.models import Attachment
from luojiang_ce.workflow.events import history
from tests.browser.conftest import ARGS, CHROMIUM, PATIENCE, PHONE, assert_accessible, assert_fits
from tests.conftest import District
from tests.training.inspections.factories import a_picture, a_visit
from training.inspections.models import Inspection, OnSiteSheet

pytestmark = pytest.mark.django_db(transaction=True)
MOST_TAPS, MOST_SECONDS = 25, 90
THUMB = 2.5  # seconds that a person takes to find and touch a thing with one thumb
STROKES, STROKE = 3, 1.0  # of a signature, and seconds for each


class Thumb:
    """Touches things and counts."""

    def __init__(self, page: Page) -> None:
        self.page, self.taps, self.strokes, self.began = page, 0, 0, time.monotonic()

    def tap(self, what: Any) -> None:
        self.taps += 1
        (self.page.locator(what) if isinstance(what, str) else what).click()

    def sign(self, code: str) -> None:
        self.tap(f"[data-signer={code}] [data-sign]")
        draw(self.page)
        self.strokes += STROKES
        self.tap("[data-pad-done]")
        expect(self.page.locator("[data-pad]")).to_be_hidden()

    @property
    def seconds(self) -> float:
        """What it takes a person: each tap and stroke at the pace of one thumb; the machine is quicker."""
        return self.taps * THUMB + self.strokes * STROKE


def draw(page: Page, strokes: int = STROKES) -> None:
    """A signature, drawn with the pointer."""
    box: Any = page.locator("[data-pad-canvas]").bounding_box()
    for stroke in range(strokes):
        x, y = box["x"] + 40 + 60 * stroke, box["y"] + 40
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 30, y + 70, steps=4)
        page.mouse.move(x + 50, y + 20, steps=4)
        page.mouse.up()


def signer_codes(case: Inspection) -> list[str]:
    return [*(f"sign-{each.pk}" for each in case.inspectors.all()), "sign-provider"]


def address(case: Inspection) -> str:
    return f"/inspections/sheet/{case.pk}/"


def state_of(case: Inspection) -> str:
    return Inspection.objects.get(pk=case.pk).state


def test_a_visit_without_findings_takes_a_minute_and_a_half_and_25_taps(
    page_for: Callable[..., Page], district: District
) -> None:
    case = a_visit(district)
    page = page_for(district.inspector, "/", size=PHONE)
    thumb = Thumb(page)
    thumb.tap(page.get_by_role("link", name=str(case.subject)).first)
    expect(page.locator("body")).to_have_attribute("data-ready", "yes")
    assert_accessible(page)
    assert_fits(page)
    thumb.tap("#id_present")
    page.keyboard.type("38")
    thumb.taps += 2
    thumb.tap("[data-all-agree]")
    for code in signer_codes(case):
        thumb.sign(code)
    thumb.tap("button[value=send]")
    page.wait_for_url(f"**{case.get_absolute_url()}")
    assert state_of(case) == "recorded"
    sheet = OnSiteSheet.objects.get()
    assert (sheet.present, sheet.signer, sheet.lecturer, sheet.fees) == (38, "顾清和", "agrees", "agrees")
    here = time.monotonic() - thumb.began
    said = f"{thumb.taps} taps, {thumb.strokes} strokes: {thumb.seconds:.0f} s of a person, {here:.0f} s of the machine"
    sys.stdout.write(f"\n{said}\n")
    assert thumb.taps <= MOST_TAPS
    assert thumb.seconds <= MOST_SECONDS


@pytest.fixture
def phone_of(playwright_driver: Playwright, site: str, tmp_path: Path) -> Iterator[Callable[..., BrowserContext]]:
    """A phone whose browser keeps what it has when it is closed."""
    open_ones: list[BrowserContext] = []

    def open_for(account: Any, *, offline: bool = False) -> BrowserContext:
        context = playwright_driver.chromium.launch_persistent_context(
            str(tmp_path / "phone"), executable_path=CHROMIUM, args=ARGS, locale="zh-CN",
            viewport={"width": PHONE[0], "height": PHONE[1]},
        )  # fmt: skip
        context.set_default_timeout(PATIENCE)
        client = Client()
        client.force_login(account)
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": site}])
        context.set_offline(offline)
        open_ones.append(context)
        return context

    yield open_for
    for context in open_ones:
        context.close()


def test_without_a_network_and_over_a_closed_browser_nothing_is_lost_and_it_is_sent_once(
    phone_of: Callable[..., BrowserContext], site: str, district: District, tmp_path: Path
) -> None:
    case = a_visit(district)
    context = phone_of(district.inspector)
    page = context.pages[0]
    page.goto(f"{site}{address(case)}")
    expect(page.locator("body")).to_have_attribute("data-remembered", "yes")
    context.set_offline(True)
    page.fill("#id_present", "35")
    page.click("[data-all-agree]")
    page.click("label[for=id_signing_differs]")
    page.check("#id_found_false")
    page.fill("#id_text_false", "3 人不在场，由同室人员代签")
    page.fill("#id_statement", "三人因急事离场")
    photograph = tmp_path / "room.jpg"
    photograph.write_bytes(a_picture(kind="JPEG").read())
    page.set_input_files("#photo", str(photograph))
    expect(page.locator("[data-photos] img")).to_have_count(1)
    first, second, unit = signer_codes(case)
    sign(page, first)
    page.click(f"[data-signer={second}] [data-sign]")
    draw(page, strokes=1)  # and the page is closed half-way
    context.close()

    context = phone_of(district.inspector, offline=True)
    page = context.pages[0]
    page.goto(f"{site}{address(case)}")
    assert page.input_value("#id_present") == "35"
    assert page.input_value("#id_text_false") == "3 人不在场，由同室人员代签"
    assert page.is_checked("#id_signing_differs")
    expect(page.locator("[data-photos] img")).to_have_count(1)
    expect(page.locator(f"[data-signer={first}] [data-signed]")).to_have_text("已签")
    expect(page.locator(f"[data-signer={second}] [data-signed]")).to_have_text("签了一半，点签名接着签")
    for code in (second, unit):
        sign(page, code)
    page.click("button[value=send]")
    expect(page.locator("[data-net]")).to_contain_text("联网后自动提交")
    assert state_of(case) == "assigned"
    context.close()

    context = phone_of(district.inspector)
    page = context.pages[0]
    page.goto(f"{site}{address(case)}")
    page.wait_for_url(f"**{case.get_absolute_url()}")
    assert state_of(case) == "recorded"
    assert [event.name for event in history(case)].count("record") == 1
    assert (OnSiteSheet.objects.get().present, case.findings.get().kind) == (35, "false")
    assert Attachment.objects.of(case).count() == 4
    left = page.evaluate("indexedDB.databases().then(all => all.length)")
    assert left <= 1
    page.goto(f"{site}{address(case)}")
    expect(page).to_have_url(f"{site}{case.get_absolute_url()}")


def sign(page: Page, code: str) -> None:
    page.click(f"[data-signer={code}] [data-sign]")
    draw(page, strokes=2)
    page.click("[data-pad-done]")
    expect(page.locator("[data-pad]")).to_be_hidden()


def test_what_is_changed_after_a_signature_is_signed_anew(page_for: Callable[..., Page], district: District) -> None:
    case = a_visit(district)
    page = page_for(district.inspector, address(case), size=PHONE)
    page.fill("#id_present", "35")
    first = signer_codes(case)[0]
    sign(page, first)
    expect(page.locator(f"[data-signer={first}] [data-signed]")).to_have_text("已签")
    page.fill("#id_present", "30")
    expect(page.locator(f"[data-signer={first}] [data-signed]")).to_have_text("签名后内容有改动，请重签")
    page.click("button[value=send]")
    expect(page.locator("[data-errors]")).to_be_visible()
    assert state_of(case) == "assigned"


def test_an_ended_session_loses_nothing(page_for: Callable[..., Page], district: District) -> None:
    case = a_visit(district)
    page = page_for(district.inspector, address(case), size=PHONE)
    page.fill("#id_present", "35")
    for code in signer_codes(case):
        sign(page, code)
    page.context.clear_cookies()
    page.click("button[value=send]")
    expect(page.locator("[data-net]")).to_contain_text("登录已失效，内容都在本机")
    assert state_of(case) == "assigned"


def test_without_script_the_page_is_a_plain_form(page_for: Callable[..., Page], district: District) -> None:
    case = a_visit(district)
    page = page_for(district.inspector, address(case), size=PHONE, script=False)
    expect(page.locator("noscript input[type=file], input[name^=sign-]").first).to_be_visible()
    page.fill("#id_present", "35")
    page.click("button[value=save]")
    expect(page.locator("body")).to_contain_text("已存下")
    assert OnSiteSheet.objects.get().present == 35

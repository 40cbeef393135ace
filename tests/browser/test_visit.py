"""An inspection on a phone: taps and seconds of a visit without findings; without a network, over a closed browser,
sent once."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from luojiang_ce.files.models import Attachment
from luojiang_ce.workflow.events import history
from tests.browser.conftest import PHONE, assert_accessible, assert_fits
from tests.browser.visit_steps import (
    STROKES,
    address,
    draw,
    opened,
    send_later,
    sent_by_itself,
    sign,
    signer_codes,
    taken_along,
    write_down,
)
from tests.conftest import District
from tests.training.inspections.factories import a_visit
from training.inspections.models import Inspection, OnSiteSheet

pytestmark = pytest.mark.django_db(transaction=True)
MOST_TAPS, MOST_SECONDS = 25, 90
THUMB = 2.5  # seconds that a person takes to find and touch a thing with one thumb
STROKE = 1.0  # seconds for one of a signature


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


def test_without_a_network_and_over_a_closed_browser_nothing_is_lost_and_it_is_sent_once(
    phone_of: Callable[..., BrowserContext], site: str, district: District, tmp_path: Path
) -> None:
    case = a_visit(district)
    first, second, unit = signer_codes(case)
    page = taken_along(phone_of(district.inspector), site, case)
    write_down(page, tmp_path, present=35, wrong="3 人不在场，由同室人员代签")
    sign(page, [first])
    page.click(f"[data-signer={second}] [data-sign]")
    draw(page, strokes=1)  # and the page is closed half-way
    page.context.close()

    page = opened(phone_of(district.inspector, offline=True), site, case)
    expect(page.locator("#id_present")).to_have_value("35")  # it comes from the store, after the page
    expect(page.locator("#id_text_false")).to_have_value("3 人不在场，由同室人员代签")
    expect(page.locator("#id_signing_differs")).to_be_checked()
    expect(page.locator("[data-photos] img")).to_have_count(1)
    expect(page.locator(f"[data-signer={first}] [data-signed]")).to_have_text("已签")
    expect(page.locator(f"[data-signer={second}] [data-signed]")).to_have_text("签了一半，点签名接着签")
    sign(page, [second, unit])
    send_later(page)
    assert state_of(case) == "assigned"
    page.context.close()

    page = sent_by_itself(phone_of(district.inspector), site, case)
    assert state_of(case) == "recorded"
    assert [event.name for event in history(case)].count("record") == 1
    assert (OnSiteSheet.objects.get().present, case.findings.get().kind) == (35, "false")
    assert Attachment.objects.of(case).count() == 4
    left = page.evaluate("indexedDB.databases().then(all => all.length)")
    assert left <= 1
    page.goto(f"{site}{address(case)}")
    expect(page).to_have_url(f"{site}{case.get_absolute_url()}")


def test_what_is_changed_after_a_signature_is_signed_anew(page_for: Callable[..., Page], district: District) -> None:
    case = a_visit(district)
    page = page_for(district.inspector, address(case), size=PHONE)
    page.fill("#id_present", "35")
    first = signer_codes(case)[0]
    sign(page, [first])
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
    sign(page, signer_codes(case))
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

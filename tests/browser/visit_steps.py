"""What an inspector does with the on-site sheet on a phone, with a network and without."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page, expect

from tests.training.inspections.factories import a_picture
from training.inspections.models import Inspection

STROKES = 3  # of a signature


def signer_codes(case: Inspection) -> list[str]:
    """Of both inspectors and the provider."""
    return [*(f"sign-{each.pk}" for each in case.inspectors.all()), "sign-provider"]


def address(case: Inspection) -> str:
    return f"/inspections/sheet/{case.pk}/"


def opened(context: BrowserContext, site: str, case: Inspection) -> Page:
    """The sheet in the phone's browser."""
    page = context.pages[0]
    page.goto(f"{site}{address(case)}")
    return page


def taken_along(context: BrowserContext, site: str, case: Inspection) -> Page:
    """The sheet is opened where there is a network; then there is none."""
    page = opened(context, site, case)
    expect(page.locator("body")).to_have_attribute("data-remembered", "yes")
    context.set_offline(True)
    return page


def write_down(page: Page, folder: Path, *, present: int, wrong: str) -> None:
    """So many are there, and somebody signs for others; with a photograph, and what the provider says."""
    page.fill("#id_present", f"{present}")
    page.click("[data-all-agree]")
    page.click("label[for=id_signing_differs]")
    page.check("#id_found_false")
    page.fill("#id_text_false", wrong)
    page.fill("#id_statement", "三人因急事离场")
    photograph = folder / "room.jpg"
    photograph.write_bytes(a_picture(kind="JPEG").read())
    page.set_input_files("#photo", str(photograph))
    expect(page.locator("[data-photos] img")).to_have_count(1)


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


def sign(page: Page, codes: Iterable[str]) -> None:
    """These sign, one after the other."""
    for code in codes:
        page.click(f"[data-signer={code}] [data-sign]")
        draw(page, strokes=2)
        page.click("[data-pad-done]")
        expect(page.locator("[data-pad]")).to_be_hidden()


def send_later(page: Page) -> None:
    """Sent without a network: it waits on the phone."""
    page.click("button[value=send]")
    expect(page.locator("[data-net]")).to_contain_text("联网后自动提交")


def sent_by_itself(context: BrowserContext, site: str, case: Inspection) -> Page:
    """The sheet is opened where there is a network again: it goes, and the visit's page comes."""
    page = opened(context, site, case)
    page.wait_for_url(f"**{case.get_absolute_url()}")
    return page

"""The hand scanner at the counter, in the real browser: keys as fast as it sends them, while pages come and go.

Whoever is decided is whoever was on the screen; what is scanned meanwhile decides nobody else.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, Route, expect

from tests.browser.way import Office
from tests.conftest import District
from tests.verification.batches.samples import a_batch, staff
from verification.batches.models import AnnualRecord, Batch

COUNTER = "**/counter/**"


@pytest.fixture
def batch(office: Office, district: District) -> Batch:
    office.at("2027-01-11", "09:00")
    return a_batch(district, people=[*staff(district.unit, 3), *staff(district.unit, 1, met=False)])


@pytest.fixture
def page(office: Office, district: District, batch: Batch) -> Page:
    page = office.sit(district.handler, reverse("batches:counter", args=[batch.pk]))
    expect(page.locator("#scan")).to_be_focused()
    return page


def code_of(row: AnnualRecord) -> str:
    return str(row.person.masked_id[-4:])


def met(batch: Batch) -> list[AnnualRecord]:
    """Those who can be passed, the last of the list first: the first is in hand by itself."""
    rows = batch.records.filter(verdict__outcome="met").select_related("person")
    return list(rows.order_by("-person__pinyin", "-pk"))


def scan(page: Page, code: str) -> None:
    """Keys and Enter, without a pause between them and waiting for nothing."""
    page.keyboard.type(code)
    page.keyboard.press("Enter")


def in_hand(page: Page, row: AnnualRecord) -> None:
    page.wait_for_url(f"**row={row.pk}")
    expect(page.locator("#hand")).to_have_text(row.person.name)
    expect(page.locator("#scan")).to_be_focused()


def states(batch: Batch) -> dict[int, str]:
    return dict(batch.records.values_list("pk", "state"))


class Held:
    """The slow page: requests for an address wait until they are let go."""

    def __init__(self, page: Page, address: str = COUNTER) -> None:
        self.page, self.waiting, self.slow = page, list[Route](), True
        page.route(address, self._keep)

    def _keep(self, route: Route) -> None:
        if self.slow:
            self.waiting.append(route)
        else:
            route.continue_()

    def is_asked_for(self) -> None:
        for _ in range(200):
            if self.waiting:
                return
            self.page.wait_for_timeout(20)
        raise AssertionError("no page was asked for")

    def let_go(self) -> None:
        self.slow = False
        for route in self.waiting:
            route.continue_()


def test_two_scans_in_a_row_and_the_key_passes_who_is_shown(page: Page, batch: Batch) -> None:
    first, second = met(batch)[:2]
    scan(page, code_of(first))
    in_hand(page, first)
    scan(page, code_of(second))
    in_hand(page, second)
    page.keyboard.press("F2")
    expect(page.locator(".lj-messages")).to_contain_text(f"{second.person.name}：通过")
    expect(page.locator("#scan")).to_be_focused()
    assert {pk for pk, state in states(batch).items() if state == "verified"} == {second.pk}
    scan(page, code_of(first))  # after a decision too
    in_hand(page, first)


def test_a_scan_on_an_address_with_a_fragment_reaches_its_field(page: Page, batch: Batch) -> None:
    first, second = met(batch)[:2]
    page.goto(f"{page.url}?row={first.pk}#row-{first.pk}")
    page.keyboard.type(code_of(second), delay=5)
    expect(page.locator("#scan")).to_have_value(code_of(second))


def test_what_is_scanned_while_a_page_comes_is_found_on_it_and_a_key_meanwhile_decides_nobody(
    page: Page, batch: Batch
) -> None:
    first, second = met(batch)[:2]
    held = Held(page)
    scan(page, code_of(first))
    held.is_asked_for()
    scan(page, code_of(second))
    page.keyboard.press("F2")
    held.let_go()
    in_hand(page, second)
    expect(page.locator("#scan-says")).to_contain_text("没有执行")
    assert set(states(batch).values()) == {"filed"}


def test_a_scan_during_a_decision_is_found_after_it_and_a_second_key_decides_nobody(page: Page, batch: Batch) -> None:
    first, second = met(batch)[:2]
    scan(page, code_of(first))
    in_hand(page, first)
    held = Held(page, "**/decide/")
    page.keyboard.press("F2")
    held.is_asked_for()
    scan(page, code_of(second))
    page.keyboard.press("F2")
    page.keyboard.press("F8")
    held.let_go()
    in_hand(page, second)
    assert {pk for pk, state in states(batch).items() if state != "filed"} == {first.pk}


def test_a_code_of_which_a_part_came_too_early_is_asked_for_again(page: Page, batch: Batch) -> None:
    first, second = met(batch)[:2]
    held = Held(page)
    scan(page, code_of(first))
    held.is_asked_for()
    page.keyboard.type(code_of(second)[:2])
    held.let_go()
    in_hand(page, first)
    page.keyboard.press("F2")
    expect(page.locator("#scan-says")).to_contain_text("扫描框里还有字符")
    page.keyboard.type(code_of(second)[2:])
    page.keyboard.press("Enter")
    expect(page.locator("#scan-says")).to_contain_text("再扫一次")
    expect(page.locator("#scan")).to_have_value("")
    assert set(states(batch).values()) == {"filed"}
    scan(page, code_of(second))
    in_hand(page, second)


def test_glued_codes_are_not_found_and_decide_nobody(page: Page, batch: Batch) -> None:
    first, second = met(batch)[:2]
    page.keyboard.type(code_of(first) + code_of(second))
    page.keyboard.press("F2")
    expect(page.locator("#scan-says")).to_contain_text("没有办理")
    page.keyboard.press("Enter")
    expect(page.get_by_text("本批没有这个人。")).to_be_visible()
    page.keyboard.press("F2")
    page.keyboard.press("F8")
    scan(page, code_of(first))
    in_hand(page, first)
    assert set(states(batch).values()) == {"filed"}


def test_a_scan_into_the_reason_is_a_scan_and_enter_there_decides_nobody(page: Page, batch: Batch) -> None:
    first, second = met(batch)[:2]
    scan(page, code_of(first))
    in_hand(page, first)
    page.keyboard.press("F4")
    why = page.locator("#why")
    expect(why).to_be_focused()  # refused without a reason: the field is marked
    expect(why).to_have_attribute("aria-invalid", "true")
    expect(page.locator(".lj-messages")).to_contain_text("请写明理由")
    page.keyboard.type("缺", delay=80)
    page.keyboard.press("Enter")
    scan(page, code_of(second))
    in_hand(page, second)
    assert set(states(batch).values()) == {"filed"}


def test_of_several_nobody_is_in_hand_before_one_is_chosen(page: Page, batch: Batch) -> None:
    batch.records.update(certificate_number="")
    batch.records.filter(pk__in=[row.pk for row in met(batch)[:2]]).update(certificate_number="77770001")
    scan(page, "77770001")
    expect(page.get_by_text("有几个人符合。")).to_be_visible()
    page.keyboard.press("F2")
    page.keyboard.press("ArrowDown")
    page.wait_for_url("**row=*")
    assert set(states(batch).values()) == {"filed"}


def test_who_is_in_hand_and_what_decides_are_in_sight(page: Page, batch: Batch, district: District) -> None:
    """1440 × 900: scan field, verdict, message and the keys that decide, wherever the row stands, without scrolling."""
    row = met(batch)[0]
    scan(page, code_of(row))
    in_hand(page, row)
    in_sight(page, "[data-key=F2]")
    page.keyboard.press("F2")
    expect(page.locator(".lj-messages")).to_contain_text("通过")
    in_sight(page, "[data-key=F4]")  # who comes next may be short


def in_sight(page: Page, key: str) -> None:
    assert page.evaluate("window.scrollY") == 0
    for place in ("#scan", "#hand", f"#one {key}", "tr.cur"):
        assert covered(page, place) is None, place


def covered(page: Page, place: str) -> Any:
    """What lies on an element, or that it is outside the window; None where it can be clicked."""
    return page.locator(place).evaluate(
        """element => {
            const box = element.getBoundingClientRect();
            const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
            const on = document.elementFromPoint(x, y);
            return on === null ? `outside: ${y}` : element.contains(on) || on.contains(element) ? null : on.outerHTML;
        }"""
    )

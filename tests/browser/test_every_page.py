"""Every page of the product, as somebody sees it who may: accessible in both themes, fitting desktop and phone.

The pages are those of the access matrix, so a new address is looked at without being named here. The test client makes
them and Chromium is handed what it answers: a live server's database is emptied after every test, which takes longer
than a page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.cache import cache
from django.db import transaction
from django.http import HttpResponse
from django.urls import reverse
from playwright.sync_api import Browser, ConsoleMessage, Page, Route

from tests.browser.conftest import DESKTOP, PATIENCE, PHONE, assert_accessible, assert_fits
from tests.browser.test_shell import keep
from tests.conftest import HOLDERS, District
from tests.luojiang_ce.access.matrix import ANONYMOUS, Row, collect
from tests.luojiang_ce.access.test_matrix import signed_in
from tests.luojiang_ce.access.urls import addresses
from tests.luojiang_ce.workflow.walk import collect as collect_kinds
from tests.transactions import of_the_test
from tests.verification.batches.samples import learned
from verification.record.models import Attestation, Transfer, TrustedDistrict

ORIGIN = "http://testserver"
KEPT = ("Content-Type", "Content-Security-Policy")  # of the headers, what makes a difference to how a page looks
LOW = """() => [...document.querySelectorAll('main .btn, main .form-control, main .form-select')].filter(
  el => el.offsetHeight && el.offsetHeight < 44 && !el.closest('.lj-grid')).map(el => el.textContent)"""
PAPER = (".pdf", ".xlsx")
ROUTES = {address.name: address.route for address in addresses()}
SEEN = [row for row in collect() if row.method == "get" and row.status == 200 and not ROUTES[row.url].endswith(PAPER)]
ROWS = list({(row.url, row.state): row for row in reversed(SEEN)}.values())
APPS = sorted({row.url.partition(":")[0] for row in ROWS})


@pytest.fixture
def shown(browser: Browser) -> Iterator[Callable[[HttpResponse], Page]]:
    """What the test client was answered, as Chromium shows it on a phone; a complaint of the page fails the test."""
    context = browser.new_context(locale="zh-CN", reduced_motion="reduce")  # colours do not fade into one another
    context.set_default_timeout(PATIENCE)
    page, complaints, pages = context.new_page(), [], []
    page.on("console", lambda said: complaints.append(said.text) if told_by_the_page(said) else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))

    def answer(route: Route) -> None:
        asked = route.request.url.removeprefix(ORIGIN)
        if asked.startswith(settings.STATIC_URL):
            route.fulfill(path=finders.find(asked.removeprefix(settings.STATIC_URL)))
        elif route.request.is_navigation_request():
            got = pages[-1]
            route.fulfill(status=got.status_code, headers={name: got.headers[name] for name in KEPT}, body=got.content)
        else:
            route.fulfill(status=204)

    def show(got: HttpResponse) -> Page:
        pages.append(got)
        page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
        page.goto(ORIGIN)
        return page

    context.route("**/*", answer)
    yield show
    context.close()
    assert complaints == []


def told_by_the_page(said: ConsoleMessage) -> bool:
    """A broken policy or script; that a page answers with 404 is what it should."""
    return said.type == "error" and "Failed to load resource" not in said.text


@pytest.mark.parametrize("app", APPS)
def test_every_page_is_accessible_and_fits(shown: Callable[[HttpResponse], Page], district: District, app: str) -> None:
    wrong = {}
    for row in (row for row in ROWS if row.url.partition(":")[0] == app):
        with of_the_test():  # the next page finds the district as it was
            cache.clear()
            if fault := look_at(row, shown, district):
                wrong[f"{row.url} {row.state}"] = fault
            transaction.set_rollback(True)
    assert not wrong, "\n".join(f"{url}: {fault}" for url, fault in wrong.items())


@pytest.mark.parametrize("model", [Attestation, Transfer, TrustedDistrict])
def test_every_state_of_a_record_is_accessible_and_fits(
    shown: Callable[[HttpResponse], Page], district: District, model: Any
) -> None:
    """What stands on their pages is another thing in each: files to carry, what overlaps, what a reviewer is asked."""
    wrong = {}
    kind = collect_kinds()[model._meta.label_lower]
    for state in model.State.values:
        with of_the_test():
            cache.clear()
            case = kind.build(district, state)
            if isinstance(case, Transfer):
                learned(case.person, "0", "24", 2025, date_from=date(2025, 4, 14), date_to=date(2025, 4, 16))
            for address in addresses_of(case):
                if fault := look_as_somebody(address, f"{model.__name__}-{state}", shown, district):
                    wrong[address] = fault
            transaction.set_rollback(True)
    assert not wrong, "\n".join(f"{address}: {fault}" for address, fault in wrong.items())


def addresses_of(case: Any) -> list[str]:
    """Its page, and what is asked before a record of another district is accepted."""
    asks = isinstance(case, Transfer) and case.state == Transfer.State.SUBMITTED
    accept = [reverse("workflow:act", args=[case._meta.label_lower, case.pk, "accept"])] if asks else []
    return [case.get_absolute_url(), *accept]


def look_as_somebody(address: str, name: str, shown: Callable[[HttpResponse], Page], district: District) -> str:
    """What is wrong with a page for the first who gets it."""
    answers = (signed_in(district, who).get(address) for who in ("owner", "handler", "approver"))
    got = next(each for each in answers if each.status_code == 200)
    try:
        judge(shown(got), name)
    except AssertionError as fault:
        return str(fault)
    return ""


def look_at(row: Row, shown: Callable[[HttpResponse], Page], district: District) -> str:
    """What is wrong with a page for the first who gets it; nothing where the answer is a file or part of a page."""
    client = signed_in(district, next((name for name in HOLDERS if name in row.who), ANONYMOUS))
    got = client.get(row.address(district), dict(row.data))
    if got.streaming:
        b"".join(got)  # a file is closed once it has been read to its end
    if got.streaming or b"<html" not in got.content[:200]:
        return ""
    try:
        judge(shown(got), "-".join(filter(None, [*row.url.split(":"), row.state])))
    except AssertionError as fault:
        return str(fault)
    return ""


def judge(page: Page, name: str) -> None:
    """Phone, then desktop, then dark: there only colours can be wrong that were not before."""
    assert page.locator("h1").count() == 1, "not one h1"
    assert page.locator("main").count() == 1, "not one main"
    assert_fits(page)
    assert page.evaluate(LOW) == [], "lower than a thumb"
    assert_accessible(page)
    keep(page, name)
    page.set_viewport_size({"width": DESKTOP[0], "height": DESKTOP[1]})
    assert_fits(page)
    page.evaluate("document.documentElement.dataset.bsTheme = 'dark'")
    assert_accessible(page, "color-contrast")
    keep(page, name)


def test_what_is_not_there_is_said_accessibly(shown: Callable[[HttpResponse], Page], district: District) -> None:
    judge(shown(signed_in(district, "owner").get("/nothing/")), "404")

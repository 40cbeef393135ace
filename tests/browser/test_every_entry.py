"""Every entry of the navigation, as somebody sees it who has it: accessible, and fitting desktop and phone."""

from __future__ import annotations

import pytest
from django.urls import reverse

from luojiang_ce.home import registry
from luojiang_ce.workflow.case_kind import case_kinds
from tests.browser.conftest import DESKTOP, PHONE, assert_accessible, assert_fits
from tests.browser.test_shell import keep

EVERY = [*registry._nav, *(item for kind in case_kinds() for item in kind.entries)]
ENTRIES = sorted({item.url_name: item for item in EVERY}.values(), key=lambda item: item.url_name)
PEOPLE = ("owner", "handler", "approver", "keeper", "health_reviewer", "consent", "inspector")
OFFICERS = ("system_admin", "security_admin", "audit_admin")


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("item", ENTRIES, ids=lambda item: item.url_name)
def test_the_page_is_accessible_and_fits(page_for, district, item, size):
    account = next(account for name in (*PEOPLE, *OFFICERS) if item.admits(account := getattr(district, name)))
    page = page_for(account, reverse(item.url_name), size=size)
    keep(page, f"entry-{item.url_name.replace(':', '-')}")
    assert page.locator("h1").count() == 1
    assert page.locator("main").count() == 1
    assert_accessible(page)
    assert_fits(page)

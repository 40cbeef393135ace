"""Setting up the second factor on a desktop and a phone: the code under the strict policy, the recovery codes."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from luojiang_ce.authentication.models import SignIn
from luojiang_ce.second_factor.models import Authenticator
from tests.browser.looking import look
from tests.conftest import District
from tests.luojiang_ce.authentication.test_second_factor import code_of
from tests.units.cases import officer_request

pytestmark = pytest.mark.django_db(transaction=True)


def test_from_the_button_to_the_recovery_codes(page_for: Any, district: District) -> None:
    page = page_for(district.owner, reverse("home:own_factor"))
    page.get_by_role("button", name="开始设置").click()
    page.get_by_role("img", name="验证器二维码").wait_for()
    look(page, "factor-setup")
    assert Authenticator.objects.get().account == district.owner
    page.get_by_label("验证码").fill(code_of(district.owner))
    page.get_by_role("button", name="启用").click()
    page.get_by_role("heading", name="恢复码", level=1).wait_for()
    look(page, "factor-codes")
    page.get_by_role("link", name="已记下").click()
    page.get_by_text("还有 10 个没有用过").wait_for()


def test_sign_ins_and_what_waits_for_a_second_officer(page_for: Any, district: District) -> None:
    for n in range(3):
        facts = {"device": "Windows 电脑上的 Chrome", "address": "198.51.100.7", "end": "elsewhere" if n else "reset"}
        SignIn.objects.create(account=district.owner, session_key=f"k{n}", ended_at=district.owner.created_at, **facts)
    look(page_for(district.owner, reverse("home:sessions")), "sign-ins")
    case = officer_request(district)
    look(page_for(district.system_admin, case.get_absolute_url()), "officer-request")

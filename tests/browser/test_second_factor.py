"""The second factor in a browser: the code under the strict policy, the recovery codes, passkeys of a virtual key."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from luojiang_ce.authentication.models import SignIn
from luojiang_ce.second_factor.models import Authenticator, Passkey
from tests.browser.looking import look
from tests.conftest import District
from tests.factories import PASSWORD
from tests.luojiang_ce.authentication.test_second_factor import code_of
from tests.units.cases import officer_request
from units.models import Account

pytestmark = pytest.mark.django_db(transaction=True)


def test_from_the_button_to_the_recovery_codes(page_for: Any, district: District) -> None:
    page = page_for(district.owner, reverse("home:own_factor"))
    page.get_by_role("link", name="开始设置").click()
    page.get_by_label("现在的密码").fill("a-colleague's guess")
    page.get_by_role("button", name="设置验证器").click()
    page.get_by_text("有 1 处要改").wait_for()
    look(page, "factor-wrong-password")
    page.get_by_label("现在的密码").fill(PASSWORD)
    expect(page.locator("[data-typed-says]")).to_be_empty()
    assert page.evaluate("Object.keys(localStorage)") == [], "nothing is said to be kept, and nothing is"
    page.get_by_role("button", name="设置验证器").click()
    page.get_by_role("img", name="验证器二维码").wait_for()
    look(page, "factor-setup")
    assert Authenticator.objects.get().account == district.owner
    page.get_by_label("验证码").fill(code_of(district.owner))
    page.get_by_role("button", name="启用").click()
    page.get_by_role("heading", name="恢复码", level=1).wait_for()
    look(page, "factor-codes")
    expect(page.get_by_role("button", name="打印")).to_be_visible()
    page.get_by_role("link", name="已记下").click()
    page.get_by_text("还有 10 个没有用过").wait_for()
    page.go_back()
    page.get_by_text("还有 10 个没有用过").wait_for()


def with_key(page: Page, **more: Any) -> None:
    """Plug Chromium's own virtual authenticator in."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasUserVerification": True, "isUserVerified": True}
    options |= {"automaticPresenceSimulation": True, **more}
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def sign_in(page: Page, account: Account) -> None:
    page.context.clear_cookies()
    page.goto(page.url.partition("/account")[0] + reverse("home:sign_in"))
    page.locator("[name=username]").fill(account.username)
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()


def test_a_passkey_from_adding_to_signing_in(page_for: Any, district: District) -> None:
    page = page_for(district.owner, reverse("home:passkey_new"))
    with_key(page)
    look(page, "passkey-new")
    page.get_by_label("名称").fill("办公室电脑")
    page.get_by_label("现在的密码").fill(PASSWORD)
    page.get_by_role("button", name="添加通行密钥").click()
    page.get_by_role("heading", name="恢复码", level=1).wait_for()
    page.get_by_role("link", name="已记下").click()
    page.get_by_role("rowheader", name="办公室电脑").wait_for()
    look(page, "passkeys")
    sign_in(page, district.owner)
    page.get_by_role("button", name="用通行密钥登录").wait_for()
    look(page, "passkey-sign-in")
    page.get_by_role("button", name="用通行密钥登录").click()
    page.wait_for_url(lambda url: "sign-in" not in url)
    assert Passkey.objects.get().used_at


def test_whoever_has_no_key_at_hand_is_told_what_else_works(page_for: Any, district: District) -> None:
    page = page_for(district.owner, reverse("home:passkey_new"))
    with_key(page, isUserVerified=False)
    page.get_by_label("名称").fill("办公室电脑")
    page.get_by_label("现在的密码").fill(PASSWORD)
    page.get_by_role("button", name="添加通行密钥").click()
    page.get_by_text("没有完成：已取消、超时").wait_for()
    assert not Passkey.objects.exists()
    page.add_init_script("delete window.PublicKeyCredential")
    page.reload()
    page.get_by_text("这个浏览器不支持通行密钥").wait_for()


def test_sign_ins_and_what_waits_for_a_second_officer(page_for: Any, district: District) -> None:
    for n in range(3):
        facts = {"device": "Windows 电脑上的 Chrome", "address": "198.51.100.7", "end": "elsewhere" if n else "reset"}
        SignIn.objects.create(account=district.owner, session_key=f"k{n}", ended_at=district.owner.created_at, **facts)
    look(page_for(district.owner, reverse("home:sessions")), "sign-ins")
    case = officer_request(district)
    look(page_for(district.system_admin, case.get_absolute_url()), "officer-request")

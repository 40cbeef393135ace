"""Signing in by an identity of another house: only the linked one, by a token for us, of this session, once."""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from django.contrib.sessions.models import Session
from django.urls import reverse
from joserfc import jwt
from joserfc.jwk import RSAKey

from luojiang_ce import clock
from luojiang_ce.authentication import sign_on
from luojiang_ce.authentication.brakes import Brake
from luojiang_ce.authentication.models import Identity, SignIn
from luojiang_ce.authentication.sign_on import known_as
from luojiang_ce.home import sign_on as sign_on_pages
from luojiang_ce.home.sign_on import UNLINKED
from luojiang_ce.notices.models import Notice
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.engine import Refused, fire
from luojiang_ce.workflow.events import digest, history
from luojiang_ce.workflow.models import Event
from tests.conftest import District
from tests.factories import PASSWORD
from units.models import Account, OfficerRequest
from units.services import disable_account, link_identity, reset_password
from units.services.officer_requests import Act, do_or_ask

from .keys import b64
from .provider import CLIENT, KEY, SECRET, Provider, running, signed
from .signing_in import WRONG, Browser, text
from .test_second_factor import CODE, code_of, set_up

START, LINK = "/sign-in/elsewhere/", "/accounts/own/identity/"
pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def server() -> Iterator[Provider]:
    with running() as provider:
        yield provider


@pytest.fixture
def provider(server: Provider, settings: Any) -> Provider:
    settings.PUBLIC_URL = "http://testserver"
    settings.OIDC_ISSUER, settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = server.issuer, CLIENT, SECRET
    server.subject, server.changes, server.token, server.bare = "u-1001", {}, signed, False
    return server


@pytest.fixture
def linked(district: District, provider: Provider) -> Account:
    Identity.objects.create(account=district.owner, issuer=provider.issuer, subject=known_as("u-1001"))
    return district.owner


def sent_back(browser: Browser, path: str = START) -> str:
    """From our button to the provider and back: the path with the code."""
    to_provider = browser.get(path).headers["Location"]
    back = requests.get(to_provider, allow_redirects=False, timeout=5).headers["Location"]
    parts = urlsplit(back)
    assert parts.netloc == "testserver"
    return f"{parts.path}?{parts.query}"


def enter(browser: Browser, path: str = START) -> Any:
    return browser.get(sent_back(browser, path), follow=True)


def by_hand(header: dict[str, Any], claims: dict[str, Any], key: bytes = b"") -> str:
    body = ".".join(b64(json.dumps(part).encode()) for part in (header, claims))
    signature = b64(hmac.new(key, body.encode(), hashlib.sha256).digest()) if key else ""
    return f"{body}.{signature}"


class TestSigningIn:
    def test_the_linked_account_and_back_to_the_page(self, linked: Account) -> None:
        browser = Browser()
        answer = enter(browser, f"{START}?next=/account/")
        assert (answer.redirect_chain[-1][0], browser.is_in) == ("/account/", True)
        assert history(linked).get(name="signed_on").address == "198.51.100.7"
        assert SignIn.objects.get(account=linked).ended_at is None
        assert "登录记录" in text(browser.get("/account/sessions/"))

    def test_another_site_is_no_page_to_go_to(self, linked: Account) -> None:
        assert enter(Browser(), f"{START}?next=//evil.test/").redirect_chain[-1][0] == "/"

    def test_an_unknown_subject_gets_no_account(self, district: District, provider: Provider) -> None:
        """Not even where the provider tells somebody's name and e-mail."""
        Account.objects.filter(pk=district.owner.pk).update(email="a@example.org", username="chen")
        browser, before = Browser(), Account.objects.count()
        assert UNLINKED in text(enter(browser))
        assert (browser.is_in, Account.objects.count()) == (False, before)
        refused = Event.objects.get(name=sign_on_pages.REFUSED)
        assert (refused.case_id, refused.data["subject"]) == (0, known_as("u-1001"))
        assert refused.address == "198.51.100.7"

    def test_refusals_are_counted_as_wrong_passwords_are(self, linked: Account, settings: Any) -> None:
        settings.SIGN_IN_FAILURES_OF_ADDRESS = 3
        browser = Browser("203.0.113.9")
        late = sent_back(browser)
        for _ in range(3):
            browser.get(sent_back(browser).replace("code=", "code=x"))
        assert sign_on_pages.TOO_MANY in text(browser.get(late, follow=True))
        assert Event.objects.filter(name=sign_on_pages.REFUSED).count() == 3
        assert sign_on_pages.TOO_MANY in text(Browser("203.0.113.9").get(START, follow=True))
        assert enter(Browser()).redirect_chain[-1][0] == "/", "from elsewhere"

    def test_what_another_site_has_a_browser_ask_for_locks_nobody_out(self, linked: Account, settings: Any) -> None:
        """A picture or a form without the session's cookie; a window of its own with it, after it has begun there."""
        settings.SIGN_IN_FAILURES_OF_ADDRESS = 3
        begun = Browser()
        for _ in range(4):
            Browser().get(f"{START}back/?code=x&state=x")
            begun.get(START)
            begun.get(f"{START}back/?code=x&state=x")
            begun.get(f"{START}back/?error=access_denied")
        assert not Event.objects.filter(name=sign_on_pages.REFUSED).exists()
        assert enter(Browser()).redirect_chain[-1][0] == "/"

    def test_a_stranger_does_not_fill_the_sessions(self, linked: Account, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sign_on_pages, "SIGN_ONS_BEGUN", Brake("sign_ons_begun", 30, lambda: 2))
        known = Browser("203.0.113.9")
        known.get(START)
        for _ in range(5):
            Browser("203.0.113.9").get(START)
        assert Session.objects.count() == 2
        assert "code_challenge" in known.get(START).headers["Location"], "who has one is not counted again"

    @pytest.mark.parametrize(
        "changes",
        [
            {"nonce": "other"},
            {"nonce": None},
            {"aud": "another"},
            {"aud": ["another", CLIENT]},
            {"aud": None},
            {"iss": "https://evil.test"},
            {"iss": None},
            {"exp": 1},
            {"exp": None},
            {"iat": 9_999_999_999},
            {"sub": None},
            {"sub": ""},
            {"sub": 1001},
            {"amr": "mfa"},
            {"auth_time": "this morning"},
            {"auth_time": 9_999_999_999},
            {"auth_time": float("inf")},
        ],
    )
    def test_a_token_that_says_otherwise_opens_nothing(
        self, linked: Account, provider: Provider, changes: dict[str, Any]
    ) -> None:
        provider.changes = changes
        browser = Browser()
        assert sign_on.NOT_BELIEVED in text(enter(browser))
        assert not browser.is_in

    def test_a_provider_that_does_not_say_when_is_named(
        self, linked: Account, provider: Provider, caplog: pytest.LogCaptureFixture
    ) -> None:
        provider.changes = {"auth_time": None}
        browser = Browser()
        assert sign_on.UNDATED in text(enter(browser))
        assert not browser.is_in
        assert "no auth_time" in caplog.text

    def test_why_an_answer_is_not_believed_stands_in_the_log(
        self, linked: Account, provider: Provider, caplog: pytest.LogCaptureFixture
    ) -> None:
        provider.changes = {"nonce": "other"}
        enter(Browser())
        assert "not believed (InvalidClaimError)" in caplog.text

    def test_beginning_again_and_again_does_not_fill_the_session(self, linked: Account, provider: Provider) -> None:
        browser = Browser()
        for _ in range(10):
            browser.get(START)
        assert len([key for key in browser.session.keys() if key.startswith("_state_")]) == sign_on.OTHER_TABS + 1  # noqa: SIM118
        assert not browser.is_in
        enter(browser)
        assert browser.is_in

    def test_who_signed_in_there_this_morning_signs_in_anew(self, linked: Account, provider: Provider) -> None:
        browser = Browser()
        assert "max_age=" in browser.get(START).headers["Location"]
        provider.changes = {"auth_time": int(clock.now().timestamp()) - 8 * 3600, "amr": ["mfa"]}
        assert sign_on.LONG_AGO in text(enter(browser))
        assert not browser.is_in

    @pytest.mark.parametrize("how", ["none", "hs256-public-key", "hs256-secret", "other-key", "altered", "rubbish"])
    def test_a_token_that_is_signed_otherwise_opens_nothing(
        self, linked: Account, provider: Provider, how: str
    ) -> None:
        other = RSAKey.generate_key(2048, {"kid": "one"}, auto_kid=False) if how == "other-key" else KEY
        provider.token = {
            "none": lambda claims: by_hand({"alg": "none"}, claims),
            "hs256-public-key": lambda claims: by_hand(
                {"alg": "HS256", "kid": "one"}, claims, KEY.as_pem(private=False)
            ),
            "hs256-secret": lambda claims: by_hand({"alg": "HS256"}, claims, SECRET.encode()),
            "other-key": lambda claims: jwt.encode({"alg": "RS256", "kid": "one"}, claims, other),
            "altered": lambda claims: signed(claims)[:-6] + "AAAAAA",
            "rubbish": lambda claims: "a.b.c",
        }[how]
        browser = Browser()
        assert sign_on.NOT_BELIEVED in text(enter(browser))
        assert not browser.is_in

    def test_a_code_opens_once_and_in_its_own_session(self, linked: Account, provider: Provider) -> None:
        browser, thief = Browser(), Browser("203.0.113.9")
        path = sent_back(browser)
        assert sign_on.NOT_BELIEVED in text(thief.get(path, follow=True))
        thief.get(START)
        assert sign_on.NOT_BELIEVED in text(thief.get(path, follow=True))
        browser.get(path)
        browser.post("/sign-out/")
        assert sign_on.NOT_BELIEVED in text(browser.get(path, follow=True))
        assert (browser.is_in, thief.is_in) == (False, False)

    def test_an_answer_without_a_signed_token_is_none(self, linked: Account, provider: Provider) -> None:
        provider.bare = True
        browser = Browser()
        assert sign_on.NOT_BELIEVED in text(enter(browser))
        assert not browser.is_in

    @pytest.mark.parametrize("query", ["", "?code=x", "?state=x", "?code=x&state=x", "?error=access_denied"])
    def test_a_bare_answer_is_none(self, provider: Provider, query: str) -> None:
        assert sign_on.NOT_BELIEVED in text(Browser().get(f"{START}back/{query}", follow=True))

    def test_the_session_gets_a_new_name(self, linked: Account) -> None:
        browser = Browser()
        path = sent_back(browser)
        before = browser.session.session_key
        browser.get(path)
        assert browser.is_in
        assert browser.session.session_key != before

    def test_who_is_shut_out_or_locked_stays_out(self, linked: Account, district: District) -> None:
        Browser("203.0.113.9").fail(linked.username)
        browser = Browser()
        assert "已锁定" in text(enter(browser))
        disable_account(account=linked, actor=district.security_admin, reason="x")
        assert "已停用" in text(enter(browser))
        assert not browser.is_in

    def test_a_reset_ends_the_link(self, linked: Account, district: District) -> None:
        reset_password(account=linked, actor=district.security_admin)
        assert history(linked).filter(name="identity_unlinked", actor=district.security_admin).exists()
        browser = Browser()
        assert UNLINKED in text(enter(browser))
        assert not browser.is_in


class TestSecondFactor:
    def test_it_is_asked_for(self, linked: Account) -> None:
        set_up(linked)
        browser = Browser()
        assert enter(browser, f"{START}?next=/account/").redirect_chain[-1][0] == CODE
        assert not browser.is_in
        assert browser.post(CODE, {"otp_code": code_of(linked)}).headers["Location"] == "/account/"
        assert browser.is_in

    @pytest.mark.parametrize("told", [{"amr": ["pwd", "otp"]}, {"acr": "otp"}])
    def test_unless_the_provider_has_asked_by_configuration(
        self, linked: Account, provider: Provider, settings: Any, told: dict[str, Any]
    ) -> None:
        set_up(linked)
        settings.SECOND_FACTOR_UNITS = "required"
        provider.changes = told
        assert enter(Browser()).redirect_chain[-1][0] == CODE
        settings.OIDC_SECOND_FACTOR = ["otp"]
        browser = Browser()
        assert enter(browser).redirect_chain[-1][0] == "/"
        assert browser.get("/account/").status_code == 200

    def test_where_it_is_required_it_is_set_up_first(self, linked: Account, settings: Any) -> None:
        settings.SECOND_FACTOR_UNITS = "required"
        browser = Browser()
        assert enter(browser).redirect_chain[-1][0] == "/account/second-factor/"


class TestLinking:
    def inside(self, account: Account) -> Browser:
        browser = Browser()
        browser.sign_in(account.username)
        return browser

    def test_by_the_holder_with_the_password(self, district: District, provider: Provider) -> None:
        browser = self.inside(district.owner)
        assert browser.get(LINK).headers["Location"] == START
        assert "chen" in text(enter(browser))
        assert browser.post(LINK, {"password": WRONG}).status_code == 422
        assert not Identity.objects.exists()
        browser.post(LINK, {"password": PASSWORD})
        assert Identity.objects.get().account == district.owner
        assert "u-1001" not in str(history(district.owner).get(name="identity_linked").data)
        assert Notice.objects.filter(recipient=district.owner, title__contains="绑定了统一身份认证").exists()
        browser.post(reverse("accounts:identity_unlink"), {"password": PASSWORD})
        assert not Identity.objects.exists()
        assert history(district.owner).filter(name="identity_unlinked").exists()

    def test_a_label_is_one_line_of_what_can_be_typed(self, district: District, provider: Provider) -> None:
        provider.changes = {"preferred_username": "wang\u202e\x1b[31m\nmeng"}
        browser = self.inside(district.owner)
        page = text(enter(browser))
        assert "wang[31m meng" in page
        assert not {"\u202e", "\x1b"} & set(page)

    def test_one_identity_opens_one_account(self, linked: Account, district: District) -> None:
        browser = self.inside(district.colleague)
        enter(browser)
        assert "已绑定别的账号" in text(browser.post(LINK, {"password": PASSWORD}))
        assert Identity.objects.get().account == linked

    def test_what_was_proven_is_the_sessions_and_for_five_minutes(self, district: District, provider: Provider) -> None:
        enter(self.inside(district.owner))
        neighbour = self.inside(district.neighbour)
        assert neighbour.post(LINK, {"password": PASSWORD}).headers["Location"] == START
        assert not Identity.objects.exists()

    def test_nobody_links_for_somebody_else(self, district: District, provider: Provider) -> None:
        with pytest.raises(NotPossible, match="只能由本人"):
            link_identity(
                account=district.owner,
                actor=district.security_admin,
                issuer=provider.issuer,
                subject="x",
                label="x",
                password=digest(district.owner.password),
            )

    def test_what_waits_ends_with_the_password_of_then(self, district: District, provider: Provider) -> None:
        """Whoever knew the old one may have asked."""
        browser, officer = self.inside(district.audit_admin), district.audit_admin
        enter(browser)
        browser.post(LINK, {"password": PASSWORD})
        case = OfficerRequest.objects.get()
        reset_password(account=officer, actor=district.security_admin, second=district.system_admin)
        with pytest.raises((Refused, NotPossible), match="密码已修改或重设"):
            fire(case, "confirm", actor=district.system_admin)
        assert not Identity.objects.exists()

    def test_a_password_that_was_hashed_anew_is_the_same(
        self, district: District, provider: Provider, settings: Any
    ) -> None:
        browser, officer = self.inside(district.audit_admin), district.audit_admin
        enter(browser)
        browser.post(LINK, {"password": PASSWORD})
        settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher", *settings.PASSWORD_HASHERS]
        assert Account.objects.get(pk=officer.pk).check_password(PASSWORD)
        assert history(officer).filter(name="password_rehashed").exists()
        fire(OfficerRequest.objects.get(), "confirm", actor=district.system_admin)
        assert Identity.objects.get().account == officer

    def test_a_request_of_before_passwords_were_kept_is_refused_in_words(
        self, district: District, provider: Provider
    ) -> None:
        browser = self.inside(district.audit_admin)
        enter(browser)
        browser.post(LINK, {"password": PASSWORD})
        case = OfficerRequest.objects.get()
        case.facts.pop("password")
        case.save()
        with pytest.raises((Refused, NotPossible), match="重新登录后再绑定"):
            fire(case, "confirm", actor=district.system_admin)

    def test_an_officers_waits_for_a_second_one(self, district: District, provider: Provider) -> None:
        browser, officer = self.inside(district.audit_admin), district.audit_admin
        enter(browser)
        browser.post(LINK, {"password": PASSWORD})
        assert not Identity.objects.exists()
        case = OfficerRequest.objects.get()
        assert "u-1001" not in f"{case.facts}{browser.session.items()}", "it may be a number of a person"
        assert provider.issuer in case.said
        with pytest.raises(Refused):
            fire(case, "confirm", actor=officer)
        fire(case, "confirm", actor=district.system_admin)
        assert Identity.objects.get().account == officer

    def test_an_officer_may_take_the_request_back(self, district: District, provider: Provider) -> None:
        facts = {"issuer": provider.issuer, "subject": "s", "label": "l"}
        facts["password"] = digest(district.audit_admin.password)
        case = do_or_ask(Act.IDENTITY, account=district.audit_admin, actor=district.audit_admin, **facts)
        with pytest.raises(Refused):
            fire(case, "withdraw", actor=district.security_admin)
        fire(case, "withdraw", actor=district.audit_admin)


class TestAway:
    @pytest.fixture
    def away(self, settings: Any) -> None:
        settings.OIDC_ISSUER, settings.OIDC_CLIENT_ID = "http://127.0.0.1:9", CLIENT

    def test_the_page_says_so_and_the_password_remains(self, district: District, away: None) -> None:
        browser = Browser()
        assert sign_on.AWAY in text(browser.get(START, follow=True))
        browser.sign_in(district.owner.username)
        assert browser.is_in

    def test_one_that_hangs_is_not_waited_for_by_everybody(
        self, db: None, settings: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sign_on, "SECONDS", 0.2)
        with socket.create_server(("127.0.0.1", 0)) as hangs:
            settings.OIDC_ISSUER, settings.OIDC_CLIENT_ID = f"http://127.0.0.1:{hangs.getsockname()[1]}", CLIENT
            assert all(sign_on.AWAY in text(Browser().get(START, follow=True)) for _ in range(3))
            hangs.setblocking(False)
            hangs.accept()[0].close()
            with pytest.raises(BlockingIOError):
                hangs.accept()

    def test_off_there_is_no_such_page(self, district: District, settings: Any) -> None:
        settings.OIDC_ISSUER = ""
        paths = (START, f"{START}back/", f"{START}leave/")
        assert [Browser().get(path).status_code for path in paths] == [404] * 3
        assert "统一身份认证" not in text(Browser().get("/sign-in/"))

    def test_a_provider_of_another_name_is_not_believed(self, linked: Account, provider: Provider) -> None:
        name, provider.issuer = provider.issuer, "https://evil.test"
        sign_on._registered.cache_clear()
        assert sign_on.AWAY in text(Browser().get(START, follow=True))
        provider.issuer = name


def test_signing_out_says_that_the_provider_goes_on(linked: Account) -> None:
    browser = Browser()
    enter(browser)
    assert "可能还登录着" in text(browser.post("/sign-out/", follow=True))
    assert "/leave" in browser.get(f"{START}leave/").headers["Location"]
    assert not browser.is_in

"""An account sees where it is signed in and ends it; no sign-in lasts for ever; what ended one is said."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from axes.models import AccessAttempt
from django.contrib.sessions.models import Session
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.authentication import sessions
from luojiang_ce.authentication.agents import in_words
from luojiang_ce.authentication.models import SignIn
from luojiang_ce.authentication.store import stored_key
from luojiang_ce.authentication.tasks import purge
from luojiang_ce.deadlines import feed
from luojiang_ce.home import views
from luojiang_ce.workflow.events import history
from tests.conftest import District
from tests.factories import PASSWORD
from tests.queries import statements
from units.services import disable_account, enable_account, reset_password

from .signing_in import NEW, Browser, text

PAGE = "/account/sessions/"
DESK = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1 Mobile MicroMessenger/8.0"


@pytest.fixture
def desk(district: District) -> Browser:
    browser = Browser("192.0.2.4", DESK)
    browser.sign_in(district.owner.username)
    return browser


@pytest.fixture
def phone(district: District) -> Browser:
    browser = Browser("203.0.113.9", PHONE)
    browser.sign_in(district.owner.username)
    return browser


def said_after(browser: Browser, address: str = "/account/") -> str:
    return text(browser.get(address, follow=True))


def only(browser: Browser) -> SignIn:
    return SignIn.objects.get(session_key=stored_key(browser.session.session_key))


class TestPage:
    def test_it_says_which_devices_from_where_and_since_when(self, desk: Browser, phone: Browser) -> None:
        page = text(desk.get(PAGE))
        for part in ("Windows 电脑上的 Chrome", "iPhone上的 微信", "192.0.2.4", "203.0.113.9", "当前这次"):
            assert part in page
        assert page.count("当前这次") == 1

    def test_one_is_ended_and_says_so(self, district: District, desk: Browser, phone: Browser) -> None:
        assert desk.post(reverse("home:session_end", args=[only(phone).pk])).headers["Location"] == PAGE
        assert not phone.is_in
        assert "这次登录已由您在“登录记录”里结束" in said_after(phone)
        assert desk.is_in
        assert history(district.owner).filter(name="sessions_ended").get().data == {"count": 1}
        assert "本人在别处结束" in text(desk.get(PAGE))

    def test_an_act_in_an_ended_session_is_not_done(self, desk: Browser, phone: Browser) -> None:
        desk.post(reverse("home:sessions_end_others"))
        answer = phone.post("/account/password/", {"old_password": PASSWORD}, follow=True)
        assert "您刚才的操作没有执行" in text(answer)

    def test_all_others_are_ended(self, desk: Browser, phone: Browser, district: District) -> None:
        stranger = Browser()
        stranger.sign_in(district.colleague.username)
        desk.post(reverse("home:sessions_end_others"))
        assert (desk.is_in, phone.is_in, stranger.is_in) == (True, False, True)
        assert "别处没有登录" in text(desk.post(reverse("home:sessions_end_others"), follow=True))

    @pytest.mark.parametrize("who", ["colleague", "neighbour", "security_admin"])
    def test_nobody_sees_or_ends_those_of_others(self, district: District, desk: Browser, who: str) -> None:
        other = Browser()
        other.sign_in(getattr(district, who).username)
        assert "192.0.2.4" not in text(other.get(PAGE))
        assert other.post(reverse("home:session_end", args=[only(desk).pk])).status_code == 404
        assert desk.is_in

    def test_ending_twice_is_no_error(self, desk: Browser, phone: Browser) -> None:
        address = reverse("home:session_end", args=[only(phone).pk])
        desk.post(address)
        assert "原来已经结束" in text(desk.post(address, follow=True))

    def test_as_many_queries_for_thirty(self, desk: Browser, district: District) -> None:
        counts = []
        for _ in range(2):
            with statements() as found:
                desk.get(PAGE)
            counts.append(len(found))
            for _ in range(30):
                Browser("198.51.100.1").sign_in(district.owner.username)
        assert counts[0] == counts[1] <= 12

    def test_the_last_use_is_shown(self, district: District) -> None:
        with time_machine.travel("2026-11-30 09:00+08:00", tick=False) as traveller:
            desk, phone = Browser(agent=DESK), Browser(agent=PHONE)
            for browser in (desk, phone):
                browser.sign_in(district.owner.username)
            traveller.shift(timedelta(minutes=20))
            phone.get("/account/", REMOTE_ADDR="203.0.113.77")
            (first, second) = sessions.open_of(district.owner)
            assert (first.address, clock.local(first.used_at).minute, clock.local(second.used_at).minute) == (
                "203.0.113.77",
                20,
                0,
            )


class TestEnd:
    def test_no_sign_in_lasts_longer_than_its_hours(self, district: District, settings: Any) -> None:
        with time_machine.travel(clock.now(), tick=False) as traveller:
            browser = Browser()
            browser.sign_in(district.owner.username)
            for _ in range(settings.SESSION_LIFETIME * 3 - 1):
                traveller.shift(timedelta(minutes=20))
                assert browser.get("/account/alive/").status_code == 204
            traveller.shift(timedelta(minutes=20))
            assert "一次登录最长 12 小时，已到时间" in said_after(browser)
            assert SignIn.objects.get().end == "lifetime"
            browser.sign_in(district.owner.username)
            assert browser.get("/account/").status_code == 200

    def test_an_old_session_gets_no_new_life_by_a_new_password(self, district: District) -> None:
        with time_machine.travel(clock.now(), tick=False) as traveller:
            browser = Browser()
            browser.sign_in(district.owner.username)
            for _ in range(30):
                traveller.shift(timedelta(minutes=20))
                browser.get("/account/alive/")
            browser.change_password(PASSWORD, NEW)
            for _ in range(5):
                traveller.shift(timedelta(minutes=20))
                browser.get("/account/alive/")
            assert browser.is_in
            traveller.shift(timedelta(minutes=20))
            assert "一次登录最长 12 小时" in said_after(browser)

    def test_a_reset_ends_sessions_and_the_calendar_feed(
        self, district: District, desk: Browser, phone: Browser
    ) -> None:
        address = reverse("deadlines:feed", args=[feed.renew(district.owner)])
        assert Browser().get(address).status_code == 200
        reset_password(account=district.owner, actor=district.security_admin)
        assert (desk.is_in, phone.is_in) == (False, False)
        assert "密码已由安全管理员重设" in said_after(phone)
        assert not Session.objects.filter(session_key__in=SignIn.objects.values("session_key")).exists()
        assert Browser().get(address).status_code == 404
        assert history(district.owner).filter(name="feed_revoked").get().actor == district.security_admin

    def test_a_feed_does_not_come_back_with_its_account(self, district: District) -> None:
        address = reverse("deadlines:feed", args=[feed.renew(district.owner)])
        for act in (disable_account, enable_account):
            act(account=district.owner, actor=district.security_admin, reason="离岗")
        assert Browser().get(address).status_code == 404

    def test_an_own_new_password_ends_the_others_and_keeps_this(self, desk: Browser, phone: Browser) -> None:
        desk.change_password(PASSWORD, NEW)
        assert (desk.is_in, phone.is_in) == (True, False)
        assert "密码已在别处修改" in said_after(phone)
        assert "当前这次" in text(desk.get(PAGE))

    def test_signing_out_is_noted(self, desk: Browser) -> None:
        desk.post("/sign-out/")
        assert SignIn.objects.get().end == "signed_out"

    def test_one_that_is_ended_while_it_works_says_so(
        self, desk: Browser, phone: Browser, district: District, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The request has begun when the session's row goes: it writes into nothing."""

        def ended_meanwhile(account: Any) -> list[Any]:
            sessions.end_own(district.owner, [only(phone)], actor=district.owner)
            return []

        monkeypatch.setattr(views, "owed_to", ended_meanwhile)
        with time_machine.travel(clock.now() + timedelta(minutes=5)):
            answer = phone.get("/", follow=True)
        assert answer.status_code == 200
        assert "登录已结束" in text(answer)
        assert "刚才的操作可能已经办成" in text(answer)
        assert not phone.is_in


class TestPurge:
    def test_what_has_expired_goes_and_what_lives_stays(self, district: District) -> None:
        with time_machine.travel(clock.now(), tick=False) as traveller:
            old = Browser()
            old.sign_in(district.owner.username)
            Browser().fail("nobody", 1)
            traveller.shift(timedelta(days=91))
            new = Browser()
            new.sign_in(district.owner.username)
            assert purge() >= 2
            assert SignIn.objects.get() == only(new)
            assert Session.objects.get().session_key == stored_key(new.session.session_key)
            assert not AccessAttempt.objects.exists()
            assert new.is_in


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (DESK, "Windows 电脑上的 Chrome"),
        (DESK.replace("Safari/537.36", "Safari/537.36 Edg/130.0"), "Windows 电脑上的 Edge"),
        (PHONE, "iPhone上的 微信"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0", "Linux 电脑上的 火狐"),
        ("curl/8", "未知设备"),
        ("", "未知设备"),
    ],
)
def test_a_device_in_words(agent: str, words: str) -> None:
    assert in_words(agent) == words

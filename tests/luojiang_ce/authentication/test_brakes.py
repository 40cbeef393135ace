"""Guessing is braked by name and by address; strangers keep nobody out of a known device."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import RequestFactory

from luojiang_ce import clock
from luojiang_ce.authentication.addresses import address_of, network_of
from luojiang_ce.authentication.brakes import Brake
from luojiang_ce.authentication.devices import cookie_name
from luojiang_ce.home import sign_in
from tests.conftest import District, in_parallel
from tests.factories import PASSWORD
from units.services import locked_usernames, reset_password, unlock

from .signing_in import NEW, WRONG, Browser, text

ELSEWHERE = "203.0.113.9"


class TestAddress:
    def test_one_password_tried_on_many_names_is_stopped(self, district: District, settings: Any) -> None:
        guesser = Browser(ELSEWHERE)
        answers = [guesser.sign_in(f"name{n}", WRONG).status_code for n in range(150)]
        allowed = settings.SIGN_IN_FAILURES_OF_ADDRESS
        assert answers == [422] * allowed + [429] * (150 - allowed)
        refused = guesser.sign_in(district.owner.username)
        assert sign_in.ADDRESS_LOCKED in text(refused)
        assert not guesser.is_in

    def test_the_same_is_said_of_names_that_exist(self, district: District, settings: Any) -> None:
        settings.SIGN_IN_FAILURES_OF_ADDRESS = 2
        guesser = Browser(ELSEWHERE)
        guesser.fail("nobody", 2)
        pages = [text(guesser.sign_in(name, PASSWORD)) for name in ("stranger", district.owner.username)]
        assert all(sign_in.ADDRESS_LOCKED in page for page in pages)

    def test_other_addresses_and_known_devices_go_on(self, district: District, settings: Any) -> None:
        settings.SIGN_IN_FAILURES_OF_ADDRESS = 2
        desk = Browser(ELSEWHERE)
        desk.sign_in(district.owner.username)
        desk.post("/sign-out/")
        Browser(ELSEWHERE).fail("nobody", 2)
        assert Browser(ELSEWHERE).sign_in(district.colleague.username).status_code == 429
        assert Browser().sign_in(district.colleague.username).status_code == 302
        assert desk.sign_in(district.owner.username).status_code == 302

    def test_after_half_an_hour_it_is_over(self, district: District, settings: Any) -> None:
        settings.SIGN_IN_FAILURES_OF_ADDRESS = 2
        with time_machine.travel(clock.now(), tick=False) as traveller:
            Browser(ELSEWHERE).fail("nobody", 3)
            traveller.shift(timedelta(minutes=31))
            assert Browser(ELSEWHERE).sign_in(district.owner.username).status_code == 302

    def test_a_right_password_does_not_clear_the_address(self, district: District, settings: Any) -> None:
        """Whoever has an account of one's own could else go on for ever."""
        settings.SIGN_IN_FAILURES_OF_ADDRESS = 3
        guesser = Browser(ELSEWHERE)
        guesser.fail("one", 2)
        guesser.sign_in(district.owner.username)
        guesser.post("/sign-out/")
        guesser.fail("two", 1)
        assert guesser.sign_in("three", WRONG).status_code == 429


class TestProxies:
    @pytest.mark.parametrize(
        ("proxies", "forwarded", "found"),
        [
            (0, "6.6.6.6", "10.0.0.1"),
            (1, "6.6.6.6, 192.0.2.4", "192.0.2.4"),
            (2, "6.6.6.6, 192.0.2.4, 10.0.0.2", "192.0.2.4"),
            (1, "", "10.0.0.1"),
            (2, "192.0.2.4", "10.0.0.1"),
            (1, "garbage", "10.0.0.1"),
            (1, "::ffff:192.0.2.4", "192.0.2.4"),
        ],
    )
    def test_only_what_the_own_proxies_say_is_believed(
        self, settings: Any, proxies: int, forwarded: str, found: str
    ) -> None:
        settings.PROXIES = proxies
        request = RequestFactory().get("/", REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR=forwarded)
        assert address_of(request) == found

    def test_an_invented_header_escapes_no_brake(self, db: None, settings: Any) -> None:
        settings.PROXIES, settings.SIGN_IN_FAILURES_OF_ADDRESS = 1, 5
        answers = [
            Browser("10.0.0.1", HTTP_X_FORWARDED_FOR=f"6.6.6.{n}, 192.0.2.4").sign_in(f"name{n}", WRONG).status_code
            for n in range(6)
        ]
        assert answers[-1] == 429

    def test_one_connection_has_many_addresses_of_ipv6(self) -> None:
        assert network_of("2001:db8:1:2::9") == network_of("2001:db8:1:2:3::1") != network_of("2001:db8:1:3::9")

    def test_a_socket_file_has_no_address(self) -> None:
        assert address_of(RequestFactory().get("/", REMOTE_ADDR="")) is None
        assert network_of(None) == "unknown"


class TestKnownDevices:
    @pytest.fixture
    def desk(self, district: District) -> Browser:
        """The security officer's own computer."""
        desk = Browser()
        desk.sign_in(district.security_admin.username)
        desk.post("/sign-out/")
        return desk

    def test_strangers_lock_an_officer_out_of_other_devices_only(self, district: District, desk: Browser) -> None:
        name = district.security_admin.username
        for _ in range(3):
            assert Browser(ELSEWHERE).fail(name).status_code == 429
            assert desk.sign_in(name).status_code == 302
            desk.post("/sign-out/")
        assert Browser("192.0.2.4").sign_in(name).status_code == 429

    def test_a_known_device_is_locked_by_its_own_failures(self, district: District, desk: Browser) -> None:
        name = district.security_admin.username
        assert desk.fail(name).status_code == 429
        assert desk.sign_in(name).status_code == 429
        assert sign_in.LOCKED in text(desk.sign_in(name))
        assert name in locked_usernames()
        assert Browser("192.0.2.4").sign_in(name).status_code == 302
        assert unlock(account=district.security_admin, actor=district.system_admin)
        assert desk.sign_in(name).status_code == 302

    def test_its_success_does_not_open_the_name_for_strangers(self, district: District, desk: Browser) -> None:
        name = district.security_admin.username
        Browser(ELSEWHERE).fail(name)
        desk.sign_in(name)
        assert Browser(ELSEWHERE).sign_in(name).status_code == 429

    def test_the_cookie_is_the_accounts_alone(self, district: District, desk: Browser) -> None:
        other = district.owner.username
        mine = desk.cookies[cookie_name(district.security_admin.username)]
        assert (mine["httponly"], mine["samesite"]) == (True, "Lax")
        assert district.security_admin.username not in mine.OutputString()
        desk.cookies[cookie_name(other)] = mine.value
        Browser(ELSEWHERE).fail(other)
        assert desk.sign_in(other).status_code == 429

    @pytest.mark.parametrize("forged", ["", "x", "a:b:c", "eyJ9:1abc:def"])
    def test_a_forged_one_is_no_known_device(self, district: District, forged: str) -> None:
        name, guesser = district.owner.username, Browser(ELSEWHERE)
        guesser.cookies[cookie_name(name)] = forged
        assert guesser.fail(name).status_code == 429

    def test_nobody_names_a_device_in_the_user_name(self, district: District, desk: Browser, settings: Any) -> None:
        """Else a guesser could lock it, or step round the brake of the address."""
        settings.SIGN_IN_FAILURES_OF_ADDRESS = 3
        guesser = Browser(ELSEWHERE)
        guesser.fail(f"{district.security_admin.username}@1234abcd", 3)
        assert guesser.sign_in("x@1234abcd", WRONG).status_code == 429

    def test_it_ends_with_a_password_reset(self, district: District) -> None:
        name, desk = district.owner.username, Browser()
        desk.sign_in(name)
        password = reset_password(account=district.owner, actor=district.security_admin).password
        Browser(ELSEWHERE).fail(name)
        assert desk.sign_in(name, password).status_code == 429

    def test_it_lasts_through_an_own_change_of_the_password(self, district: District) -> None:
        name, desk = district.owner.username, Browser()
        desk.sign_in(name)
        desk.change_password(PASSWORD, NEW)
        desk.post("/sign-out/")
        Browser(ELSEWHERE).fail(name)
        assert desk.sign_in(name, NEW).status_code == 302

    def test_it_is_forgotten_in_time(self, district: District, settings: Any) -> None:
        name, desk = district.owner.username, Browser()
        with time_machine.travel(clock.now(), tick=False) as traveller:
            desk.sign_in(name)
            traveller.shift(timedelta(days=settings.KNOWN_DEVICE_DAYS, minutes=1))
            Browser(ELSEWHERE).fail(name)
            assert desk.sign_in(name).status_code == 429


class TestPresentPassword:
    def test_twenty_five_guesses_at_it_are_five(self, district: District) -> None:
        thief = Browser()
        thief.sign_in(district.owner.username)
        pages = [text(thief.change_password(f"wrong-{n}", NEW)) for n in range(25)]
        assert ["现在的密码不对" in page for page in pages] == [True] * 4 + [False] * 21
        assert "以前不能再试" in text(thief.change_password(PASSWORD, NEW))
        district.owner.refresh_from_db()
        assert district.owner.check_password(PASSWORD)

    def test_the_page_itself_says_until_when(self, district: District) -> None:
        """Not the sign-in page: whoever is signed in stays so, and goes on with everything else."""
        with time_machine.travel(datetime(2026, 11, 30, 10, 0, tzinfo=clock.SHANGHAI), tick=False) as traveller:
            browser = Browser()
            browser.sign_in(district.owner.username)
            for minute in range(5):
                traveller.move_to(datetime(2026, 11, 30, 10, minute, tzinfo=clock.SHANGHAI))
                answer = browser.change_password(WRONG, NEW)
            assert (answer.status_code, "修改密码" in text(answer), browser.is_in) == (429, True, True)
            assert "连续 5 次不对，10:34 以前不能再试" in text(answer)
            assert "10:34 以前不能再试" in text(browser.change_password(PASSWORD, NEW))
            traveller.move_to(datetime(2026, 11, 30, 10, 35, tzinfo=clock.SHANGHAI))
            assert browser.change_password(PASSWORD, NEW).status_code == 302

    def test_of_a_locked_address_it_says_when_that_ends(self, district: District, settings: Any) -> None:
        settings.SIGN_IN_FAILURES_OF_ADDRESS = 3
        with time_machine.travel(datetime(2026, 11, 30, 10, 0, tzinfo=clock.SHANGHAI), tick=False) as traveller:
            browser = Browser(ELSEWHERE)
            browser.sign_in(district.owner.username)
            browser.cookies.pop(cookie_name(district.owner.username))
            Browser(ELSEWHERE).fail("nobody", 3)
            traveller.shift(timedelta(minutes=10))
            assert "10:30 以前不能再试" in text(browser.change_password(PASSWORD, NEW))

    def test_guesses_at_many_accounts_count_for_the_address(self, district: District, settings: Any) -> None:
        settings.SIGN_IN_FAILURES_OF_ADDRESS = 4
        sessions = [Browser(ELSEWHERE), Browser(ELSEWHERE)]
        for browser, account in zip(sessions, (district.owner, district.colleague), strict=True):
            browser.sign_in(account.username)
        for browser in sessions:
            browser.change_password("wrong-1", NEW)
            browser.change_password("wrong-2", NEW)
        assert Browser(ELSEWHERE).sign_in(district.neighbour.username).status_code == 429


class TestCounting:
    BRAKE = Brake("trial", 10, lambda: 3)

    def test_a_window_begins_anew(self, db: None) -> None:
        with time_machine.travel(clock.now(), tick=False) as traveller:
            assert [self.BRAKE.add("x") for _ in range(3)] == [1, 2, 3]
            assert self.BRAKE.holds("x")
            assert not self.BRAKE.holds("y")
            traveller.shift(timedelta(minutes=10))
            assert not self.BRAKE.holds("x")
            assert self.BRAKE.add("x", 2) == 2

    def test_it_holds_for_the_whole_time_from_the_last_failure_that_was_allowed(self, db: None) -> None:
        with time_machine.travel(clock.now(), tick=False) as traveller:
            self.BRAKE.add("x", 2)
            traveller.shift(timedelta(minutes=9))
            self.BRAKE.add("x")
            traveller.shift(timedelta(minutes=9))
            assert self.BRAKE.holds("x")
            self.BRAKE.add("x")  # nobody keeps it closed by going on
            traveller.shift(timedelta(minutes=1))
            assert not self.BRAKE.holds("x")

    @pytest.mark.real_services
    @pytest.mark.django_db(transaction=True)
    def test_no_failure_is_lost_when_many_come_at_once(self) -> None:
        assert sorted(in_parallel([lambda: self.BRAKE.add("x")] * 8)) == list(range(1, 9))

"""Passwords that others know are not taken; one that somebody else has given is not good for long."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module
from itertools import pairwise
from typing import Any

import pytest
import time_machine
from axes.models import AccessAttempt
from django.apps import apps
from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import connection

from luojiang_ce import clock
from luojiang_ce.authentication.models import FormerPassword
from luojiang_ce.authentication.passwords import NotFormer
from luojiang_ce.workflow.events import history
from tests.conftest import District
from tests.factories import PASSWORD
from units.models import Account
from units.services import create_account, disable_account, reset_password

from .signing_in import NEW, Browser, text
from .test_second_factor import halfway, set_up


class TestBreached:
    @pytest.mark.parametrize(
        ("password", "known"),
        [
            ("Password-2026!", "password"),
            ("2026_Qwertyuiop!", "qwertyuiop"),
            ("P@ssw0rd-2026", "p@ssw0rd"),
            ("!!Superman1988", "superman"),
            ("1Q2w3e4r5t", "1q2w3e4r5t"),
            ("Adm1nistrat0r-1", "administrator"),
        ],
    )
    def test_a_known_one_is_refused_however_it_is_dressed_up(self, password: str, known: str) -> None:
        with pytest.raises(ValidationError) as refused:
            validate_password(password)
        assert f"“{known}”在已泄露的密码表中" in "".join(refused.value.messages)

    @pytest.mark.parametrize("password", ["Aa1!Aa1!Aa1!", "AAAA-1111-AAAA"])
    def test_a_few_characters_again_and_again_are_refused(self, password: str) -> None:
        with pytest.raises(ValidationError, match="不同的字符太少"):
            validate_password(password)

    @pytest.mark.parametrize("password", [PASSWORD, NEW, "Bihai-lantian-26", "Kx7m-pQ9d-4RtW-h8Ns"])
    def test_a_sound_one_is_taken(self, password: str) -> None:
        validate_password(password)


@pytest.mark.parametrize(("letters", "taken"), [(64, True), (128, True), (129, False)])
def test_long_ones_are_taken_whole_and_endless_ones_refused(letters: int, taken: bool) -> None:
    password = ("Changju-mima-2026-" * 8)[:letters]
    if taken:
        validate_password(password)
        hashed = make_password(password)
        assert check_password(password, hashed)
        assert not check_password(password[:-1], hashed), "every letter counts"
    else:
        with pytest.raises(ValidationError, match="密码有 129 位，最多 128 位"):
            validate_password(password)


class TestFormer:
    def test_none_of_the_last_five_is_taken_again(self, district: District, settings: Any) -> None:
        browser, passwords = Browser(), [PASSWORD, *(f"Gengxin-mima-{n}-Ok" for n in range(6))]
        browser.sign_in(district.owner.username)
        for old, new in pairwise(passwords):
            assert browser.change_password(old, new).status_code == 302
        now = passwords[-1]
        for former in passwords[1:-1]:
            answer = browser.change_password(now, former)
            assert (answer.status_code, "最近 5 次用过的密码不能再用" in text(answer)) == (422, True)
        assert FormerPassword.objects.filter(account=district.owner).count() == 5
        assert browser.change_password(now, PASSWORD).status_code == 302

    def test_a_reset_lets_nobody_return_to_the_one_before(self, district: District) -> None:
        given = reset_password(account=district.owner, actor=district.security_admin).password
        browser = Browser()
        browser.sign_in(district.owner.username, given)
        assert "用过的密码" in text(browser.change_password(given, PASSWORD))
        assert browser.change_password(given, NEW).status_code == 302

    def test_what_others_had_is_no_matter(self, district: District) -> None:
        browser = Browser()
        browser.sign_in(district.owner.username)
        browser.change_password(PASSWORD, NEW)
        other = Browser()
        other.sign_in(district.neighbour.username)
        assert other.change_password(PASSWORD, NEW).status_code == 302

    def test_only_hashes_are_kept(self, district: District) -> None:
        browser = Browser()
        browser.sign_in(district.owner.username)
        browser.change_password(PASSWORD, NEW)
        assert PASSWORD not in FormerPassword.objects.get().password


class TestOneTime:
    @pytest.mark.parametrize("how", ["new", "reset"])
    def test_it_opens_nothing_after_its_days(self, district: District, settings: Any, how: str) -> None:
        with time_machine.travel(clock.now(), tick=False) as traveller:
            if how == "new":
                opened = create_account(username="lin.zx", name="林知夏", actor=district.system_admin)
            else:
                opened = reset_password(account=district.owner, actor=district.security_admin)
            traveller.shift(timedelta(days=settings.ONE_TIME_PASSWORD_DAYS, minutes=-1))
            assert Browser().sign_in(opened.account.username, opened.password).status_code == 302
            traveller.shift(timedelta(minutes=1))
            late = Browser()
            answer = late.sign_in(opened.account.username, opened.password)
            assert (answer.status_code, late.is_in) == (422, False)
            assert "一次性密码已过了 7 天" in text(answer)
            assert "请找安全管理员重设" in text(answer)

    def test_a_guesser_does_not_learn_that_it_is_over(self, district: District) -> None:
        with time_machine.travel(clock.now(), tick=False) as traveller:
            reset_password(account=district.owner, actor=district.security_admin)
            traveller.shift(timedelta(days=8))
            assert "一次性密码" not in text(Browser().sign_in(district.owner.username, "wrong-Password-1"))

    def test_ones_own_lasts(self, district: District) -> None:
        with time_machine.travel(clock.now(), tick=False) as traveller:
            given = reset_password(account=district.owner, actor=district.security_admin).password
            browser = Browser()
            browser.sign_in(district.owner.username, given)
            browser.change_password(given, NEW)
            traveller.shift(timedelta(days=400))
            assert Browser().sign_in(district.owner.username, NEW).status_code == 302
        assert Account.objects.get(pk=district.owner.pk).password_given_at is None


class TestNothingTypedIsKept:
    """The database lies in every backup, for a year."""

    def test_of_a_change_with_a_wrong_old_password(self, district: District) -> None:
        browser = Browser()
        browser.sign_in(district.owner.username)
        for _ in range(2):  # axes makes a row of the first and adds the second to it
            browser.change_password("Cuowu-mima-2026", NEW)
        assert AccessAttempt.objects.get().failures_since_start == 2
        kept = whole_database()
        assert district.owner.username in kept
        assert NEW not in kept
        assert "Cuowu-mima" not in kept

    def test_of_a_wrong_code(self, district: District) -> None:
        set_up(district.owner)
        browser = halfway(district.owner)
        browser.post("/sign-in/code/", {"otp_code": "recov-ery99"})
        assert AccessAttempt.objects.get().failures_since_start == 1
        assert "recov-ery99" not in whole_database()

    def test_what_was_kept_before_is_forgotten(self, db: None) -> None:
        AccessAttempt.objects.create(post_data=f"new_password1={NEW}", get_data="next=/x", failures_since_start=1)
        forget = import_module("luojiang_ce.authentication.migrations.0003_nothing_typed_is_kept").forget
        forget(apps, None)
        assert NEW not in whole_database()


def whole_database() -> str:
    """Every row of every table, as text."""
    found: list[str] = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            found += map(str, cursor.fetchall())
    return "\n".join(found)


class TestResetMeanwhile:
    @pytest.mark.parametrize("act", [reset_password, disable_account])
    def test_a_change_that_was_checked_before_does_not_undo_it(
        self, district: District, monkeypatch: pytest.MonkeyPatch, act: Any
    ) -> None:
        """A thief changes the password; while the new one is looked at, an officer resets it."""
        opened = []

        def meanwhile(validator: Any, password: str, user: Any = None) -> None:
            reason = {"reason": "密码外泄"} if act is disable_account else {}
            opened.append(act(account=district.owner, actor=district.security_admin, **reason))

        thief = Browser()
        thief.sign_in(district.owner.username)
        monkeypatch.setattr(NotFormer, "validate", meanwhile)
        thief.change_password(PASSWORD, NEW)
        monkeypatch.undo()
        assert len(opened) == 1
        account = district.fresh(district.owner)
        assert not account.check_password(NEW)
        assert not thief.is_in
        assert account.must_change_password is (act is reset_password)
        assert not history(account).filter(name="password_changed").exists()


def test_a_hash_is_made_anew_with_its_record_or_not_at_all(
    district: District, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = district.owner.password
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher", *settings.PASSWORD_HASHERS]
    monkeypatch.setattr("units.models.account.record", lambda *args, **kwargs: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        district.owner.check_password(PASSWORD)
    assert Account.objects.get(pk=district.owner.pk).password == before
    monkeypatch.undo()
    account = Account.objects.get(pk=district.owner.pk)
    assert account.check_password(PASSWORD)
    assert Account.objects.get(pk=account.pk).password == account.password != before
    assert history(account).filter(name="password_rehashed").exists()

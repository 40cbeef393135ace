"""Passkeys: only the account's own key, for this site, with its user verified, to this session's challenge, once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.home import challenges
from luojiang_ce.notices.models import Notice
from luojiang_ce.refusals import NotPossible
from luojiang_ce.second_factor import passkeys, services
from luojiang_ce.second_factor.models import Passkey
from luojiang_ce.workflow.events import history
from tests.conftest import District, in_parallel
from tests.factories import PASSWORD
from units.models import Account

from .keys import PRESENT, SITE, Key
from .signing_in import NEW, WRONG, Browser, text
from .test_second_factor import code_of, set_up

CODE, USE, OWN = "/sign-in/code/", "/sign-in/passkey/", "/account/second-factor/"
ADD = f"{OWN}passkeys/new/"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def site(settings: Any) -> None:
    settings.PUBLIC_URL = SITE


def signed_in(account: Account) -> Browser:
    browser = Browser()
    browser.sign_in(account.username)
    return browser


def give(account: Account, key: Key, name: str = "办公室电脑") -> list[str]:
    asked = passkeys.ask_to_add(account)
    return passkeys.add(account, key.made_for(asked.options), asked.challenge, name=name)


def options_on(browser: Browser, path: str = CODE) -> str:
    return str(browser.get(path).context["options"])


def halfway(account: Account) -> Browser:
    browser = Browser()
    assert browser.sign_in(account.username).headers["Location"] == CODE
    return browser


@pytest.fixture
def key(district: District) -> Key:
    key = Key()
    give(district.owner, key)
    return key


class TestAdding:
    def sent(self, browser: Browser, key: Key, **wrong: Any) -> Any:
        password, name = wrong.pop("password", PASSWORD), wrong.pop("name", "蓝色 U 盾")
        made = key.made_for(options_on(browser, ADD), **wrong)
        return browser.post(ADD, {"name": name, "password": password, "credential": made})

    def test_from_the_page_with_the_first_recovery_codes(self, district: District) -> None:
        browser = signed_in(district.owner)
        page = text(self.sent(browser, Key()))
        assert page.count("<li>") >= 10
        assert "蓝色 U 盾" in text(browser.get(OWN))
        event = history(district.owner).get(name="passkey_added")
        kept = {"passkey": "蓝色 U 盾", "key": passkeys.print_of(Passkey.objects.get())}
        assert (event.data, event.address) == (kept, "198.51.100.7")
        assert Notice.objects.get(recipient=district.owner).title == "您的账号添加了通行密钥“蓝色 U 盾”"

    def test_every_other_sign_in_ends(self, district: District) -> None:
        elsewhere, browser = signed_in(district.owner), signed_in(district.owner)
        self.sent(browser, Key())
        assert (browser.is_in, elsewhere.is_in) == (True, False)
        assert "二次验证有变动" in text(elsewhere.get(OWN, follow=True))

    def test_a_session_that_never_showed_it_changes_nothing_of_it(self, district: District) -> None:
        browser = signed_in(district.owner)
        give(district.owner, Key())
        passkey = Passkey.objects.get()
        for answer in (
            self.sent(browser, Key()),
            browser.post(f"{OWN}passkeys/{passkey.pk}/remove/", {"password": PASSWORD}),
            browser.post(f"{OWN}begin/", {"password": PASSWORD}),
        ):
            assert answer.status_code == 422
            assert "这次登录没有通过二次验证" in text(answer)
        assert Passkey.objects.get() == passkey
        assert not services.waiting(district.owner)

    def test_the_codes_of_before_stay(self, district: District) -> None:
        codes = set_up(district.owner)
        assert give(district.owner, Key()) == []
        assert services.check(district.owner, codes[0])

    @pytest.mark.parametrize(
        "wrong",
        [
            {"origin": "https://jxjy.example.evil.test"},
            {"origin": "http://jxjy.example"},
            {"rp_id": "evil.test"},
            {"challenge": "AAAA"},
            {"flags": PRESENT},
            {"flags": 0},
        ],
    )
    def test_what_was_made_elsewhere_or_unverified_is_refused(self, district: District, wrong: Any) -> None:
        answer = self.sent(signed_in(district.owner), Key(), **wrong)
        assert (answer.status_code, passkeys.NOT_TAKEN in text(answer)) == (422, True)
        assert not Passkey.objects.exists()

    def test_the_password_is_asked_again_and_guessing_is_braked(self, district: District) -> None:
        browser = signed_in(district.owner)
        answers = [self.sent(browser, Key(), password=WRONG).status_code for _ in range(5)]
        assert answers == [422] * 4 + [429]
        assert self.sent(browser, Key()).status_code == 422
        assert not Passkey.objects.exists()

    def test_a_key_belongs_to_one_account(self, district: District, key: Key) -> None:
        with pytest.raises(NotPossible, match="已经添加过"):
            give(district.colleague, key)

    def test_no_account_fills_the_table(self, district: District) -> None:
        for _ in range(passkeys.MOST):
            give(district.owner, Key())
        with pytest.raises(NotPossible, match="最多 10 把"):
            give(district.owner, Key())

    def test_without_script_the_page_says_what_to_do(self, district: District) -> None:
        browser = signed_in(district.owner)
        page = text(browser.get(ADD))
        assert "浏览器没有运行脚本" in page
        answer = browser.post(ADD, {"name": "x", "password": PASSWORD})
        assert "请改用手机验证码或恢复码" in text(answer)

    def test_not_where_there_is_no_name_or_no_second_factor(self, district: District, settings: Any) -> None:
        settings.PUBLIC_URL = "http://192.0.2.1:8000"
        browser = signed_in(district.owner)
        assert "只在有域名时支持" in text(browser.get(ADD, follow=True))
        settings.PUBLIC_URL, settings.SECOND_FACTOR_UNITS = SITE, "off"
        assert "没有启用二次验证" in text(browser.get(ADD, follow=True))

    def test_it_fulfils_what_is_required(self, district: District, settings: Any) -> None:
        settings.SECOND_FACTOR_UNITS = "required"
        browser = signed_in(district.owner)
        assert browser.get("/").headers["Location"] == OWN
        self.sent(browser, Key())
        assert browser.get("/").status_code == 200

    def test_it_is_no_way_round_one_that_is_there(self, district: District, settings: Any) -> None:
        """A session from before the second factor has not shown it: it sets none up, whichever address it asks."""
        browser = signed_in(district.owner)
        set_up(district.owner)
        settings.SECOND_FACTOR_UNITS = "required"
        for path in (ADD, OWN, "/account/second-factor/begin/"):
            assert browser.get(path).headers["Location"].startswith("/sign-in/")
        assert not browser.is_in


class TestUsing:
    def test_after_the_password_it_opens(self, district: District, key: Key) -> None:
        browser = Browser()
        browser.post("/sign-in/", {"username": district.owner.username, "password": PASSWORD, "next": "/account/"})
        answer = browser.post(USE, {"credential": key.answer_to(options_on(browser))})
        assert (answer.headers["Location"], browser.is_in) == ("/account/", True)
        assert history(district.owner).get(name="passkey_used").address == "198.51.100.7"
        assert Passkey.objects.get().sign_count == 1

    def test_without_the_password_it_opens_nothing(self, district: District, key: Key) -> None:
        asked = passkeys.ask_to_use(district.owner)
        assert asked
        browser = Browser()
        assert browser.post(USE, {"credential": key.answer_to(asked.options)}).headers["Location"] == "/sign-in/"
        assert not browser.is_in

    @pytest.mark.parametrize(
        "wrong",
        [
            {"challenge": "AAAA"},
            {"challenge": ""},
            {"origin": "https://evil.test"},
            {"origin": f"{SITE}:8443"},
            {"rp_id": "evil.test"},
            {"type": "webauthn.create"},
            {"flags": PRESENT},
            {"flags": 0},
            {"altered": True},
        ],
    )
    def test_a_wrong_answer_is_refused(self, district: District, key: Key, wrong: Any) -> None:
        browser = halfway(district.owner)
        answer = browser.post(USE, {"credential": key.answer_to(options_on(browser), **wrong)})
        assert (answer.status_code, passkeys.NOT_TAKEN in text(answer), browser.is_in) == (422, True, False)

    @pytest.mark.parametrize("sent", ["", "x", "{}", "[]", "null", '{"id": 1}', "[" * 9000, "9" * 30_000])
    def test_nonsense_is_wrong_and_no_error(self, district: District, key: Key, sent: str) -> None:
        browser = halfway(district.owner)
        browser.get(CODE)
        assert browser.post(USE, {"credential": sent}).status_code == 422

    def test_the_challenge_of_another_session_is_none(self, district: District, key: Key) -> None:
        mine, theirs = halfway(district.owner), halfway(district.owner)
        foreign = options_on(theirs)
        options_on(mine)
        assert mine.post(USE, {"credential": key.answer_to(foreign)}).status_code == 422
        assert not mine.is_in

    def test_the_key_of_another_account_is_none(self, district: District, key: Key) -> None:
        other = Key()
        give(district.colleague, other)
        browser = halfway(district.owner)
        assert browser.post(USE, {"credential": other.answer_to(options_on(browser))}).status_code == 422
        stranger = Key(credential_id=key.credential_id)
        assert browser.post(USE, {"credential": stranger.answer_to(options_on(browser))}).status_code == 422

    @pytest.mark.parametrize("counts", [True, False])
    def test_an_answer_is_taken_once(self, district: District, counts: bool) -> None:
        key = Key(count=0 if counts else None)
        give(district.owner, key)
        browser = halfway(district.owner)
        answer = key.answer_to(options_on(browser))
        browser.post(USE, {"credential": answer})
        browser.post("/sign-out/")
        browser.sign_in(district.owner.username)
        options_on(browser)
        assert browser.post(USE, {"credential": answer}).status_code == 422
        assert not browser.is_in

    def test_a_challenge_waits_five_minutes_and_for_one_answer(self, district: District, key: Key) -> None:
        browser = halfway(district.owner)
        answer = key.answer_to(options_on(browser))
        browser.post(USE, {"credential": "x"})
        assert browser.post(USE, {"credential": answer}).status_code == 422
        with time_machine.travel(clock.now(), tick=False) as traveller:
            options = options_on(browser)
            traveller.shift(timedelta(minutes=4, seconds=58))
            browser.sign_in(district.owner.username)
            traveller.shift(timedelta(seconds=3))
            late = browser.post(USE, {"credential": key.answer_to(options)})
            assert "超过 5 分钟" in text(late)
        assert not browser.is_in

    def test_a_challenge_to_add_is_none_to_sign_in_with(self, district: District, key: Key) -> None:
        browser = halfway(district.owner)
        options = options_on(browser)
        session = browser.session
        session[challenges.KEPT] = ["add", *session[challenges.KEPT][1:]]
        session.save()
        assert browser.post(USE, {"credential": key.answer_to(options)}).status_code == 422
        assert not browser.is_in

    def test_five_wrong_answers_lock_as_five_wrong_codes(self, district: District, key: Key) -> None:
        browser = halfway(district.owner)
        answers = [
            browser.post(USE, {"credential": key.answer_to(options_on(browser), altered=True)}) for _ in range(5)
        ]
        assert [each.status_code for each in answers] == [422] * 4 + [429]
        assert "以前不能再试" in text(browser.post(USE, {"credential": key.answer_to(options_on(browser))}))
        assert not browser.is_in

    def test_a_count_that_falls_is_refused_and_told(self, district: District, key: Key) -> None:
        browser = halfway(district.owner)
        key.count = 40
        browser.post(USE, {"credential": key.answer_to(options_on(browser))})
        browser = halfway(district.owner)
        key.count = 20
        page = text(browser.post(USE, {"credential": key.answer_to(options_on(browser))}))
        assert ("可能被复制过" in page, browser.is_in) == (True, False)
        event = history(district.owner).get(name="passkey_copied")
        assert (event.data["previous"], event.data["count"], event.address) == (41, 21, "198.51.100.7")
        assert Notice.objects.filter(title__contains="可能被复制", recipient=district.owner).exists()
        assert Notice.objects.filter(title__contains="可能被复制", recipient=district.audit_admin).exists()
        assert Passkey.objects.get().sign_count == 41

    def test_code_and_recovery_code_still_work_beside_it(self, district: District, key: Key) -> None:
        codes = set_up(district.colleague)
        give(district.colleague, Key())
        for code in (codes[0], code_of(district.colleague)):
            browser = halfway(district.colleague)
            browser.post(CODE, {"otp_code": code})
            assert browser.is_in

    def test_a_reset_between_the_steps_ends_them(self, district: District, key: Key) -> None:
        from units.services import reset_password

        browser = halfway(district.owner)
        options = options_on(browser)
        reset_password(account=district.owner, actor=district.security_admin)
        assert browser.post(USE, {"credential": key.answer_to(options)}).headers["Location"] == "/sign-in/"
        assert not browser.is_in


class TestRemoving:
    def inside(self, account: Account, key: Key) -> Browser:
        browser = halfway(account)
        browser.post(USE, {"credential": key.answer_to(options_on(browser))})
        assert browser.is_in
        return browser

    def path(self) -> str:
        return reverse("home:passkey_remove", args=[Passkey.objects.get().pk])

    def test_with_the_password_again(self, district: District, key: Key) -> None:
        browser = self.inside(district.owner, key)
        assert browser.post(self.path(), {"password": WRONG}).status_code == 422
        assert Passkey.objects.exists()
        browser.post(self.path(), {"password": PASSWORD})
        assert not Passkey.objects.exists()
        assert (services.is_on(district.owner), services.codes_left(district.owner)) == (False, 0)
        assert history(district.owner).get(name="passkey_removed").address == "198.51.100.7"
        assert Notice.objects.filter(recipient=district.owner, title__contains="移除了通行密钥").exists()

    def test_not_by_colleague_or_neighbour(self, district: District, key: Key) -> None:
        for account in (district.colleague, district.neighbour):
            assert signed_in(account).post(self.path(), {"password": PASSWORD}).status_code == 404
        assert Passkey.objects.exists()

    def test_the_last_one_of_what_is_required_stays(self, district: District, key: Key, settings: Any) -> None:
        settings.SECOND_FACTOR_UNITS = "required"
        browser = self.inside(district.owner, key)
        assert services.MUST_HAVE_ONE in text(browser.post(self.path(), {"password": PASSWORD}))
        set_up(district.owner)
        browser.post(self.path(), {"password": PASSWORD})
        assert not Passkey.objects.exists()
        assert services.is_on(district.owner)

    def test_a_reset_of_the_second_factor_takes_it_too(self, district: District, key: Key) -> None:
        browser = self.inside(district.owner, key)
        assert services.take_off(district.owner, actor=district.security_admin, data={})
        assert (Passkey.objects.exists(), browser.is_in) == (False, False)

    def test_a_new_password_leaves_it(self, district: District, key: Key) -> None:
        browser = self.inside(district.owner, key)
        browser.change_password(PASSWORD, NEW)
        assert Passkey.objects.exists()


@pytest.mark.real_services
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("counts", [True, False])
def test_one_answer_sent_four_times_at_once_opens_once(district: District, counts: bool) -> None:
    key = Key(count=0 if counts else None)
    give(district.owner, key)
    asked = passkeys.ask_to_use(district.owner)
    assert asked
    answer = key.answer_to(asked.options)

    def use() -> bool:
        try:
            passkeys.use(district.owner, answer, asked.challenge)
        except services.WrongFactor:
            return False
        return True

    assert sorted(in_parallel([use] * 4)) == [False] * 3 + [True]

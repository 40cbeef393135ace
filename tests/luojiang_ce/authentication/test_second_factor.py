"""The second factor: asked for at the sign-in, no code taken twice, secrets sealed, nobody locked out for good."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.urls import reverse
from django_otp.oath import TOTP, totp

from luojiang_ce import clock
from luojiang_ce.authentication import sessions
from luojiang_ce.authentication.models import SignIn
from luojiang_ce.notices.models import Notice
from luojiang_ce.refusals import NotPossible
from luojiang_ce.sealing.ring import CannotOpen
from luojiang_ce.second_factor import passkeys, sealing, services
from luojiang_ce.second_factor.models import Authenticator, Passkey, RecoveryCode
from luojiang_ce.workflow import audited
from luojiang_ce.workflow.engine import Refused, fire
from luojiang_ce.workflow.events import history
from tests.conftest import District, in_parallel
from tests.factories import PASSWORD
from tests.units.views.helpers import browser as signed_in
from tests.units.views.helpers import workbook_rows
from units.models import Account, OfficerRequest
from units.services.accounts import reset_factor
from units.services.officer_requests import Act

from .signing_in import NEW, Browser, text

CODE, OWN = "/sign-in/code/", "/account/second-factor/"
pytestmark = pytest.mark.django_db


def test_who_types_the_password_again_and_goes_away_stays_listed_and_can_be_ended(
    district: District, settings: Any
) -> None:
    owner, settings.DEMO = district.owner, True  # elsewhere who is signed in sees no page to sign in
    set_up(owner)
    browser = Browser()
    browser.sign_in(owner.username)
    browser.post(CODE, {"otp_code": code_of(owner, 1)})
    browser.sign_in(owner.username)  # and leaves the code's page
    assert browser.is_in
    assert len(sessions.open_of(owner)) == 1
    assert "当前这次" in text(browser.get("/account/sessions/"))
    sessions.end_all(owner, SignIn.End.FACTOR)
    assert not browser.is_in


def test_who_signs_in_anew_ends_the_sign_in_of_before(district: District, settings: Any) -> None:
    browser, settings.DEMO = Browser(), True
    browser.sign_in(district.owner.username)
    browser.sign_in(district.owner.username)
    assert browser.is_in
    assert len(sessions.open_of(district.owner)) == 1
    assert list(SignIn.objects.order_by("pk").values_list("end", flat=True)) == [SignIn.End.SIGNED_OUT, ""]


def code_of(account: Account, later: int = 0) -> str:
    """What the app shows now, or so many steps later."""
    shown = TOTP(sealing.secret_of(Authenticator.objects.get(account=account)))
    shown.time = clock.now().timestamp() + later * 30
    return f"{shown.token():06d}"


def set_up(account: Account) -> list[str]:
    """With the code of a minute ago, so that the present one is fresh."""
    services.begin(account)
    with time_machine.travel(clock.now() - timedelta(minutes=2)):
        return services.confirm(account, code_of(account))


@pytest.fixture
def owner(district: District) -> Account:
    set_up(district.owner)
    return district.owner


def halfway(account: Account, **more: Any) -> Browser:
    """A browser that knows the password."""
    browser = Browser(**more)
    assert browser.sign_in(account.username).headers["Location"] == CODE
    return browser


class TestSignIn:
    def test_the_password_alone_opens_nothing(self, owner: Account) -> None:
        browser = halfway(owner)
        assert not browser.is_in
        assert browser.get("/account/").headers["Location"].startswith("/sign-in/")
        assert not history(owner).filter(name="signed_in").exists()

    def test_with_the_code_it_does_and_one_comes_back_to_the_page(self, owner: Account) -> None:
        browser = Browser()
        browser.post("/sign-in/", {"username": owner.username, "password": PASSWORD, "next": "/account/"})
        answer = browser.post(CODE, {"otp_code": code_of(owner)})
        assert (answer.headers["Location"], browser.is_in) == ("/account/", True)

    def test_without_a_password_there_is_no_second_step(self, owner: Account) -> None:
        browser = Browser()
        assert browser.post(CODE, {"otp_code": code_of(owner)}).headers["Location"] == "/sign-in/"
        assert not browser.is_in

    def test_five_wrong_codes_lock_as_five_wrong_passwords(self, owner: Account) -> None:
        browser = halfway(owner)
        codes = [browser.post(CODE, {"otp_code": f"{n:06d}"}).status_code for n in range(5)]
        assert codes == [422] * 4 + [429]
        assert "以前不能再试" in text(browser.post(CODE, {"otp_code": code_of(owner)}))
        told = Notice.objects.filter(recipient=owner, title__contains="有人用您的密码登录")
        assert told.count() == 1, "whoever types wrong codes has typed the right password"
        assert not browser.is_in

    def test_a_code_is_not_taken_twice(self, owner: Account) -> None:
        first, second = halfway(owner), halfway(owner)
        code = code_of(owner)
        first.post(CODE, {"otp_code": code})
        assert second.post(CODE, {"otp_code": code}).status_code == 422
        assert (first.is_in, second.is_in) == (True, False)

    @pytest.mark.parametrize(("later", "right"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
    def test_a_phone_may_be_half_a_minute_off(self, owner: Account, later: int, right: bool) -> None:
        with time_machine.travel(clock.now(), tick=False):
            assert services.check(owner, code_of(owner, later)) is right

    @pytest.mark.parametrize("code", ["", "abc", "１２３４５６", "12345", "9" * 20, "-" * 6])
    def test_nonsense_is_wrong_and_no_error(self, owner: Account, code: str) -> None:
        assert halfway(owner).post(CODE, {"otp_code": code}).status_code == 422

    def test_the_second_step_waits_five_minutes(self, owner: Account) -> None:
        with time_machine.travel(clock.now(), tick=False) as traveller:
            browser = halfway(owner)
            traveller.shift(timedelta(minutes=5))
            answer = browser.post(CODE, {"otp_code": code_of(owner)}, follow=True)
            assert "超过 5 分钟" in text(answer)
            assert not browser.is_in

    def test_a_reset_between_the_steps_ends_them(self, owner: Account, district: District) -> None:
        from units.services import reset_password

        browser = halfway(owner)
        reset_password(account=owner, actor=district.security_admin)
        assert browser.post(CODE, {"otp_code": code_of(owner)}).headers["Location"] == "/sign-in/"
        assert not browser.is_in

    def test_the_code_of_a_colleague_is_none(self, owner: Account, district: District) -> None:
        set_up(district.colleague)
        assert halfway(owner).post(CODE, {"otp_code": code_of(district.colleague)}).status_code == 422


class TestRecovery:
    def test_a_code_opens_once_however_it_is_typed(self, district: District) -> None:
        codes = set_up(district.owner)
        browser = halfway(district.owner)
        browser.post(CODE, {"otp_code": f" {codes[0].upper().replace('-', ' ')} "})
        assert browser.is_in
        assert "这个恢复码已经用过" in text(halfway(district.owner).post(CODE, {"otp_code": codes[0]}))
        assert "恢复码不对" in text(halfway(district.owner).post(CODE, {"otp_code": "abcd-efgh-jkmn"}))
        assert services.codes_left(district.owner) == 9
        assert history(district.owner).filter(name="recovery_code_used").exists()

    def test_one_that_was_altered_stands_in_no_other_ones_way(self, district: District) -> None:
        codes = set_up(district.owner)
        [altered] = [each for each in RecoveryCode.objects.all() if sealing.is_code(codes[3].replace("-", ""), each)]
        key = bytes(altered.key_sealed)
        RecoveryCode.objects.filter(pk=altered.pk).update(key_sealed=key[:-1] + bytes([key[-1] ^ 1]))
        assert services.check(district.owner, codes[7])
        with pytest.raises(CannotOpen, match="恢复码的密钥打不开"):
            services.check(district.owner, codes[3])

    def test_new_ones_take_the_place_of_the_old(self, owner: Account) -> None:
        browser = halfway(owner)
        browser.post(CODE, {"otp_code": code_of(owner)})
        page = text(browser.post(reverse("home:renew_codes"), {"otp_code": code_of(owner, 1)}))
        assert "只显示这一次" in page
        assert services.codes_left(owner) == 10
        assert Notice.objects.filter(recipient=owner, title="您的账号换了一组恢复码").exists()

    def test_only_digests_are_kept(self, district: District) -> None:
        codes = set_up(district.owner)
        kept = "".join(RecoveryCode.objects.values_list("digest", flat=True))
        assert not any(code in kept or code.replace("-", "") in kept for code in codes)

    def test_guessing_in_an_open_session_is_braked(self, owner: Account) -> None:
        browser = halfway(owner)
        browser.post(CODE, {"otp_code": code_of(owner)})
        codes = [browser.post(reverse("home:remove_factor"), {"otp_code": f"{n:06d}"}).status_code for n in range(6)]
        assert codes[:4] == [422] * 4
        assert codes[4] == 429
        browser.post(reverse("home:remove_factor"), {"otp_code": code_of(owner, 1)})
        assert services.is_on(owner)


class TestSettingUp:
    def test_from_the_page(self, district: District) -> None:
        browser = Browser()
        browser.sign_in(district.owner.username)
        browser.post(reverse("home:begin_factor"), {"password": PASSWORD})
        page = text(browser.get(OWN))
        assert "<svg" in page
        assert "style=" not in page[page.index("<svg") : page.index("</svg>")]
        assert services.secret_of(Authenticator.objects.get()) in page.replace(" ", "")
        assert 'href="otpauth://totp/' in page
        assert "恢复码" not in page, "there are none yet"
        assert browser.post(OWN, {"otp_code": "000000"}).status_code == 422
        assert not services.is_on(district.owner)
        page = text(browser.post(OWN, {"otp_code": code_of(district.owner)}))
        assert page.count("<li>") >= 10
        assert services.is_on(district.owner)
        assert services.secret_of(Authenticator.objects.get()) not in text(browser.get(OWN)).replace(" ", "")
        assert history(district.owner).filter(name="factor_added").exists()
        assert Notice.objects.filter(recipient=district.owner, title="您的账号启用了验证器").exists()

    def test_an_open_screen_alone_sets_none_up(self, district: District) -> None:
        browser = Browser()
        browser.sign_in(district.owner.username)
        answer = browser.post(reverse("home:begin_factor"), {"password": "a-colleague's guess"})
        assert answer.status_code == 422
        assert "有 1 处要改" in text(answer)
        assert "已填的内容都在" not in text(answer), "a password never comes back"
        assert not Authenticator.objects.exists()

    def test_one_in_use_is_not_replaced_without_its_code(self, owner: Account) -> None:
        with pytest.raises(NotPossible, match="已经启用"):
            services.begin(owner)

    def test_taking_it_off_asks_for_a_code(self, owner: Account) -> None:
        browser = halfway(owner)
        browser.post(CODE, {"otp_code": code_of(owner)})
        browser.post(reverse("home:remove_factor"), {"otp_code": "000000"})
        assert services.is_on(owner)
        browser.post(reverse("home:remove_factor"), {"otp_code": code_of(owner, 1)})
        assert not services.is_on(owner)
        assert Notice.objects.filter(recipient=owner, title="您的账号停用了验证器").exists()
        assert Browser().sign_in(owner.username).headers["Location"] == "/"

    def test_the_neighbours_page_shows_nothing_of_it(self, owner: Account, district: District) -> None:
        browser = Browser()
        browser.sign_in(district.neighbour.username)
        assert "未启用" in text(browser.get(OWN))


class TestPolicy:
    def test_required_leads_to_setting_up_and_nowhere_else(self, district: District, settings: Any) -> None:
        settings.SECOND_FACTOR_BUREAU = "required"
        browser = Browser()
        browser.sign_in(district.handler.username)
        for path in ("/", "/account/", "/notices/"):
            assert browser.get(path).headers["Location"] == OWN
            assert browser.post(path).headers["Location"] == OWN
        browser.post(reverse("home:begin_factor"), {"password": PASSWORD})
        browser.post(OWN, {"otp_code": code_of(district.handler)})
        assert browser.get("/").status_code == 200
        with pytest.raises(NotPossible, match="本局要求"):
            services.remove(district.handler, code_of(district.handler, 1))
        clerk = Browser()
        clerk.sign_in(district.owner.username)
        assert clerk.get("/").status_code == 200

    def test_a_session_from_before_it_was_required_signs_in_anew(self, district: District, settings: Any) -> None:
        browser = Browser()
        browser.sign_in(district.handler.username)
        set_up(district.handler)
        settings.SECOND_FACTOR_BUREAU = "required"
        assert browser.get("/").headers["Location"].startswith("/sign-in/")
        assert not browser.is_in

    def test_the_first_password_comes_before_it(self, district: District, settings: Any) -> None:
        settings.SECOND_FACTOR_BUREAU = "required"
        Account.objects.filter(pk=district.handler.pk).update(must_change_password=True)
        browser = Browser()
        browser.sign_in(district.handler.username)
        assert browser.get("/").headers["Location"] == "/account/password/"
        browser.change_password(PASSWORD, NEW)
        assert browser.get("/").headers["Location"] == OWN

    def test_off_asks_nobody(self, owner: Account, settings: Any) -> None:
        settings.SECOND_FACTOR_UNITS = "off"
        browser = Browser()
        assert browser.sign_in(owner.username).headers["Location"] == "/"
        assert "没有启用二次验证" in text(browser.get(OWN))

    def test_a_mistyped_setting_is_no_way_round(self, district: District, settings: Any) -> None:
        settings.SECOND_FACTOR_UNITS = "none"
        with pytest.raises(ValueError, match="none"):
            services.policy_for(district.owner)


class TestLost:
    def test_two_officers_take_it_off_whoever_it_is(self, owner: Account, district: District) -> None:
        browser = halfway(owner)
        browser.post(CODE, {"otp_code": code_of(owner)})
        lost = "手机丢失，本人持身份证当面提出"
        security, audit = signed_in(district.security_admin), signed_in(district.audit_admin)
        assert security.post(reverse("accounts:factor", args=[owner.pk])).status_code == 422
        security.post(reverse("accounts:factor", args=[owner.pk]), {"reason": lost})
        case = OfficerRequest.objects.get(account=owner, act=Act.FACTOR)
        assert lost in text(audit.get(case.get_absolute_url()))
        with pytest.raises(Refused):
            fire(case, "confirm", actor=district.security_admin)
        assert services.is_on(owner)
        fire(case, "confirm", actor=district.audit_admin)
        assert (services.is_on(owner), services.codes_left(owner), browser.is_in) == (False, 0, False)
        event = history(owner).filter(name="factor_reset").get()
        assert (event.actor, event.data["second"]) == (district.security_admin, district.audit_admin.pk)
        assert event.note_row.text == lost
        assert f"确认人：{district.audit_admin.name}" in text(audit.get(reverse("audit:events")))
        exported = [str(row) for row in workbook_rows(audit.get(reverse("audit:export")))]
        assert any(f"确认人：{district.audit_admin.name}" in row for row in exported)
        assert Notice.objects.filter(recipient=owner, title__contains="二次验证已重设").exists()

    def test_nobody_alone(self, owner: Account, district: District) -> None:
        with pytest.raises(NotPossible, match="另一位管理员确认"):
            reset_factor(account=owner, actor=district.security_admin)

    def test_the_last_officer_comes_in_from_the_servers_shell(self, district: District) -> None:
        officer = district.security_admin
        set_up(officer)
        out = StringIO()
        call_command("let_in", officer.username, stdout=out)
        password = out.getvalue().split("一次性密码 ")[1].split("（")[0]
        browser = Browser()
        assert browser.sign_in(officer.username, password).headers["Location"] == "/"
        assert browser.is_in
        assert {(event.name, event.actor) for event in history(officer)} >= {
            ("password_reset", None),
            ("factor_reset", None),
        }
        assert Notice.objects.filter(recipient=district.audit_admin).count() == 2

    def test_the_shell_is_told_of_a_wrong_name(self, district: District) -> None:
        with pytest.raises(CommandError, match="没有登录名为 nobody"):
            call_command("let_in", "nobody", stdout=StringIO())


class TestSealed:
    def test_a_secret_is_of_no_use_in_another_row(self, owner: Account, district: District) -> None:
        moved = Authenticator.objects.get()
        moved.account = district.colleague
        with pytest.raises(CannotOpen):
            sealing.secret_of(moved)

    def test_nothing_of_it_lies_open(self) -> None:
        assert b"secret" * 3 not in sealing.sealed(b"secret" * 3, 1)

    @pytest.mark.parametrize(
        ("moment", "code"), [(59, 94287082), (1111111109, 7081804), (1234567890, 89005924), (2000000000, 69279037)]
    )
    def test_the_vectors_of_rfc_6238(self, moment: int, code: int) -> None:
        with time_machine.travel(moment, tick=False):
            assert totp(b"12345678901234567890", digits=8) == code


@pytest.mark.real_services
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("recovery", [False, True])
def test_of_two_who_type_one_code_at_once_one_is_refused(district: District, recovery: bool) -> None:
    codes = set_up(district.owner)
    code = codes[0] if recovery else code_of(district.owner)
    assert sorted(in_parallel([lambda: services.check(district.owner, code)] * 4)) == [False] * 3 + [True]


class TestOnRecord:
    """What is altered behind the log is found by its check."""

    def found(self) -> list[str]:
        return [each for each in audited.check().problems if each.startswith("二次验证")]

    def test_what_was_set_up_and_taken_off_is_as_the_log_says(self, owner: Account, district: District) -> None:
        set_up(district.colleague)
        services.remove(district.colleague, code_of(district.colleague))
        services.begin(district.neighbour)
        assert self.found() == []

    def test_an_app_taken_off_in_the_database_is_found(self, owner: Account) -> None:
        Authenticator.objects.all().delete()
        assert self.found() == [f"二次验证：账号 {owner.username}（{owner.pk}）的验证器不在了，记录里没有停用：被删除"]

    def test_one_put_on_in_the_database_is_found(self, district: District) -> None:
        Authenticator.objects.create(account=district.owner, sealed=b"x", confirmed_at=clock.now())
        assert "没有启用的记录" in self.found()[0]

    def test_a_key_put_in_the_place_of_a_passkey_is_found(self, owner: Account) -> None:
        made = Passkey.objects.create(account=owner, name="U 盾", credential_id="c", public_key=b"k", sign_count=0)
        assert "1 把没有添加的记录（应有 0 把）" in self.found()[0]
        passkeys._tell(made, "passkey_added", "添加了通行密钥")
        assert self.found() == []
        Passkey.objects.update(public_key=b"another's")
        assert len(self.found()) == 2
        services.take_off(owner, actor=owner, data={})
        assert self.found() == []

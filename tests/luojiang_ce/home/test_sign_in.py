"""Signing in: lock-out that tells nothing, first password, the demo's one click, the idle session (domain.md §6)."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.conf import settings as django_settings
from django.contrib.auth import get_user
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.home import registry, sign_in
from luojiang_ce.home.registry import DemoAccount
from luojiang_ce.notices.models import Notice
from luojiang_ce.workflow.models import Event
from tests.factories import PASSWORD, AccountFactory
from units.services import disable_account, enable_account

SIGN_IN = "/sign-in/"
NEW = "Gengxin-2027-mima"


def attempt(client, username, password=PASSWORD, address="127.0.0.1", **more):
    return client.post(SIGN_IN, {"username": username, "password": password, **more}, REMOTE_ADDR=address)


def text(response):
    return response.content.decode()


def signed_in(client):
    return get_user(client).is_authenticated


@pytest.fixture
def clerk(district):
    return district.owner


def test_the_right_password_leads_to_the_start_page(client, clerk):
    assert attempt(client, clerk.username).headers["Location"] == "/"
    assert signed_in(client)


@pytest.mark.parametrize("spelling", [" {} ", "{}\t"])
def test_blanks_and_capitals_in_the_name_do_not_matter(client, clerk, spelling):
    attempt(client, spelling.format(clerk.username.upper()))
    assert signed_in(client)


def test_one_comes_back_to_the_page_that_asked(client, clerk):
    asked = client.get("/account/").headers["Location"]
    assert asked == f"{SIGN_IN}?next=/account/"
    assert attempt(client, clerk.username, next="/account/").headers["Location"] == "/account/"


@pytest.mark.parametrize("elsewhere", ["https://example.org/", "//example.org", "javascript:alert(1)"])
def test_nobody_is_sent_to_another_site(client, clerk, elsewhere):
    assert attempt(client, clerk.username, next=elsewhere).headers["Location"] == "/"


def test_everything_missing_is_said_at_once(client, db):
    assert text(attempt(client, "", "")).count("请填写这一项") == 2


def test_a_wrong_password_a_stranger_and_a_closed_account_read_the_same(client, clerk):
    AccountFactory(username="closed", is_active=False)
    answers = [attempt(client, name, "wrong-Password-1") for name in (clerk.username, "nobody", "closed")]
    assert {answer.status_code for answer in answers} == {422}
    assert all(sign_in.NOT_TAKEN in text(answer) for answer in answers)


def test_the_session_gets_a_new_key_at_sign_in(client, clerk):
    client.post(reverse("home:theme"), {"theme": "dark"})
    session = client.session
    session["x"] = 1
    session.save()
    before = session.session_key
    attempt(client, clerk.username)
    assert client.session.session_key != before


@pytest.mark.parametrize("exists", [True, False])
def test_five_failures_lock_the_name_for_thirty_minutes(client, clerk, exists):
    name = clerk.username if exists else "nobody"
    answers = [attempt(client, name, "wrong-Password-1") for _ in range(5)]
    assert [answer.status_code for answer in answers] == [422] * 4 + [429]
    assert sign_in.LOCKED in text(answers[-1])
    refused = attempt(client, name)
    assert refused.status_code == 429
    assert not signed_in(client)


def test_guesses_from_many_addresses_count_together(client, clerk):
    for last in range(5):
        attempt(client, clerk.username, "wrong-Password-1", address=f"10.0.0.{last + 1}")
    assert attempt(client, clerk.username, address="10.0.0.9").status_code == 429


def test_a_change_of_case_does_not_start_the_count_anew(client, clerk):
    names = [clerk.username, clerk.username.upper(), f" {clerk.username}", clerk.username.title(), clerk.username]
    answers = [attempt(client, name, "wrong-Password-1") for name in names]
    assert answers[-1].status_code == 429


def test_a_locked_name_opens_again_after_thirty_minutes_even_if_tried_meanwhile(client, clerk):
    with time_machine.travel(clock.now(), tick=False) as traveller:
        for _ in range(5):
            attempt(client, clerk.username, "wrong-Password-1")
        traveller.shift(timedelta(minutes=29))
        assert attempt(client, clerk.username).status_code == 429
        traveller.shift(timedelta(minutes=2))
        assert attempt(client, clerk.username).status_code == 302


def test_a_lock_holds_for_one_name_only(client, district):
    for _ in range(5):
        attempt(client, district.owner.username, "wrong-Password-1")
    assert attempt(client, district.colleague.username).status_code == 302


def test_success_forgets_the_failures(client, clerk):
    for _ in range(4):
        attempt(client, clerk.username, "wrong-Password-1")
    attempt(client, clerk.username)
    client.post("/sign-out/")
    assert attempt(client, clerk.username, "wrong-Password-1").status_code == 422


def test_signing_out_asks_for_a_post(client, clerk):
    client.force_login(clerk)
    assert client.get("/sign-out/").status_code == 405
    assert signed_in(client)
    assert client.post("/sign-out/").headers["Location"] == SIGN_IN
    assert not signed_in(client)


def test_an_idle_session_ends_after_thirty_minutes_and_says_so(client, clerk):
    with time_machine.travel(clock.now(), tick=False) as traveller:
        client.force_login(clerk)
        traveller.shift(timedelta(minutes=29))
        assert client.get("/account/alive/").status_code == 204
        traveller.shift(timedelta(minutes=29))
        assert client.get("/").status_code == 200
        traveller.shift(timedelta(minutes=31))
        left = client.get("/account/", follow=True)
        assert left.redirect_chain == [(f"{SIGN_IN}?next=/account/", 302)]
        assert "30 分钟没有操作，已退出登录" in text(left)


def test_without_a_session_nothing_is_said_about_one(client, db):
    assert "30 分钟没有操作，已退出登录" not in text(client.get("/account/", follow=True))


def test_a_part_asked_for_after_the_session_ended_moves_the_whole_page(client, db):
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/jobs/?page=2"}
    answer = client.get("/account/", headers=headers)
    assert answer.status_code == 200
    assert answer.headers["HX-Redirect"] == f"{SIGN_IN}?next=%2Fjobs%2F%3Fpage%3D2"
    assert client.get("/account/", headers={"HX-Request": "true"}).headers["HX-Redirect"] == SIGN_IN


def test_guessing_at_the_present_password_is_counted_as_at_the_sign_in(client, clerk):
    client.force_login(clerk, backend="django.contrib.auth.backends.ModelBackend")
    given = {"new_password1": NEW, "new_password2": NEW}
    for n in range(4):
        answer = client.post("/account/password/", {"old_password": f"wrong{n}", **given})
        assert (answer.status_code, "现在的密码不对" in answer.content.decode()) == (422, True)
    client.post("/account/password/", {"old_password": "wrong4", **given})
    answer = client.post("/account/password/", {"old_password": PASSWORD, **given})
    assert "连续 5 次不对" in answer.content.decode()
    assert "以前不能再试" in answer.content.decode()
    clerk.refresh_from_db()
    assert clerk.check_password(PASSWORD)


def test_a_session_does_not_outlive_that_its_account_was_shut_out(client, clerk, district):
    client.force_login(clerk, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/").status_code == 200
    disable_account(account=clerk, actor=district.security_admin, reason="离岗")
    assert client.get("/").status_code == 302
    enable_account(account=clerk, actor=district.security_admin, reason="返岗")
    assert client.get("/").status_code == 302


def test_coming_going_and_a_new_password_are_on_record(client, clerk):
    attempt(client, clerk.username)
    client.post("/account/password/", {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW})
    client.post("/sign-out/")
    client.post("/sign-out/")
    seen = Event.objects.filter(case_type="units.account", case_id=clerk.pk, actor=clerk).values_list("name", flat=True)
    assert list(seen) == ["signed_in", "password_changed", "signed_out"]


class TestFirstPassword:
    @pytest.fixture
    def newcomer(self, client, clerk):
        clerk.must_change_password = True
        clerk.save()
        client.force_login(clerk)
        return clerk

    @pytest.mark.parametrize("path", ["/", "/account/", "/notices/", "/jobs/"])
    def test_nothing_else_is_possible_before(self, client, newcomer, path):
        assert client.get(path).headers["Location"] == "/account/password/"
        assert client.post(path).headers["Location"] == "/account/password/"

    @pytest.mark.parametrize("path", ["/account/password/", "/privacy/"])
    def test_what_stays_open(self, client, newcomer, path):
        assert client.get(path).status_code == 200

    def test_signing_out_stays_open(self, client, newcomer):
        client.post("/sign-out/")
        assert not signed_in(client)

    def test_a_new_password_opens_everything_and_keeps_this_session(self, client, newcomer):
        given = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
        assert client.post("/account/password/", given).headers["Location"] == "/"
        newcomer.refresh_from_db()
        assert not newcomer.must_change_password
        assert newcomer.check_password(NEW)
        assert client.get("/").status_code == 200


class TestPassword:
    @pytest.mark.parametrize(
        ("new", "again", "said"),
        [
            ("short-A1", "short-A1", "密码太短，至少 10 位"),
            ("onlylowercase", "onlylowercase", "三种"),
            ("13800000000123", "13800000000123", "密码不能全是数字"),
            (PASSWORD, PASSWORD, "新密码与现在的密码相同"),
            (NEW, NEW + "x", "两次填的新密码不一样"),
            ("", "", "请填写这一项"),
        ],
    )
    def test_a_weak_or_mistyped_one_is_refused_with_the_reason(self, client, clerk, new, again, said):
        client.force_login(clerk)
        given = {"old_password": PASSWORD, "new_password1": new, "new_password2": again}
        answer = client.post("/account/password/", given)
        assert answer.status_code == 422
        assert said in text(answer)
        clerk.refresh_from_db()
        assert clerk.check_password(PASSWORD)

    def test_the_present_one_is_asked_for(self, client, clerk):
        client.force_login(clerk)
        given = {"old_password": "wrong", "new_password1": NEW, "new_password2": NEW}
        assert "现在的密码不对" in text(client.post("/account/password/", given))

    def test_other_sessions_end(self, client, clerk, client_elsewhere):
        client.force_login(clerk)
        client_elsewhere.force_login(clerk)
        given = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
        client.post("/account/password/", given)
        assert signed_in(client)
        assert not signed_in(client_elsewhere)

    def test_its_holder_is_told(self, client, clerk):
        client.force_login(clerk)
        client.post("/account/password/", {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW})
        told = Notice.objects.get(recipient=clerk)
        assert (told.title, "不是您本人操作的" in told.text) == ("您的账号的密码已修改", True)


@pytest.fixture
def client_elsewhere():
    from django.test import Client

    return Client()


class TestDemo:
    @pytest.fixture(autouse=True)
    def _offered(self, monkeypatch, clerk):
        monkeypatch.setattr(registry, "_demo_accounts", [DemoAccount(clerk.username, "单位专办员")])

    def test_one_click_signs_in(self, client, clerk, settings):
        settings.DEMO = True
        assert "单位专办员" in text(client.get(SIGN_IN))
        assert client.post("/sign-in/demo/", {"username": clerk.username}).headers["Location"] == "/"
        assert get_user(client) == clerk

    def test_changing_over_leaves_nothing_of_the_other_session(self, client, district, settings):
        settings.DEMO = True
        client.force_login(district.handler)
        session = client.session
        session["draft"] = "of the handler"
        session.save()
        client.post("/sign-in/demo/", {"username": district.owner.username})
        assert "draft" not in client.session

    def test_who_is_not_there_is_not_offered(self, client, clerk, settings, monkeypatch):
        """A demo that an earlier version loaded lacks the accounts that came since."""
        settings.DEMO = True
        offered = [DemoAccount(clerk.username, "单位专办员"), DemoAccount("inspector9", "监督检查人员")]
        monkeypatch.setattr(registry, "_demo_accounts", offered)
        page = text(client.get(SIGN_IN))
        assert "单位专办员" in page
        assert "监督检查人员" not in page
        assert client.post("/sign-in/demo/", {"username": "inspector9"}).status_code == 404

    def test_only_offered_accounts(self, client, district, settings):
        settings.DEMO = True
        assert client.post("/sign-in/demo/", {"username": district.handler.username}).status_code == 404
        assert not signed_in(client)

    def test_outside_a_demo_the_page_does_not_exist(self, client, clerk):
        assert not django_settings.DEMO
        assert client.post("/sign-in/demo/", {"username": clerk.username}).status_code == 404
        assert "演示账号" not in text(client.get(SIGN_IN))
        assert not signed_in(client)


@pytest.mark.django_db
def test_pages_after_the_sign_in_are_kept_nowhere(client):
    client.force_login(AccountFactory(), backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/account/").headers["Cache-Control"] == "private, no-store"

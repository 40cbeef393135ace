"""manage.py setup: two officers, no default password, a second run refused (issue: no default password anywhere)."""

from __future__ import annotations

from io import StringIO

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.test import RequestFactory

from luojiang_ce.access import Role
from luojiang_ce.workflow.events import history
from units.models import Account, Unit
from units.services import disable_account
from units.services.bootstrap import BUREAU_NAME, missing_offices

pytestmark = pytest.mark.django_db
FLAGS = {"username": "xitong", "name": "甲", "security_username": "anquan", "security_name": "乙"}
PASSWORD = "Luojiang-2026-Setup"


def setup(**flags) -> str:
    out = StringIO()
    call_command("setup", stdout=out, stderr=out, **{**FLAGS, **flags})
    return out.getvalue()


def refused(**flags) -> CommandError:
    with pytest.raises(CommandError) as error:
        setup(**flags)
    return error.value


def signs_in(username: str, password: str) -> bool:
    return authenticate(RequestFactory().post("/"), username=username, password=password) is not None


def printed_password(out: str, username: str) -> str:
    return out.split(f"登录名 {username}，一次性密码 ")[1].split("（")[0]


class Terminal:
    """Somebody at the keyboard."""

    def __init__(self, monkeypatch, answers: list[str], passwords: list[str]) -> None:
        monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
        monkeypatch.setattr("builtins.input", lambda question: answers.pop(0))
        monkeypatch.setattr("units.management.commands.setup.getpass", lambda question: passwords.pop(0))


def test_it_makes_the_bureau_and_two_officers_with_passwords_of_their_own() -> None:
    out = setup()
    bureau = Unit.objects.get()
    assert (bureau.name, bureau.is_bureau, bureau.is_authority) == (BUREAU_NAME, True, True)
    for username, role in (("xitong", Role.SYSTEM_ADMIN), ("anquan", Role.SECURITY_ADMIN)):
        account = Account.objects.get(username=username)
        assert [a.role for a in account.current_assignments] == [role]
        assert account.must_change_password
        assert signs_in(username, printed_password(out, username))
        assert {e.name for e in history(account)} == {"account_created", "role_assigned"}
    assert printed_password(out, "xitong") != printed_password(out, "anquan")


def test_a_second_run_is_refused_and_changes_nothing() -> None:
    setup()
    error = refused(username="zhang", name="丙", security_username="li", security_name="丁")
    assert error.returncode == 1
    assert "已初始化" in str(error)
    assert Account.objects.count() == 2


def test_bad_input_is_said_in_chinese_and_leaves_nothing_behind() -> None:
    error = refused(username="甲", name=" ")
    assert error.returncode == 2
    assert "系统管理员登录名" in str(error)
    assert "系统管理员姓名" in str(error)
    assert not Unit.objects.exists()


def test_one_person_cannot_be_both() -> None:
    error = refused(security_name="甲")
    assert error.returncode == 2
    assert "两个人" in str(error)


def test_without_a_terminal_all_missing_flags_are_named() -> None:
    error = refused(username=None, security_name=None)
    assert error.returncode == 2
    assert "--username" in str(error)
    assert "--security-name" in str(error)


def test_at_a_terminal_it_asks_and_shows_no_typed_password(monkeypatch) -> None:
    Terminal(monkeypatch, ["", "xitong", "甲", "anquan", "乙"], [PASSWORD, "typo", PASSWORD, PASSWORD, ""])
    out = setup(username=None, name=None, security_username=None, security_name=None)
    assert PASSWORD not in out
    assert "两次输入的密码不一样" in out
    assert signs_in("xitong", PASSWORD)
    assert signs_in("anquan", printed_password(out, "anquan"))


def test_a_weak_password_is_refused(monkeypatch) -> None:
    Terminal(monkeypatch, [""], ["12345678", "12345678", ""])
    error = refused()
    assert error.returncode == 2
    assert "系统管理员密码" in str(error)
    assert not Account.objects.exists()


def test_an_office_that_lost_its_holder_is_filled_again(district) -> None:
    district.security_admin.is_active = False
    district.security_admin.save()
    assert missing_offices() == [Role.SECURITY_ADMIN]
    out = setup(username=None, name=None, security_username="xinren", security_name="新人")
    assert "已登记" in out
    assert district.fresh(Account.objects.get(username="xinren")).holds(Role.SECURITY_ADMIN)
    with pytest.raises(Exception, match="唯一"):
        disable_account(account=Account.objects.get(username="xinren"), actor=district.system_admin, reason="x")

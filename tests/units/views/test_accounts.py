"""The pages of accounts and roles (domain.md §6)."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.contrib.auth import authenticate
from django.test import Client, RequestFactory
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import Role
from tests.factories import AccountFactory, account_with
from tests.units.views.helpers import browser, cost, workbook_rows
from units.models import Account

LIST, NEW = reverse("accounts:list"), reverse("accounts:new")
PASSWORD = re.compile(r"[A-Za-z2-9]{4}(?:-[A-Za-z2-9]{4}){3}")


def page_of(name: str, account: Account, *more: int) -> str:
    return reverse(f"accounts:{name}", args=[account.pk, *more])


def lock(account: Account) -> None:
    AccessAttempt.objects.create(
        username=account.username, ip_address="10.0.0.1", failures_since_start=5, attempt_time=clock.now()
    )


def shown_password(response) -> str:
    return PASSWORD.search(response.content.decode())[0]


def test_the_password_is_shown_once_not_kept_and_must_be_changed(district) -> None:
    client = browser(district.system_admin)
    response = client.post(NEW, {"username": "LinZhixia", "name": "林知夏", "phone": "0595-22630000"})
    password = shown_password(response)
    account = Account.objects.get(username="linzhixia")
    assert "no-store" in response.headers["Cache-Control"]
    assert authenticate(RequestFactory().post("/"), username="linzhixia", password=password) == account
    assert account.must_change_password
    assert password not in client.get(account.get_absolute_url()).content.decode()


def test_a_new_account_sees_nothing_until_it_has_a_role(district) -> None:
    client = browser(AccountFactory())
    assert [client.get(reverse(name)).status_code for name in ("people:list", "units:list", "accounts:list")] == [
        404
    ] * 3


def test_everything_wrong_with_a_new_account_at_once(district) -> None:
    response = browser(district.system_admin).post(NEW, {"username": "甲", "name": "", "email": "x"})
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"name", "email"}  # the rest once these are right


def test_the_system_officer_cannot_assign_and_the_security_officer_cannot_make(district) -> None:
    account = AccountFactory()
    assert browser(district.system_admin).get(page_of("assign", account)).status_code == 404
    assert browser(district.security_admin).get(NEW).status_code == 404
    assert browser(district.audit_admin).get(account.get_absolute_url()).status_code == 200


def test_a_role_is_assigned_and_the_refusal_stands_beside_its_field(district) -> None:
    account, client = AccountFactory(), browser(district.security_admin)
    typed = {"role": "unit_clerk", "unit": district.unit.pk, "valid_from": str(clock.today())}
    client.post(page_of("assign", account), typed)
    assert district.fresh(account).holds(Role.UNIT_CLERK)
    response = client.post(page_of("assign", account), {**typed, "role": "system_admin"})
    assert "不得兼办业务" in " ".join(response.context["form"].errors["role"])


def test_handing_over_on_the_page(district) -> None:
    heir, row = AccountFactory(), district.owner.assignments.get()
    typed = {"successor": heir.pk, "on": str(clock.today()), "reason": "岗位调整"}
    browser(district.security_admin).post(page_of("hand_over", district.owner, row.pk), typed)
    assert district.fresh(heir).holds(Role.UNIT_CLERK)
    assert not district.fresh(district.owner).holds(Role.UNIT_CLERK)


def test_ending_on_the_page(district) -> None:
    row = district.owner.assignments.get()
    typed = {"last_day": str(clock.today() - timedelta(days=1)), "reason": "离岗"}
    officer, address = browser(district.security_admin), page_of("end_role", district.owner, row.pk)
    officer.post(address, typed | {"version": officer.get(address).context["form"].version_shown})
    assert not district.fresh(district.owner).holds(Role.UNIT_CLERK)


def test_a_disabled_account_is_out_at_once(district) -> None:
    inside = browser(district.owner)
    assert inside.get(reverse("people:list")).status_code == 200
    browser(district.security_admin).post(page_of("switch", district.owner), {"reason": "离岗"})
    assert inside.get(reverse("people:list")).status_code == 302


def test_a_new_password_ends_open_sessions(district) -> None:
    inside = browser(district.owner)
    response = browser(district.security_admin).post(page_of("reset", district.owner), {"csrf": "x"})
    assert shown_password(response)
    assert inside.get(reverse("people:list")).status_code == 302


def test_the_own_password_is_not_reset_here(district) -> None:
    response = browser(district.security_admin).post(
        page_of("reset", district.security_admin), {"csrf": "x"}, follow=True
    )
    assert "自己的密码" in response.content.decode()


def test_a_lock_made_by_real_failures_is_seen_and_taken_off(district, settings) -> None:
    sign_in = Client()
    for _ in range(settings.AXES_FAILURE_LIMIT):
        sign_in.post(reverse("home:sign_in"), {"username": district.owner.username, "password": "wrong"})
    client = browser(district.security_admin)
    assert {a.pk for a in client.get(LIST, {"state": "locked"}).context["page_obj"]} == {district.owner.pk}
    assert "解除锁定" in client.get(district.owner.get_absolute_url()).content.decode()
    client.post(page_of("unlock", district.owner))
    assert not client.get(LIST, {"state": "locked"}).context["page_obj"].object_list


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"role": "system_admin"}, {"system_admin"}),
        ({"state": "disabled"}, {"gone"}),
        ({"state": "roleless"}, {"new", "gone"}),
        ({"state": "new"}, {"new"}),
        ({"q": "gone"}, {"gone"}),
    ],
)
def test_filters(district, query, expected) -> None:
    district.new = AccountFactory(must_change_password=True)
    district.gone = AccountFactory(is_active=False, username="gone")
    found = {a.pk for a in browser(district.security_admin).get(LIST, query).context["page_obj"]}
    assert found == {getattr(district, name).pk for name in expected}


def test_queries_do_not_grow(district) -> None:
    few, many = cost(district.security_admin, LIST, lambda: account_with(Role.UNIT_CLERK, district.unit))
    assert few == many
    assert many <= 12


def test_the_workbook_names_roles_and_units(district) -> None:
    rows = workbook_rows(browser(district.audit_admin).get(reverse("accounts:export"), {"q": district.owner.username}))
    assert rows[1][3] == f"单位专办员（{district.unit.name}）"

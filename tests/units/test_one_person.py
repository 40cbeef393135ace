"""Two accounts of one person are no way round four eyes: by name, by ID number, and when both are asked for at once."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import Role
from luojiang_ce.refusals import NotPossible
from tests.conftest import District, in_parallel
from tests.factories import AccountFactory, id_number
from tests.units.views.helpers import browser
from units.forms.accounts import AccountForm
from units.identity.id_numbers import lookup_hash
from units.models import Account, Assignment
from units.services import assign_role, create_account, disable_account, enable_account, update_account

pytestmark = pytest.mark.django_db
NUMBER = id_number(7)
TWIN = id_number(8)


def opened(district: District, username: str, name: str, number: str = NUMBER) -> Account:
    hashed = lookup_hash(number) if number else ""
    return create_account(username=username, name=name, id_hash=hashed, actor=district.system_admin).account


class TestNumber:
    def test_another_name_makes_no_second_account(self, district: District) -> None:
        opened(district, "lin.zx", "林知夏")
        with pytest.raises(NotPossible, match=r"账号 lin[.]zx 也是此人的"):
            opened(district, "lin.zx2", "林知夏（二）")
        opened(district, "lin.zx3", "林知夏（二）", TWIN)

    def test_nor_does_it_come_in_later(self, district: District) -> None:
        opened(district, "lin.zx", "林知夏")
        other = opened(district, "lin.zq", "林知秋", "")
        given = {"name": other.name, "phone": "", "email": "", "id_hash": lookup_hash(NUMBER)}
        with pytest.raises(NotPossible, match="也是此人的"):
            update_account(account=other, actor=district.system_admin, **given)

    def test_a_closed_one_does_not_come_back_beside_its_successor(self, district: District) -> None:
        first = opened(district, "lin.zx", "林知夏")
        disable_account(account=first, actor=district.security_admin, reason="换账号")
        opened(district, "lin.zx2", "林知夏（二）")
        with pytest.raises(NotPossible, match="也是此人的"):
            enable_account(account=first, actor=district.security_admin, reason="x")

    def test_roles_of_a_closed_account_of_the_person_count(self, district: District) -> None:
        first = opened(district, "lin.zx", "林知夏")
        facts = {"unit": district.bureau, "valid_from": clock.today(), "actor": district.security_admin}
        assign_role(account=first, role=Role.BUREAU_HANDLER, **facts)
        disable_account(account=first, actor=district.security_admin, reason="换账号")
        second = opened(district, "lin.zx2", "林知夏（二）")
        with pytest.raises(NotPossible, match="经办与审批须为两人"):
            assign_role(account=second, role=Role.BUREAU_APPROVER, **facts)

    def test_the_database_holds_it_by_itself(self, district: District) -> None:
        AccountFactory(id_hash="x")
        with pytest.raises(IntegrityError), transaction.atomic():
            AccountFactory(id_hash="x")
        AccountFactory(id_hash="x", is_active=False)
        AccountFactory(id_hash="")
        AccountFactory(id_hash="")

    def test_from_the_page_only_the_hash_is_kept(self, district: District) -> None:
        client = browser(district.system_admin)
        sent = {"username": "lin.zx", "name": "林知夏", "number": NUMBER.lower()}
        page = client.post(reverse("accounts:new"), sent)
        account = Account.objects.get(username="lin.zx")
        assert account.id_hash == lookup_hash(NUMBER)
        assert NUMBER not in page.content.decode()
        assert NUMBER not in client.get(account.get_absolute_url()).content.decode()

    def test_a_mistyped_number_is_told(self, district: District) -> None:
        sent = {"username": "lin.zx", "name": "林知夏", "number": NUMBER[:-1] + ("1" if NUMBER[-1] != "1" else "2")}
        page = browser(district.system_admin).post(reverse("accounts:new"), sent)
        assert (page.status_code, "校验不符" in page.content.decode()) == (422, True)

    def test_an_empty_field_forgets_nothing(self, district: District) -> None:
        one = opened(district, "lin.zx", "林知夏")
        form = AccountForm({"name": "林知夏", "phone": "1", "email": "", "number": ""}, account=one)
        assert form.is_valid()
        update_account(account=one, actor=district.system_admin, **form.facts())
        one.refresh_from_db()
        assert (one.phone, one.id_hash) == ("1", lookup_hash(NUMBER))


def tried(act: Any, **given: Any) -> bool:
    try:
        act(**given)
    except (NotPossible, IntegrityError):
        return False
    return True


@pytest.mark.real_services
@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_two_accounts_of_one_number(self, district: District) -> None:
        given = {"id_hash": lookup_hash(NUMBER), "actor": district.system_admin}
        calls = [
            lambda n=n: tried(create_account, username=f"lin.{n}zx", name=f"林知夏（{n}）", **given) for n in range(4)
        ]
        assert sorted(in_parallel(calls)) == [False] * 3 + [True]

    def test_two_accounts_of_one_name(self, district: District) -> None:
        calls = [
            lambda n=n: tried(create_account, username=f"lin.{n}zx", name="林知夏", actor=district.system_admin)
            for n in range(4)
        ]
        assert sorted(in_parallel(calls)) == [False] * 3 + [True]

    @pytest.mark.parametrize(
        "roles", [(Role.BUREAU_HANDLER, Role.BUREAU_APPROVER), (Role.SECURITY_ADMIN, Role.AUDIT_ADMIN)]
    )
    def test_two_roles_for_two_accounts_of_one_person(self, district: District, roles: tuple[Role, Role]) -> None:
        pair = [AccountFactory(name="林知夏"), AccountFactory(name="林　知夏")]
        facts = {"unit": district.bureau, "valid_from": clock.today()}
        officers = {"actor": district.security_admin, "second": district.system_admin}
        calls = [
            lambda one=one, role=role: tried(assign_role, account=one, role=role, **facts, **officers)
            for one, role in zip(pair, roles, strict=True)
        ]
        assert sorted(in_parallel(calls)) == [False, True]
        assert Assignment.objects.filter(account__in=pair).count() == 1

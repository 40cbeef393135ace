"""Accounts and roles: no default password, three officers kept apart, hand-over as one act (domain.md §6)."""

from datetime import date, timedelta
from itertools import permutations

import pytest
from axes.models import AccessAttempt
from django.contrib.auth import authenticate
from django.test import RequestFactory

from luojiang_ce import clock
from luojiang_ce.access import OFFICERS, Role
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.events import history
from tests.factories import AccountFactory, account_with
from units.models import Account, Assignment
from units.services import (
    assign_role,
    create_account,
    disable_account,
    enable_account,
    end_role,
    hand_over,
    locked_usernames,
    reset_password,
    unlock,
    update_account,
)


def refused(call, **options) -> dict[str, str]:
    with pytest.raises(NotPossible) as error:
        call(**options)
    return {field: " ".join(texts) for field, texts in error.value.by_field.items()}


def can_sign_in(account: Account, password: str) -> bool:
    return authenticate(RequestFactory().post("/"), username=account.username, password=password) == account


class TestAccounts:
    def test_each_gets_a_password_of_its_own_that_must_be_changed(self, district) -> None:
        made = [create_account(username=name, name=name, actor=district.system_admin) for name in ("lin.zx", "lin.zq")]
        assert made[0].password != made[1].password
        assert can_sign_in(made[0].account, made[0].password)
        assert all(one.account.must_change_password for one in made)
        assert made[0].password not in made[0].account.password
        assert not made[0].account.assignments.exists()

    @pytest.mark.parametrize("username", ["", "ab", "1abc", "林知夏", "a b c", "a" * 41])
    def test_user_names_of_a_wrong_shape(self, district, username) -> None:
        assert set(refused(create_account, username=username, name="", actor=district.system_admin)) == {
            "username",
            "name",
        }

    def test_user_names_are_taken_once_whatever_the_case(self, district) -> None:
        create_account(username="clerk", name="甲", actor=district.system_admin)
        assert (
            "已被使用" in refused(create_account, username="CLERK", name="乙", actor=district.system_admin)["username"]
        )

    def test_a_new_password_ends_the_old_one_and_the_lock(self, district) -> None:
        AccessAttempt.objects.create(
            username=district.owner.username, ip_address="10.0.0.1", failures_since_start=5, attempt_time=clock.now()
        )
        assert locked_usernames() == {district.owner.username}
        opened = reset_password(account=district.owner, actor=district.security_admin)
        assert can_sign_in(opened.account, opened.password)
        assert locked_usernames() == set()
        assert [e.name for e in history(district.owner)] == ["account_unlocked", "password_reset"]

    def test_nobody_resets_the_own_password_here(self, district) -> None:
        assert "修改密码" in refused(reset_password, account=district.security_admin, actor=district.security_admin)[""]

    def test_a_disabled_account_cannot_sign_in_until_enabled(self, district) -> None:
        password = reset_password(account=district.owner, actor=district.security_admin).password
        disable_account(account=district.owner, actor=district.security_admin, reason="离岗")
        assert not can_sign_in(district.owner, password)
        enable_account(account=district.owner, actor=district.security_admin, reason="回岗")
        assert can_sign_in(district.fresh(district.owner), password)

    def test_the_only_officer_cannot_be_shut_out(self, district) -> None:
        assert (
            "唯一的系统管理员"
            in refused(disable_account, account=district.system_admin, actor=district.security_admin, reason="x")[
                "reason"
            ]
        )
        assert (
            "自己"
            in refused(disable_account, account=district.security_admin, actor=district.security_admin, reason="x")[
                "reason"
            ]
        )

    def test_a_lock_of_half_an_hour_ago_is_over(self, district) -> None:
        old = AccessAttempt.objects.create(username="x", ip_address="10.0.0.1", failures_since_start=9)
        AccessAttempt.objects.filter(pk=old.pk).update(attempt_time=clock.now() - timedelta(minutes=31))
        assert locked_usernames() == set()

    def test_unlocking_what_is_not_locked_leaves_no_event(self, district) -> None:
        assert unlock(account=district.owner, actor=district.security_admin) is False
        assert not history(district.owner).exists()

    @pytest.mark.parametrize("name", ["林知夏", " 林 知夏", "林知\u200b夏", "林知夏·", "\uf9f4知夏"])
    def test_one_person_has_one_account_however_the_name_is_written(self, district, name) -> None:
        first = create_account(username="lin.zx", name="林知夏", actor=district.system_admin).account
        facts = {"username": "lin2", "name": name, "actor": district.system_admin}
        assert "加注区别" in refused(create_account, **facts)["name"]
        other = create_account(username="lin2", name="林知夏（二）", actor=district.system_admin).account
        renamed = {"account": other, "phone": "", "email": "", "actor": district.system_admin}
        assert "lin.zx" in refused(update_account, name=name, **renamed)["name"]
        update_account(name="林知夏(二)", **renamed)
        disable_account(account=first, actor=district.security_admin, reason="离岗")
        update_account(name=name.strip(), **renamed)
        assert (
            "同一个人只用一个账号"
            in refused(enable_account, account=first, actor=district.security_admin, reason="回岗")["reason"]
        )
        update_account(name="林知夏（二）", **renamed)
        enable_account(account=first, actor=district.security_admin, reason="回岗")

    def test_whoever_shares_a_name_already_can_still_correct_the_rest(self, district) -> None:
        twins = [AccountFactory(name="林知夏") for _ in range(2)]
        update_account(account=twins[1], name="林知夏", phone="1", email="", actor=district.system_admin)
        assert history(twins[1]).get().data == {"fields": ["phone"]}

    def test_an_edit_keeps_words_out_of_the_event(self, district) -> None:
        update_account(account=district.owner, name="林知夏", phone="1", email="", actor=district.system_admin)
        assert history(district.owner).get().data == {"fields": ["name", "phone"]}


class TestRoles:
    def assign(self, district, account, role, **options):
        options = {"unit": district.bureau, "valid_from": clock.today(), "actor": district.security_admin, **options}
        return assign_role(account=account, role=role, second=district.system_admin, **options)

    def test_a_role_is_held_from_its_first_to_its_last_day(self, district) -> None:
        account, today = AccountFactory(), clock.today()
        self.assign(district, account, Role.UNIT_CLERK, unit=district.unit, valid_to=today + timedelta(days=1))
        held = Account.objects.holding
        assert account in held(Role.UNIT_CLERK, unit=district.unit, on=today + timedelta(days=1))
        assert account not in held(Role.UNIT_CLERK, on=today + timedelta(days=2))
        assert account not in held(Role.UNIT_CLERK, on=today - timedelta(days=1))

    @pytest.mark.parametrize(("first", "second"), list(permutations(OFFICERS, 2)))
    def test_no_person_holds_two_of_the_three_officers(self, district, first, second) -> None:
        other = account_with(Role.SECURITY_ADMIN, district.bureau)
        with pytest.raises(NotPossible, match="三员"):
            self.assign(district, getattr(district, first.value), second, actor=other)

    def test_nor_later_nor_under_a_second_account_of_the_same_name(self, district) -> None:
        twin = AccountFactory(name=district.audit_admin.name)
        with pytest.raises(NotPossible, match="加注区别"):
            self.assign(district, twin, Role.SYSTEM_ADMIN)
        future = AccountFactory()
        self.assign(district, future, Role.AUDIT_ADMIN, valid_from=clock.today() + timedelta(days=30))
        with pytest.raises(NotPossible, match="三员"):
            self.assign(district, future, Role.SYSTEM_ADMIN)
        until = clock.today() + timedelta(days=29)
        assert self.assign(district, future, Role.SYSTEM_ADMIN, valid_to=until)

    def test_nobody_is_handler_and_approver_of_one_unit_at_a_time(self, district, settings) -> None:
        tomorrow = clock.today() + timedelta(days=1)
        for holder, role in ((district.handler, Role.BUREAU_APPROVER), (district.approver, Role.BUREAU_HANDLER)):
            with pytest.raises(NotPossible, match="经办与审批须为两人"):
                self.assign(district, holder, role, valid_from=tomorrow)
        district.handler.assignments.update(valid_to=clock.today())
        assert self.assign(district, district.handler, Role.BUREAU_APPROVER, valid_from=tomorrow), "one after the other"
        settings.FOUR_EYES = False
        assert self.assign(district, district.approver, Role.BUREAU_HANDLER)

    @pytest.mark.parametrize(
        ("held", "wanted", "said"),
        [
            ("handler", Role.BUREAU_APPROVER, "经办与审批须为两人"),
            ("approver", Role.BUREAU_HANDLER, "经办与审批须为两人"),
            ("security_admin", Role.SYSTEM_ADMIN, "三员须由三个人"),
            ("audit_admin", Role.BUREAU_HANDLER, "三员不得兼办业务"),
            ("handler", Role.AUDIT_ADMIN, "三员不得兼办业务"),
        ],
    )
    def test_a_second_account_of_the_same_person_is_no_way_around(self, district, held, wanted, said) -> None:
        first = getattr(district, held)
        Account.objects.filter(pk=first.pk).update(name="林\u3000知夏")
        twin, officer = AccountFactory(name="林知夏"), account_with(Role.SECURITY_ADMIN, district.bureau)
        with pytest.raises(NotPossible, match=said) as error:
            self.assign(district, twin, wanted, actor=officer)
        assert f"见同名的账号 {first.username}" in str(error.value)
        assert "加注区别" in str(error.value)
        update_account(account=twin, name="林知夏（二）", phone="", email="", actor=district.system_admin)
        assert self.assign(district, district.fresh(twin), wanted, actor=officer)

    def test_nobody_gives_the_own_second_account_a_role(self, district) -> None:
        twin = AccountFactory(name=district.security_admin.name)
        with pytest.raises(NotPossible, match="不能给自己任命"):
            self.assign(district, twin, Role.UNIT_CLERK, unit=district.unit)
        row = district.owner.assignments.get()
        facts = {"successor": twin, "on": clock.today() + timedelta(days=1), "reason": "x"}
        with pytest.raises(NotPossible, match="不能把角色交给自己"):
            hand_over(assignment=row, actor=district.security_admin, **facts)
        Account.objects.filter(pk=district.owner.pk).update(name=district.security_admin.name)
        with pytest.raises(NotPossible, match="不能结束自己的角色"):
            end_role(assignment=row, last_day=clock.today(), actor=district.security_admin, reason="x")

    def test_an_officer_does_no_business(self, district) -> None:
        with pytest.raises(NotPossible, match="不得兼办业务"):
            self.assign(district, district.system_admin, Role.BUREAU_HANDLER)
        with pytest.raises(NotPossible, match="不得兼办业务"):
            self.assign(district, district.handler, Role.AUDIT_ADMIN)

    def test_nobody_gives_himself_a_role(self, district) -> None:
        with pytest.raises(NotPossible, match="不能给自己"):
            self.assign(district, district.security_admin, Role.UNIT_CLERK, unit=district.unit)

    @pytest.mark.parametrize("role", [Role.BUREAU_HANDLER, Role.SYSTEM_ADMIN, Role.SEAL_KEEPER, Role.HEALTH_REVIEWER])
    def test_a_role_has_its_unit(self, district, role) -> None:
        with pytest.raises(NotPossible):
            self.assign(district, AccountFactory(), role, unit=district.unit)

    def test_the_same_role_twice_at_once_is_refused(self, district) -> None:
        with pytest.raises(NotPossible, match="已是"):
            self.assign(district, district.owner, Role.UNIT_CLERK, unit=district.unit)

    def test_a_disabled_account_gets_no_role(self, district) -> None:
        with pytest.raises(NotPossible, match="已停用"):
            self.assign(district, AccountFactory(is_active=False), Role.UNIT_CLERK, unit=district.unit)

    def test_ending_keeps_the_last_day(self, district) -> None:
        assignment, today = district.owner.assignments.get(), clock.today()
        end_role(assignment=assignment, last_day=today, actor=district.security_admin, reason="调岗")
        assert district.fresh(district.owner).holds(Role.UNIT_CLERK)
        assert district.owner not in Account.objects.holding(Role.UNIT_CLERK, on=today + timedelta(days=1))
        assert history(district.owner).get().data["last_day"] == str(today)

    def test_a_role_given_today_ends_today_at_once(self, district) -> None:
        """By a slip to the wrong person: it was held until that moment, and the right one gets it."""
        wrong, right = AccountFactory(), AccountFactory()
        facts = {"role": "bureau_handler", "unit": district.bureau, "valid_from": clock.today()}
        row = assign_role(account=wrong, actor=district.security_admin, **facts)
        assert district.fresh(wrong).holds(Role.BUREAU_HANDLER)
        end_role(assignment=row, at_once=True, actor=district.security_admin, reason="选错了人")
        assert not district.fresh(wrong).holds(Role.BUREAU_HANDLER)
        assert wrong not in Account.objects.holding(Role.BUREAU_HANDLER)
        row.refresh_from_db()
        assert (row.valid_from, row.valid_to) == (clock.today(), clock.today())
        assert row.stopped_at is not None
        assert refused(end_role, assignment=row, at_once=True, actor=district.security_admin, reason="x") == {
            "last_day": "这项任命已经结束，请返回账号页面核对"
        }
        assign_role(account=right, actor=district.security_admin, **facts)
        again = {**facts, "role": "inspector"}
        assign_role(account=wrong, actor=district.security_admin, **again)  # what has ended stands in nobody's way
        assign_role(account=wrong, actor=district.security_admin, **facts)
        assert district.fresh(wrong).holds(Role.BUREAU_HANDLER)

    def test_an_officers_role_that_was_given_by_mistake_stands_in_nobodys_way(self, district) -> None:
        person, today = AccountFactory(), clock.today()
        officers = {"actor": district.security_admin, "second": district.system_admin}
        row = assign_role(account=person, role="audit_admin", unit=district.bureau, valid_from=today, **officers)
        end_role(assignment=row, at_once=True, reason="选错了角色", **officers)
        assign_role(account=person, role="system_admin", unit=district.bureau, valid_from=today, **officers)

    def test_a_role_given_today_is_handed_over_today(self, district) -> None:
        first, heir = AccountFactory(), AccountFactory()
        facts = {"role": "bureau_handler", "unit": district.bureau, "valid_from": clock.today()}
        row = assign_role(account=first, actor=district.security_admin, **facts)
        hand_over(assignment=row, successor=heir, on=clock.today(), actor=district.security_admin, reason="选错了人")
        assert [district.fresh(each).holds(Role.BUREAU_HANDLER) for each in (first, heir)] == [False, True]

    def test_yesterday_it_was_held_that_is_stopped_today(self, district) -> None:
        row = district.owner.assignments.get()
        end_role(assignment=row, at_once=True, actor=district.security_admin, reason="离岗")
        yesterday = clock.today() - timedelta(days=1)
        assert district.owner in Account.objects.holding(Role.UNIT_CLERK, on=yesterday)
        assert district.owner not in Account.objects.holding(Role.UNIT_CLERK)

    def test_the_last_system_officer_stays(self, district) -> None:
        with pytest.raises(NotPossible, match="唯一的系统管理员"):
            end_role(
                assignment=district.system_admin.assignments.get(),
                last_day=clock.today(), actor=district.security_admin, reason="x",
            )  # fmt: skip

    def test_two_ends_on_later_days_leave_the_office_to_nobody_and_are_refused(self, district) -> None:
        officers = {"actor": district.security_admin, "second": district.audit_admin, "reason": "调岗"}
        other = account_with(Role.SYSTEM_ADMIN, district.bureau).assignments.get()
        end_role(assignment=other, last_day=clock.today() + timedelta(days=10), **officers)
        only = district.system_admin.assignments.get()
        for last in (5, 10, 20):
            with pytest.raises(NotPossible, match="唯一的系统管理员"):
                end_role(assignment=only, last_day=clock.today() + timedelta(days=last), **officers)
        assert "任期更短" in refused(
            disable_account, account=district.system_admin, actor=district.security_admin, reason="x"
        )["reason"]  # fmt: skip

    def test_who_follows_without_a_day_between_takes_the_office_over(self, district) -> None:
        officers = {"actor": district.security_admin, "second": district.audit_admin}
        only, last = district.system_admin.assignments.get(), clock.today() + timedelta(days=9)
        facts = {"role": "system_admin", "unit": district.bureau, **officers}
        assign_role(account=AccountFactory(), valid_from=last + timedelta(days=2), **facts)
        with pytest.raises(NotPossible, match="唯一的系统管理员"):
            end_role(assignment=only, last_day=last, reason="调岗", **officers)
        assign_role(account=AccountFactory(), valid_from=last + timedelta(days=1), **facts)
        end_role(assignment=only, last_day=last, reason="调岗", **officers)

    def test_an_end_may_be_put_off(self, district) -> None:
        officers = {"actor": district.security_admin, "second": district.audit_admin, "reason": "延后"}
        Assignment.objects.filter(account=district.system_admin).update(valid_to=clock.today() + timedelta(days=3))
        only = district.system_admin.assignments.get()
        end_role(assignment=only, last_day=clock.today() + timedelta(days=8), **officers)

    def test_handing_over_leaves_no_day_without_and_none_with_two(self, district) -> None:
        heir, day = AccountFactory(), clock.today()
        assignment = district.owner.assignments.get()
        hand_over(assignment=assignment, successor=heir, on=day, actor=district.security_admin, reason="交接")
        for on in (day - timedelta(days=1), day, day + timedelta(days=1)):
            holders = Account.objects.holding(Role.UNIT_CLERK, unit=district.unit, on=on).exclude(
                pk=district.colleague.pk
            )
            assert [a.pk for a in holders] == [heir.pk if on >= day else district.owner.pk]
        assert {e.name for e in history(district.owner)} == {"role_handed_over"}
        assert {e.name for e in history(heir)} == {"role_assigned"}

    def test_a_hand_over_that_cannot_be_changes_nothing(self, district) -> None:
        assignment = district.system_admin.assignments.get()
        with pytest.raises(NotPossible) as error:
            hand_over(
                assignment=assignment, successor=district.handler, on=date(2016, 1, 1), actor=district.security_admin,
                reason="",
            )  # fmt: skip
        assert set(error.value.by_field) == {"reason", "on", "successor"}
        assert Assignment.objects.get(pk=assignment.pk).valid_to is None

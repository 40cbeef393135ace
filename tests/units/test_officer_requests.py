"""What concerns officers: one asks, another one agrees; nobody alone, nobody for himself, nothing unseen."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth import authenticate
from django.test import RequestFactory
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import Role, is_same_person
from luojiang_ce.notices.models import Notice
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.engine import Refused, fire
from luojiang_ce.workflow.events import history
from tests.conftest import District, in_parallel
from tests.factories import AccountFactory, account_with
from tests.queries import statements
from tests.units.views.helpers import browser
from units import demo
from units.forms.accounts import AccountForm
from units.models import Account, Assignment, OfficerRequest
from units.officer_case import expire, fetch_password
from units.separation import is_own
from units.services import (
    assign_role,
    disable_account,
    enable_account,
    end_role,
    hand_over,
    reset_password,
    update_account,
)
from units.services.accounts import contact_of
from units.services.officer_requests import Act, do_or_ask

pytestmark = pytest.mark.django_db


def page(name: str, *args: Any) -> str:
    return reverse(f"accounts:{name}", args=args)


def role_for(district: District, account: Account, role: str = "audit_admin") -> dict[str, Any]:
    facts = {"role": role, "unit": district.bureau, "valid_from": clock.today()}
    return {"account": account, "actor": district.security_admin, **facts}


def reset_of(district: District, account: Account) -> OfficerRequest:
    made = do_or_ask(Act.RESET, account=account, actor=district.security_admin)
    assert isinstance(made, OfficerRequest)
    return made


class TestNobodyAlone:
    """The services themselves do not do it, whatever page or program calls them."""

    def test_makes_an_officer(self, district: District) -> None:
        with pytest.raises(NotPossible, match="另一位管理员确认"):
            assign_role(**role_for(district, AccountFactory()))

    def test_gives_an_officer_a_password(self, district: District) -> None:
        with pytest.raises(NotPossible, match="另一位管理员确认"):
            reset_password(account=district.system_admin, actor=district.security_admin)
        district.system_admin.refresh_from_db()
        assert not district.system_admin.must_change_password

    def test_moves_where_an_officer_is_reached(self, district: District) -> None:
        officer = district.security_admin
        with pytest.raises(NotPossible, match="另一位管理员确认"):
            update_account(
                account=officer, name=officer.name, phone="", email="x@example.org", actor=district.system_admin
            )

    def test_ends_or_hands_over_an_office(self, district: District) -> None:
        held = district.audit_admin.assignments.get()
        with pytest.raises(NotPossible, match="另一位管理员确认"):
            end_role(assignment=held, at_once=True, actor=district.security_admin, reason="x")
        heir, tomorrow = AccountFactory(), clock.today() + timedelta(days=1)
        with pytest.raises(NotPossible, match="另一位管理员确认"):
            hand_over(assignment=held, successor=heir, on=tomorrow, actor=district.security_admin, reason="x")

    def test_an_office_that_begins_later_counts_already(self, district: District) -> None:
        later = clock.today() + timedelta(days=30)
        heir = AccountFactory()
        assign_role(**{**role_for(district, heir), "valid_from": later}, second=district.system_admin)
        with pytest.raises(NotPossible, match="另一位管理员确认"):
            reset_password(account=heir, actor=district.security_admin)

    @pytest.mark.parametrize("who", ["security_admin", "audit_admin", "handler", "owner"])
    def test_with_a_second_who_is_none(self, district: District, who: str) -> None:
        """Who asks, whom it is about, who is no officer."""
        second = getattr(district, who)
        with pytest.raises(NotPossible, match="须是另一位管理员"):
            reset_password(account=district.audit_admin, actor=district.security_admin, second=second)

    def test_what_concerns_no_officer_is_done_at_once(self, district: District) -> None:
        assert do_or_ask(Act.RESET, account=district.owner, actor=district.security_admin).password
        given = role_for(district, AccountFactory(), "bureau_handler")
        assert isinstance(do_or_ask(Act.ASSIGN, **given), Assignment)
        assert not OfficerRequest.objects.exists()

    def test_a_bureau_of_one_pair_of_eyes_may_switch_it_off(self, district: District, settings: Any) -> None:
        settings.FOUR_EYES = False
        assert do_or_ask(Act.RESET, account=district.audit_admin, actor=district.security_admin).password


class TestAsking:
    def test_from_the_page_to_the_password(self, district: District) -> None:
        officer, second = browser(district.security_admin), browser(district.system_admin)
        officer.post(page("reset", district.audit_admin.pk))
        case = OfficerRequest.objects.get()
        assert district.fresh(district.audit_admin).must_change_password is False
        fire(case, "confirm", actor=district.system_admin)
        assert second.post(page("fetch", case.pk)).status_code == 404
        shown = officer.post(page("fetch", case.pk))
        password = shown.context["opened"].password
        username = district.audit_admin.username
        assert authenticate(RequestFactory().post("/"), username=username, password=password)
        officer.post(page("fetch", case.pk))
        assert authenticate(RequestFactory().post("/"), username=username, password=password), "fetched once"
        assert [event.name for event in history(case)] == ["fetch", "confirm", "officer_asked"]
        event = history(district.audit_admin).filter(name="password_reset").get()
        assert (event.actor, event.data["second"]) == (district.security_admin, district.system_admin.pk)

    def test_a_role_from_the_page(self, district: District) -> None:
        one = AccountFactory()
        sent = {"role": "audit_admin", "unit": district.bureau.pk, "valid_from": clock.today().isoformat()}
        answer = browser(district.security_admin).post(page("assign", one.pk), sent, follow=True)
        assert "等另一位管理员确认" in answer.content.decode()
        case = OfficerRequest.objects.get()
        assert "审计管理员" in case.said
        assert not district.fresh(one).holds(Role.AUDIT_ADMIN)
        fire(case, "confirm", actor=district.audit_admin)
        held = one.assignments.get()
        assert (held.role, held.assigned_by) == ("audit_admin", district.security_admin)

    def test_contact_ending_and_hand_over(self, district: District) -> None:
        contact = {"name": district.audit_admin.name, "phone": "0595-0000-0001", "email": "a@example.org"}
        case = do_or_ask(Act.CONTACT, account=district.audit_admin, actor=district.system_admin, **contact)
        fire(case, "confirm", actor=district.security_admin)
        assert district.fresh(district.audit_admin).email == "a@example.org"
        held, heir, officer = district.audit_admin.assignments.get(), AccountFactory(), district.security_admin
        tomorrow = clock.today() + timedelta(days=1)
        given = {"assignment": held, "successor": heir, "on": tomorrow, "reason": "轮岗"}
        case = do_or_ask(Act.HAND_OVER, account=district.audit_admin, actor=officer, **given)
        fire(case, "confirm", actor=district.system_admin)
        assert heir.assignments.get().valid_from == tomorrow
        given = {"assignment": heir.assignments.get(), "last_day": tomorrow, "at_once": False, "reason": "离岗"}
        case = do_or_ask(Act.END, account=heir, actor=officer, **given)
        fire(case, "confirm", actor=district.audit_admin)
        assert heir.assignments.get().valid_to == tomorrow

    def test_what_cannot_be_is_said_before_it_is_asked(self, district: District) -> None:
        given = role_for(district, district.handler)
        with pytest.raises(NotPossible, match="三员不得兼办业务"):
            do_or_ask(Act.ASSIGN, **given)
        assert not OfficerRequest.objects.exists()
        assert not district.handler.assignments.filter(role="audit_admin").exists()

    def test_trying_leaves_nothing_behind(self, district: District) -> None:
        reset_of(district, district.audit_admin)
        assert not history(district.audit_admin).exists()
        assert district.fresh(district.audit_admin).password == district.audit_admin.password

    def test_the_same_is_not_asked_twice(self, district: District) -> None:
        reset_of(district, district.audit_admin)
        with pytest.raises(NotPossible, match="已有一件待确认"):
            reset_of(district, district.audit_admin)

    def test_where_no_second_is_left_the_way_out_is_said(self, district: District) -> None:
        district.audit_admin.assignments.all().delete()
        with pytest.raises(NotPossible, match="let_in"):
            reset_of(district, district.system_admin)


class TestAgreeing:
    @pytest.mark.parametrize("step", ["confirm", "refuse"])
    @pytest.mark.parametrize("who", ["security_admin", "audit_admin", "handler", "owner", "neighbour"])
    def test_not_who_asked_nor_whom_it_is_about(self, district: District, step: str, who: str) -> None:
        case = reset_of(district, district.audit_admin)
        with pytest.raises(Refused, match="只有另一位管理员可以"):
            fire(case, step, actor=getattr(district, who), note="x")
        case.refresh_from_db()
        assert case.state == "asked"

    def test_not_with_another_account_of_ones_own(self, district: District) -> None:
        twin = account_with(Role.AUDIT_ADMIN, district.bureau, name=f" {district.security_admin.name} ")
        case = reset_of(district, district.system_admin)
        with pytest.raises(Refused, match="只有另一位管理员可以"):
            fire(case, "confirm", actor=twin)

    def test_not_the_successor(self, district: District) -> None:
        heir = account_with(Role.SECURITY_ADMIN, district.bureau)
        district.audit_admin.assignments.update(role=Role.SECURITY_ADMIN)
        held = district.audit_admin.assignments.get()
        Assignment.objects.filter(account=heir).update(valid_to=clock.today())
        tomorrow = clock.today() + timedelta(days=1)
        given = {"assignment": held, "successor": heir, "on": tomorrow, "reason": "轮岗"}
        case = do_or_ask(Act.HAND_OVER, account=district.audit_admin, actor=district.security_admin, **given)
        with pytest.raises(Refused):
            fire(case, "confirm", actor=heir)
        fire(case, "confirm", actor=district.system_admin)

    def test_not_when_who_asked_is_no_officer_any_more(self, district: District) -> None:
        case = reset_of(district, district.audit_admin)
        district.security_admin.assignments.update(valid_to=clock.today() - timedelta(days=1))
        with pytest.raises(Refused, match="已不是办理此事的管理员"):
            fire(case, "confirm", actor=district.system_admin)

    def test_not_after_its_hours(self, district: District, settings: Any) -> None:
        with time_machine.travel(clock.now(), tick=False) as traveller:
            case = reset_of(district, district.audit_admin)
            assert expire() == 0
            traveller.shift(timedelta(hours=settings.OFFICER_REQUEST_HOURS))
            with pytest.raises(Refused, match="超过确认的期限"):
                fire(case, "confirm", actor=district.system_admin)
            assert (expire(), expire()) == (1, 0)
            case.refresh_from_db()
            assert (case.state, history(case)[0].name, history(case)[0].actor) == ("expired", "expire", None)

    def test_a_password_that_nobody_fetches_ends_too(self, district: District, settings: Any) -> None:
        with time_machine.travel(clock.now(), tick=False) as traveller:
            case = reset_of(district, district.audit_admin)
            fire(case, "confirm", actor=district.system_admin)
            traveller.shift(timedelta(hours=settings.OFFICER_REQUEST_HOURS))
            with pytest.raises(Refused):
                fetch_password(case, actor=district.security_admin)
            assert expire() == 1

    def test_refused_and_withdrawn_change_nothing(self, district: District) -> None:
        for step, who in (("refuse", district.system_admin), ("withdraw", district.security_admin)):
            case = reset_of(district, district.audit_admin)
            fire(case, step, actor=who, note="没有这回事")
            with pytest.raises(Refused):
                fire(case, "confirm", actor=district.system_admin)
        assert district.fresh(district.audit_admin).password == district.audit_admin.password

    def test_what_cannot_be_done_any_more_is_said_and_stays_open(self, district: District) -> None:
        one = AccountFactory()
        case = do_or_ask(Act.ASSIGN, **role_for(district, one))
        assign_role(**role_for(district, one, "bureau_handler"))
        with pytest.raises(NotPossible, match="三员不得兼办业务"):
            fire(case, "confirm", actor=district.system_admin)
        case.refresh_from_db()
        assert case.state == "asked"


class TestSeen:
    @pytest.mark.parametrize("step", ["", "confirm", "refuse", "expire"])
    def test_by_every_officer_and_the_person(self, district: District, step: str) -> None:
        one = AccountFactory()
        case = do_or_ask(Act.ASSIGN, **role_for(district, one))
        Notice.objects.all().delete() if step else None
        if step == "expire":
            OfficerRequest.objects.update(created_at=clock.now() - timedelta(days=9))
            expire()
        elif step:
            fire(case, step, actor=district.system_admin, note="x")
        told = {each.recipient for each in Notice.objects.filter(title__startswith="管理员事项")}
        assert told == {district.system_admin, district.security_admin, district.audit_admin, one}

    def test_on_the_start_page_of_who_may_agree(self, district: District) -> None:
        reset_of(district, district.audit_admin)
        pages = {who: browser(getattr(district, who)).get("/").content.decode() for who in
                 ("system_admin", "security_admin", "audit_admin")}  # fmt: skip
        asked = "确认管理员事项：重设密码"
        assert {who: asked in text for who, text in pages.items()}["system_admin"]

    def test_as_many_queries_for_thirty(self, district: District) -> None:
        counts = []
        for number in (3, 27):
            for _ in range(number):
                case = OfficerRequest(account=AccountFactory(), act=Act.RESET, said="x", state="refused")
                case.created_by = district.security_admin
                case.save()
            client = browser(district.audit_admin)
            client.get(page("requests"))
            with statements() as found:
                client.get(page("requests"))
            counts.append(len(found))
        assert counts[0] == counts[1] <= 12


class TestAtOnce:
    @pytest.mark.real_services
    @pytest.mark.django_db(transaction=True)
    def test_of_two_who_agree_one_is_refused(self, district: District) -> None:
        case = do_or_ask(Act.ASSIGN, **role_for(district, AccountFactory()))
        said = in_parallel([lambda who=who: _tried(case, who) for who in (district.system_admin, district.audit_admin)])
        assert sorted(said) == [False, True]
        assert Assignment.objects.filter(account=case.account).count() == 1


def _tried(case: OfficerRequest, who: Account) -> bool:
    try:
        fire(OfficerRequest.objects.get(pk=case.pk), "confirm", actor=Account.objects.get(pk=who.pk))
    except NotPossible:
        return False
    return True


def test_the_demo_has_one_in_every_state(db: None) -> None:
    demo.build()
    demo.build_officer_requests()
    assert set(OfficerRequest.objects.values_list("state", flat=True)) == set(OfficerRequest.State.values)
    assert demo.build_officer_requests() == "演示管理员事项已有，未改动"


class TestEnabling:
    """A shut-out officer comes back with office, password and second factor: by two, as an office is given."""

    @pytest.fixture
    def shut_out(self, district: District) -> Account:
        other = account_with(Role.AUDIT_ADMIN, district.bureau)
        disable_account(account=other, actor=district.security_admin, reason="调查")
        return district.fresh(other)

    def test_nobody_alone(self, district: District, shut_out: Account) -> None:
        with pytest.raises(NotPossible, match="另一位管理员确认"):
            enable_account(account=shut_out, actor=district.security_admin, reason="查清")

    def test_from_the_page_to_the_confirmation(self, district: District, shut_out: Account) -> None:
        answer = browser(district.security_admin).post(page("switch", shut_out.pk), {"reason": "查清"}, follow=True)
        assert "等另一位管理员确认" in answer.content.decode()
        assert not district.fresh(shut_out).is_active
        fire(OfficerRequest.objects.get(), "confirm", actor=district.system_admin)
        assert district.fresh(shut_out).is_active
        event = history(shut_out).filter(name="account_enabled").get()
        assert (event.actor, event.data["second"]) == (district.security_admin, district.system_admin.pk)

    def test_whoever_is_no_officer_is_enabled_at_once(self, district: District) -> None:
        disable_account(account=district.owner, actor=district.security_admin, reason="离岗")
        browser(district.security_admin).post(page("switch", district.owner.pk), {"reason": "回岗"})
        assert district.fresh(district.owner).is_active


def test_what_was_corrected_since_is_not_put_back_by_a_confirmation(district: District) -> None:
    """Asked while it was an officer's account; its office has ended since, and the system officer changed it alone."""
    other = account_with(Role.AUDIT_ADMIN, district.bureau, name="方念慈", phone="1")
    asked = {"name": "方念慈", "phone": "2", "email": "", "actor": district.system_admin}
    case = do_or_ask(Act.CONTACT, account=other, version=contact_of(other).version, **asked)
    other.assignments.update(valid_to=clock.today() - timedelta(days=1))
    update_account(account=other, name="方念慈", phone="3", email="x@example.org", actor=district.system_admin)
    with pytest.raises(NotPossible):
        fire(case, "confirm", actor=district.security_admin)
    assert district.fresh(other).phone == "3"


class TestOnePersonTwoAccounts:
    """The second account bears another spelling of the name; the ID number is the same."""

    def test_whoever_asked_does_not_confirm_with_it(self, district: District) -> None:
        case = reset_of(district, district.fresh(district.system_admin))
        Account.objects.filter(pk=district.security_admin.pk).update(id_hash="h" * 64, is_active=False)
        twin = account_with(Role.AUDIT_ADMIN, district.bureau, name="王晓明", id_hash="h" * 64)
        with pytest.raises(Refused, match="另一位管理员"):
            fire(case, "confirm", actor=twin)

    def test_nobody_decides_what_the_former_account_filed(self, district: District) -> None:
        former = AccountFactory(name="王小明", id_hash="h" * 64, is_active=False)
        now = AccountFactory(name="王晓明", id_hash="h" * 64)
        assert is_same_person(former, now)
        assert is_own(former, now, "自己的")
        assert not is_same_person(AccountFactory(name="王小明（二）", id_hash=""), now)


@pytest.mark.real_services
def test_the_longest_contact_that_the_form_takes_is_stored(district: District) -> None:
    form = AccountForm(
        {"name": "名" * 50, "phone": "1" * 40, "email": f"{'a' * 60}@{'b' * 60}.{'c' * 60}.{'d' * 60}.example"},
        account=district.audit_admin,
    )
    assert form.is_valid(), form.errors
    case = do_or_ask(Act.CONTACT, account=district.audit_admin, actor=district.system_admin, **form.facts())
    assert len(case.said) > 300
    fire(case, "confirm", actor=district.security_admin)
    assert not AccountForm({"name": "x", "email": f"a@{'b.' * 130}example"}, account=district.audit_admin).is_valid()

"""A case is given to a handler by name, a desk is handed over: on record, told, no day moved, nobody stopped (U7)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import Role, case_key
from luojiang_ce.deadlines.owed import Asked, everything_owed, owed_to
from luojiang_ce.home.start import lists_for
from luojiang_ce.notices.models import Notice
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workdays.services import current_calendar, terms_in_force
from luojiang_ce.workflow.case_kind import kinds_with_a_table
from luojiang_ce.workflow.engine import Refused, actions_for, fire
from luojiang_ce.workflow.events import history
from luojiang_ce.workflow.handlers import handler_of
from luojiang_ce.workflow.models import Event, Handling
from luojiang_ce.workflow.pages import case_page
from tests.conftest import District
from tests.factories import UnitFactory, account_with, assignment
from tests.luojiang_ce.workflow.walk import collect
from tests.training.classes.factories import an_application
from tests.training.plans.factories import a_plan
from tests.units.cases import leave_of, with_evidence
from training.inspections.draws.models import Draw
from training.plans.models import Plan, PlanBatch
from units.handing.services import give, hand_over, open_cases_of
from units.models import Account, Assignment

pytestmark = pytest.mark.django_db
HANDLED = [(kind, table) for kind, table in kinds_with_a_table() if table.handled]
STANDING = [
    pytest.param(kind.key, name, id=f"{kind.key}-{name}")
    for kind, table in HANDLED
    for name, info in table.states.items()
    if any(turn.of_handler and turn.act for turn in info.turns)
]


@pytest.fixture
def other(district: District) -> Account:
    return account_with(Role.BUREAU_HANDLER, district.bureau, name="林远帆")


def a_filed_plan(unit: Any) -> Plan:
    return a_plan(unit, clock.today().year, "submitted", submitted_at=clock.now(), first_submitted_at=clock.now())


def lists(account: Account) -> Any:
    account = Account.objects.get(pk=account.pk)
    return lists_for(owed_to(account), account, clock.today(), current_calendar())


def days(case: Any) -> list[Any]:
    """By when whoever's turn it is must act, as every page reads it."""
    return [each.deadline for each in everything_owed(Asked(terms_in_force())) if each.case == case_key(case)]


def titles(rows: Any) -> str:
    return "\n".join(row.todo.title for row in rows)


@pytest.mark.parametrize(("key", "state"), STANDING)
def test_every_kind_that_handlers_have_in_hand_can_be_given_and_no_day_moves(
    district: District, other: Account, key: str, state: str
) -> None:
    case = collect()[key].build(district, state)
    due = days(case)
    mine = lists(district.handler).mine_total
    assert give(cases=[case], to=other, actor=district.approver, reason="分片负责") == 1
    assert handler_of(case) == other
    assert days(case) == due
    event = history(case).first()
    assert (event.name, event.actor, event.data["handler"]) == ("handler_named", district.approver, other.pk)
    assert (event.source, event.target) == (case.state, case.state)
    told = Notice.objects.get(recipient=other, title__contains="交由您经办")
    assert not Notice.objects.filter(recipient=district.handler, key=told.key).exists()
    # Mine first: the colleague finds it among the shared ones, and still may act.
    after = lists(district.handler)
    assert after.mine_total + after.colleagues_total == mine
    assert after.colleagues_total == lists(other).mine_total - after.mine_total
    page = case_page(case, district.fresh(district.handler))
    assert page.handler == other
    assert page.may_give


def test_who_gives_a_case_may_still_decide_it(district: District, other: Account) -> None:
    case = an_application(district.unit, "checked")
    give(cases=[case], to=other, actor=district.approver, reason="分片负责")
    approve = next(each for each in actions_for(case, district.approver) if each.transition.name == "approve")
    assert "您办过" not in "".join(map(str, approve.reasons))


def test_kinds_without_a_handlers_turn_cannot_be_given(district: District) -> None:
    handled = {kind.key for kind, _ in HANDLED}
    assert {"training_plans.plan", "training_classes.classapplication", "units.leave", "toy.roomrequest"} <= handled
    assert all(
        Role.BUREAU_HANDLER in {r for i in t.states.values() for u in i.turns for r in u.who.roles} for _, t in HANDLED
    )


def test_a_handler_away_stops_nothing(district: District, other: Account) -> None:
    plan = a_filed_plan(district.unit)
    give(cases=[plan], to=other, actor=district.handler)
    fire(plan, "return", actor=district.handler, data={"items": [{"where": "", "wrong": "没有盖章", "mend": ""}]})
    assert plan.state == "returned"
    assert handler_of(plan) == other  # comes back to the same desk


def test_a_handler_whose_role_ended_holds_nothing_up(district: District, other: Account) -> None:
    plan = a_filed_plan(district.unit)
    give(cases=[plan], to=other, actor=district.handler)
    assert not any(
        str(plan.unit.short) in row.todo.title and "审核" in row.todo.title for row in lists(district.handler).mine
    )
    Assignment.objects.filter(account=other).update(valid_to=clock.today() - clock.today().resolution)
    assert handler_of(plan) is None
    assert "审核" in titles(lists(district.handler).mine)


def test_who_has_it_in_hand_does_not_approve_it(district: District, other: Account) -> None:
    assignment(other, Role.BUREAU_APPROVER, district.bureau).save()
    other = district.fresh(other)
    leave = leave_of(district, "submitted")
    with_evidence(district, leave)
    give(cases=[leave], to=other, actor=district.handler)
    with pytest.raises(Refused, match="由您经办，请另一位审批人办理"):
        fire(leave, "approve", actor=other)
    fire(leave, "approve", actor=district.approver)
    with pytest.raises(NotPossible, match="已办结"):
        give(cases=[leave], to=district.handler, actor=district.handler)


def test_only_the_bureau_gives_and_only_to_todays_handlers(district: District, other: Account) -> None:
    plan = a_filed_plan(district.unit)
    for stranger in (district.owner, district.neighbour, district.audit_admin):
        with pytest.raises(PermissionDenied):
            give(cases=[plan], to=other, actor=stranger)
    with pytest.raises(NotPossible, match="今天不是区人社局经办"):
        give(cases=[plan], to=district.approver, actor=district.handler)
    assert not Handling.objects.exists()


def test_the_second_of_two_who_give_it_away_is_told(client, district: District, other: Account) -> None:
    plan = a_filed_plan(district.unit)
    third = account_with(Role.BUREAU_HANDLER, district.bureau, name="苏晴川")
    client.force_login(district.approver)
    address = reverse("handing:give", args=case_key(plan))
    assert client.post(address, {"to": other.pk, "shown": ""}).status_code == 302
    refused = client.post(address, {"to": third.pk, "shown": ""})
    assert refused.status_code == 422
    assert "已改由他人经办" in refused.content.decode()
    assert handler_of(plan) == other
    # Twice the same is once.
    assert client.post(address, {"to": other.pk, "shown": ""}).status_code == 302
    assert history(plan).filter(name="handler_named").count() == 1
    assert client.post(address, {"to": third.pk, "shown": other.pk}).status_code == 302
    assert Notice.objects.filter(recipient=other, title__contains="已改由他人经办").count() == 1


def test_a_desk_is_handed_over_in_one_act(client, district: District, other: Account) -> None:
    plans = [a_filed_plan(district.unit), a_filed_plan(district.neighbour_unit)]
    leave = leave_of(district, "submitted")
    closed = leave_of(district, "approved")
    for case in (*plans, leave):
        give(cases=[case], to=district.handler, actor=district.approver)
    Handling.objects.create(case_type="units.leave", case_id=closed.pk, account=district.handler)
    client.force_login(district.handler)
    page = client.get(reverse("handing:over")).content.decode()
    assert "2 件" in page
    sent = {"of": district.handler.pk, "to": other.pk, "reason": "休假两周"}
    assert client.post(reverse("handing:over"), sent).status_code == 302
    assert {handler_of(case) for case in (*plans, leave)} == {other}
    assert handler_of(closed) == district.handler
    assert Event.objects.filter(name="handler_named", data__before=district.handler.pk).count() == 3
    told = Notice.objects.filter(recipient=other)
    assert [notice.title for notice in told] == ["3 件事项交由您经办"]
    assert "休假两周" in told[0].text


def test_somebody_elses_desk_is_handed_over_by_an_approver(district: District, other: Account) -> None:
    plan = a_filed_plan(district.unit)
    give(cases=[plan], to=other, actor=district.approver)
    with pytest.raises(NotPossible, match="由审批人移交"):
        hand_over(of=other, to=district.handler, actor=district.handler, reason="病假")
    with pytest.raises(NotPossible, match="原因"):
        hand_over(of=other, to=district.handler, actor=district.approver, reason=" ")
    assert hand_over(of=other, to=district.handler, actor=district.approver, reason="病假") == 1
    assert not [row for _, rows in open_cases_of(other) for row in rows]
    with pytest.raises(NotPossible, match="没有未办结的事项"):
        hand_over(of=other, to=district.handler, actor=district.approver, reason="病假")


def test_the_board_filters_by_handler_and_gives_what_is_ticked(client, district: District, other: Account) -> None:
    plans = [a_filed_plan(district.unit), a_filed_plan(district.neighbour_unit)]
    client.force_login(district.approver)
    board = reverse("deadlines:board")
    assert 'name="cases"' in client.get(board).content.decode()
    ticks = [f"training_plans.plan:{plan.pk}" for plan in plans]
    back = f"{board}?handler=none"
    data = {"cases": [*ticks, "x", "no.kind:3", "units.person:1"], "back": back}
    asked = client.post(reverse("handing:ticked"), data)
    assert asked.status_code == 200
    assert all(f'name="cases" value="{tick}"' in asked.content.decode() for tick in ticks)
    assert client.post(reverse("handing:ticked"), data | {"to": ""}).status_code == 422
    sent = client.post(reverse("handing:ticked"), data | {"to": other.pk})
    assert sent.url == back
    rows = client.get(board, {"handler": other.pk}).context["rows"]
    assert {row.owed.about for row in rows} == set(plans)
    assert all(row.owed.whose.endswith("林远帆") for row in rows)
    nobodys = client.get(board, {"handler": "none"}).context["rows"]
    assert not {row.owed.about for row in nobodys} & set(plans)
    client.force_login(district.owner)
    page = client.get(board)
    assert "handler" not in page.context["filters"].fields
    assert 'name="cases"' not in page.content.decode()


@pytest.mark.parametrize("back", ["", "//elsewhere.example/", "https://elsewhere.example/", "nowhere"])
def test_ticking_nothing_says_so_and_leads_nowhere_else(client, district: District, back: str) -> None:
    client.force_login(district.handler)
    sent = client.post(reverse("handing:ticked"), {"to": district.handler.pk, "back": back}, follow=True)
    assert sent.redirect_chain[0][0] == reverse("deadlines:board")
    assert "还没有勾选事项" in sent.content.decode()


def test_what_is_not_seen_is_not_given(client, district: District, other: Account) -> None:
    draft = leave_of(district, "draft")
    client.force_login(district.handler)
    client.post(reverse("handing:ticked"), {"cases": [f"units.leave:{draft.pk}"], "to": other.pk})
    assert not Handling.objects.exists()


def test_more_ticks_than_many_pages_show_are_all_given(client, district: District, other: Account) -> None:
    cases = [leave_of(district, "submitted") for _ in range(205)]
    client.force_login(district.handler)
    data = {"cases": [f"units.leave:{case.pk}" for case in cases], "to": other.pk, "copy": "tabcdefgh1"}
    sent = client.post(reverse("handing:ticked"), data, follow=True)
    assert "205 件已交给" in sent.content.decode()
    assert Handling.objects.filter(account=other).count() == 205


def test_the_ticks_of_a_list_go_with_the_form_until_it_is_done(client, district: District, other: Account) -> None:
    """What the browser keeps of them is let go by the act, whatever was typed wrong before."""
    data = {"cases": [f"units.leave:{leave_of(district, 'submitted').pk}"], "copy": ["tabcdefgh1"]}
    client.force_login(district.handler)
    for more in ({}, {"to": "", "copy": ["tabcdefgh1", "cabcdefgh1"]}):
        asked = client.post(reverse("handing:ticked"), data | more)
        assert asked.context["copies"] == ["tabcdefgh1"]
        assert 'name="copy" value="tabcdefgh1"' in asked.content.decode()
        assert not [name for name in client.cookies if name.startswith("saved-")]
    client.post(reverse("handing:ticked"), data | {"to": other.pk, "copy": ["tabcdefgh1", "cabcdefgh2"]})
    assert {name for name in client.cookies if name.startswith("saved-")} == {"saved-tabcdefgh1", "saved-cabcdefgh2"}


# A state for each kind of which units have one each; batches of plans are one a year, lists of a draw one at a time.
MANY = {}
for param in STANDING:
    if param.values[0] not in (PlanBatch._meta.label_lower, Draw._meta.label_lower):
        MANY.setdefault(*param.values)


@pytest.mark.parametrize(("key", "state"), MANY.items())
def test_asking_whom_to_give_many_asks_the_database_as_often_as_for_few(
    client, district: District, key: str, state: str
) -> None:
    kind = collect()[key]
    client.force_login(district.handler)
    counted = []
    for number in (3, 30):
        cases = [kind.build(replace(district, unit=UnitFactory()), state) for _ in range(number)]
        if hasattr(kind.model, "first_submitted_at"):
            kind.model.objects.filter(pk__in=[case.pk for case in cases]).update(first_submitted_at=clock.now())
        with CaptureQueriesContext(connection) as captured:
            page = client.post(reverse("handing:ticked"), {"cases": [f"{key}:{each.pk}" for each in cases]})
        assert len(page.context["cases"]) == number
        counted.append(len(captured))
    assert counted[0] == counted[1]


def test_the_desks_of_many_ask_the_database_as_often_as_those_of_few(client, district: District) -> None:
    client.force_login(district.approver)
    counted = []
    for number in (3, 30):
        for _ in range(number):
            handler = account_with(Role.BUREAU_HANDLER, district.bureau)
            give(cases=[leave_of(district, "submitted")], to=handler, actor=district.approver)
        with CaptureQueriesContext(connection) as captured:
            page = client.get(reverse("handing:over"))
        counted.append(len(captured))
    assert counted[0] == counted[1]
    assert [counts for _, counts in page.context["desks"]] == [[("长期外出或病假", 1)]] * 33


def test_giving_many_asks_the_database_as_often_as_giving_few(district: District, other: Account) -> None:
    counted = []
    for number in (3, 30):
        cases = [leave_of(district, "submitted") for _ in range(number)]
        with CaptureQueriesContext(connection) as captured:
            give(cases=cases, to=other, actor=district.fresh(district.approver))
        counted.append(len(captured))
    assert counted[0] == counted[1]

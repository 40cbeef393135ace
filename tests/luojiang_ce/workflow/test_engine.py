"""The one door: what it refuses it leaves untouched; of two at once, one gets through."""

from __future__ import annotations

import ast
import threading
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.workflow.engine import SYSTEM, Refused, actions_for, fire, fire_many
from luojiang_ce.workflow.events import history
from luojiang_ce.workflow.models import Event, EventNote, ReturnItem
from tests.training.plans.factories import a_plan, an_item
from training.plans.models import Plan, PlanItem


@pytest.fixture
def plan(district):
    plan = a_plan(district.unit, state=Plan.State.SUBMITTED, first_submitted_at=clock.now())
    an_item(plan)
    return plan


def returned(plan, actor):
    items = [{"where": "第 1 行", "wrong": "预算不符", "mend": "核对"}, {"where": "", "wrong": "缺方案", "mend": ""}]
    return fire(plan, "return", actor=actor, note="请一次补齐", data={"items": items})


def test_a_change_writes_its_event_with_note_and_items(plan, district):
    event = returned(plan, district.handler)
    assert (event.source, event.target, event.actor) == ("submitted", "returned", district.handler)
    assert event.note_row.text == "请一次补齐"
    assert [item.wrong for item in event.return_items.all()] == ["预算不符", "缺方案"]
    assert plan.state == "returned"


def test_a_refusal_says_why_and_changes_nothing(plan, district):
    with pytest.raises(Refused, match="只有区人社局经办可以审核通过"):
        fire(plan, "check", actor=district.owner)
    with pytest.raises(Refused, match="现在的状态是“待审核”"):
        fire(plan, "submit", actor=district.owner)
    plan.refresh_from_db()
    assert plan.state == "submitted"
    assert not Event.objects.exists()


def test_the_button_is_greyed_out_for_the_reason_that_the_server_gives(district):
    plan = a_plan(district.unit)
    (submit,) = [a for a in actions_for(plan, district.owner) if a.transition.name == "submit"]
    with pytest.raises(Refused) as refused:
        fire(plan, "submit", actor=district.owner)
    assert list(submit.reasons) == refused.value.reasons


def test_who_may_not_act_is_offered_nothing(plan, district):
    assert actions_for(plan, district.neighbour) == []


def test_many_go_all_or_none(plan, district):
    item = an_item(plan, PlanItem.State.REFUSED)
    with pytest.raises(Refused):
        fire_many(plan.items.all(), "check", actor=district.handler)
    assert {i.state for i in plan.items.all()} == {"listed", "refused"}
    item.delete()
    assert len(fire_many(plan.items.all(), "check", actor=district.handler)) == 1


def test_many_cost_no_more_queries_than_few(district):
    counted = []
    for count in (3, 30):
        plan = a_plan(district.unit, 2030 + count, Plan.State.SUBMITTED)
        for position in range(count):
            an_item(plan, position=position)
        handler = district.fresh(district.handler)  # roles are read once per account: both times, or neither
        with CaptureQueriesContext(connection) as captured:
            fire_many(plan.items.all(), "check", actor=handler)
        counted.append(len(captured))
    assert counted[0] == counted[1]


def test_events_keep_ids_and_never_what_was_typed(plan, district):
    returned(plan, district.handler)
    data = Event.objects.get().data
    assert set(data) == {"items_sha256", "named_rows"}
    assert data["named_rows"] == {"1": plan.items.get().pk}
    assert EventNote.objects.count() == 1
    assert ReturnItem.objects.count() == 2


def test_the_system_acts_without_an_account(plan):
    event = fire(plan, "return", actor=SYSTEM, data={"items": [{"wrong": "x"}]})
    assert event.actor is None


def test_a_return_without_a_list_is_refused_and_keeps_what_was_typed(client, plan, district):
    client.force_login(district.handler)
    address = reverse("workflow:act", args=["training_plans.plan", plan.pk, "return"])
    answer = client.post(address, {"where_0": "第 1 行", "note": "请看"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "没有写问题是什么" in page
    assert "第 1 行" in page
    assert not history(plan)


@pytest.mark.real_services
@pytest.mark.django_db(transaction=True)
def test_of_two_officers_at_once_one_gets_through(plan, district):
    results, start = [], threading.Barrier(2)

    def decide(name, data):
        start.wait()
        try:
            fire(Plan.objects.get(pk=plan.pk), name, actor=district.handler, data=data)
            results.append(name)
        except Refused:
            results.append("refused")
        finally:
            connection.close()

    acts = [("check", {}), ("return", {"items": [{"wrong": "x"}]})]
    threads = [threading.Thread(target=decide, args=act) for act in acts]
    [t.start() for t in threads]
    [t.join() for t in threads]
    assert results.count("refused") == 1
    assert Event.objects.filter(case_type="training_plans.plan").count() == 1


def test_only_the_engine_assigns_a_state():
    """architecture: one door for every change of state."""
    wrong = []
    for folder in ("luojiang_ce", "units", "training", "verification"):
        for path in Path(settings.BASE_DIR, folder).rglob("*.py"):
            if path.match("luojiang_ce/workflow/engine.py") or "migrations" in path.parts:
                continue
            wrong += [f"{path}:{node.lineno}" for node in ast.walk(ast.parse(path.read_text())) if _assigns_state(node)]
    assert wrong == []


def _assigns_state(node: ast.AST) -> bool:
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    flat = [t for target in targets for t in (target.elts if isinstance(target, ast.Tuple) else [target])]
    return any(isinstance(t, ast.Attribute) and t.attr == "state" for t in flat)

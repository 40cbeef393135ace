"""Four eyes are those of two people: a second account of the same person is no second pair."""

from __future__ import annotations

from typing import Any

import pytest

from luojiang_ce import clock
from luojiang_ce.access import Role
from luojiang_ce.workflow.case_kind import Context, Transition, kinds_with_a_table
from luojiang_ce.workflow.engine import four_eyes, not_ones_own
from luojiang_ce.workflow.events import record
from luojiang_ce.workflow.models import Handling
from tests.conftest import HOLDERS, District
from tests.factories import AccountFactory, account_with
from tests.luojiang_ce.workflow.walk import collect
from units.handing.services import handler_does_not_approve
from units.models import Account
from units.services import update_account
from verification.batches.routing import missing_to_stamp

GUARD = four_eyes().__qualname__
KINDS = collect()
DECIDING = [
    pytest.param(kind.key, transition, id=f"{kind.key}-{transition.name}")
    for kind, table in kinds_with_a_table()
    for transition in table.transitions
    if any(getattr(guard, "__qualname__", "") == GUARD for guard in transition.guards)
]


# Every step of another role than the filer's, of every kind that is filed, and of what is a row of one.
STEPS = [
    pytest.param(kind.key, whole.key, transition, filing, id=f"{kind.key}-{transition.name}")
    for kind, table in kinds_with_a_table()
    for whole, steps in [
        (kind, table)
        if not table.filed_with
        else next(
            (each, found)
            for each, found in kinds_with_a_table()
            if each.model is kind.model._meta.get_field(table.filed_with).related_model
        )
    ]
    for filing in [next((each for each in steps.transitions if each.files), None)]
    for transition in table.transitions
    if filing and transition.who.roles and set(transition.who.roles).isdisjoint(filing.who.roles)
]


@pytest.mark.parametrize(("key", "whole", "transition", "filing"), STEPS)
def test_whoever_filed_a_case_does_not_decide_it(
    key: str, whole: str, transition: Transition, filing: Transition, district: District
) -> None:
    """Somebody may be clerk of a unit and handler of the bureau; of a case of that unit it is somebody else's turn."""
    field = next(name for name, (role, _) in HOLDERS.items() if role in transition.who.roles)
    decider: Account = getattr(district, field)
    case = KINDS[key].build(district, transition.sources[0])
    filed = case if key == whole else getattr(case, next(t.filed_with for k, t in kinds_with_a_table() if k.key == key))
    if filed is None:
        return  # not in a roster yet: nobody has filed it

    def said(actor: Account) -> str:
        fresh = type(case)._base_manager.get(pk=case.pk)
        return not_ones_own(Context(fresh, actor, transition, clock.now())) or ""

    assert said(decider) == ""
    record(filed, filing.name, actor=decider)
    assert "须为两人" in said(decider)
    colleague = account_with(transition.who.roles[0], decider.current_assignments[0].unit, name="另一位")
    assert said(colleague) == ""


def test_declarations_leaves_and_rows_of_a_roster_are_among_them() -> None:
    found = {param.id for param in STEPS}
    wanted = {"verification_declarations.declaration-accept", "units.leave-approve"}
    assert found >= wanted | {"verification_batches.annualrecord-verify"}


def role_of(transition: Transition) -> Role:
    return next(role for role, _ in HOLDERS.values() if role in transition.who.roles)


def said_to(actor: Account, case: Any, transition: Transition) -> str:
    case = type(case)._base_manager.get(pk=case.pk)
    context = Context(case, actor, transition, clock.now())
    guards = [guard for guard in transition.guards if getattr(guard, "__qualname__", "") == GUARD]
    return "".join(filter(None, (guard(context) for guard in guards)))


@pytest.mark.parametrize(("key", "transition"), DECIDING)
def test_what_an_account_of_ones_name_did_is_ones_own_act(key: str, transition: Transition, district: District) -> None:
    field = next(name for name, (role, _) in HOLDERS.items() if role in transition.who.roles)
    decider: Account = getattr(district, field)
    case = KINDS[key].build(district, transition.sources[0])
    before = said_to(decider, case, transition)
    Account.objects.filter(pk=decider.pk).update(name="林\u3000知夏")
    twin = AccountFactory(name="林知夏")
    record(case, "edited", actor=twin)
    decider = district.fresh(decider)
    assert before == ""
    refused = said_to(decider, case, transition)
    assert "须为两人" in refused
    assert "办过“修改内容”" in refused
    # Which account of another unit it is, is nothing for a clerk.
    assert (f"见同名的账号 {twin.username}" in refused) == (role_of(transition) != Role.UNIT_CLERK)
    assert "请系统管理员在其中一个账号的姓名后加注区别" in refused

    update_account(account=twin, name="林知夏（二）", phone="", email="", actor=district.system_admin)
    assert said_to(decider, case, transition) == "", "two people of one name, as the record of the account says"


def test_every_kind_with_a_decision_is_among_them() -> None:
    decided = {param.values[0].rpartition(".")[2] for param in DECIDING}
    assert decided >= {"classapplication", "recognition", "extension", "planbatch", "batch"}


def test_to_whom_a_case_was_given_does_not_approve_it_with_another_account(district: District) -> None:
    case = KINDS["training_classes.classapplication"].build(district, "checked")
    Handling.objects.create(case_type="training_classes.classapplication", case_id=case.pk, account=district.handler)
    twin = account_with("bureau_approver", district.bureau, name=district.handler.name)
    twin.assignments.create(role="bureau_handler", unit=district.bureau, valid_from=clock.today())
    table = next(table for kind, table in kinds_with_a_table() if kind.key == "training_classes.classapplication")
    context = Context(case, district.fresh(twin), table.transition("approve"), clock.now())
    assert "见同名的账号" in (handler_does_not_approve(context) or "")


def test_a_keeper_who_is_who_passes_it_on_is_no_keeper(district: District) -> None:
    day = clock.today()
    alone, other = (missing_to_stamp(district.bureau, day, but=key) for key in (district.keeper, district.owner))
    assert any("另一位监印人" in each for each in alone)
    assert not any("监印人，请" in each for each in other)

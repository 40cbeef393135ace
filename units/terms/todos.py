"""What is to be done about extensions and lapses, for the start page and the navigation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from luojiang_ce.access.roles import Role
from luojiang_ce.home.registry import NavItem, Todo
from luojiang_ce.workflow.table import workflow_of
from units.readers import BUREAU, CASE_READERS

from .models import Extension, Lapse

E = Extension.State
NAV = (
    NavItem("延期", "calendar-plus", "terms:extensions", CASE_READERS, order=55),
    NavItem("日历与期限参数", "calendar-cog", "terms:calendar", group="查阅", order=79),
    NavItem("逾期记录", "calendar-x", "terms:lapses", CASE_READERS, group="查阅", order=78),
)
OPEN = (E.DRAFT, E.SUBMITTED, E.RETURNED, E.CHECKED)
LABELS = {E.DRAFT: "继续填写", E.SUBMITTED: "审核", E.RETURNED: "查看并补正", E.CHECKED: "审批"}
MOST = 100


def extensions_to_do(account: Any) -> Iterator[Todo]:
    """Extensions to go on with (clerk, handler), to check (handler), to decide (approver); lapses to confirm."""
    if not account.holds(Role.UNIT_CLERK, *BUREAU):
        return
    for case in Extension.objects.visible_to(account).filter(state__in=OPEN).select_related("unit")[:MOST]:
        yield _todo(case, account)
    if account.holds(Role.BUREAU_APPROVER):
        proposed = Lapse.objects.filter(state=Lapse.State.PROPOSED).select_related("unit")
        for lapse in proposed[:MOST]:
            yield Todo(
                f"确认不再认定：{lapse}", lapse.get_absolute_url(), "逾期未申报学时认定", action_label="查看并确认"
            )


def _todo(case: Extension, account: Any) -> Todo:
    workflow = workflow_of(case)
    mine = any(
        t.who.test(account, case) for t in workflow.transitions if case.state in t.sources and t.name != "take_back"
    )
    turn = workflow.states[case.state].turn
    return Todo(
        str(case),
        case.get_absolute_url(),
        f"申请延至 {case.asked_due:%Y-%m-%d}",
        mine=mine,
        waiting_for="" if mine or turn is None else turn.label,
        action_label=LABELS[E(case.state)],
    )

"""What the start page says about declarations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from luojiang_ce import clock
from luojiang_ce.access.roles import Role
from luojiang_ce.home.registry import Todo
from luojiang_ce.workdays.services import current_rules
from verification.declarations.models import Declaration
from verification.declarations.workflow import REVIEWER, WORKFLOW

State = Declaration.State
OPEN = (State.DRAFT, State.SUBMITTED, State.RETURNED)
ACTIONS = {State.DRAFT: "接着填", State.RETURNED: "补正", State.SUBMITTED: "审核"}


def todos(account: Any) -> Iterator[Todo]:
    """The clerk's drafts and returns, the reviewer's queue; for the clerk also what the reviewer has in hand."""
    if not account.holds(Role.UNIT_CLERK, *REVIEWER.roles):
        return
    rows = Declaration.objects.visible_to(account).filter(state__in=OPEN).select_related("unit", "person")
    rules = current_rules()
    for row in rows.order_by("submitted_at", "pk"):
        turn = WORKFLOW.states[row.state].turn
        mine = bool(turn and turn.test(account, row))
        # The bureau answers within its five working days; a unit's draft has no deadline of its own.
        waits = row.submitted_at if row.state == State.SUBMITTED else None
        answer = rules.reply(clock.local(waits).date()) if waits else None
        yield Todo(
            title=f"学时申报{row.get_state_display()}：{row}",
            url=row.get_absolute_url(),
            note=f"{row.unit.short}　{row.year} 年度　{row.amount} {row.get_measure_display()}",
            due=answer.due if answer and mine else None,
            provisional=bool(answer and answer.provisional),
            waiting_for="" if mine or not turn else turn.label,
            mine=mine,
            action_label=ACTIONS[State(row.state)],
            meaning="soon" if row.state == State.RETURNED else "",
        )

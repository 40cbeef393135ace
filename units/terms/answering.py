"""The bureau's own clock: five working days after each submission to tell the filer, once, all that is missing.

At the end without an answer the case counts as received for processing (已受理): an event, never an approval
(Licensing Act 32, by analogy; domain.md §3).
"""

from __future__ import annotations

from typing import Any

from django.db import transaction

from luojiang_ce import clock
from luojiang_ce.access.cases import case_models
from luojiang_ce.access.roles import Role
from luojiang_ce.deadlines.registry import Asked, OpenDeadline, open_deadlines
from luojiang_ce.notices.services import notify
from luojiang_ce.workdays.deadlines import Kind
from luojiang_ce.workdays.services import current_rules
from luojiang_ce.workflow.engine import SYSTEM
from luojiang_ce.workflow.events import event_since, record
from units.notify import clerks_of

RECEIVED = "deemed_received"


def deem_received() -> int:
    """Write down every case that the bureau left unanswered for too long, once per submission; how many."""
    now = clock.now()
    late = [
        each
        for each in open_deadlines(Asked(current_rules(), now))
        if each.deadline.kind is Kind.REPLY and each.role is Role.BUREAU_HANDLER and each.is_late(now)
    ]
    return sum(_receive(duty) for duty in late)


def _receive(duty: OpenDeadline) -> bool:
    assert duty.case is not None
    model, pk = case_models()[duty.case[0]], duty.case[1]
    with transaction.atomic():
        case: Any = model._base_manager.select_for_update().get(pk=pk)
        if not case.submitted_at or event_since(case, RECEIVED, case.submitted_at):
            return False
        record(case, RECEIVED, actor=SYSTEM, data={"due": duty.deadline.due})
        key = f"received-{case._meta.label_lower}-{pk}-{case.submitted_at.isoformat()}"
        notify(clerks_of(case.unit_id), f"视为已受理：{case}", key=key, text=duty.deadline.explanation, case=case)
    return True

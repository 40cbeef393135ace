"""Who may change the files of a plan or a batch, and when."""

from __future__ import annotations

from luojiang_ce.access.roles import Actor, Role

from .models import Plan, PlanBatch
from .services import EDITABLE


def may_change_plan_files(plan: Plan, account: Actor) -> bool:
    """The filing unit's clerks, while the plan may be edited."""
    return plan.state in EDITABLE and plan.unit_id in account.unit_ids(Role.UNIT_CLERK)


def may_change_batch_files(batch: PlanBatch, account: Actor) -> bool:
    """The handler, until publication freezes the consents."""
    return batch.state == PlanBatch.State.CONSENTING and account.holds(Role.BUREAU_HANDLER)

"""The classes of a published project, by how far they are: what its withdrawal reaches."""

from __future__ import annotations

from luojiang_ce import clock
from luojiang_ce.workflow.case_kind import workflow_of
from training.classes.afterwards import recognised
from training.classes.models import ClassApplication
from training.plans.models import PlanItem
from training.plans.reach import Reached

S = ClassApplication.State


def classes_of(project: PlanItem) -> list[Reached]:
    """Each class of the project in the order of its sessions. A query, and one for each that has ended."""
    rows = ClassApplication.objects.filter(project=project).order_by("session", "pk")
    return [_reached(each) for each in rows]


def _reached(case: ClassApplication) -> Reached:
    """Under way and ended follow from the dates, recognised from what was decided on the hours."""
    today = clock.today()
    begun = case.state == S.APPROVED and case.has_begun(today)
    decided = recognised(case) if case.has_ended(today) else None
    label, meaning = case.get_state_display(), workflow_of(case).states[case.state].meaning
    if decided:
        label, meaning = decided.note, decided.meaning
    elif begun:
        label, meaning = ("已结束", "is-done") if case.has_ended(today) else ("进行中", "is-turn")
    elif case.state == S.APPROVED:
        label = "准予开班，尚未开班"
    return Reached(
        case,
        label,
        meaning,
        begun=begun,
        approved=case.state == S.APPROVED,
        over=case.state in (*ClassApplication.OVER, *ClassApplication.CLOSING),
        is_draft=case.first_submitted_at is None,
    )

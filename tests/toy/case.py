"""From draft to granted: the deadline, the filing, one decision, the kind."""

from __future__ import annotations

from luojiang_ce.access import Role
from luojiang_ce.home.registry import Demo, NavItem
from luojiang_ce.workdays.deadlines import DeadlineKind, working_days_before
from luojiang_ce.workflow.case_kind import CaseKind, Step, Transition, Workflow, state
from units.access import HANDLER
from units.filed_case import Filing, FilingTerm, tell_filer
from units.models import Unit

from .models import RoomRequest

State = RoomRequest.State
READERS = (Role.UNIT_CLERK, Role.BUREAU_HANDLER, Role.BUREAU_APPROVER, Role.AUDIT_ADMIN)
ROOM = DeadlineKind(
    "room", "借用教室申请", "区人社局设定", working_days_before("使用", lambda settings: 3), extendable=True
)
FILING = Filing("提交借用申请", first=FilingTerm(ROOM, lambda case: case.day))
TABLE = Workflow(
    states={**FILING.states(), State.GRANTED: state("is-done")},
    transitions=(
        *FILING.transitions(),
        Transition("grant", "同意借用", (State.SUBMITTED,), State.GRANTED, HANDLER, "同意", effect=tell_filer),
    ),
    path=(Step("提交", (State.DRAFT, State.RETURNED), "申请单位"), Step("审核", (State.SUBMITTED,), "区人社局经办")),
)


def build_demo() -> str:
    """One in every state."""
    unit = Unit.objects.filter(is_bureau=False).order_by("pk")[0]
    made = [RoomRequest.objects.get_or_create(unit=unit, state=each) for each in State]
    return f"{len(made)} 件借用"


KIND = CaseKind(
    RoomRequest,
    TABLE,
    filing=FILING.first,
    deadlines=(ROOM,),
    entries=(NavItem("借用教室", "door-open", "toy:list", READERS, order=99),),
    demo=Demo("借用教室", "tests.toy.case.build_demo", order=99),
)

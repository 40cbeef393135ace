"""A trainee's request for a correction, from asked to answered (product.md A2; notice 一(五)3)."""

from __future__ import annotations

from luojiang_ce.files.materials import Material
from luojiang_ce.files.registry import FileRules
from luojiang_ce.filters import by_words
from luojiang_ce.home.registry import Demo
from luojiang_ce.workflow.case_kind import CaseKind, Context, Step, Transition, Turn, Workflow, state
from training.attendance.freezing import reasons_against
from training.attendance.models import Sign
from training.attendance.services import Wanted, record_signs
from units.access import FILER

from .code import IN
from .models import CorrectionRequest
from .services import PICTURE

State = CorrectionRequest.State
EVIDENCE = Material(
    PICTURE, "学员附的图片", "课堂照片等，说明当时在场；可以不附", "一(五)3", required=lambda case: False
)


def still_open(context: Context) -> str | None:
    """Signs of that half-day may still be changed: its hours are in no recognition yet."""
    case: CorrectionRequest = context.case
    return "；".join(reasons_against(case.enrolment.application, [case.key], context.actor)) or None


def correct(context: Context) -> None:
    """Keep the sign that was asked for, marked as a correction with the trainee's reason; the answer goes back."""
    case: CorrectionRequest = context.case
    times = (case.time, None) if case.kind == IN else (None, case.time)
    record_signs(
        application=case.enrolment.application,
        wanted=[Wanted(case.enrolment_id, *case.key, *times)],
        source=Sign.Source.LIST,
        actor=context.actor,
        reason=f"学员申请更正：{case.reason}",
        beside=True,
    )
    answer(context)


def answer(context: Context) -> None:
    """What the provider says to it stands on the trainee's phone."""
    context.case.answer = context.note


TABLE = Workflow(
    states={
        State.WAITING: state("is-turn", Turn(FILER, "答复签到更正申请")),
        State.APPROVED: state("is-done"),
        State.REFUSED: state("is-idle"),
    },
    transitions=(
        Transition(
            "refuse", "不予更正", (State.WAITING,), State.REFUSED, FILER, "不予更正",
            effect=answer, form="training.attendance.phone.forms.RefuseForm", style="danger",
        ),
        Transition(
            "approve", "同意更正", (State.WAITING,), State.APPROVED, FILER, "同意更正",
            guards=(still_open,), effect=correct, form="training.attendance.phone.forms.ApproveForm", style="primary",
            many=True,
        ),
    ),
    path=(Step("办班单位答复", (State.WAITING,), "办班单位"),),
)  # fmt: skip

KIND = CaseKind(
    CorrectionRequest,
    TABLE,
    rows=lambda rows: rows.select_related("enrolment__application"),
    finds=by_words("enrolment__name", "enrolment__application__title"),
    apart=lambda case: str(case.enrolment.application),
    files=FileRules(lambda case: (EVIDENCE,), lambda case, account: False),
    events={"asked": "学员申请更正"},
    demo=Demo("签到更正申请", "training.attendance.phone.demo.build_requests", order=62),
)

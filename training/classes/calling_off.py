"""How an approved class ends without having been held (product.md C5, C7): cancelled by its provider before its first
day, or closed by the bureau afterwards because it never took place."""

from __future__ import annotations

from luojiang_ce import clock
from luojiang_ce.papers.glyphs import ANY
from luojiang_ce.papers.services import revoke_standing
from luojiang_ce.workdays.deadlines import deadline_kind
from luojiang_ce.workdays.text import month_day
from luojiang_ce.workflow.case_kind import REASON, Context, StateInfo, Transition, Turn, state, workflow_of
from luojiang_ce.workflow.engine import SYSTEM, fire, four_eyes
from training.classes.afterwards import traces_of
from training.classes.decision_papers import CALLED_OFF
from training.classes.models import ClassApplication, Waiting
from training.classes.papers import OPENING_NOTICE
from units.access import APPROVER, FILER, HANDLER
from units.filed_case import tell_filer, titled
from units.lapses.lapsing import lift_of
from units.notify import approvers, clerks_of, handlers, tell

S = ClassApplication.State


# --- guards -----------------------------------------------------------------------------------------------------------


def not_begun(context: Context) -> str | None:
    """C5: an approved class is cancelled before its opening day; afterwards it is under way."""
    if not context.case.has_begun(clock.local(context.now).date()):
        return None
    return "已到开班日期，不能再取消；没有举办的，请“报告未举办”"


def never_held(context: Context) -> str | None:
    """C7: only of a class whose first day has gone by, and of which nothing is on record, it can be said."""
    opens = context.case.opens_on
    if opens is None or opens >= clock.local(context.now).date():
        day = f"开班日期 {month_day(opens)} 还没有过" if opens else "还没有开班日期"
        return f"{day}，过后才能按未举办结案；不办了的，由申办单位“取消办班”"
    return "；".join(traces_of(context.case)) or None


# --- effects ----------------------------------------------------------------------------------------------------------


def cancel(context: Context) -> None:
    """What was approved is called off by its provider; the bureau is told. What was not leaves no trace."""
    if context.case.state == S.APPROVED:
        _call_off(context, "培训班已取消", decided=False)
        tell(handlers(), f"培训班已取消：{context.case}", context)


def end_with_project(context: Context) -> None:
    """The bureau has withdrawn the project (notice 三2): a class that has not begun ends with it, its filer is told."""
    if context.case.state == S.APPROVED:
        _call_off(context, "计划项目已撤销，培训班取消", decided=True)
    tell_filer(context)


def close(context: Context) -> None:
    """C7: the class is closed as never held, its recognition's clock ends, and nothing of it stays overdue."""
    _call_off(context, "培训班未举办，已结案", decided=True)
    lift_of(deadline_kind("recognition"), context.case)
    tell_filer(context)


def _call_off(context: Context, said: str, *, decided: bool) -> None:
    """The notice is withdrawn, and the public check says so; a paper says that the class is off (C7); whoever relied on
    it is told: the other organisers, the units of the trainees."""
    case: ClassApplication = context.case
    revoke_standing(OPENING_NOTICE.key, case, actor=context.actor, reason=said)
    CALLED_OFF.request(case, actor=context.actor, by_hand=ANY, decided=decided)
    trainees = case.enrolments.present().exclude(unit=None).values_list("unit_id", flat=True)
    waiting = case.waiting.standing()
    for unit_id in {*trainees, *waiting.values_list("unit", flat=True), *other_organisers(case)} - {case.unit_id}:
        tell(clerks_of(unit_id), f"{said}：{case}", context, linked=False)
    waiting.update(left_at=context.now, outcome=Waiting.Outcome.OFF)
    # There is nothing left to be changed (C5): what was asked for waits for nobody any more.
    for change in case.changes.all():
        if change.state in workflow_of(change).transition("end_with_class").sources:
            fire(change, "end_with_class", actor=SYSTEM, note=said)


def other_organisers(case: ClassApplication) -> set[int]:
    """The units that hold the class together with the one that filed it. One query."""
    rows = case.organisers.exclude(unit=None).exclude(unit=case.unit_id)
    return set(rows.values_list("unit_id", flat=True))


def report(context: Context) -> None:
    tell(handlers(), titled(context.case, "已报告未举办，请核实"), context)


def propose(context: Context) -> None:
    tell(approvers(), titled(context.case, "待审批：按未举办结案"), context)


def report_withdrawn(context: Context) -> None:
    tell(handlers(), titled(context.case, "未举办的报告已撤回"), context)


def kept_open(context: Context) -> None:
    tell(handlers(), titled(context.case, "不同意按未举办结案"), context)


# --- their part of the table ------------------------------------------------------------------------------------------

STATES: dict[str, StateInfo] = {
    S.REPORTED: state("is-turn", Turn(HANDLER, "核实未举办")),
    S.PROPOSED: state("is-turn", Turn(APPROVER, "审批未举办结案")),
    S.NOT_HELD: state("is-idle"),
    S.CANCELLED: state("is-idle"),
}

TRANSITIONS = (
    Transition(
        "cancel", "取消办班", (S.DRAFT, S.RETURNED, S.APPROVED), S.CANCELLED, FILER, "取消",
        guards=(not_begun,), effect=cancel, form=REASON, style="danger",
    ),
    Transition(
        "end_with_project", "随项目取消", (S.DRAFT, S.SUBMITTED, S.RETURNED, S.CHECKED, S.APPROVED), S.CANCELLED,
        APPROVER, "项目撤销，随同取消", guards=(not_begun,), effect=end_with_project, hidden=True,
    ),
    Transition(
        "report_not_held", "报告未举办", (S.APPROVED,), S.REPORTED, FILER, "报告未举办",
        guards=(never_held,), effect=report, form=REASON, style="danger",
    ),
    Transition(
        "withdraw_report", "撤回报告", (S.REPORTED,), S.APPROVED, FILER, "撤回未举办的报告", effect=report_withdrawn,
    ),
    Transition(
        "confirm_not_held", "核实未举办，结案", (S.REPORTED,), S.NOT_HELD, HANDLER, "按未举办结案",
        guards=(never_held,), effect=close, style="primary",
    ),
    Transition(
        "reject_report", "不属未举办，退回报告", (S.REPORTED,), S.APPROVED, HANDLER, "退回未举办的报告",
        effect=tell_filer, form=REASON,
    ),
    Transition(
        "propose_not_held", "提请按未举办结案", (S.APPROVED,), S.PROPOSED, HANDLER, "提请按未举办结案",
        guards=(never_held,), effect=propose, form=REASON, style="danger",
    ),
    Transition(
        "close_not_held", "同意按未举办结案", (S.PROPOSED,), S.NOT_HELD, APPROVER, "按未举办结案",
        guards=(four_eyes(), never_held), effect=close, style="primary",
    ),
    Transition(
        "keep_open", "不同意结案", (S.PROPOSED,), S.APPROVED, APPROVER, "不同意按未举办结案",
        guards=(four_eyes(),), effect=kept_open, form=REASON,
    ),
)  # fmt: skip

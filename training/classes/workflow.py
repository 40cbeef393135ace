"""From draft to approved class (product.md C1–C5; notice 一(五)2, 三2): states, guards and transitions in one table."""

from __future__ import annotations

from luojiang_ce import clock
from luojiang_ce.notices.services import notify
from luojiang_ce.papers.numbering import next_number
from luojiang_ce.workdays.deadlines import Deadline, is_in_time
from luojiang_ce.workflow.guards import (
    before_deadline,
    four_eyes,
    mark_submitted,
    mark_taken_back,
    mended_in_time,
    returned_once,
)
from luojiang_ce.workflow.table import Context, Guard, StateInfo, Step, Transition, Workflow
from training.plans.models import PlanItem
from units.notify import approvers, clerks_of, handlers
from units.returns import leave_to_return
from units.terms.reading import terms_of
from units.who import APPROVER, FILER, HANDLER

from .checks import BASICS, REVIEW, STEPS, TEACHING, TIMETABLE
from .models import ClassApplication
from .readiness import of_step


def deadline_of(application: ClassApplication) -> Deadline | None:
    """notice 一(五)2: at least 10 working days before the opening; None while no opening day is set."""
    opens = application.opens_on
    return terms_of(application).opening_for(application.unit, application.pk, opens) if opens else None


NAMED = 3  # findings that a refusal names; the form's last step lists them all, each with its place


# --- guards -----------------------------------------------------------------------------------------------------------


def ready(step: str) -> Guard:
    """Everything of one step of the form is in order."""

    def guard(context: Context) -> str | None:
        texts = [finding.text for finding in of_step(step, context.case)]
        if not texts:
            return None
        more = "；其余见“核对并提交”" if len(texts) > NAMED else ""
        return f"{STEPS[step]} {len(texts)} 处：{'；'.join(texts[:NAMED])}{more}"

    return guard


READY = tuple(ready(step) for step in (BASICS, TIMETABLE, TEACHING, REVIEW))


def project_published(context: Context) -> str | None:
    """notice 一(五)1, 三2: only what was published may be held."""
    project: PlanItem = context.case.project
    if project.state == PlanItem.State.PUBLISHED:
        return None
    return f"计划项目“{project.title}”现在是“{project.get_state_display()}”，只有已公布的项目可以开班（通知 三2）"


def filed_in_time(context: Context) -> str | None:
    """The first submission decides (P2); a return may move the opening later, not to a day it was too late for (C2)."""
    case: ClassApplication = context.case
    if case.opens_on and case.filed_for and case.opens_on >= case.filed_for:
        return None
    deadline = deadline_of(case)
    if deadline is None or is_in_time(deadline, case.first_submitted_at or context.now):
        return None
    return (
        f"已过{deadline.kind.label}期限（{deadline.kind.clause}）：{deadline.explanation}"
        "请改晚开班日期；如有特殊情况，请向区人社局促进就业和培训股申请延期。草稿会保留"
    )


def before_opening(context: Context) -> str | None:
    """notice 三2: 须经审批、公布后方可举办 — a class is approved before its opening day, or not at all."""
    opens = context.case.opens_on
    if opens is None or clock.local(context.now).date() < opens:
        return None
    return f"开班日期 {opens.month}月{opens.day}日 已到，须在开班日之前批准。请退回申办单位改晚开班日期，或不予批准"


def opening_ahead(context: Context) -> str | None:
    """The filer's side of the same rule."""
    opens = context.case.opens_on
    if opens is None or clock.local(context.now).date() < opens:
        return None
    return f"开班日期 {opens.month}月{opens.day}日 已到，须在开班日之前获得批准。请改晚开班日期"


def not_begun(context: Context) -> str | None:
    """C5: an approved class is cancelled before its opening day; afterwards it is under way."""
    if not context.case.has_begun(clock.local(context.now).date()):
        return None
    return "已到开班日期，不能再取消；没有如期举办的，请联系区人社局"


# --- effects ----------------------------------------------------------------------------------------------------------


def _key(context: Context) -> str:
    return f"class-{context.case.pk}-{context.transition.name}-{context.now:%Y%m%d%H%M%S%f}"


def submit(context: Context) -> None:
    case: ClassApplication = context.case
    if not case.number:
        year = case.project.plan.year
        case.number = next_number("class", year, seed="{year}-C-{seq:04d}", title="开班申请编号")
    case.filed_for = min(filter(None, (case.filed_for, case.opens_on)))
    mark_submitted(context)
    notify(handlers(), f"收到开班申请 {case.number}：{case}", key=_key(context), case=case)


def take_back(context: Context) -> None:
    mark_taken_back(context)
    context.case.filed_for = None
    notify(handlers(), f"开班申请已由申办单位撤回：{context.case}", key=_key(context))


def tell_unit(context: Context) -> None:
    title = f"开班申请{context.transition.done}：{context.case}"
    notify(clerks_of(context.case.unit_id), title, key=_key(context), text=context.note, case=context.case)


def pass_on(context: Context) -> None:
    notify(approvers(), f"开班申请待审批：{context.case}", key=_key(context), text=context.note, case=context.case)


def give_back(context: Context) -> None:
    notify(handlers(), f"开班申请退回审核：{context.case}", key=_key(context), text=context.note, case=context.case)


def approve(context: Context) -> None:
    """准予开班: the notice is issued, the unit and the other organisers are told."""
    from .papers import request_opening_notice

    case: ClassApplication = context.case
    request_opening_notice(case, context.actor)
    tell_unit(context)
    for unit_id in _other_organisers(case):
        notify(clerks_of(unit_id), f"共同举办的培训班已准予开班：{case}", key=_key(context), case=case)


def cancel(context: Context) -> None:
    """Whoever relied on the class is told: the bureau, the other organisers, the units of the trainees."""
    from .papers import revoke_opening_notice

    case: ClassApplication = context.case
    if case.state != ClassApplication.State.APPROVED:
        return
    revoke_opening_notice(case, context.actor)
    notify(handlers(), f"培训班已取消：{case}", key=_key(context), text=context.note, case=case)
    trainees = case.enrolments.present().exclude(unit=None).values_list("unit_id", flat=True)
    for unit_id in {*trainees, *_other_organisers(case)} - {case.unit_id}:
        notify(clerks_of(unit_id), f"培训班已取消：{case}", key=_key(context), text=context.note)


def _other_organisers(case: ClassApplication) -> set[int]:
    rows = case.organisers.exclude(unit=None).exclude(unit=case.unit_id)
    return set(rows.values_list("unit_id", flat=True))


# --- table ------------------------------------------------------------------------------------------------------------

S = ClassApplication.State
REASON = "luojiang_ce.workflow.forms.ReasonForm"

CLASS = Workflow(
    model=ClassApplication,
    states={
        S.DRAFT: StateInfo("is-idle", FILER),
        S.SUBMITTED: StateInfo("is-turn", HANDLER),
        S.RETURNED: StateInfo("is-soon", FILER),
        S.CHECKED: StateInfo("is-turn", APPROVER),
        S.APPROVED: StateInfo("is-done"),
        S.REFUSED: StateInfo("is-late"),
        S.CANCELLED: StateInfo("is-idle"),
    },
    transitions=(
        Transition(
            "submit", "提交开班申请", (S.DRAFT,), S.SUBMITTED, FILER, "提交",
            guards=(project_published, filed_in_time, opening_ahead, *READY), effect=submit, style="primary",
        ),
        Transition(
            "resubmit", "重新提交", (S.RETURNED,), S.SUBMITTED, FILER, "重新提交",
            guards=(project_published, filed_in_time, mended_in_time(deadline_of, terms_of), opening_ahead, *READY),
            effect=submit, style="primary",
            form="luojiang_ce.workflow.forms.ResubmitForm",
        ),
        Transition(
            "take_back", "撤回修改", (S.SUBMITTED,), S.DRAFT, FILER, "撤回",
            guards=(before_deadline(deadline_of),), effect=take_back,
        ),
        Transition(
            "return", "退回补正", (S.SUBMITTED,), S.RETURNED, HANDLER, "退回补正",
            guards=(returned_once,), effect=tell_unit, returns=True,
        ),
        leave_to_return(S.SUBMITTED),
        Transition(
            "check", "审核通过，送审批", (S.SUBMITTED,), S.CHECKED, HANDLER, "审核通过",
            guards=(project_published, before_opening, ready(TIMETABLE)), effect=pass_on, style="primary",
        ),
        Transition(
            "send_back", "退回经办审核", (S.CHECKED,), S.SUBMITTED, APPROVER, "退回审核", effect=give_back, form=REASON
        ),
        Transition(
            "approve", "准予开班", (S.CHECKED,), S.APPROVED, APPROVER, "准予开班",
            guards=(four_eyes("check"), project_published, before_opening), effect=approve, style="primary",
        ),
        Transition(
            "refuse", "不予批准", (S.CHECKED,), S.REFUSED, APPROVER, "不予批准",
            guards=(four_eyes("check"),), effect=tell_unit, form=REASON, style="danger",
        ),
        Transition(
            "cancel", "取消办班", (S.DRAFT, S.RETURNED, S.APPROVED), S.CANCELLED, FILER, "取消",
            guards=(not_begun,), effect=cancel, form=REASON, style="danger",
        ),
    ),
    path=(
        Step("提交", (S.DRAFT, S.RETURNED), "申办单位"),
        Step("审核", (S.SUBMITTED,), "区人社局经办"),
        Step("审批", (S.CHECKED,), "区人社局审批"),
        Step("准予开班通知", (), "编号、用印"),
        Step("开班", (S.APPROVED,), "施教机构"),
        Step("认定学时", (), "施教机构申报"),
    ),
)  # fmt: skip

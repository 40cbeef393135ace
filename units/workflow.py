"""Long absence: applied for by the unit with evidence, approved by the bureau (notice 二(三)2, product.md U2)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from luojiang_ce import clock
from luojiang_ce.files.materials import Material, missing_titles
from luojiang_ce.notices.services import notify
from luojiang_ce.workflow.guards import mark_submitted, mark_taken_back, returned_once
from luojiang_ce.workflow.table import Context, StateInfo, Step, Transition, Workflow
from units.absence import Span, is_too_long, last_day_allowed, overlaps, whole_absence
from units.models import Employment, Leave
from units.models.account import AccountQuerySet
from units.notify import approvers, clerks_of, handlers
from units.returns import leave_to_return
from units.who import APPROVER, BUREAU, FILER

State = Leave.State
EVIDENCE = (Material("evidence", "证明材料", "外出培训的通知或批文；病假的医疗机构证明；其他情况的批件", "二(三)2"),)


def materials(leave: Any) -> Sequence[Material]:
    """The evidence that a leave needs."""
    return EVIDENCE


def _has_evidence(context: Context) -> str | None:
    missing = missing_titles(context.case, EVIDENCE)
    return f"还缺{'、'.join(missing)}，请先上传" if missing else None


def _not_too_long(context: Context) -> str | None:
    """notice 二(三)2: 不超2年, an absence renewed without a break counted as one."""
    leave = context.case
    span = (leave.starts_on, leave.ends_on)
    others = _other_spans(leave)
    if not is_too_long(span, others):
        return None
    first, _ = whole_absence(span, others)
    return f"一次离岗最长 2 年：自 {first:%Y-%m-%d} 起最晚到 {last_day_allowed(first):%Y-%m-%d}（通知 二(三)2）"


def _no_overlap(context: Context) -> str | None:
    leave = context.case
    clash = overlaps((leave.starts_on, leave.ends_on), _other_spans(leave))
    return "与此人已批准的另一次离岗日期重叠，请核对起止日期" if clash else None


def _still_employed(context: Context) -> str | None:
    leave = context.case
    here = Employment.objects.filter(person=leave.person_id, unit=leave.unit_id, ended_on=None)
    return None if here.exists() else "此人已不在本单位，不能再办理"


def _other_spans(leave: Leave) -> list[Span]:
    rows = Leave.objects.approved().filter(person=leave.person_id).exclude(pk=leave.pk)
    return list(rows.values_list("starts_on", "ends_on"))


def _return_day_fits(context: Context) -> str | None:
    back: date | None = context.data.get("ends_on")
    leave = context.case
    if clock.today() < leave.starts_on:
        return "离岗还没有开始，请区人社局撤销批准后重新申报"
    if back is None:
        return None  # asked by the form
    fits = leave.starts_on <= back < leave.ends_on and back <= clock.today()
    return (
        None
        if fits
        else f"最后一天须在 {leave.starts_on:%Y-%m-%d} 之后、原定的 {leave.ends_on:%Y-%m-%d} 之前，且不晚于今天"
    )


def _submit(context: Context) -> None:
    mark_submitted(context)
    _tell(handlers() | approvers(), "收到长期离岗申报", context)


def _approve(context: Context) -> None:
    context.case.approved_by_id = context.actor.pk
    context.case.approved_at = context.now
    _tell_unit(context)


def _revoke(context: Context) -> None:
    context.case.approved_by_id, context.case.approved_at = None, None
    _tell_unit(context)


def _shorten(context: Context) -> None:
    context.case.ends_on = context.data["ends_on"]
    _tell(handlers() | approvers(), "长期离岗提前返岗", context)


def _tell_unit(context: Context) -> None:
    _tell(clerks_of(context.case.unit_id), f"长期离岗申报{context.transition.done}", context)


def _tell(people: AccountQuerySet, what: str, context: Context) -> None:
    """Which case it is, but neither who is away nor why: a notice may leave the system by e-mail."""
    leave: Leave = context.case
    key = f"leave-{leave.pk}-{context.transition.name}-{context.now.isoformat()}"
    notify(
        people, f"{what}：{leave.unit.short}（{leave.starts_on:%Y-%m-%d} 起）", key=key, text=context.note, case=leave
    )


REASON = "luojiang_ce.workflow.forms.ReasonForm"
FILING = (_has_evidence, _not_too_long, _no_overlap, _still_employed)

LEAVE = Workflow(
    model=Leave,
    states={
        State.DRAFT: StateInfo("is-idle", FILER),
        State.SUBMITTED: StateInfo("is-wait", BUREAU),
        State.RETURNED: StateInfo("is-soon", FILER),
        State.APPROVED: StateInfo("is-done"),
        State.REFUSED: StateInfo("is-late"),
        State.CANCELLED: StateInfo("is-idle"),
        State.REVOKED: StateInfo("is-late"),
    },
    transitions=(
        Transition(
            "submit", "提交审批", (State.DRAFT,), State.SUBMITTED, FILER, "提交",
            guards=FILING, effect=_submit, style="primary",
        ),
        Transition(
            "resubmit", "重新提交", (State.RETURNED,), State.SUBMITTED, FILER, "重新提交",
            guards=FILING, effect=_submit, form="luojiang_ce.workflow.forms.ResubmitForm", style="primary",
        ),
        Transition(
            "take_back", "撤回修改", (State.SUBMITTED,), State.DRAFT, FILER, "撤回", effect=mark_taken_back
        ),
        Transition("cancel", "作废", (State.DRAFT, State.RETURNED), State.CANCELLED, FILER, "作废", style="danger"),
        Transition(
            "return", "退回补正", (State.SUBMITTED,), State.RETURNED, BUREAU, "退回补正",
            guards=(returned_once,), effect=_tell_unit, returns=True,
        ),
        leave_to_return(State.SUBMITTED),
        Transition(
            "refuse", "不予批准", (State.SUBMITTED,), State.REFUSED, APPROVER, "不予批准",
            effect=_tell_unit, form=REASON, style="danger",
        ),
        Transition(
            "approve", "批准", (State.SUBMITTED,), State.APPROVED, APPROVER, "批准",
            guards=(_has_evidence, _not_too_long, _no_overlap), effect=_approve, style="primary",
        ),
        Transition(
            "come_back", "登记提前返岗", (State.APPROVED,), State.APPROVED, FILER, "登记提前返岗",
            guards=(_return_day_fits,), effect=_shorten, form="units.forms.leaves.ComeBackForm",
        ),
        Transition(
            "revoke", "撤销批准", (State.APPROVED,), State.REVOKED, APPROVER, "撤销批准",
            effect=_revoke, form=REASON, style="danger",
        ),
    ),
    path=(
        Step("提交", (State.DRAFT, State.RETURNED), "申报单位专办员"),
        Step("审批", (State.SUBMITTED,), "区人社局"),
    ),
)  # fmt: skip

"""Long absence: applied for by the unit with evidence, approved by the bureau (notice 二(三)2, product.md U2)."""

from __future__ import annotations

from datetime import date

from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import READ_ABSENCES
from luojiang_ce.files.materials import Material
from luojiang_ce.files.registry import FileRules
from luojiang_ce.home.registry import Demo, NavItem, Section
from luojiang_ce.workdays.text import full
from luojiang_ce.workflow.case_kind import REASON, CaseKind, Context, Step, Transition, Workflow, state
from luojiang_ce.workflow.engine import four_eyes
from units.absence import Span, is_too_long, last_day_allowed, overlaps, whole_absence
from units.access import APPROVER, BUREAU, FILER
from units.filed_case import Filing, files_are_there, materials_at, may_edit, mended_at, tell_filer, titled
from units.models import Employment, Leave
from units.notify import approvers, handlers, tell

State = Leave.State
EVIDENCE = (Material("evidence", "证明材料", "外出培训的通知或批文；病假的医疗机构证明；其他情况的批件", "二(三)2"),)


def edit_url(leave: Leave) -> str:
    """Where its unit changes it."""
    return reverse("leaves:edit", args=[leave.pk])


def places(leave: Leave) -> dict[str, str]:
    """Where the unit mends what a return names."""
    labels = {"原因": "reason", "起始日期": "starts_on", "终止日期": "ends_on", "说明": "detail"}
    fields = {label: f"{edit_url(leave)}#id_{name}" for label, name in labels.items()}
    return fields | materials_at(leave, EVIDENCE)


def _not_too_long(context: Context) -> str | None:
    """notice 二(三)2: 不超2年, an absence renewed without a break counted as one."""
    leave = context.case
    span = (leave.starts_on, leave.ends_on)
    others = _other_spans(leave)
    if not is_too_long(span, others):
        return None
    first, _ = whole_absence(span, others)
    said = f"一次离岗最长 2 年：自 {full(first)} 起最晚到 {full(last_day_allowed(first))}（通知 二(三)2）"
    return mended_at(context, said, {"最晚到": f"{edit_url(leave)}#id_ends_on"})


def _no_overlap(context: Context) -> str | None:
    leave = context.case
    clash = overlaps((leave.starts_on, leave.ends_on), _other_spans(leave))
    if not clash:
        return None
    said = "与此人已批准的另一次离岗日期重叠，请核对起止日期"
    return mended_at(context, said, {"起止日期": f"{edit_url(leave)}#id_starts_on"})


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
        None if fits else f"最后一天须在 {full(leave.starts_on)} 之后、原定的 {full(leave.ends_on)} 之前，且不晚于今天"
    )


def _approve(context: Context) -> None:
    context.case.approved_by_id = context.actor.pk
    context.case.approved_at = context.now
    tell_filer(context)


def _revoke(context: Context) -> None:
    context.case.approved_by_id, context.case.approved_at = None, None
    tell_filer(context)


def _shorten(context: Context) -> None:
    context.case.ends_on = context.data["ends_on"]
    tell(handlers() | approvers(), titled(context.case, "提前返岗"), context)


FILING = Filing(
    "提交审批",
    reads="审批",
    reader=BUREAU,
    told=lambda leave: handlers() | approvers(),
    noted=lambda leave: f"{leave.get_state_display()}，{leave.unit.short}",
    whole=(files_are_there, _not_too_long, _no_overlap, _still_employed),
    many=True,
)

LEAVE = Workflow(
    states={
        **FILING.states(),
        State.APPROVED: state("is-done"),
        State.REFUSED: state("is-late"),
        State.CANCELLED: state("is-idle"),
        State.REVOKED: state("is-late"),
    },
    transitions=(
        *FILING.transitions(),
        Transition("cancel", "作废", (State.DRAFT, State.RETURNED), State.CANCELLED, FILER, "作废", style="danger"),
        Transition(
            "refuse", "不予批准", (State.SUBMITTED,), State.REFUSED, APPROVER, "不予批准",
            guards=(four_eyes(),), effect=tell_filer, form=REASON, style="danger", many=True,
        ),
        Transition(
            "approve", "批准", (State.SUBMITTED,), State.APPROVED, APPROVER, "批准",
            guards=(four_eyes(), *FILING.whole), effect=_approve, style="primary", many=True,
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


def named(leave: Leave) -> str:
    """How lists call it: who is away, why, from when to when."""
    return f"{leave.person.name}：{leave.get_reason_display()} {full(leave.starts_on)} 至 {full(leave.ends_on)}"


# What a return often says; the bureau keeps the library from then on.
PHRASES = (
    ("证明看不清或缺页", "重新扫描后上传"),
    ("证明的起止日期与填写的不一致", "核对后更正"),
    ("证明未盖章", "补盖章后上传"),
    ("其他情况没有说明", "在说明里写清，并附批件（通知 二(三)2）"),
)

KIND = CaseKind(
    Leave,
    LEAVE,
    drafts=may_edit,
    named=named,
    rows=lambda rows: rows.select_related("person"),
    places=places,
    phrases=PHRASES,
    files=FileRules(lambda leave: EVIDENCE, may_edit),
    entries=(
        NavItem("长期离岗", "calendar-off", "leaves:list", READ_ABSENCES.roles, group=Section.VERIFICATION, order=47),
    ),
    demo=Demo("长期外出或病假", "units.demo.build_leaves", order=20),
    clauses=("二(三)2",),
)

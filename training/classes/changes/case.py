"""From a proposed change to the changed class (product.md C5; notice 一(五)2): guards, the table, the kind."""

from __future__ import annotations

from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import READ_CASES
from luojiang_ce.files.materials import Material
from luojiang_ce.files.registry import FileRules
from luojiang_ce.filters import by_words
from luojiang_ce.home.registry import Demo, NavItem, Section
from luojiang_ce.papers.numbering import next_number
from luojiang_ce.workdays.deadlines import is_in_time
from luojiang_ce.workdays.services import terms_in_force
from luojiang_ce.workdays.text import month_day
from luojiang_ce.workflow.case_kind import REASON, CaseKind, Context, Guard, Step, Transition, Turn, Workflow, state
from luojiang_ce.workflow.engine import four_eyes
from luojiang_ce.workflow.places import fields_at
from training.classes.changes.assess import findings, handler_decides, raises_fee, why_not_now, why_not_small
from training.classes.changes.effects import MOVED_ON, approve, settle
from training.classes.changes.lines import lines_of
from training.classes.changes.models import ClassChange
from training.classes.checks import BASICS, TEACHING, TIMETABLE, Finding
from training.classes.models import ClassApplication
from training.classes.opening import OPENING
from units.access import APPROVER, FILER, HANDLER, NOBODY
from units.filed_case import (
    Filing,
    FilingTerm,
    ask_for_time,
    files_are_there,
    give_back,
    materials_at,
    may_edit,
    mended_at,
    pass_on,
    reply,
    tell_filer,
    too_late,
)

APPROVE = "training.classes.changes.forms.ApproveForm"
NAMED = 5  # findings that a refusal names; the case page lists them all

# A new opening day is announced as early as the first one (notice 一(五)2), counted from the filing of the change. What
# was granted for the class holds for it, so it goes by the class's id.
first_filing = FilingTerm(OPENING, lambda case: case.opens_on, lambda case: str(case.application_id))

MATERIALS = (
    Material(
        "evidence",
        "变更依据",
        "说明为什么要变更的材料：场地方的通知、讲师的来函等；只换教室或同级教师的可以不附",
        "区人社局要求",
        required=lambda case: bool(case.proposed) and why_not_small(case) is not None,
    ),
    Material(
        "fee_approval", "收费批件", "提高收费的，附新的批准文件", "三2", required=raises_fee, only_where_required=True
    ),
    Material("stamped", "盖章的变更申请表", "打印申请表，盖章后扫描", "附件2", required=lambda case: False),
)


def address_of(change: ClassChange, finding: Finding) -> str:
    """Where its filer mends what was found."""
    if finding.step == TEACHING:
        return reverse("classes:lecturers")
    if finding.anchor == "id_opens_on":
        return f"{reverse('changes:move', args=[change.pk])}#id_opens_on"
    page = {BASICS: "changes:edit", TIMETABLE: "changes:timetable"}[finding.step]
    anchor = "grid" if finding.step == TIMETABLE else finding.anchor
    return f"{reverse(page, args=[change.pk])}#{anchor}"


# --- guards -----------------------------------------------------------------------------------------------------------


def can_be_changed(context: Context) -> str | None:
    """Only an approved class that has not ended: one that was cancelled meanwhile is none."""
    return why_not_now(context.case.application, context.now)


def as_it_was(advice: str) -> Guard:
    """The class is still the one that the change was filled in for."""

    def guard(context: Context) -> str | None:
        change: ClassChange = context.case
        return None if change.based_on == change.application.version else f"{MOVED_ON}；{advice}"

    return guard


def sound(context: Context) -> str | None:
    """The class would be in order with it, and nothing of what is past is touched."""
    change: ClassChange = context.case
    if can_be_changed(context):
        return None  # one reason is enough
    found = findings(change)
    if not found:
        return None
    if context.ahead and not may_edit(change, context.actor):
        return f"变更后有 {len(found)} 处不符，见本页所列"
    named = found[:NAMED]
    more = f"；另有 {len(found) - NAMED} 处" if len(found) > NAMED else ""
    said = f"变更后有 {len(found)} 处不符：{'；'.join(each.text for each in named)}{more}"
    return mended_at(context, said, {each.text: address_of(change, each) for each in named})


def not_moved_forward(context: Context) -> str | None:
    """The first submission decides (P2): a return may move the opening later, not to a day it was too late for (C2)."""
    change: ClassChange = context.case
    if change.opens_on is None or (change.filed_for and change.opens_on >= change.filed_for):
        return None
    deadline = first_filing(change, terms_in_force())  # type: ignore[arg-type]
    if deadline is None or is_in_time(deadline, change.first_submitted_at or context.now):
        return None
    return too_late(deadline, change)


def before_new_opening(context: Context) -> str | None:
    """notice 三2: what was not agreed to before its opening day is not held then."""
    opens = context.case.opens_on
    if opens is None or clock.local(context.now).date() < opens:
        return None
    return f"新的开班日期 {month_day(opens)} 已到，不能再同意。请“不同意变更”，由申请单位另报"


def small_enough(context: Context) -> str | None:
    """The bureau's rule (课程表规则) lets a handler decide alone on another room, or a lecturer of no lower level."""
    if handler_decides(context.case):
        return None
    return why_not_small(context.case) or "按区人社局现行的规则，换教室、换教师也须送审批"


# --- effects ----------------------------------------------------------------------------------------------------------


def number(context: Context) -> None:
    year = clock.local(context.now).year
    context.case.number = next_number("class_change", year, seed="{year}-CB-{seq:03d}", title="培训班变更编号")


def note_opening(context: Context) -> None:
    days = filter(None, (context.case.filed_for, context.case.opens_on))
    context.case.filed_for = min(days, default=None)


def forget_opening(context: Context) -> None:
    context.case.filed_for = None


def tell_of_end(context: Context) -> None:
    """Of what was never handed over nobody is told; its class is off, and they hear of that."""
    if context.case.first_submitted_at:
        tell_filer(context)


# --- table ------------------------------------------------------------------------------------------------------------

S = ClassChange.State
SEND_BACK = "请退回补正，由申请单位核对后重新提交，或由审批人“不同意变更”"
FILED = (as_it_was(SEND_BACK), can_be_changed, sound)
FILING = Filing(
    "提交变更申请",
    first=first_filing,
    whole=(can_be_changed, as_it_was("请打开申请核对，再保存一次"), sound, files_are_there),
    mended=(not_moved_forward,),
    number=number,
    filed=note_opening,
    taken_back=forget_opening,
)

CHANGE = Workflow(
    within="application",  # the class ends its open changes with it
    states={
        **FILING.states(),
        S.CHECKED: state("is-turn", Turn(APPROVER, "审批", reply)),
        S.APPROVED: state("is-done"),
        S.REFUSED: state("is-late"),
        S.CANCELLED: state("is-idle"),
    },
    transitions=(
        *FILING.transitions(),
        Transition(
            "check", "审核通过，送审批", (S.SUBMITTED,), S.CHECKED, HANDLER, "审核通过",
            guards=FILED, effect=pass_on, style="primary",
        ),
        Transition(
            "settle", "同意变更", (S.SUBMITTED,), S.APPROVED, HANDLER, "同意变更",
            guards=(small_enough, *FILED), effect=settle, style="primary",
        ),
        Transition(
            "send_back", "退回经办审核", (S.CHECKED,), S.SUBMITTED, APPROVER, "退回审核", effect=give_back, form=REASON
        ),
        Transition(
            "approve", "同意变更", (S.CHECKED,), S.APPROVED, APPROVER, "同意变更",
            guards=(four_eyes(), before_new_opening, *FILED), effect=approve, form=APPROVE, style="primary",
        ),
        Transition(
            "refuse", "不同意变更", (S.SUBMITTED, S.CHECKED), S.REFUSED, APPROVER, "不同意变更",
            guards=(four_eyes(),), effect=tell_filer, form=REASON, style="danger",
        ),
        Transition("cancel", "作废", (S.DRAFT, S.RETURNED), S.CANCELLED, FILER, "作废", style="danger"),
        Transition(
            "end_with_class", "随培训班作废", (S.DRAFT, S.SUBMITTED, S.RETURNED, S.CHECKED), S.CANCELLED, NOBODY,
            "培训班不再举办，随同作废", effect=tell_of_end, hidden=True,
        ),
    ),
    path=(
        Step("提交", (S.DRAFT, S.RETURNED), "施教机构"),
        Step("审核", (S.SUBMITTED,), "区人社局经办"),
        Step("审批", (S.CHECKED,), "区人社局审批", lambda case: case.state == S.CHECKED or not handler_decides(case)),
    ),
)  # fmt: skip

# --- kind -------------------------------------------------------------------------------------------------------------


def places(change: ClassChange) -> dict[str, str]:
    """Where its filer mends what a return names. Two queries."""
    edit, move = (reverse(f"changes:{page}", args=[change.pk]) for page in ("edit", "move"))
    fields = ("ends_on", "days", "place", "people", "minimum", "charges", "fee", "fee_document")
    return {
        **fields_at(ClassApplication, edit, fields),
        **fields_at(ClassApplication, move, ("opens_on",)),
        **fields_at(ClassChange, edit, ("reason",)),
        "课程表": f"{reverse('changes:timetable', args=[change.pk])}#grid",
        **materials_at(change, [each for each in MATERIALS if each.concerns(change)]),
    }


def when_it_is_over(change: ClassChange) -> tuple[tuple[str, str], ...]:
    """The opening is put off further, or its unit asks for more time."""
    return (("改开班日期", f"{reverse('changes:move', args=[change.pk])}#id_opens_on"), *ask_for_time(change))


def summary_of(change: ClassChange) -> list[tuple[str, str]]:
    """What is handed over: each change, old and new."""
    lines = [(line.label, f"{line.now}（原为 {line.was}）") for line in lines_of(change.former, change.proposed)]
    return [("培训班", str(change.application)), *lines, ("理由", change.reason)]


# What a return often says; the bureau keeps the library from then on.
PHRASES = (
    ("变更理由不具体", "写明因为什么事、什么时候起不能按原来的安排办班"),
    ("缺变更依据", "上传场地方的通知、讲师的来函等"),
    ("新的课程表与新的日期不一致", "核对每一行的日期和时段"),
    ("没有说明怎样通知学员", "写明何时、怎样通知各单位和学员"),
)

KIND = CaseKind(
    ClassChange,
    CHANGE,
    drafts=may_edit,
    filing=first_filing,
    missable=lambda case: False,  # nobody owes a change: the class stands as it was approved
    subject=lambda case: str(case.application_id),
    leads=when_it_is_over,
    rows=lambda rows: rows.select_related("application"),
    finds=by_words("number", "application__title", "application__number"),
    places=places,
    phrases=PHRASES,
    summary=summary_of,
    files=FileRules(lambda case: MATERIALS, may_edit),
    entries=(
        NavItem("培训班变更", "calendar-sync", "changes:list", READ_CASES.roles, order=31, group=Section.TRAINING),
    ),
    events={"changed": "按同意的变更调整"},
    demo=Demo("培训班变更", "training.classes.changes.demo.build", order=45),
    clauses=("一(五)2",),
)

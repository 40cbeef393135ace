"""Corrections of what was recognised (R3): states, guards and effects in one table, and the kind."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Q
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import Actor, Role
from luojiang_ce.files.materials import Material
from luojiang_ce.files.registry import FileRules
from luojiang_ce.filters import by_words
from luojiang_ce.home.registry import Demo
from luojiang_ce.notices.services import notify
from luojiang_ce.papers.numbering import next_number
from luojiang_ce.workflow.case_kind import (
    REASON,
    CaseKind,
    Context,
    Guard,
    Step,
    Transition,
    Workflow,
    state,
)
from luojiang_ce.workflow.engine import fire, four_eyes
from luojiang_ce.workflow.events import record
from luojiang_ce.workflow.places import fields_at
from training.classes.models import Enrolment
from training.classes.services.trainees import enrol_afterwards, trainee_of
from training.recognition import papers
from training.recognition.case import names_of_trainees
from training.recognition.corrections.ledger import keep_outcomes, post_difference
from training.recognition.corrections.reach import employer_of, reach_of, with_employer
from training.recognition.counting import correction_value, decided_corrections, gather, takes_long
from training.recognition.hours import Correction, in_force
from training.recognition.models import Corrected, Outcome, Recognition, RecognitionCorrection
from training.recognition.services import too_much
from units.access import APPROVER, HANDLER, PROPOSER, applicant
from units.filed_case import (
    EDITABLE,
    Filing,
    files_are_there,
    give_back,
    is_asked,
    materials_at,
    pass_on,
    tell_applicant,
    tell_filer,
)
from units.models import Employment
from units.notify import clerks_of_units

CORRECTED = "corrected"  # event on the recognition
EVIDENCE = (
    Material(
        "evidence",
        "证明材料",
        "能证明应当更正的材料：原始签到表、检查记录、情况说明等",
        "区人社局要求",
        required=lambda case: not case.by_bureau,
    ),
)


def materials(case: Any) -> Sequence[Material]:
    """What proves it: asked of a provider; the bureau may add its own."""
    return EVIDENCE


APPLICANT = applicant("办班单位专办员")


def is_prepared_by(case: RecognitionCorrection, account: Actor) -> bool:
    """May this account say what becomes of whose hours now? The bureau's handlers, until it goes to the approver."""
    own_draft = case.state == C.DRAFT and case.by_bureau
    return (own_draft or case.state == C.SUBMITTED) and account.holds(Role.BUREAU_HANDLER)


def may_change(case: RecognitionCorrection, account: Actor) -> bool:
    """May this account change reason and evidence? Whoever drafted it; who prepares it adds evidence of the bureau."""
    asked = case.state in EDITABLE and APPLICANT.test(account, case)
    return asked or is_prepared_by(case, account)


# --- guards -----------------------------------------------------------------------------------------------------------


def recognition_is_decided(context: Context) -> str | None:
    return why_not_open(context.case.recognition)


def why_not_open(recognition: Recognition) -> str | None:
    """Why the hours of this recognition cannot be corrected; None where they can."""
    if recognition.state in Recognition.POSTED:
        return None
    return f"学时认定的状态是“{recognition.get_state_display()}”，没有已入账的学时可以更正"


def nothing_else_is_open(context: Context) -> str | None:
    """Each correction is decided on what the one before it has left."""
    other = being_handled(context.case.recognition, besides=context.case.pk)
    return f"这个班的{other.called or '学时更正'}正在办理，办结后再提交" if other else None


def being_handled(recognition: Recognition, besides: int | None = None) -> RecognitionCorrection | None:
    """The correction of this recognition that lies with the bureau now. One query."""
    with_the_bureau = Q(state__in=(C.SUBMITTED, C.CHECKED)) | Q(state=C.DRAFT, by_bureau=True)
    return recognition.corrections.filter(with_the_bureau).exclude(pk=besides or 0).first()


def something_is_said(context: Context) -> str | None:
    if context.case.undoes_id or context.case.lines.exists():
        return None
    return "还没有写明更正什么，请先添加学员、半日或整班的更正内容"


def everybody_is_decided(context: Context) -> str | None:
    """Half-days that count no more leave open what a person's credits, or fixed hours, are then."""
    found = reach_of(context.case).to_decide
    if not found:
        return None
    return f"半日变动以后，还有 {len(found)} 人须逐人核定学时（学分）：{names_of_trainees(found)}"


def not_too_much(context: Context) -> str | None:
    """Nobody gets more than the timetable holds."""
    lines = [line for line in context.case.lines.all() if line.amount is not None]
    found = reach_of(context.case).after
    wrong = [
        f"{line.whom}：{said}"
        for line in lines
        for said in too_much(found, {(line.year, line.subject): line.amount}, line.enrolment_id)
    ]
    return "；".join(wrong) or None


def nobody_is_listed_twice(context: Context) -> str | None:
    """Who was left off the list may have been put on it since."""
    people = [line.person_id for line in context.case.lines.all() if line.person_id and not line.enrolment_id]
    listed = context.case.recognition.application.enrolments.present().filter(person__in=people) if people else []
    names = "、".join(each.name for each in listed)
    return f"{names} 已在本班学员名单里，请删去补列，改为核定其学时" if names else None


def something_changes(context: Context) -> str | None:
    if not (context.case.undoes_id or context.case.lines.exists()) or reach_of(context.case).changes:
        return None
    return "按所写的更正，没有人的学时或半日有变化，不需要更正"


def was_asked_for(context: Context) -> str | None:
    return "这件更正是区人社局提出的，不退回施教机构；请直接修改，或作废" if context.case.by_bureau else None


def when_decided(guard: Guard) -> Guard:
    """What was asked when it was handed to the approver is asked again by the decision itself: the approver's page need
    not count a whole class for a button."""
    return lambda context: None if context.ahead else guard(context)


# --- effects ----------------------------------------------------------------------------------------------------------


def number(context: Context) -> None:
    year = clock.local(context.now).year
    context.case.number = next_number("correction", year, seed="{year}-G-{seq:04d}", title="学时更正")


def correct(context: Context) -> None:
    """R3: the class is counted anew with the correction; outcomes, ledger and sheet follow, everybody is told."""
    case: RecognitionCorrection = context.case
    case.decided_at = context.now
    found = reach_of(case).after
    if enrol_who_was_left_out(case, context.actor):
        found = gather(case.recognition).tally([*decided_corrections(case.recognition), correction_value(case)])
    changed = keep_outcomes(case.recognition, found)
    Corrected.objects.bulk_create((Corrected(correction=case, **each.values) for each in changed), batch_size=500)
    reason = f"学时更正 {case.number}：{case.reason}"
    post_difference(case.recognition, found, source=case, reason=reason, actor=context.actor)
    settle_earlier_ones(case, context.actor)
    by_hand = context.data.get("by_hand", "")
    papers.supersede_sheet(case.recognition, context.actor, number=case.number or "", by_hand=by_hand)
    record(case.recognition, CORRECTED, actor=context.actor, data={"correction": case.pk, "people": len(changed)})
    tell_filer(context)
    tell_units(context, [each.after for each in changed])


def enrol_who_was_left_out(case: RecognitionCorrection, actor: Actor) -> bool:
    """Whoever was left off the list stands on it from now on, and the lines are theirs. Was there anybody?"""
    # Those at hand since the reach was asked for: what is counted next reads them again.
    lines = [line for line in case.lines.all() if line.person and not line.enrolment_id]
    people = with_employer([line.person for line in lines if line.person])
    trainees = [trainee_of(person, *employer_of(person)) for person in people]
    reason = f"学时更正 {case.number} 补列"
    added = enrol_afterwards(application=case.recognition.application, trainees=trainees, reason=reason, actor=actor)
    rows = {each.person_id: each for each in added}
    for line in lines:
        line.enrolment = rows[line.person_id]
        line.save(update_fields=["enrolment"])
    return bool(added)


def settle_earlier_ones(case: RecognitionCorrection, actor: Actor) -> None:
    """Earlier corrections say whether they still hold: one that is undone, and one whose undoing is undone."""
    rows = list(case.recognition.corrections.decided())
    held = {each.key for each in in_force([Correction(each.pk, undoes=each.undoes_id) for each in (*rows, case)])}
    for row in rows:
        if (row.pk in held) != (row.state == C.CORRECTED):
            fire(row, "hold_again" if row.pk in held else "undo", actor=actor)


def units_of(trainees: Iterable[Enrolment]) -> set[int]:
    """The units of these people, by id: where they were in the class, and where they work now. One query."""
    known = list(trainees)
    people = [each.person_id for each in known if each.person_id]
    working = Employment.objects.filter(person__in=people, ended_on=None).values_list("unit", flat=True)
    return {each.unit_id for each in known if each.unit_id} | set(working)


def tell_units(context: Context, changed: Sequence[Outcome]) -> None:
    """The units of the persons concerned: where they were, and where they work now."""
    case = context.case
    notify(
        clerks_of_units(units_of(each.enrolment for each in changed) - {case.unit_id}),
        f"本单位人员的培训学时有更正：{case.recognition.application}",
        key=f"correction-{case.pk}-{context.transition.name}-{context.now.isoformat()}-units",
        text=f"{case.called}：更正后的学时（学分）已记入学时记录；已盖章年度受影响的，核验页显示“复核中”",
        url=reverse("ledger:people"),
    )


# --- table ------------------------------------------------------------------------------------------------------------

C = RecognitionCorrection.State
SOUND = (
    recognition_is_decided,
    something_is_said,
    nobody_is_listed_twice,
    not_too_much,
    everybody_is_decided,
    something_changes,
)
FILING = Filing(
    "提交更正申请",
    filer=APPLICANT,
    reads="核实更正",
    mends="补正更正申请",
    whole=(recognition_is_decided, nothing_else_is_open, files_are_there),
    undisturbed=(was_asked_for,),
    number=number,
)

CORRECTION = Workflow(
    within="recognition",
    states={
        **FILING.asked_or_proposed("审批学时更正", proposes=FILING.reads),
        C.CORRECTED: state("is-done"),
        C.UNDONE: state("is-idle"),
        C.REFUSED: state("is-late"),
        C.DROPPED: state("is-idle"),
    },
    transitions=(
        *FILING.transitions(),
        Transition(
            "propose", "提请审批", (C.DRAFT,), C.CHECKED, PROPOSER, "提请审批",
            guards=SOUND, effect=FILING.propose, style="primary",
        ),
        Transition(
            "check", "核实，送审批", (C.SUBMITTED,), C.CHECKED, HANDLER, "核实",
            guards=SOUND, effect=pass_on, style="primary",
        ),
        Transition(
            "send_back", "退回经办核实", (C.CHECKED,), C.SUBMITTED, APPROVER, "退回核实", effect=give_back, form=REASON
        ),
        Transition(
            "correct", "更正学时", (C.CHECKED,), C.CORRECTED, APPROVER, "同意更正",
            guards=(four_eyes(), *map(when_decided, SOUND)), effect=correct, style="primary",
            slow=lambda case: takes_long([case.recognition.application_id]),
            form="training.recognition.corrections.forms.CorrectForm",
        ),
        Transition(
            "refuse", "不予更正", (C.CHECKED,), C.REFUSED, APPROVER, "不予更正",
            guards=(four_eyes(),), effect=tell_applicant, form=REASON, style="danger",
        ),
        Transition("drop", "作废", (C.DRAFT,), C.DROPPED, PROPOSER, "作废", style="danger"),
        Transition("undo", "撤回更正", (C.CORRECTED,), C.UNDONE, APPROVER, "由另一件更正撤回", hidden=True),
        Transition("hold_again", "恢复更正", (C.UNDONE,), C.CORRECTED, APPROVER, "由另一件更正恢复", hidden=True),
    ),
    path=(
        Step("申请", (C.DRAFT, C.RETURNED), "施教机构", is_asked),
        Step("核实", (C.SUBMITTED,), "区人社局经办", lambda case: not case.by_bureau or case.state == C.SUBMITTED),
        Step("核实", (C.DRAFT,), "区人社局经办", lambda case: case.by_bureau and case.state == C.DRAFT),
        Step("审批", (C.CHECKED,), "区人社局审批"),
        Step("入账、更正后的认定表", (), "编号"),
    ),
)  # fmt: skip

# --- kind -------------------------------------------------------------------------------------------------------------

# What a return often says; the bureau keeps the library from then on.
PHRASES = (
    ("没有写明更正哪些学员、哪些半日", "逐人逐半日写明"),
    ("证明材料不能证明到课", "上传签字的签到表原件扫描件（通知 一(五)3）"),
)


def places(case: RecognitionCorrection) -> dict[str, str]:
    """Where the provider mends what a return names."""
    url = reverse("recognition:correction_edit", args=[case.pk])
    return fields_at(RecognitionCorrection, url, ("reason",)) | materials_at(case, EVIDENCE)


KIND = CaseKind(
    RecognitionCorrection,
    CORRECTION,
    named=lambda case: str(case.recognition.application),
    rows=lambda rows: rows.select_related("recognition__application"),
    finds=by_words("number", "recognition__application__title"),
    places=places,
    phrases=PHRASES,
    files=FileRules(materials, may_change),
    events={"lines_changed": "修改更正内容"},
    demo=Demo("学时更正", "training.recognition.corrections.demo.build", order=55),
    drafts=lambda case, account: case.state in EDITABLE and APPLICANT.test(account, case),
    clauses=("一(五)3",),
)

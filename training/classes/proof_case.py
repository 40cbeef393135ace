"""From the provider's request to the numbered proof of teaching (授课证明): guards, effects, table, kind (C7)."""

from __future__ import annotations

from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import READ_PEOPLE
from luojiang_ce.filters import by_words
from luojiang_ce.home.registry import Demo, NavItem, Section
from luojiang_ce.papers.numbering import next_number
from luojiang_ce.papers.services import as_asked, revoke_standing
from luojiang_ce.workflow.case_kind import (
    ISSUE,
    REASON,
    CaseKind,
    Context,
    Step,
    Transition,
    Turn,
    Workflow,
    state,
)
from luojiang_ce.workflow.engine import four_eyes
from luojiang_ce.workflow.places import fields_at
from training.classes.models import Lecturer, TeachingProof
from training.classes.proof_paper import PROOF, request_proof
from training.classes.teaching import in_year, why_none
from units.access import APPROVER, FILER, HANDLER
from units.filed_case import Filing, give_back, may_edit, pass_on, reply, tell_filer

S = TeachingProof.State


def has_taught(context: Context) -> str | None:
    """Only what was recognised is proved."""
    case: TeachingProof = context.case
    return None if in_year(case.lecturer, case.year).hours else why_none(case.lecturer, case.year)


def number(context: Context) -> None:
    year = clock.local(context.now).year
    context.case.number = next_number("teaching_proof_case", year, seed="{year}-T-{seq:04d}", title="授课证明申请编号")


def issue(context: Context) -> None:
    """The figure is frozen, the paper asked for, the provider told."""
    case: TeachingProof = context.case
    case.hours = in_year(case.lecturer, case.year).hours
    request_proof(case, context.actor, **as_asked(context.data))
    tell_filer(context)


def revoke(context: Context) -> None:
    """The public check says that the proof does not hold any more, and why."""
    revoke_standing(PROOF.key, context.case, actor=context.actor, reason=context.note)
    tell_filer(context)


def places(case: TeachingProof) -> dict[str, str]:
    """Where its filer mends what a return names: of the lecturer, since the figures come from what was recognised."""
    edit = reverse("classes:lecturer_edit", args=[case.lecturer_id])
    return {"授课证明": case.get_absolute_url(), **fields_at(Lecturer, edit, ("name", "employer"))}


FILING = Filing("提交申请", whole=(has_taught,), number=number)

TABLE = Workflow(
    states={
        **FILING.states(),
        S.CHECKED: state("is-turn", Turn(APPROVER, "审批", reply)),
        S.ISSUED: state("is-done"),
        S.REFUSED: state("is-late"),
        S.CANCELLED: state("is-idle"),
        S.REVOKED: state("is-late"),
    },
    transitions=(
        *FILING.transitions(),
        Transition("cancel", "作废", (S.DRAFT, S.RETURNED), S.CANCELLED, FILER, "作废", style="danger"),
        Transition(
            "check", "审核通过，送审批", (S.SUBMITTED,), S.CHECKED, HANDLER, "审核通过",
            guards=(has_taught,), effect=pass_on, style="primary",
        ),
        Transition(
            "send_back", "退回经办审核", (S.CHECKED,), S.SUBMITTED, APPROVER, "退回审核", effect=give_back, form=REASON
        ),
        Transition(
            "issue", "出具证明", (S.CHECKED,), S.ISSUED, APPROVER, "出具",
            guards=(four_eyes(), has_taught), effect=issue, form=ISSUE, style="primary",
        ),
        Transition(
            "refuse", "不予出具", (S.CHECKED,), S.REFUSED, APPROVER, "不予出具",
            guards=(four_eyes(),), effect=tell_filer, form=REASON, style="danger",
        ),
        Transition(
            "revoke", "撤销证明", (S.ISSUED,), S.REVOKED, APPROVER, "撤销证明",
            effect=revoke, form=REASON, style="danger",
        ),
    ),
    path=(
        Step("提交", (S.DRAFT, S.RETURNED), "施教机构"),
        Step("审核", (S.SUBMITTED,), "区人社局经办"),
        Step("审批", (S.CHECKED,), "区人社局审批"),
        Step("授课证明", (), "编号、用印"),
    ),
)  # fmt: skip

PHRASES = (("年度选错", "作废后按正确的年度重新申请"), ("教师姓名、单位与实际不符", "在“授课教师”里更正后重新提交"))

KIND = CaseKind(
    TeachingProof,
    TABLE,
    drafts=may_edit,
    rows=lambda rows: rows.select_related("lecturer"),
    finds=by_words("number", "lecturer__name"),
    places=places,
    phrases=PHRASES,
    papers=(PROOF,),
    demo=Demo("授课证明", "training.classes.proof_demo.build", order=55),
    entries=(
        NavItem(
            "授课证明",
            "award",
            "classes:proofs",
            READ_PEOPLE.roles,
            order=35,
            also=("classes:proof_new",),
            group=Section.TRAINING,
        ),
    ),
)

"""The states of an attestation and who moves it: read the table from top to bottom (V10)."""

from __future__ import annotations

from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import READ_PEOPLE, Actor
from luojiang_ce.filters import by_number
from luojiang_ce.home.registry import Demo, NavItem, Section
from luojiang_ce.papers.models import Seal
from luojiang_ce.papers.services import Options, request_paper, revoke_standing
from luojiang_ce.workflow.case_kind import ISSUE, REASON, CaseKind, Context, Step, Transition, Turn, Workflow, state
from luojiang_ce.workflow.engine import four_eyes
from luojiang_ce.workflow.places import fields_at
from units.access import APPROVER, BUREAU, FILER
from units.filed_case import Filing, may_edit, mended_at, reply, tell_filer
from units.models import Person, Unit
from units.notify import approvers
from units.seals import FOR_VERIFICATION
from verification.batches import second_look as yearly
from verification.batches.guards import fit_for_the_public, has_reason
from verification.record.content import empty_years, freeze_into
from verification.record.models import Attestation
from verification.record.papers import PAPER
from verification.record.second_look import RENEWED, SECOND_LOOKS, confirm, is_due, nothing_changed

State = Attestation.State
FIELDS = ("first_year", "last_year", "purpose")
REVOKE = "verification.batches.forms.RevokeForm"
RENEW = "verification.record.forms.RenewForm"


def edit_url(case: Attestation) -> str:
    """Where its unit changes it."""
    return reverse("record:edit", args=[case.pk])


# --- guards -----------------------------------------------------------------------------------------------------------


def works_here(context: Context) -> str | None:
    """A unit asks for its own people only."""
    case = context.case
    if Person.objects.employed_in(case.unit).filter(pk=case.person_id).exists():
        return None
    return f"{case.person}已不在本单位，由现单位申请"


def years_are_over_or_running(context: Context) -> str | None:
    """Nothing is known of years to come."""
    case, year = context.case, clock.today().year
    if case.last_year <= year:
        return None
    return mended_at(
        context, f"{case.last_year} 年还没有到", {f"{case.last_year} 年": f"{edit_url(case)}#id_last_year"}
    )


def no_second_look_is_open(context: Context) -> str | None:
    """What is under review is not attested: first the yearly paper, then this one."""
    case = context.case
    rows = yearly.to_look_at_again().filter(person=case.person_id)
    years = sorted(rows.filter(year__gte=case.first_year, year__lte=case.last_year).values_list("year", flat=True))
    if not years:
        return None
    return f"{'、'.join(map(str, years))} 年度的验证正在复核，请在复核结束后出具"


def seal_in_use(context: Context) -> str | None:
    """notice 一(一): the 职业能力培训专用章, as its name is in force on the day."""
    return None if _seal(context) else "区人社局今天没有启用中的验证印章，请先在“印章与监印人”中登记"


def _seal(context: Context) -> Seal | None:
    bureau = Unit.objects.bureau()
    return Seal.objects.for_use(bureau, FOR_VERIFICATION, clock.local(context.now).date()) if bureau else None


# --- effects ----------------------------------------------------------------------------------------------------------


def issue(context: Context) -> None:
    """What is said is frozen; the worker makes the paper of it."""
    freeze_into(context.case)
    request_paper(PAPER.key, context.case, subject=context.case.person, **_asked(context))
    tell_filer(context)


def renew(context: Context) -> None:
    """Another paper, of what is so now, takes the place of the one that stands."""
    freeze_into(context.case)
    why = context.note or RENEWED
    revoke_standing(PAPER.key, context.case, actor=context.actor, reason=why, subject=context.case.person)
    request_paper(PAPER.key, context.case, subject=context.case.person, **_asked(context))
    tell_filer(context)


def revoke(context: Context) -> None:
    """The paper is withdrawn, and the public check says so."""
    revoke_standing(PAPER.key, context.case, actor=context.actor, reason=context.note, subject=context.case.person)
    tell_filer(context)


class Asked(Options):
    """How its paper is asked for: as any, and by whom."""

    actor: Actor


def _asked(context: Context) -> Asked:
    case = context.case
    return {
        "actor": context.actor,
        "approver": context.actor,
        "seal": _seal(context),
        "by_hand": context.data.get("by_hand", ""),
        "applicant": case.unit.name,
        "reason": f"{case.number} {case.purpose}"[:200],
    }


# --- table ------------------------------------------------------------------------------------------------------------

SOUND = (works_here, years_are_over_or_running)
FILING = Filing(
    "提交申请",
    act="提交继续教育情况证明申请",
    reads="审批继续教育情况证明",
    mends="补正继续教育情况证明申请",
    reader=BUREAU,  # the handler may send it back
    told=lambda case: approvers(),
    noted=lambda case: f"{case.years}，{case.unit.short}",
    whole=SOUND,
    many=True,
)

ATTESTATION = Workflow(
    states={
        **FILING.states(),
        # The approver's alone: a handler, who has nothing to say to it, is not waited for.
        State.SUBMITTED: state("is-turn", Turn(APPROVER, FILING.reads, reply, note=FILING.noted)),
        State.ISSUED: state("is-done"),
        State.REFUSED: state("is-late"),
        State.CANCELLED: state("is-idle"),
        State.REVOKED: state("is-late"),
    },
    transitions=(
        *FILING.transitions(),
        Transition("cancel", "作废", (State.DRAFT, State.RETURNED), State.CANCELLED, FILER, "作废", style="danger"),
        Transition(
            "refuse", "不予出具", (State.SUBMITTED,), State.REFUSED, APPROVER, "不予出具",
            guards=(four_eyes(),), effect=tell_filer, form=REASON, style="danger", many=True,
        ),
        Transition(
            "issue", "出具证明", (State.SUBMITTED,), State.ISSUED, APPROVER, "出具证明",
            guards=(four_eyes(), *SOUND, no_second_look_is_open, seal_in_use), effect=issue, form=ISSUE,
            style="primary", many=True, at_once=15,
        ),
        Transition(
            "renew", "按现有情况换发", (State.ISSUED,), State.ISSUED, APPROVER, "换发证明",
            guards=(is_due, fit_for_the_public, no_second_look_is_open, seal_in_use),
            effect=renew, form=RENEW,
        ),
        Transition(
            "confirm", "确认所载不变", (State.ISSUED,), State.ISSUED, APPROVER, "复核，确认所载不变",
            guards=(is_due, nothing_changed), effect=confirm,
        ),
        Transition(
            "revoke", "撤销证明", (State.ISSUED,), State.REVOKED, APPROVER, "撤销证明",
            guards=(has_reason, fit_for_the_public), effect=revoke, form=REVOKE, style="danger",
        ),
    ),
    path=(
        Step("提交", (State.DRAFT, State.RETURNED), "申请单位专办员"),
        Step("出具", (State.SUBMITTED,), "区人社局审批"),
    ),
)  # fmt: skip

PHRASES = (
    ("年度与用途不符", "按评审文件要求的年度填写"),
    ("没有写明用途", "写明，例如申报哪一级职称"),
    ("所列年度还有学时没有入账", "先办学时申报，入账后再申请"),
)

KIND = CaseKind(
    Attestation,
    ATTESTATION,
    drafts=may_edit,
    rows=lambda rows: rows.select_related("person"),
    duties=(SECOND_LOOKS,),
    finds=by_number("ZM", "purpose"),
    places=lambda case: fields_at(Attestation, edit_url(case), FIELDS),
    phrases=PHRASES,
    remarks=empty_years,
    papers=(PAPER,),
    events={"record_downloaded": "下载电子记录", "badge_downloaded": "下载 Open Badges 徽章"},
    entries=(
        NavItem("继续教育证明", "scroll-text", "record:list", READ_PEOPLE.roles, group=Section.VERIFICATION, order=67),
    ),
    demo=Demo("继续教育证明", "verification.record.demo.build", order=99),
    clauses=("三1",),
)

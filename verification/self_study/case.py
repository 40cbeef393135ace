"""The states of a filing of self-study and who moves it (notice 一(四)): read the table from top to bottom."""

from __future__ import annotations

from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import READ_PEOPLE
from luojiang_ce.files.materials import Material
from luojiang_ce.files.registry import FileRules
from luojiang_ce.filters import by_number
from luojiang_ce.home.registry import Demo, NavItem, Section
from luojiang_ce.words import first_of
from luojiang_ce.workdays.text import full
from luojiang_ce.workflow.case_kind import REASON, CaseKind, Context, Step, Transition, Workflow, state
from luojiang_ce.workflow.engine import four_eyes
from luojiang_ce.workflow.places import fields_at
from units.access import APPROVER, BUREAU, FILER
from units.filed_case import Filing, materials_at, may_edit, mended_at, tell_filer
from units.models import Person
from units.notify import approvers, handlers
from verification.self_study.models import SelfStudy

State = SelfStudy.State
MATERIALS = (Material("plan", "自学计划附件", "教材或书目、进度表、考核办法等", "一(四)", required=lambda case: False),)
SHOWN = 10  # people who are named one by one
FIELDS = (
    *("title", "content", "date_from", "date_to", "guide", "assessment"),
    *("subject", "amount", "basis", "note"),
)


def edit_url(case: SelfStudy) -> str:
    """Where its unit changes it."""
    return reverse("self_study:edit", args=[case.pk])


def places(case: SelfStudy) -> dict[str, str]:
    """Where the unit mends what a return names."""
    people = {"人员": f"{edit_url(case)}#id_names"}
    return people | fields_at(SelfStudy, edit_url(case), FIELDS) | materials_at(case, MATERIALS)


# --- guards -----------------------------------------------------------------------------------------------------------


def not_begun(context: Context) -> str | None:
    """notice 一(四): 须经政府人社部门核准备案, that is before the study begins; approval moves no date by itself."""
    case, today = context.case, clock.today()
    if case.date_from >= today:
        return None
    said = (
        f"自学须先经区人社局核准备案才能开始（通知 一(四)）：计划自 {full(case.date_from)} 起，今天是 {full(today)}。"
        f"起始日期最早为核准当日，即不早于 {full(today)}；备案之前已经学习的不计学时"
    )
    return mended_at(context, said, {"起始日期": f"{edit_url(case)}#id_date_from"})


def people_work_here(context: Context) -> str | None:
    """A unit organises the study of its own people only, and of somebody."""
    case = context.case
    own = Person.objects.employed_in(case.unit).values("pk")
    people = list(case.people.all())
    gone = list(case.people.exclude(pk__in=own))
    if not people:
        return mended_at(context, "还没有自学人员", {"自学人员": f"{edit_url(case)}#id_names"})
    if not gone:
        return None
    said = f"已不在本单位：{first_of([person.name for person in gone], SHOWN, '人')}，请从自学人员中去掉"
    return mended_at(context, said, {"自学人员": f"{edit_url(case)}#id_people"})


def nothing_counted(context: Context) -> str | None:
    """What was credited under a filing is countered first, each with its own reason."""
    counted = context.case.declarations.filter(state="accepted").count()
    return f"已有 {counted} 件学时申报按本备案认可入账，请先逐件撤销认可" if counted else None


def _approve(context: Context) -> None:
    context.case.approved_by_id, context.case.approved_at = context.actor.pk, context.now
    tell_filer(context)


FILING = Filing(
    "提交核准",
    act="提交自学备案",
    reads="审核自学备案",  # the handler may send it back, the approver decides
    mends="补正自学备案",
    reader=BUREAU,
    told=lambda case: handlers() | approvers(),
    noted=lambda case: f"{full(case.date_from)} 起，{case.unit.short}",
    whole=(not_begun, people_work_here),
    many=True,
)

SELF_STUDY = Workflow(
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
            "refuse", "不予备案", (State.SUBMITTED,), State.REFUSED, APPROVER, "不予备案",
            guards=(four_eyes(),), effect=tell_filer, form=REASON, style="danger", many=True,
        ),
        Transition(
            "approve", "核准备案", (State.SUBMITTED,), State.APPROVED, APPROVER, "核准备案",
            guards=(four_eyes(), *FILING.whole), effect=_approve, style="primary", many=True,
        ),
        Transition(
            "revoke", "撤销备案", (State.APPROVED,), State.REVOKED, APPROVER, "撤销备案",
            guards=(nothing_counted,), effect=tell_filer, form=REASON, style="danger",
        ),
    ),
    path=(
        Step("提交", (State.DRAFT, State.RETURNED), "申报单位专办员"),
        Step("核准", (State.SUBMITTED,), "区人社局"),
    ),
)  # fmt: skip


# What a return often says; the bureau keeps the library from then on.
PHRASES = (
    ("起始日期早于核准之日", "改为核准当日或以后的日期（通知 一(四)）"),
    ("自学计划没有写明内容和进度", "写明学什么、用什么教材、分几步"),
    ("没有写明指导人的职称或职务", "补写"),
    ("考核方式不明确", "写明由谁、用什么办法考核，怎样算合格"),
    ("没有写明学时的计算依据", "写明文件名、文号和条款"),
)

KIND = CaseKind(
    SelfStudy,
    SELF_STUDY,
    drafts=may_edit,
    named=lambda case: case.title,
    finds=by_number("ZX", "title"),
    places=places,
    phrases=PHRASES,
    files=FileRules(lambda case: MATERIALS, may_edit),
    entries=(
        NavItem("自学备案", "book-open", "self_study:list", READ_PEOPLE.roles, group=Section.ELSEWHERE, order=44),
    ),
    demo=Demo("自学备案", "verification.self_study.demo.build", order=44),
    clauses=("一(四)",),
)

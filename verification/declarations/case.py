"""The states of a declaration and who moves it: read the table from top to bottom (V1; notice 一(四))."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from luojiang_ce.access import READ_CATALOGUE, READ_PEOPLE, REVIEW, REVIEW_SYSTEM, Actor, Role
from luojiang_ce.files.registry import FileRules
from luojiang_ce.filters import by_number
from luojiang_ce.home.registry import Demo, NavItem, Section
from luojiang_ce.once import once
from luojiang_ce.workdays.text import full
from luojiang_ce.workflow.case_kind import REASON, CaseKind, Context, Step, Transition, Turn, Who, Workflow, state
from luojiang_ce.workflow.places import fields_at
from units.access import APPROVER, FILER, HANDLER
from units.filed_case import (
    AUTHORITY_REPLY,
    Filing,
    authority_reply,
    files_are_there,
    materials_at,
    may_edit,
    mended_at,
    reply,
)
from units.models import Assignment, Person
from verification.choices import Form
from verification.declarations.effects import enter_into_ledger, take_out_of_ledger, tell_the_unit
from verification.declarations.materials import materials
from verification.declarations.models import Declaration
from verification.declarations.public_course import wrong_public
from verification.declarations.under_filing import wrong_under
from verification.ledger.registry import year_filed_on

State = Declaration.State


def _reviews(actor: Actor, case: Any) -> bool:
    """The bureau's handler, or the reviewer of the authority that the unit belongs to (V1)."""
    return actor.holds(Role.BUREAU_HANDLER) or case.unit.supervisor_id in actor.unit_ids(*REVIEW_SYSTEM.roles)


def lies_with_authority(case: Any) -> bool:
    """Has the unit an authority that reviews? Then it is the authority's turn, and not the bureau's days that run."""
    return case.unit.supervisor_id in reviewing_units()


@once
def reviewing_units() -> frozenset[int]:
    """The authorities at which somebody reviews today. One query, once a page."""
    held = Assignment.objects.current().filter(role__in=REVIEW_SYSTEM.roles, account__is_active=True)
    return frozenset(held.values_list("unit", flat=True))


REVIEWER = Who("区人社局经办或主管部门审核人员", REVIEW.roles, _reviews)
AUTHORITY = Who(
    "主管部门审核人员",
    REVIEW_SYSTEM.roles,
    lambda actor, case: case.unit.supervisor_id in actor.unit_ids(*REVIEW_SYSTEM.roles),
)


def edit_url(case: Declaration) -> str:
    """Where its unit changes it."""
    return reverse("declarations:edit", args=[case.pk])


FIELDS = (
    *("person", "form", "filing", "title", "organiser", "date_from", "date_to", "paid", "confirmed_on"),
    *("approver", "approval", "check_code", "serial", "authorship", "catalogue", "organiser_unit"),
    *("year", "subject", "amount", "basis", "intensive", "course", "note"),
)


def places(case: Declaration) -> dict[str, str]:
    """Where the unit mends what a return names."""
    return fields_at(Declaration, edit_url(case), FIELDS) | materials_at(case, materials(case))


def person_works_here(context: Context) -> str | None:
    """A unit declares for its own people only."""
    case = context.case
    if Person.objects.employed_in(case.unit).filter(pk=case.person_id).exists():
        return None
    return f"{case.person}已不在本单位，由现单位申报"


def self_study_is_filed(context: Context) -> str | None:
    """notice 一(四): self-study counts only under a filing that was approved before it began."""
    case = context.case
    found = list(wrong_under(case.filing, case)) if case.form == Form.SELF_STUDY else []
    if not found:
        return None
    labels = {"filing": "自学备案", "date_from": "学习时间", "date_to": "备案的止日", "amount": "还可申报"}
    links = {labels[name]: f"{edit_url(case)}#id_{name}" for name, _ in found}
    return mended_at(context, "；".join(wrong for _, wrong in found), links)


def public_course_stands(context: Context) -> str | None:
    """notice 一(二): a course of the catalogue in that year, organised by whoever was entitled on its days."""
    found = list(wrong_public(context.case))
    if not found:
        return None
    links = {
        "公共科目": f"{edit_url(context.case)}#id_{found[0][0]}",
        "组织单位": f"{edit_url(context.case)}#id_organiser_unit",
    }
    said = "；".join(wrong for _, wrong in found)
    return mended_at(context, said, {word: url for word, url in links.items() if word in said})


def confirmed_before_the_year_was_filed(context: Context) -> str | None:
    """notice 二(一)6: 必须事先办好确认手续, that is before the year was filed for verification (V1)."""
    case = context.case
    if case.form != Form.PAPER:
        return None
    filed = year_filed_on(case.person_id, case.year)
    if filed is None or case.confirmed_on <= filed:
        return None
    said = (
        f"论文须事先办好确认手续（通知 二(一)6）：确认日期 {full(case.confirmed_on)} "
        f"晚于该年度验证的首次报送日 {full(filed)}"
    )
    return mended_at(context, said, {"确认日期": f"{edit_url(case)}#id_confirmed_on"})


# What a declaration rests on, asked when it is filed and again when it is accepted.
STANDS = (self_study_is_filed, public_course_stands, confirmed_before_the_year_was_filed)

FILING = Filing(
    "提交审核",
    again="补正后重新提交",
    reader=REVIEWER,
    told=lambda case: (),  # a unit files hundreds: they stand on the start page, and nobody is told of each
    noted=lambda case: f"{case.year} 年度　{case.amount} {case.get_measure_display()}",
    whole=(files_are_there, person_works_here, *STANDS),
    many=True,
)

DECLARATION = Workflow(
    states={
        **FILING.states(),
        State.SUBMITTED: state(
            "is-turn",
            Turn(AUTHORITY, FILING.reads, authority_reply, when=lies_with_authority, note=FILING.noted),
            Turn(HANDLER, FILING.reads, reply, when=lambda case: not lies_with_authority(case), note=FILING.noted),
        ),
        State.ACCEPTED: state("is-done"),
        State.REFUSED: state("is-late"),
        State.WITHDRAWN: state("is-idle"),
        State.REVOKED: state("is-late"),
    },
    transitions=(
        *FILING.transitions(),
        Transition(
            "withdraw", "撤回申报", (State.DRAFT, State.SUBMITTED, State.RETURNED), State.WITHDRAWN, FILER, "撤回申报",
            style="danger",
        ),
        Transition(
            "refuse", "不予认可", (State.SUBMITTED,), State.REFUSED, REVIEWER, "不予认可",
            effect=tell_the_unit, form=REASON, style="danger", many=True,
        ),
        Transition(
            "accept", "认可并入账", (State.SUBMITTED,), State.ACCEPTED, REVIEWER, "认可",
            guards=(files_are_there, *STANDS),
            effect=enter_into_ledger, style="primary", many=True,
        ),
        Transition(
            "revoke", "撤销认可并冲销", (State.ACCEPTED,), State.REVOKED, APPROVER, "撤销认可",
            effect=take_out_of_ledger, form=REASON, style="danger",
        ),
    ),
    path=(
        Step("提交", (State.DRAFT, State.RETURNED), "申报单位"),
        Step("审核", (State.SUBMITTED,), "审核人员"),
        Step("入账", (), "认可后自动"),
    ),
    within="filing",  # of two declarations at once the second knows what the first took of its hours
)  # fmt: skip


# What a return often says; the bureau keeps the library from then on.
PHRASES = (
    ("证明看不清或缺页", "重新扫描后上传"),
    ("证明上的姓名、时间与填写的不一致", "核对后更正"),
    ("没有写明学时的折算依据", "写明文件名、文号和条款"),
    ("缴费培训未附缴费凭证", "上传凭证，不缴费的取消勾选（通知 二(一)4）"),
    ("在职学历、学位教育材料不全", "补录取通知书、报名缴费凭证，毕业证书或当年度成绩证明（通知 二(一)5）"),
    ("论文没有事先办理的确认手续", "上传确认件（通知 二(一)6）"),
    ("外地培训班的批准文件或证明查验不到", "写明批准机关、文号和可以查验的网址或编号"),
    ("刊号与刊物不符", "对照刊物版权页更正"),
    ("自学的考核结果与备案的考核方式不一致", "补传按备案方式考核的结果（通知 一(四)）"),
)

KIND = CaseKind(
    Declaration,
    DECLARATION,
    drafts=may_edit,
    deadlines=(AUTHORITY_REPLY,),
    rows=lambda rows: rows.select_related("person"),
    finds=by_number("SB", "title"),
    places=places,
    phrases=PHRASES,
    files=FileRules(materials, may_edit, compared=True),
    entries=(
        NavItem("学时申报", "file-badge", "declarations:list", READ_PEOPLE.roles, group=Section.ELSEWHERE, order=45),
        NavItem(
            "学时折算标准",
            "calculator",
            "declarations:conversions",
            READ_CATALOGUE.roles,
            group=Section.RULES,
            order=61,
            also=("declarations:conversion", "declarations:conversion_new", "declarations:edit_conversion"),
        ),
    ),
    demo=Demo("学时申报", "verification.declarations.demo.build", order=45),
    clauses=(
        "一(四)",
        "二(一)4",
        "二(一)5",
        "二(一)6",
    ),
)

"""A published project is changed or withdrawn (product.md P4; notice 三2: only what was published may be held): asked
for by its unit or proposed by the bureau, decided by the approver, published by an amended list."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import READ_CASES, Actor, Role
from luojiang_ce.files.materials import Material
from luojiang_ce.files.registry import FileRules
from luojiang_ce.filters import by_words
from luojiang_ce.home.registry import Demo, NavItem, Section
from luojiang_ce.papers.document_numbers import written
from luojiang_ce.papers.models import Paper
from luojiang_ce.papers.numbering import next_number
from luojiang_ce.papers.services import as_asked
from luojiang_ce.refusals import Mended
from luojiang_ce.workdays.text import full
from luojiang_ce.workflow.case_kind import REASON, CaseKind, Context, Step, Transition, Workflow, state
from luojiang_ce.workflow.engine import fire, four_eyes
from luojiang_ce.workflow.places import fields_at
from units.access import APPROVER, HANDLER, PROPOSER, applicant
from units.filed_case import (
    EDITABLE,
    Filing,
    files_are_there,
    is_asked,
    materials_at,
    pass_on,
    tell_filer,
    titled,
)
from units.notify import clerks_of, tell

from .changing import compared, moved_since
from .models import PlanItem, ProjectChange
from .papers import PUBLICATION
from .publication import REPLACED
from .reach import reach_of

C = ProjectChange.State

APPLICANT = applicant("申报单位专办员")
LETTER = Material("letter", "申请报告", "写明变更或撤销的事由，加盖公章后扫描", "区人社局要求")
DECISION = Material(
    "decision",
    "决定文件",
    "局务会纪要或批件的扫描件，由经办上传；申报单位看得到",
    "通知 三2",
    required=lambda change: change.state in (C.CHECKED, C.DECIDED),
)


def materials(change: Any) -> tuple[Material, ...]:
    """What the unit asks with, and what the bureau decides by."""
    asked = () if change.by_bureau else (LETTER,)
    return asked if change.state in EDITABLE and not change.by_bureau else (*asked, DECISION)


def may_attach(change: Any, account: Actor) -> bool:
    """Whoever drafted it; besides, the handler prepares the decision while the case lies with the bureau."""
    prepares = change.state in (C.SUBMITTED, C.CHECKED) and account.holds(Role.BUREAU_HANDLER)
    return prepares or FILING.may_change(change, account)


def edit_url(change: ProjectChange) -> str:
    """Where whoever drafted it changes it."""
    return reverse("plans:change_edit", args=[change.pk])


def places(change: ProjectChange) -> dict[str, str]:
    """Where the unit mends what a return names."""
    fields = fields_at(PlanItem, edit_url(change), tuple(change.after))
    return fields | fields_at(ProjectChange, edit_url(change), ("reason",)) | materials_at(change, materials(change))


def summary_of(change: ProjectChange) -> list[tuple[str, str]]:
    """What is handed over: the project, and each field with its old and new value."""
    lines = [(label, f"{old} → {new}") for label, old, new in compared(change)]
    return [("项目", str(change.item)), ("事项", change.get_what_display()), *lines, ("理由", change.reason)]


# --- guards -----------------------------------------------------------------------------------------------------------


def project_stands(context: Context) -> str | None:
    """Only what is published can be changed or withdrawn."""
    item: PlanItem = context.case.item
    if item.state == PlanItem.State.PUBLISHED:
        return None
    return f"项目现在是“{item.get_state_display()}”，只有已公布的项目可以变更或撤销；这一件请不予同意"


def as_it_was_asked(context: Context) -> str | None:
    """Another decision has changed the same field meanwhile: what was asked for was said of something else."""
    moved = moved_since(context.case)
    if not moved:
        return None
    return f"提出之后，项目的{'、'.join(moved)}已经变更过，与这里写的原内容不同；请不予同意，按现在的内容重新提出"


def list_is_out(context: Context) -> str | None:
    """One list after the other: what a decision rests on is a document that was issued."""
    standing = Paper.objects.of(context.case.batch).filter(kind=PUBLICATION.key).standing().first()
    if standing is None or standing.state == Paper.State.ISSUED:
        return None
    said = f"{standing.number} 还没有生成，生成后才能再作决定；久未生成的请在它的文书页点“重新生成”"
    return Mended(said, {standing.number or "": standing.get_absolute_url()})


def decision_problems(decided_on: date | None, published_on: date | None) -> Iterator[tuple[str, str]]:
    """What is wrong with the days of a decision, each with the field it belongs to; the same for form and act."""
    if decided_on and decided_on > clock.today():
        yield "decided_on", "决定日期在今天之后，请核对"
    if decided_on and published_on and published_on < decided_on:
        yield "published_on", f"发文日期早于决定日期（{full(decided_on)}），请核对"


def decision_is_named(context: Context) -> str | None:
    """The decision has its number or minutes, its day is no later than today's and the list's, and reasons."""
    if context.ahead:
        return None
    data: Any = context.data
    wrong = [] if data["decision"].strip() else ["请填决定的文号或会议纪要"]
    wrong += [] if context.note.strip() else ["请写明理由"]
    wrong += [said for _, said in decision_problems(data["decided_on"], data["published_on"])]
    return "；".join(wrong) or None


def begun_are_confirmed(context: Context) -> str | None:
    """A class that has begun goes on under the project as it stood; the approver says so of each by name."""
    if context.ahead or context.case.what != ProjectChange.What.WITHDRAWAL:
        return None
    confirmed = set(context.data.get("keeps", ()))
    missing = [str(each.case) for each in reach_of(context.case.item) if each.begun and each.case.pk not in confirmed]
    return f"已经开班，须逐个确认按开班时的项目继续办完：{'、'.join(missing)}" if missing else None


# --- effects ----------------------------------------------------------------------------------------------------------


def number(context: Context) -> None:
    year = clock.local(context.now).year
    context.case.number = next_number("project_change", year, seed="{year}-BG-{seq:03d}", title="公布项目变更编号")


def propose(context: Context) -> None:
    """The approvers have it to decide; the unit whose project it is hears of it before."""
    FILING.propose(context)
    tell(clerks_of(context.case.unit_id), titled(context.case, "已由区人社局提出"), context)


def decide(context: Context) -> None:
    """The project is changed or withdrawn, and the amended list takes the place of the document before."""
    change: ProjectChange = context.case
    keep_decision(context)
    change.save()
    if change.what == ProjectChange.What.WITHDRAWAL:
        fire(change.item, "withdraw", actor=context.actor, note=context.note)
    else:
        fire(change.item, "change", actor=context.actor, note=context.note, data={"change": change.pk})
    wanted = ("document_number", "published_on", REPLACED)
    document = {**as_asked(context.data), **{name: context.data[name] for name in wanted if name in context.data}}
    fire(change.batch, "amend", actor=context.actor, note=context.note, data=document)


def keep_decision(context: Context) -> None:
    """By what it was decided and published, and which classes it reached, as they stood."""
    change, data = context.case, context.data
    change.grounds, change.decision, change.decided_on = context.note, data["decision"], data["decided_on"]
    change.document_number, change.published_on = written(data["document_number"]), data["published_on"]
    if change.what == ProjectChange.What.WITHDRAWAL:
        reach = reach_of(change.item)
        change.kept = [str(each.case) for each in reach if each.begun]
        change.cancelled = [str(each.case) for each in reach if each.ends_with_project and not each.is_draft]


# --- table ------------------------------------------------------------------------------------------------------------

FILING = Filing(
    "提交变更申请",
    filer=APPLICANT,
    noted=lambda change: change.get_what_display(),
    whole=(files_are_there, project_stands, as_it_was_asked),
    number=number,
)

CHANGE = Workflow(
    within="batch",
    states={
        **FILING.asked_or_proposed("决定"),
        C.DECIDED: state("is-done"),
        C.REFUSED: state("is-late"),
        C.CANCELLED: state("is-idle"),
    },
    transitions=(
        *FILING.transitions(),
        Transition(
            "propose", "提请审批", (C.DRAFT,), C.CHECKED, PROPOSER, "提请审批",
            guards=(project_stands, as_it_was_asked), effect=propose, style="primary",
        ),
        Transition(
            "check", "审核通过，送审批", (C.SUBMITTED,), C.CHECKED, HANDLER, "审核通过",
            guards=(project_stands, as_it_was_asked), effect=pass_on, style="primary",
        ),
        Transition(
            "decide", "作出决定并公布", (C.CHECKED,), C.DECIDED, APPROVER, "决定并公布",
            guards=(
                four_eyes(), project_stands, as_it_was_asked, files_are_there, list_is_out, decision_is_named,
                begun_are_confirmed,
            ),
            effect=decide, form="training.plans.change_forms.DecisionForm", style="primary",
        ),
        Transition(
            "refuse", "不予同意", (C.CHECKED,), C.REFUSED, APPROVER, "不予同意",
            guards=(four_eyes(),), effect=tell_filer, form=REASON, style="danger",
        ),
        Transition("cancel", "作废", (C.DRAFT, C.RETURNED), C.CANCELLED, APPLICANT, "作废", style="danger"),
        Transition("drop", "作废", (C.DRAFT,), C.CANCELLED, PROPOSER, "作废", style="danger"),
    ),
    path=(
        Step("提出", (C.DRAFT, C.RETURNED), "申报单位或区人社局经办"),
        Step("审核", (C.SUBMITTED,), "区人社局经办", is_asked),
        Step("决定", (C.CHECKED,), "区人社局审批"),
        Step("公布调整后的项目", (), "编号、用印"),
    ),
)  # fmt: skip

# What a return often says; the bureau keeps the library from then on.
PHRASES = (
    ("变更的理由不具体", "写明为什么要变更、何时发现"),
    ("收费没有批准文号", "填写批准文号；没有批准的不能收费（通知 三2）"),
    ("申请报告未盖章", "盖章后扫描上传"),
)

PAGES = ("plans:projectchange", "plans:change_edit")
KIND = CaseKind(
    ProjectChange,
    CHANGE,
    drafts=FILING.may_change,
    rows=lambda rows: rows.select_related("item"),
    finds=by_words("number", "item__title", "item__number"),
    places=places,
    phrases=PHRASES,
    summary=summary_of,
    files=FileRules(materials, may_attach),
    entries=(
        NavItem(
            "公布项目变更", "file-pen", "plans:changes", READ_CASES.roles, order=22, also=PAGES, group=Section.TRAINING
        ),
    ),
    demo=Demo("公布项目变更", "training.plans.change_demo.build", order=45),
    clauses=("一(五)1",),
    year="item__plan__year",
)

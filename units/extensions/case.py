"""Extensions (product.md P2; domain.md §3): states, guards and transitions in one table, and the kind."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import READ_CASES
from luojiang_ce.files.materials import Material
from luojiang_ce.files.registry import FileRules
from luojiang_ce.filters import by_words
from luojiang_ce.home.registry import Demo, NavItem, Section
from luojiang_ce.papers.numbering import next_number
from luojiang_ce.refusals import Mended
from luojiang_ce.workdays.text import full, full_with_weekday
from luojiang_ce.workflow.case_kind import REASON, CaseKind, Context, Step, Transition, Workflow, state
from luojiang_ce.workflow.engine import four_eyes
from luojiang_ce.workflow.places import fields_at
from units.access import APPROVER, HANDLER, PROPOSER, applicant
from units.extensions.models import Extension
from units.extensions.reading import why_not
from units.filed_case import (
    MENDING,
    REPLY,
    Filing,
    files_are_there,
    is_asked,
    is_proposed,
    materials_at,
    pass_on,
    tell_applicant,
)
from units.lapses.lapsing import lift_covered, record_overdue
from units.models import Unit
from units.notify import clerks_of, clerks_of_units, tell

EVIDENCE = (Material("evidence", "证明材料", "说明理由的证明：停电停课通知、任命文件、医疗证明等", "区人社局要求"),)


def materials(extension: Any) -> tuple[Material, ...]:
    """What a unit proves its reason with; the bureau's own decision names its document instead."""
    return () if extension.by_bureau else EVIDENCE


def edit_url(extension: Extension) -> str:
    """Where whoever drafted it changes it."""
    return reverse("terms:edit", args=[extension.pk])


def places(extension: Extension) -> dict[str, str]:
    """Where the unit mends what a return names."""
    fields = fields_at(Extension, edit_url(extension), ("asked_due", "reason"))
    return fields | materials_at(extension, materials(extension))


APPLICANT = applicant("申请单位专办员")


# --- guards -----------------------------------------------------------------------------------------------------------


def day_is_ahead(context: Context) -> str | None:
    """A last day that is over helps nobody, nor one after the event. The day granted counts, else the day asked for."""
    case: Extension = context.case
    due = context.data.get("due") or case.asked_due
    if due < clock.local(context.now).date():
        said = f"延至的日期 {full_with_weekday(due)} 已经过去，请改为今天或以后的日期"
    else:
        said = why_not(case, due)
    if said and FILING.may_change(case, context.actor):
        return Mended(said, {"延至的日期": f"{edit_url(case)}#id_asked_due"})
    return said or None


# --- effects ----------------------------------------------------------------------------------------------------------


def number(context: Context) -> None:
    year = clock.local(context.now).year
    context.case.number = next_number("extension", year, seed="{year}-YQ-{seq:03d}", title="延期编号")


def grant(context: Context) -> None:
    """The new last day holds at once. What was overdue is written down first, then opened again, so that the record
    is the same whether or not the worker had been there before."""
    case: Extension = context.case
    record_overdue()
    case.due = context.data.get("due") or case.asked_due
    case.document = context.data.get("document") or case.document
    lift_covered(case)
    units = Unit.objects.filter(nature=case.nature) if case.nature else Unit.objects.all()
    told = clerks_of(case.unit_id) if case.unit_id else clerks_of_units(units.values("pk"))
    tell(told, f"准予延期至 {full_with_weekday(case.due)}：{case.title}", context)


# --- tables -----------------------------------------------------------------------------------------------------------

E = Extension.State
FILING = Filing(
    "提交延期申请",
    filer=APPLICANT,
    noted=lambda case: f"申请延至 {full(case.asked_due)}",
    whole=(files_are_there, day_is_ahead),
    number=number,
    many=True,
)

EXTENSION = Workflow(
    states={
        **FILING.asked_or_proposed("审批"),
        E.GRANTED: state("is-done"),
        E.REFUSED: state("is-late"),
        E.CANCELLED: state("is-idle"),
    },
    transitions=(
        *FILING.transitions(),
        Transition(
            "propose", "提请审批", (E.DRAFT,), E.CHECKED, PROPOSER, "提请审批",
            guards=(day_is_ahead,), effect=FILING.propose, style="primary",
        ),
        Transition(
            "check", "审核通过，送审批", (E.SUBMITTED,), E.CHECKED, HANDLER, "审核通过",
            effect=pass_on, style="primary", many=True,
        ),
        Transition(
            "grant", "准予延期", (E.CHECKED,), E.GRANTED, APPROVER, "准予延期",
            guards=(four_eyes(), day_is_ahead), effect=grant, style="primary",
            form="units.extensions.forms.GrantForm", many=True,
        ),
        Transition(
            "refuse", "不予延期", (E.CHECKED,), E.REFUSED, APPROVER, "不予延期",
            guards=(four_eyes(),), effect=tell_applicant, form=REASON, style="danger", many=True,
        ),
        Transition("cancel", "作废", (E.DRAFT, E.RETURNED), E.CANCELLED, APPLICANT, "作废", style="danger"),
        Transition("drop", "作废", (E.DRAFT,), E.CANCELLED, PROPOSER, "作废", style="danger"),
    ),
    path=(
        Step("提交", (E.DRAFT, E.RETURNED), "申请单位", is_asked),
        Step("审核", (E.SUBMITTED,), "区人社局经办", is_asked),
        Step("提请", (E.DRAFT,), "区人社局经办", is_proposed),
        Step("审批", (E.CHECKED,), "区人社局审批"),
    ),
)  # fmt: skip

# --- kinds ------------------------------------------------------------------------------------------------------------


# What a return often says; the bureau keeps the library from then on.
PHRASES = (
    ("理由不具体", "写明什么事、什么时候、为什么不能按期"),
    ("缺证明材料", "上传能证明理由的材料"),
    ("申请延至的日期与理由不符", "按实际需要的时间改"),
)

CALENDAR = tuple(
    f"terms:{page}" for page in ("year_new", "closure_new", "closure_end", "setting_new", "certificate_pattern")
)
KIND = CaseKind(
    Extension,
    EXTENSION,
    named=lambda case: f"{case.title}（{case.whom}）延期",
    drafts=FILING.may_change,
    deadlines=(REPLY, MENDING),
    rows=lambda rows: rows.select_related("unit"),
    finds=by_words("number", "title"),
    places=places,
    phrases=PHRASES,
    files=FileRules(materials, FILING.may_change),
    entries=(
        NavItem("延期", "calendar-plus", "terms:extensions", READ_CASES.roles, order=55, group=Section.OFFICE),
        NavItem("日历与期限参数", "calendar-cog", "terms:calendar", group=Section.RULES, order=79, also=CALENDAR),
    ),
    events={
        "lapsed": "登记逾期",
        "deemed_received": "视为已受理（本局超期未答复）",
        "year_confirmed": "确认年度放假安排",
        "closure_entered": "登记停工",
        "closure_removed": "撤销停工",
        "settings_entered": "录入期限参数",
    },
    demo=Demo("延期与逾期", "units.extensions.demo.build", order=70),
)

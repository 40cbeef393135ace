"""Visits for officers and units: lists, the case page, sending inspectors, conflicts, reports from outside."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from luojiang_ce import clock
from luojiang_ce.access import (
    DECLARE_CONFLICTS,
    DO_BUREAU_WORK,
    READ_CONFLICTS,
    READ_DISTRICT,
    READ_INSPECTIONS,
    Role,
    can,
    get_visible_or_404,
    roles,
    roles_with,
)
from luojiang_ce.home.form_page import Crumbs, act, form_page, posted
from luojiang_ce.home.lists import HeadLink, acts_on_many, list_context
from luojiang_ce.papers.printouts import printed
from luojiang_ce.sheets.exports import export_view
from luojiang_ce.typed import whole_number
from luojiang_ce.workflow.pages import case_page

from . import services
from .case import INSPECTORS, sheet_of
from .decisions.models import Decision
from .filters import InspectionFilter, ReportFilter
from .forms import AssignForm, AttachForm, ChangeForm, ConflictForm, ReportForm
from .models import DeclaredConflict, Inspection, OutsideReport
from .on_site import photographs, signers
from .outside import as_read_outside
from .printing import RECORD_PRINTED
from .sheet_form import QUESTIONS

HANDLER = Role.BUREAU_HANDLER
ABOUT = "不定期检查，不事先通知；记录提交以后，被检查单位才看得到"


def _above() -> Crumbs:
    return [("监督检查", reverse("inspections:list"))]


@can(READ_INSPECTIONS)
def listing(request: HttpRequest) -> HttpResponse:
    """The visits that the account sees."""
    account: Any = request.user
    rows = Inspection.objects.visible_to(account).select_related("application", "unit")
    rows = rows.prefetch_related("inspectors", "findings")
    context = list_context(request, rows, filterset=InspectionFilter, sorts={"day": "planned_on"}, sort="-day")
    context |= acts_on_many(request, Inspection, READ_INSPECTIONS, "inspections:export")
    context |= {"title": "监督检查", "lead": ABOUT, "links": _list_links(account), "empty": {"text": "没有监督检查"}}
    return render(request, "training_inspections/list.html", context)


def _list_links(account: Any) -> list[HeadLink]:
    links = []
    if account.holds(*READ_CONFLICTS.roles):
        links.append(HeadLink("回避申报", reverse("inspections:conflicts"), "user-x"))
    if account.holds(HANDLER):
        links.append(HeadLink("安排检查", reverse("inspections:new"), "plus", True))
    return links


export = export_view(READ_INSPECTIONS, "inspections")


@can(READ_INSPECTIONS)
def inspection(request: HttpRequest, pk: int) -> HttpResponse:
    """A visit: why and by whom, what was seen, what was found. Who was inspected does not read why."""
    account: Any = request.user
    rows = Inspection.objects.select_related("application", "unit", "report", "created_by", "sheet__saved_by")
    case = get_visible_or_404(rows.prefetch_related("inspectors", "findings"), request, pk=pk)
    sheet = getattr(case, "sheet", None) if case.recorded_at else None
    inside = account.holds(*roles_with(READ_DISTRICT, READ_INSPECTIONS)) or INSPECTORS.test(account, case)
    page = case_page(case, account)
    context = {
        "page": page if inside else as_read_outside(page),
        "title": str(case),
        "kind": "监督检查",
        "number": case.number,
        "lead": case.provider,
        "crumbs": [*_above(), (case.number or "", "")],
        "links": _links(case, account),
        "case": case,
        "inside": inside,
        "report": case.report if account.holds(*DO_BUREAU_WORK.roles) else None,
        "unfit": _unfit(case, account),
        "sheet": sheet,
        "answers": [(sheet._meta.get_field(name), getattr(sheet, f"get_{name}_display")(), getattr(sheet, name))
                    for name in QUESTIONS] if sheet else [],
        "photographs": photographs(case) if sheet else [],
        "signers": signers(case) if sheet else [],
    }  # fmt: skip
    return render(request, "training_inspections/inspection.html", context)


def _unfit(case: Inspection, account: Any) -> list[str]:
    """Why somebody else must go, where one who was sent has declared a conflict since, or left."""
    if case.state != Inspection.State.ASSIGNED or not account.holds(HANDLER):
        return []
    return list(services.why_not(case.application, case.unit, case.inspectors.all()))


def _links(case: Inspection, account: Any) -> list[HeadLink]:
    links = []
    if case.recorded_at:
        links.append(HeadLink("检查记录", reverse("inspections:record_pdf", args=[case.pk]), "file-down"))
    if account.holds(HANDLER) and case.state == Inspection.State.ASSIGNED:
        links.append(HeadLink("修改安排", reverse("inspections:edit", args=[case.pk]), "pencil"))
    if account.holds(HANDLER) and not case.application_id and case.state != Inspection.State.CANCELLED:
        links.append(HeadLink("归入培训班", reverse("inspections:attach", args=[case.pk]), "link"))
    links += _decisions(case, account)
    if case.state == Inspection.State.ASSIGNED and INSPECTORS.test(account, case):
        links.append(HeadLink("填写检查记录", sheet_of(case), "clipboard-pen", True))
    return links


def _decisions(case: Inspection, account: Any) -> list[HeadLink]:
    """What becomes of its findings; and where a handler drafts that. One query once the visit is taken up."""
    if case.state not in (Inspection.State.TO_DECIDE, Inspection.State.CLOSED):
        return []
    found = list(Decision.objects.visible_to(account).filter(inspection=case))
    links = [HeadLink(f"检查处理 {each.number or '草稿'}", each.get_absolute_url(), "gavel") for each in found]
    is_open = any(each.state in Decision.OPEN for each in found)
    if account.holds(HANDLER) and case.state == Inspection.State.TO_DECIDE and not is_open:
        links.append(HeadLink("拟定处理", reverse("decisions:new", args=[case.pk]), "gavel", True))
    return links


@can(READ_INSPECTIONS)
def record_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """The record of a visit, as it was signed."""
    recorded = Inspection.objects.filter(recorded_at__isnull=False).select_related("application", "unit", "sheet")
    return printed(request, RECORD_PRINTED, get_visible_or_404(recorded, request, pk=pk))


# --- sending inspectors -----------------------------------------------------------------------------------------------


@roles(HANDLER)
def new(request: HttpRequest) -> HttpResponse:
    """Send inspectors; `?class=` and `?report=` say where, and why."""
    report = _report_asked(request)
    form = AssignForm(posted(request), initial=_where(request, report))
    return form_page(
        request,
        form,
        lambda: services.assign(
            report=report, origin=Inspection.Origin.REPORT if report else Inspection.Origin.CHOICE,
            actor=request.user, **form.cleaned_data,
        ),
        title="安排检查",
        lead=f"{ABOUT}。{'根据举报 ' + str(report.number) if report else ''}",
        done=lambda made: f"已安排 {made.number}，只通知了检查人",
        back=_above(),
        then=lambda made: made,
    )  # fmt: skip


def _report_asked(request: HttpRequest) -> OutsideReport | None:
    pk = whole_number(request.GET.get("report", ""))
    received = OutsideReport.objects.filter(state=OutsideReport.State.RECEIVED)
    return get_visible_or_404(received, request, pk=pk) if pk else None


def _where(request: HttpRequest, report: OutsideReport | None) -> dict[str, Any]:
    """What a form begins with."""
    if report is None:
        return {"planned_on": clock.today(), "application": whole_number(request.GET.get("class", ""))}
    known = {name: getattr(report, name) for name in ("application", "provider_name", "place")}
    unit = None if report.application_id else report.unit_id
    return {**known, "unit": unit, "planned_on": clock.today()}


@roles(HANDLER)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Another day, other inspectors, as long as nobody was there."""
    rows = Inspection.objects.filter(state=Inspection.State.ASSIGNED).select_related("application", "unit", "edited_by")
    case = get_visible_or_404(rows, request, pk=pk)
    form = ChangeForm(posted(request), row=case)
    return form_page(
        request,
        form,
        lambda: services.change(case=case, version=form.version, actor=request.user, **form.cleaned_data),
        title="修改安排",
        lead=str(case),
        submit_label="保存修改",
        done="已保存，已通知检查人",
        back=[*_above(), (case.number or "", case.get_absolute_url())],
        then=case,
    )


@roles(HANDLER)
def attach(request: HttpRequest, pk: int) -> HttpResponse:
    """Say to which class the visit belongs."""
    case = get_visible_or_404(Inspection.objects.filter(application=None), request, pk=pk)
    form = AttachForm(posted(request))
    return form_page(
        request,
        form,
        lambda: services.attach_class(case=case, application=form.cleaned_data["number"], actor=request.user),
        title="归入培训班",
        lead=f"{case}，{case.provider}。归入以后，检查结果算在这个班上，只能归入一次",
        done="已归入培训班",
        back=[*_above(), (case.number or "", case.get_absolute_url())],
        then=case,
    )


# --- conflicts --------------------------------------------------------------------------------------------------------


@can(READ_CONFLICTS)
def conflicts(request: HttpRequest) -> HttpResponse:
    """Who must not inspect which unit: the inspector's own, for officers all."""
    account: Any = request.user
    rows = DeclaredConflict.objects.visible_to(account).standing().select_related("account", "unit")
    may_declare = account.holds(*DECLARE_CONFLICTS.roles)
    context = list_context(request, rows)
    context |= {
        "title": "回避申报",
        "lead": "已申报的，安排和抽取检查时不会派去；原因消除的由经办撤销",
        "crumbs": [*_above(), ("回避申报", "")],
        "links": [HeadLink("申报回避", reverse("inspections:declare"), "plus", True)] if may_declare else [],
        "may_end": account.holds(HANDLER),
        "empty": {"text": "没有回避申报"},
    }
    return render(request, "training_inspections/conflicts.html", context)


@can(DECLARE_CONFLICTS)
def declare(request: HttpRequest) -> HttpResponse:
    """An inspector's own, or taken down by a handler for one."""
    account: Any = request.user
    form = ConflictForm(posted(request), for_others=account.holds(HANDLER))
    return form_page(
        request,
        form,
        lambda: services.declare_conflict(**{"account": account, **form.cleaned_data}, actor=account),
        title="申报回避",
        done="已申报",
        back=[*_above(), ("回避申报", reverse("inspections:conflicts"))],
    )


@roles(HANDLER)
@require_POST
def end_conflict(request: HttpRequest, pk: int) -> HttpResponse:
    """The reason is gone."""
    conflict = get_visible_or_404(DeclaredConflict, request, pk=pk)
    return act(
        request,
        lambda: services.end_conflict(conflict=conflict, actor=request.user),
        done="已撤销回避申报",
        back="inspections:conflicts",
    )


# --- reports from outside ---------------------------------------------------------------------------------------------


@can(DO_BUREAU_WORK)
def reports(request: HttpRequest) -> HttpResponse:
    """What was reported from outside."""
    rows = OutsideReport.objects.visible_to(request.user).select_related("application", "unit")
    context = list_context(request, rows, filterset=ReportFilter, sorts={"day": "received_on"}, sort="-day")
    account: Any = request.user
    links = [HeadLink("登记举报", reverse("inspections:new_report"), "plus", True)] if account.holds(HANDLER) else []
    empty = {"text": "没有举报"}
    context |= {"title": "举报", "lead": "只有区人社局经办和审批看得到", "links": links, "empty": empty}
    return render(request, "training_inspections/reports.html", context)


@can(DO_BUREAU_WORK)
def report(request: HttpRequest, pk: int) -> HttpResponse:
    """A report: what it says; by whom, to those who may know."""
    account: Any = request.user
    rows = OutsideReport.objects.select_related("application", "unit", "created_by").prefetch_related("inspections")
    case = get_visible_or_404(rows, request, pk=pk)
    received = case.state == OutsideReport.State.RECEIVED and account.holds(HANDLER)
    visit = HeadLink("安排检查", f"{reverse('inspections:new')}?report={case.pk}", "clipboard-check", True)
    context = {
        "page": case_page(case, account),
        "title": str(case),
        "kind": "举报",
        "number": case.number,
        "lead": case.get_channel_display(),
        "crumbs": [("举报", reverse("inspections:reports")), (case.number or "", "")],
        "links": [visit] if received else [],
        "case": case,
        "named": case.names_reporter_to(account),
    }
    return render(request, "training_inspections/report.html", context)


@roles(HANDLER)
def new_report(request: HttpRequest) -> HttpResponse:
    """Take down what somebody says."""
    form = ReportForm(posted(request))
    return form_page(
        request,
        form,
        lambda: services.take_report(actor=request.user, **form.cleaned_data),
        title="登记举报",
        done="已登记。请安排检查，或写明理由了结",
        back=[("举报", reverse("inspections:reports"))],
        then=lambda made: made,
    )

"""Changes: the list, the case page, and its form in steps that may be taken in any order."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import READ_CASES, Role, can, get_visible_or_404, roles
from luojiang_ce.files.materials import MaterialRow, checklist
from luojiang_ce.home.form_page import Crumbs, form_page, posted
from luojiang_ce.home.lists import HeadLink, acts_on_many, list_context
from luojiang_ce.papers.printouts import printed
from luojiang_ce.sheets.exports import export_view
from luojiang_ce.workdays.explaining import explanation
from luojiang_ce.workdays.strip import build
from luojiang_ce.workdays.text import full
from luojiang_ce.workflow.badges import list_badge
from luojiang_ce.workflow.events import with_returns
from luojiang_ce.workflow.pages import case_page
from training.classes.changes import services
from training.classes.changes.assess import (
    content_of,
    findings,
    handler_decides,
    held_half_days,
    why_not_now,
    would_be,
)
from training.classes.changes.case import CHANGE, MATERIALS, address_of, first_filing
from training.classes.changes.content import standing
from training.classes.changes.forms import ChangeFilter, HeadForm, MoveForm, NewForm
from training.classes.changes.lines import lines_of
from training.classes.changes.models import OPEN, ClassChange
from training.classes.changes.printing import FORM_PRINTED
from training.classes.facts import rows_of, timetable_problems
from training.classes.forms.timetable import row_formset
from training.classes.models import ClassApplication, TimetableRow
from training.classes.opening import OPENING
from training.classes.views.edit import grid_lines
from units.access import FILER
from units.extensions.reading import current_terms
from units.filed_case import EDITABLE, may_edit, record_told, with_record

CLERK = Role.UNIT_CLERK
ABOUT = "时间、地点、师资、课程有变动的，须事先报区人社局同意；同意以前，培训班仍按原来批准的办"


@can(READ_CASES)
def listing(request: HttpRequest) -> HttpResponse:
    """The changes that the account sees."""
    rows = ClassChange.objects.visible_to(request.user).select_related("unit", "application")
    context = list_context(
        request, with_returns(rows, CHANGE), filterset=ChangeFilter, sorts={"filed": "submitted_at"}, sort=""
    )
    for each in context["page_obj"]:
        each.lines = lines_of(each.former, each.proposed)
        each.badge = list_badge(each) if CHANGE.states[each.state].turns else None
    context |= acts_on_many(request, ClassChange, READ_CASES, "changes:export")
    empty = {"text": "没有变更申请。准予开班后要改时间、地点、师资、课程的，从那个班的页面申请变更"}
    context |= {"title": "培训班变更", "lead": ABOUT, "empty": empty}
    return render(request, "training_changes/list.html", context)


export = export_view(READ_CASES, "class_changes")


def _with_details() -> QuerySet[ClassChange]:
    related = ("unit", "application__unit", "application__project__plan", "created_by", "edited_by", "notice")
    rows = Prefetch("application__timetable", TimetableRow.objects.with_details())
    parts = (rows, "application__organisers", "application__unit__scopes")
    return with_record(ClassChange.objects.select_related(*related).prefetch_related(*parts))


@can(READ_CASES)
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """The case page of a change: old beside new."""
    case = get_visible_or_404(_with_details(), request, pk=pk)
    terms, is_open, editable = current_terms(), case.state in OPEN, may_edit(case, request.user)
    deadline = first_filing(case, terms) if is_open else None
    stands = is_open and why_not_now(case.application, clock.now()) is None
    context = {
        "page": case_page(case, request.user),
        "record": record_told(case, request.user),
        "title": str(case),
        "kind": "培训班变更",
        "number": case.number,
        "lead": case.unit.name,
        "crumbs": [("培训班变更", reverse("changes:list")), (case.number or "草稿", "")],
        "case": case,
        "lines": lines_of(case.former, case.proposed),
        "deadline": deadline,
        "strip": build(deadline, terms.calendar, clock.today(), case.first_submitted_at) if deadline else None,
        "findings": [(each, address_of(case, each)) for each in findings(case)] if stands else [],
        "small": is_open and bool(case.proposed) and handler_decides(case),
        "materials": _materials(case, editable=editable),
        "may_change": editable,
        "links": _links(case, editable=editable),
    }
    return render(request, "training_changes/change.html", context)


def _materials(case: ClassChange, *, editable: bool) -> list[MaterialRow]:
    rows = checklist(case, MATERIALS)
    return rows if editable else [row for row in rows if row.is_there]


def _links(case: ClassChange, *, editable: bool) -> list[HeadLink]:
    links = [
        HeadLink("培训班", case.application.get_absolute_url(), "presentation"),
        HeadLink("变更申请表", reverse("changes:form_pdf", args=[case.pk]), "file-down"),
    ]
    if editable:
        links.append(HeadLink("改课程表", reverse("changes:timetable", args=[case.pk]), "table-properties"))
        if case.opens_on or not case.application.has_begun(clock.today()):
            links.append(HeadLink("改开班日期", reverse("changes:move", args=[case.pk]), "calendar-days"))
        links.append(HeadLink("改理由和其他内容", reverse("changes:edit", args=[case.pk]), "pencil"))
    return links


@roles(CLERK)
def new(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for a change of an own approved class; one that is open already is led to."""
    own = ClassApplication.objects.select_related("unit").filter(unit__in=request.user.unit_ids(CLERK))
    application = get_object_or_404(own, pk=pk)
    if begun := ClassChange.objects.open().filter(application=application).first():
        messages.info(request, "这个班已有一件变更在办，一个班一次办一件")
        return redirect(begun)
    if refused := why_not_now(application, clock.now()):
        messages.info(request, refused)
        return redirect(application)
    form = NewForm(posted(request), application=application, begun=application.has_begun(clock.today()))
    form.opening = {"wrong": f"填好后，这里显示最后哪天报送。{ABOUT}"}
    return form_page(
        request,
        form,
        lambda: services.begin(
            application=application,
            reason=form.cleaned_data["reason"],
            place=form.cleaned_data["place"],
            opens_on=form.cleaned_data.get("opens_on"),
            actor=request.user,
        ),
        title="申请变更",
        lead=str(application),
        submit_label="保存，下一步核对并提交",
        done="变更已存为草稿。请核对原批准与变更后的内容，附上依据，再提交",
        back=[("开班申请", reverse("classes:list")), (application.number or "", application.get_absolute_url())],
        then=lambda made: made,
    )


def _own_editable(request: HttpRequest, pk: int) -> ClassChange | HttpResponse:
    """The change, for a clerk of its unit while it is in their hands; else where to read it."""
    case = get_object_or_404(_with_details().filter(unit__in=request.user.unit_ids(CLERK)), pk=pk)
    if case.state in EDITABLE and FILER.test(request.user, case):
        return case
    messages.info(request, f"现在的状态是“{case.get_state_display()}”，不能修改")
    return redirect(case)


def _above(case: ClassChange) -> Crumbs:
    return [("培训班变更", reverse("changes:list")), (case.number or "草稿", case.get_absolute_url())]


@roles(CLERK)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Why, and the head of the class without its opening day."""
    case = _own_editable(request, pk)
    if isinstance(case, HttpResponse):
        return case
    form = HeadForm(posted(request), row=case)
    return form_page(
        request,
        form,
        lambda: services.save_head(change=case, actor=request.user, **form.facts()),
        autosave=lambda: services.save_head(change=case, actor=request.user, quiet=True, **form.facts()),
        title="改理由和其他内容",
        lead=str(case.application),
        submit_label="保存变更",
        done="已保存",
        back=_above(case),
        here="修改",
        about=case,
    )


@roles(CLERK)
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """Another opening day, with all sessions."""
    case = _own_editable(request, pk)
    if isinstance(case, HttpResponse):
        return case
    form = MoveForm(posted(request), row=case)
    terms, day = current_terms(), content_of(case).head["opens_on"]
    form.opening = explanation(terms.due(OPENING, day), terms, case.first_submitted_at)
    return form_page(
        request,
        form,
        lambda: services.move(
            change=case, opens_on=form.cleaned_data["opens_on"], version=form.version, actor=request.user
        ),
        title="改开班日期",
        lead=str(case.application),
        submit_label="改到这一天",
        done=lambda saved: f"开班日期改为 {full(form.cleaned_data['opens_on'])}，课程表已一起顺移，请核对",
        back=_above(case),
        about=case,
    )


@roles(CLERK)
def timetable(request: HttpRequest, pk: int) -> HttpResponse:
    """The rows that can still be changed, in the grid of 附件3; those of the past are shown above it."""
    case = _own_editable(request, pk)
    if isinstance(case, HttpResponse):
        return case
    kept, rows = _rows_that_stay(case), rows_of(would_be(case))
    grid = row_formset(would_be(case), [row for row in rows if row.pk is None or row.pk not in kept], posted(request))
    grid.row = case

    def save(*, quiet: bool = False) -> ClassChange:
        return services.save_rows(change=case, rows=grid.rows(), version=grid.version, actor=request.user, quiet=quiet)

    return form_page(
        request,
        grid,
        save,
        autosave=lambda: save(quiet=True),
        title="改课程表",
        lead=str(case.application),
        submit_label="保存课程表",
        done="课程表已保存，请核对原批准与变更后的内容",
        back=_above(case),
        template="training_changes/timetable.html",
        about=case,
        grid=grid,
        **_around_grid(case, grid, kept),
    )


def _rows_that_stay(case: ClassChange) -> set[int]:
    """The ids of the rows of the class in half-days that have begun."""
    held = held_half_days(case.application, clock.now())
    fixed, _ = services.split(content_of(case).rows, standing(case.application).rows, held)
    return {row["id"] for row in fixed}


def _around_grid(case: ClassChange, grid: Any, kept: set[int]) -> dict[str, Any]:
    """What the page shows besides: what is wrong in which row or with the whole, the rows that stay, the rules."""
    changed = would_be(case)
    problems = [] if grid.is_bound else timetable_problems(changed, rows_of(changed))
    return {
        "lines": grid_lines(grid, problems, len(kept) + 1),
        "whole": [problem.text for problem in problems if problem.row <= len(kept)],
        "fixed": [row for row in rows_of(case.application) if row.pk in kept],
        "with_catalogue": len(grid.empty_form.fields["catalogue_course"].choices) > 1,
        "rule": changed.timetable_rules,
    }


@can(READ_CASES)
def form_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """The application as a form for the stamp."""
    return printed(request, FORM_PRINTED, get_visible_or_404(_with_details(), request, pk=pk))

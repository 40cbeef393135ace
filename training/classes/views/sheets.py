"""The forms of the notice and the list of trainees as PDF and .xlsx, and their import."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from luojiang_ce.access import READ_PEOPLE, Role, any_account, can, get_visible_or_404, roles
from luojiang_ce.papers.printouts import printed
from luojiang_ce.sheets.exports import people_workbook
from luojiang_ce.sheets.responses import template_response, workbook_response
from luojiang_ce.sheets.views import ImportViews
from luojiang_ce.workflow.readings import off_record
from training.classes import form2, form3, papers, roster, timetable
from training.classes.facts import as_values, rows_of
from training.classes.importers.roster import TRAINEES_IMPORT
from training.classes.importers.timetable import TIMETABLE_IMPORT
from training.classes.models import ClassApplication, Enrolment

from .applications import with_details

CLERK = Role.UNIT_CLERK
TIMETABLE = ImportViews(TIMETABLE_IMPORT, CLERK)
TRAINEES = ImportViews(TRAINEES_IMPORT, CLERK)


@any_account
def form2_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """附件2 with its boxes."""
    case = _visible_or_404(request, pk)
    return printed(request, papers.FORM2_PRINTED, case)


@any_account
def form2_sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """附件2 as a workbook."""
    case = _visible_or_404(request, pk)
    table = rows_of(case)
    boxes = papers.opinions(case, form2.amounts(case, table))
    rows = form2.sheet_rows(case, table)
    return workbook_response(form2.SHEET2, rows, f"附件2 {case}", {}, boxes, taken_by=request.user)


@any_account
def form3_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """附件3."""
    case = _visible_or_404(request, pk)
    return printed(request, papers.FORM3_PRINTED, case)


@any_account
def form3_sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """附件3 as a workbook, which can be imported again."""
    case = _visible_or_404(request, pk)
    rows = rows_of(case)
    lines = {**form3.head(case), **form3.foot(case, timetable.sums(as_values(rows)))}
    return workbook_response(form3.FORM3, form3.rows(rows), f"附件3 {case}", lines, taken_by=request.user)


@off_record("an empty form to fill in")
@roles(CLERK)
def form3_template(request: HttpRequest) -> HttpResponse:
    """An empty 附件3 to fill in."""
    return template_response(form3.FORM3, "附件3 课程表模板")


@can(READ_PEOPLE)
def trainees_sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """The list of trainees, ID numbers masked (notice 一(五)3: 参加培训人员花名册)."""
    case = _visible_or_404(request, pk)
    rows = Enrolment.objects.visible_to(request.user).present().filter(application=case).order_by("employer", "pk")
    head = roster.head(case, form3.span(case))
    return people_workbook(request, roster.TRAINEES, roster.rows(rows), f"花名册 {case}", head)


@off_record("an empty form to fill in")
@roles(CLERK)
def trainees_template(request: HttpRequest) -> HttpResponse:
    """An empty roster to fill in."""
    return template_response(roster.TRAINEES, "学员花名册模板")


def _visible_or_404(request: HttpRequest, pk: int) -> ClassApplication:
    return get_visible_or_404(with_details(), request, pk=pk)

"""Recognition as pages: the list, beginning one, the case, and its lists on paper."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from luojiang_ce import clock
from luojiang_ce.access.cases import get_visible_or_404
from luojiang_ce.access.roles import Role
from luojiang_ce.access.rules import any_account, roles
from luojiang_ce.home.lists import HeadLink, list_context
from luojiang_ce.papers.form_pdf import form_printable
from luojiang_ce.papers.models import Paper
from luojiang_ce.papers.rendering import render as render_pdf
from luojiang_ce.refusals import NotPossible
from luojiang_ce.sheets.responses import download, workbook_response
from luojiang_ce.workdays.strip import build
from luojiang_ce.workflow.pages import case_page
from training.classes.models import ClassApplication
from units.readers import PEOPLE_READERS
from units.terms.reading import current_terms

from . import pages
from .case import RECOGNITION, due_of_class, may_edit
from .filters import RecognitionFilter
from .lists import classes_waiting, recognition_rows
from .models import Exclusion, Recognition
from .services import open_recognition
from .sheets import ROSTER, head_of, roster_rows, sheet_of, sheet_rows

PER_PAGE = 50
PDF = "application/pdf"


@roles(*PEOPLE_READERS)
def listing(request: HttpRequest) -> HttpResponse:
    """Recognitions that the account sees, and for a clerk the classes that wait for one."""
    account: Any = request.user
    terms = current_terms()
    rows = Recognition.objects.visible_to(account).select_related("unit", "application")
    context = list_context(
        request,
        rows,
        filterset=RecognitionFilter,
        sorts={"filed": "first_submitted_at", "ended": "application__ends_on"},
        sort="-ended",
    )
    meanings = {state: info.meaning for state, info in RECOGNITION.states.items()}
    context |= {
        "title": "学时认定",
        "lead": "培训结束后30日内办好学时（学分）认定（通知 一(五)3）",
        "rows": recognition_rows(list(context["page_obj"]), terms, meanings),
        "waiting": list(classes_waiting(account, terms)),
        "empty": {"text": "还没有学时认定。培训班结束后，由办班单位在这里申报"},
    }
    return render(request, "training_recognition/list.html", context)


@roles(Role.UNIT_CLERK)
@require_POST
def begin(request: HttpRequest, application: int) -> HttpResponse:
    """Begin the recognition of a class, or go on with it."""
    account: Any = request.user
    own = ClassApplication.objects.filter(unit__in=account.unit_ids(Role.UNIT_CLERK))
    course = get_visible_or_404(own, request, pk=application)
    try:
        return redirect(open_recognition(application=course, actor=account))
    except NotPossible as refused:
        messages.error(request, f"还不能申报学时认定：{refused}")
        return redirect("recognition:list")


@any_account
def recognition(request: HttpRequest, pk: int) -> HttpResponse:
    """The case page: materials, people with their half-days and amounts, decisions, oddities."""
    account: Any = request.user
    case = case_or_404(request, pk)
    terms, found = current_terms(), pages.found_in(case)
    deadline, package = due_of_class(case.application, terms), pages.package_of(case)
    people = Paginator(found.lines, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": case_page(case, account),
        "title": str(case.application),
        "kind": "学时认定",
        "number": case.number,
        "lead": case.unit.name,
        "crumbs": [("学时认定", reverse("recognition:list")), (case.number or "草稿", "")],
        "deadline": deadline,
        "strip": None if case.first_submitted_at else build(deadline, terms.calendar, clock.today()),
        "found": found,
        "page_obj": people,
        "rows": pages.rows_of(found, list(people)),
        "materials": package.rows,
        "odd_photos": package.odd_photos,
        "exclusions": case.exclusions.all(),
        "papers": Paper.objects.of(case) if case.state in pages.FROZEN else [],
        "may_change": may_edit(case, account),
        "may_decide": case.state == Recognition.State.SUBMITTED and account.holds(Role.BUREAU_HANDLER),
        "links": _links(case),
    }
    return render(request, "training_recognition/recognition.html", context)


@any_account
def oddities(request: HttpRequest, pk: int) -> HttpResponse:
    """What looks odd in the signs, as a part of the case page that is loaded after it."""
    case = case_or_404(request, pk)
    context = {"application": case.application, "oddities": pages.oddities_of_class(case), "linked": True}
    return render(request, "training_attendance/oddities.html", context)


@any_account
def roster_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """The list of trainees to be printed, stamped and scanned (notice 一(五)3)."""
    case = case_or_404(request, pk)
    rows, head = _roster(case)
    printable = form_printable(ROSTER, rows, head=head, foot={"filler": getattr(request.user, "name", "")})
    return download(render_pdf(printable).content, f"花名册 {case.application}.pdf", PDF)


@any_account
def roster_xlsx(request: HttpRequest, pk: int) -> HttpResponse:
    """The same list as a workbook."""
    case = case_or_404(request, pk)
    rows, head = _roster(case)
    return workbook_response(ROSTER, rows, f"花名册 {case.application}", head)


@any_account
def people_xlsx(request: HttpRequest, pk: int) -> HttpResponse:
    """The people with their half-days and amounts as a workbook."""
    case = case_or_404(request, pk)
    found = pages.found_in(case)
    head = {**head_of(case.application), "decision": case.get_state_display()}
    return workbook_response(sheet_of(case.application), sheet_rows(found.lines), f"学时认定 {case.application}", head)


def case_or_404(request: HttpRequest, pk: int) -> Recognition:
    """The recognition, if the signed-in account may see it."""
    exclusions = Prefetch("exclusions", Exclusion.objects.select_related("enrolment", "decided_by"))
    rows = Recognition.objects.select_related("unit", "application__unit", "created_by").prefetch_related(
        "application__timetable", exclusions
    )
    return get_visible_or_404(rows, request, pk=pk)


def _roster(case: Recognition) -> tuple[list[Any], dict[str, Any]]:
    trainees = list(case.application.enrolments.present().select_related("person"))
    return roster_rows(trainees), {**head_of(case.application), "count": len(trainees)}


def _links(case: Recognition) -> list[HeadLink]:
    return [
        HeadLink("考勤", reverse("attendance:class", args=[case.application_id]), "clipboard-check"),
        HeadLink("花名册 PDF", reverse("recognition:roster_pdf", args=[case.pk]), "printer"),
    ]

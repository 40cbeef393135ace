"""Lapses: the list and the page of one."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from luojiang_ce.access import READ_CASES, can, get_visible_or_404
from luojiang_ce.home.lists import acts_on_many, list_context
from luojiang_ce.sheets.exports import export_view
from luojiang_ce.workflow.pages import case_page
from units.extensions.models import Lapse

from .filters import LapseFilter


@can(READ_CASES)
def lapses(request: HttpRequest) -> HttpResponse:
    """What was not filed in time, of the units that the account sees."""
    rows = Lapse.objects.visible_to(request.user).select_related("unit")
    context = list_context(request, rows, filterset=LapseFilter, sorts={"due": "due"})
    context |= acts_on_many(request, Lapse, READ_CASES, "terms:export_lapses")
    return render(request, "terms/lapses.html", {**context, "title": "逾期记录", "empty": {"text": "没有逾期记录"}})


export = export_view(READ_CASES, "lapses")


@can(READ_CASES)
def lapse(request: HttpRequest, pk: int) -> HttpResponse:
    """The page of a lapse: what was due when, and what became of it."""
    case = get_visible_or_404(Lapse.objects.select_related("unit", "confirmed_by"), request, pk=pk)
    context = {
        "page": case_page(case, request.user),
        "title": case.title,
        "kind": "逾期",
        "lead": case.unit.name,
        "crumbs": [("逾期记录", reverse("terms:lapses")), (case.title, "")],
        "case": case,
    }
    return render(request, "terms/lapse.html", context)

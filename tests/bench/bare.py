"""What a bare Django page costs: for each page that is measured one query for the same rows and a plain template."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from luojiang_ce.home.lists import PER_PAGE
from luojiang_ce.home.start import SHOWN
from training.classes.models import ClassApplication, TimetableRow
from training.classes.views.published import PER_PAGE as PROJECTS
from training.plans.models import PlanItem
from units.models import Employment


def people(request: HttpRequest) -> HttpResponse:
    """The first page of the people of the district."""
    rows = Employment.objects.filter(ended_on=None, person__titles__is_current=True)
    rows = rows.select_related("person", "unit").order_by("person__pinyin", "person__pk")
    shown = rows.annotate(title=F("person__titles__name"), level=F("person__titles__level"))[:PER_PAGE]
    return render(request, "bench/people.html", {"rows": shown})


def start(request: HttpRequest, unit: int | None = None) -> HttpResponse:
    """What lies before the bureau's handler, or the open classes of a unit."""
    rows = ClassApplication.objects.filter(**({"unit": unit} if unit else {"state": ClassApplication.State.SUBMITTED}))
    shown = rows.select_related("unit").order_by("submitted_at", "pk")[:SHOWN]
    return render(request, "bench/start.html", {"rows": shown})


def case(request: HttpRequest, pk: int) -> HttpResponse:
    """The timetable of a class."""
    rows = TimetableRow.objects.filter(application=pk).select_related("lecturer")
    return render(request, "bench/case.html", {"rows": rows})


@login_not_required
def published(request: HttpRequest) -> HttpResponse:
    """The sessions of the first published projects."""
    projects = PlanItem.objects.filter(batch__state="published").order_by("-plan__year", "number")[:PROJECTS]
    rows = ClassApplication.objects.filter(project__in=list(projects.values_list("pk", flat=True)))
    return render(request, "bench/published.html", {"rows": rows.select_related("unit", "project")})


urlpatterns = [
    path("published/", published),
    path("people/", people),
    path("start/", start),
    path("start/<int:unit>/", start),
    path("case/<int:pk>/", case),
]

"""Published projects and their sessions, for anyone, without an account: pages and calendars."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from luojiang_ce.access import public
from luojiang_ce.home.lists import list_context
from luojiang_ce.papers.models import Paper
from luojiang_ce.workdays.text import full
from luojiang_ce.workflow.readings import off_record
from training.classes.filters import PublishedFilter
from training.classes.published import (
    as_calendar,
    fee_of,
    of_filtered,
    projects,
    sessions,
    with_sessions,
)
from training.plans.models import PlanItem

PER_PAGE = 20


@public
@never_cache
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """Published projects, each with its approved sessions."""
    context = list_context(request, projects(), filterset=PublishedFilter, per_page=PER_PAGE)
    asked = request.GET.copy()
    asked.pop("page", None)
    context |= {
        "projects": with_sessions(context["page_obj"].object_list, context["filter"].of_month),
        "calendar": f"{reverse('published:calendar')}?{asked.urlencode()}".rstrip("?"),
    }
    return render(request, "training_classes/published/list.html", context)


@public
@never_cache
@require_safe
def project(request: HttpRequest, pk: int) -> HttpResponse:
    """One published project: what was published of it, by which document, its sessions."""
    item = get_object_or_404(projects(), pk=pk)
    context = {
        "project": with_sessions([item])[0],
        "facts": _facts(item),
        "document": Paper.objects.of(item.batch).filter(state=Paper.State.ISSUED).first(),
    }
    return render(request, "training_classes/published/project.html", context)


@off_record("published classes, for everybody")
@public
@never_cache
@require_safe
def calendar(request: HttpRequest) -> HttpResponse:
    """The sessions of the filtered list as a calendar that programs subscribe to."""
    found = PublishedFilter(request.GET, queryset=projects(), request=request)
    return _ical(of_filtered(found.qs, found.of_month), "classes.ics")


@off_record("a published class, for everybody")
@public
@never_cache
@require_safe
def session(request: HttpRequest, pk: int) -> HttpResponse:
    """One session, to put into a calendar."""
    found = get_object_or_404(sessions().filter(project__in=projects().values("pk")), pk=pk)
    return _ical([found], f"class-{pk}.ics")


def _ical(rows: Any, name: str) -> HttpResponse:
    content = as_calendar(rows, settings.PUBLIC_URL.rstrip("/"))
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return response


def _facts(item: PlanItem) -> list[tuple[str, Any]]:
    amounts = (("公共", item.public_amount), ("专业", item.professional_amount))
    said = "，".join(f"{label} {amount.normalize():f}" for label, amount in amounts if amount)
    first, last = item.starts_on, item.ends_on
    facts = [
        ("施教机构", item.unit.name),
        ("主办单位", item.organiser),
        ("承办（协办）单位", item.co_organiser),
        ("科目", item.get_category_display()),
        ("主要课程", item.content),
        ("对象", item.audience),
        ("期数、每期人数", f"{item.sessions} 期，每期 {item.people} 人"),
        ("拟定时间", f"{full(first)}至{full(last)}" if first and last else ""),
        ("拟定地点", item.place),
        (f"拟授{item.get_measure_display()}", said),
        ("收费", fee_of(item)),
    ]
    return [(label, value) for label, value in facts if value]

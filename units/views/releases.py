"""Persons asked for: the list, and the page of a request."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from luojiang_ce.access import KEEP_PEOPLE, READ_PEOPLE, Role, can, get_visible_or_404
from luojiang_ce.home.lists import Chip, HeadLink, list_context
from luojiang_ce.workflow.events import history
from luojiang_ce.workflow.pages import case_page
from units.models import Person, ReleaseRequest
from units.release_case import as_asked


@can(KEEP_PEOPLE)
def requests(request: HttpRequest) -> HttpResponse:
    """The requests that the account sees: its own, and those for its people."""
    account: Any = request.user
    rows = ReleaseRequest.objects.visible_to(account).select_related("person", "unit", "to_unit")
    state = request.GET.get("state", "")
    context = list_context(request, rows.filter(state=state) if state in ReleaseRequest.State else rows)
    context |= {
        "title": "调入申请",
        "lead": "申请调入在其他单位任职的人员，由其所在单位或区人社局答复",
        "rows": [(row, row.is_open_to(account)) for row in context["page_obj"]],
        "chips": _chips(state),
        "links": _links(account),
        "unit": "件",
        "empty": {"text": "没有调入申请。在“新增人员”里填写后，从那里申请"},
    }
    return render(request, "units/requests.html", context)


@never_cache
@can(READ_PEOPLE)
def release_request(request: HttpRequest, pk: int) -> HttpResponse:
    """One request: to whoever answers, whom it is about; to whoever asks, what was typed and what was answered."""
    account: Any = request.user
    rows = ReleaseRequest.objects.select_related("person", "unit", "to_unit")
    case = get_visible_or_404(rows, request, pk=pk)
    is_open, page = case.is_open_to(account), case_page(case, account)
    last = history(case).first()
    sees_person = Person.objects.visible_to(account).filter(pk=case.person_id).exists()
    context = {
        "page": page if is_open else as_asked(page),
        "title": str(case),
        "kind": "调入申请",
        "crumbs": [("人员", reverse("people:list")), ("调入申请", reverse("people:requests")), (case.name, "")],
        "request_": case,
        "is_open": is_open,
        "answer": last if last and last.name in ("release", "refuse") else None,
        "person_url": case.person.get_absolute_url() if sees_person else "",
    }
    return render(request, "units/request.html", context)


def _links(account: Any) -> list[HeadLink]:
    return (
        [HeadLink("新增人员", reverse("people:new"), "user-round-plus", primary=True)]
        if account.holds(Role.UNIT_CLERK)
        else []
    )


def _chips(state: str) -> list[Chip]:
    base = reverse("people:requests")
    shown = [("", "全部"), *((value.value, value.label) for value in ReleaseRequest.State)]
    return [Chip(label, f"{base}?state={key}" if key else base, current=state == key) for key, label in shown]

"""The event log, read-only: who did what when, to which case. For the audit officer."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from luojiang_ce.access.cases import get_visible_case_or_404
from luojiang_ce.access.roles import Role
from luojiang_ce.access.rules import roles
from luojiang_ce.home.lists import HeadLink, list_context
from luojiang_ce.jobs.models import Job
from luojiang_ce.jobs.services import enqueue
from luojiang_ce.sheets.downloads import xlsx_response
from luojiang_ce.workflow.events import record
from luojiang_ce.workflow.models import Event
from units import audit, exports
from units.forms.filters import EventFilter

MOST_ROWS = 50_000


@roles(Role.AUDIT_ADMIN)
def events(request: HttpRequest) -> HttpResponse:
    """The log, newest first."""
    account: Any = request.user
    context = list_context(request, _log(), filterset=EventFilter, sorts={"at": "pk"}, sort="-at")
    checks = Job.objects.visible_to(account).filter(kind=audit.CHECK)
    context |= {
        "title": "操作记录",
        "lead": "只增不改；记录里只有编号，没有姓名和证件号码",
        "links": [HeadLink("导出 .xlsx", f"{reverse('audit:export')}?{request.GET.urlencode()}", "download")],
        "rows": [(event, audit.event_label(event.case_type, event.name), audit.case_label(event.case_type))
                 for event in context["page_obj"]],
        "check": checks.first(),
        "unit": "条",
        "empty": {"text": "还没有记录"},
    }  # fmt: skip
    return render(request, "units/events.html", context)


@roles(Role.AUDIT_ADMIN)
def export(request: HttpRequest) -> HttpResponseBase:
    """The log as .xlsx under the same filters; taking it away is on record too."""
    account: Any = request.user
    found = EventFilter(request.GET, queryset=_log(), request=request).qs
    number = found.count()
    if number > MOST_ROWS:
        messages.error(request, f"共 {number} 条，一次最多导出 {MOST_ROWS} 条，请用日期或业务缩小范围")
        return redirect(f"{reverse('audit:events')}?{request.GET.urlencode()}")
    record(account, "exported", actor=account, data={"list": "events", "rows": number})
    return xlsx_response(exports.EVENTS, exports.event_rows(found.order_by("-pk")), "操作记录")


@roles(Role.AUDIT_ADMIN)
@require_POST
def check(request: HttpRequest) -> HttpResponse:
    """Check the chain in the background; the page of the job says what was found."""
    account: Any = request.user
    job = enqueue(audit.CHECK, title="查验操作记录是否被改动", owner=account)
    return redirect("jobs:progress", uid=job.uid)


@roles(Role.AUDIT_ADMIN)
def case(request: HttpRequest, case_type: str, pk: int) -> HttpResponse:
    """From an event to the page of its case, where the auditor may see it."""
    return redirect(get_visible_case_or_404(case_type, pk, request).get_absolute_url())


def _log() -> Any:
    return Event.objects.select_related("actor", "note_row")

"""The event log, read-only: who did what when, to which case. For the audit officer."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from luojiang_ce.access import READ_LOG, can, get_visible_case_or_404
from luojiang_ce.home.lists import export_link, list_context
from luojiang_ce.jobs.models import Job
from luojiang_ce.jobs.services import ask_for
from luojiang_ce.sheets.exports import export_view
from luojiang_ce.workflow import heads
from luojiang_ce.workflow.models import Event
from units import audit
from units.forms.filters import EventFilter


@can(READ_LOG)
def events(request: HttpRequest) -> HttpResponse:
    """The log, newest first."""
    account: Any = request.user
    context = list_context(
        request,
        Event.objects.select_related("actor", "note_row"),
        filterset=EventFilter,
        sorts={"at": "pk"},
        sort="-at",
    )
    checks = Job.objects.visible_to(account).filter(kind=audit.CHECK)
    context |= {
        "title": "操作记录",
        "lead": "只增不改；记录里只有编号，没有姓名和证件号码",
        "links": [export_link(request, "audit:export")],
        "rows": [(event, audit.event_label(event.case_type, event.name), audit.case_label(event.case_type),
                  audit.move_label(event), audit.note(event), audit.contents(event))
                 for event in audit.with_seconds(context["page_obj"])],
        "check": checks.first(),
        "heads": [(name, heads.code_of(head)) for name, head in heads.shown()],
        "unit": "条",
        "empty": {"text": "还没有记录"},
    }  # fmt: skip
    return render(request, "units/events.html", context)


export = export_view(READ_LOG, "events")


@can(READ_LOG)
@require_POST
def check(request: HttpRequest) -> HttpResponse:
    """Check the chain in the background; the page of the job says what was found."""
    account: Any = request.user
    job = ask_for(audit.CHECK, title="查验操作记录是否被改动", owner=account)
    return redirect("jobs:progress", uid=job.uid)


@can(READ_LOG)
def case(request: HttpRequest, case_type: str, pk: int) -> HttpResponse:
    """From an event to the page of its case, where the auditor may see it."""
    return redirect(get_visible_case_or_404(case_type, pk, request).get_absolute_url())

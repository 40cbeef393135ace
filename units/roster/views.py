"""Upload, preview, confirmation: a clerk's own units, an uploader's own imports."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from luojiang_ce.access.cases import case_key, get_visible_or_404
from luojiang_ce.access.roles import Role
from luojiang_ce.access.rules import roles
from luojiang_ce.sheets.models import ImportBatch
from luojiang_ce.sheets.responses import XLSX, download, template_response
from luojiang_ce.sheets.services import ImportGone, discard_import, returned_file
from luojiang_ce.workflow.events import record
from units.models import Unit

from .columns import ROSTER
from .forms import RosterForm
from .pages import preview_context
from .services import KIND, confirm_staged, latest_job, submit_roster

_WAITING = (ImportBatch.State.READING, ImportBatch.State.PREVIEWED, ImportBatch.State.CONFIRMING)


@roles(Role.UNIT_CLERK)
def upload(request: HttpRequest) -> HttpResponse:
    """Choose a file; what comes next is its preview."""
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = RosterForm(*sent, clerk=request.user)
    if form.is_valid():
        file = form.cleaned_data["file"]
        batch = submit_roster(
            file=file, name=file.name, size=file.size, unit=form.cleaned_data["unit"], actor=request.user
        )
        return redirect("roster:batch", batch.token)
    context = {
        "form": form,
        "waiting": _own_batches(request).visible_to(request.user).filter(state__in=_WAITING).defer("plan")[:10],
        "columns": ROSTER.columns,
        "submit_label": "上传并预览",
    }
    return render(request, "units/roster/upload.html", context, status=422 if form.is_bound else 200)


@roles(Role.UNIT_CLERK)
def template(request: HttpRequest) -> HttpResponse:
    """The empty roster to fill in."""
    return template_response(ROSTER, "专业技术人员花名册模板")


@roles(Role.UNIT_CLERK)
def batch(request: HttpRequest, token: UUID) -> HttpResponse:
    """An import where it stands: being read, refused, to be confirmed, being written, done."""
    found = _own_batch(request, token)
    context: dict[str, Any] = {"batch": found, "unit": Unit.objects.get(pk=found.scope_id), "job": latest_job(found)}
    if found.state == ImportBatch.State.PREVIEWED:
        context |= preview_context(found, request.GET)
    context["more_wrong"] = found.result.get("wrong", 0) - found.counts.get("wrong", 0)
    return render(request, "units/roster/batch.html", context)


@roles(Role.UNIT_CLERK)
def returned(request: HttpRequest, token: UUID) -> HttpResponse:
    """The wrong rows with their reasons, full ID numbers and all: for the uploader, and on record."""
    found = _own_batch(request, token)
    try:
        content = returned_file(found)
    except ImportGone as gone:
        raise Http404(str(gone)) from gone
    unit = Unit.objects.get(pk=found.scope_id)
    record(unit, "returned_rows_downloaded", actor=request.user, data={"import": found.pk})
    return download(content, "有误的行.xlsx", XLSX)


@roles(Role.UNIT_CLERK)
@require_POST
def confirm(request: HttpRequest, token: UUID) -> HttpResponse:
    """Write the new and changed rows; asked twice, it is done once."""
    found = _own_batch(request, token)
    try:
        confirm_staged(batch=found, actor=request.user)
    except ImportGone as gone:
        messages.error(request, str(gone))
    except ValidationError as refused:
        messages.error(request, refused.message)
    return redirect("roster:batch", token)


@roles(Role.UNIT_CLERK)
@require_POST
def discard(request: HttpRequest, token: UUID) -> HttpResponse:
    """Give the import up and delete its files."""
    found = _own_batch(request, token)
    if not discard_import(found):
        messages.error(request, "已经开始导入，不能放弃")
        return redirect("roster:batch", token)
    messages.success(request, f"已放弃导入“{found.name}”，没有写入任何数据")
    return redirect("roster:upload")


def _own_batches(request: HttpRequest):
    """Rosters for units whose clerk the account is today."""
    units = request.user.unit_ids(Role.UNIT_CLERK)
    scope_type, _ = case_key(Unit(pk=0))
    return ImportBatch.objects.filter(kind=KIND, scope_type=scope_type, scope_id__in=units)


def _own_batch(request: HttpRequest, token: UUID) -> ImportBatch:
    return get_visible_or_404(_own_batches(request), request, token=token)

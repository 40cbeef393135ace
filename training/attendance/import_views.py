"""Importing signs: the template with the class's trainees, upload, preview, confirmation."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from luojiang_ce.access.roles import Role
from luojiang_ce.access.rules import roles
from luojiang_ce.refusals import NotPossible
from luojiang_ce.sheets.models import ImportBatch
from luojiang_ce.sheets.responses import workbook_response
from luojiang_ce.sheets.services import ImportGone, discard_import, load_staged
from training.classes.forms.trainees import RosterForm
from training.classes.models import ClassApplication
from training.terms import HalfDay

from . import importing
from .sheet import SIGNS
from .timetable import slots_of_class


@roles(Role.UNIT_CLERK)
def template(request: HttpRequest, pk: int) -> HttpResponse:
    """A workbook with a row per half-day and trainee, times to be filled in."""
    application = _own_or_404(request, pk)
    trainees = list(application.enrolments.present())
    rows: list[dict[str, Any]] = [
        {
            "name": trainee.name,
            "id_number": trainee.masked_id,
            "employer": trainee.employer,
            "date": slot.date,
            "half_day": HalfDay(slot.half_day).label,
        }
        for slot in slots_of_class(application)
        for trainee in trainees
        if not trainee.missed(slot.begins)
    ]
    return workbook_response(SIGNS, rows, f"签到签退登记表 {application}")


@roles(Role.UNIT_CLERK)
def upload(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose a sign-in sheet or a time clock's export."""
    application = _own_or_404(request, pk)
    form = RosterForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file, account = form.cleaned_data["file"], _account(request)
        batch = importing.stage_signs(application=application, file=file, name=file.name, actor=account)
        return redirect("attendance:import_preview", application.pk, batch.token)
    context = {
        "form": form,
        "title": "导入签到、签退",
        "lead": str(application),
        "crumbs": _crumbs(application),
        "template_url": reverse("attendance:template", args=[application.pk]),
        "cancel_url": reverse("attendance:class", args=[application.pk]),
        "submit_label": "上传并预览",
        "why": "上传后先看预览，确认以后才写入；已有的签到不会改动",
    }
    return render(request, "training_classes/import_upload.html", context, status=422 if form.errors else 200)


@roles(Role.UNIT_CLERK)
def preview(request: HttpRequest, pk: int, token: UUID) -> HttpResponse:
    """What would be signed, all that is wrong, and the button that writes it."""
    application = _own_or_404(request, pk)
    batch = _staged_or_404(request, application, token)
    here = redirect("attendance:class", application.pk)
    if request.method == "POST" and request.POST.get("do") == "discard":
        if discard_import(batch):
            messages.info(request, "已放弃这次导入，没有写入任何数据")
        return here
    problem = _confirm(request, batch, application) if request.method == "POST" else ""
    if request.method == "POST" and not problem:
        return here
    done = batch.state == ImportBatch.State.CONFIRMED
    context = {
        "batch": batch,
        "plan": batch.plan,
        "application": application,
        "problem": problem,
        "title": "已导入" if done else "导入预览：还没有写入任何数据",
        "crumbs": _crumbs(application),
    }
    return render(request, "training_attendance/import_preview.html", context, status=409 if problem else 200)


def _confirm(request: HttpRequest, batch: ImportBatch, application: ClassApplication) -> str:
    """Write the import and say so; or why not."""
    try:
        done = importing.confirm_signs(batch=batch, application=application, actor=_account(request))
    except (NotPossible, ImportGone) as refused:
        return str(refused)
    left = f"；{done['left']} 项原来已有，没有改动" if done["left"] else ""
    messages.success(request, f"已导入签到、签退 {done['added']} 项{left}")
    return ""


def _own_or_404(request: HttpRequest, pk: int) -> ClassApplication:
    own = ClassApplication.objects.filter(
        unit__in=_account(request).unit_ids(Role.UNIT_CLERK), state=ClassApplication.State.APPROVED
    )
    return get_object_or_404(own.select_related("unit"), pk=pk)


def _staged_or_404(request: HttpRequest, application: ClassApplication, token: UUID) -> ImportBatch:
    try:
        batch = load_staged(kind=importing.KIND, token=token, owner=_account(request))
    except ImportBatch.DoesNotExist as unknown:
        raise Http404 from unknown
    if (batch.scope_type, batch.scope_id) != (application._meta.label_lower, application.pk):
        raise Http404
    return batch


def _crumbs(application: ClassApplication) -> list[tuple[str, str]]:
    return [
        ("考勤", reverse("attendance:list")),
        (str(application), reverse("attendance:class", args=[application.pk])),
        ("导入", ""),
    ]


def _account(request: HttpRequest) -> Any:
    return request.user

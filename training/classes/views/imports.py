"""Importing a timetable or a roster: upload, preview of everything, confirmation."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from luojiang_ce.access.roles import Role
from luojiang_ce.access.rules import roles
from luojiang_ce.refusals import NotPossible
from luojiang_ce.sheets.models import ImportBatch
from luojiang_ce.sheets.services import ImportGone, discard_import, load_staged
from training.classes.forms.trainees import RosterForm
from training.classes.models import ClassApplication
from training.classes.services import imports

CLERK = Role.UNIT_CLERK


@roles(CLERK)
def timetable_upload(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose a workbook with a timetable (附件3)."""
    case = _own_or_404(request, pk)
    if not case.is_editable:
        messages.info(request, f"现在的状态是“{case.get_state_display()}”，不能修改课程表")
        return redirect(case)
    form = RosterForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        batch = imports.stage_timetable(application=case, file=file, name=file.name, actor=request.user)
        return redirect("classes:timetable_preview", case.pk, batch.token)
    context = {
        "form": form,
        "title": "导入课程表（附件3）",
        "crumbs": _crumbs(case, "导入课程表"),
        "template_url": reverse("classes:form3_template"),
        "cancel_url": reverse("classes:timetable", args=[case.pk]),
        "submit_label": "上传并预览",
        "why": "上传后先看预览，确认以后才写入，并替换现有的课程表",
    }
    return render(request, "training_classes/import_upload.html", context, status=422 if form.errors else 200)


@roles(CLERK)
def timetable_preview(request: HttpRequest, pk: int, token: str) -> HttpResponse:
    """What the workbook says, all that is wrong in it, and the button that writes it."""
    case = _own_or_404(request, pk)
    batch = _staged_or_404(request, imports.TIMETABLE, case, token)
    here = redirect("classes:timetable", case.pk)
    if request.method == "POST" and request.POST.get("do") == "discard":
        return _discard(request, batch, here)
    if request.method == "POST" and not batch.counts.get("wrong"):
        try:
            count = imports.confirm_timetable(batch=batch, application=case, actor=request.user)
        except (NotPossible, ImportGone) as reason:
            messages.error(request, str(reason))
        else:
            messages.success(request, f"已导入课程表，{count} 行")
        return here
    context = {"batch": batch, "plan": batch.plan, "case": case, "crumbs": _crumbs(case, "导入课程表")}
    return render(request, "training_classes/timetable_preview.html", {**context, "title": _title(batch)})


@roles(CLERK)
def roster_upload(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose a workbook with the trainees of a class."""
    case = _own_or_404(request, pk)
    form = RosterForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        batch = imports.stage_roster(application=case, file=file, name=file.name, actor=request.user)
        return redirect("classes:roster_preview", case.pk, batch.token)
    context = {
        "form": form,
        "title": "导入学员花名册",
        "crumbs": _crumbs(case, "导入学员花名册"),
        "template_url": reverse("classes:trainees_template"),
        "cancel_url": reverse("classes:trainees", args=[case.pk]),
        "submit_label": "上传并预览",
        "why": "上传后先看预览，确认以后才列入名单",
    }
    return render(request, "training_classes/import_upload.html", context, status=422 if form.errors else 200)


@roles(CLERK)
def roster_preview(request: HttpRequest, pk: int, token: str) -> HttpResponse:
    """Who would be enrolled, all that is wrong, and the button that enrols."""
    case = _own_or_404(request, pk)
    batch = _staged_or_404(request, imports.ROSTER, case, token)
    here = redirect("classes:trainees", case.pk)
    problem, reason = "", request.POST.get("late_reason", "")
    if request.method == "POST" and request.POST.get("do") == "discard":
        return _discard(request, batch, here)
    if request.method == "POST":
        try:
            count = imports.confirm_roster(batch=batch, application=case, actor=request.user, late_reason=reason[:200])
        except (NotPossible, ImportGone) as refused:
            problem = str(refused)
        else:
            messages.success(request, f"已列入 {count} 人。其他单位的人员已请其单位表示意见")
            return here
    context: dict[str, Any] = {"batch": batch, "plan": batch.plan, "case": case, "problem": problem, "reason": reason}
    context |= {"title": _title(batch), "crumbs": _crumbs(case, "导入学员花名册")}
    return render(request, "training_classes/roster_preview.html", context, status=409 if problem else 200)


def _own_or_404(request: HttpRequest, pk: int) -> ClassApplication:
    own = ClassApplication.objects.filter(unit__in=request.user.unit_ids(CLERK))
    return get_object_or_404(own.select_related("project__plan", "unit"), pk=pk)


def _staged_or_404(request: HttpRequest, kind: str, case: ClassApplication, token: str) -> ImportBatch:
    try:
        batch = load_staged(kind=kind, token=token, owner=request.user)
    except ImportBatch.DoesNotExist as unknown:
        raise Http404 from unknown
    if (batch.scope_type, batch.scope_id) != (case._meta.label_lower, case.pk):
        raise Http404
    return batch


def _discard(request: HttpRequest, batch: ImportBatch, here: HttpResponse) -> HttpResponse:
    if discard_import(batch):
        messages.info(request, "已放弃这次导入，没有写入任何数据")
    return here


def _title(batch: ImportBatch) -> str:
    done = batch.state == ImportBatch.State.CONFIRMED
    return "已导入" if done else "导入预览：还没有写入任何数据"


def _crumbs(case: ClassApplication, here: str) -> list[tuple[str, str]]:
    return [("开班申请", reverse("classes:list")), (case.number or "草稿", case.get_absolute_url()), (here, "")]

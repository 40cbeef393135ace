"""Photographs of signed sheets as pages: uploaded to a class, confirmed one by one."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from luojiang_ce.access import Role, get_visible_or_404, roles
from luojiang_ce.bodies import takes_files
from luojiang_ce.home.form_page import act, form_page, posted
from luojiang_ce.refusals import NotPossible
from luojiang_ce.uploads.places import SIGNED_SHEET
from training.attendance.freezing import reasons_against
from training.attendance.importing import own_approved
from training.attendance.pages import slot_args, slot_label
from training.attendance.services import Recorded
from training.attendance.timetable import slots_of_class
from training.classes.models import ClassApplication
from training.half_days import Slot

from . import pages, services
from .forms import ConfirmForm
from .models import Photograph

Stage = Photograph.Stage


@takes_files(SIGNED_SHEET)
@roles(Role.UNIT_CLERK)
def of_class(request: HttpRequest, pk: int) -> HttpResponse:
    """The photographs of a class; more are uploaded here, in any order."""
    application = get_object_or_404(own_approved(request.user), pk=pk)
    if request.method == "POST":
        return _taken_in(request, application)
    context = {
        "application": application,
        "title": "签到表照片",
        "lead": f"{application}　拍照或扫描签好的签到表，识别后逐页确认；确认以前不登记任何签到",
        "crumbs": [*_crumbs(application)[:-1], ("签到表照片", "")],
        "reasons": reasons_against(application, (), request.user),
        "rows": pages.photograph_rows(application, request.user),
        "most": services.MOST_FILES,
    }
    return render(request, "training_photographs/class.html", context)


def _taken_in(request: HttpRequest, application: ClassApplication) -> HttpResponse:
    here = reverse("photographs:class", args=[application.pk])
    try:
        taken = services.take_in(application=application, uploads=request.FILES.getlist("files"), actor=request.user)
    except NotPossible as refused:
        messages.error(request, str(refused))
        return redirect(here)
    for refusal in taken.refused:
        messages.error(request, refusal)
    return redirect("jobs:progress", taken.job.uid) if taken.job else redirect(here)


@roles(Role.UNIT_CLERK)
def photograph(request: HttpRequest, uid: str) -> HttpResponse:
    """One page: what it was read to say, to be confirmed; or why it was not read, or what became of it."""
    row = _row_or_404(request, uid)
    slot = next((each for each in slots_of_class(row.application) if each.key == row.key), None)
    if row.stage != Stage.READ or slot is None:
        if request.method == "POST":
            messages.info(request, services.said_of_end(row))
            return redirect(row)
        return render(request, "training_photographs/ended.html", _ended(request, row))
    return _confirm_page(request, row, slot)


def _confirm_page(request: HttpRequest, row: Photograph, slot: Slot) -> HttpResponse:
    corrections = services.corrections_of(row)  # before the lines: what comes later than these is a conflict
    page = pages.sheet_page(row, slot)
    form = ConfirmForm(posted(request), page=page, slot=slot)
    return form_page(
        request,
        form,
        lambda: services.confirm(
            photograph=row,
            signed=form.signed,
            time_in=form.cleaned_data["time_in"],
            time_out=form.cleaned_data["time_out"],
            version=corrections.version,
            actor=request.user,
        ),
        title=f"确认 {pages.what_of(row)}",
        lead=f"{row.application}　{slot.starts_at:%H:%M}–{slot.ends_at:%H:%M}　{row}",
        submit_label="登记这一页的签到、签退",
        done=_said,
        then=lambda _: _next(row),
        back=_crumbs(row.application),
        here=pages.what_of(row),
        template="training_photographs/confirm.html",
        page=page,
        photograph=row,
        reasons=reasons_against(row.application, [slot.key], request.user),
    )


def _said(done: Recorded) -> str:
    text = f"已登记签到 {done.signed_in} 人、签退 {done.signed_out} 人，照片已存为本半日的签到表"
    return f"{text}；{done.left_alone} 项原来已有，没有改动" if done.left_alone else text


def _next(row: Photograph) -> str:
    """The next page that is to be confirmed, else the class's photographs."""
    waiting = Photograph.objects.filter(application=row.application, stage=Stage.READ)
    following = waiting.order_by("date", "half_day", "page", "pk").first()
    return following.get_absolute_url() if following else reverse("photographs:class", args=[row.application_id])


def _ended(request: HttpRequest, row: Photograph) -> dict[str, Any]:
    others = pages.classes_named([row], request.user)
    gone = row.stage == Stage.READ  # its half-day is in the timetable no more
    why = pages.why_unread(row, others) if row.fault else services.said_of_end(row)
    if gone and row.key:
        why = f"课程表里 {slot_label(row.key)}已没有计学时的课程，不能登记；课改了时间的，请按新的半日重新打印签到表"
    return {
        "photograph": row,
        "why": why,
        "title": pages.what_of(row),
        "lead": str(row.application),
        "crumbs": [*_crumbs(row.application), (pages.what_of(row), "")],
        "half_day_url": reverse("attendance:half_day", args=slot_args(row.application, row.key)) if row.key else "",
        "is_done": row.stage == Stage.CONFIRMED,
        "is_open": row.stage not in (Stage.CONFIRMED, Stage.DISCARDED),
    }


@roles(Role.UNIT_CLERK)
def picture(request: HttpRequest, uid: str) -> HttpResponse:
    """The photograph itself, as long as it is kept here."""
    row = _row_or_404(request, uid)
    if not row.content:
        raise Http404
    response = HttpResponse(services.opened(row, row.content), content_type=row.content_type)
    # An uploaded file may hold script of its own: whatever it is, it runs nothing here.
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'; style-src 'unsafe-inline'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    return response


@roles(Role.UNIT_CLERK)
@require_POST
def discard(request: HttpRequest, uid: str) -> HttpResponse:
    """Give a photograph up."""
    row = _row_or_404(request, uid)
    back = reverse("photographs:class", args=[row.application_id])
    return act(
        request,
        lambda: services.discard(photograph=row, actor=request.user),
        back=back,
        done=lambda _: f"已放弃：{row}，没有登记任何签到",
    )


def _row_or_404(request: HttpRequest, uid: str) -> Photograph:
    rows = Photograph.objects.select_related("application__unit", "ended_by")
    return get_visible_or_404(rows, request, uid=uid)


def _crumbs(application: ClassApplication) -> list[tuple[str, str]]:
    return [
        ("考勤", reverse("attendance:list")),
        (str(application), reverse("attendance:class", args=[application.pk])),
        ("签到表照片", reverse("photographs:class", args=[application.pk])),
    ]

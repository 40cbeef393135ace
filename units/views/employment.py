"""Leaving a unit and moving to another."""

from __future__ import annotations

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from luojiang_ce.access import DO_BUREAU_WORK, KEEP_PEOPLE, Role, can
from luojiang_ce.home.form_page import form_page, posted
from luojiang_ce.workdays.text import full
from units.forms.people import LeavingForm, TransferForm, UndoForm
from units.models import Employment
from units.services import end_employment, transfer, undo_leaving
from units.views.common import above_person, editable_person


@can(KEEP_PEOPLE)
def leaving(request: HttpRequest, pk: int) -> HttpResponse:
    """Record that somebody has left; the list is where the clerk goes on."""
    someone = editable_person(request, pk)
    form = LeavingForm(posted(request), row=someone)
    job = someone.job
    return form_page(
        request,
        form,
        lambda: end_employment(person=someone, actor=request.user, **form.facts()),
        title="登记离开",
        lead=f"{someone.name}　{job.unit if job else '目前没有任职单位'}",
        done=f"已登记 {someone.name} 离开，之后不再计入本单位的验证率",
        back=above_person(someone),
        then="people:leavers",
        why="登记后本单位看不到此人以后的记录；再来本单位时用“新增人员”接收",
    )


@can(KEEP_PEOPLE)
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back a leaving that was recorded by mistake."""
    own = Q() if request.user.holds(*DO_BUREAU_WORK.roles) else Q(unit__in=request.user.unit_ids(Role.UNIT_CLERK))
    job = get_object_or_404(Employment.objects.filter(own).ended(), pk=pk)
    form = UndoForm(posted(request))
    return form_page(
        request,
        form,
        lambda: undo_leaving(job=job, actor=request.user, **form.cleaned_data),
        title="撤销登记离开",
        lead=f"{job.person.name}　{job.unit}　最后一天 {full(job.ended_on)}",
        done=f"已撤销，{job.person.name} 仍在{job.unit}；日期录错的，请重新登记离开",
        back=[("离开人员", reverse("people:leavers"))],
        then=lambda person: person,
    )


@can(DO_BUREAU_WORK)
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """Move somebody to another unit."""
    someone = editable_person(request, pk)
    form = TransferForm(posted(request), row=someone)
    job = someone.job
    return form_page(
        request,
        form,
        lambda: transfer(person=someone, actor=request.user, **form.facts()),
        title="办理调动",
        lead=f"{someone.name}　现单位：{job.unit if job else '无'}",
        done="调动已办理，原单位算到前一天",
        back=above_person(someone),
    )

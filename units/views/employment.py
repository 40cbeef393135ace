"""Leaving a unit and moving to another."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from luojiang_ce.access import DO_BUREAU_WORK, KEEP_PEOPLE, can
from luojiang_ce.home.form_page import form_page, posted
from units.forms.people import LeavingForm, TransferForm
from units.services import end_employment, transfer
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

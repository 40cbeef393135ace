"""Slips, for whoever keeps the record of the people: make, print, withdraw; who looked when."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from luojiang_ce.access import KEEP_PEOPLE, Role, can, get_visible_or_404, roles
from luojiang_ce.home.form_page import act, form_page, posted
from luojiang_ce.home.lists import HeadLink, list_context
from luojiang_ce.jobs.models import Job
from luojiang_ce.sheets import kept
from luojiang_ce.sheets.responses import download
from luojiang_ce.typed import own_page, ticked_rows, whole_numbers
from luojiang_ce.workflow.events import history
from units.models import Person
from units.views.common import above_person

from ..filters import SlipFilter
from ..forms import SlipsForm
from ..guessing import is_stopped
from ..models import Slip, given_slips_by
from ..printing import GONE, JOB, enqueue_slips
from ..slips import withdraw_slips

LOOKS_SHOWN = 20
LOOKS = ("own_record_opened", "own_paper_opened")
ABOUT = "凭查阅条和证件后六位，本人用手机看自己的学时、达标情况和文书；新的一张生成后，原来的随即作废"


def link_to_slips(person: Person, account: Any) -> HeadLink | None:
    """From a person's pages to the slip, for whoever keeps the record."""
    if not given_slips_by(account).filter(pk=person.pk).exists():
        return None
    return HeadLink("本人查阅条", reverse("own_record:person", args=[person.pk]), "qr-code")


@can(KEEP_PEOPLE)
def slips(request: HttpRequest) -> HttpResponse:
    """The slips that open something today."""
    rows = Slip.objects.visible_to(request.user).standing().select_related("person", "made_by")
    context = list_context(
        request, rows, filterset=SlipFilter, sorts={"name": "person__pinyin", "last": "last_day"}, sort="name"
    )
    everybody = HeadLink("给全单位打印", reverse("own_record:everybody"), "printer", primary=True)
    context |= {
        "title": "本人查阅条",
        "lead": ABOUT,
        "unit": "张",
        "links": [everybody] if request.user.holds(Role.UNIT_CLERK) else [],
        "empty": {"text": "没有有效的查阅条。在人员名单里勾选，或给全单位打印"},
    }
    return render(request, "own_record/slips.html", context)


@can(KEEP_PEOPLE)
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """The slip of one person: whether there is one, who looked when, a new one."""
    someone = get_object_or_404(given_slips_by(request.user), pk=pk)
    slip = Slip.objects.standing().select_related("made_by").filter(person=someone).first()
    form = SlipsForm(posted(request), people=Person.objects.filter(pk=pk), initial={"people": [pk]})
    return form_page(
        request,
        form,
        lambda: _enqueue(form, request),
        title="本人查阅条",
        lead=ABOUT,
        submit_label="生成新的一张" if slip else "生成查阅条",
        back=above_person(someone),
        then=_watched,
        template="own_record/person.html",
        slip=slip,
        stopped=slip is not None and is_stopped(slip),
        person=someone,
        looks=history(someone).filter(name__in=LOOKS)[:LOOKS_SHOWN],
    )


@roles(Role.UNIT_CLERK)
def many(request: HttpRequest) -> HttpResponse:
    """Slips for those ticked in the list of people."""
    people = Person.objects.filed_by(request.user)
    ticked = list(people.filter(pk__in=ticked_rows(request.POST)).values_list("pk", flat=True))
    form = SlipsForm(request.POST if "do" in request.POST else None, people=people, initial={"people": ticked})
    if request.method == "POST" and not form.is_bound and not ticked:
        messages.error(request, "还没有勾选，请先勾选要打印的人员")
        return redirect(own_page(request.POST.get("back", ""), reverse("people:list")))
    chosen = whole_numbers([str(each) for each in form["people"].value() or []])
    title = f"给 {len(chosen)} 人打印本人查阅条"
    return _for_many(request, form, lambda: _enqueue(form, request), title, _replacing(chosen))


@roles(Role.UNIT_CLERK)
def everybody(request: HttpRequest) -> HttpResponse:
    """Slips for all who work in the clerk's units now."""
    people = Person.objects.filed_by(request.user)
    form = SlipsForm(posted(request), people=people, everybody=True)
    return _for_many(
        request,
        form,
        lambda: _enqueue(form, request, list(people)),
        f"给全单位 {people.count()} 人打印本人查阅条",
        _replacing(people.values_list("pk", flat=True)),
    )


@can(KEEP_PEOPLE)
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """The slip opens nothing any more."""
    someone = get_object_or_404(given_slips_by(request.user), pk=pk)
    return act(
        request,
        lambda: withdraw_slips(people=[someone], actor=request.user),
        back=reverse("own_record:person", args=[pk]),
        done=lambda count: "查阅条已收回，不能再打开" if count else "原来就没有有效的查阅条",
    )


@can(KEEP_PEOPLE)
@require_safe
def printed(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The sheet of slips, for whoever had it made."""
    job = get_visible_or_404(Job, request, uid=uid, kind=JOB, state=Job.State.DONE)
    content = kept.kept(job, request.user)
    if content is None:
        messages.warning(request, GONE)
        return redirect("jobs:progress", uid=job.uid)
    return download(content, "本人查阅条.pdf", "application/pdf")


def _for_many(request: HttpRequest, form: SlipsForm, save: Any, title: str, replaces: str) -> HttpResponse:
    return form_page(
        request,
        form,
        save,
        title=title,
        lead=ABOUT,
        submit_label="生成查阅条",
        back=[("人员", reverse("people:list")), ("本人查阅条", reverse("own_record:slips"))],
        then=_watched,
        why=f"{replaces}每页六张，请裁开后交给本人，不要代领代看",
    )


def _replacing(people: Iterable[int]) -> str:
    """What becomes of the slips that these people (ids) have."""
    standing = Slip.objects.standing().filter(person__in=list(people)).count()
    return f"其中 {standing} 人有现行的查阅条，生成后那 {standing} 张随即作废；" if standing else ""


def _enqueue(form: SlipsForm, request: HttpRequest, people: Any = None) -> Job:
    last_day: date = form.cleaned_data["last_day"]
    chosen = people if people is not None else list(form.cleaned_data["people"])
    return enqueue_slips(people=chosen, last_day=last_day, owner=request.user)


def _watched(job: Job) -> HttpResponse:
    return redirect("jobs:progress", job.uid)

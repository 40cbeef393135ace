"""Sanctions: the list, those of one person, the form, the page."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from luojiang_ce.access import READ_SANCTIONS, Role, can, get_visible_or_404, roles
from luojiang_ce.files.materials import checklist
from luojiang_ce.home.form_page import Crumbs, form_page, posted
from luojiang_ce.home.lists import HeadLink, acts_on_many, list_context
from luojiang_ce.sheets.exports import export_view
from luojiang_ce.workflow.pages import case_page
from units.access import sees_many_units
from units.models import Person
from units.sanctions import services
from units.sanctions.case import DECISION, edit_url, may_change
from units.sanctions.filters import SanctionFilter
from units.sanctions.forms import SanctionForm, SanctionOfForm
from units.sanctions.models import Sanction

ABOUT = (
    "个人违反继续教育规定，由单位按规定处理：通报批评、不予报销学习费用、解聘专业技术职务等（通知 三3）。"
    "单位决定后登记，不须报批；现任职单位和区人社局看得到"
)
SORTS = {"name": "person__pinyin", "decided": "decided_on", "ends": "ends_on", "unit": "unit__code"}
ENTERED = "登记违规处理"


def link_to_sanctions(person: Person, account: Any) -> HeadLink | None:
    """From the pages of a person to what is on record; for the clerk of the unit also while nothing is."""
    if not account.holds(*READ_SANCTIONS.roles):
        return None
    seen = list(Sanction.objects.visible_to(account).filter(person=person))
    if not seen and not account.holds(Role.UNIT_CLERK):
        return None
    holding = sum(case.state == Sanction.State.IN_FORCE and not case.has_ended for case in seen)
    label = f"违规处理 {holding} 件生效中" if holding else "违规处理"
    return HeadLink(label, reverse("sanctions:person", args=[person.pk]), "gavel")


@can(READ_SANCTIONS)
def listing(request: HttpRequest) -> HttpResponse:
    """The sanctions that the account sees."""
    rows = Sanction.objects.visible_to(request.user)
    context = {"title": "违规处理", "lead": ABOUT, "links": _new(request), "empty": {"text": "没有违规处理"}}
    return _list(request, rows, context, filterset=SanctionFilter)


export = export_view(READ_SANCTIONS, "sanctions")


@never_cache
@can(READ_SANCTIONS)
def of_person(request: HttpRequest, pk: int) -> HttpResponse:
    """Those of one person, as far as the account sees them."""
    person = get_visible_or_404(Person, request, pk=pk)
    rows = Sanction.objects.visible_to(request.user).filter(person=person)
    context = {
        "title": f"{person.name}的违规处理",
        "lead": ABOUT,
        "crumbs": [("人员", reverse("people:list")), (person.name, person.get_absolute_url()), ("违规处理", "")],
        "links": _new(request, person),
        "empty": {"text": "没有违规处理"},
    }
    return _list(request, rows, context)


@never_cache
@can(READ_SANCTIONS)
def sanction(request: HttpRequest, pk: int) -> HttpResponse:
    """One sanction: what happened, what was decided, the document, how it went on."""
    account: Any = request.user
    case = get_visible_or_404(Sanction.objects.select_related("person", "unit__merged_into"), request, pk=pk)
    editable, page = may_change(case, account), case_page(case, account)
    sees_person = Person.objects.visible_to(account).filter(pk=case.person_id).exists()
    context = {
        "page": replace(page, meaning="is-idle") if case.has_ended else page,
        "title": f"{case.person.name} {case.what}",
        "kind": "个人违规处理",
        "number": case.number,
        "lead": case.unit.name,
        "crumbs": [*_above(), (case.person.name, "")],
        "links": [HeadLink("修改", edit_url(case), "pencil")] if editable else [],
        "materials": checklist(case, DECISION),
        "may_change": editable,
        "case": case,
        "person_url": case.person.get_absolute_url() if sees_person else "",
    }
    return render(request, "sanctions/sanction.html", context)


@roles(Role.UNIT_CLERK)
def begin(request: HttpRequest) -> HttpResponse:
    """A draft about somebody who works in the clerk's unit, or did; `?person=` chooses whom."""
    people, chosen = services.own_people(request.user), request.GET.get("person", "")
    form = SanctionOfForm(posted(request), people=people, person=chosen)
    return form_page(
        request,
        form,
        lambda: services.draft(actor=request.user, **form.cleaned_data),
        title=ENTERED,
        lead=ABOUT,
        submit_label="保存，下一步上传处理决定",
        done="已保存为草稿。请上传处理决定，再登记",
        back=_above(),
        then=lambda made: made,
    )


@roles(Role.UNIT_CLERK)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a draft."""
    case = get_visible_or_404(Sanction.objects.select_related("person", "unit__merged_into"), request, pk=pk)
    if not may_change(case, request.user):
        raise Http404
    form = SanctionForm(posted(request), row=case)
    return form_page(
        request,
        form,
        lambda: services.edit(sanction=case, actor=request.user, **form.facts()),
        autosave=lambda: services.edit(sanction=case, actor=request.user, quiet=True, **form.facts()),
        title="修改违规处理",
        lead=case.person.name,
        submit_label="保存修改",
        done="已保存",
        back=[*_above(), (case.person.name, case.get_absolute_url())],
        about=case,
    )


def _above() -> Crumbs:
    return [("违规处理", reverse("sanctions:list"))]


def _new(request: HttpRequest, person: Person | None = None) -> list[HeadLink]:
    whom = f"?person={person.pk}" if person else ""
    new = HeadLink(ENTERED, f"{reverse('sanctions:begin')}{whom}", "plus", primary=True)
    return [new] if request.user.holds(Role.UNIT_CLERK) else []


def _list(request: HttpRequest, rows: Any, context: dict[str, Any], **options: Any) -> HttpResponse:
    found = rows.select_related("person", "unit")
    shown = list_context(request, found, sorts=SORTS, sort="-decided", **options)
    shown |= acts_on_many(request, Sanction, READ_SANCTIONS, "sanctions:export")
    many = {"unit": "件", "unit_shown": True if not options else sees_many_units(request.user)}
    return render(request, "sanctions/sanctions.html", {**shown, **many, **context})

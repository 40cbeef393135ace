"""Long absence: the list, the application, its page."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from luojiang_ce.access import READ_ABSENCES, Role, can, get_visible_or_404, roles
from luojiang_ce.files.materials import checklist
from luojiang_ce.home.form_page import Crumbs, form_page, posted
from luojiang_ce.home.lists import Chip, HeadLink, acts_on_many, list_context
from luojiang_ce.sheets.exports import export_view
from luojiang_ce.workflow.pages import case_page
from units.absence import last_day_allowed
from units.access import sees_many_units
from units.filed_case import may_edit
from units.forms.filters import LeaveFilter
from units.forms.leaves import LeaveForm, LeaveOfForm
from units.leave_case import EVIDENCE
from units.models import Leave, Person
from units.services import draft_leave, edit_leave

ABOUT = "长期外出培训、病假等，一次最长 2 年；批准后，期间未参加年度验证的不视同放弃，可以补验（通知 二(三)2）"


@can(READ_ABSENCES)
def listing(request: HttpRequest) -> HttpResponse:
    """The absences that the account sees."""
    account: Any = request.user
    rows = Leave.objects.visible_to(account).select_related("person", "unit")
    sorts = {"name": "person__pinyin", "first": "starts_on", "last": "ends_on", "unit": "unit__code"}
    context = list_context(request, rows, filterset=LeaveFilter, sorts=sorts, sort="-first")
    context |= acts_on_many(request, Leave, READ_ABSENCES, "leaves:export")
    context |= {
        "title": "长期离岗",
        "lead": ABOUT,
        "links": _list_links(request),
        "chips": _chips(request),
        "unit": "件",
        "unit_shown": sees_many_units(account),
        "empty": {"text": "没有长期离岗的申报"},
    }
    return render(request, "units/leaves.html", context)


export = export_view(READ_ABSENCES, "leaves")


@never_cache
@can(READ_ABSENCES)
def leave(request: HttpRequest, pk: int) -> HttpResponse:
    """One absence: facts, evidence, path, what can be done."""
    account: Any = request.user
    case = get_visible_or_404(Leave.objects.select_related("person", "unit", "approved_by"), request, pk=pk)
    editable = may_edit(case, account)
    sees_person = Person.objects.visible_to(account).filter(pk=case.person_id).exists()
    context = {
        "page": case_page(case, account),
        "title": f"{case.person.name} {case.get_reason_display()}",
        "kind": "长期离岗",
        "lead": f"{case.unit}",
        "crumbs": [("长期离岗", reverse("leaves:list")), (case.person.name, "")],
        "links": [HeadLink("修改", reverse("leaves:edit", args=[pk]), "pencil")] if editable else [],
        "materials": checklist(case, EVIDENCE),
        "may_change": editable,
        "leave": case,
        "person_url": case.person.get_absolute_url() if sees_person else "",
        "latest": last_day_allowed(case.starts_on),
        "days": (case.ends_on - case.starts_on).days + 1,
    }
    return render(request, "units/leave.html", context)


@roles(Role.UNIT_CLERK)
def begin(request: HttpRequest) -> HttpResponse:
    """A draft for whoever is chosen of the clerk's people."""
    form = LeaveOfForm(posted(request), people=_own_people(request).order_by("pinyin", "pk"))
    return form_page(
        request,
        form,
        lambda: draft_leave(actor=request.user, **form.cleaned_data),
        title="申报长期离岗",
        lead=ABOUT,
        submit_label="保存，下一步上传证明",
        done="已保存为草稿。请上传证明材料，再提交审批",
        back=[("长期离岗", reverse("leaves:list"))],
        then=lambda made: made,
    )


@roles(Role.UNIT_CLERK)
def new(request: HttpRequest, person: int) -> HttpResponse:
    """A draft; evidence is added on its page, so that no uploaded file is ever lost to an error."""
    someone = get_object_or_404(_own_people(request), pk=person)
    form = LeaveForm(posted(request), row=Leave())

    def save() -> Leave:
        return draft_leave(person=someone, actor=request.user, **form.cleaned_data)

    return form_page(
        request,
        form,
        save,
        autosave=save,
        goes_on=lambda made: reverse("leaves:edit", args=[made.pk]),
        title="申报长期离岗",
        lead=f"{someone.name}　{ABOUT}",
        submit_label="保存，下一步上传证明",
        done="已保存为草稿。请上传证明材料，再提交审批",
        back=someone.get_absolute_url(),
        then=lambda made: made,
        crumbs=_crumbs(someone.name, "申报长期离岗"),
    )


@roles(Role.UNIT_CLERK)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a draft, or one that was returned."""
    case = get_visible_or_404(Leave.objects.select_related("person", "unit"), request, pk=pk)
    if not may_edit(case, request.user):
        raise Http404
    form = LeaveForm(posted(request), row=case)
    return form_page(
        request,
        form,
        lambda: edit_leave(leave=case, actor=request.user, **form.facts()),
        autosave=lambda: edit_leave(leave=case, actor=request.user, quiet=True, **form.facts()),
        title="修改长期离岗申报",
        lead=case.person.name,
        submit_label="保存修改",
        done="已保存",
        back=case.get_absolute_url(),
        about=case,
        crumbs=_crumbs(case.person.name, "修改"),
    )


def _list_links(request: HttpRequest) -> list[HeadLink]:
    new = HeadLink("申报长期离岗", reverse("leaves:begin"), "plus", primary=True)
    return [new] if request.user.holds(Role.UNIT_CLERK) else []


def _own_people(request: HttpRequest) -> Any:
    """The people of the clerk's own units: applying is the unit's act, not the bureau's."""
    account: Any = request.user
    return Person.objects.filter(
        employments__unit__in=account.unit_ids(Role.UNIT_CLERK), employments__ended_on=None
    ).distinct()


def _crumbs(name: str, here: str) -> Crumbs:
    return [("长期离岗", reverse("leaves:list")), (name, ""), (here, "")]


def _chips(request: HttpRequest) -> list[Chip]:
    state, base = request.GET.get("state", ""), reverse("leaves:list")
    shown = [("", "全部"), ("submitted", "待审批"), ("approved", "已批准"), ("returned", "退回补正")]
    return [Chip(label, f"{base}?state={key}" if key else base, current=state == key) for key, label in shown]

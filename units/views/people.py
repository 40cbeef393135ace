"""People: the list, the page of a person, taking on, editing."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from luojiang_ce.access import DO_BUREAU_WORK, KEEP_PEOPLE, READ_PEOPLE, Role, can, get_visible_or_404, roles
from luojiang_ce.home.form_page import form_page, posted
from luojiang_ce.home.lists import Chip, HeadLink, acts_on_many, list_context
from luojiang_ce.sheets.exports import export_view
from luojiang_ce.workflow.pages import edit_history
from units.access import sees_district, sees_many_units
from units.forms.filters import LeaversFilter, PeopleFilter
from units.forms.people import CorrectDocumentForm, PersonForm, RenameForm, RevealForm, TakeOnForm
from units.links import links_for, people_steps
from units.models import Employment, Leave, Person, Unit
from units.services import correct_document, rename_person, reveal_id, update_person
from units.views.common import above_person, editable_person

SORTS = {"name": "pinyin", "added": "created_at"}
HISTORY_SHOWN = 20


@can(READ_PEOPLE)
def listing(request: HttpRequest) -> HttpResponse:
    """The people that the account sees."""
    account: Any = request.user
    people = Person.objects.visible_to(account).with_present()
    context = list_context(request, people, filterset=PeopleFilter, sorts=SORTS, sort="name")
    context |= acts_on_many(request, Person, READ_PEOPLE, "people:export")
    context["steps"] = people_steps(account)
    context |= {
        "title": "人员",
        "lead": "全区专业技术人员，一人只登记一次" if sees_district(account) else "本单位在册的专业技术人员",
        "links": _list_links(request),
        "chips": _chips(request),
        "unit": "人",
        "unit_shown": sees_many_units(account),
        "empty": {"text": "还没有人员", "url": reverse("people:new"), "label": "新增人员"}
        if account.holds(Role.UNIT_CLERK)
        else {"text": "还没有人员"},
    }
    return render(request, "units/people.html", context)


export = export_view(READ_PEOPLE, "people")


@can(READ_PEOPLE)
def leavers(request: HttpRequest) -> HttpResponse:
    """Who has left the units that the account sees."""
    account: Any = request.user
    context = list_context(
        request,
        Employment.objects.visible_to(account).ended(),
        filterset=LeaversFilter,
        sorts={"name": "person__pinyin", "left": "ended_on", "unit": "unit__code"},
        sort="-left",
    )
    context |= acts_on_many(request, Employment, READ_PEOPLE, "people:export_leavers")
    context |= {
        "title": "离开人员",
        "lead": "离开后不再计入单位的验证率",
        "chips": _chips(request),
        "unit": "人次",
        "unit_shown": sees_many_units(account),
        "empty": {"text": "没有离开的人员"},
        "undoable": account.unit_ids(Role.UNIT_CLERK),
        "undoes_all": account.holds(*DO_BUREAU_WORK.roles),
    }
    return render(request, "units/leavers.html", context)


export_leavers = export_view(READ_PEOPLE, "leavers")


@never_cache
@can(READ_PEOPLE)
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything on record about a person."""
    account: Any = request.user
    someone = get_visible_or_404(Person.objects.with_present(), request, pk=pk)
    job = someone.job
    context = {
        "title": someone.name,
        "kind": someone.get_category_display() + "人员",
        "lead": f"{job.unit}　{job.department}".strip() if job else "目前没有任职单位",
        "crumbs": [("人员", reverse("people:list")), (someone.name, "")],
        "person": someone,
        "job": job,
        "may_edit": Person.objects.editable_by(account).filter(pk=pk).exists(),
        "is_bureau": account.holds(*DO_BUREAU_WORK.roles),
        "is_clerk": job is not None and job.unit_id in account.unit_ids(Role.UNIT_CLERK),
        "links": links_for(someone, account),
        "jobs": someone.employments.select_related("unit"),
        "leaves": Leave.objects.visible_to(account).filter(person=someone),
        "history": edit_history(someone)[:HISTORY_SHOWN],
    }
    return render(request, "units/person.html", context)


@never_cache
@roles(Role.UNIT_CLERK)
@sensitive_post_parameters("number")
def new(request: HttpRequest) -> HttpResponse:
    """Take somebody on; a known person who works nowhere is offered first, who works elsewhere is asked for."""
    form = TakeOnForm(posted(request), clerk=request.user)
    asks = request.POST.get("do") == "ask"
    taking_on = request.POST.get("do") == "take_on"

    return form_page(
        request,
        form,
        lambda: form.ask(request.user) if asks else form.enrol(request.user, take_on_known=taking_on),
        title="新增人员",
        lead="、".join(unit.name for unit in Unit.objects.filed_for(request.user)),
        submit_label="登记人员",
        done="已提交调入申请，所在单位或区人社局答复后有消息通知您" if asks else "已登记到本单位名册",
        back=[("人员", reverse("people:list"))],
        then=lambda made: made,
        template="units/take_on.html",
    )


@can(KEEP_PEOPLE)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """A person's facts."""
    someone = editable_person(request, pk)
    form = PersonForm(posted(request), row=someone, may_correct_start=request.user.holds(*DO_BUREAU_WORK.roles))
    return form_page(
        request,
        form,
        lambda: update_person(person=someone, actor=request.user, **form.facts()),
        title="修改资料",
        lead=f"{someone.name}　{someone.masked_id}",
        submit_label="保存资料",
        done="资料已保存",
        back=above_person(someone),
    )


@can(KEEP_PEOPLE)
def rename(request: HttpRequest, pk: int) -> HttpResponse:
    """Another name."""
    someone = editable_person(request, pk)
    form = RenameForm(posted(request), row=someone)
    return form_page(
        request,
        form,
        lambda: rename_person(person=someone, actor=request.user, **form.facts()),
        title="更改姓名",
        lead=f"现姓名 {someone.name}　{someone.masked_id}",
        done="姓名已更改，原姓名留在经过中",
        back=above_person(someone),
    )


@never_cache
@can(DO_BUREAU_WORK)
@sensitive_post_parameters("number")
def document(request: HttpRequest, pk: int) -> HttpResponse:
    """Another ID document: the bureau only, since it is what tells one person from another."""
    someone = editable_person(request, pk)
    form = CorrectDocumentForm(posted(request), row=someone)
    return form_page(
        request,
        form,
        lambda: correct_document(person=someone, actor=request.user, **form.facts()),
        title="更正证件",
        lead=f"{someone.name}　现登记 {someone.get_id_kind_display()} {someone.masked_id}",
        done="证件已更正，性别和出生日期随号码更新",
        back=above_person(someone),
    )


@never_cache
@can(KEEP_PEOPLE)
def reveal(request: HttpRequest, pk: int) -> HttpResponse:
    """The whole ID number, once, after the reason is on record."""
    someone = editable_person(request, pk)
    form = RevealForm(posted(request))
    return form_page(
        request,
        form,
        lambda: reveal_id(person=someone, actor=request.user, **form.cleaned_data),
        title="显示完整证件号码",
        lead=f"{someone.name}　{someone.masked_id}",
        submit_label="显示号码",
        back=above_person(someone),
        then=lambda whole: render(
            request,
            "units/revealed.html",
            {"person": someone, "whole": whole, "crumbs": [*above_person(someone), ("完整证件号码", "")]},
        ),
        why="谁在何时、为何查看，都记入此人的办理经过",
    )


def _list_links(request: HttpRequest) -> list[HeadLink]:
    account: Any = request.user
    links: list[HeadLink] = []
    if account.holds(Role.UNIT_CLERK):
        links.append(HeadLink("导入花名册", reverse("roster:upload"), "upload"))
        links.append(HeadLink("新增人员", reverse("people:new"), "user-round-plus", primary=True))
    return links


def _chips(request: HttpRequest) -> list[Chip]:
    here = request.resolver_match.url_name if request.resolver_match else ""
    away = here == "list" and request.GET.get("presence") == "away"
    return [
        Chip("在册人员", reverse("people:list"), current=here == "list" and not away),
        Chip("长期离岗中", f"{reverse('people:list')}?presence=away", current=away),
        Chip("离开人员", reverse("people:leavers"), current=here == "leavers"),
        *([Chip("调入申请", reverse("people:requests"))] if request.user.holds(*KEEP_PEOPLE.roles) else []),
    ]

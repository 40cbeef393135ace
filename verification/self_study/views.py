"""Filings of self-study: the list, the form, the case."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import Count, QuerySet, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from luojiang_ce.access import READ_PEOPLE, Role, can, get_visible_or_404, roles
from luojiang_ce.files.materials import checklist
from luojiang_ce.home.form_page import form_page, posted
from luojiang_ce.home.lists import HeadLink, acts_on_many, list_context
from luojiang_ce.sheets.exports import export_view
from luojiang_ce.workflow.pages import case_page
from units.access import FILER, sees_many_units
from units.filed_case import may_edit
from units.models import Employment, Person
from verification.self_study.case import MATERIALS, SELF_STUDY
from verification.self_study.forms import SelfStudyFilter, SelfStudyForm
from verification.self_study.models import SelfStudy
from verification.self_study.services import save_self_study, unit_of

ABOUT = "有组织、有计划、有指导、有考核的自学，须在开始之前报区人社局核准备案；学习考核后再申报学时（通知 一(四)）"
NEXT = "保存后可上传计划附件，再提交核准"
ZERO = Decimal(0)
WAITING, COUNTED = ("submitted", "returned"), ("accepted",)  # states of what is declared under a filing


@can(READ_PEOPLE)
def listing(request: HttpRequest) -> HttpResponse:
    """The filings that the account sees, newest first."""
    account: Any = request.user
    rows = SelfStudy.objects.visible_to(account).select_related("unit").annotate(number_of_people=Count("people"))
    context = list_context(request, rows.order_by("-pk"), filterset=SelfStudyFilter)
    new = HeadLink("新建备案", reverse("self_study:new"), "plus", primary=True)
    context |= {
        "title": "自学备案",
        "lead": ABOUT,
        "links": [new] if account.holds(Role.UNIT_CLERK) else [],
        "rows": [(row, SELF_STUDY.states[row.state].meaning) for row in context["page_obj"]],
        "unit": "件",
        "unit_shown": sees_many_units(account),
        "empty": {"text": "还没有自学备案"},
    }
    context |= acts_on_many(request, SelfStudy, READ_PEOPLE, "self_study:export")
    return render(request, "self_study/list.html", context)


export = export_view(READ_PEOPLE, "self_studies")


@roles(Role.UNIT_CLERK)
def new(request: HttpRequest) -> HttpResponse:
    """A plan for people of one of the clerk's units."""
    account: Any = request.user
    form = SelfStudyForm(posted(request), people=_own_people(account))

    def save() -> SelfStudy:
        unit = unit_of(form.chosen, account)
        return save_self_study(study=form.instance, people=form.chosen, unit=unit, actor=account)

    return form_page(
        request,
        form,
        save,
        autosave=save,
        goes_on=lambda saved: reverse("self_study:edit", args=[saved.pk]),
        title="新建自学备案",
        lead=ABOUT,
        submit_label="保存草稿",
        done=lambda saved: f"已保存草稿 {saved.number}。核对后提交核准",
        back=reverse("self_study:list"),
        crumbs=[("自学备案", reverse("self_study:list")), ("新建", "")],
        then=lambda saved: saved,
        why=NEXT,
    )


@roles(Role.UNIT_CLERK)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a filing that is with the unit."""
    account: Any = request.user
    case = get_visible_or_404(SelfStudy.objects.select_related("unit"), request, pk=pk)
    if not may_edit(case, account):
        raise Http404
    people = Person.objects.employed_in(case.unit)
    ticked = list(case.people.values_list("pk", flat=True))
    form = SelfStudyForm(posted(request), instance=case, people=people, ticked=ticked)

    def save(*, quiet: bool = False) -> SelfStudy:
        return save_self_study(
            study=form.instance, people=form.chosen, unit=case.unit, version=form.version, actor=account, quiet=quiet
        )

    return form_page(
        request,
        form,
        save,
        autosave=lambda: save(quiet=True),
        title=f"修改自学备案 {case.number}",
        submit_label="保存草稿",
        done="已保存修改",
        back=[("自学备案", reverse("self_study:list")), (case.number, case.get_absolute_url())],
        here="修改",
        about=case,
        why=NEXT,
    )


@can(READ_PEOPLE)
def selfstudy(request: HttpRequest, pk: int) -> HttpResponse:
    """One filing: the plan, its people with what each has declared under it, what can be done."""
    account: Any = request.user
    case = get_visible_or_404(SelfStudy.objects.select_related("unit", "approved_by"), request, pk=pk)
    editable = may_edit(case, account)
    links = [HeadLink("修改", reverse("self_study:edit", args=[pk]), "pencil")] if editable else []
    context = {
        "page": case_page(case, account),
        "title": case.title,
        "kind": "自学备案",
        "number": case.number,
        "lead": f"{case.unit}",
        "crumbs": [("自学备案", reverse("self_study:list")), (case.number, "")],
        "links": links,
        "materials": checklist(case, MATERIALS),
        "may_change": editable,
        "case": case,
        "people": _with_hours(case),
        "declares": case.state == SelfStudy.State.APPROVED and FILER.test(account, case),
    }
    return render(request, "self_study/self_study.html", context)


def _with_hours(case: SelfStudy) -> list[tuple[Person, Decimal, Decimal]]:
    """Each of its people with the hours that are on their way under it, and those that were accepted."""
    sums = case.declarations.order_by().values_list("person", "state").annotate(Sum("amount"))
    of = {(person, state): amount for person, state, amount in sums}

    def hours(person: Person, states: tuple[str, ...]) -> Decimal:
        return sum((of.get((person.pk, state), ZERO) for state in states), ZERO)

    people = case.people.order_by("pinyin", "pk")
    return [(person, hours(person, WAITING), hours(person, COUNTED)) for person in people]


def _own_people(account: Any) -> QuerySet[Person]:
    """The people of the clerk's own units."""
    jobs = Employment.objects.filter(unit__in=account.unit_ids(Role.UNIT_CLERK), ended_on=None)
    return Person.objects.filter(pk__in=jobs.values("person"))

"""Declarations: the list, the form, the case."""

from __future__ import annotations

from typing import Any

from django.db.models import Count as CountOf
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import READ_PEOPLE, Role, can, get_visible_or_404, roles
from luojiang_ce.files.materials import checklist
from luojiang_ce.home.form_page import form_page, posted
from luojiang_ce.home.lists import Count, HeadLink, acts_on_many, list_context
from luojiang_ce.sheets.exports import export_view
from luojiang_ce.typed import whole_number
from luojiang_ce.workdays import badges
from luojiang_ce.workflow.badges import turn_of
from luojiang_ce.workflow.pages import case_page
from units.access import sees_many_units
from units.extensions.reading import current_terms
from units.filed_case import may_edit
from units.models import Employment, Person
from verification.declarations.case import DECLARATION
from verification.declarations.forms import DeclarationFilter, DeclarationForm
from verification.declarations.materials import is_degree_under_way, materials
from verification.declarations.models import Declaration
from verification.declarations.services import save_declaration
from verification.verdicts import verdicts

State = Declaration.State
NEXT = "保存后上传材料，再提交审核"


@can(READ_PEOPLE)
def declarations(request: HttpRequest) -> HttpResponse:
    """The declarations that the account sees, newest first."""
    account: Any = request.user
    visible = Declaration.objects.visible_to(account)
    context = list_context(request, visible.select_related("person", "unit"), filterset=DeclarationFilter)
    links = [HeadLink("新建申报", reverse("declarations:new"), "plus", primary=True)]
    context |= {
        "title": "学时申报",
        "lead": "远程、会议、进修、学历教育、论文等，由单位申报，审核认可后入账",
        "links": links if account.holds(Role.UNIT_CLERK) else [],
        "counts": _counts(visible, request.GET.get("state", "")),
        "rows": _with_clocks(list(context["page_obj"])),
        "unit_shown": sees_many_units(account),
        "empty": {"text": "还没有学时申报"},
    }
    context |= acts_on_many(request, Declaration, READ_PEOPLE, "declarations:export")
    return render(request, "declarations/list.html", context)


export = export_view(READ_PEOPLE, "declarations")


def _counts(visible: QuerySet[Declaration], chosen: str) -> list[Count]:
    """How many there are in each state, each a link; states without any are left out."""
    numbers = dict(visible.order_by().values_list("state").annotate(CountOf("pk")))
    every = Count(sum(numbers.values()), "全部", "?", current=not chosen)
    states = [
        Count(numbers[state], label, f"?state={state}", chosen == state, DECLARATION.states[state].meaning)
        for state, label in State.choices
        if state in numbers
    ]
    return [every, *states]


def _with_clocks(rows: list[Declaration]) -> list[tuple[Declaration, str, badges.Clock | None]]:
    """Each row with the meaning of its state and, while it waits for a review, the reviewer's working days."""
    terms, now = current_terms(), clock.now()
    found = []
    for row in rows:
        turn = turn_of(row) if row.state == State.SUBMITTED else None
        deadline = turn.by(row, terms) if turn and turn.by else None
        ticking = badges.bureau_clock(deadline, terms.calendar, now) if deadline else None
        found.append((row, DECLARATION.states[row.state].meaning, ticking))
    return found


@roles(Role.UNIT_CLERK)
def new(request: HttpRequest) -> HttpResponse:
    """A new declaration for one of the unit's people; `?person=` chooses one."""
    account: Any = request.user
    people = Person.objects.filter(pk__in=_jobs(account).values("person"))
    form = DeclarationForm(posted(request), people=people, initial=_initial(request))

    def save() -> Declaration:
        job = _jobs(account).select_related("unit").get(person=form.cleaned_data["person"])
        return save_declaration(declaration=form.instance, unit=job.unit, actor=account)

    return form_page(
        request,
        form,
        save,
        autosave=save,
        goes_on=lambda saved: reverse("declarations:edit", args=[saved.pk]),
        title="新建学时申报",
        submit_label="保存草稿",
        done=lambda saved: f"已保存草稿 {saved.number}。请上传材料，然后提交审核",
        back=reverse("declarations:list"),
        then=lambda saved: saved,
        why=NEXT,
    )


@roles(Role.UNIT_CLERK)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a declaration that is with the unit."""
    account: Any = request.user
    case = get_visible_or_404(Declaration.objects.select_related("unit", "person"), request, pk=pk)
    if not may_edit(case, account):
        raise Http404
    people = Person.objects.employed_in(case.unit)
    form = DeclarationForm(posted(request), instance=case, people=people)

    def save(*, quiet: bool = False) -> Declaration:
        return save_declaration(
            declaration=form.instance, unit=case.unit, version=form.version, actor=account, quiet=quiet
        )

    return form_page(
        request,
        form,
        save,
        autosave=lambda: save(quiet=True),
        title=f"修改学时申报 {case.number}",
        submit_label="保存草稿",
        done="已保存修改",
        back=[("学时申报", reverse("declarations:list")), (case.number, case.get_absolute_url())],
        here="修改",
        about=case,
        why=NEXT,
    )


@can(READ_PEOPLE)
def declaration(request: HttpRequest, pk: int) -> HttpResponse:
    """One declaration: what is declared, evidence, how the person stands, what can be done."""
    account: Any = request.user
    case = get_visible_or_404(Declaration.objects.select_related("unit", "person", "created_by"), request, pk=pk)
    editable = may_edit(case, account)
    # Where the person went since, how the year stands is another unit's business.
    present = Person.objects.visible_to(account).filter(pk=case.person_id).exists()
    edit_link = HeadLink("修改", reverse("declarations:edit", args=[case.pk]), "pencil")
    context = {
        "page": case_page(case, account),
        "title": case.title,
        "kind": "学时申报",
        "number": case.number,
        "lead": f"{case.unit}　{case.person}",
        "crumbs": [("学时申报", reverse("declarations:list")), (case.number, "")],
        "links": [edit_link] if editable else [],
        "materials": checklist(case, materials(case)),
        "may_change": editable,
        "case": case,
        "under_way": is_degree_under_way(case),
        "verdict": verdicts([case.person], case.year)[case.person_id] if present else None,
    }
    return render(request, "declarations/declaration.html", context)


def _jobs(account: Any) -> QuerySet[Employment]:
    """Who works now in the units that the account is the clerk of."""
    return Employment.objects.filter(unit__in=account.unit_ids(Role.UNIT_CLERK), ended_on=None)


def _initial(request: HttpRequest) -> dict[str, Any]:
    asked = request.GET.get("person", "")
    person = {"person": asked} if whole_number(asked) is not None else {}
    return {"year": clock.today().year, **person}

"""Declarations: the list, the form, the case."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Count as CountOf
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from luojiang_ce import clock
from luojiang_ce.access import READ_PEOPLE, Role, can, get_visible_or_404, roles
from luojiang_ce.bodies import takes_files
from luojiang_ce.files.fingerprints import alike_for
from luojiang_ce.files.materials import checklist
from luojiang_ce.files.models import Attachment
from luojiang_ce.files.services import UNDO, attach_to_all, remove_from_all
from luojiang_ce.files.views import keep_each, kept_as, sorted_to
from luojiang_ce.home.form_page import act, form_page, posted
from luojiang_ce.home.lists import Count, HeadLink, acts_on_many, list_context
from luojiang_ce.sheets.exports import export_view
from luojiang_ce.sheets.responses import template_response
from luojiang_ce.sheets.views import ImportViews
from luojiang_ce.typed import own_page, ticked_rows, whole_number
from luojiang_ce.uploads.places import MATERIAL
from luojiang_ce.workdays import badges
from luojiang_ce.workdays.text import full
from luojiang_ce.workflow.badges import turn_of
from luojiang_ce.workflow.pages import case_page
from luojiang_ce.workflow.readings import off_record
from luojiang_ce.workflow.undo import offer_undo
from units.access import sees_many_units
from units.extensions.reading import current_terms
from units.filed_case import may_edit
from units.models import Employment, Person, Unit
from verification.choices import Form
from verification.declarations.case import DECLARATION
from verification.declarations.conversions import proposal
from verification.declarations.forms import FORMS, DeclarationFilter, DeclarationForm, ManyForm
from verification.declarations.importing import LISTED, PEOPLE_IMPORT
from verification.declarations.materials import evidence_of, is_degree_under_way, materials
from verification.declarations.models import Conversion, Declaration
from verification.declarations.same_code import same_code
from verification.declarations.services import filing_unit_id, jobs_filed_by, save_declaration
from verification.declarations.shapes import days_called, shape_of, told
from verification.declarations.together import (
    Declared,
    declare_many,
    declared_together,
    files_of_all,
    shared_checklist,
)
from verification.declarations.transfers import already_here
from verification.self_study.models import SelfStudy
from verification.verdicts import verdicts

State = Declaration.State
PEOPLE = ImportViews(PEOPLE_IMPORT, Role.UNIT_CLERK)
ANY = "any"  # material of its evidence
NEXT = "保存后上传材料，再提交审核"


@can(READ_PEOPLE)
def declarations(request: HttpRequest) -> HttpResponse:
    """The declarations that the account sees, newest first."""
    account: Any = request.user
    visible = Declaration.objects.visible_to(account)
    context = list_context(request, visible.select_related("person", "unit"), filterset=DeclarationFilter)
    links = [
        HeadLink("批量上传佐证", reverse("declarations:evidence"), "folder-up"),
        HeadLink("为多人申报", reverse("declarations:new_many"), "users"),
        HeadLink("新建申报", reverse("declarations:choose"), "plus", primary=True),
    ]
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
def choose(request: HttpRequest) -> HttpResponse:
    """First the form of learning, then what it asks; `?person=` goes along."""
    context = {
        "title": "新建学时申报",
        "lead": "先选学习形式，再填这种形式要填的内容",
        "crumbs": [("学时申报", reverse("declarations:list")), ("新建", "")],
        "forms": [(value, label, evidence_of(value)) for value, label in FORMS],
        "person": whole_number(request.GET.get("person", "")),
    }
    return render(request, "declarations/choose.html", context)


@roles(Role.UNIT_CLERK)
def new(request: HttpRequest, form: str) -> HttpResponse:
    """A new declaration for one of the unit's people; `?person=` chooses one, `?filing=` the filing of self-study."""
    if form not in dict(FORMS):
        raise Http404
    account: Any = request.user
    people = Person.objects.filter(pk__in=_jobs(account).values("person"))
    filled = DeclarationForm(posted(request), people=people, initial={**_initial(request), "form": form})

    def save() -> Declaration:
        own = account.unit_ids(Role.UNIT_CLERK)
        job = _jobs(account).select_related("unit").get(person=filled.cleaned_data["person"])
        return save_declaration(
            declaration=filled.instance, unit=Unit.objects.get(pk=filing_unit_id(job, own)), actor=account
        )

    return form_page(
        request,
        filled,
        save,
        autosave=save,
        goes_on=lambda saved: reverse("declarations:edit", args=[saved.pk]),
        title="新建学时申报",
        submit_label="保存草稿",
        done=_kept,
        back=reverse("declarations:list"),
        then=lambda saved: _another_year(saved) if "another" in request.POST else saved,
        template="declarations/new_transfer.html" if filled.is_transfer else "form_base.html",
        why=NEXT,
    )


def _kept(saved: Declaration) -> str:
    """What is said of a new draft, with what the tables propose and what the person has in a transferred year here."""
    said = f"已保存草稿 {saved.number}。请上传材料，然后提交审核"
    return "。".join(filter(None, (said, proposal(saved), already_here(saved))))


def _another_year(saved: Declaration) -> str:
    """The next year or subject that came with the same person from the same district."""
    kept = urlencode({"person": saved.person_id, "organiser": saved.organiser, "basis": saved.basis})
    return f"{reverse('declarations:new', args=[saved.form])}?{kept}"


@roles(Role.UNIT_CLERK)
def new_many(request: HttpRequest) -> HttpResponse:
    """The same learning for many of the unit's people: those ticked in their list, or named here."""
    account: Any = request.user
    form = ManyForm(
        request.POST if "do" in request.POST else None,
        people=Person.objects.filter(pk__in=_jobs(account).values("person")),
        ticked=ticked_rows(request.POST),
        initial=_initial(request),
    )

    def then(declared: Declared) -> HttpResponse:
        if declared.said:
            messages.error(request, declared.said)
        return redirect("declarations:together", declared.drafts[0].pk)

    return form_page(
        request,
        form,
        lambda: declare_many(learning=form.instance, people=form.chosen, actor=account),
        title="为多人申报学时",
        lead="同一次学习，各人一件申报；不能申报的会说明原因，不影响其他人",
        submit_label="建立草稿",
        done=lambda declared: f"已建立 {len(declared.drafts)} 件草稿",
        back=own_page(request.POST.get("back", ""), reverse("declarations:list")),
        crumbs=[("学时申报", reverse("declarations:list")), ("为多人申报学时", "")],
        then=then,
        template="declarations/new_many.html",
        copies=request.POST.getlist("copy")[:1],
        why="下一步一起上传材料，一起提交",
    )


@roles(Role.UNIT_CLERK)
def together(request: HttpRequest, pk: int) -> HttpResponse:
    """What was declared for the same learning and is still with the unit: evidence for all, submitting all."""
    case = _own_or_404(request, pk)
    cases = declared_together(case)
    context = {
        "title": case.title,
        "lead": f"{case.get_form_display()}　{case.organiser}　{full(case.date_from)}至{full(case.date_to)}",
        "crumbs": [("学时申报", reverse("declarations:list")), ("同一项目", "")],
        "links": [] if case.form == Form.TRANSFER else [_to_import(case)],
        "case": case,
        "cases": cases,
        "drafts": [each for each in cases if each.state == State.DRAFT],
        "materials": shared_checklist(case, cases),
    }
    return render(request, "declarations/together.html", context)


@takes_files(MATERIAL)
@roles(Role.UNIT_CLERK)
@require_POST
def together_files(request: HttpRequest, pk: int, material: str) -> HttpResponse:
    """Keep the chosen files as evidence of all, under this material or, as ANY, under the one that the name speaks of;
    each bad one is named. Or take one (`remove`) off all."""
    case = _own_or_404(request, pk)
    asked = materials(case)
    if material not in {ANY, *(each.code for each in asked)}:
        raise Http404
    to: Any = {"cases": declared_together(case), "actor": request.user, "may_change": may_edit}
    back = redirect("declarations:together", pk)
    if uid := request.POST.get("remove"):
        shared = [each for each in files_of_all(to["cases"]) if (each.material, str(each.uid)) == (material, uid)]
        return act(request, lambda: _take_off_all(request, shared, to), back=back)

    def keep(file: Any) -> str:
        place = next((each for each in asked if each.code == material), None) or sorted_to(file, asked)
        kept = attach_to_all(material=place.code, upload=file, place=place.takes, **to)
        first = next((each for each in kept if not each.was_there), kept[0])
        return f"{kept_as(file, first)}（{len(kept)} 件），归入“{place.title}”"

    keep_each(request, keep)
    return back


@off_record("an empty form to fill in")
@roles(Role.UNIT_CLERK)
def people_template(request: HttpRequest) -> HttpResponse:
    """The empty list of people of one learning, to fill in."""
    return template_response(LISTED, "同一次学习的人员")


def _take_off_all(request: HttpRequest, files: list[Attachment], to: dict[str, Any]) -> None:
    for file in files:
        gone = remove_from_all(attachment=file, **to)
        text = f"已从同一项目的 {len(gone)} 件申报中移除：{file}"
        offer_undo(request, text, UNDO, uid=[str(each.uid) for each in gone])


def _own_or_404(request: HttpRequest, pk: int) -> Declaration:
    """One that is with the clerk's unit."""
    case = get_visible_or_404(Declaration.objects.select_related("unit", "person"), request, pk=pk)
    if not may_edit(case, request.user):
        raise Http404
    return case


@roles(Role.UNIT_CLERK)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a declaration that is with the unit."""
    account: Any = request.user
    case = _own_or_404(request, pk)
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
    case: Any = get_visible_or_404(_with_what_is_seen(account), request, pk=pk)
    editable = may_edit(case, account)
    links = [HeadLink("修改", reverse("declarations:edit", args=[case.pk]), "pencil")]
    if editable and (number := len(declared_together(case))) > 1:
        links.insert(0, HeadLink(f"同一项目 {number} 件", reverse("declarations:together", args=[case.pk]), "users"))
    elif editable and case.form != Form.TRANSFER:
        links.insert(0, _to_import(case))
    context = {
        "page": case_page(case, account),
        "title": case.title,
        "kind": "学时申报",
        "number": case.number,
        "lead": f"{case.unit}　{case.person}",
        "crumbs": [("学时申报", reverse("declarations:list")), (case.number, "")],
        "links": links if editable else [],
        "materials": checklist(case, materials(case)),
        "alike": alike_for(case, account, same_code(case)),
        "may_change": editable,
        "case": case,
        "organiser_label": shape_of(case.form).labels.get("organiser", "主办单位"),
        "basis_label": shape_of(case.form).labels.get("basis", "折算依据"),
        "date_label": days_called(case.form),
        "spans": "date_to" in shape_of(case.form).learned,
        "filing_url": case.filing.get_absolute_url() if case.filing and case.sees_filing else "",
        "told": told(case),
        "proposed": proposal(case) if case.has_conversions else "",
        "here": already_here(case) if case.sees_person else "",
        "under_way": is_degree_under_way(case),
        "verdict": verdicts([case.person], case.year)[case.person_id] if case.sees_person else None,
    }
    return render(request, "declarations/declaration.html", context)


def _to_import(case: Declaration) -> HeadLink:
    """More people for the same learning, from a workbook."""
    return HeadLink("用表格加人", reverse("declarations:people_import", args=[case.pk]), "file-up")


def _with_what_is_seen(account: Any) -> QuerySet[Declaration]:
    """Declarations, each with whether the account sees the person now (where somebody went since, how the year stands
    is another unit's business) and the filing (it may be that of a unit where the person worked before), and whether
    the conversion tables speak of its form."""
    people = Person.objects.visible_to(account).filter(pk=OuterRef("person"))
    filings = SelfStudy.objects.visible_to(account).filter(pk=OuterRef("filing"))
    rows = Declaration.objects.select_related("unit", "person", "created_by", "filing", "catalogue", "organiser_unit")
    tables = Conversion.objects.in_force().filter(form=OuterRef("form"))
    return rows.annotate(sees_person=Exists(people), sees_filing=Exists(filings), has_conversions=Exists(tables))


def _jobs(account: Any) -> QuerySet[Employment]:
    """Who works now in the units that the account files for."""
    return jobs_filed_by(account.unit_ids(Role.UNIT_CLERK))


def _initial(request: HttpRequest) -> dict[str, Any]:
    """What a link may fill in: the form of learning, the person, the filing."""
    asked = {name: request.GET.get(name, "") for name in ("person", "filing")}
    known = {name: value for name, value in asked.items() if whole_number(value) is not None}
    words = {name: request.GET.get(name, "")[:200] for name in ("organiser", "basis")}
    return {"year": clock.today().year, **words, **known}

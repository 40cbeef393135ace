"""Decisions as pages: the list, the case with its reach, the draft, the amounts left open; and the criticism that is
published."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from luojiang_ce.access import (
    READ_INSPECTIONS,
    Role,
    any_account,
    can,
    get_visible_or_404,
    public,
    roles,
)
from luojiang_ce.files.materials import checklist
from luojiang_ce.home.form_page import Crumbs, form_page, posted
from luojiang_ce.home.lists import HeadLink, acts_on_many, list_context
from luojiang_ce.home.slow_steps import with_steps
from luojiang_ce.jobs.models import Job
from luojiang_ce.papers.models import Paper
from luojiang_ce.sheets.exports import export_view
from luojiang_ce.workflow.badges import list_badge
from luojiang_ce.workflow.pages import case_page
from training.inspections.decisions import services
from training.inspections.decisions.case import DECISION, materials, may_add_files
from training.inspections.decisions.forms import DecisionFilter, DecisionForm, NewDecisionForm, SettleForm
from training.inspections.decisions.models import Decision
from training.inspections.decisions.papers import NOTICE, facts_of, rulings_said, taken
from training.inspections.decisions.reach import reach_of
from training.inspections.decisions.reach_shown import shown_or_counted
from training.inspections.models import Inspection
from training.inspections.outside import as_read_outside
from training.recognition.corrections.pages import kept_changes, people_of
from training.recognition.corrections.reach import Change
from training.recognition.models import Ruled
from units.access import sees_district

HANDLER = Role.BUREAU_HANDLER
PER_PAGE = 50
State = Decision.State
REACHING = Decision.OPEN  # what is written would be decided


@can(READ_INSPECTIONS)
def listing(request: HttpRequest) -> HttpResponse:
    """The decisions that the account sees."""
    rows = Decision.objects.visible_to(request.user).select_related(
        "unit", "inspection__unit", "inspection__application__project"
    )
    context = list_context(request, rows, filterset=DecisionFilter, sorts={"decided": "decided_at"})
    for case in context["page_obj"]:
        case.badge = list_badge(case) if DECISION.states[case.state].turns else None
    context |= {
        "title": "检查处理",
        "lead": "监督检查发现问题的，告知单位、听取陈述申辩后，由审批人决定（通知 一(五)4）",
        "empty": {"text": "没有检查处理。监督检查转入处理后，在检查的页面上拟定"},
    }
    context |= acts_on_many(request, Decision, READ_INSPECTIONS, "decisions:export")
    return render(request, "training_decisions/list.html", context)


export = export_view(READ_INSPECTIONS, "decisions")


@any_account
def decision(request: HttpRequest, pk: int) -> HttpResponse:
    """The case: what was found, what becomes of it, what the provider says, whose hours changed."""
    account: Any = request.user
    case = _case_or_404(request, pk)
    may_draft = case.state == State.DRAFT and account.holds(HANDLER)
    page = case_page(case, account)
    context = {
        "page": page if sees_district(account) else as_read_outside(page),
        "title": str(case),
        "kind": "检查处理",
        "number": case.number,
        "lead": case.inspection.provider,
        "crumbs": [*_lists(), (case.number or "草稿", "")],
        "case": case,
        "findings": list(case.findings.all()),
        "taken": [(each.application, taken(each)) for each in rulings_said(case)],
        "papers": _papers(case) if case.told_at else [],
        **(_people(request, _kept(case)) if case.decided_at else {}),
        "materials": checklist(case, materials(case)),
        "may_change": may_add_files(case, account),
        "shows_reach": sees_district(account) and case.state in REACHING,
        "may_settle": account.holds(HANDLER) and case.state in services.SETTLING,
        "links": _links(case, account, may_draft=may_draft),
    }
    return render(request, "training_decisions/decision.html", context)


def _papers(case: Decision) -> list[Paper]:
    """What it was told and decided by, the latest first."""
    return list(Paper.objects.of(case).select_related("job").with_successors())


def _links(case: Decision, account: Any, *, may_draft: bool) -> list[HeadLink]:
    links = []
    if account.holds(*READ_INSPECTIONS.roles):  # who sees the decision and reads visits sees this one
        links.append(HeadLink(f"监督检查 {case.inspection.number}", case.inspection.get_absolute_url(), "search-check"))
    if may_draft:
        links.append(HeadLink("修改", reverse("decisions:edit", args=[case.pk]), "pencil"))
    return links


def _kept(case: Decision) -> list[Change]:
    """What the decision changed for whom, and its withdrawal gave back."""
    ruled = Ruled.objects.filter(ruling__case_type=Decision._meta.label_lower, ruling__case_id=case.pk)
    of_withdrawal = case.state == State.WITHDRAWN
    return kept_changes(ruled.filter(ruling__undoes__isnull=not of_withdrawal))


def _people(request: HttpRequest, changes: list[Change]) -> dict[str, Any]:
    """A page of the people concerned."""
    page = Paginator(changes, PER_PAGE).get_page(request.GET.get("page"))
    return {"page_obj": page, "people": people_of(changes, page)}


@can(READ_INSPECTIONS)
def reach(request: HttpRequest, pk: int) -> HttpResponse:
    """What the decision would do: a part of the case page that is loaded after it. The bureau's alone: it tells of what
    is not decided, and of people of other units."""
    case = _case_or_404(request, pk)
    if not sees_district(request.user):
        raise Http404
    if case.state not in REACHING:
        return redirect(case)
    context: dict[str, Any] = {"title": "处理影响", "crumbs": [*_above(case), ("处理影响", "")], "case": case}
    found = shown_or_counted(case, request.user)
    if isinstance(found, Job):
        context["job"] = found
    else:
        context["reach"], context["counted_at"] = found
        page = Paginator(found[0].people, PER_PAGE).get_page(request.GET.get("page"))
        context |= {"page_obj": page, "people": page.object_list}
    part = getattr(request, "htmx", False)
    return render(request, f"training_decisions/{'reach_part' if part else 'reach'}.html", context)


@roles(HANDLER)
def new(request: HttpRequest, inspection: int) -> HttpResponse:
    """Draft what becomes of an inspection's findings; a draft that is there is led to."""
    rows = Inspection.objects.select_related("application", "unit")
    visit = get_visible_or_404(rows, request, pk=inspection)
    if begun := visit.decisions.filter(state__in=(*Decision.OPEN, *Decision.IN_FORCE)).first():
        return redirect(begun)
    if visit.state != Inspection.State.TO_DECIDE:
        raise Http404
    form = NewDecisionForm(posted(request), inspection=visit)
    return form_page(
        request,
        form,
        lambda: services.begin(inspection=visit, said=form.said(), actor=request.user),
        title="拟定检查处理",
        lead=f"{visit.subject}　{visit.provider}",
        submit_label="保存草稿",
        done="已保存为草稿，请核对影响后告知单位",
        back=[(str(visit.number), visit.get_absolute_url())],
        then=lambda made: made,
    )


@roles(HANDLER)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change the draft."""
    case = _case_or_404(request, pk)
    if request.method != "POST" and case.state != State.DRAFT:
        raise Http404
    form = DecisionForm(posted(request), row=case)
    return form_page(
        request,
        form,
        lambda: services.edit(decision=case, said=form.said(), actor=request.user, version=form.version),
        title="修改检查处理",
        lead=str(case.inspection.subject),
        submit_label="保存修改",
        done="已保存",
        back=_above(case),
    )


@roles(HANDLER)
def settle(request: HttpRequest, pk: int) -> HttpResponse:
    """The amounts of those whom the half-days that are left leave open."""
    case = _case_or_404(request, pk)
    if request.method != "POST" and case.state not in services.SETTLING:
        raise Http404
    found = reach_of(case)
    possible = {(each.year, each.subject): each for one in found.classes for each in one.reach.after.amounts_possible}
    trainees = [each.enrolment for each in found.to_decide]
    form = SettleForm(posted(request), row=case, possible=list(possible.values()), trainees=trainees)
    return form_page(
        request,
        form,
        lambda: services.settle(
            decision=case,
            enrolments=list(form.cleaned_data["people"]),
            amounts=form.amounts(),
            reason=form.cleaned_data["reason"],
            actor=request.user,
            version=form.version,
        ),
        title=f"核定其余 {len(trainees)} 人的学时（学分）",
        lead="半日不予认定以后，这些学员的学分或已核定的学时要另行核定",
        submit_label="保存核定",
        done="已保存",
        back=_above(case),
    )


@public
@never_cache
@require_safe
def criticisms(request: HttpRequest) -> HttpResponse:
    """The criticism in force, for anyone: units and classes, nobody's name (notice 一(五)4)."""
    rows = Decision.objects.published().select_related("unit", "inspection__unit", "inspection__application__project")
    context = list_context(request, rows.prefetch_related("findings"), per_page=20)
    shown = list(context["page_obj"])
    issued = Paper.objects.filter(kind=NOTICE.key, state=Paper.State.ISSUED)
    numbers = dict(issued.filter(case_id__in=[each.pk for each in shown]).values_list("case_id", "number"))
    context["rows"] = [(each, facts_of(each), numbers.get(each.pk, "")) for each in shown]
    return render(request, "training_decisions/criticisms.html", context)


def _lists() -> Crumbs:
    return [("检查处理", reverse("decisions:list"))]


def _above(case: Decision) -> Crumbs:
    return [*_lists(), (case.number or "草稿", case.get_absolute_url())]


def _case_or_404(request: HttpRequest, pk: int) -> Decision:
    related = ("inspection__unit", "inspection__sheet", "inspection__application__project")
    rows = Decision.objects.select_related("unit", "created_by", "edited_by", *related)
    rows = rows.prefetch_related("findings", "inspection__inspectors")
    return get_visible_or_404(with_steps(rows), request, pk=pk)

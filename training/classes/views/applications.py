"""Applications: the list, beginning one from a published project, the case page."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from luojiang_ce import clock
from luojiang_ce.access import READ_CASES, Actor, Role, any_account, get_visible_or_404, roles
from luojiang_ce.files.fingerprints import alike_for
from luojiang_ce.home.form_page import act
from luojiang_ce.home.lists import Count as ListCount
from luojiang_ce.home.lists import HeadLink, acts_on_many, list_context
from luojiang_ce.papers.models import Paper
from luojiang_ce.sheets.exports import export_view
from luojiang_ce.typed import whole_number
from luojiang_ce.workdays.strip import build
from luojiang_ce.workflow.badges import list_badge
from luojiang_ce.workflow.events import with_returns
from luojiang_ce.workflow.pages import case_page
from training.classes import facts, readiness
from training.classes import timetable as table
from training.classes.afterwards import links_for
from training.classes.case import CLASS
from training.classes.changes.reading import changes_of, may_begin
from training.classes.filters import ClassFilter
from training.classes.form2 import amounts
from training.classes.models import ClassApplication, TimetableRow
from training.classes.opening import first_filing
from training.classes.qualification import standing_of_class
from training.classes.services.applications import create_application, free_sessions
from training.plans.models import PlanItem
from training.plans.qualification import WITHIN
from units.access import FILER, sees_district
from units.extensions.reading import current_terms
from units.filed_case import EDITABLE
from units.opinions.reading import panel_of

CLERK = Role.UNIT_CLERK
State = ClassApplication.State
SORTS = {"opens": "opens_on", "filed": "submitted_at", "number": "number"}
NOTED = {"is-late": "late", "is-soon": "soon"}  # meanings of states whose count is coloured


@any_account
def listing(request: HttpRequest) -> HttpResponse:
    """The applications this account may see, with counts by state."""
    rows = ClassApplication.objects.visible_to(request.user)
    links = [HeadLink("申请开班", reverse("classes:new"), "plus", True)] if request.user.holds(CLERK) else []
    shown = with_returns(rows.select_related("unit", "project__plan").with_places(), CLASS)
    context = list_context(request, shown, filterset=ClassFilter, sorts=SORTS, sort="-opens")
    empty = {"text": "还没有开班申请。计划公布后，单位从已公布的项目申请开班"}
    context |= {"title": "开班申请", "links": links, "counts": _counts(request, rows), "empty": empty}
    for case in context["page_obj"]:
        # While somebody has it in hand: the filer's deadline, or the bureau's.
        case.badge = list_badge(case) if CLASS.states[case.state].turns else None
    context |= acts_on_many(request, ClassApplication, READ_CASES, "classes:export")
    return render(request, "training_classes/list.html", context)


export = export_view(READ_CASES, "classes")


def _counts(request: HttpRequest, rows: QuerySet[ClassApplication]) -> list[ListCount]:
    found = dict(rows.order_by().values_list("state").annotate(Count("pk")))
    current = request.GET.get("state", "")
    meanings = {state: NOTED.get(info.meaning, "") for state, info in CLASS.states.items()}
    return [
        ListCount(found[state], state.label, f"?state={state}", current == state, meanings[state])
        for state in State
        if state in found
    ]


@roles(CLERK)
def projects(request: HttpRequest) -> HttpResponse:
    """Own published projects: each with its sessions, taken and free (C1)."""
    own = PlanItem.objects.published().filter(unit__in=request.user.unit_ids(CLERK))
    rows = own.select_related("plan", "batch").prefetch_related("classes").order_by("-plan__year", "number")
    context = list_context(request, rows)
    context |= {
        "title": "申请开班：选已公布的项目",
        "has_earlier": TimetableRow.objects.filter(application__unit__in=request.user.unit_ids(CLERK)).exists(),
        "crumbs": [("开班申请", reverse("classes:list")), ("申请开班", "")],
        "empty": {"text": "没有已公布的项目", "url": reverse("plans:list"), "label": "看培训计划办到哪一步"},
    }
    for project in context["page_obj"]:
        project.sessions_left = free_sessions(project)
    return render(request, "training_classes/projects.html", context)


@roles(CLERK)
@require_POST
def create(request: HttpRequest, project_pk: int) -> HttpResponse:
    """Begin the application for the next free session; a second click leads to the same draft."""
    own = PlanItem.objects.visible_to(request.user).filter(unit__in=request.user.unit_ids(CLERK))
    project = get_object_or_404(own, pk=project_pk)
    wanted = whole_number(request.POST.get("session", ""))
    following = "classes:repeat" if request.POST.get("repeat") else "classes:basics"
    return act(
        request,
        lambda: create_application(project=project, actor=request.user, wanted=wanted),
        back="classes:new",
        done=lambda case: f"草稿已按公布的计划建立：{case}。请核对并补齐",
        then=lambda case: reverse(following, args=[case.pk]),
    )


def with_details() -> QuerySet[ClassApplication]:
    """Applications with all that their pages show."""
    rows = TimetableRow.objects.with_details()
    return (
        ClassApplication.objects.select_related(
            "unit__supervisor", "project__plan", "project__batch", "created_by", "edited_by"
        )
        .prefetch_related(Prefetch("timetable", rows), "organisers")
        .with_project_changed()
    )


@any_account
def case(request: HttpRequest, pk: int) -> HttpResponse:
    """The case page of an application."""
    found = get_visible_or_404(with_details(), request, pk=pk)
    account, filer = request.user, FILER.test(request.user, found)
    page, trainees = case_page(found, account), _trainee_counts(found, account)
    opinion = panel_of(found, account, page.history)
    objection = [opinion.objection] if opinion and opinion.objection and not filer else []
    context: dict[str, Any] = {
        "page": page,
        "title": str(found),
        "kind": "开班申请",
        "number": found.number,
        "lead": found.unit.name,
        "crumbs": [("开班申请", reverse("classes:list")), (found.number or "草稿", "")],
        **_until_opening(found),
        **_content(found),
        "alike": alike_for(found, account),
        "papers": Paper.objects.of(found).with_successors() if _answered(found) else [],
        "trainees": trainees,
        "opinion": opinion,
        "changes": changes_of(found, account) if _answered(found) else [],
        "hints": [*_too_few(found, trainees), *_hints(found, account, objection, filer=filer)],
        "is_filer": filer,
        "may_change": False,
        "links": [*links_for(found, account), *_links(found, account, filer=filer)],
    }
    return render(request, "training_classes/class.html", context)


def _until_opening(found: ClassApplication) -> dict[str, Any]:
    """The last filing day, and how its days are counted until the bureau has decided."""
    terms = current_terms()
    deadline = first_filing(found, terms)
    counting = deadline if found.state in (*EDITABLE, State.SUBMITTED, State.CHECKED) else None
    strip = build(counting, terms.calendar, clock.today(), found.first_submitted_at) if counting else None
    return {"deadline": deadline, "strip": strip}


def _content(found: ClassApplication) -> dict[str, Any]:
    """What is applied for: beside the plan, the timetable with its sums, lecturers, organisers, files."""
    rows = facts.rows_of(found)
    return {
        "comparison": facts.comparison(found, rows),
        "rows": rows,
        "sums": table.sums(facts.as_values(rows)),
        "rule": found.timetable_rules,
        "amounts": amounts(found, rows),
        "lecturers": _lecturers(rows),
        "organisers": found.organisers.all(),
        "materials": readiness.shown_materials(found),
    }


def _links(found: ClassApplication, account: Actor, *, filer: bool) -> list[HeadLink]:
    links = [HeadLink("附件2", reverse("classes:form2_pdf", args=[found.pk]), "file-down")]
    links.append(HeadLink("附件3", reverse("classes:form3_pdf", args=[found.pk]), "file-down"))
    if filer and found.state in EDITABLE:
        links.append(HeadLink("填写申请", reverse("classes:basics", args=[found.pk]), "pencil", True))
    if filer and found.state == State.APPROVED:
        about = reverse("circulars:new_about", args=[found._meta.label_lower, found.pk])
        links.append(HeadLink("给学员单位发通知", about, "megaphone"))
    if may_begin(found, account):
        links.append(HeadLink("申请变更", reverse("changes:new", args=[found.pk]), "calendar-sync"))
    return links


def _answered(found: ClassApplication) -> bool:
    """Has the bureau answered before? Until then there is no paper."""
    in_first_filing = found.submitted_at == found.first_submitted_at
    return found.state != State.DRAFT and not (in_first_filing and found.state in (State.SUBMITTED, State.CHECKED))


def _lecturers(rows: list[TimetableRow]) -> list[dict[str, Any]]:
    """Each lecturer once, with the hours taught and whether the résumé is there."""
    found: dict[int, dict[str, Any]] = {}
    for row in rows:
        if row.lecturer:
            new = {"lecturer": row.lecturer, "hours": table.ZERO, "has_resume": row.lecturer_has_resume}
            line = found.setdefault(row.lecturer.pk, new)
            line["hours"] += row.hours if row.counts else 0
    return list(found.values())


def _trainee_counts(found: ClassApplication, account: Actor) -> dict[str, int] | None:
    """How many hold a place, and how many of them still wait for their unit; None before approval, and for whoever does
    not see them."""
    if found.state in (*EDITABLE, State.SUBMITTED, State.CHECKED, State.REFUSED):
        return None
    seen = ClassApplication.objects.with_people_for(account).filter(pk=found.pk)
    if not (sees_district(account) or FILER.test(account, found) or seen.exists()):
        return None
    counts = dict(found.enrolments.present().order_by().values_list("agreement").annotate(Count("pk")))
    everybody = sum(counts.values())
    # Nobody waits for a place where there are some.
    in_line = found.waiting.standing().count() if everybody >= (found.people or 0) else 0
    return {"all": everybody, "waiting": counts.get("waiting", 0), "in_line": in_line}


def _too_few(found: ClassApplication, trainees: dict[str, int] | None) -> list[str]:
    """C7: until it opens, that too few have enrolled; what follows is the provider's to decide."""
    is_ahead = found.state == State.APPROVED and not found.has_begun(clock.today())
    said = found.too_few(trainees["all"]) if trainees and is_ahead else ""
    return [f"{said}。开班前可以“取消办班”，系统不会自动取消"] if said else []


def _hints(found: ClassApplication, account: Actor, objection: list[str], *, filer: bool) -> list[str]:
    """What the bureau should look at while it decides: pointed out, never refused by itself (P5, notice 三2). The filer
    is told how the class stands to the scope; who else reads the case, nothing."""
    if filer:
        return _scope_hints(found)
    if found.state not in (State.SUBMITTED, State.CHECKED) or not sees_district(account):
        return []
    return [*objection, *_scope_hints(found), *found.unit.record_told()]


def _scope_hints(found: ClassApplication) -> list[str]:
    """notice 三2: how the class stands to the approved scope, to the filer and to the bureau until it decides."""
    if found.state not in (*EDITABLE, State.SUBMITTED, State.CHECKED):
        return []
    standing = standing_of_class(found)
    return [] if standing.kind == WITHIN else [str(standing)]

"""The form of an application, step by step in any order; drafts save themselves while the head is typed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from luojiang_ce.access import Role, roles
from luojiang_ce.home.form_page import autosaved, form_page, posted, refuse, returned, show, submitted
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workdays.explaining import explanation
from luojiang_ce.workdays.text import full
from luojiang_ce.workflow.badges import case_badges
from luojiang_ce.workflow.engine import actions_for
from training.classes import facts, readiness
from training.classes import timetable as table
from training.classes.checks import BASICS, REVIEW, STEPS, TEACHING, TIMETABLE
from training.classes.forms.application import BasicsForm, NotesForm, RepeatForm, organiser_formset
from training.classes.forms.lecturers import NewLecturerForm
from training.classes.forms.timetable import row_formset
from training.classes.models import ClassApplication
from training.classes.opening import first_filing
from training.classes.qualification import standing_of_class
from training.classes.services.applications import OrganiserRow, replace_timetable, save_basics, save_notes
from training.classes.services.lecturers import save_lecturer
from training.classes.services.repeating import earlier_classes, last_one, repeat
from training.classes.views.applications import with_details
from training.plans.qualification import WITHIN
from units.extensions.reading import current_terms
from units.filed_case import EDITABLE

CLERK = Role.UNIT_CLERK
ORDER = list(STEPS)
# Cells of the checks → fields of the grid.
FIELDS = {"time": ("starts_at", "ends_at"), "catalogue": ("catalogue_course",)}


@dataclass(frozen=True)
class StepLink:
    """A step in the margin of the form: its place, and how much is to mend there."""

    number: int
    label: str
    url: str
    count: int
    current: bool


@roles(CLERK)
def basics(request: HttpRequest, pk: int) -> HttpResponse:
    """Step 1: the head of 附件2 with its organisers."""
    case = _own_or_404(request, pk)
    if locked := _leave_if_locked(request, case):
        return locked
    form = BasicsForm(posted(request), instance=case)
    organisers = organiser_formset(case, posted(request))

    def save(rows: list[OrganiserRow] | None, *, quiet: bool = False) -> ClassApplication:
        return save_basics(
            application=case,
            values=form.values(),
            organisers=rows,
            version=form.version,
            actor=request.user,
            quiet=quiet,
        )

    def save_sound() -> ClassApplication:
        return save(organisers.rows() if organisers.is_valid() else None, quiet=True)

    if said := autosaved(request, [form, organisers], save_sound, partly=True):
        return said
    if saved := _saved(request, case, BASICS, [form, organisers], lambda: save(organisers.rows())):
        return saved
    form.opening = _opening(case)
    return _page(request, case, BASICS, {"organisers": organisers, "formsets": [organisers]}, [form, organisers])


@roles(CLERK)
def timetable(request: HttpRequest, pk: int) -> HttpResponse:
    """Step 2: the grid of 附件3."""
    case = _own_or_404(request, pk)
    if locked := _leave_if_locked(request, case):
        return locked
    rows = facts.rows_of(case)
    grid = row_formset(case, rows, posted(request))

    def save(*, quiet: bool = False) -> ClassApplication:
        return replace_timetable(
            application=case, rows=grid.rows(), version=grid.version, actor=request.user, quiet=quiet
        )

    if said := autosaved(request, grid, lambda: save(quiet=True)):
        return said
    lecturer = NewLecturerForm(posted(request), unit=case.unit, clerk=request.user)
    if request.POST.get("do") == "lecturer":
        if _registered(request, lecturer):
            lecturer = NewLecturerForm(None, unit=case.unit, clerk=request.user)
            grid = row_formset(case, rows, request.POST)
    else:
        lecturer.must_wait()
        if saved := _saved(request, case, TIMETABLE, [grid, lecturer], save):
            return saved
    values = facts.as_values(rows)
    problems = [] if grid.is_bound else facts.timetable_problems(case, rows)
    context = {
        "grid": grid,
        "lecturer": lecturer,
        "formsets": [lecturer],
        "lines": grid_lines(grid, problems),
        "whole": [problem.text for problem in problems if not problem.row],
        "with_catalogue": len(grid.empty_form.fields["catalogue_course"].choices) > 1,
        "sums": table.sums(values),
        "days": table.day_sums(values),
        "rule": case.timetable_rules,
    }
    return _page(request, case, TIMETABLE, context, [grid, lecturer])


@roles(CLERK)
def teaching(request: HttpRequest, pk: int) -> HttpResponse:
    """Step 3: résumés of the lecturers, and the materials; each file is kept by itself."""
    case = _own_or_404(request, pk)
    if locked := _leave_if_locked(request, case):
        return locked
    taught = {row.lecturer_id: row for row in facts.rows_of(case) if row.lecturer and row.counts}
    context = {
        "lecturers": [{"lecturer": row.lecturer, "has_resume": row.lecturer_has_resume} for row in taught.values()],
        "materials": readiness.shown_materials(case),
        "may_change": True,
    }
    return _page(request, case, TEACHING, context, [])


@roles(CLERK)
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """Step 4: words on what differs from the plan, everything still to mend, and submitting."""
    case = _own_or_404(request, pk)
    if locked := _leave_if_locked(request, case):
        return locked
    compared = facts.comparison(case, facts.rows_of(case))
    form = NotesForm(posted(request), row=case, differences=compared.differences)

    def save(*, quiet: bool = False) -> ClassApplication:
        return save_notes(
            application=case, notes=form.cleaned_data, version=form.version, actor=request.user, quiet=quiet
        )

    if answer := autosaved(request, form, lambda: save(quiet=True)) or _saved(request, case, REVIEW, [form], save):
        return answer
    actions = actions_for(case, request.user, "submit", "resubmit")
    standing = standing_of_class(case)
    context = {
        "comparison": compared,
        "action": actions[0] if actions else None,
        "standing": "" if standing.kind == WITHIN else str(standing),
    }
    return _page(request, case, REVIEW, context, [form])


@roles(CLERK)
def repeated(request: HttpRequest, pk: int) -> HttpResponse:
    """照往期带入: the draft filled from an earlier class of the unit, the timetable moved to the new days."""
    case = _own_or_404(request, pk)
    if locked := _leave_if_locked(request, case):
        return locked
    last = last_one(case)
    if last is None:
        messages.info(request, "本单位还没有排过课程表的培训班，请直接填写")
        return redirect(_url(case, BASICS))
    initial = {"like": last, "opens_on": case.opens_on}
    form = RepeatForm(posted(request), row=case, offered=earlier_classes(case), initial=initial)
    form.opening = _opening(case)
    return form_page(
        request,
        form,
        lambda: repeat(
            application=case,
            like=form.cleaned_data["like"],
            opens_on=form.cleaned_data["opens_on"],
            version=form.version,
            actor=request.user,
        ),
        title=f"照往期带入：{case}",
        back=[("开班申请", reverse("classes:list")), (case.number or "草稿", _url(case, BASICS))],
        here="照往期带入",
        submit_label="带入",
        done=lambda saved: (
            f"已照{form.cleaned_data['like']}带入，开班日期 {full(saved.opens_on)}，课程表已改到新的日期。请核对"
        ),
        then=_url(case, REVIEW),
        why="草稿里已填的内容和课程表会被替换；学员和附件不带入",
    )


def _registered(request: HttpRequest, form: NewLecturerForm) -> bool:
    """Register a lecturer while the timetable, which may be half typed, stays as it is on the page."""
    if not form.has_changed():
        form.add_error("name", "请先填写教师的姓名和工作单位")
    if not form.is_valid():
        return False
    try:
        saved = form.meant or save_lecturer(lecturer=form.save(commit=False), actor=request.user)
    except NotPossible as refused:
        refuse(form, refused)
        return False
    done = "教师库里已有" if form.meant else "已登记"
    messages.success(request, f"{done} {saved}（{saved.employer}），可在“授课教师”一栏选用。课程表还没有保存")
    return True


def _own_or_404(request: HttpRequest, pk: int) -> ClassApplication:
    """The application, for a clerk of the unit that files it."""
    own = with_details().filter(unit__in=request.user.unit_ids(CLERK))
    return get_object_or_404(own, pk=pk)


def _leave_if_locked(request: HttpRequest, case: ClassApplication) -> HttpResponse | None:
    if case.state in EDITABLE:
        return None
    messages.info(request, f"现在的状态是“{case.get_state_display()}”，不能修改")
    return redirect(case)


def _saved(
    request: HttpRequest, case: ClassApplication, step: str, filled: list[Any], save: Callable[[], Any]
) -> HttpResponse | None:
    """Save and go on, where the step was sent and can be saved."""
    return submitted(request, filled, save, done="草稿已保存", then=_next(request, case, step))


def _next(request: HttpRequest, case: ClassApplication, step: str) -> str:
    wanted = request.POST.get("do", "")
    if wanted == "leave":
        return case.get_absolute_url()
    following = ORDER[min(ORDER.index(step) + 1, len(ORDER) - 1)]
    return _url(case, following if wanted == "next" else step)


def _url(case: ClassApplication, step: str) -> str:
    return reverse(f"classes:{step}", args=[case.pk])


def _page(
    request: HttpRequest, case: ClassApplication, step: str, context: dict[str, Any], filled: list[Any]
) -> HttpResponse:
    found = readiness.findings(case)
    context |= {
        "case": case,
        "form": filled[0] if filled else None,
        "step": step,
        "steps": _steps(case, step, [finding.step for finding in found]),
        "findings": found,
        "findings_here": [finding for finding in found if finding.step == step],
        "title": f"开班申请：{case}",
        "crumbs": [
            ("开班申请", reverse("classes:list")),
            (case.number or "草稿", case.get_absolute_url()),
            ("填写", ""),
        ],
        "deadlines": case_badges(case),
        **returned(request, filled, case),
    }
    return show(request, f"training_classes/edit_{step}.html", context, filled)


def _steps(case: ClassApplication, current: str, found: list[str]) -> list[StepLink]:
    return [
        StepLink(number, label, _url(case, step), found.count(step), step == current)
        for number, (step, label) in enumerate(STEPS.items(), 1)
    ]


def _opening(case: ClassApplication) -> dict[str, Any]:
    """The explanation of the last filing day, for the day that is stored (workdays:explain answers what is typed)."""
    deadline = first_filing(case, current_terms())
    if deadline is None:
        return {"wrong": "填好开班日期后，这里显示最后申报日和推算过程"}
    return explanation(deadline, current_terms(), case.first_submitted_at)


def grid_lines(grid: Any, problems: list[table.Problem], first: int = 1) -> list[dict[str, Any]]:
    """Each row of the grid with what is wrong in it, below it, and which of its cells are marked.

    `first`: the number of its first row in the whole timetable.
    """
    lines = []
    for number, form in enumerate(grid.forms, first):
        mine = [problem for problem in problems if problem.row == number]
        bad = {field for problem in mine for field in FIELDS.get(problem.cell, (problem.cell,))}
        texts = [problem.text for problem in mine] + [
            f"{form[name].label}：{text}"
            for name, errors in form.errors.items()
            if name in form.fields
            for text in errors
        ]
        lines.append({"number": number, "form": form, "texts": texts, "bad": bad | set(form.errors)})
    return lines

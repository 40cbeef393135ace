"""Working on a recognition: results of the assessment (clerk), decisions and exclusions (handler)."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from luojiang_ce.access.roles import Role
from luojiang_ce.access.rules import roles
from luojiang_ce.refusals import NotPossible
from training.attendance.timetable import slots_of_class
from training.classes.models import Enrolment
from training.terms import Assessment

from . import services
from .counting import full_amounts, tally
from .forms import DecisionForm, ExclusionForm, ReasonForm, ResultsForm
from .lines import line_of
from .models import AssessmentResult, Recognition
from .services import Result
from .views import case_or_404

PER_PAGE = 100
CLERK = Role.UNIT_CLERK


@roles(CLERK)
def results(request: HttpRequest, pk: int) -> HttpResponse:
    """Outcome and score of each trainee, a hundred to a page (R5)."""
    case = case_or_404(request, pk)
    if case.application.assessment == Assessment.NONE or case.unit_id not in _actor(request).unit_ids(CLERK):
        raise Http404
    if gone := _leave_if_locked(request, case, services.EDITABLE, services.RESULTS_LOCKED):
        return gone
    trainees = Paginator(case.application.enrolments.present(), PER_PAGE).get_page(request.GET.get("page"))
    form = ResultsForm(_typed(request, list(trainees)), trainees=list(trainees), known=_known(case))
    if request.method == "POST" and form.is_valid():

        def save() -> str:
            changed = services.save_results(recognition=case, results=form.results(), actor=_actor(request))
            return f"已保存考核结果，改动 {changed} 人"

        if _saved(request, form, save):
            return redirect(request.get_full_path())
    context = {
        "case": case,
        "form": form,
        "page_obj": trainees,
        "title": "考核结果",
        "lead": f"{case.application}　考核方式：{case.application.get_assessment_display()}",
        "crumbs": [(str(case.application), case.get_absolute_url()), ("考核结果", "")],
        "submit_label": "保存考核结果",
        "cancel_url": case.get_absolute_url(),
        "why": "不合格的不计学时；到过课的学员都要有结果才能提交",
    }
    return render(request, "training_recognition/results.html", context, status=422 if form.errors else 200)


@roles(Role.BUREAU_HANDLER)
def decide(request: HttpRequest, pk: int, enrolment: int) -> HttpResponse:
    """The handler's amounts for one trainee, with a reason (R3)."""
    case = case_or_404(request, pk)
    if gone := _leave_if_locked(request, case, services.UNDER_REVIEW, services.REVIEW_LOCKED):
        return gone
    found = tally(case)
    trainee = next((each for each in found.trainees if each.enrolment.pk == enrolment), None)
    if trainee is None:
        raise Http404
    form = DecisionForm(
        request.POST or None, possible=full_amounts(found.case), finals=trainee.finals, decide=trainee.result.decide
    )
    if request.method == "POST" and form.is_valid():

        def save() -> str:
            services.decide(
                recognition=case,
                enrolment=trainee.enrolment,
                amounts=form.amounts(),
                reason=form.cleaned_data["reason"],
                actor=_actor(request),
            )
            return f"已核定：{trainee.enrolment}"

        if _saved(request, form, save):
            return redirect(f"{case.get_absolute_url()}#people")
    assessed = case.application.assessment != Assessment.NONE
    context = {
        "form": form,
        "line": line_of(trainee, assessed=assessed),
        "title": f"核定学时：{trainee.enrolment}",
        "lead": f"{case.application}　{trainee.enrolment.employer}",
        "crumbs": [(str(case.application), case.get_absolute_url()), ("核定学时", "")],
        "submit_label": "保存核定",
        "cancel_url": case.get_absolute_url(),
        "why": "与按签到计算的不同之处会印在认定表上",
    }
    return render(request, "training_recognition/decide.html", context, status=422 if form.errors else 200)


@roles(Role.BUREAU_HANDLER)
def decide_rest(request: HttpRequest, pk: int) -> HttpResponse:
    """Nothing for everybody who is still to be decided, with one reason."""
    case = case_or_404(request, pk)
    if gone := _leave_if_locked(request, case, services.UNDER_REVIEW, services.REVIEW_LOCKED):
        return gone
    rest = tally(case).rest
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():

        def save() -> str:
            count = services.decide_rest(recognition=case, reason=form.cleaned_data["reason"], actor=_actor(request))
            return f"已核定 {count} 人为 0"

        if _saved(request, form, save):
            return redirect(f"{case.get_absolute_url()}#people")
    context = {
        "form": form,
        "rest": rest,
        "title": "其余待定学员不予认定",
        "lead": str(case.application),
        "crumbs": [(str(case.application), case.get_absolute_url()), ("其余待定学员", "")],
        "submit_label": f"{len(rest)} 人不予认定",
        "cancel_url": case.get_absolute_url(),
    }
    return render(request, "training_recognition/decide_rest.html", context, status=422 if form.errors else 200)


@roles(Role.BUREAU_HANDLER)
def exclude(request: HttpRequest, pk: int) -> HttpResponse:
    """A half-day that is not recognised, for everybody or for one trainee."""
    case = case_or_404(request, pk)
    if gone := _leave_if_locked(request, case, services.UNDER_REVIEW, services.REVIEW_LOCKED):
        return gone
    trainees = case.application.enrolments.present()
    form = ExclusionForm(request.POST or None, slots=slots_of_class(case.application), trainees=trainees)
    if request.method == "POST" and form.is_valid():
        day, half_day = form.slot()

        def save() -> str:
            made = services.exclude(
                recognition=case,
                day=day,
                half_day=half_day,
                enrolment=form.cleaned_data["enrolment"],
                reason=form.cleaned_data["reason"],
                actor=_actor(request),
            )
            return f"不予认定：{made}"

        if _saved(request, form, save):
            return redirect(f"{case.get_absolute_url()}#exclusions")
    context = {
        "form": form,
        "title": "半日不予认定",
        "lead": str(case.application),
        "crumbs": [(str(case.application), case.get_absolute_url()), ("半日不予认定", "")],
        "submit_label": "不予认定这个半日",
        "cancel_url": case.get_absolute_url(),
    }
    return render(request, "form_base.html", context, status=422 if form.errors else 200)


@roles(Role.BUREAU_HANDLER)
@require_POST
def include(request: HttpRequest, pk: int, exclusion: int) -> HttpResponse:
    """Take an exclusion back."""
    case = case_or_404(request, pk)
    row = case.exclusions.select_related("recognition").filter(pk=exclusion).first()
    if row is None:
        messages.info(request, "这个半日已经恢复")
        return redirect(f"{case.get_absolute_url()}#exclusions")
    try:
        services.include_again(exclusion=row, actor=_actor(request))
        messages.success(request, f"已恢复：{row}")
    except NotPossible as reason:
        messages.error(request, str(reason))
    return redirect(f"{case.get_absolute_url()}#exclusions")


def _leave_if_locked(
    request: HttpRequest, case: Recognition, states: Collection[str], otherwise: str
) -> HttpResponse | None:
    """No form that could not be saved. What was typed meanwhile is shown again, with the service's reason."""
    if request.method == "POST" or case.state in states:
        return None
    messages.info(request, services.locked(case, otherwise))
    return redirect(case)


def _actor(request: HttpRequest) -> Any:
    return request.user


def _typed(request: HttpRequest, trainees: list[Enrolment]) -> QueryDict | None:
    """What was typed; one button says that all empty ones have passed."""
    if request.method != "POST":
        return None
    typed = request.POST.copy()
    if typed.get("do") == "all_passed":
        for trainee in trainees:
            if not typed.get(f"outcome-{trainee.pk}"):
                typed[f"outcome-{trainee.pk}"] = AssessmentResult.Outcome.PASSED
    return typed


def _known(case: Recognition) -> dict[int, Result]:
    rows = AssessmentResult.objects.filter(enrolment__application=case.application_id)
    return {pk: Result(outcome, score) for pk, outcome, score in rows.values_list("enrolment_id", "outcome", "score")}


def _saved(request: HttpRequest, form: Any, save: Callable[[], str]) -> bool:
    """Save and say so, or put the reasons why not into the form."""
    try:
        messages.success(request, save())
    except NotPossible as refused:
        for reason in refused.reasons:
            form.add_error(None, reason)
        return False
    return True

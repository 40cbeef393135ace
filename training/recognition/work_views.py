"""Working on a recognition: results of the assessment (clerk), decisions and exclusions (handler)."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from luojiang_ce.access.roles import Role
from luojiang_ce.access.rules import roles
from luojiang_ce.home.form_page import act, form_page, posted
from training.attendance.timetable import slots_of_class
from training.classes.models import Enrolment
from training.terms import Assessment

from . import services
from .counting import full_amounts, tally
from .forms import DecisionForm, ExclusionForm, ReasonForm, ResultsForm
from .lines import line_of
from .models import AssessmentResult, Exclusion, Recognition
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
    return form_page(
        request,
        form,
        lambda: services.save_results(recognition=case, results=form.results(), actor=_actor(request)),
        title="考核结果",
        lead=f"{case.application}　考核方式：{case.application.get_assessment_display()}",
        submit_label="保存考核结果",
        done=lambda changed: f"已保存考核结果，改动 {changed} 人",
        back=case.get_absolute_url(),
        then=request.get_full_path(),
        template="training_recognition/results.html",
        crumbs=[(str(case.application), case.get_absolute_url()), ("考核结果", "")],
        why="不合格的不计学时；到过课的学员都要有结果才能提交",
        case=case,
        page_obj=trainees,
    )


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
        posted(request), possible=full_amounts(found.case), finals=trainee.finals, decide=trainee.result.decide
    )
    return form_page(
        request,
        form,
        lambda: services.decide(
            recognition=case,
            enrolment=trainee.enrolment,
            amounts=form.amounts(),
            reason=form.cleaned_data["reason"],
            actor=_actor(request),
        ),
        title=f"核定学时：{trainee.enrolment}",
        lead=f"{case.application}　{trainee.enrolment.employer}",
        submit_label="保存核定",
        done=f"已核定：{trainee.enrolment}",
        back=case.get_absolute_url(),
        then=f"{case.get_absolute_url()}#people",
        template="training_recognition/decide.html",
        crumbs=[(str(case.application), case.get_absolute_url()), ("核定学时", "")],
        why="与按签到计算的不同之处会印在认定表上",
        line=line_of(trainee, assessed=case.application.assessment != Assessment.NONE),
    )


@roles(Role.BUREAU_HANDLER)
def decide_rest(request: HttpRequest, pk: int) -> HttpResponse:
    """Nothing for everybody who is still to be decided, with one reason."""
    case = case_or_404(request, pk)
    if gone := _leave_if_locked(request, case, services.UNDER_REVIEW, services.REVIEW_LOCKED):
        return gone
    rest = tally(case).rest
    form = ReasonForm(posted(request))
    return form_page(
        request,
        form,
        lambda: services.decide_rest(recognition=case, actor=_actor(request), **form.cleaned_data),
        title="其余待定学员不予认定",
        lead=str(case.application),
        submit_label=f"{len(rest)} 人不予认定",
        done=lambda count: f"已核定 {count} 人为 0",
        back=case.get_absolute_url(),
        then=f"{case.get_absolute_url()}#people",
        template="training_recognition/decide_rest.html",
        crumbs=[(str(case.application), case.get_absolute_url()), ("其余待定学员", "")],
        rest=rest,
    )


@roles(Role.BUREAU_HANDLER)
def exclude(request: HttpRequest, pk: int) -> HttpResponse:
    """A half-day that is not recognised, for everybody or for one trainee."""
    case = case_or_404(request, pk)
    if gone := _leave_if_locked(request, case, services.UNDER_REVIEW, services.REVIEW_LOCKED):
        return gone
    trainees = case.application.enrolments.present()
    form = ExclusionForm(posted(request), slots=slots_of_class(case.application), trainees=trainees)

    def save() -> Exclusion:
        day, half_day = form.slot()
        return services.exclude(
            recognition=case,
            day=day,
            half_day=half_day,
            enrolment=form.cleaned_data["enrolment"],
            reason=form.cleaned_data["reason"],
            actor=_actor(request),
        )

    return form_page(
        request,
        form,
        save,
        title="半日不予认定",
        lead=str(case.application),
        submit_label="不予认定这个半日",
        done=lambda made: f"不予认定：{made}",
        back=case.get_absolute_url(),
        then=f"{case.get_absolute_url()}#exclusions",
        crumbs=[(str(case.application), case.get_absolute_url()), ("半日不予认定", "")],
    )


@roles(Role.BUREAU_HANDLER)
@require_POST
def include(request: HttpRequest, pk: int, exclusion: int) -> HttpResponse:
    """Take an exclusion back."""
    case = case_or_404(request, pk)
    row = case.exclusions.select_related("recognition").filter(pk=exclusion).first()
    if row is None:
        messages.info(request, "这个半日已经恢复")
        return redirect(f"{case.get_absolute_url()}#exclusions")
    return act(
        request,
        lambda: services.include_again(exclusion=row, actor=_actor(request)),
        done=f"已恢复：{row}",
        back=f"{case.get_absolute_url()}#exclusions",
    )


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

"""Recognition as pages: the list, beginning one, the case and its lists on paper; results of the assessment (clerk),
decisions and exclusions (handler)."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from luojiang_ce import clock
from luojiang_ce.access import READ_PEOPLE, Role, any_account, can, get_visible_or_404, roles
from luojiang_ce.files.fingerprints import alike_for
from luojiang_ce.home.form_page import Crumbs, act, form_page, posted
from luojiang_ce.home.lists import HeadLink, acts_on_many, list_context
from luojiang_ce.home.slow_steps import with_steps
from luojiang_ce.papers.models import Paper
from luojiang_ce.papers.printouts import printed
from luojiang_ce.refusals import NotPossible
from luojiang_ce.sheets.exports import export_view, people_workbook
from luojiang_ce.workdays.strip import build
from luojiang_ce.workflow.badges import list_badge
from luojiang_ce.workflow.events import with_returns
from luojiang_ce.workflow.pages import case_page
from training.attendance.timetable import slots_of_class
from training.choices import Assessment
from training.classes.models import ClassApplication, Enrolment
from training.recognition import page_data, services
from training.recognition.case import RECOGNITION, due_of
from training.recognition.corrections.case import is_prepared_by
from training.recognition.counting import tally
from training.recognition.filters import RecognitionFilter
from training.recognition.forms import DecisionForm, ExclusionForm, ReasonForm, ResultsForm
from training.recognition.materials import checklist_of, odd_photos
from training.recognition.models import AssessmentResult, Exclusion, Recognition, Ruling, RulingLine
from training.recognition.papers import ROSTER, ROSTER_PRINTED, head_of, roster_of, sheet_of, sheet_rows
from training.recognition.person_line import line_of
from units.extensions.reading import current_terms
from units.filed_case import EDITABLE, may_edit, record_told, with_record

CLERK = Role.UNIT_CLERK
PER_PAGE, RESULTS_PER_PAGE = 50, 100
RULED_SHOWN = 20  # lines of a decision, of which there may be one for each trainee


@can(READ_PEOPLE)
def listing(request: HttpRequest) -> HttpResponse:
    """Recognitions that the account sees, and for a clerk the classes that wait for one."""
    account: Any = request.user
    rows = with_returns(Recognition.objects.visible_to(account).select_related("unit", "application"), RECOGNITION)
    context = list_context(
        request,
        rows,
        filterset=RecognitionFilter,
        sorts={"filed": "first_submitted_at", "ended": "application__ends_on"},
        sort="-ended",
    )
    for case in context["page_obj"]:
        case.badge = list_badge(case)
    context |= {
        "title": "学时认定",
        "links": [HeadLink("学时更正", reverse("recognition:corrections"), "pencil")],
        "lead": "培训结束后30日内办好学时（学分）认定（通知 一(五)3）",
        "waiting": page_data.classes_waiting(account, current_terms()),
        "empty": {"text": "还没有学时认定。培训班结束后，由办班单位在这里申报"},
    }
    context |= acts_on_many(request, Recognition, READ_PEOPLE, "recognition:export")
    return render(request, "training_recognition/list.html", context)


export = export_view(READ_PEOPLE, "recognitions")


@roles(CLERK)
@require_POST
def begin(request: HttpRequest, application: int) -> HttpResponse:
    """Begin the recognition of a class, or go on with it."""
    account: Any = request.user
    own = ClassApplication.objects.filter(unit__in=account.unit_ids(CLERK))
    course = get_visible_or_404(own, request, pk=application)
    try:
        return redirect(services.open_recognition(application=course, actor=account))
    except NotPossible as refused:
        messages.error(request, f"还不能申报学时认定：{refused}")
        return redirect("recognition:list")


@any_account
def recognition(request: HttpRequest, pk: int) -> HttpResponse:
    """The case page: materials, people with their half-days and amounts, decisions, oddities."""
    account: Any = request.user
    case = _case_or_404(request, pk)
    terms, found = current_terms(), page_data.found_in(case)
    deadline, materials = due_of(case, terms), checklist_of(case)
    people = Paginator(found.lines, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": case_page(case, account),
        "record": record_told(case, account),
        "title": str(case.application),
        "kind": "学时认定",
        "number": case.number,
        "lead": case.unit.name,
        "crumbs": [("学时认定", reverse("recognition:list")), (case.number or "草稿", "")],
        "deadline": deadline,
        "strip": None if case.first_submitted_at else build(deadline, terms.calendar, clock.today()),
        "found": found,
        "page_obj": people,
        "rows": page_data.rows_of(found, list(people)),
        "materials": materials,
        "alike": alike_for(case, account),
        "odd_photos": odd_photos(materials, slots_of_class(case.application)),
        "exclusions": case.exclusions.all(),
        "rulings": _rulings(case),
        **_since_decided(case, account),
        "may_change": may_edit(case, account),
        "may_decide": case.state == Recognition.State.SUBMITTED and account.holds(Role.BUREAU_HANDLER),
        "links": _links(case, account),
    }
    return render(request, "training_recognition/recognition.html", context)


def _rulings(case: Recognition) -> list[tuple[Ruling, list[str]]]:
    """The decisions on inspections that hold for the class, with what each takes (notice 一(五)4)."""
    if not case.has_rulings:  # type: ignore[attr-defined]  # told by with_rulings
        return []
    lines = Prefetch("lines", RulingLine.objects.select_related("enrolment"))
    held = Ruling.objects.in_force().filter(application=case.application_id).prefetch_related(lines)
    return [(each, [str(line) for line in each.lines.all()[:RULED_SHOWN]]) for each in held]


def _since_decided(case: Recognition, account: Any) -> dict[str, Any]:
    """The sheets of a decided recognition, its corrections, and the one that the account prepares."""
    if case.state not in page_data.FROZEN:
        return {"papers": [], "corrections": [], "preparing": None}
    corrections = list(case.corrections.visible_to(account).order_by("pk"))
    return {
        "papers": Paper.objects.of(case).with_successors(),
        "corrections": corrections,
        "preparing": next((each for each in corrections if is_prepared_by(each, account)), None),
    }


def _links(case: Recognition, account: Any) -> list[HeadLink]:
    """Signs and roster; and where a handler or the provider says that decided hours are wrong."""
    links = [
        HeadLink("考勤", reverse("attendance:class", args=[case.application_id]), "clipboard-check"),
        HeadLink("花名册 PDF", reverse("recognition:roster_pdf", args=[case.pk]), "printer"),
    ]
    handler = account.holds(Role.BUREAU_HANDLER)
    if case.state in page_data.FROZEN and (handler or case.unit_id in account.unit_ids(CLERK)):
        label = "提出更正" if handler else "申请更正"
        links.append(HeadLink(label, reverse("recognition:correct", args=[case.pk]), "pencil"))
    return links


@any_account
def oddities(request: HttpRequest, pk: int) -> HttpResponse:
    """What looks odd in the signs, as a part of the case page that is loaded after it."""
    case = _case_or_404(request, pk)
    context = {"application": case.application, "oddities": page_data.oddities_of_class(case), "linked": True}
    return render(request, "training_attendance/oddities.html", context)


@any_account
def roster_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """The list of trainees to be printed, stamped and scanned (notice 一(五)3)."""
    return printed(request, ROSTER_PRINTED, _case_or_404(request, pk))


@any_account
def roster_xlsx(request: HttpRequest, pk: int) -> HttpResponse:
    """The same list as a workbook."""
    case = _case_or_404(request, pk)
    rows, head = roster_of(case)
    return people_workbook(request, ROSTER, rows, f"花名册 {case.application}", head)


@any_account
def people_xlsx(request: HttpRequest, pk: int) -> HttpResponse:
    """The people with their half-days and amounts as a workbook."""
    case = _case_or_404(request, pk)
    found = page_data.found_in(case)
    head = {**head_of(case.application), "decision": case.get_state_display()}
    form, name = sheet_of(case.application), f"学时认定 {case.application}"
    return people_workbook(request, form, sheet_rows(found.lines), name, head)


@roles(CLERK)
def results(request: HttpRequest, pk: int) -> HttpResponse:
    """Outcome and score of each trainee, a hundred to a page (R5)."""
    case, account = _case_or_404(request, pk), request.user
    if case.application.assessment == Assessment.NONE or case.unit_id not in account.unit_ids(CLERK):
        raise Http404
    if gone := _leave_if_locked(request, case, EDITABLE, services.RESULTS_LOCKED):
        return gone
    trainees = Paginator(case.application.enrolments.present(), RESULTS_PER_PAGE).get_page(request.GET.get("page"))
    known = services.results_of(case)
    form = ResultsForm(_typed(request, list(trainees)), row=case, trainees=list(trainees), known=known)
    return form_page(
        request,
        form,
        lambda: services.save_results(recognition=case, results=form.results(), actor=account, version=form.version),
        title="考核结果",
        lead=f"{case.application}　考核方式：{case.application.get_assessment_display()}",
        submit_label="保存考核结果",
        done=lambda changed: f"已保存考核结果，改动 {changed} 人",
        back=_above(case),
        then=request.get_full_path(),
        template="training_recognition/results.html",
        why="不合格的不计学时；到过课的学员都要有结果才能提交",
        case=case,
        page_obj=trainees,
    )


@roles(Role.BUREAU_HANDLER)
def decide(request: HttpRequest, pk: int, enrolment: int) -> HttpResponse:
    """The handler's amounts for one trainee, with a reason (R3)."""
    case = _case_or_404(request, pk)
    if gone := _leave_if_locked(request, case, services.UNDER_REVIEW, services.REVIEW_LOCKED):
        return gone
    found = tally(case)
    trainee = next((each for each in found.trainees if each.enrolment.pk == enrolment), None)
    if trainee is None:
        raise Http404
    form = DecisionForm(
        posted(request),
        row=services.decided(case, enrolment),
        possible=found.amounts_possible,
        finals=trainee.finals,
        decide=trainee.result.decide,
    )
    return form_page(
        request,
        form,
        lambda: services.decide(
            recognition=case,
            enrolment=trainee.enrolment,
            amounts=form.amounts(),
            reason=form.cleaned_data["reason"],
            actor=request.user,
            version=form.version,
        ),
        title=f"核定学时：{trainee.enrolment}",
        lead=f"{case.application}　{trainee.enrolment.employer}",
        submit_label="保存核定",
        done=f"已核定：{trainee.enrolment}",
        back=_above(case),
        here="核定学时",
        then=f"{case.get_absolute_url()}#people",
        template="training_recognition/decide.html",
        why="与按签到计算的不同之处会印在认定表上",
        line=line_of(trainee, assessed=case.application.assessment != Assessment.NONE),
    )


@roles(Role.BUREAU_HANDLER)
def decide_rest(request: HttpRequest, pk: int) -> HttpResponse:
    """Nothing for everybody who is still to be decided, with one reason."""
    case = _case_or_404(request, pk)
    if gone := _leave_if_locked(request, case, services.UNDER_REVIEW, services.REVIEW_LOCKED):
        return gone
    rest = tally(case).rest
    form = ReasonForm(posted(request))
    return form_page(
        request,
        form,
        lambda: services.decide_rest(recognition=case, actor=request.user, **form.cleaned_data),
        title="其余待定学员不予认定",
        lead=str(case.application),
        submit_label=f"{len(rest)} 人不予认定",
        done=lambda count: f"已核定 {count} 人为 0",
        back=_above(case),
        here="其余待定学员",
        then=f"{case.get_absolute_url()}#people",
        template="training_recognition/decide_rest.html",
        rest=rest,
    )


@roles(Role.BUREAU_HANDLER)
def exclude(request: HttpRequest, pk: int) -> HttpResponse:
    """A half-day that is not recognised, for everybody or for one trainee."""
    case = _case_or_404(request, pk)
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
            actor=request.user,
        )

    return form_page(
        request,
        form,
        save,
        title="半日不予认定",
        lead=str(case.application),
        submit_label="不予认定这个半日",
        done=lambda made: f"不予认定：{made}",
        back=_above(case),
        then=f"{case.get_absolute_url()}#exclusions",
    )


@roles(Role.BUREAU_HANDLER)
@require_POST
def include(request: HttpRequest, pk: int, exclusion: int) -> HttpResponse:
    """Take an exclusion back."""
    case = _case_or_404(request, pk)
    row = case.exclusions.select_related("recognition").filter(pk=exclusion).first()
    if row is None:
        messages.info(request, "这个半日已经恢复")
        return redirect(f"{case.get_absolute_url()}#exclusions")
    return act(
        request,
        lambda: services.include_again(exclusion=row, actor=request.user),
        done=f"已恢复：{row}",
        back=f"{case.get_absolute_url()}#exclusions",
    )


def _above(case: Recognition) -> Crumbs:
    return [(str(case.application), case.get_absolute_url())]


def _case_or_404(request: HttpRequest, pk: int) -> Recognition:
    """The recognition, if the signed-in account may see it."""
    exclusions = Prefetch("exclusions", Exclusion.objects.select_related("enrolment", "decided_by"))
    rows = Recognition.objects.with_rulings().select_related("unit", "application__unit", "created_by")
    rows = rows.prefetch_related("application__timetable", exclusions)
    return get_visible_or_404(with_record(with_steps(with_returns(rows, RECOGNITION))), request, pk=pk)


def _leave_if_locked(
    request: HttpRequest, case: Recognition, states: Collection[str], otherwise: str
) -> HttpResponse | None:
    """No form that could not be saved. What was typed meanwhile is shown again, with the service's reason."""
    if request.method == "POST" or case.state in states:
        return None
    messages.info(request, services.locked(case, otherwise))
    return redirect(case)


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

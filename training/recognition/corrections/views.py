"""Corrections as pages: the list, the case with its reach, and the forms in which a handler prepares it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Prefetch, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from luojiang_ce.access import READ_PEOPLE, Role, any_account, can, get_visible_or_404, roles
from luojiang_ce.files.materials import checklist
from luojiang_ce.home.form_page import Crumbs, act, form_page, posted
from luojiang_ce.home.lists import HeadLink, acts_on_many, list_context
from luojiang_ce.home.slow_steps import with_steps
from luojiang_ce.sheets.exports import export_view
from luojiang_ce.workflow.pages import case_page
from training.attendance.timetable import slots_of_class
from training.choices import Assessment
from training.recognition.corrections import services
from training.recognition.corrections.case import (
    APPLICANT,
    is_prepared_by,
    materials,
    may_change,
    why_not_open,
)
from training.recognition.corrections.forms import (
    BACK,
    KEEP,
    AmountsForm,
    BeginForm,
    CorrectionFilter,
    HalfDayForm,
    LeftOutForm,
    LineForm,
    ReasonForm,
    RestForm,
    UndoForm,
)
from training.recognition.corrections.pages import kept_changes, lines_of, people_of
from training.recognition.corrections.reach import Change, reach_of, rest_of
from training.recognition.models import CorrectionLine, Recognition, RecognitionCorrection
from training.recognition.person_line import line_of
from units.access import PROPOSER, sees_district
from units.filed_case import record_told, with_record

PER_PAGE = 50
State = RecognitionCorrection.State
CORRECTED = State.CORRECTED
REACHING = (State.DRAFT, State.SUBMITTED, State.CHECKED)  # what is written would be decided


@can(READ_PEOPLE)
def listing(request: HttpRequest) -> HttpResponse:
    """The corrections that the account sees."""
    account: Any = request.user
    rows = RecognitionCorrection.objects.visible_to(account).select_related("unit", "recognition__application")
    context = list_context(request, rows, filterset=CorrectionFilter, sorts={"filed": "submitted_at"})
    context |= {
        "title": "学时更正",
        "lead": "认定以后发现有误的，由经办核实、审批人决定；学时记录不改，另记冲销和更正后的学时",
        "crumbs": [("学时认定", reverse("recognition:list")), ("学时更正", "")],
        "empty": {"text": "没有学时更正。在已认定的学时认定页上提出"},
    }
    context |= acts_on_many(request, RecognitionCorrection, READ_PEOPLE, "recognition:export_corrections")
    return render(request, "training_recognition/corrections.html", context)


export = export_view(READ_PEOPLE, "corrections")


@roles(*APPLICANT.roles, *PROPOSER.roles)
def begin(request: HttpRequest, pk: int) -> HttpResponse:
    """Say why the hours of a decided recognition are to be corrected: the bureau's handler, or the provider's clerk."""
    account: Any = request.user
    rows = Recognition.objects.select_related("application", "unit")
    recognition = get_visible_or_404(rows, request, pk=pk)
    is_handler = account.holds(Role.BUREAU_HANDLER)
    if why_not_open(recognition) or not (is_handler or recognition.unit_id in account.unit_ids(Role.UNIT_CLERK)):
        raise Http404
    if draft := _going_on(recognition, account, by_bureau=is_handler):
        return redirect(draft)
    form = BeginForm(posted(request))
    return form_page(
        request,
        form,
        lambda: services.begin(recognition=recognition, actor=account, **form.cleaned_data),
        title="提出更正" if is_handler else "申请更正学时",
        lead=str(recognition.application),
        submit_label="保存，下一步写明更正内容" if is_handler else "保存，下一步上传证明",
        done="已保存为草稿",
        back=[(str(recognition.application), recognition.get_absolute_url())],
        then=lambda made: made,
    )


def _going_on(recognition: Recognition, account: Any, *, by_bureau: bool) -> RecognitionCorrection | None:
    """What is under way already, as far as the account sees it: the own draft, or what lies with the bureau."""
    own = Q(by_bureau=by_bureau, state__in=(State.DRAFT, State.RETURNED))
    asked = Q(state__in=(State.SUBMITTED, State.CHECKED))
    return RecognitionCorrection.objects.visible_to(account).filter(own | asked, recognition=recognition).first()


@any_account
def correction(request: HttpRequest, pk: int) -> HttpResponse:
    """The case: why, what is changed, for whom with old and new hours."""
    account: Any = request.user
    case = _case_or_404(request, pk)
    prepares = is_prepared_by(case, account)
    editable, district = may_change(case, account), sees_district(account)
    is_decided = case.state in RecognitionCorrection.DECIDED
    shows = district or is_decided
    context = {
        "page": case_page(case, account),
        "record": record_told(case, account),
        "title": str(case.recognition.application),
        "kind": "学时更正",
        "number": case.number,
        "lead": case.unit.name,
        "crumbs": [*_lists(), (case.number or "草稿", "")],
        "case": case,
        "lines": lines_of(case) if shows else [],
        "shows": shows,
        **(_people(request, kept_changes(case.changed.all())) if is_decided else {}),
        "prepares": prepares,
        "to_decide": len(reach_of(case).to_decide) if prepares else 0,
        "undone_by": case.undone_by.filter(state=CORRECTED).first() if case.state == State.UNDONE else None,
        "materials": checklist(case, materials(case)),
        "may_change": editable,
        "shows_reach": district and case.state in REACHING,
        "links": _links(case, editable=editable),
    }
    return render(request, "training_recognition/correction.html", context)


def _links(case: RecognitionCorrection, *, editable: bool) -> list[HeadLink]:
    links = [HeadLink("学时认定", case.recognition.get_absolute_url(), "clock")]
    if editable:
        links.append(HeadLink("修改理由", reverse("recognition:correction_edit", args=[case.pk]), "pencil"))
    return links


@can(READ_PEOPLE)
def reach(request: HttpRequest, pk: int) -> HttpResponse:
    """Whose hours would change, and what rests on them: a part of the case page that is loaded after it. The bureau's
    alone: it tells of what is not decided, and of people of other units."""
    case = _case_or_404(request, pk)
    if not sees_district(request.user):
        raise Http404
    if case.state not in REACHING:
        return redirect(case)
    people = _people(request, reach_of(case).changes)
    context = {"title": "更正影响", "crumbs": [*_above(case), ("更正影响", "")], "rest": rest_of(case), **people}
    part = getattr(request, "htmx", False)
    return render(request, f"training_recognition/{'reach_part' if part else 'reach'}.html", context)


@roles(*APPLICANT.roles, *PROPOSER.roles)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change the reason."""
    case = _case_or_404(request, pk)
    if not may_change(case, request.user):
        raise Http404
    form = ReasonForm(posted(request), row=case)

    def save(*, quiet: bool = False) -> RecognitionCorrection:
        said = form.cleaned_data["reason"]
        return services.edit(correction=case, reason=said, actor=request.user, version=form.version, quiet=quiet)

    return form_page(
        request,
        form,
        save,
        autosave=lambda: save(quiet=True),
        title="修改更正理由",
        lead=str(case.recognition.application),
        submit_label="保存修改",
        done="已保存",
        back=case.get_absolute_url(),
        about=case,
    )


# --- what the handler prepares ----------------------------------------------------------------------------------------


@roles(Role.BUREAU_HANDLER)
def amounts(request: HttpRequest, pk: int, enrolment: int) -> HttpResponse:
    """What one trainee gets instead."""
    case = _prepared_or_404(request, pk)
    found = reach_of(case).after
    trainee = next((each for each in found.trainees if each.enrolment.pk == enrolment), None)
    if trainee is None or enrolment < 0:
        raise Http404
    form = AmountsForm(posted(request), row=case, possible=found.amounts_possible, finals=trainee.finals)
    line = line_of(trainee, assessed=case.recognition.application.assessment != Assessment.NONE)
    return _line_page(
        request,
        case,
        form,
        lambda **more: services.set_amounts(enrolment=trainee.enrolment, amounts=form.amounts(), **more),
        title=f"更正学时：{trainee.enrolment}",
        lead=f"{case.recognition.application}　{trainee.enrolment.employer}",
        template="training_recognition/decide.html",
        line=line,
    )


@roles(Role.BUREAU_HANDLER)
def left_out(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody who was left off the list."""
    case = _prepared_or_404(request, pk)
    form = LeftOutForm(posted(request), row=case, possible=reach_of(case).after.amounts_possible)
    return _line_page(
        request,
        case,
        form,
        lambda **more: services.add_left_out(
            name=form.cleaned_data["name"],
            id_number=form.cleaned_data["id_number"],
            amounts=form.amounts(),
            **more,
        ),
        title="补列漏报的学员",
        lead="只补列本区人员；到课情况由证明材料证明，审批后列入学员名单并入账",
    )


@roles(Role.BUREAU_HANDLER)
def half_day(request: HttpRequest, pk: int) -> HttpResponse:
    """A half-day that does not count, or counts again."""
    case = _prepared_or_404(request, pk)
    application = case.recognition.application
    form = HalfDayForm(
        posted(request), row=case, slots=slots_of_class(application), trainees=application.enrolments.present()
    )

    def save(**more: Any) -> RecognitionCorrection:
        day, half = form.slot()
        data = form.cleaned_data
        return services.set_half_day(
            day=day, half_day=half, enrolments=list(data["enrolments"]), counts=data["becomes"] == BACK, **more
        )

    return _line_page(request, case, form, save, title="更正半日")


@roles(Role.BUREAU_HANDLER)
def whole(request: HttpRequest, pk: int) -> HttpResponse:
    """Nothing for anybody."""
    case = _prepared_or_404(request, pk)
    form = LineForm(posted(request), row=case)
    lead = f"{case.recognition.application}　全体学员的学时（学分）都不予认定；另行核定的学员除外"
    return _line_page(request, case, form, services.set_whole, title="整班不予认定", lead=lead)


@roles(Role.BUREAU_HANDLER)
def rest(request: HttpRequest, pk: int) -> HttpResponse:
    """Everybody whose amount the half-days leave open."""
    case = _prepared_or_404(request, pk)
    form = RestForm(posted(request), row=case)
    count = len(reach_of(case).to_decide)
    return _line_page(
        request,
        case,
        form,
        lambda **more: services.settle_rest(keep=form.cleaned_data["keep"] == KEEP, **more),
        title=f"其余 {count} 人一并核定",
        lead="半日变动以后，这些学员的学分或已核定的学时要另行核定；须分别核定的，请先逐人核定",
    )


@roles(Role.BUREAU_HANDLER)
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """An earlier correction that does not hold any more."""
    case = _prepared_or_404(request, pk)
    form = UndoForm(posted(request), row=case, held=case.recognition.corrections.filter(state=CORRECTED))
    return form_page(
        request,
        form,
        lambda: services.undo(
            correction=case, earlier=form.cleaned_data["earlier"], actor=request.user, version=form.version
        ),
        title="撤回以前的更正",
        lead="撤回的更正不再计入，学时按其余的更正重新计算",
        submit_label="保存",
        done="已保存",
        back=_above(case),
    )


@roles(Role.BUREAU_HANDLER)
@require_POST
def remove(request: HttpRequest, pk: int, line: int) -> HttpResponse:
    """Take one change back."""
    case = _prepared_or_404(request, pk)
    row = case.lines.select_related("enrolment", "person").filter(pk=line).first()
    if row is None:
        return redirect(case)
    return act(
        request, lambda: services.remove_line(line=row, actor=request.user), done=f"已删去：{row.whom}", back=case
    )


def _line_page(
    request: HttpRequest,
    case: RecognitionCorrection,
    form: Any,
    save: Callable[..., RecognitionCorrection],
    *,
    title: str,
    lead: str = "",
    **context: Any,
) -> HttpResponse:
    """The page of one change, saved with its reason over the version that it was opened with."""
    return form_page(
        request,
        form,
        lambda: save(correction=case, reason=form.cleaned_data["reason"], actor=request.user, version=form.version),
        title=title,
        lead=lead or str(case.recognition.application),
        submit_label="保存更正内容",
        done=f"已保存：{title}",
        back=_above(case),
        here=title,
        then=f"{case.get_absolute_url()}#changes",
        why="审批人决定以后才入账",
        **context,
    )


def _people(request: HttpRequest, changes: list[Change]) -> dict[str, Any]:
    """A page of the people concerned."""
    page = Paginator(changes, PER_PAGE).get_page(request.GET.get("page"))
    return {"page_obj": page, "people": people_of(changes, page)}


def _above(case: RecognitionCorrection) -> Crumbs:
    return [*_lists(), (case.number or str(case.recognition.application), case.get_absolute_url())]


def _lists() -> Crumbs:
    return [("学时认定", reverse("recognition:list")), ("学时更正", reverse("recognition:corrections"))]


def _case_or_404(request: HttpRequest, pk: int) -> RecognitionCorrection:
    rows = RecognitionCorrection.objects.select_related(
        "unit", "recognition__application__unit", "created_by", "undoes"
    ).prefetch_related(
        Prefetch("lines", CorrectionLine.objects.select_related("enrolment", "person")),
        "recognition__application__timetable",
    )
    return get_visible_or_404(with_record(with_steps(rows)), request, pk=pk)


def _prepared_or_404(request: HttpRequest, pk: int) -> RecognitionCorrection:
    """The correction, while it is being prepared; what is sent too late is refused by the service, with what was
    typed shown again."""
    case = _case_or_404(request, pk)
    if request.method != "POST" and not is_prepared_by(case, request.user):
        raise Http404
    return case

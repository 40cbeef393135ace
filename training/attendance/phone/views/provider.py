"""The provider's pages: the class's screen, and the requests for a correction."""

from __future__ import annotations

from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from luojiang_ce.access import READ_PEOPLE, Role, can, get_visible_or_404, roles
from luojiang_ce.files.models import Attachment
from luojiang_ce.home.lists import acts_on_many, list_context
from luojiang_ce.sheets.exports import export_view
from luojiang_ce.workflow.pages import case_page
from training.attendance.importing import own_approved
from training.attendance.timetable import slots_of_class
from training.classes.models.enrolment import names_apart

from ..exports import NAME
from ..filters import RequestFilter
from ..models import CorrectionRequest
from ..own import own_page
from ..screen import screen_of


@roles(Role.UNIT_CLERK)
def screen(request: HttpRequest, pk: int, day: date, half_day: str) -> HttpResponse:
    """The class's screen: the code that trainees scan now; htmx asks for the part alone."""
    application = get_object_or_404(own_approved(request.user), pk=pk)
    slot = next((slot for slot in slots_of_class(application) if slot.key == (day, half_day)), None)
    if slot is None:
        raise Http404
    asked = request.GET.get("kind", "")
    context = {
        "application": application,
        "slot": slot,
        "asked": asked if asked in ("in", "out") else "",
        "screen": screen_of(application, slot, asked),
        "address": request.path,
        "back": reverse("attendance:half_day", args=[pk, day, half_day]),
    }
    part = "screen_part" if getattr(request, "htmx", False) else "screen"
    return render(request, f"training_phone/{part}.html", context)


@can(READ_PEOPLE)
def listing(request: HttpRequest) -> HttpResponse:
    """The requests that the account sees, those that wait first."""
    rows = CorrectionRequest.objects.visible_to(request.user).select_related("unit", "enrolment__application")
    context = list_context(
        request, rows.order_by("-state", "-pk"), filterset=RequestFilter, sorts={"asked": "created_at"}, sort=""
    )
    context |= acts_on_many(request, CorrectionRequest, READ_PEOPLE, "phone:export")
    context |= {
        "title": "签到更正申请",
        "lead": "学员漏了签到或签退，在手机上申请；办班单位同意后补上，并注明是更正",
        "crumbs": [("考勤", reverse("attendance:list")), ("签到更正申请", "")],
        "empty": {"text": "没有更正申请。学员漏签的，可以在签到时用的手机上申请"},
    }
    return render(request, "training_phone/requests.html", context)


export = export_view(READ_PEOPLE, NAME)


@can(READ_PEOPLE)
def correction_request(request: HttpRequest, pk: int) -> HttpResponse:
    """One request: what is asked, why, beside the trainee's signs of that half-day."""
    rows = CorrectionRequest.objects.select_related("unit", "enrolment__application__unit")
    case = get_visible_or_404(rows, request, pk=pk)
    half_days = {each.slot.key: each for each in own_page(case.enrolment).half_days}
    trainees = case.enrolment.application.enrolments.all()
    called = names_apart(trainees)[case.enrolment_id]
    correct = reverse("attendance:correct", args=[case.enrolment.application_id, *case.key, case.enrolment_id])
    context = {
        "page": case_page(case, request.user),
        "title": f"{called} {case.place}",
        "called": called,
        "kind": "签到更正申请",
        "lead": str(case.enrolment.application),
        "crumbs": [("考勤", reverse("attendance:list")), ("签到更正申请", reverse("phone:list")), (str(case), "")],
        "case": case,
        "half_day": half_days.get(case.key),
        "files": Attachment.objects.of(case),
        "signs_url": correct if trainees.present().filter(pk=case.enrolment_id).exists() else "",
    }
    return render(request, "training_phone/request.html", context)

"""Attendance as pages: classes, the half-days of a class, the list of a half-day, one trainee's correction."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from luojiang_ce.access import READ_PEOPLE, Role, can, get_visible_or_404, roles
from luojiang_ce.bodies import takes_files
from luojiang_ce.files.checks import checked
from luojiang_ce.files.models import Attachment
from luojiang_ce.files.views import keep_each, kept_as
from luojiang_ce.home.form_page import form_page, posted, show, submitted
from luojiang_ce.home.lists import HeadLink, list_context
from luojiang_ce.papers.printouts import printed
from luojiang_ce.sheets.exports import people_workbook
from luojiang_ce.sheets.views import ImportViews
from luojiang_ce.typed import whole_numbers
from luojiang_ce.uploads.places import SCAN
from training.choices import HalfDay
from training.classes.models import ClassApplication
from training.classes.models.application import ClassApplicationQuerySet
from training.classes.models.enrolment import names_apart
from training.half_days import Slot
from units.access import FILER

from . import pages
from .filters import ClassFilter
from .forms import CorrectionForm, ListForm
from .freezing import reasons_against
from .importing import SIGNS_IMPORT, own_approved
from .links import Place, links_at, list_links
from .models import Sign
from .platform_importing import PLATFORM as PLATFORM_FORM
from .platform_importing import PLATFORM_IMPORT, REMOTE_FORMS, own_remote
from .printing import SHEETS_PRINTED, name_of
from .recorders import written
from .services import Wanted, attach_scan, correct_signs, record_signs, strike_signs
from .sheet import SIGNS
from .timetable import class_oddities, slots_of_class, valid_signs

IMPORT = ImportViews(SIGNS_IMPORT, Role.UNIT_CLERK)
PLATFORM = ImportViews(PLATFORM_IMPORT, Role.UNIT_CLERK)


@can(READ_PEOPLE)
def listing(request: HttpRequest) -> HttpResponse:
    """Approved classes, the latest first, with how far their half-days are recorded."""
    context = list_context(
        request,
        _approved().visible_to(request.user),
        filterset=ClassFilter,
        sorts={"opens": "opens_on", "unit": "unit__code"},
        sort="-opens",
    )
    context |= {
        "title": "考勤",
        "lead": "每半日签到、签退各一次，两样都有才计学时（通知 一(五)3）",
        "rows": pages.class_rows(list(context["page_obj"])),
        "unit": "个班",
        "empty": {"text": "还没有准予开班的培训班。准予开班后，这里按半日登记签到、签退"},
        "links": list_links(),
    }
    return render(request, "training_attendance/list.html", context)


@can(READ_PEOPLE)
def of_class(request: HttpRequest, pk: int) -> HttpResponse:
    """The half-days of a class with their numbers, and what looks odd in them."""
    application = _class_or_404(request, pk)
    page = pages.class_page(application, request.user)
    is_ours = FILER.test(request.user, application)
    place = Place(application, [row.slot for row in page.rows], None, is_ours, may_write=not page.reasons)
    links = [
        *links_at(place),
        HeadLink("打印全部签到表", reverse("attendance:all_sheets_pdf", args=[application.pk]), "printer"),
    ]
    if not page.reasons:
        links.append(HeadLink("导入签到", reverse("attendance:import", args=[application.pk]), "upload"))
        if application.form in REMOTE_FORMS:
            links.append(HeadLink("导入平台记录", reverse("attendance:platform", args=[application.pk]), "monitor-up"))
    context = {
        "application": application,
        "page": page,
        "title": f"{application} 考勤",
        "lead": f"{application.unit}　应到 {page.expected} 人",
        "crumbs": [("考勤", reverse("attendance:list")), (str(application), "")],
        "links": links,
        "is_ours": is_ours,
    }
    return render(request, "training_attendance/class.html", context)


@can(READ_PEOPLE)
def half_day(request: HttpRequest, pk: int, day: date, half_day: str) -> HttpResponse:
    """The list of one half-day: who has signed; ticked trainees are signed in and out, or their signs struck."""
    application, slot, slots = _slot_or_404(request, pk, day, half_day)
    is_ours = FILER.test(request.user, application)
    if request.method == "POST" and not is_ours:
        raise Http404
    rows = pages.trainee_rows(application, slot)
    form = ListForm(posted(request), slot=slot, people=[row.enrolment.pk for row in rows])
    if answer := submitted(
        request, form, lambda: _save_list(request, application, slot, form), done=str, then=request.path
    ):
        return answer
    context = _half_day_context(request, application, slot, slots)
    expected = {row.enrolment.pk for row in rows if not row.missed}
    ticked = expected if request.GET.get("tick") == "all" else set()
    if request.method == "POST":
        ticked = set(whole_numbers(request.POST.getlist("people")))
    context |= {"expected": len(expected), "rows": rows, "form": form, "ticked": ticked, "is_ours": is_ours}
    return show(request, "training_attendance/half_day.html", context, form)


@takes_files(SCAN)
@can(READ_PEOPLE)
@require_POST
def scan(request: HttpRequest, pk: int, day: date, half_day: str) -> HttpResponse:
    """Keep the scans of a half-day's signed sheet; each bad file is named with its reason."""
    application, slot, _ = _slot_or_404(request, pk, day, half_day)
    if not FILER.test(request.user, application):
        raise Http404
    to: dict[str, Any] = {"application": application, "key": slot.key, "actor": request.user}
    keep_each(request, lambda file: kept_as(file, attach_scan(scan=checked(file, SCAN), **to)))
    return redirect("attendance:half_day", *pages.slot_args(application, slot.key))


@can(READ_PEOPLE)
def correct(request: HttpRequest, pk: int, day: date, half_day: str, enrolment: int) -> HttpResponse:
    """One trainee's signs of one half-day, struck ones included; the clerk corrects them with a reason."""
    application, slot, _ = _slot_or_404(request, pk, day, half_day)
    is_ours = FILER.test(request.user, application)
    if request.method == "POST" and not is_ours:
        raise Http404
    trainee = get_object_or_404(application.enrolments.present(), pk=enrolment)
    called = names_apart(application.enrolments.present())[trainee.pk]
    signs = list(
        trainee.signs.filter(date=slot.date, half_day=slot.half_day)
        .select_related("recorded_by", "struck_by")
        .order_by("kind", "recorded_at", "pk")
    )
    valid = [sign for sign in signs if not sign.struck_at]
    label = pages.slot_label(slot.key)
    when = f"{label} {slot.starts_at:%H:%M}–{slot.ends_at:%H:%M}"
    above = (label, reverse("attendance:half_day", args=pages.slot_args(application, slot.key)))
    form = CorrectionForm(posted(request), valid=valid)
    return form_page(
        request,
        form,
        lambda: correct_signs(
            enrolment=trainee, key=slot.key, actor=request.user, version=form.version, **form.cleaned_data
        ),
        title=f"{called} 的签到记录",
        lead=f"{trainee.employer}　{application}　{when}",
        submit_label="保存更正",
        done=lambda changed: f"已更正：{called}" if changed else f"{called} 的签到时间没有变化",
        back=[*_crumbs(application), above],
        here=called,
        template="training_attendance/correct.html",
        application=application,
        trainee=trainee,
        signs=written(signs),
        is_ours=is_ours,
        reasons=reasons_against(application, [slot.key], request.user),
    )


@can(READ_PEOPLE)
def sheet_pdf(request: HttpRequest, pk: int, day: date, half_day: str) -> HttpResponse:
    """The sign-in sheet of one half-day, to be printed and signed."""
    application, slot, _ = _slot_or_404(request, pk, day, half_day)
    return printed(request, SHEETS_PRINTED, application, slot=name_of(slot), label=pages.slot_label(slot.key))


@can(READ_PEOPLE)
def all_sheets_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """The sign-in sheets of all half-days of a class."""
    application = _class_or_404(request, pk)
    if not slots_of_class(application):
        raise Http404
    return printed(request, SHEETS_PRINTED, application)


@roles(Role.UNIT_CLERK)
def import_template(request: HttpRequest, pk: int) -> HttpResponse:
    """A workbook with a row per half-day and trainee, times to be filled in."""
    application = get_object_or_404(own_approved(request.user), pk=pk)
    trainees = list(application.enrolments.present())
    rows: list[dict[str, Any]] = [
        {
            "name": trainee.name,
            "id_number": trainee.masked_id,
            "employer": trainee.employer,
            "date": slot.date,
            "half_day": HalfDay(slot.half_day).label,
        }
        for slot in slots_of_class(application)
        for trainee in trainees
        if not trainee.missed(slot.begins)
    ]
    return people_workbook(request, SIGNS, rows, f"签到签退登记表 {application}")


@roles(Role.UNIT_CLERK)
def platform_template(request: HttpRequest, pk: int) -> HttpResponse:
    """A workbook with a row per trainee and course, to be filled in from the platform."""
    application = get_object_or_404(own_remote(request.user), pk=pk)
    courses = dict.fromkeys(course for slot in slots_of_class(application) for course in slot.courses if course)
    rows: list[dict[str, Any]] = [
        {"name": trainee.name, "id_number": trainee.masked_id, "employer": trainee.employer, "course": course}
        for trainee in application.enrolments.present()
        for course in courses
    ]
    return people_workbook(request, PLATFORM_FORM, rows, f"远程平台学习记录 {application}")


def _approved() -> ClassApplicationQuerySet:
    return ClassApplication.objects.filter(state=ClassApplication.State.APPROVED).select_related("unit")


def _class_or_404(request: HttpRequest, pk: int) -> ClassApplication:
    return get_visible_or_404(_approved(), request, pk=pk)


def _slot_or_404(request: HttpRequest, pk: int, day: date, half_day: str) -> tuple[ClassApplication, Slot, list[Slot]]:
    application = _class_or_404(request, pk)
    slots = slots_of_class(application)
    found = next((slot for slot in slots if slot.key == (day, half_day)), None)
    if found is None:
        raise Http404
    return application, found, slots


def _half_day_context(
    request: HttpRequest, application: ClassApplication, slot: Slot, slots: list[Slot]
) -> dict[str, Any]:
    signs = [sign for sign in valid_signs(application, slot.date) if sign.key == slot.key]
    trainees = list(application.enrolments.present())
    names = names_apart(trainees)
    sheet = application.sheets.filter(date=slot.date, half_day=slot.half_day).first()
    reasons = reasons_against(application, [slot.key], request.user)
    address = pages.slot_args(application, slot.key)
    place = Place(application, slots, slot, FILER.test(request.user, application), may_write=not reasons)
    links = [*links_at(place), HeadLink("打印签到表", reverse("attendance:sheet_pdf", args=address), "printer")]
    return {
        "application": application,
        "slot": slot,
        "sheet": sheet,
        "scans": Attachment.objects.of(sheet).select_related("uploaded_by") if sheet else [],
        "history": pages.sheet_history(sheet),
        "oddities": pages.oddity_rows(class_oddities([slot], signs, trainees), names, ()),
        "reasons": reasons,
        "may_write": not reasons,
        "title": f"{pages.slot_label(slot.key)} 签到",
        "lead": f"{application}　{slot.starts_at:%H:%M}–{slot.ends_at:%H:%M}　{'、'.join(slot.courses)}",
        "crumbs": [*_crumbs(application), (pages.slot_label(slot.key), "")],
        "links": links,
        "chips": pages.slot_chips(application, slots, slot.key),
    }


def _crumbs(application: ClassApplication) -> list[tuple[str, str]]:
    return [
        ("考勤", reverse("attendance:list")),
        (str(application), reverse("attendance:class", args=[application.pk])),
    ]


def _save_list(request: HttpRequest, application: ClassApplication, slot: Slot, form: ListForm) -> str:
    """Strike or record the ticked trainees' signs; says what was done."""
    data, actor = form.cleaned_data, request.user
    if form.strikes:
        people, reason = data["people"], data["reason"]
        struck = strike_signs(application=application, key=slot.key, enrolments=people, reason=reason, actor=actor)
        return f"已作废 {struck} 条签到记录，原记录保留"
    wanted = [Wanted(pk, *slot.key, data["time_in"], data["time_out"]) for pk in data["people"]]
    done = record_signs(application=application, wanted=wanted, source=Sign.Source.LIST, actor=actor)
    text = f"已登记签到 {done.signed_in} 人、签退 {done.signed_out} 人"
    return f"{text}；{done.left_alone} 项原来已有，没有改动（要改请逐人更正）" if done.left_alone else text

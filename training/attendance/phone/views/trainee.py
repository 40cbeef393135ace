"""The trainee's phone, without an account: scan, sign, the own half-days, asking for a correction."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from luojiang_ce import clock
from luojiang_ce.access import public
from luojiang_ce.authentication.addresses import address_of
from luojiang_ce.bodies import takes_files
from luojiang_ce.home.form_page import refuse
from luojiang_ce.home.forms import collect_errors
from luojiang_ce.papers.public import masked_name
from luojiang_ce.refusals import NotPossible
from luojiang_ce.uploads.places import PHOTOGRAPH
from training.attendance.models import Sign
from training.attendance.pages import slot_label
from training.attendance.timetable import slots_of_class
from training.classes.models import ClassApplication, Enrolment
from training.half_days import Slot, SlotKey

from .. import services
from ..code import WINDOW, BadCode, Code, Flaw, read
from ..devices import Device, device_of, form_ticket, is_own_form, new_device, remember, scanned, ticket_for
from ..forms import AskForm, WhoForm
from ..guessing import Claim, PhoneClosed, trainee_of, whole_is_asked
from ..own import own_page
from ..screen import code_key, why_closed

NO_COOKIE = "手机没有记住刚才的扫码。请允许本网站保存 Cookie，或换微信、系统自带的浏览器再扫一次；仍不行的请班主任登记"
TOO_LATE = "这一页打开已超过 10 分钟，或不是这部手机扫的码。请再扫一次屏幕上的二维码"
NOT_KNOWN = "这部手机还没有在本班签过到。请先扫课堂屏幕上的二维码"


@public
@never_cache
@require_safe
def scan(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """What a scanned code opens: one button for a phone that is known, else who holds it is asked once."""
    application = _class_or_404(pk)
    try:
        found = read(code, course=application.pk, key=code_key(), moment=clock.now())
    except BadCode as bad:
        return _refused(request, application, "二维码不能用", _in_words(bad), status=410)
    slot = _slot(application, found.key)
    if slot is None:
        return _refused(request, application, "现在不能签", "课程表已经调整，没有这个半日；请再扫一次屏幕上的二维码")
    if closed := why_closed(application, slot, found.kind, clock.now()):
        return _refused(request, application, "现在不能签", closed)
    known = device_of(request, application)
    device = known or new_device()
    trainee = None if "other" in request.GET else device.trainee
    whole = trainee is None and whole_is_asked(application=application, key=found.key, claim=_claim(request, device))
    form = None if trainee else WhoForm(whole=whole)
    response = _scan_page(request, application, slot, found, device, form=form, trainee=trainee)
    if known is None:
        remember(response, application, device)
    return response


@csrf_exempt  # the ticket fits one phone's cookie: devices.py
@public
@never_cache
@require_POST
def sign(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign the trainee who holds the phone, and say so at once; sent twice it is done once."""
    application = _class_or_404(pk)
    device = device_of(request, application)
    if device is None:
        return _refused(request, application, "没有签上", NO_COOKIE)
    code = scanned(request.POST.get("ticket", ""), application, device)
    slot = _slot(application, code.key) if code else None
    if code is None or slot is None:
        return _refused(request, application, "没有签上", TOO_LATE)
    form = WhoForm(request.POST) if "name" in request.POST or device.trainee is None else None
    try:
        trainee = device.trainee if form is None else _identified(request, application, code, device, form)
        if trainee is None:
            return _scan_page(request, application, slot, code, device, form=form)
        signed = services.sign(trainee=trainee, key=code.key, kind=code.kind, device=device.key)
    except NotPossible as refused:
        return _refused(request, application, "没有签上", str(refused))
    context = {"signed": signed, "kind": Sign.Kind(code.kind), "of": slot.key}
    return _own(request, replace(device, trainee=trainee), **context)


@public
@never_cache
@require_safe
def mine(request: HttpRequest, pk: int) -> HttpResponse:
    """The half-days of the trainee whose phone it is."""
    application = _class_or_404(pk)
    device = device_of(request, application)
    if device is None or device.trainee is None:
        return _refused(request, None, "请先扫码", NOT_KNOWN)
    return _own(request, device)


@takes_files(PHOTOGRAPH)
@csrf_exempt  # the ticket fits one phone's cookie: devices.py
@public
@never_cache
def ask(request: HttpRequest, pk: int, day: date, half_day: str, kind: str) -> HttpResponse:
    """Ask the provider for a sign that is missing, with the reason and a picture."""
    application = _class_or_404(pk)
    device, slot = device_of(request, application), _slot(application, (day, half_day))
    if slot is None or kind not in Sign.Kind.values:
        raise Http404
    if device is None or device.trainee is None:
        return _refused(request, None, "请先扫码", NOT_KNOWN)
    is_sent = request.method == "POST"
    form = AskForm(request.POST if is_sent else None, request.FILES if is_sent else None, slot=slot, kind=kind)
    if is_sent and form.is_valid() and _asked(request, form, device, slot, kind):
        return redirect("phone:mine", application.pk)
    reasons = services.why_not_asked(device.trainee, slot, kind)
    context = {
        "title": f"申请更正{Sign.Kind(kind).label}",
        "application": application,
        "form": form,
        "errors": collect_errors(form),
        "reasons": reasons,
        "where": slot_label(slot.key),
        "slot": slot,
        "ticket": form_ticket(device),
    }
    return render(request, "training_phone/ask.html", context, status=422 if form.errors else 200)


def _asked(request: HttpRequest, form: AskForm, device: Device, slot: Slot, kind: str) -> bool:
    """Was the request kept? What forbids it stands in the form."""
    if not is_own_form(request.POST.get("ticket", ""), device):
        form.add_error(None, "这一页打开太久了，内容还在，请再点一次提交")
        return False
    data = form.cleaned_data
    assert device.trainee is not None
    try:
        services.ask_for_correction(
            trainee=device.trainee,
            slot=slot,
            kind=kind,
            at=data["time"],
            reason=data["reason"],
            picture=data["picture"],
        )
    except NotPossible as refused:
        refuse(form, refused)
        return False
    return True


def _identified(
    request: HttpRequest, application: ClassApplication, code: Code, device: Device, form: WhoForm
) -> Enrolment | None:
    """The trainee whose name and number were typed; None with the reason in the form. Raises PhoneClosed."""
    claim = _claim(request, device)
    if form.is_valid():
        try:
            return trainee_of(application=application, key=code.key, claim=claim)
        except PhoneClosed:
            raise
        except NotPossible as refused:
            refuse(form, refused)
    if whole_is_asked(application=application, key=code.key, claim=claim):
        form.ask_whole()
    return None


def _claim(request: HttpRequest, device: Device) -> Claim:
    address = address_of(request) or ""
    return Claim(request.POST.get("name", ""), request.POST.get("number", ""), device.key, str(address))


def _class_or_404(pk: int) -> ClassApplication:
    """An approved class with its timetable at hand: what follows asks for it again and again."""
    rows = ClassApplication.objects.filter(state=ClassApplication.State.APPROVED).prefetch_related("timetable")
    return get_object_or_404(rows, pk=pk)


def _slot(application: ClassApplication, key: SlotKey) -> Slot | None:
    return next((slot for slot in slots_of_class(application) if slot.key == key), None)


def _in_words(bad: BadCode) -> str:
    """Why a code is not taken, and what to do."""
    if bad.code is None:
        return "这不是签到的二维码，或者没有扫完整。请对着课堂屏幕再扫一次"
    what = f"{slot_label(bad.code.key)} {Sign.Kind(bad.code.kind).label}"
    if bad.flaw == Flaw.OTHER_CLASS:
        return f"这是另一个班 {what}的二维码，不能用于本班。请扫本班屏幕上的二维码"
    changes = f"屏幕上的二维码每 {WINDOW} 秒更换，拍下来的、转发的都不能用"
    return f"这是 {what}的二维码，已经过期：{changes}。请在课堂上对着屏幕再扫一次"


def _scan_page(
    request: HttpRequest,
    application: ClassApplication,
    slot: Slot,
    code: Code,
    device: Device,
    *,
    form: WhoForm | None,
    trainee: Enrolment | None = None,
) -> HttpResponse:
    context = {
        "title": f"{Sign.Kind(code.kind).label} {slot_label(slot.key)}",
        "application": application,
        "slot": slot,
        "half_day": slot_label(slot.key),
        "kind": Sign.Kind(code.kind),
        "ticket": ticket_for(code, device),
        "form": form,
        "errors": collect_errors(form) if form else [],
        "own": own_page(trainee) if trainee else None,
        "known": masked_name(device.trainee.name) if device.trainee else "",
    }
    failed = form is not None and form.is_bound and bool(form.errors)
    return render(request, "training_phone/scan.html", context, status=422 if failed else 200)


def _own(request: HttpRequest, device: Device, **context: Any) -> HttpResponse:
    """The own half-days, with what was just signed on top; the phone is known from now on."""
    trainee = device.trainee
    assert trainee is not None
    page = own_page(trainee)
    context |= {"title": "我的签到", "application": trainee.application, "own": page}
    if "of" in context:
        context["half_day"] = page.of(context["of"])
    response = render(request, "training_phone/mine.html", context)
    remember(response, trainee.application, device)
    return response


def _refused(
    request: HttpRequest, application: ClassApplication | None, title: str, why: str, status: int = 422
) -> HttpResponse:
    """What stands in the way, in words; a phone that is known finds its own half-days from here."""
    device = device_of(request, application) if application else None
    context = {"title": title, "why": why, "application": application, "known": bool(device and device.trainee)}
    return render(request, "training_phone/refused.html", context, status=status)

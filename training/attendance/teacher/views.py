"""The links of a class, for its clerks; and what a link opens: the half-days, ticks on-line, ticks sent later."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import wraps
from hashlib import sha256
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from luojiang_ce import clock
from luojiang_ce.access import Role, public, roles
from luojiang_ce.home.form_page import act, posted, show, submitted
from luojiang_ce.papers.content import qr_svg
from luojiang_ce.typed import whole_number
from luojiang_ce.workflow.readings import off_record
from training.attendance.importing import own_approved
from training.attendance.models import Sign
from training.attendance.oddities import MARGIN
from training.attendance.phone.screen import screen_of
from training.classes.models import ClassApplication
from training.half_days import Slot, current

from . import pages
from .forms import LinkForm
from .models import TeacherLink, TeacherTick, digest
from .reading import read_sending, reason_of
from .services import address_of, make_link, note_use, revoke_link
from .taking import LinkEnded, Tick, take, taken

GONE = 410
UNREADABLE = "认不出送来的内容，请刷新这一页再试；点过的还在本机"


# --- for the provider's clerks ----------------------------------------------------------------------------------------


@roles(Role.UNIT_CLERK)
def links(request: HttpRequest, pk: int) -> HttpResponse:
    """The links of a class, and what came through them that was not taken; a new one is shown this once."""
    application = get_object_or_404(own_approved(request.user), pk=pk)
    form = LinkForm(posted(request), application=application)
    answer = submitted(
        request,
        form,
        lambda: make_link(application=application, actor=request.user, **form.cleaned_data),
        then=lambda made: _shown_once(request, application, *made),
    )
    if answer:
        return answer
    of_class = TeacherTick.objects.filter(link__application=application).select_related("link")
    context = {
        "title": "班主任链接",
        "lead": f"{application}　不用账号，扫码或点开链接就能点名；没有网络也能点",
        "crumbs": [*_crumbs(application), ("班主任链接", "")],
        "application": application,
        "given": _told(application),
        "refused": pages.refused_of(of_class, application),
        "form": form,
    }
    return show(request, "training_teacher/links.html", context, form)


@roles(Role.UNIT_CLERK)
@require_POST
def revoke(request: HttpRequest, pk: int, link: int) -> HttpResponse:
    """End a link."""
    application = get_object_or_404(own_approved(request.user), pk=pk)
    found = get_object_or_404(application.teacher_links.all(), pk=link)
    return act(
        request,
        lambda: revoke_link(link=found, actor=request.user),
        back=reverse("teacher:links", args=[pk]),
        done=lambda done: f"已收回 {found.holder} 的链接，从现在起打不开" if done else "这个链接原来已收回",
    )


def _shown_once(request: HttpRequest, application: ClassApplication, link: TeacherLink, token: str) -> HttpResponse:
    address = address_of(token)
    context = {
        "title": f"{link.holder} 的班主任链接",
        "lead": str(application),
        "crumbs": [
            *_crumbs(application),
            ("班主任链接", reverse("teacher:links", args=[application.pk])),
            ("新的链接", ""),
        ],
        "application": application,
        "link": link,
        "address": address,
        "picture": qr_svg(address),
    }
    return _kept_nowhere(render(request, "training_teacher/made.html", context))


def _told(application: ClassApplication) -> list[tuple[TeacherLink, str]]:
    """The links of a class, the newest first, each with why it has ended."""
    found = application.teacher_links.select_related("made_by", "revoked_by").order_by("-pk")
    now, told = clock.now(), []
    for link in found:
        link.application = application
        told.append((link, link.why_ended(now)))
    return told


def _crumbs(application: ClassApplication) -> list[tuple[str, str]]:
    return [
        ("考勤", reverse("attendance:list")),
        (str(application), reverse("attendance:class", args=[application.pk])),
    ]


# --- what a link opens ------------------------------------------------------------------------------------------------


def of_link(view: Callable[..., HttpResponse]) -> Any:
    """Whoever has the address: an unknown one does not exist, an ended one says so. No account and no cookie stand
    behind it, so nobody's browser can be made to send anything that its sender could not send alone: no CSRF token."""

    @wraps(view)
    def gate(request: HttpRequest, token: str, *args: Any, **kwargs: Any) -> HttpResponse:
        links = TeacherLink.objects.select_related("application__unit")
        link = get_object_or_404(links, digest=digest(token))
        return _kept_nowhere(view(request, link, token, *args, **kwargs))

    return public(csrf_exempt(gate))


def while_it_holds(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A page of a link; of an ended one a page that says so, and shows what the phone still keeps."""

    @wraps(view)
    def gate(request: HttpRequest, link: TeacherLink, token: str, *args: Any, **kwargs: Any) -> HttpResponse:
        if reason := link.why_ended(clock.now()):
            return _ended(request, link, token, reason)
        return view(request, link, token, *args, **kwargs)

    return gate


@of_link
@require_safe
@while_it_holds
def today(request: HttpRequest, link: TeacherLink, token: str) -> HttpResponse:
    """The half-day that is on or comes next."""
    note_use(link)
    slots = pages.slots_of_link(link)
    return _page(request, link, token, slots, current(slots, clock.now(), MARGIN))


@of_link
@while_it_holds
def half_day(request: HttpRequest, link: TeacherLink, token: str, day: date, half_day: str) -> HttpResponse:
    """One half-day; without script its buttons are plain forms."""
    slots = pages.slots_of_link(link)
    slot = _slot_or_404(slots, day, half_day)
    note_use(link)
    if request.method == "POST":
        return _save(request, link, token, slot)
    return _page(request, link, token, slots, slot)


@of_link
@require_safe
@while_it_holds
def live(request: HttpRequest, link: TeacherLink, token: str, day: date, half_day: str) -> HttpResponse:
    """Who is there and who is not, asked for again and again; nothing (204) to a phone that knows it already: the
    networks that this is for are poor."""
    slot = _slot_or_404(pages.slots_of_link(link), day, half_day)
    context = {"token": token, "page": pages.half_day_page(link, slot)}
    response = render(request, "training_teacher/live.html", context)
    stamp = f'"{sha256(response.content).hexdigest()[:32]}"'
    if request.headers.get("If-None-Match") == stamp:
        return HttpResponse(status=204)
    response.headers["ETag"] = stamp
    response.headers["X-Told-At"] = str(pages.milliseconds(clock.now()))
    return response


@of_link
@require_safe
@while_it_holds
def screen(request: HttpRequest, link: TeacherLink, token: str, day: date, half_day: str) -> HttpResponse:
    """The class's screen with the code that trainees scan now; htmx asks for the part alone."""
    slot = _slot_or_404(pages.slots_of_link(link), day, half_day)
    asked = request.GET.get("kind", "")
    context = {
        "application": link.application,
        "slot": slot,
        "asked": asked if asked in Sign.Kind.values else "",
        "screen": screen_of(link.application, slot, asked),
        "address": request.path,
        "back": reverse("teacher:half_day", args=[token, day, half_day]),
    }
    part = "screen_part" if getattr(request, "htmx", False) else "screen"
    return render(request, f"training_phone/{part}.html", context)


@of_link
@require_POST
def send(request: HttpRequest, link: TeacherLink, token: str) -> HttpResponse:
    """Take what a phone kept (JSON), once, and tell it the time. An ended link takes nothing, and says what it took."""
    received = clock.now()
    try:
        ticks = read_sending(request.body if request.content_type == "application/json" else b"", received)
    except ValueError:
        return JsonResponse({"said": UNREADABLE}, status=400)
    try:
        kept, ended = take(link=link, ticks=ticks) if ticks else [], link.why_ended(received)
    except LinkEnded as error:
        kept, ended = taken(link, ticks), error.reason
    if not ended:
        note_use(link)
    answers = [{"id": str(tick.client_id), "outcome": tick.outcome, "said": tick.said} for tick in kept]
    told = {"now": pages.milliseconds(received), "answers": answers, "said": ended}
    return JsonResponse(told, status=GONE if ended else 200, json_dumps_params={"ensure_ascii": False})


@off_record("a script with no names")
@of_link
@require_safe
def worker(request: HttpRequest, link: TeacherLink, token: str) -> HttpResponse:
    """The service worker of this link: it lies below the link's address, so it reaches no other page of the site."""
    return render(request, "training_teacher/worker.js", content_type="text/javascript; charset=utf-8")


def _page(request: HttpRequest, link: TeacherLink, token: str, slots: list[Slot], slot: Slot | None) -> HttpResponse:
    now = clock.now()
    context = {
        "title": "班主任点名",
        "link": link,
        "token": token,
        "stops": pages.stops(slots, slot, now),
        "page": pages.half_day_page(link, slot) if slot else None,
        "at": pages.milliseconds(now),
    }
    return render(request, "training_teacher/half_day.html", context)


def _save(request: HttpRequest, link: TeacherLink, token: str, slot: Slot) -> HttpResponse:
    """What a plain form says, taken as from a phone with a network."""
    kind = request.POST.get("kind", "")
    person = whole_number(request.POST.get("enrolment", ""))
    do = request.POST.get("do", "")
    if person is None or kind not in Sign.Kind.values or do not in TeacherTick.Do.values:
        messages.error(request, "没有认出点的是谁，没有登记；请再点一次")
        return redirect("teacher:half_day", token, *slot.key)
    tick = Tick(
        client_id=uuid4(),
        do=TeacherTick.Do(do),
        enrolment=person,
        date=slot.date,
        half_day=slot.half_day,
        kind=Sign.Kind(kind),
        at=clock.now(),
        reason=reason_of(request.POST.get("reason")) if do == TeacherTick.Do.UNDO else "",
    )
    try:
        _say(request, take(link=link, ticks=[tick])[0])
    except LinkEnded as ended:
        return _ended(request, link, token, ended.reason)
    return redirect(f"{reverse('teacher:half_day', args=[token, *slot.key])}?side={kind}")


def _say(request: HttpRequest, row: TeacherTick) -> None:
    kind = Sign.Kind(row.kind).label
    said = {
        TeacherTick.Outcome.RECORDED: f"已登记{kind}",
        TeacherTick.Outcome.UNDONE: f"已取消{kind}，原记录保留并注明原因",
    }
    if row.outcome == TeacherTick.Outcome.REFUSED:
        messages.error(request, f"没有记上：{row.said}")
    else:
        messages.success(request, said.get(TeacherTick.Outcome(row.outcome), row.said))


def _ended(request: HttpRequest, link: TeacherLink, token: str, reason: str) -> HttpResponse:
    context = {"title": "链接已失效", "link": link, "token": token, "reason": reason}
    return render(request, "training_teacher/ended.html", context, status=GONE)


def _slot_or_404(slots: list[Slot], day: date, half_day: str) -> Slot:
    found = next((slot for slot in slots if slot.key == (day, half_day)), None)
    if found is None:
        raise Http404
    return found


def _kept_nowhere(response: HttpResponse) -> HttpResponse:
    response.headers["Cache-Control"] = "private, no-store"
    return response

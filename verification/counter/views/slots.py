"""Appointments (V5): the bureau's slots, booking by units, one appointment's page."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from luojiang_ce import clock, copies
from luojiang_ce.access import BOOK, DO_BUREAU_WORK, Role, any_account, can, get_visible_or_404, roles
from luojiang_ce.home.form_page import act, form_page, posted, show, submitted
from luojiang_ce.home.lists import Chip, HeadLink, acts_on_many, list_context
from luojiang_ce.home.many import one_by_one
from luojiang_ce.papers.printouts import printed
from luojiang_ce.sheets.exports import export_view
from luojiang_ce.typed import own_page, ticked_rows
from luojiang_ce.workdays.services import current_rules
from luojiang_ce.workflow.pages import case_page
from units.models import Unit
from verification.batches.models import Appointment, Batch, Slot
from verification.counter.bookings import DAY_SHEET, bookings_of
from verification.counter.forms import BookForm, BookingFilter, SlotFilter, SlotForm, SlotsForm, WaitForm
from verification.counter.models import Waiting
from verification.counter.seats import book as book_seat
from verification.counter.seats import bookable_slots, change_slot, full_slots, open_slots
from verification.counter.views.season import running_said, season_links
from verification.counter.waiting import wait_for


@can(DO_BUREAU_WORK)
def slots(request: HttpRequest) -> HttpResponse:
    """The slots from today on (or those that are over), with what is taken."""
    past = request.GET.get("view") == "past"
    context = list_context(request, SlotFilter(request.GET, queryset=Slot.objects.with_taken(), request=request).qs)
    context |= acts_on_many(request, Slot, DO_BUREAU_WORK, "batches:export_slots")
    context["steps"] = [] if past else [("停用", reverse("batches:close_slots"))]
    chips = [Chip("今天起", "?", not past), Chip("已过去", "?view=past", past)]
    page = {
        "title": "预约时段",
        "links": [
            HeadLink("开放时段", reverse("batches:new_slots"), "plus", True),
            HeadLink("预约登记", reverse("batches:bookings"), "calendar-check"),
            *season_links(request.user),
        ],
        "lead": running_said(),
        "chips": chips,
        "unit": "个",
        "empty": {"text": "没有开放的时段", "url": reverse("batches:new_slots"), "label": "开放时段"},
        "crumbs": [("年度验证", reverse("batches:list")), ("预约时段", "")],
    }
    return render(request, "verification_batches/slots.html", {**context, **page})


export = export_view(DO_BUREAU_WORK, "slots")
export_bookings = export_view(DO_BUREAU_WORK, "bookings")


@can(DO_BUREAU_WORK)
def bookings(request: HttpRequest) -> HttpResponse:
    """Who comes when, from today on or by the days that are asked for."""
    context = list_context(request, bookings_of(request.user), filterset=BookingFilter)
    context |= acts_on_many(request, Appointment, DO_BUREAU_WORK, "batches:export_bookings")
    today = reverse("batches:day_sheet", args=[clock.today()])
    page = {
        "title": "预约登记",
        "lead": "今天起的预约；看以前的，请选日期",
        "links": [HeadLink("打印今天的日程", today, "printer")],
        "unit": "个",
        "empty": {"text": "还没有单位预约"},
        "crumbs": [("年度验证", reverse("batches:list")), ("预约时段", reverse("batches:slots")), ("预约登记", "")],
    }
    return render(request, "verification_batches/bookings.html", {**context, **page})


@can(DO_BUREAU_WORK)
def day_sheet(request: HttpRequest, day: date) -> HttpResponse:
    """The bookings of a day, to be printed for the window."""
    bureau = get_object_or_404(Unit, is_bureau=True)
    return printed(request, DAY_SHEET, bureau, label=day.isoformat())


@can(DO_BUREAU_WORK)
@require_POST
def close_many(request: HttpRequest) -> HttpResponse:
    """Close the ticked slots, each by itself; each can be opened again on its page."""
    ticked = list(Slot.objects.filter(pk__in=ticked_rows(request.POST), closed=False))
    outcome = one_by_one(
        ticked, lambda slot: change_slot(slot=slot, capacity=slot.capacity, closed=True, actor=request.user)
    )
    outcome.say(request, "已停用 {} 个时段，已约的照常办理；需要的可以在时段页面恢复")
    if not ticked:
        messages.error(request, "还没有勾选开放中的时段，请先勾选")
    return copies.let_go(request, redirect(own_page(request.POST.get("back", ""), reverse("batches:slots"))))


@can(DO_BUREAU_WORK)
def new_slots(request: HttpRequest) -> HttpResponse:
    """Open times at windows on the working days of a span."""
    form = SlotsForm(posted(request))

    def save() -> str:
        facts = {name: form.cleaned_data[name] for name in ("times", "places", "capacity")}
        made, known = open_slots(days=form.days(), actor=request.user, **facts)
        already = f"；另有 {len(known)} 个已经开放，未改动" if known else ""
        return f"已开放 {len(made)} 个时段{already}"

    return form_page(
        request, form, save, title="开放预约时段", submit_label="开放时段", done=str, back=reverse("batches:slots")
    )


@can(DO_BUREAU_WORK)
def slot(request: HttpRequest, pk: int) -> HttpResponse:
    """One slot: who comes, in the order of their numbers; more or fewer seats, or closed."""
    case = get_object_or_404(Slot.objects.with_taken(), pk=pk)
    form = SlotForm(posted(request), instance=case)
    if answer := submitted(
        request,
        form,
        lambda: change_slot(slot=case, actor=request.user, version=form.version, **form.cleaned_data),
        done="已保存时段",
        then="batches:slots",
    ):
        return answer
    held = case.appointments.select_related("unit").prefetch_related("batches__unit").order_by("seat", "pk")
    context = {
        "title": f"{case}　{case.place}",
        "slot": case,
        "form": form,
        "appointments": list(held),
        "crumbs": [("预约时段", reverse("batches:slots")), (str(case), "")],
    }
    return show(request, "verification_batches/slot.html", context, form)


@roles(*BOOK.roles, Role.BUREAU_HANDLER)
def book(request: HttpRequest) -> HttpResponse:
    """Book one seat for one or several batches; see what is booked."""
    waiting = _bookable(request)
    form = BookForm(posted(request), batches=waiting, initial=_initial(request, waiting))

    def save() -> Appointment:
        chosen = list(form.cleaned_data["batches"])
        unit = _booking_unit(request, chosen)
        return book_seat(batches=chosen, slot=form.cleaned_data["slot"], unit=unit, actor=request.user)

    if answer := submitted(
        request, form, save, done=lambda made: f"已预约 {made}，请携带资料到{made.slot.place}", then=lambda made: made
    ):
        return answer
    booked = Appointment.objects.visible_to(request.user).select_related("slot", "unit").prefetch_related("batches")
    queue = Waiting.objects.visible_to(request.user).filter(state__in=Waiting.OPEN)
    queue = queue.select_related("slot", "batch__unit", "appointment").order_by("slot__date", "slot__starts_at", "pk")
    context = {
        "title": "预约办理时间",
        "form": form,
        "waiting": list(waiting),
        "slots": list(bookable_slots()[:60]),
        "full": list(full_slots()[:60]),
        "queue": list(queue[:30]),
        "waiting_days": current_rules().settings_on(clock.today()).waiting_days,
        "booked": list(booked.order_by("-slot__date", "seat")[:30]),
        "crumbs": [("年度验证", reverse("batches:list")), ("预约", "")],
    }
    return show(request, "verification_batches/book.html", context, form)


@roles(*BOOK.roles, Role.BUREAU_HANDLER)
@require_POST
def wait(request: HttpRequest) -> HttpResponse:
    """Put a batch on the waiting list of a full slot."""
    form = WaitForm(request.POST, batches=_bookable(request))

    def save() -> Waiting:
        unit = _booking_unit(request, [form.cleaned_data["batch"]])
        return wait_for(**form.cleaned_data, unit=unit, actor=request.user)

    return act(
        request,
        save,
        done=lambda made: f"已候补 {made.slot}，有空位时通知您，须在限期内确认",
        back=reverse("batches:book"),
        form=form,
    )


@any_account
def waiting(request: HttpRequest, pk: int) -> HttpResponse:
    """One place on a waiting list: for what, since when, and until when a free seat is kept."""
    rows = Waiting.objects.select_related("slot", "batch__unit", "unit", "booker", "appointment__slot")
    case = get_visible_or_404(rows, request, pk=pk)
    ahead = Waiting.objects.filter(slot=case.slot_id, state=Waiting.State.WAITING, pk__lt=case.pk).count()
    context = {
        "page": case_page(case, request.user),
        "title": f"候补：{case.slot}",
        "kind": "候补",
        "lead": str(case.batch),
        "ahead": ahead,
        "crumbs": [("预约", reverse("batches:book")), ("候补", "")] if request.user.holds(*BOOK.roles) else [],
    }
    return render(request, "verification_batches/waiting.html", context)


@any_account
def appointment(request: HttpRequest, pk: int) -> HttpResponse:
    """One appointment: when, where, for which batches; move, cancel, come, missed."""
    case = get_visible_or_404(Appointment.objects.select_related("slot", "unit", "booked_by"), request, pk=pk)
    batches = Batch.objects.visible_to(request.user).filter(appointment=case).select_related("unit").with_counts()
    held_for = Waiting.objects.visible_to(request.user).filter(appointment=case, state=Waiting.State.OFFERED)
    context = {
        "page": case_page(case, request.user),
        "title": f"预约：{case}",
        "kind": "预约",
        "lead": case.unit.name,
        "batches": list(batches),
        "held_for": held_for.first(),
        "crumbs": [("预约", reverse("batches:book")), (str(case), "")] if request.user.holds(*BOOK.roles) else [],
    }
    return render(request, "verification_batches/appointment.html", context)


def _bookable(request: HttpRequest) -> Any:
    """Batches that wait for the counter without a seat, for which this account may book."""
    held = Appointment.objects.filter(state__in=[Appointment.State.BOOKED, Appointment.State.CAME])
    rows = Batch.objects.visible_to(request.user).filter(state=Batch.State.SUBMITTED).exclude(appointment__in=held)
    return rows.select_related("unit").order_by("unit__code", "pk")


def _initial(request: HttpRequest, waiting: Any) -> dict[str, Any]:
    asked = request.GET.get("batch", "").split(",")
    rows = list(waiting)
    chosen = [row.pk for row in rows if str(row.pk) in asked] or ([rows[0].pk] if len(rows) == 1 else [])
    return {"batches": chosen}


def _booking_unit(request: HttpRequest, batches: list[Batch]) -> Any:
    """The authority that brings many units' batches, else the unit of the batch."""
    mine = request.user.unit_ids(*BOOK.roles)
    own = next((batch.unit for batch in batches if batch.unit_id in mine), None)
    if own or request.user.holds(Role.BUREAU_HANDLER):
        return own or batches[0].unit
    return next(a.unit for a in request.user.current_assignments if a.role in BOOK.roles)

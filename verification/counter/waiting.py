"""The waiting list of full slots: its table, who is offered a place when, and until when it is kept (V5).

A free place belongs to whoever waits longest: nobody else can book it meanwhile (`seats.take_seat`). The worker offers
it as soon as it is rung for, and again on its round; run twice or late, the end is the same.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from luojiang_ce import clock
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workdays.deadlines import Deadline, DeadlineKind, the_day_itself
from luojiang_ce.workdays.services import current_calendar
from luojiang_ce.workdays.text import month_day
from luojiang_ce.workflow.case_kind import CaseKind, Context, Transition, Turn, Workflow, state
from luojiang_ce.workflow.engine import SYSTEM, Refused, fire
from luojiang_ce.workflow.events import record
from units.access import NOBODY
from units.models import Account
from units.notify import clerks_of, tell
from units.terms import Terms
from verification.batches.models import Appointment, Batch, Slot
from verification.batches.who import BOOKER
from verification.counter.models import Waiting
from verification.counter.seats import is_full, lock_slot, seat_for, take_seat

W = Waiting.State
KEPT_DAYS = 1  # working days for which a place is kept: usual practice, no figure of the notice
KEPT = DeadlineKind(
    "waiting_place", "确认候补的空位", "区人社局惯例", the_day_itself("空位保留到 {day}"), public=False, filed=False
)


# --- guards and effects -----------------------------------------------------------------------------------------------


def still_kept(context: Context) -> str | None:
    """Is the place still there?"""
    waiting: Waiting = context.case
    if waiting.keep_until is None or waiting.keep_until <= context.now:
        return "确认的时间已过，空位已让给下一个候补的单位；需要的请另选时段"
    return None if _kept_seat(waiting) else "这一号已改期或取消，不需要再确认"


def _kept_seat(waiting: Waiting) -> Appointment | None:
    """The place that was offered; None once it was moved, cancelled or used."""
    seat = waiting.appointment
    kept = seat is not None and seat.state == Appointment.State.BOOKED and seat.slot_id == waiting.slot_id
    return seat if kept else None


def offer(context: Context) -> None:
    """The place is taken for it, and kept until it says yes."""
    waiting: Waiting = context.case
    try:
        slot, seat = take_seat(waiting.slot_id, now=context.now, waited=True)
    except NotPossible as reason:
        raise Refused(context.transition, [str(reason)]) from reason
    assert waiting.created_by is not None  # wait_for
    waiting.appointment = seat_for(slot, seat, waiting.unit, waiting.created_by)
    waiting.keep_until = kept_until(slot, context.now)
    Batch.objects.filter(pk=waiting.batch_id).update(appointment=waiting.appointment)
    until = clock.local(waiting.keep_until)
    said = f"请在 {month_day(until.date())} {until:%H:%M} 以前确认，过时不确认，让给下一个候补的单位"
    tell(clerks_of(waiting.unit_id), f"候补到空位：{waiting.appointment}", context, text=said)


def give_back(context: Context) -> None:
    """The place that was kept goes to the next who waits."""
    if seat := _kept_seat(context.case):
        fire(seat, "cancel", actor=SYSTEM, note=context.note or context.transition.done)


def lapse(context: Context) -> None:
    give_back(context)
    tell(clerks_of(context.case.unit_id), f"候补已失效：{context.case}", context)


def kept_until(slot: Slot, now: datetime) -> datetime:
    """The end of the next working day, at the latest when the slot begins."""
    calendar, day = current_calendar(), clock.local(now).date()
    for _ in range(KEPT_DAYS):
        day = calendar.on_or_after(day + timedelta(days=1))
    return min(clock.midnight_after(day), slot.begins)


def kept_by(waiting: Waiting, terms: Terms) -> Deadline | None:
    """By when the unit says yes."""
    if waiting.keep_until is None:
        return None
    last = clock.local(waiting.keep_until - timedelta(seconds=1)).date()
    return terms.due(KEPT, last)


WAITING = Workflow(
    states={
        W.WAITING: state("is-wait", Turn(BOOKER)),
        W.OFFERED: state("is-turn", Turn(BOOKER, "确认候补到的时段", kept_by, note=lambda each: str(each.slot))),
        W.TAKEN: state("is-done"),
        W.LEFT: state("is-idle"),
        W.LAPSED: state("is-soon"),
    },
    transitions=(
        Transition("offer", "给出空位", (W.WAITING,), W.OFFERED, NOBODY, "有空位", effect=offer, hidden=True),
        Transition(
            "accept", "确认这个时段", (W.OFFERED,), W.TAKEN, BOOKER, "确认", guards=(still_kept,), style="primary"
        ),
        Transition("leave", "退出候补", (W.WAITING, W.OFFERED), W.LEFT, BOOKER, "退出候补", effect=give_back),
        Transition(
            "lapse", "候补失效", (W.WAITING, W.OFFERED), W.LAPSED, NOBODY, "候补失效", effect=lapse, hidden=True
        ),
    ),
)
KIND = CaseKind(
    Waiting,
    WAITING,
    deadlines=(KEPT,),
    rows=lambda rows: rows.select_related("batch__unit", "slot", "appointment"),
    events={"waits": "候补时段"},
)


# --- services ---------------------------------------------------------------------------------------------------------


@transaction.atomic
def wait_for(*, batch: Batch, slot: Slot, actor: Account) -> Waiting:
    """Put a batch on the waiting list of a full slot; the same request again gives the place that it has.

    Raises NotPossible: it has a seat, waits elsewhere, is not at the counter; the slot is not full, closed or over.
    """
    fresh = Batch.objects.select_for_update(of=("self",)).select_related("unit", "appointment").get(pk=batch.pk)
    there = Waiting.objects.filter(batch=fresh, state__in=Waiting.OPEN).select_related("slot").first()
    if there and there.slot_id == slot.pk:
        return there
    if there:
        raise NotPossible(f"{fresh}已在候补 {there.slot}，请先退出再候补别的时段")
    if fresh.state != Batch.State.SUBMITTED:
        raise NotPossible(f"{fresh}的状态是“{fresh.get_state_display()}”，报送（初审通过）后才能候补")
    if fresh.has_seat:
        raise NotPossible(f"{fresh}已预约 {fresh.appointment}，要换时间请改期")
    locked = lock_slot(slot.pk, now=clock.now())
    if not is_full(locked):
        raise NotPossible(f"{locked} 还有空位，请直接预约")
    made = Waiting.objects.create(batch=fresh, unit=fresh.unit, slot=locked, created_by=actor)
    record(made, "waits", actor=actor, data={"batch": fresh.pk, "slot": locked.pk})
    return made


def settle_waiting() -> tuple[int, int]:
    """Take places back that nobody confirmed, and offer what is free to whoever waits longest: (offered, lapsed)."""
    lapsed = sum(_lapse(each, why) for each in _open() if (why := _over(each)))
    return sum(_offer(each) for each in _open(W.WAITING)), lapsed


def _open(*states: str) -> list[Waiting]:
    rows = Waiting.objects.filter(state__in=states or Waiting.OPEN)
    return list(rows.select_related("batch__unit", "batch__appointment", "slot", "appointment", "unit").order_by("pk"))


def _over(waiting: Waiting) -> str:
    """Why it has come to an end; nothing while it goes on."""
    now, batch = clock.now(), waiting.batch
    if waiting.state == W.OFFERED:
        kept = waiting.keep_until is not None and waiting.keep_until > now
        return "" if kept and _kept_seat(waiting) else "没有在限期内确认" if not kept else "这一号已改期或取消"
    if waiting.slot.begins <= now or waiting.slot.closed:
        return "时段已停用" if waiting.slot.closed else "时段已开始，没有等到空位"
    return "批次已预约或已办理" if batch.has_seat or batch.state != Batch.State.SUBMITTED else ""


def _lapse(waiting: Waiting, why: str) -> int:
    try:
        fire(waiting, "lapse", actor=SYSTEM, note=why)
    except Refused:
        return 0  # somebody was quicker
    return 1


def _offer(waiting: Waiting) -> int:
    try:
        fire(waiting, "offer", actor=SYSTEM)
    except Refused:
        return 0  # nothing is free
    return 1

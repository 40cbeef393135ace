"""The waiting list of full slots: its table, who is offered a place when, and until when it is kept (V5).

A free place belongs to whoever waits longest: nobody else can book it meanwhile (`seats.take_seat`). The worker offers
it as soon as it is rung for, and again on its round; run twice or late, the end is the same. A place whose time is over
is free by the clock, before the worker has taken it back (`out_of_time`).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from luojiang_ce import clock
from luojiang_ce.refusals import NotPossible, refusing_clashes
from luojiang_ce.workdays.deadlines import Deadline, DeadlineKind, the_day_itself
from luojiang_ce.workdays.services import current_calendar, current_rules
from luojiang_ce.workdays.text import up_to
from luojiang_ce.workflow.case_kind import CaseKind, Context, Transition, Turn, Workflow, state
from luojiang_ce.workflow.engine import SYSTEM, fire
from luojiang_ce.workflow.events import record
from units.access import BUREAU, NOBODY
from units.models import Account, Unit
from units.notify import tell
from units.terms import Terms
from verification.batches.models import Appointment, Batch, Slot
from verification.batches.who import AWAITED_WAITER, WAITER, bookers_of
from verification.counter.models import Waiting
from verification.counter.seats import is_full, lock_slot, say_booked, seat_for, take_seat

W = Waiting.State
KEPT = DeadlineKind(
    "waiting_place", "确认候补的空位", "区人社局设定", the_day_itself("空位保留到 {day}"), public=False, filed=False
)


# --- guards and effects -----------------------------------------------------------------------------------------------


def still_kept(context: Context) -> str | None:
    """Is the place still there?"""
    waiting: Waiting = context.case
    seat = waiting.appointment
    if seat is None or seat.state != Appointment.State.HELD:
        return "这一号已收回，不需要再确认"
    if waiting.slot.closed:
        return "这个时段已停用，请另选时段"
    return None if seat.is_held(context.now) else "确认的时间已过，空位已让给下一个候补的单位；需要的请另选时段"


def still_wanted(context: Context) -> str | None:
    """Has the batch that waits no other seat, and does it still come to the counter? It is locked before its place."""
    return _not_wanted(context.case.batch) or None


def _not_wanted(batch: Batch) -> str:
    """Why a batch waits for no place any more; empty while it does."""
    if batch.has_seat:
        return f"{batch}已预约 {batch.appointment}，不需要再候补"
    return "" if batch.state == Batch.State.SUBMITTED else f"{batch}现为“{batch.get_state_display()}”，不需要再候补"


def offer(context: Context) -> None:
    """The place is taken for it, and kept until it says yes."""
    waiting: Waiting = context.case
    slot, seat = take_seat(waiting.slot_id, now=context.now, waited=True)
    assert waiting.created_by is not None  # wait_for
    until = kept_until(slot, context.now)
    waiting.appointment = seat_for(slot, seat, waiting.booker, waiting.created_by, kept_until=until)
    Batch.objects.filter(pk=waiting.batch_id).update(appointment=waiting.appointment)
    said = f"请在 {up_to(until)} 以前确认，过时不确认，让给下一个候补的单位"
    _tell(context, f"候补到空位：{waiting.appointment}", said)


def accept(context: Context) -> None:
    """The place is an appointment from now on, like any that was booked."""
    waiting: Waiting = context.case
    assert waiting.appointment is not None  # still_kept
    fire(waiting.appointment, "confirm", actor=SYSTEM)
    Batch.objects.filter(pk=waiting.batch_id).update(appointment=waiting.appointment)
    say_booked(waiting.appointment, [waiting.batch], context.actor)


def give_back(context: Context) -> None:
    """The place that was kept goes to the next who waits."""
    seat = context.case.appointment
    if seat and seat.state == Appointment.State.HELD:
        fire(seat, "release", actor=SYSTEM, note=context.note or context.transition.done)


def lapse(context: Context) -> None:
    give_back(context)
    _tell(context, f"候补已失效：{context.case}")


def _tell(context: Context, title: str, text: str = "") -> None:
    """Tell the unit that waits and the one that has put it in line; of the bureau whoever did."""
    waiting: Waiting = context.case
    put_by = Account.objects.holding(*BUREAU.roles).filter(pk=waiting.created_by_id)
    tell([*bookers_of({waiting.unit_id, waiting.booker_id}), *put_by], title, context, text=text)


def kept_until(slot: Slot, now: datetime) -> datetime:
    """The end of the last of the bureau's working days for an answer, at the latest when the slot begins; then alone
    where the bureau has set no days (the notice says nothing of them)."""
    calendar, day = current_calendar(), clock.local(now).date()
    days = current_rules().settings_on(day).waiting_days
    if days is None:
        return slot.begins
    for _ in range(days):
        day = calendar.on_or_after(day + timedelta(days=1))
    return min(clock.midnight_after(day), slot.begins)


def kept_by(waiting: Waiting, terms: Terms) -> Deadline | None:
    """By when somebody says yes."""
    if waiting.appointment is None or waiting.appointment.kept_until is None:
        return None
    last = clock.local(waiting.appointment.kept_until - timedelta(seconds=1)).date()
    return terms.due(KEPT, last)


WAITING = Workflow(
    states={
        W.WAITING: state("is-wait", Turn(AWAITED_WAITER)),
        W.OFFERED: state(
            "is-turn", Turn(AWAITED_WAITER, "确认候补到的时段", kept_by, note=lambda each: str(each.slot))
        ),
        W.TAKEN: state("is-done"),
        W.LEFT: state("is-idle"),
        W.LAPSED: state("is-soon"),
    },
    transitions=(
        Transition(
            "offer", "给出空位", (W.WAITING,), W.OFFERED, NOBODY, "有空位",
            guards=(still_wanted,), effect=offer, hidden=True,
        ),
        Transition(
            "accept", "确认这个时段", (W.OFFERED,), W.TAKEN, WAITER, "确认",
            guards=(still_kept, still_wanted), effect=accept, style="primary",
        ),
        Transition("leave", "退出候补", (W.WAITING, W.OFFERED), W.LEFT, WAITER, "退出候补", effect=give_back),
        Transition(
            "lapse", "候补失效", (W.WAITING, W.OFFERED), W.LAPSED, NOBODY, "候补失效", effect=lapse, hidden=True
        ),
    ),
    within="batch",
)  # fmt: skip
KIND = CaseKind(
    Waiting,
    WAITING,
    deadlines=(KEPT,),
    rows=lambda rows: rows.select_related("batch__unit", "slot", "appointment__slot"),
    events={"waits": "候补时段"},
)


# --- services ---------------------------------------------------------------------------------------------------------


@transaction.atomic
def wait_for(*, batch: Batch, slot: Slot, unit: Unit, actor: Account) -> Waiting:
    """Put a batch on the waiting list of a full slot; the same request again gives the place that it has. `unit`: the
    one that puts it there, its own or the authority that brings it.

    Raises NotPossible: it has a seat, waits elsewhere, is not at the counter; the slot is not full, closed or over.
    """
    fresh = Batch.objects.select_for_update().get(pk=batch.pk)  # nothing joined: see seats._lock
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
    made = Waiting.objects.create(batch=fresh, unit=fresh.unit, booker=unit, slot=locked, created_by=actor)
    record(made, "waits", actor=actor, data={"batch": fresh.pk, "slot": locked.pk})
    return made


def settle_waiting() -> tuple[int, int]:
    """Take places back that nobody confirmed, and offer what is free to whoever waits longest: (offered, lapsed)."""
    lapsed = sum(_lapse(each, why) for each in _in_line(*Waiting.OPEN) if (why := _over(each)))
    roomy = Slot.objects.with_taken().filter(taken__lt=F("capacity"))  # type: ignore[misc]  # annotated
    with_room = set(roomy.values_list("pk", flat=True))
    return sum(_offer(each) for each in _in_line(W.WAITING) if each.slot_id in with_room), lapsed


def _in_line(*states: str) -> list[Waiting]:
    """Those in these states, whoever came first first."""
    rows = Waiting.objects.filter(state__in=states)
    return list(rows.select_related("batch__unit", "batch__appointment__slot", "slot", "appointment").order_by("pk"))


def _over(waiting: Waiting) -> str:
    """Why it has come to an end; nothing while it goes on."""
    now, seat = clock.now(), waiting.appointment
    if waiting.state == W.OFFERED and not (seat and seat.is_held(now)):
        return "没有在限期内确认"
    if waiting.slot.closed:
        return "时段已停用"
    if waiting.state == W.WAITING and waiting.slot.begins <= now:
        return "时段已开始，没有等到空位"
    return _not_wanted(waiting.batch)


def _lapse(waiting: Waiting, why: str) -> int:
    try:
        with refusing_clashes():
            fire(waiting, "lapse", actor=SYSTEM, note=why)
    except NotPossible:
        return 0  # somebody was quicker
    return 1


def _offer(waiting: Waiting) -> int:
    try:
        with refusing_clashes():
            fire(waiting, "offer", actor=SYSTEM)
    except NotPossible:
        return 0  # nothing is free, or somebody is at it: the next run looks again
    return 1

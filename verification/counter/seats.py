"""Seats of the counter's slots: numbered, unique in the database, never more than the slot has (V5)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from datetime import date, datetime, time
from itertools import combinations

from django.db import IntegrityError, transaction
from django.db.models import Count, Exists, F, IntegerField, OuterRef, Q, Subquery, prefetch_related_objects
from django.db.models.functions import Coalesce

from luojiang_ce import clock
from luojiang_ce.access import Actor
from luojiang_ce.jobs.services import ring_after_commit
from luojiang_ce.locks import Lock, hold
from luojiang_ce.notices.services import notify
from luojiang_ce.refusals import NotPossible
from luojiang_ce.versions import Versioned
from luojiang_ce.words import first_of, squeezed
from luojiang_ce.workdays.services import current_calendar
from luojiang_ce.workflow.changes import in_words, values_of
from luojiang_ce.workflow.engine import SYSTEM, Refused, fire
from luojiang_ce.workflow.events import record, record_many
from units.models import Account, Unit
from units.notify import handlers
from verification.batches.models import AnnualRecord, Appointment, Batch, Slot, SlotQuerySet, out_of_time
from verification.batches.who import bookers_of
from verification.counter.models import Waiting

State = Appointment.State
SHOWN = 5  # slots named in one sentence
Span = tuple[time, time]
WAITS = Waiting.State.WAITING
SETTLE = "verification.counter.tasks.settle_waiting"


def take_seat(slot_id: int, *, now: datetime, waited: bool = False) -> tuple[Slot, int]:
    """The slot, locked until the caller's transaction ends, and its lowest free seat.

    Raises NotPossible when the slot is closed, has begun or is full; what is free belongs to those who wait for it
    (`waited`: it is for one of them). Must run inside a transaction.

    What is locked, here and wherever the counter locks: batches, then the place on a waiting list, then the
    appointment, then the slot, so that nobody waits for each other. Only a held seat, whose holder wants no slot, is
    locked behind it.
    """
    slot = lock_slot(slot_id, now=now)
    _take_back(slot)
    free = _free_seats(slot)
    if not free or (not waited and len(free) <= _waiting_for(slot)):
        raise NotPossible(f"{slot} 已约满，请另选时段")
    return slot, free[0]


def lock_slot(slot_id: int, *, now: datetime) -> Slot:
    """The slot, locked until the caller's transaction ends. Raises NotPossible when it is closed or has begun."""
    slot = Slot.objects.select_for_update().get(pk=slot_id)
    if slot.closed:
        raise NotPossible(f"{slot} 已停用，请另选时段")
    if slot.begins <= now:
        raise NotPossible(f"{slot} 已经开始，请另选时段")
    return slot


def is_full(slot: Slot) -> bool:
    """Is every free seat of it waited for?"""
    return len(_free_seats(slot)) <= _waiting_for(slot)


def _take_back(slot: Slot) -> None:
    """Seats that were kept and not said yes to are free, though the worker sleeps."""
    for seat in slot.appointments.filter(out_of_time()):
        with suppress(Refused):  # the worker was quicker
            fire(seat, "release", actor=SYSTEM)


def _free_seats(slot: Slot) -> list[int]:
    held = set(slot.appointments.coming().values_list("seat", flat=True))
    return [seat for seat in range(1, slot.capacity + 1) if seat not in held]


def _waiting_for(slot: Slot) -> int:
    return Waiting.objects.filter(slot=slot, state=WAITS).count()


def bookable_slots() -> SlotQuerySet:
    """Slots from now on that are open and not full, by time, with what is `taken`."""
    return _ahead().filter(taken__lt=F("capacity") - F("waited_for"))  # type: ignore[misc]  # annotated


def full_slots() -> SlotQuerySet:
    """Slots from now on that are open and full: one can wait for them."""
    return _ahead().filter(taken__gte=F("capacity") - F("waited_for"))  # type: ignore[misc]  # annotated


def _ahead() -> SlotQuerySet:
    """Open slots from now on, by time, with what is `taken` and how many free seats are `waited_for`."""
    now = clock.now()
    later_today = Q(date=now.date(), starts_at__gt=now.time())
    rows = Slot.objects.filter(later_today | Q(date__gt=now.date()), closed=False).with_taken()
    waiting = Waiting.objects.filter(slot=OuterRef("pk"), state=WAITS).order_by()
    number = waiting.values("slot").annotate(number=Count("pk")).values("number")
    waited_for = Coalesce(Subquery(number, output_field=IntegerField()), 0)
    # A query that counts goes without the model's own order.
    return rows.annotate(waited_for=waited_for).order_by("date", "starts_at", "pk")


def waiting_without_a_slot() -> int:
    """How many filed batches wait for the counter without a seat while no slot ahead can be booked. One query."""
    served = AnnualRecord.objects.filter(batch=OuterRef("pk"), state__in=AnnualRecord.SETTLED)
    seated = Appointment.objects.coming().filter(state__in=[State.HELD, State.BOOKED, State.CAME])
    waiting = Batch.objects.filter(~Exists(served), state=Batch.State.SUBMITTED).exclude(appointment__in=seated)
    return waiting.filter(~Exists(bookable_slots())).count()


@transaction.atomic
def book(*, batches: Sequence[Batch], slot: Slot, unit: Unit, actor: Account) -> Appointment:
    """One seat for these batches (notice 二(一): 按照预约时间办理). Either all of them get it or nothing is written.

    The same request again (a double click) gives the appointment that is there. Raises NotPossible.
    """
    locked = _lock(batches)
    held = _held(locked)
    if held and all(batch.appointment_id == held.pk for batch in locked) and held.slot_id == slot.pk:
        return held
    _refuse_unless_bookable(locked)
    chosen, seat = take_seat(slot.pk, now=clock.now())
    appointment = seat_for(chosen, seat, unit, actor)
    Batch.objects.filter(pk__in=[batch.pk for batch in locked]).update(appointment=appointment)
    say_booked(appointment, locked, actor)
    if Waiting.objects.filter(batch__in=locked, state__in=Waiting.OPEN).exists():
        ring_after_commit(SETTLE)  # they wait no more
    return appointment


def seat_for(slot: Slot, seat: int, unit: Unit, actor: Account, *, kept_until: datetime | None = None) -> Appointment:
    """The seat as an appointment, or held until then for a yes. The lock makes a clash impossible; should it fail, the
    database still gives a seat once."""
    state = State.HELD if kept_until else State.BOOKED
    facts = {"state": state, "kept_until": kept_until, "unit": unit, "booked_by": actor}
    try:
        with transaction.atomic():
            return Appointment.objects.create(slot=slot, seat=seat, **facts)
    except IntegrityError as clash:
        raise NotPossible(f"{slot} {seat} 号刚刚被别人约走，请再试一次") from clash


def _lock(batches: Iterable[Batch]) -> list[Batch]:
    keys = [batch.pk for batch in batches]
    rows = Batch.objects.select_for_update().filter(pk__in=keys).order_by("pk")
    locked = list(rows)
    # Not joined: PostgreSQL gives the other side of a join as it was before the lock was waited for.
    prefetch_related_objects(locked, "appointment__slot", "unit")
    return locked


def _held(batches: Sequence[Batch]) -> Appointment | None:
    """The booked appointment that one of the batches has already."""
    seats = (batch.appointment for batch in batches if batch.appointment)
    return next((seat for seat in seats if seat.state == State.BOOKED), None)


def _refuse_unless_bookable(batches: Sequence[Batch]) -> None:
    if not batches:
        raise NotPossible("请至少选一个批次")
    wrong = [
        f"{batch}的状态是“{batch.get_state_display()}”，报送（初审通过）后才能预约"
        for batch in batches
        if batch.state != Batch.State.SUBMITTED
    ]
    wrong += [f"{batch}已预约 {batch.appointment}，要换时间请改期" for batch in batches if _held([batch])]
    if wrong:
        raise NotPossible(*wrong)


def say_booked(appointment: Appointment, batches: Sequence[Batch], actor: Actor) -> None:
    """On record, and to the bureau and to whoever comes."""
    record(appointment, "booked", actor=actor, data={"batches": [batch.pk for batch in batches]})
    for batch in batches:
        record(batch, "booked", actor=actor, data={"appointment": appointment.pk, "slot": appointment.slot_id})
    key = f"booked-{appointment.pk}"
    notify(handlers(), f"{appointment.unit.short}预约 {appointment}", key=key, case=appointment)
    told = f"已预约 {appointment}，请到{appointment.slot.place}"
    units = {appointment.unit_id, *(batch.unit_id for batch in batches)}
    notify(bookers_of(units), told, key=key, case=appointment)


@transaction.atomic
def open_slots(
    *, days: Iterable[date], times: Sequence[Span], places: Iterable[str], capacity: int, actor: Account
) -> tuple[list[Slot], list[Slot]]:
    """Open these times on each of the days at each window. Returns the slots made, and those that were there already.

    Raises NotPossible, and opens none, where one would overlap with another at the same window.
    """
    hold(Lock.SLOTS)
    if crossing := [f"{_said(one)} 与 {_said(other)}" for one, other in combinations(times, 2) if _overlap(one, other)]:
        raise NotPossible(times=f"同一窗口的时段不能重叠：{first_of(crossing, SHOWN, '处')}")
    windows = {_window(place): place for place in reversed(list(places))}  # as it was called first
    there = _slots_at(windows, days := list(days))
    wanted = [
        Slot(date=day, starts_at=starts_at, ends_at=ends_at, capacity=capacity, place=place)
        for place in reversed(windows.values())
        for day in days
        for starts_at, ends_at in times
    ]
    known: list[Slot] = []
    new: list[Slot] = []
    for slot in wanted:
        same = _same_and_open(slot, there[_place_and_day(slot)])
        (known if same else new).append(same or slot)
    if clashes := [each for slot in new for each in _in_the_way(slot, there[_place_and_day(slot)])]:
        raise NotPossible(times=_clashing(list(dict.fromkeys(clashes))))
    made = Slot.objects.bulk_create(new, batch_size=500)
    record_many([(slot, {"capacity": capacity}) for slot in made], "slot_opened", actor=actor)
    return made, known


def _said(span: Span) -> str:
    return f"{span[0]:%H:%M}–{span[1]:%H:%M}"


def _overlap(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _slots_at(windows: Collection[str], days: Sequence[date]) -> defaultdict[tuple[str, date], list[Slot]]:
    """The slots of these days at these windows, however their names are spaced."""
    found = defaultdict(list)
    for slot in Slot.objects.filter(date__in=days).order_by("date", "starts_at", "pk"):
        if _window(slot.place) in windows:
            found[_place_and_day(slot)].append(slot)
    return found


def _place_and_day(slot: Slot) -> tuple[str, date]:
    return _window(slot.place), slot.date


def _same_and_open(slot: Slot, others: Iterable[Slot]) -> Slot | None:
    times = (slot.starts_at, slot.ends_at)
    return next((each for each in others if (each.starts_at, each.ends_at) == times and not each.closed), None)


def _window(place: str) -> str:
    return squeezed(place).casefold()


def _in_the_way(slot: Slot, others: Iterable[Slot]) -> list[Slot]:
    """Of those of its window and day the slots that overlap with one in time; of those that are closed only what begins
    with it, which is opened again."""
    span = (slot.starts_at, slot.ends_at)
    return [
        other
        for other in others
        if (other.starts_at == slot.starts_at or not other.closed) and _overlap(span, (other.starts_at, other.ends_at))
    ]


def _clashing(slots: Sequence[Slot]) -> str:
    said = [f"{slot}（已停用，可以恢复）" if slot.closed else str(slot) for slot in slots]
    return f"与同一地点已有的时段重叠：{first_of(said, SHOWN, '个')}。请换时间或地点"


@transaction.atomic
def change_slot(*, slot: Slot, capacity: int, closed: bool, actor: Account, version: int | None = None) -> Slot:
    """More or fewer seats, or none any more. Raises Conflict, or NotPossible where a held seat would vanish."""
    hold(Lock.SLOTS)
    fresh = Slot.objects.select_for_update().get(pk=slot.pk)
    fresh.must_be(version)
    _take_back(fresh)
    held = fresh.appointments.coming().order_by("-seat").values_list("seat", flat=True).first()
    if held and capacity < held:
        raise NotPossible(capacity=f"{held} 号已被预约，可约数不能少于 {held}；请先为该单位改期")
    if fresh.closed and not closed:
        _check_reopening(fresh)
    before = values_of(fresh)
    fresh.capacity, fresh.closed = capacity, closed
    fresh.count_edit(actor)
    fresh.save(update_fields=["capacity", "closed", *Versioned.COUNTED])
    data = {"capacity": capacity, "closed": closed}
    record(fresh, "slot_changed", actor=actor, note=in_words(fresh, before), data=data)
    ring_after_commit(SETTLE)
    return fresh


def close(slots: Sequence[Slot], *, actor: Actor, why: str) -> None:
    """Close these slots, in the caller's transaction: nobody can book them any more."""
    for slot in slots:
        slot.closed = True
        slot.count_edit(actor)
    Slot.objects.bulk_update(slots, ["closed", *Versioned.COUNTED], batch_size=500)
    changed = [(slot, {"capacity": slot.capacity, "closed": True}) for slot in slots]
    record_many(changed, "slot_changed", actor=actor, note=why)
    ring_after_commit(SETTLE)  # whoever waits for one, or was offered a place there


def _check_reopening(slot: Slot) -> None:
    there = _slots_at({_window(slot.place)}, [slot.date])[_place_and_day(slot)]
    others = [other for other in there if other.pk != slot.pk and not other.closed]
    if clashes := _in_the_way(slot, others):
        raise NotPossible(closed=_clashing(clashes))
    if not current_calendar().is_working(slot.date):
        raise NotPossible(closed="这一天是休息日，不能恢复")

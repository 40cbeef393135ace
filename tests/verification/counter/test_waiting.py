"""The waiting list: first come first served, told when a place is free, kept for a time, never over capacity."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.notices.models import Notice
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.engine import Refused, fire
from tests.conftest import District
from tests.todos import todos
from tests.verification.batches.conftest import At
from tests.verification.batches.samples import a_slot, quick_batch
from tests.verification.batches.test_pages import browser
from verification.batches.models import Appointment, Batch, Slot
from verification.counter.models import Waiting
from verification.counter.seats import book, bookable_slots, change_slot, full_slots
from verification.counter.waiting import kept_until, settle_waiting, wait_for

pytestmark = [pytest.mark.django_db, pytest.mark.notice("二(一)")]


def full(district: District, **more: object) -> tuple[Slot, Appointment]:
    slot = a_slot(capacity=1, **more)
    return slot, book(batches=[quick_batch(district)], slot=slot, unit=district.unit, actor=district.owner)


def waits(district: District, slot: Slot) -> Waiting:
    return wait_for(batch=quick_batch(district), slot=slot, actor=district.owner)


def state(waiting: Waiting) -> str:
    waiting.refresh_from_db()
    return waiting.state


def taken(slot: Slot) -> int:
    return Slot.objects.with_taken().get(pk=slot.pk).taken


def test_a_free_place_goes_to_whoever_came_first_who_is_told_until_when(district: District) -> None:
    slot, held = full(district)
    first, second = waits(district, slot), waits(district, slot)
    assert settle_waiting() == (0, 0)
    fire(held, "cancel", actor=district.owner, note="人员出差")
    # Nobody else gets it in between.
    assert not bookable_slots().filter(pk=slot.pk).exists()
    assert full_slots().get(pk=slot.pk).waited_for == 2
    with pytest.raises(NotPossible, match="已约满"):
        book(batches=[quick_batch(district)], slot=slot, unit=district.unit, actor=district.owner)
    assert settle_waiting() == (1, 0)
    assert settle_waiting() == (0, 0)  # a second run finds nothing to do
    assert (state(first), state(second)) == ("offered", "waiting")
    assert taken(slot) == 1
    told = Notice.objects.get(recipient=district.owner, title__startswith="候补到空位")
    assert "1月7日 24:00" in told.text or "1月8日 00:00" in told.text
    assert [todo.title for todo in todos(district.owner) if todo.title.startswith("确认候补到的时段")]
    fire(first, "accept", actor=district.owner)
    assert first.batch.appointment == first.appointment or Batch.objects.get(pk=first.batch_id).has_seat
    assert (state(first), taken(slot)) == ("taken", 1)


def test_what_is_not_confirmed_in_time_goes_to_the_next(district: District, at: At) -> None:
    slot, held = full(district, days=9)
    first, second = waits(district, slot), waits(district, slot)
    fire(held, "cancel", actor=district.owner, note="人员出差")
    settle_waiting()
    at(datetime(2027, 1, 8, 0, 1, tzinfo=clock.SHANGHAI))
    with pytest.raises(Refused, match="确认的时间已过"):
        fire(first, "accept", actor=district.owner)
    assert settle_waiting() == (1, 1)
    assert (state(first), state(second), taken(slot)) == ("lapsed", "offered", 1)
    assert not Batch.objects.get(pk=first.batch_id).has_seat
    assert Notice.objects.filter(recipient=district.owner, title__startswith="候补已失效").count() == 1


def test_a_place_is_kept_until_the_next_working_day_is_over_or_the_slot_begins(district: District) -> None:
    friday = datetime(2027, 1, 8, 15, tzinfo=clock.SHANGHAI)
    later, monday = a_slot(days=20), a_slot(days=5, place="3 号窗口")
    assert kept_until(later, friday) == datetime(2027, 1, 12, tzinfo=clock.SHANGHAI)
    assert kept_until(monday, friday) == monday.begins == datetime(2027, 1, 11, 9, 30, tzinfo=clock.SHANGHAI)


def test_more_seats_are_offered_and_a_free_slot_is_booked_not_waited_for(district: District) -> None:
    slot, _ = full(district)
    first, second = waits(district, slot), waits(district, slot)
    change_slot(slot=slot, capacity=2, closed=False, actor=district.handler)
    assert settle_waiting() == (1, 0)
    assert (state(first), state(second), taken(slot)) == ("offered", "waiting", 2)
    with pytest.raises(NotPossible, match="还有空位，请直接预约"):
        waits(district, a_slot(days=6))


def test_leaving_gives_the_place_to_the_next_and_a_moved_seat_is_kept(district: District, at: At) -> None:
    slot, held = full(district, days=9)
    first, second = waits(district, slot), waits(district, slot)
    fire(held, "cancel", actor=district.owner, note="人员出差")
    settle_waiting()
    fire(first, "leave", actor=district.owner)
    assert settle_waiting() == (1, 0)
    assert state(second) == "offered"
    other = a_slot(days=10)
    fire(Appointment.objects.get(pk=second.appointment_id), "move", actor=district.owner, data={"slot": other})
    at(datetime(2027, 1, 8, 9, tzinfo=clock.SHANGHAI))
    assert settle_waiting() == (0, 1)
    assert Batch.objects.get(pk=second.batch_id).appointment.slot == other  # not taken away
    assert Batch.objects.get(pk=second.batch_id).has_seat


def test_a_batch_waits_once_and_not_with_a_seat(district: District) -> None:
    slot, held = full(district)
    other, _ = full(district, place="3 号窗口")
    first = waits(district, slot)
    assert wait_for(batch=first.batch, slot=slot, actor=district.owner) == first
    with pytest.raises(NotPossible, match="请先退出"):
        wait_for(batch=first.batch, slot=other, actor=district.owner)
    with pytest.raises(NotPossible, match="要换时间请改期"):
        wait_for(batch=held.batches.get(), slot=other, actor=district.owner)
    with pytest.raises(NotPossible, match="初审通过"):
        wait_for(batch=quick_batch(district, "in_review"), slot=slot, actor=district.owner)


def test_whoever_found_a_seat_elsewhere_or_whose_slot_is_closed_waits_no_more(district: District) -> None:
    slot, _ = full(district)
    first, second = waits(district, slot), waits(district, slot)
    book(batches=[first.batch], slot=a_slot(days=6), unit=district.unit, actor=district.owner)
    assert settle_waiting() == (0, 1)
    change_slot(slot=slot, capacity=1, closed=True, actor=district.handler)
    assert settle_waiting() == (0, 1)
    assert (state(first), state(second)) == ("lapsed", "lapsed")


def test_the_page_offers_full_slots_and_a_neighbour_puts_nobody_on_the_list(district: District) -> None:
    slot, _ = full(district)
    batch = quick_batch(district)
    client, here = browser(district.owner), reverse("batches:book")
    assert "候补这个时段" in client.get(here).content.decode()
    typed = {"batch": batch.pk, "slot": slot.pk}
    browser(district.neighbour).post(reverse("batches:wait"), typed)
    assert not Waiting.objects.exists()
    page = client.post(reverse("batches:wait"), typed, follow=True).content.decode()
    assert "已候补" in page
    assert "正在候补" in page
    shown = client.get(Waiting.objects.get().get_absolute_url()).content.decode()
    assert "前面还有" in shown

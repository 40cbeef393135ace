"""The waiting list: first come first served, told when a place is free, kept for a time, never over capacity."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.notices.models import Notice
from luojiang_ce.papers.blanks import closed_up_figures
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workdays.models import DeadlineSetting
from luojiang_ce.workflow.engine import SYSTEM, Refused, fire
from luojiang_ce.workflow.events import history
from tests.conftest import District
from tests.queries import statements
from tests.todos import todos
from tests.units.views.helpers import workbook_rows
from tests.verification.batches.conftest import At
from tests.verification.batches.samples import a_slot, quick_batch
from tests.verification.batches.test_pages import browser
from verification.batches.models import Appointment, Batch, Slot
from verification.counter.bookings import day_sheet
from verification.counter.models import Waiting
from verification.counter.seats import book, bookable_slots, change_slot, full_slots
from verification.counter.waiting import kept_until, settle_waiting, wait_for

pytestmark = [pytest.mark.django_db, pytest.mark.notice("二(一)")]


def full(district: District, **more: object) -> tuple[Slot, Appointment]:
    slot = a_slot(capacity=1, **more)
    return slot, book(batches=[quick_batch(district)], slot=slot, unit=district.unit, actor=district.owner)


def waits(district: District, slot: Slot) -> Waiting:
    return wait_for(batch=quick_batch(district), slot=slot, unit=district.unit, actor=district.owner)


def offered(district: District, slot: Slot, held: Appointment) -> Waiting:
    """Whoever holds the only seat gives it up, and who waits is offered it."""
    waiting = waits(district, slot)
    fire(held, "cancel", actor=district.owner, note="人员出差")
    assert settle_waiting() == (1, 0)
    waiting.refresh_from_db()
    return waiting


def seat_of(waiting: Waiting) -> str:
    return Appointment.objects.get(pk=waiting.appointment_id).state


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
    assert "1月7日 24:00" in told.text
    assert [todo.title for todo in todos(district.owner) if todo.title.startswith("确认候补到的时段")]
    fire(first, "accept", actor=district.owner)
    assert Batch.objects.get(pk=first.batch_id).has_seat
    assert (state(first), seat_of(first), taken(slot)) == ("taken", "booked", 1)
    said = history(Appointment.objects.get(pk=first.appointment_id))
    assert said.filter(name="booked", actor=district.owner).exists()


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


def test_leaving_gives_the_place_to_the_next_who_can_book_elsewhere_instead(district: District) -> None:
    slot, held = full(district, days=9)
    first, second = waits(district, slot), waits(district, slot)
    fire(held, "cancel", actor=district.owner, note="人员出差")
    settle_waiting()
    fire(first, "leave", actor=district.owner)
    assert settle_waiting() == (1, 0)
    assert state(second) == "offered"
    other = a_slot(days=10)
    made = book(batches=[second.batch], slot=other, unit=district.unit, actor=district.owner)
    assert settle_waiting() == (0, 1)
    assert (state(second), seat_of(second), taken(slot)) == ("lapsed", "cancelled", 0)
    assert Batch.objects.get(pk=second.batch_id).appointment == made  # not taken away


def test_a_batch_waits_once_and_not_with_a_seat(district: District) -> None:
    slot, held = full(district)
    other, _ = full(district, place="3 号窗口")
    first = waits(district, slot)
    who = {"unit": district.unit, "actor": district.owner}
    assert wait_for(batch=first.batch, slot=slot, **who) == first
    with pytest.raises(NotPossible, match="请先退出"):
        wait_for(batch=first.batch, slot=other, **who)
    with pytest.raises(NotPossible, match="要换时间请改期"):
        wait_for(batch=held.batches.get(), slot=other, **who)
    with pytest.raises(NotPossible, match="初审通过"):
        wait_for(batch=quick_batch(district, "in_review"), slot=slot, **who)


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


def test_a_place_whose_slot_has_begun_lapses_and_can_be_left(district: District, at: At) -> None:
    """It was taken back by cancelling, which is refused once the hour has come: it stood for ever."""
    slot, held = full(district, days=1)
    waiting = offered(district, slot, held)
    at(datetime(2027, 1, 7, 9, 31, tzinfo=clock.SHANGHAI))
    assert settle_waiting() == (0, 1)
    assert (state(waiting), seat_of(waiting)) == ("lapsed", "cancelled")
    assert not Batch.objects.get(pk=waiting.batch_id).has_seat


def test_while_the_worker_sleeps_a_place_is_over_by_the_clock(district: District, at: At) -> None:
    slot, held = full(district, days=9)
    waiting = offered(district, slot, held)
    at(datetime(2027, 1, 8, 0, 1, tzinfo=clock.SHANGHAI))
    page = browser(district.owner).get(waiting.get_absolute_url()).content.decode()
    assert "确认时间已过" in page
    assert "确认的时间已过，空位已让给下一个候补的单位" in page  # why the button does nothing
    assert (taken(slot), state(waiting)) == (0, "offered")
    assert bookable_slots().filter(pk=slot.pk).exists()
    made = book(batches=[quick_batch(district)], slot=slot, unit=district.unit, actor=district.owner)
    assert (made.seat, taken(slot), seat_of(waiting)) == (1, 1, "cancelled")
    fire(waiting, "leave", actor=district.owner)
    assert (state(waiting), taken(slot)) == ("left", 1)


def test_an_offer_never_touches_a_batch_that_has_got_a_seat(district: District) -> None:
    slot, held = full(district)
    waiting = waits(district, slot)
    made = book(batches=[waiting.batch], slot=a_slot(days=6), unit=district.unit, actor=district.owner)
    fire(held, "cancel", actor=district.owner, note="人员出差")
    with pytest.raises(Refused, match="已预约"):
        fire(Waiting.objects.get(pk=waiting.pk), "offer", actor=SYSTEM)
    assert Batch.objects.get(pk=waiting.batch_id).appointment == made
    assert (state(waiting), taken(slot)) == ("waiting", 0)


def test_what_the_health_bureau_put_in_line_answers_to_it_and_to_the_clinic(district: District) -> None:
    slot, held = full(district)
    batch = quick_batch(district)
    Batch.objects.filter(pk=batch.pk).update(path="medical", authority=district.health)
    typed = {"batch": batch.pk, "slot": slot.pk}
    browser(district.health_reviewer).post(reverse("batches:wait"), typed)
    waiting = Waiting.objects.get()
    assert (waiting.unit, waiting.booker) == (district.unit, district.health)
    fire(held, "cancel", actor=district.owner, note="人员出差")
    assert settle_waiting() == (1, 0)
    for account, told in ((district.owner, 1), (district.health_reviewer, 1), (district.neighbour, 0)):
        assert Notice.objects.filter(recipient=account, title__startswith="候补到空位").count() == told, account
    waiting.refresh_from_db()
    for account, status in ((district.health_reviewer, 200), (district.owner, 200), (district.neighbour, 404)):
        answer = browser(account).get(waiting.get_absolute_url())
        assert answer.status_code == status, account
        assert ("确认这个时段" in answer.content.decode()) is (status == 200)
    with pytest.raises(Refused, match="只有"):
        fire(waiting, "accept", actor=district.neighbour)
    assert [each for each in todos(district.health_reviewer) if each.title.startswith("确认候补到的时段") and each.mine]
    fire(waiting, "accept", actor=district.health_reviewer)
    made = Batch.objects.get(pk=batch.pk).appointment
    assert (made.state, made.unit) == ("booked", district.health)
    for account in (district.owner, district.health_reviewer):  # whoever of the two has said yes
        told = Notice.objects.filter(recipient=account, title__startswith="已预约", case_id=made.pk)
        assert told.count() == 1, account


def test_nowhere_does_a_held_place_look_booked(district: District) -> None:
    slot, held = full(district, days=9)
    waiting = offered(district, slot, held)
    seat = Appointment.objects.get(pk=waiting.appointment_id)
    until = "保留到 1月7日 24:00"
    unit, bureau = browser(district.owner), browser(district.handler)
    pages = [
        unit.get(waiting.batch.get_absolute_url()),
        unit.get(reverse("batches:book")),
        unit.get(reverse("batches:list")),
        unit.get(seat.get_absolute_url()),
        bureau.get(slot.get_absolute_url()),
        bureau.get(reverse("batches:bookings")),
        bureau.get(reverse("batches:counter", args=[waiting.batch_id])),
    ]
    for page in pages:
        assert "待确认" in page.content.decode(), page.request["PATH_INFO"]
        assert until in page.content.decode(), page.request["PATH_INFO"]
    for client, name in ((unit, "batches:export"), (bureau, "batches:export_bookings")):
        cells = [str(cell) for row in workbook_rows(client.get(reverse(name))) for cell in row]
        assert any(f"待确认，{until}" in cell for cell in cells), name
    (sheet,) = day_sheet(district.bureau, {"label": slot.date.isoformat()})
    assert "待确认" in sheet.html()
    assert closed_up_figures(until) in sheet.html()
    assert not Batch.objects.get(pk=waiting.batch_id).has_seat
    with pytest.raises(Refused):
        fire(seat, "come", actor=district.handler)


def test_what_is_left_of_a_slot_is_without_whoever_waits_for_it(district: District) -> None:
    slot, _ = full(district)
    waits(district, slot)
    change_slot(slot=slot, capacity=4, closed=False, actor=district.handler)
    quick_batch(district)
    assert "余 2" in browser(district.owner).get(reverse("batches:book")).content.decode()


def test_how_long_a_place_is_kept_is_the_bureaus_to_set(district: District) -> None:
    friday = datetime(2027, 1, 8, 15, tzinfo=clock.SHANGHAI)
    slot = a_slot(days=20)
    DeadlineSetting.objects.update(waiting_days=2)
    assert kept_until(slot, friday) == datetime(2027, 1, 13, tzinfo=clock.SHANGHAI)
    DeadlineSetting.objects.update(waiting_days=None)
    assert kept_until(slot, friday) == slot.begins
    page = browser(district.handler).get(reverse("terms:calendar")).content.decode()
    assert "候补空位保留" in page
    assert "由本局确认" in page


def test_a_slot_that_is_closed_takes_back_what_nobody_has_said_yes_to(district: District) -> None:
    slot, held = full(district, days=9)
    waiting = offered(district, slot, held)
    change_slot(slot=slot, capacity=1, closed=True, actor=district.handler)
    with pytest.raises(Refused, match="已停用"):
        fire(waiting, "accept", actor=district.owner)
    assert settle_waiting() == (0, 1)
    assert (state(waiting), seat_of(waiting)) == ("lapsed", "cancelled")


def test_three_hundred_who_wait_for_a_full_slot_cost_the_worker_few_questions(district: District) -> None:
    counts, (slot, _) = [], full(district)
    for number in (3, 27):
        for _ in range(number):
            waits(district, slot)
        with statements() as found:
            assert settle_waiting() == (0, 0)
        counts.append(len(found))
    assert counts[0] == counts[1] <= 3

"""Appointments: never more than a slot has, whatever arrives at once; moved, cancelled, missed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, time, timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.deadlines.owed import Asked, moved_by, owed_to, running
from luojiang_ce.notices.models import Notice
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workdays.services import current_rules, terms_in_force
from luojiang_ce.workflow.engine import Refused, fire
from luojiang_ce.workflow.models import Event
from tests.conftest import District
from tests.factories import UnitFactory, account_with
from tests.verification.batches.conftest import SEASON
from tests.verification.batches.samples import a_slot, an_appointment, quick_batch
from units.models import Account
from verification.batches.models import Appointment, Batch, Material, Slot
from verification.batches.turns import APPOINTED
from verification.counter.seats import book, bookable_slots, change_slot
from verification.counter.seats import open_slots as open_many

State = Appointment.State


def open_slots(*, starts_at: time, ends_at: time, place: str, **facts: Any) -> tuple[list[Slot], list[Slot]]:
    """One time at one window."""
    return open_many(times=[(starts_at, ends_at)], places=[place], **facts)


def booked(district: District, batch: Batch, slot: Slot) -> Appointment:
    return book(batches=[batch], slot=slot, unit=district.unit, actor=district.owner)


@pytest.mark.django_db
@pytest.mark.notice("二(一)")
def test_booking_takes_the_lowest_free_seat_and_tells_both_sides(district: District) -> None:
    slot = a_slot()
    first, second = quick_batch(district), quick_batch(district)
    assert (booked(district, first, slot).seat, booked(district, second, slot).seat) == (1, 2)
    first.refresh_from_db()
    assert first.has_seat
    assert Notice.objects.filter(recipient=district.handler, title__contains="预约").count() == 2
    assert Notice.objects.filter(recipient=district.owner, title__startswith="已预约").count() == 2


@pytest.mark.django_db
def test_two_seats_of_a_unit_on_different_days_are_two_things_owed(district: District) -> None:
    booked(district, quick_batch(district), a_slot())
    booked(district, quick_batch(district), a_slot(days=10))
    owed = [each for each in running(Asked(terms_in_force())) if each.clock.kind is APPOINTED]
    assert len({each.identity for each in owed}) == len({each.clock.due for each in owed}) == 2
    assert not moved_by(current_rules())


@pytest.mark.django_db
@pytest.mark.notice("二(一)")
def test_the_handler_opens_slots_while_units_wait_and_none_can_be_booked(district: District) -> None:
    def to_open(account: Account) -> list[str]:
        return [owed.title for owed in owed_to(account) if owed.turn.act == "开放预约时段"]

    assert to_open(district.handler) == []
    batch = quick_batch(district)
    assert to_open(district.handler) == ["开放预约时段：1 批等着预约，现在没有可约的时段"]
    assert to_open(district.owner) == to_open(district.neighbour) == []
    slot = a_slot()
    assert to_open(district.handler) == []
    Slot.objects.filter(pk=slot.pk).update(closed=True)
    assert to_open(district.handler) != []
    Slot.objects.filter(pk=slot.pk).update(closed=False)
    booked(district, batch, slot)
    Slot.objects.filter(pk=slot.pk).update(capacity=1)  # full, and nobody waits
    assert to_open(district.handler) == []


@pytest.mark.django_db
def test_one_appointment_carries_many_batches(district: District) -> None:
    batches = [quick_batch(district), quick_batch(district)]
    made = book(batches=batches, slot=a_slot(), unit=district.unit, actor=district.owner)
    assert set(made.batches.all()) == set(batches)


@pytest.mark.django_db
def test_the_same_request_again_gives_the_same_seat(district: District) -> None:
    slot, batch = a_slot(), quick_batch(district)
    assert booked(district, batch, slot) == booked(district, batch, slot)
    assert Appointment.objects.count() == 1


@pytest.mark.django_db
def test_a_batch_that_has_a_seat_is_moved_not_booked_again(district: District) -> None:
    batch = quick_batch(district)
    booked(district, batch, a_slot())
    with pytest.raises(NotPossible, match="要换时间请改期"):
        booked(district, batch, a_slot(days=5))


@pytest.mark.django_db
def test_only_what_waits_for_the_counter_is_booked(district: District) -> None:
    with pytest.raises(NotPossible, match="初审通过"):
        booked(district, quick_batch(district, "in_review"), a_slot())


@pytest.mark.django_db
@pytest.mark.parametrize("change", [{"closed": True}, {"date": date(2027, 1, 5)}, {"capacity": 1}])
def test_a_slot_that_is_closed_over_or_full_is_not_offered_and_refused(
    district: District, change: dict[str, object]
) -> None:
    slot = a_slot()
    booked(district, quick_batch(district), slot)
    Slot.objects.filter(pk=slot.pk).update(**change)
    assert not bookable_slots().filter(pk=slot.pk).exists()
    with pytest.raises(NotPossible, match="另选时段"):
        booked(district, quick_batch(district), slot)


@pytest.mark.django_db
def test_a_cancelled_seat_is_free_again_and_the_batch_can_book_anew(district: District) -> None:
    slot, batch = a_slot(capacity=1), quick_batch(district)
    appointment = booked(district, batch, slot)
    fire(appointment, "cancel", actor=district.owner, note="人员出差")
    batch.refresh_from_db()
    assert not batch.has_seat
    assert booked(district, batch, slot).seat == 1


@pytest.mark.django_db
def test_moving_takes_a_seat_in_the_other_slot_and_frees_this_one(district: District) -> None:
    slot, other = a_slot(capacity=1), a_slot(days=4)
    booked(district, quick_batch(district), other)
    appointment = booked(district, quick_batch(district), slot)
    fire(appointment, "move", actor=district.owner, data={"slot": other})
    assert (appointment.slot, appointment.seat, appointment.state) == (other, 2, State.BOOKED)
    assert bookable_slots().filter(pk=slot.pk).exists()


@pytest.mark.django_db
def test_moving_into_a_full_slot_is_refused(district: District) -> None:
    full = a_slot(days=4, capacity=1)
    booked(district, quick_batch(district), full)
    appointment = booked(district, quick_batch(district), a_slot())
    with pytest.raises(Refused, match="已约满"):
        fire(appointment, "move", actor=district.owner, data={"slot": full})


@pytest.mark.django_db
def test_once_it_has_begun_it_is_missed_or_kept_not_moved(district: District, at) -> None:
    appointment = booked(district, quick_batch(district), a_slot())
    with pytest.raises(Refused, match="还没有到预约时间"):
        fire(appointment, "miss", actor=district.handler)
    at(datetime(2027, 1, 9, 9, 30, tzinfo=clock.SHANGHAI))
    with pytest.raises(Refused, match="不能再改期或取消"):
        fire(appointment, "cancel", actor=district.owner, note="x")
    fire(appointment, "miss", actor=district.handler)
    assert Notice.objects.filter(recipient=district.owner, title__startswith="未按预约到场").exists()
    fire(appointment, "come", actor=district.handler)
    assert appointment.state == State.CAME


@pytest.mark.django_db
def test_a_missed_seat_stays_taken(district: District, at) -> None:
    slot = a_slot(capacity=1)
    appointment = booked(district, quick_batch(district), slot)
    at(datetime(2027, 1, 9, 9, 30, tzinfo=clock.SHANGHAI))
    fire(appointment, "miss", actor=district.handler)
    assert Slot.objects.with_taken().get(pk=slot.pk).taken == 1


@pytest.mark.django_db
def test_slots_are_opened_once_however_often(district: District) -> None:
    days = [date(2027, 1, 11), date(2027, 1, 12)]
    facts = {"starts_at": time(9), "ends_at": time(10), "capacity": 3, "place": "2 号窗口", "actor": district.handler}
    assert [slot.date for slot in open_slots(days=days, **facts)[0]] == days
    made, known = open_slots(days=[*days, date(2027, 1, 13)], **facts)
    assert ([slot.date for slot in made], [slot.date for slot in known]) == ([date(2027, 1, 13)], days)
    assert Event.objects.filter(name="slot_opened", actor=district.handler).count() == 3


NINE = {"starts_at": time(9), "ends_at": time(10), "capacity": 3, "place": "2 号窗口"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "other",
    [
        {"starts_at": time(9, 30), "ends_at": time(10, 30)},
        {"starts_at": time(8, 30), "ends_at": time(9, 1)},
        {"starts_at": time(9, 15), "ends_at": time(9, 45)},
        {"starts_at": time(8), "ends_at": time(11)},
        {"ends_at": time(9, 30)},
        {"starts_at": time(9, 30), "ends_at": time(10, 30), "place": "２号窗口"},
    ],
)
def test_slots_never_overlap_at_one_window(district: District, other: dict[str, object]) -> None:
    """All days or none; how the window is spaced does not matter."""
    open_slots(days=[date(2027, 1, 12)], actor=district.handler, **NINE)
    with pytest.raises(NotPossible, match="与同一地点已有的时段重叠：1月12日 09:00–10:00") as refused:
        open_slots(days=[date(2027, 1, 11), date(2027, 1, 12)], actor=district.handler, **{**NINE, **other})
    assert list(refused.value.by_field) == ["times"]
    assert Slot.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    "other",
    [
        {"starts_at": time(10), "ends_at": time(11)},
        {"starts_at": time(8), "ends_at": time(9)},
        {"starts_at": time(9, 30), "ends_at": time(10, 30), "place": "3 号窗口"},
    ],
)
def test_slots_that_touch_or_are_elsewhere_do_not_overlap(district: District, other: dict[str, object]) -> None:
    open_slots(days=[date(2027, 1, 12)], actor=district.handler, **NINE)
    made, _ = open_slots(days=[date(2027, 1, 12)], actor=district.handler, **{**NINE, **other})
    assert len(made) == 1


@pytest.mark.django_db
def test_a_closed_slot_makes_room_and_does_not_come_back_into_it(district: District) -> None:
    (slot,), _ = open_slots(days=[date(2027, 1, 12)], actor=district.handler, **NINE)
    change_slot(slot=slot, capacity=3, closed=True, actor=district.handler)
    with pytest.raises(NotPossible, match="09:00–10:00（已停用，可以恢复）"):
        open_slots(days=[date(2027, 1, 12)], actor=district.handler, **NINE)
    later = {"starts_at": time(9, 30), "ends_at": time(10, 30)}
    open_slots(days=[date(2027, 1, 12)], actor=district.handler, **{**NINE, **later})
    with pytest.raises(NotPossible, match="重叠：1月12日 09:30–10:30"):
        change_slot(slot=slot, capacity=3, closed=False, actor=district.handler)


@pytest.mark.django_db
def test_seats_that_are_held_are_not_taken_away(district: District) -> None:
    slot = a_slot(capacity=3)
    booked(district, quick_batch(district), slot)
    booked(district, quick_batch(district), slot)
    with pytest.raises(NotPossible, match="不能少于 2"):
        change_slot(slot=slot, capacity=1, closed=False, actor=district.handler)
    assert change_slot(slot=slot, capacity=2, closed=True, actor=district.handler).closed
    changed = Event.objects.get(case_type="verification_batches.slot", name="slot_changed")
    assert (changed.case_id, changed.actor, changed.data) == (
        slot.pk,
        district.handler,
        {"capacity": 2, "closed": True},
    )


@pytest.mark.django_db
def test_the_database_itself_gives_a_seat_once(district: District) -> None:
    slot = a_slot()
    facts = {"slot": slot, "seat": 1, "unit": district.unit, "booked_by": district.owner}
    Appointment.objects.create(**facts)
    with pytest.raises(IntegrityError), transaction.atomic():
        Appointment.objects.create(**facts)


@pytest.mark.real_services
@pytest.mark.django_db(transaction=True)
def test_twenty_units_want_three_seats_at_the_same_moment(district: District) -> None:
    """V5: whatever arrives at once."""
    slot = a_slot(capacity=3)
    units = [UnitFactory() for _ in range(20)]
    clerks = [account_with("unit_clerk", unit) for unit in units]
    batches = [
        Batch.objects.create(unit=unit, year=2026, state="submitted", first_submitted_at=clock.now()) for unit in units
    ]
    gate = Barrier(20)

    def want(number: int) -> str:
        try:
            gate.wait()
            with clock.at(SEASON):
                book(batches=[batches[number]], slot=slot, unit=units[number], actor=clerks[number])
        except NotPossible as reason:
            return str(reason)
        finally:
            connections.close_all()
        return "booked"

    with ThreadPoolExecutor(20) as pool:
        said = list(pool.map(want, range(20)))
    assert said.count("booked") == 3
    assert {each for each in said if each != "booked"} == {f"{slot} 已约满，请另选时段"}
    assert sorted(Appointment.objects.values_list("seat", flat=True)) == [1, 2, 3]
    assert Batch.objects.filter(appointment__isnull=False).count() == 3, connection.vendor


@pytest.mark.django_db
def test_who_is_served_before_the_booked_day_gives_the_seat_back(district: District) -> None:
    appointment = an_appointment(district)
    batch = appointment.batches.get()
    batch.records.update(state="verified")
    Batch.objects.filter(pk=batch.pk).update(materials_seen=Material.values)
    fire(batch, "finish", actor=district.approver)
    appointment.refresh_from_db()
    assert (batch.state, batch.appointment, appointment.state) == ("decided", None, "cancelled")


@pytest.mark.django_db
def test_who_is_served_on_the_booked_day_has_come(district: District, at) -> None:
    appointment = an_appointment(district)
    batch = appointment.batches.get()
    batch.records.update(state="verified")
    Batch.objects.filter(pk=batch.pk).update(materials_seen=Material.values)
    at(appointment.slot.begins - timedelta(hours=1))
    fire(batch, "finish", actor=district.handler)
    appointment.refresh_from_db()
    assert (batch.appointment, appointment.state) == (appointment, "came")


def test_what_can_be_booked_stands_by_day_and_hour(district) -> None:
    later, sooner = a_slot(days=9), a_slot(days=3, starts_at=time(14, 30), ends_at=time(15, 0))
    assert list(bookable_slots()) == [sooner, later]


def test_no_seats_at_all_is_refused_in_words(client, district) -> None:
    slot = a_slot()
    client.force_login(district.handler)
    page = client.post(reverse("batches:slot", args=[slot.pk]), {"version": "0", "capacity": "0"})
    assert page.status_code == 422
    assert "slot_has_seats" not in page.content.decode()
    assert page.context["form"].errors.keys() == {"capacity"}

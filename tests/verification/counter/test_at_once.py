"""At the same moment: two hundred bookings for twenty places, a waiting list with
bookings and cancelling, two counters on one batch, two keepers on one batch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, connections, transaction

from luojiang_ce import clock
from luojiang_ce.papers.models import Paper
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.engine import SYSTEM, Refused, fire
from luojiang_ce.workflow.models import Event
from tests.conftest import District
from tests.factories import account_with
from tests.verification.batches.conftest import SEASON
from tests.verification.batches.samples import a_batch, a_seal, a_slot, staff
from units.models import Account
from verification.batches.models import AnnualRecord, Appointment, Batch, Material
from verification.counter.deciding import NothingDecided, decide, pass_everybody
from verification.counter.models import Waiting
from verification.counter.rest_days import close_on_rest_days
from verification.counter.seats import book, change_slot
from verification.counter.waiting import settle_waiting, wait_for

pytestmark = [pytest.mark.real_services, pytest.mark.django_db(transaction=True)]


def at_once(acts: list[Callable[[], Any]]) -> list[Any]:
    """Run the acts in threads that start together; what each returned, or the refusal it raised."""
    gate = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        try:
            gate.wait()
            with clock.at(SEASON):
                return act()
        except NotPossible as refused:
            return refused
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def test_two_hundred_book_twenty_places_at_once_and_exactly_twenty_have_one(district: District) -> None:
    """V5; on SQLite forty at once, whose writers wait for one another half a minute at most."""
    number = 200 if connection.vendor == "postgresql" else 40
    slot = a_slot(capacity=20)
    batches = _filed(district, number)

    def want(batch: Batch) -> Callable[[], Any]:
        return lambda: book(batches=[batch], slot=slot, unit=district.unit, actor=district.owner)

    said = at_once([want(batch) for batch in batches])
    assert sum(isinstance(each, Appointment) for each in said) == 20
    assert Counter(str(each) for each in said if isinstance(each, NotPossible)) == {
        f"{slot} 已约满，请另选时段": number - 20
    }
    assert sorted(Appointment.objects.values_list("seat", flat=True)) == list(range(1, 21))
    assert Batch.objects.filter(appointment__isnull=False).count() == 20


def _filed(district: District, number: int) -> list[Batch]:
    """Batches that may be booked, straight into the table."""
    filed = {"state": "submitted", "first_submitted_at": clock.now(), "created_by": district.owner}
    return [
        Batch.objects.create(unit=district.unit, year=2026, sequence=n, number=f"2026-V-{n:04d}", **filed)
        for n in range(1, number + 1)
    ]


def _rest_days_come(district: District) -> Callable[[], Any]:
    """In the transaction of the calendar's change."""

    def follow() -> list[str]:
        with transaction.atomic():
            return close_on_rest_days(district.handler, "周六不办公")

    return follow


def test_twenty_book_wait_cancel_move_and_offer_at_once_and_the_slot_has_exactly_its_seats(district: District) -> None:
    """V5: no seat twice, no batch in two places, nobody waits for each other for ever, and what is free is offered."""
    with clock.at(SEASON):
        slot, other, on_saturday = a_slot(days=1, capacity=3), a_slot(days=5, capacity=50), a_slot(days=3)
        batches, who = _filed(district, 19), {"unit": district.unit, "actor": district.owner}
        first, line, new, lost = batches[:3], batches[3:9], batches[9:18], batches[18:]
        held_on_saturday = book(batches=lost, slot=on_saturday, **who)
        held = [book(batches=[batch], slot=slot, **who) for batch in first]
        waiting = [wait_for(batch=batch, slot=slot, **who) for batch in line]
    moves: list[Callable[[], Any]] = [
        partial(fire, held[0], "cancel", actor=district.owner, note="人员出差"),
        partial(fire, held[1], "cancel", actor=district.owner, note="人员出差"),
        partial(fire, held[2], "move", actor=district.owner, data={"slot": other}),
        *[settle_waiting] * 3,
        partial(fire, held_on_saturday, "move", actor=district.owner, data={"slot": other}),
        partial(book, batches=[line[0]], slot=other, **who),
        partial(book, batches=[line[1], line[2]], slot=other, **who),
        partial(fire, waiting[3], "leave", actor=district.owner),
        *(partial(book, batches=[batch], slot=slot, **who) for batch in new[:5]),
        *(partial(wait_for, batch=batch, slot=slot, **who) for batch in new[5:8]),
        partial(change_slot, slot=slot, capacity=4, closed=False, actor=district.handler),
        _rest_days_come(district),
    ]
    assert len(moves) == 20
    at_once(moves)  # anything but a refusal comes out here, a deadlock too
    with clock.at(SEASON):
        settle_waiting()
    held_on_saturday.refresh_from_db()
    assert (held_on_saturday.state, held_on_saturday.slot) in (("booked", other), ("cancelled", on_saturday))
    seats = Appointment.objects.coming().filter(slot=slot)
    assert sorted(seats.values_list("seat", flat=True)) == [1, 2, 3, 4]
    for batch in (line[0], line[1], line[2]):
        assert Batch.objects.get(pk=batch.pk).appointment.slot == other  # no offer has overwritten it
    offered = Waiting.objects.filter(state="offered")
    assert {each.appointment_id for each in offered} == {each.pk for each in seats.filter(state="held")}
    assert all(each.batch.appointment_id == each.appointment_id for each in offered.select_related("batch"))
    for seat in Appointment.objects.filter(state="booked"):
        assert seat.batches.exists(), "a seat that nobody comes with"


def test_who_says_yes_while_the_place_is_taken_back_has_it_or_not(district: District) -> None:
    with clock.at(SEASON):
        slot, who = a_slot(capacity=1), {"unit": district.unit, "actor": district.owner}
        first, second = _filed(district, 2)
        held = book(batches=[first], slot=slot, **who)
        waiting = wait_for(batch=second, slot=slot, **who)
        fire(held, "cancel", actor=district.owner, note="人员出差")
        settle_waiting()

    def answer(name: str, actor: Any) -> Callable[[], Any]:
        return lambda: fire(Waiting.objects.get(pk=waiting.pk), name, actor=actor)

    said = at_once([answer("accept", district.owner), answer("leave", district.owner), answer("lapse", SYSTEM)])
    assert sum(isinstance(each, Refused) for each in said) == 2
    waiting.refresh_from_db()
    seat = Appointment.objects.get(pk=waiting.appointment_id)
    assert (waiting.state == "taken") is (seat.state == "booked") is Batch.objects.get(pk=second.pk).has_seat
    assert seat.state in ("booked", "cancelled")


def test_two_counters_decide_the_same_person_at_once_and_one_decision_stands(district: District) -> None:
    batch = a_batch(district, people=staff(district.unit, 3))
    keys = list(batch.records.values_list("pk", flat=True))

    def passed() -> Any:
        return decide(batch=batch, records=keys, name="verify", actor=district.handler)

    def failed() -> Any:
        return decide(batch=batch, records=keys, name="fail", actor=district.approver, reason="证书与本人不符")

    said = at_once([passed, failed])
    assert sum(isinstance(each, NothingDecided) for each in said) == 1
    states = set(batch.records.values_list("state", flat=True))
    assert len(states) == 1
    decisions = Event.objects.filter(case_type="verification_batches.annualrecord", name__in=["verify", "fail"])
    assert decisions.count() == 3
    assert Paper.objects.standing().count() == (3 if states == {"failed"} else 0)


def test_two_counters_pass_everybody_at_once_and_each_person_has_one_event(district: District) -> None:
    batch = a_batch(district, people=staff(district.unit, 4))

    def passed_by(actor: Account) -> Callable[[], int]:
        return lambda: pass_everybody(batch=batch, actor=actor).count

    assert sorted(at_once([passed_by(district.handler), passed_by(district.approver)])) == [0, 4]
    assert Event.objects.filter(name="verify", case_type="verification_batches.annualrecord").count() == 4


def test_two_keepers_stamp_one_batch_at_once_and_there_is_one_entry(district: District) -> None:
    batch = a_batch(district, people=staff(district.unit, 3))
    keys = list(batch.records.values_list("pk", flat=True))
    decide(batch=batch, records=keys, name="verify", actor=district.handler)
    Batch.objects.filter(pk=batch.pk).update(materials_seen=Material.values)
    fire(Batch.objects.get(pk=batch.pk), "finish", actor=district.handler)
    seal, other = a_seal(district.bureau), account_with("seal_keeper", district.bureau)

    def stamp(keeper: Any) -> Callable[[], Any]:
        return lambda: fire(Batch.objects.get(pk=batch.pk), "stamp", actor=keeper, data={"seal": seal})

    said = at_once([stamp(district.keeper), stamp(other)])
    assert sum(isinstance(each, Refused) for each in said) == 1
    assert Event.objects.filter(case_type="verification_batches.batch", name="stamp").count() == 1
    assert Paper.objects.of(batch).filter(kind="verification_roster").count() == 1
    assert Paper.objects.of(batch).filter(kind="verification_person").count() == 3
    assert set(AnnualRecord.objects.values_list("state", flat=True)) == {"stamped"}

"""At the same moment: two hundred bookings for twenty places, two counters on one batch, two keepers on one batch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, connections

from luojiang_ce import clock
from luojiang_ce.papers.models import Paper
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.engine import Refused, fire
from luojiang_ce.workflow.models import Event
from tests.conftest import District
from tests.factories import account_with
from tests.verification.batches.conftest import SEASON
from tests.verification.batches.samples import a_batch, a_seal, a_slot, staff
from units.models import Account
from verification.batches.models import AnnualRecord, Appointment, Batch, Material
from verification.counter.deciding import NothingDecided, decide, pass_everybody
from verification.counter.seats import book

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
    filed = {"state": "submitted", "first_submitted_at": clock.now(), "created_by": district.owner}
    batches = [
        Batch.objects.create(unit=district.unit, year=2026, sequence=n, number=f"2026-V-{n:04d}", **filed)
        for n in range(1, number + 1)
    ]

    def want(batch: Batch) -> Callable[[], Any]:
        return lambda: book(batches=[batch], slot=slot, unit=district.unit, actor=district.owner)

    said = at_once([want(batch) for batch in batches])
    assert sum(isinstance(each, Appointment) for each in said) == 20
    assert Counter(str(each) for each in said if isinstance(each, NotPossible)) == {
        f"{slot} 已约满，请另选时段": number - 20
    }
    assert sorted(Appointment.objects.values_list("seat", flat=True)) == list(range(1, 21))
    assert Batch.objects.filter(appointment__isnull=False).count() == 20


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

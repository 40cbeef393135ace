"""How the walk builds the cases of the yearly verification (tests/luojiang_ce/workflow/walk.py)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time, timedelta
from typing import Any

from luojiang_ce import clock
from tests.conftest import District
from tests.factories import account_with
from tests.luojiang_ce.workflow.walk import Kind, returned_before
from tests.verification.batches.samples import a_seal, a_slot, an_appointment, learned, quick_batch, quick_record
from units.models import Person, Unit
from verification.batches.facts import freeze_records
from verification.batches.models import AnnualRecord, Appointment, Batch, Material, Slot
from verification.ledger.models import LedgerEntry
from verification.ledger.services import counter

CATEGORIES = {"medical": "medical", "teacher": "teacher", "cycle": "teacher"}


def on(path: str, authority: str = "") -> Any:
    """The batch and its people go this way, and the unit has its authority, to which it was sent."""

    def ready(district: District, batch: Batch) -> None:
        reviews = getattr(district, authority) if authority else None
        Batch.objects.filter(pk=batch.pk).update(path=path, authority=reviews)
        batch.records.update(path=path)
        Person.objects.filter(records__batch=batch).update(category=CATEGORIES[path])
        if reviews:
            Unit.objects.filter(pk=batch.unit_id).update(supervisor=reviews)
        batch.refresh_from_db()

    return ready


def settled(district: District, batch: Batch) -> None:
    batch.records.update(state="verified")
    Batch.objects.filter(pk=batch.pk).update(materials_seen=Material.values)


def sealed(district: District, batch: Batch) -> Mapping[str, Any]:
    batch.records.update(state="verified")
    return {"seal": a_seal(district.bureau)}


def sealed_first(district: District, record: AnnualRecord) -> Mapping[str, Any]:
    return {"first_seal": a_seal(district.bureau).pk}


def sealed_by_two(district: District, batch: Batch) -> Mapping[str, Any]:
    """The end of a cycle: the bureau's keeper puts the first of the two seals."""
    on("cycle", "education")(district, batch)
    account_with("seal_keeper", district.education)
    return sealed(district, batch)


def to_be_passed_on_by_education(district: District, batch: Batch) -> None:
    """What the end of a cycle needs before it is passed on."""
    to_be_stamped_by_education(district, batch)
    on("cycle", "education")(district, batch)


def to_be_stamped_by_education(district: District, batch: Batch) -> None:
    """What a year inside a cycle needs before it is passed on."""
    on("teacher", "education")(district, batch)
    a_seal(district.education)
    account_with("seal_keeper", district.education)


def stamped_year(district: District, record: AnnualRecord) -> None:
    on("teacher", "education")(district, record.batch)
    record.refresh_from_db()


def reversed_and_the_same(district: District, record: AnnualRecord) -> None:
    """Hours were reversed after it was decided, and what the paper says is what the ledger holds."""
    learned(record.person)
    counter(entry=LedgerEntry.objects.filter(person=record.person)[0], reason="代签", actor=district.approver)
    freeze_records([record])
    AnnualRecord.objects.filter(pk=record.pk).update(decided_at=clock.now() - timedelta(hours=1))
    record.refresh_from_db()


def a_year_reversed_and_the_same(district: District, record: AnnualRecord) -> None:
    stamped_year(district, record)
    reversed_and_the_same(district, record)


def filed_and_never_brought(district: District, record: AnnualRecord) -> None:
    """Given up although it was filed: its batch was closed when the season ended."""
    filed = {"state": "never_came", "first_submitted_at": clock.now(), "submitted_at": clock.now()}
    Batch.objects.filter(pk=record.batch_id).update(**filed)
    AnnualRecord.objects.filter(pk=record.pk).update(first_submitted_at=clock.now())
    record.refresh_from_db()


def unmet(district: District, record: AnnualRecord) -> None:
    AnnualRecord.objects.filter(pk=record.pk).update(verdict={**record.verdict, "outcome": "unmet"})


def unjudged(district: District, record: AnnualRecord) -> None:
    facts = {**record.facts, "category": "medical", "institution_level": "third"}
    verdict = {**record.verdict, "outcome": "undetermined", "rows": []}
    AnnualRecord.objects.filter(pk=record.pk).update(facts=facts, verdict=verdict)


def wrong(district: District, case: Any) -> Mapping[str, Any]:
    return {"items": [{"where": "第 1 行", "wrong": "证书编号有误", "mend": ""}]}


def returned_by_education(district: District, batch: Batch) -> Mapping[str, Any]:
    on("cycle", "education")(district, batch)
    return wrong(district, batch)


def returned_by_health(district: District, batch: Batch) -> Mapping[str, Any]:
    on("medical", "health")(district, batch)
    return wrong(district, batch)


def another_slot(district: District, case: Appointment) -> Mapping[str, Any]:
    return {"slot": a_slot(days=4, starts_at=time(14), ends_at=time(15))}


def begun(district: District, case: Appointment) -> None:
    Slot.objects.filter(pk=case.slot_id).update(date=clock.today() - timedelta(days=1))


KINDS = [
    Kind(
        Batch,
        quick_batch,
        ready={
            "send": on("medical", "health"),
            "resend": on("medical", "health"),
            "return": wrong,
            "allow_return": returned_before,
            "health_return": returned_by_health,
            "health_pass": on("medical", "health"),
            "education_return": returned_by_education,
            "education_pass": to_be_passed_on_by_education,
            "validate": to_be_stamped_by_education,
            "unvalidate": on("teacher", "education"),
            "reopen_year": on("teacher", "education"),
            "finish": settled,
            "stamp_pages": sealed,
            "stamp": sealed,
            "stamp_first": sealed_by_two,
        },
    ),
    Kind(
        AnnualRecord,
        quick_record,
        ready={
            "waive": unmet,
            "ask": unmet,
            "seal": sealed_first,
            "let_come": filed_and_never_brought,
            "verify_unjudged": unjudged,
            "revoke_year": stamped_year,
            "stands": reversed_and_the_same,
            "stands_year": a_year_reversed_and_the_same,
        },
    ),
    Kind(
        Appointment,
        an_appointment,
        ready={"move": another_slot, "come": begun, "miss": begun},
        outsiders={"health_reviewer", "education_reviewer"},
    ),
]

"""People with hours, batches in every state, slots and seals, for the tests of the yearly verification."""

from __future__ import annotations

from datetime import date, time, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from luojiang_ce import clock
from luojiang_ce.jobs.services import sweep
from luojiang_ce.papers.models import Seal
from luojiang_ce.workflow.engine import fire
from tests.blank_papers import blank_papers
from tests.conftest import District
from tests.factories import person_in
from units.models import Account, Certificate, Person, Title, Unit
from units.seals import FOR_VERIFICATION
from verification.batches import services
from verification.batches.facts import freeze_records
from verification.batches.models import AnnualRecord, Appointment, Batch, Material, Path, Slot
from verification.counter import deciding
from verification.ledger.services import NewEntry, post

YEAR = 2026
SEAL_NAME = "洛江区人力资源和社会保障局职业能力培训专用章"
NAMES = (
    *("温如故", "岳临川", "顾清和", "傅以宁", "沈听澜", "夏知远", "裴南枝", "陆怀远"),
    *("祁晏舟", "欧阳沛霖", "韩砚青", "白若谷", "闻人若兰", "卫长歌", "江晚照"),
)
_serial = count(1)


def learned(person: Person, public: str = "24", professional: str = "72", year: int = YEAR, **more: Any) -> None:
    """Post hours of a year; the unit that employs the person stands in for the class that earned them."""
    source = person.employments.get(ended_on=None).unit
    facts = {"measure": "hours", "form": "class", "title": "农产品质量安全检测技术培训班", **more}
    amounts = {"public": Decimal(public), "professional": Decimal(professional)}
    entries = [
        NewEntry(person_id=person.pk, year=year, subject=subject, amount=amount, course=f"{next(_serial)}", **facts)
        for subject, amount in amounts.items()
        if amount
    ]
    post(entries=entries, source=source, actor=Account.objects.first())


def staff(unit: Unit, number: int = 3, *, met: bool = True, booklet: bool = True, **more: Any) -> list[Person]:
    """People of a unit with a title, a booklet, and enough hours (or 86)."""
    people = []
    for _ in range(number):
        n = next(_serial)
        person = person_in(unit, f"{NAMES[n % len(NAMES)]}", **more)
        Title.objects.create(person=person, series="农业", name="农艺师", level="middle", since=date(2015, 3, 1))
        if booklet:
            kind = Certificate.Kind.MEDICAL if more.get("category") == "medical" else Certificate.Kind.GENERAL
            Certificate.objects.create(person=person, kind=kind, number=f"0526-{n:04d}")
        learned(person, *(("24", "72") if met else ("24", "62")))
        people.append(person)
    return people


def a_draft(district: District, people: list[Person] | None = None, *, path: str = Path.GENERAL) -> Batch:
    """A draft of the own unit that could be filed: three people who met the requirements."""
    unit = district.unit
    batch = services.open_batch(unit=unit, year=YEAR, path=path, actor=district.owner)
    Batch.objects.filter(pk=batch.pk).update(filler="林知秋", phone="0595-0000-0126")
    batch.refresh_from_db()
    chosen = staff(unit) if people is None else people
    services.add_people(batch=batch, people=[person.pk for person in chosen], actor=district.owner)
    return batch


RECORDS = {"draft": "listed", "returned": "listed", "decided": "verified", "stamped": "stamped"}


def a_batch(district: District, state: str = "submitted", **more: Any) -> Batch:
    """A batch of the own unit that stands in a state: assigned, not fired."""
    batch = a_draft(district, **more)
    record_state = RECORDS.get(state, "filed")
    filed = {} if state == "draft" else {"first_submitted_at": clock.now(), "submitted_at": clock.now()}
    number = None if state == "draft" else f"{YEAR}-V-{batch.pk:04d}"
    Batch.objects.filter(pk=batch.pk).update(state=state, number=number, **filed)
    batch.records.update(state=record_state, **filed)
    batch.refresh_from_db()
    return batch


def stamped(district: District, people: list[Person]) -> Batch:
    """A batch of these people, verified at the counter and stamped; its papers are issued, blank."""
    batch = a_batch(district, "submitted", people=people)
    services.refreeze(batch=batch, actor=district.handler)
    records = list(batch.records.values_list("pk", flat=True))
    deciding.decide(batch=batch, records=records, name="verify", actor=district.handler)
    Batch.objects.filter(pk=batch.pk).update(materials_seen=Material.values)
    batch.refresh_from_db()
    fire(batch, "finish", actor=district.handler)
    fire(batch, "stamp", actor=district.keeper, data={"seal": a_seal(district.bureau)})
    with blank_papers():
        sweep()
    return batch


def a_record(district: District, state: str = "filed", *, met: bool = True) -> AnnualRecord:
    """The record of one person, in a batch that is where such a record can be."""
    homes = {"listed": "draft", "given_up": "draft", "stamped": "stamped"}
    people = staff(district.unit, 1, met=met)
    batch = a_batch(district, homes.get(state, "submitted"), people=people)
    batch.records.update(state=state)
    return batch.records.get()


MET = {
    **{"outcome": "met", "label": "达标", "meaning": "is-done", "rule_title": "", "document": ""},
    **{"remark": "", "rows": []},
}


def quick_batch(district: District, state: str = "submitted", *, record: str = "") -> Batch:
    """A batch of one person in a state, straight into the tables: for tests that need thousands of them."""
    n = next(_serial)
    filed = {} if state == "draft" else {"first_submitted_at": clock.now(), "submitted_at": clock.now()}
    batch = Batch.objects.create(
        unit=district.unit,
        year=YEAR,
        sequence=n,
        state=state,
        number=f"{YEAR}-V-{n:04d}",
        filler="林知秋",
        phone="0595-0000-0126",
        created_by=district.owner,
        **filed,
    )
    AnnualRecord.objects.create(
        person=person_in(district.unit, NAMES[n % len(NAMES)]),
        year=YEAR,
        batch=batch,
        unit=district.unit,
        state=record or RECORDS.get(state, "filed"),
        certificate_number=f"0526-{n:04d}",
        unmet_reason="学时未补齐",
        facts={"sums": {}, "forms": [], "trainings": []},
        verdict=MET,
        first_year=YEAR,
        **filed,
    )
    return batch


def quick_record(district: District, state: str = "filed") -> AnnualRecord:
    """One person's record in a state, in a batch that is where such a record can be."""
    homes = {"listed": "draft", "given_up": "draft", "stamped": "stamped"}
    return quick_batch(district, homes.get(state, "submitted"), record=state).records.get()


def a_slot(*, days: int = 3, capacity: int = 3, **more: Any) -> Slot:
    """A slot some days from today."""
    facts = {"starts_at": time(9, 30), "ends_at": time(10), "place": "区人社局 2 号窗口", **more}
    return Slot.objects.create(date=clock.today() + timedelta(days=days), capacity=capacity, **facts)


def an_appointment(district: District, state: str = "booked", *, slot: Slot | None = None) -> Appointment:
    """An appointment of the own unit for a batch."""
    where = slot or a_slot()
    held = {"kept_until": clock.now() + timedelta(days=1)} if state == "held" else {}
    facts = {"unit": district.unit, "booked_by": district.owner, "state": state, **held}
    made = Appointment.objects.create(slot=where, seat=1, **facts)
    batch = quick_batch(district)
    Batch.objects.filter(pk=batch.pk).update(appointment=made)
    return made


def a_seal(owner: Unit, **more: Any) -> Seal:
    """The owner's verification seal, drawn, 样章 across it."""
    facts = {
        "name": SEAL_NAME,
        "purpose": FOR_VERIFICATION,
        "first_day": date(2017, 3, 3),
        "arc_text": "洛江区人力资源和社会保障局",
        "line_text": "职业能力培训专用章",
        "provider": Seal.Provider.DRAWN,
        "demo": True,
        **more,
    }
    return Seal.objects.create(owner_type=owner._meta.label_lower, owner_id=owner.pk, **facts)


def refrozen(batch: Batch) -> Batch:
    """The batch with its rows frozen as of now."""
    freeze_records(list(batch.records.all()))
    return batch

"""Races for hours and what they rest on: the ledger, signs, places, seats at the counter, numbers of booklets."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import partial
from itertools import count
from uuid import uuid4

from luojiang_ce import clock
from luojiang_ce.access import Role
from tests.conftest import District
from tests.drills.races import Race, Round, fired, refused
from tests.drills.races.papers import numbers_in, the_seal
from tests.factories import account_with, person_in
from tests.training.attendance.phone.phones import slot_of
from tests.training.classes.factories import an_application, enrolled
from tests.training.factories import class_of, enrol, recognition_of, sign_all, with_package
from tests.verification.batches.conftest import SEASON
from tests.verification.batches.samples import YEAR, a_batch, a_slot, staff
from tests.verification.booklets.written import job_of
from tests.verification.declarations.cases import in_state, with_evidence
from tests.verification.ledger.entries import a_source, hours, posted
from training.attendance.models import Sign
from training.attendance.phone import services as phone
from training.attendance.phone.guessing import Claim, trainee_of
from training.attendance.phone.models import Misses
from training.classes.models import Enrolment
from training.classes.services.trainees import enrol_own
from training.half_days import Slot
from training.recognition.models import Recognition
from units.models import Certificate, CertificatePattern
from units.services.certificates import set_pattern
from verification.batches.models import AnnualRecord, Appointment, Batch, Material
from verification.batches.services import check_materials, type_number
from verification.booklets.models import WrittenPage
from verification.booklets.services import mark_written, pages_of
from verification.counter.deciding import Decided, decide
from verification.counter.seats import book
from verification.counter.waiting import settle_waiting, wait_for
from verification.ledger.models import LedgerEntry
from verification.ledger.services import counter

NOON = datetime(2026, 5, 11, 12, 0, tzinfo=clock.SHANGHAI)
DAY = date(2026, 5, 11)
_serial = count(1)


def an_entry_of_a_source(district: District) -> Round:
    source, people = a_source(), [person_in(district.unit) for _ in range(3)]
    new = yield [partial(posted, source, district.handler, *map(hours, people))] * 4
    assert sorted(map(len, new)) == [0, 0, 0, 3]
    assert LedgerEntry.objects.filter(person__in=people).count() == 3


def a_counter_entry(district: District) -> Round:
    (entry,) = posted(a_source(), district.handler, hours(person_in(district.unit)))
    made = yield [partial(counter, entry=entry, reason="核对有误", actor=district.approver)] * 4
    assert len({each.pk for each in made}) == 1
    assert LedgerEntry.objects.filter(counter_of=entry).count() == 1


def hours_of_a_declaration(district: District) -> Round:
    case = with_evidence(in_state(district, "submitted"), district.owner)
    others = [account_with(Role.BUREAU_HANDLER, district.bureau) for _ in range(2)]
    said = yield [fired(case, "accept", who) for who in (district.handler, *others)]
    assert refused(said) == 2, said
    assert LedgerEntry.objects.filter(person=case.person).count() == 1


def hours_of_a_class(district: District) -> Round:
    """Who was there gets one entry, and the class one number and one list, of three approvers."""
    course = class_of(district.unit, opens_on=clock.today() - timedelta(days=5))
    person = person_in(district.unit)
    sign_all(course, [enrol(course, person)])
    case = recognition_of(course, state=Recognition.State.CHECKED)
    with_package(case, district.owner)
    others = [account_with(Role.BUREAU_APPROVER, district.bureau) for _ in range(2)]
    said = yield [fired(case, "recognise", who) for who in (district.approver, *others)]
    assert refused(said) == 2, said
    assert LedgerEntry.objects.filter(person=person).count() == 1
    assert case.outcomes.count() == 1


def a_class_at_noon(district: District) -> tuple[Slot, list[Enrolment]]:
    course = class_of(district.unit, opens_on=DAY, days=3)
    return slot_of(course, DAY), [enrol(course, person_in(district.unit)) for _ in range(3)]


def phones_of_one_trainee(district: District) -> Round:
    """Two phones, each tapped twice: one of them signs, once."""
    slot, (trainee, *_) = a_class_at_noon(district)
    devices = [uuid4().hex, uuid4().hex]
    taps = [partial(phone.sign, trainee=trainee, key=slot.key, kind="in", device=each) for each in devices * 2]
    said = yield taps
    assert refused(said) == 2, said
    assert Sign.objects.filter(enrolment=trainee).count() == 1


def trainees_of_one_phone(district: District) -> Round:
    slot, trainees = a_class_at_noon(district)
    device = uuid4().hex
    said = yield [partial(phone.sign, trainee=each, key=slot.key, kind="in", device=device) for each in trainees]
    assert refused(said) == 2, said
    assert Sign.objects.filter(enrolment__in=trainees).count() == 1


def misses_at_a_class(district: District) -> Round:
    slot, (trainee, *_) = a_class_at_noon(district)
    course = trainee.application
    claims = [Claim("某人", f"00000{n}", uuid4().hex, "198.51.100.7") for n in range(4)]
    said = yield [partial(trainee_of, application=course, key=slot.key, claim=claim) for claim in claims]
    assert refused(said) == 4
    counted = Misses.objects.filter(application=course, of__startswith="class:")
    assert set(counted.values_list("count", flat=True)) == {4}


def places_of_a_class(district: District) -> Round:
    """Three places, of which one is left, for four: the others stand in line, in one order."""
    case = an_application(district.unit, "approved", people=3)
    for _ in range(2):
        enrolled(case, person_in(district.unit))
    people = [person_in(district.unit) for _ in range(4)]
    clerks = (district.owner, district.colleague) * 2
    asks = [
        partial(enrol_own, application=case, person_ids=[person.pk], actor=district.fresh(clerk))
        for person, clerk in zip(people, clerks, strict=True)
    ]
    said = yield asks
    assert refused(said) == 0, said
    assert case.enrolments.present().count() == 3
    assert case.waiting.standing().count() == 3


def a_filed_batch(district: District) -> Batch:
    """That may be booked, straight into the table."""
    n = 1000 + next(_serial)
    filed = {"state": "submitted", "first_submitted_at": clock.now(), "created_by": district.owner}
    return Batch.objects.create(unit=district.unit, year=YEAR, sequence=n, number=f"{YEAR}-V-{n}", **filed)


def seats_of_a_slot(district: District) -> Round:
    slot = a_slot(capacity=2, place=f"第 {next(_serial)} 窗口")
    batches = [a_filed_batch(district) for _ in range(5)]
    asks = [partial(book, batches=[each], slot=slot, unit=district.unit, actor=district.owner) for each in batches]
    said = yield asks
    assert refused(said) == 3, said
    assert sorted(slot.appointments.values_list("seat", flat=True)) == [1, 2]
    assert Batch.objects.filter(pk__in=[each.pk for each in batches], appointment__isnull=False).count() == 2


def seats_of_a_batch(district: District) -> Round:
    """One batch, two slots, each clicked twice: it comes once."""
    slots = [a_slot(place=f"第 {next(_serial)} 窗口") for _ in range(2)]
    batch = a_filed_batch(district)
    yield [partial(book, batches=[batch], slot=each, unit=district.unit, actor=district.owner) for each in slots * 2]
    assert Appointment.objects.coming().filter(slot__in=slots).count() == 1


def a_seat_that_is_offered_while_another_is_booked(district: District) -> Round:
    """Of a batch that waits for a place which is free again: in the end it has one seat."""
    slots = [a_slot(capacity=1, place=f"第 {next(_serial)} 窗口") for _ in range(2)]
    booked, waits = a_filed_batch(district), a_filed_batch(district)
    facts = {"unit": district.unit, "actor": district.owner}
    former = book(batches=[booked], slot=slots[0], **facts)
    wait_for(batch=waits, slot=slots[0], **facts)
    fired(former, "cancel", district.owner, note="来不了")()
    yield [settle_waiting, partial(book, batches=[waits], slot=slots[1], **facts)] * 2
    settle_waiting()
    assert Appointment.objects.coming().get(slot__in=slots).state == Appointment.State.BOOKED
    waits.refresh_from_db()
    assert waits.has_seat


def a_decision_at_two_counters(district: District) -> Round:
    batch = a_batch(district, people=staff(district.unit, 1))
    (key,) = batch.records.values_list("pk", flat=True)
    said = (
        yield [
            partial(decide, batch=batch, records=[key], name="verify", actor=district.handler),
            partial(decide, batch=batch, records=[key], name="fail", actor=district.approver, reason="证书与本人不符"),
        ]
        * 2
    )
    assert sum(each.count for each in said if isinstance(each, Decided)) == 1, said
    assert refused(said) >= 2, "the other counter is told"
    assert AnnualRecord.objects.get(pk=key).state in ("verified", "failed")


def ready_to_stamp(district: District, number: int) -> Batch:
    """Everybody of it passed, nobody has a booklet yet."""
    batch = a_batch(district, people=staff(district.unit, number, booklet=False))
    keys = list(batch.records.values_list("pk", flat=True))
    decide(batch=batch, records=keys, name="verify", actor=district.handler)
    check_materials(batch=batch, seen=Material.values, actor=district.handler)
    return batch


def numbers_of_booklets(district: District) -> Round:
    """Two batches, each stamped by two: the numbers run on from the round before."""
    if not CertificatePattern.objects.exists():
        set_pattern(kind="general", typed="洛继教{序号:4}", following=1, actor=district.system_admin)
    batches, seal = [ready_to_stamp(district, 2) for _ in range(2)], the_seal(district)
    before = Certificate.objects.filter(number__startswith="洛继教").count()
    keepers = (district.keeper, account_with(Role.SEAL_KEEPER, district.bureau))
    said = yield [fired(each, "stamp_pages", who, data={"seal": seal}) for each in batches for who in keepers]
    assert refused(said) == 2, said
    given = AnnualRecord.objects.filter(batch__in=batches).values_list("certificate_number", flat=True)
    assert sorted(numbers_in(given)) == list(range(before + 1, before + 5))
    assert Certificate.objects.filter(number__in=list(given)).count() == 4


def a_booklet_s_number_that_two_type(district: District) -> Round:
    rows, number = [ready_to_stamp(district, 1).records.get() for _ in range(2)], f"0526-9{next(_serial):03d}"
    said = yield [partial(type_number, row=row, number=number, actor=district.handler) for row in rows]
    assert refused(said) == 1, said
    assert Certificate.objects.filter(number=number).count() == 1


def a_page_of_a_booklet(district: District) -> Round:
    (person,) = staff(district.unit, 1)
    page = pages_of([person], YEAR)[person.pk]
    facts = {"job": job_of(person), "year": YEAR, "seen": page.mark, "on": clock.today()}
    made = yield [partial(mark_written, actor=who, **facts) for who in (district.owner, district.colleague) * 2]
    assert len({each.pk for each in made}) == 1
    assert WrittenPage.objects.filter(person=person).count() == 1


RACES = (
    *map(Race, (an_entry_of_a_source, a_counter_entry, hours_of_a_declaration, hours_of_a_class, places_of_a_class)),
    *(Race(run, NOON) for run in (phones_of_one_trainee, trainees_of_one_phone, misses_at_a_class)),
    *(Race(run, SEASON) for run in (seats_of_a_slot, seats_of_a_batch, a_decision_at_two_counters)),
    Race(a_seat_that_is_offered_while_another_is_booked, SEASON),
    *(Race(run, SEASON) for run in (numbers_of_booklets, a_booklet_s_number_that_two_type, a_page_of_a_booklet)),
)

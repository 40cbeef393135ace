"""What is begun in the drill of kills: five acts of a morning, each on what its own unit has prepared for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import islice, product
from pathlib import Path
from random import Random
from typing import Any

from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import Role
from luojiang_ce.backup.copying import MANIFEST, copies
from luojiang_ce.jobs.models import Job
from luojiang_ce.papers.models import Paper
from luojiang_ce.papers.services import JOB as ISSUE
from luojiang_ce.sheets.imports import SMALL_BYTES
from luojiang_ce.sheets.models import ImportBatch
from luojiang_ce.sheets.services import CHUNK_ROWS
from luojiang_ce.workflow.engine import fire
from luojiang_ce.workflow.events import record
from tests.conftest import District
from tests.drills.system import Sender, System
from tests.factories import UnitFactory, account_with, id_number, person_in
from tests.luojiang_ce.workflow.rows_on_record import put_on_record
from tests.training.factories import class_of, enrol, sign_all, with_package
from tests.units.roster.rosters import workbook
from tests.verification.batches.samples import learned
from training.recognition.models import Recognition
from training.recognition.services import open_recognition
from units.models import Account, Certificate, Person, Title, Unit
from verification.batches.models import Batch, Material
from verification.batches.services import add_people, check_materials, open_batch, save_head
from verification.counter.deciding import decide
from verification.direct.models import DirectTraining
from verification.direct.services import list_people, save_training

BACK_UP = "luojiang_ce.backup.tasks.back_up"
ROWS = CHUNK_ROWS + 1  # two chunks, of a file so big that the worker reads and writes them
SURNAMES, GIVEN = "温岳顾傅沈夏裴陆祁韩白卫江苏林", "清和以宁听澜知远晏舟砚青"
IN_BATCH, ON_LIST, IN_CLASS = ("温如故", "岳临川", "顾清和"), ("傅以宁", "沈听澜"), ("夏知远", "裴南枝")


@dataclass(frozen=True)
class Share:
    """A unit with its clerk and all that is acted upon: the same for each but for names and numbers of the unit."""

    number: int
    unit: Unit
    clerk: Account
    roster: bytes
    batch: Batch
    recognition: Recognition
    training: DirectTraining

    def imports(self) -> Any:
        """What was imported into the unit."""
        return ImportBatch.objects.filter(scope_type=Unit._meta.label_lower, scope_id=self.unit.pk)


@dataclass(frozen=True)
class Office:
    """The running system, who acts in it, and where its copies lie."""

    system: System
    district: District
    copies: Path

    def send(self, account: Account, case: Any, name: str) -> None:
        """Take a step of a case on its page."""
        address = reverse("workflow:act", args=[case._meta.label_lower, case.pk, name])
        Sender(self.system, account).send(address, ".//*[@name='note']")


@dataclass(frozen=True)
class Part:
    """What the worker does of an act: whether it has begun, and how long it took (seconds)."""

    has_begun: Callable[[Office, Share], bool]
    took: Callable[[Office, Share], float]


@dataclass(frozen=True)
class Act:
    """`begin` returns when its forms have been answered, `is_done` says whether all that follows from it is there;
    `victims` are those who may be killed meanwhile."""

    name: str
    begin: Callable[[Office, Share], None]
    is_done: Callable[[Office, Share], bool]
    parts: tuple[Part, ...]
    victims: tuple[tuple[str, ...], ...] = (("web",), ("worker",), ("web", "worker"))


# --- what is prepared -------------------------------------------------------------------------------------------------


def shares(district: District, count: int) -> list[Share]:
    """So many units, each with a roster to import, a batch to stamp, a class to recognise, a training to stamp."""
    units = [UnitFactory(is_provider=True) for _ in range(count)]
    clerks = [account_with(Role.UNIT_CLERK, unit) for unit in units]
    with clock.at(_in_season()):
        put_on_record(district)
        batches = [_decided(district, unit, clerk) for unit, clerk in zip(units, clerks, strict=True)]
    rest = [(_checked(district, *each), _listed(district, each[0])) for each in zip(units, clerks, strict=True)]
    return [
        Share(number, units[number], clerks[number], _roster(number), batches[number], *rest[number])
        for number in range(count)
    ]


def _in_season() -> datetime:
    """In this January, or now where it is earlier still."""
    now = clock.local(clock.now())
    return min(now, datetime(now.year, 1, 10, 10, tzinfo=clock.SHANGHAI))


def _roster(number: int) -> bytes:
    """No two of a name or of a birthday: a list of like ones would be taken for tries at somebody's number. The last
    column, which is not read, makes the file big."""
    names = islice(product(SURNAMES, GIVEN, GIVEN), ROWS)
    first, filling = date(1960, 1, 1), Random(number)
    rows = [
        ("".join(name), id_number(number, birth=first + timedelta(days=day)), "男", filling.randbytes(1000).hex())
        for day, name in enumerate(names)
    ]
    file = workbook(*rows, titles=("姓名", "身份证号", "性别", "简历")).getvalue()
    assert len(file) > SMALL_BYTES
    return file


def _decided(district: District, unit: Unit, clerk: Account) -> Batch:
    """Last year's batch, worked through at the counter: it waits for the seal."""
    year = clock.today().year - 1
    record(unit, "created", actor=clerk)  # what the hours of its people stand for
    batch = open_batch(unit=unit, year=year, path="general", actor=clerk)
    head = {"filler": "林知秋", "phone": "0595-0000-0126", "note": ""}
    batch = save_head(batch=batch, version=batch.version, values=head, actor=clerk)
    people = [_verified(unit, name, year, place) for place, name in enumerate(IN_BATCH)]
    add_people(batch=batch, people=[person.pk for person in people], actor=clerk)
    batch = Batch.objects.get(pk=batch.pk)
    fire(batch, "submit", actor=clerk)
    rows = list(batch.records.values_list("pk", flat=True))
    decide(batch=batch, records=rows, name="verify", actor=district.handler)
    check_materials(batch=batch, seen=Material.values, actor=district.handler)
    batch = Batch.objects.get(pk=batch.pk)
    fire(batch, "finish", actor=district.handler)
    return batch


def _verified(unit: Unit, name: str, year: int, place: int) -> Person:
    person = person_in(unit, name)
    Title.objects.create(person=person, series="农业", name="农艺师", level="middle", since=date(2015, 3, 1))
    Certificate.objects.create(person=person, kind=Certificate.Kind.GENERAL, number=f"{unit.pk:04d}-{place:04d}")
    learned(person, year=year)
    return person


def _checked(district: District, unit: Unit, clerk: Account) -> Recognition:
    """Of a class that ended the day before yesterday: it waits for the approver."""
    course = class_of(unit, opens_on=clock.today() - timedelta(days=3))
    for given in (course.project.plan, course.project, course):
        record(given, "created", actor=clerk)
    sign_all(course, [enrol(course, person_in(unit, name)) for name in IN_CLASS])
    case = open_recognition(application=course, actor=clerk)
    with_package(case, clerk)
    fire(case, "submit", actor=clerk)
    fire(case, "check", actor=district.handler, note="材料齐全")
    return case


def _listed(district: District, unit: Unit) -> DirectTraining:
    """The bureau's training of people of the unit: its list waits for the seal."""
    last = clock.today() - timedelta(days=3)
    facts = {"kind": "induction", "title": "新录用人员初任培训班", "document": "测文〔2026〕7号", "subject": "public"}
    days = {"date_from": last, "date_to": last, "year": last.year, "amount": Decimal("24.0")}
    training = save_training(training=DirectTraining(**facts, **days), actor=district.handler)
    people = [person_in(unit, name) for name in ON_LIST]
    list_people(training=training, people=people, actor=district.handler)
    training = DirectTraining.objects.get(pk=training.pk)
    fire(training, "prepare", actor=district.handler)
    return training


# --- what is done -----------------------------------------------------------------------------------------------------


def _import(office: Office, share: Share) -> None:
    clerk, file = Sender(office.system, share.clerk), ("roster.xlsx", share.roster)
    page = clerk.send(reverse("roster:upload"), ".//input[@type='file']", files={"file": file})
    office.system.until(lambda: share.imports().get().state != ImportBatch.State.READING)
    clerk.send(page, ".//button[@value='confirm']", do="confirm")


def _jobs(kind: str, cases: Callable[[Share], Any]) -> Part:
    """Jobs of a kind on these cases of a share."""

    def taken(share: Share) -> Any:
        rows = cases(share)
        jobs = Job.objects.filter(case_type=rows.model._meta.label_lower, case_id__in=rows.values("pk"))
        return jobs.filter(kind=kind, started_at__isnull=False)

    return Part(
        lambda office, share: taken(share).exists(),
        lambda office, share: max((job.ended_at - job.started_at).total_seconds() for job in taken(share)),
    )


def _is_imported(office: Office, share: Share) -> bool:
    return bool(share.imports().get().state == ImportBatch.State.CONFIRMED)


def _is_issued(case: Any) -> bool:
    """Are all its papers in force?"""
    return set(Paper.objects.of(case).values_list("state", flat=True)) == {Paper.State.ISSUED}


def _back_up(office: Office, share: Share) -> None:
    office.system.tell(BACK_UP)


def _is_backed_up(office: Office, share: Share) -> bool:
    """One copy for each share so far."""
    return len(copies(office.copies)) > share.number


def _copying_has_begun(office: Office, share: Share) -> bool:
    return any(office.copies.glob(".2*")) or _is_backed_up(office, share)


def _copying_took(office: Office, share: Share) -> float:
    copy = copies(office.copies)[-1]
    return (copy.folder / MANIFEST).stat().st_mtime - copy.made_at.timestamp()


def _issuing(name: str, account: str, step: str, case: str) -> Act:
    """A step on the page of one of the share's cases, after which the worker makes papers."""

    def of(share: Share) -> Any:
        return getattr(share, case)

    return Act(
        name,
        lambda office, share: office.send(getattr(office.district, account), of(share), step),
        lambda office, share: _is_issued(of(share)),
        (_jobs(ISSUE, lambda share: type(of(share)).objects.filter(pk=of(share).pk)),),
    )


ACTS = (
    Act("import", _import, _is_imported, (_jobs("roster_read", Share.imports), _jobs("roster_confirm", Share.imports))),
    _issuing("stamping", "keeper", "stamp", "batch"),
    _issuing("recognition", "approver", "recognise", "recognition"),
    _issuing("direct stamping", "keeper", "stamp", "training"),
    Act(
        "backup",
        _back_up,
        _is_backed_up,
        (Part(_copying_has_begun, _copying_took),),
        victims=(("worker",), ("web", "worker")),
    ),
)

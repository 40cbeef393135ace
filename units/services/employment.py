"""Where a person works, since when and until when: taking on, leaving, moving (product.md U3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Q

from luojiang_ce import clock
from luojiang_ce.access import DO_BUREAU_WORK, Actor
from luojiang_ce.refusals import NotPossible
from luojiang_ce.sheets.cells import clean_name
from luojiang_ce.words import squeezed
from luojiang_ce.workdays.text import full
from luojiang_ce.workflow.events import record
from units.access import must_file_for, why_suspended
from units.arrivals import match_arrivals
from units.identity.documents import Document
from units.identity.names import is_same_name
from units.models import Certificate, Employment, Person, Title, Unit
from units.services.certificates import TAKEN, is_taken, kind_for, save_once
from units.services.people import check_after_last, check_birth, check_name, document_of, set_document, set_name
from units.services.problems import Problems, lock_fresh
from units.services.records import TitleFacts

DAY = timedelta(days=1)
# One answer, whether the number is another unit's or another name's: it tells nobody who guesses which.
NOT_HERE = (
    "该证件号码和姓名不能由本单位登记：可能有一项抄错，也可能此人已在其他单位登记。请对照证件核对；核对无误的，"
    "可以“申请调入”，由其所在单位或区人社局同意后办理调动；确已更名的，请联系区人社局促进就业和培训股"
)


@dataclass(frozen=True)
class Newcomer:
    """A person as typed when taken on; `birth` and `sex` count only for a passport, which says neither."""

    name: str
    kind: str
    number: str
    category: str = Person.Category.GENERAL
    birth: date | None = None
    sex: str = ""
    note: str = ""
    title: TitleFacts | None = None
    certificate: str = ""


class KnownPerson(Exception):
    """The newcomer is already known and works nowhere now: the clerk may take this person on."""

    def __init__(self, person: Person) -> None:
        super().__init__("此人已在系统中登记，目前没有任职单位")
        self.person = person


def enrol(
    *, unit: Unit, newcomer: Newcomer, started_on: date, actor: Actor, department: str = "", take_on_known: bool = False
) -> Person:
    """Take somebody on in a unit: a new person, or with `take_on_known` one who is known and works nowhere.

    One person is registered once in the whole district. Raises NotPossible with all problems (an ID that works
    elsewhere, without naming the unit), KnownPerson, or PermissionDenied unless the actor files for the unit. A known
    person keeps the facts on record.
    """
    must_file_for(unit.pk, actor)
    with transaction.atomic():
        document, known = _read_newcomer(unit, newcomer, started_on)
        if known and not take_on_known:
            raise KnownPerson(known)
        person = known or _register(newcomer, document, actor)
        job = Employment.objects.create(person=person, unit=unit, department=department.strip(), started_on=started_on)
        person.count_edit(actor)
        person.save()
        data = {"employment": job.pk, "unit": unit.pk, "on": started_on}
        record(person, "taken_on", actor=actor, note=f"{unit}，{full(started_on)} 起", data=data)
        match_arrivals()
    return person


def end_employment(
    *, person: Person, reason: str, last_day: date, actor: Actor, note: str = "", version: int | None = None
) -> Employment:
    """Let a person leave (moved out, left, retired, died); the last day still counts. Raises NotPossible, Conflict."""
    with transaction.atomic():
        locked = lock_fresh(person, version)
        job = Employment.objects.filter(person=locked, ended_on=None).select_for_update().first()
        if job is None:
            raise NotPossible(last_day="此人目前没有任职单位，可能刚刚被登记离开，请到此人的页面核对")
        problems = Problems()
        problems.add_if(reason not in Employment.End.values, "reason", "请选择离开的原因")
        problems.add_if(last_day > clock.today(), "last_day", "最后一天不能晚于今天，请到那天再登记")
        if job.started_on is None:
            check_after_last(locked, last_day, "last_day", problems)
        elif last_day < job.started_on:
            problems.add("last_day", f"早于到本单位的日期 {full(job.started_on)}，请核对")
        problems.raise_any()
        _end(job, reason, last_day)
        locked.count_edit(actor)
        locked.save()
        data = {"employment": job.pk, "unit": job.unit_id, "reason": reason, "last_day": last_day}
        what = f"{job.unit} {Employment.End(reason).label}，最后一天 {full(last_day)}"
        record(locked, "left", actor=actor, note="。".join(filter(None, (what, note.strip()))), data=data)
    return job


def undo_leaving(*, job: Employment, reason: str, actor: Actor) -> Person:
    """The person works on in the unit as before: a leaving was recorded by mistake, or with a wrong day (it is then
    recorded anew). By the unit itself or the bureau. Raises NotPossible, or PermissionDenied."""
    if not actor.holds(*DO_BUREAU_WORK.roles):
        must_file_for(job.unit_id, actor)
    if not reason.strip():
        raise NotPossible(reason="请写明撤销的理由，如日期录错")
    with transaction.atomic():
        person = lock_fresh(job.person, None)
        locked = Employment.objects.select_for_update().get(pk=job.pk)
        if locked.ended_on is None:
            raise NotPossible("此人已在本单位任职，可能刚刚已经撤销")
        if person.employments.filter(Q(ended_on=None) | Q(ended_on__gt=locked.ended_on)).exists():
            raise NotPossible("此人之后已有别的任职，不能撤销；有误的请联系区人社局促进就业和培训股")
        what = f"{job.unit} {locked.get_end_reason_display()}，最后一天 {full(locked.ended_on)}"
        _end(locked, "", None)
        person.count_edit(actor)
        person.save()
        record(person, "leaving_undone", actor=actor, note=f"{what}。{reason.strip()}", data={"employment": job.pk})
    return person


def transfer(
    *, person: Person, to: Unit, on: date, actor: Actor, reason: str, department: str = "", version: int | None = None
) -> Employment:
    """Move a person to another unit from a day on: an act of the bureau. Raises NotPossible or Conflict."""
    with transaction.atomic():
        locked = lock_fresh(person, version)
        job = Employment.objects.filter(person=locked, ended_on=None).select_for_update().first()
        problems = move_problems(locked, job, to, on)
        problems.add_if(not reason.strip(), "reason", "请写明依据，如调令文号或双方单位意见")
        problems.raise_any()
        if job:
            _end(job, Employment.End.MOVED, on - DAY)
        new = Employment.objects.create(person=locked, unit=to, department=department.strip(), started_on=on)
        locked.count_edit(actor)
        locked.save()
        data = {"from": job.unit_id if job else None, "to": to.pk, "on": on, "employment": new.pk}
        note = f"{job.unit if job else '无任职单位'} → {to}，{full(on)} 起。{reason.strip()}"
        record(locked, "transferred", actor=actor, note=note, data=data)
        match_arrivals()
    return new


def _read_newcomer(unit: Unit, newcomer: Newcomer, started_on: date) -> tuple[Document, Person | None]:
    """The document, and the person who is already known by it; raises NotPossible with all problems."""
    problems = Problems()
    check_name(clean_name(newcomer.name), problems)
    document = document_of(newcomer.kind, newcomer.number, problems)
    if refused := why_suspended(unit, "新增人员"):
        problems.add("unit", refused)
    problems.add_if(started_on > clock.today(), "started_on", "到本单位的日期不能晚于今天，请到那天再录入")
    number = squeezed(newcomer.certificate)
    own = _free(document, newcomer) if document else None
    problems.add_if(number and is_taken(kind_for(newcomer.category), number, own), "certificate", TAKEN)
    # All else is right before the number is looked up: who guesses wrong has registered somebody, on record.
    problems.raise_any()
    assert document is not None
    known = _known(document, newcomer, unit, started_on, problems)
    problems.raise_any()
    return document, known


def _free(document: Document, newcomer: Newcomer) -> Person | None:
    """Whom the number and the name mean, if that person works nowhere."""
    person = Person.objects.with_id_number(document.number).first()
    if person is None or person.employments.filter(ended_on=None).exists():
        return None
    return person if is_same_name(person.name, clean_name(newcomer.name)) else None


def _known(document: Document, newcomer: Newcomer, unit: Unit, started_on: date, problems: Problems) -> Person | None:
    person = Person.objects.select_for_update().with_id_number(document.number).first()
    if person is None:
        return None
    job = person.employments.filter(ended_on=None).first()
    if job and job.unit_id == unit.pk:
        problems.add("number", f"该证件号码的人员已在本单位名册中（{person.name}），无须再录入")
    elif job or not is_same_name(person.name, clean_name(newcomer.name)):
        problems.add("number", NOT_HERE)
    else:
        check_after_last(person, started_on, "started_on", problems)
    return person


def _register(newcomer: Newcomer, document: Document, actor: Actor) -> Person:
    check_birth(newcomer.birth)
    person = Person(category=newcomer.category, birth=newcomer.birth, sex=newcomer.sex, note=newcomer.note.strip())
    set_name(person, clean_name(newcomer.name))
    set_document(person, document)
    person.save()
    if newcomer.title and any(newcomer.title.values()):
        Title.objects.create(person=person, **newcomer.title)
    if number := squeezed(newcomer.certificate):
        row = Certificate(person=person, kind=kind_for(newcomer.category), number=number)
        save_once(row, field="certificate")
    record(person, "registered", actor=actor)
    return person


def _end(job: Employment, reason: str, last_day: date | None) -> None:
    job.ended_on, job.end_reason = last_day, reason
    job.save(update_fields=["ended_on", "end_reason"])


def move_problems(person: Person, job: Employment | None, to: Unit, on: date) -> Problems:
    """What stands in the way of moving somebody from the running employment, if any, to a unit from a day on."""
    problems = Problems()
    problems.add_if(to.status != Unit.Status.ACTIVE, "to", f"“{to.name}”{to.get_status_display()}，不能调入")
    problems.add_if(job and job.unit_id == to.pk, "to", "此人已在该单位任职，请选择另一单位")
    problems.add_if(on > clock.today(), "on", "调入日期不能晚于今天，请到那天再办理")
    if job and job.started_on:
        problems.add_if(on <= job.started_on, "on", f"须晚于到现单位的日期 {full(job.started_on)}")
    else:
        check_after_last(person, on, "on", problems)
    return problems

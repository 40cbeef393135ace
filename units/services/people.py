"""A person's own facts: changing them, another name, another document, showing the number (product.md U2)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, TypedDict, Unpack

from django.db import transaction
from django.db.models import Max

from luojiang_ce import clock
from luojiang_ce.access import DO_BUREAU_WORK, Actor
from luojiang_ce.refusals import NotPossible
from luojiang_ce.sheets.cells import clean_name
from luojiang_ce.workdays.text import full
from luojiang_ce.workflow.changes import in_words, record_edit, values_of
from luojiang_ce.workflow.events import record
from luojiang_ce.workflow.models import Event
from units.arrivals import match_arrivals
from units.identity.documents import BadDocument, Document, read_document
from units.identity.names import is_valid_name, readings
from units.models import Employment, Person
from units.services.problems import Problems, assign, lock_fresh

REVEALED = "id_revealed"
REVEALS_PER_HOUR = 30  # more than any counter needs; a whole roster copied out by hand is stopped


class PersonFacts(TypedDict, total=False):
    """What may be corrected by plain editing. `sex` and `birth` are taken only where the document says neither."""

    category: str
    note: str
    sex: str
    birth: date | None
    started_on: date | None


def update_person(
    *,
    person: Person,
    actor: Actor,
    version: int | None = None,
    department: str | None = None,
    **facts: Unpack[PersonFacts],
) -> Person:
    """Change a person's facts, and the department of the running employment. Raises NotPossible or Conflict.

    `started_on`, where given: when the running employment began. A clerk fills it in where it is unknown; a day on
    record is corrected, or emptied where nobody knows, by the bureau alone.
    """
    with transaction.atomic():
        locked = lock_fresh(person, version)
        if locked.id_says_birth_and_sex:
            facts.pop("sex", None)
            facts.pop("birth", None)
        job = locked.employments.filter(ended_on=None).first()
        before = [(row, values_of(row)) for row in (locked, job) if row]
        start = {}
        if "started_on" in facts:
            start = _settle_start(locked, job, facts.pop("started_on"), actor)
        assign(locked, facts)
        check_birth(locked.birth)
        if job and department is not None:
            job.department = department
        if any(in_words(row, was) for row, was in before):
            locked.count_edit(actor)
            for row, _ in before:
                row.save()
            record_edit(locked, *before, actor=actor, data=start)
    return locked


def rename_person(*, person: Person, name: str, reason: str, actor: Actor, version: int | None = None) -> Person:
    """Correct or change a name. The former one stays in the note of the event. Raises NotPossible or Conflict."""
    name = clean_name(name)
    with transaction.atomic():
        locked = lock_fresh(person, version)
        problems = Problems()
        check_name(name, problems)
        problems.add_if(name == locked.name, "name", "与现在的姓名相同，无须更改")
        problems.add_if(not reason.strip(), "reason", "请写明更名的理由和依据，如户口簿更名记载、录入有误")
        problems.raise_any()
        note = f"原姓名：{locked.name}；现姓名：{name}。{reason.strip()}"
        set_name(locked, name)
        locked.count_edit(actor)
        locked.save()
        record(locked, "renamed", actor=actor, note=note)
        match_arrivals()
    return locked


def correct_document(
    *, person: Person, kind: str, number: str, reason: str, actor: Actor, version: int | None = None
) -> Person:
    """Put in another ID document (an act of the bureau); the note keeps the old one masked. Raises NotPossible or
    Conflict."""
    problems = Problems()
    document = document_of(kind, number, problems)
    problems.add_if(not reason.strip(), "reason", "请写明更正的理由，如录入有误、证件换发")
    with transaction.atomic():
        locked = lock_fresh(person, version)
        if document:
            others = Person.objects.exclude(pk=locked.pk).with_id_number(document.number)
            problems.add_if(others.exists(), "number", "该证件号码已登记给另一人，一人只能登记一次，请核对")
        problems.raise_any()
        assert document is not None
        note = f"原证件：{locked.get_id_kind_display()} {locked.id_end}。{reason.strip()}"
        set_document(locked, document)
        locked.count_edit(actor)
        locked.save()
        record(locked, "document_corrected", actor=actor, note=note)
        match_arrivals()
    return locked


def reveal_id(*, person: Person, actor: Actor, why: str) -> str:
    """The full ID number, after the act of showing it is on record (domain.md §6).

    Raises NotPossible without a reason, and above REVEALS_PER_HOUR.
    """
    if len(why.strip()) < 2:
        raise NotPossible(why="请写明查看完整号码的用途，如“核对毕业证书”")
    with transaction.atomic():
        since = clock.now() - timedelta(hours=1)
        if Event.objects.filter(name=REVEALED, actor_id=actor.pk, at__gte=since).count() >= REVEALS_PER_HOUR:
            raise NotPossible(f"一小时内最多显示 {REVEALS_PER_HOUR} 次完整号码，请稍后再试；批量核对请用花名册")
        record(person, REVEALED, actor=actor, note=why.strip())
    return person.id_number


def check_name(name: str, problems: Problems) -> None:
    """A tidied name that can be kept."""
    wrong = "姓名只能是文字、间隔号“·”和外文姓名中的空格、连字符，请去掉其他符号"
    if not name:
        problems.add("name", "请填写姓名，与证件一致")
    else:
        problems.add_if(not is_valid_name(name), "name", wrong)


def check_birth(birth: date | None) -> None:
    """Raises NotPossible for a birth date that cannot be."""
    if birth and not date(1900, 1, 1) <= birth <= clock.today():
        raise NotPossible(birth="出生日期不可能，请核对年份")


def check_after_last(person: Person, day: date, field: str, problems: Problems) -> None:
    """A day in the present or a new unit comes after the last employment that ended."""
    last = person.employments.aggregate(last=Max("ended_on"))["last"]
    if last and day <= last:
        problems.add(field, f"此人在上一单位任职到 {full(last)}，这个日期须在其后")


def document_of(kind: str, number: str, problems: Problems) -> Document | None:
    """The document typed, or None with the reason among the problems."""
    if not number.strip():
        problems.add("number", "请填写证件号码")
        return None
    try:
        return read_document(kind, number, today=clock.today())
    except BadDocument as bad:
        problems.add("number", str(bad))
        return None


def set_name(person: Person, name: str) -> None:
    """The name with what search needs of it."""
    person.name = name
    person.pinyin, person.initials = readings(name)


def set_document(person: Person, document: Document) -> None:
    """The number sealed, with the birth date and sex that it says."""
    person.id_kind = document.kind
    person.seal_id(document.number)
    person.birth = document.birth or person.birth
    person.sex = document.sex or person.sex


def _settle_start(person: Person, job: Employment | None, started_on: date | None, actor: Actor) -> dict[str, Any]:
    """Set when the running employment began, as far as it is the actor's to say; what the event says: from and to."""
    if job is None or job.started_on == started_on or (job.started_on and not actor.holds(*DO_BUREAU_WORK.roles)):
        return {}
    problems = Problems()
    if started_on:
        problems.add_if(started_on > clock.today(), "started_on", "到本单位的日期不能晚于今天，请核对")
        check_after_last(person, started_on, "started_on", problems)
    problems.raise_any()
    was, job.started_on = job.started_on, started_on
    return {"started_on": [was, started_on]}

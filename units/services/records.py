"""What hangs on a person: titles, certificates, study periods (product.md U2)."""

from __future__ import annotations

from datetime import date
from typing import TypedDict, TypeVar, Unpack

from django.db import transaction

from luojiang_ce import clock
from luojiang_ce.access import Actor
from luojiang_ce.refusals import NotPossible
from luojiang_ce.words import squeezed
from luojiang_ce.workflow.changes import Values, in_words, values_of
from luojiang_ce.workflow.events import record
from luojiang_ce.workflow.undo import put_in, take_away
from units.models import Certificate, Person, StudyPeriod, Title
from units.services.certificates import TAKEN, is_taken, key_of, save_once
from units.services.problems import Problems, assign, lock_fresh

CYCLE_YEARS = 5  # notice 一(三)3


class TitleFacts(TypedDict, total=False):
    """A professional title: series, name, level (code of Title.Level), since when."""

    series: str
    name: str
    level: str
    since: date | None


class CertificateFacts(TypedDict, total=False):
    """A booklet: kind (code of Certificate.Kind), number, from, to."""

    kind: str
    number: str
    valid_from: date | None
    valid_to: date | None


class PeriodFacts(TypedDict, total=False):
    """任职周期 or 教师五年周期: kind (code of StudyPeriod.Kind), first and last year."""

    kind: str
    first_year: int
    last_year: int


Record = Title | Certificate | StudyPeriod
R = TypeVar("R", Title, Certificate, StudyPeriod)


def save_title(
    *,
    person: Person,
    actor: Actor,
    title: Title | None = None,
    is_current: bool = True,
    version: int | None = None,
    **facts: Unpack[TitleFacts],
) -> Title:
    """Add a title, or correct one; a current one takes the place of the former, which stays as history.

    Raises NotPossible or Conflict.
    """
    with transaction.atomic():
        locked = lock_fresh(person, version)
        row = _own(Title, locked, title)
        before = _stored(row)
        assign(row, {**facts, "is_current": is_current})
        problems = Problems()
        problems.add_if(not (row.name or row.level), "name", "专业技术职务和级别至少填一项")
        problems.add_if(row.since and row.since > clock.today(), "since", "任职时间不能晚于今天")
        problems.raise_any()
        if is_current:
            Title.objects.filter(person=locked, is_current=True).exclude(pk=row.pk).update(is_current=False)
        row.save()
        _note(locked, "title_saved", row, actor, in_words(row, before))
    return row


def save_certificate(
    *,
    person: Person,
    actor: Actor,
    certificate: Certificate | None = None,
    version: int | None = None,
    **facts: Unpack[CertificateFacts],
) -> Certificate:
    """Add a booklet or correct it. Raises NotPossible or Conflict."""
    with transaction.atomic():
        locked = lock_fresh(person, version)
        row = _own(Certificate, locked, certificate)
        before = _stored(row)
        assign(row, facts)
        row.number = squeezed(row.number)
        problems = Problems()
        others = Certificate.objects.filter(person=locked).exclude(pk=row.pk).values_list("kind", "number")
        same = key_of(row.kind, row.number) in {key_of(*each) for each in others}
        problems.add_if(not row.number, "number", "请填写证书编号")
        problems.add_if(same, "number", "此人已登记过这本证书，请核对编号")
        problems.add_if(row.number and is_taken(row.kind, row.number, locked), "number", TAKEN)
        wrong = row.valid_from and row.valid_to and row.valid_to < row.valid_from
        problems.add_if(wrong, "valid_to", "终止日期早于起始日期，请核对")
        problems.raise_any()
        row.disputed = False
        save_once(row, field="number")
        _note(locked, "certificate_saved", row, actor, in_words(row, before))
    return row


def save_period(
    *,
    person: Person,
    actor: Actor,
    period: StudyPeriod | None = None,
    version: int | None = None,
    **facts: Unpack[PeriodFacts],
) -> StudyPeriod:
    """Add a tenure or teachers' cycle or correct it; two of one kind share no year. Raises NotPossible or Conflict."""
    with transaction.atomic():
        locked = lock_fresh(person, version)
        row = _own(StudyPeriod, locked, period)
        before = _stored(row)
        assign(row, facts)
        _check_period(row)
        row.save()
        _note(locked, "period_saved", row, actor, in_words(row, before))
    return row


def remove_record(*, row: Record, person: Person, actor: Actor, reason: str, version: int | None = None) -> str:
    """Take off a title, certificate or period that was entered by mistake; returns what `restore_record` takes. Raises
    NotPossible or Conflict."""
    if not reason.strip():
        raise NotPossible(reason="请写明删除的理由，如录入有误")
    with transaction.atomic():
        locked = lock_fresh(person, version)
        _note(locked, "record_removed", row, actor, f"{row._meta.verbose_name}“{row}”：{reason.strip()}")
        return take_away(row)


def restore_record(*, rows: str, actor: Actor) -> Record:
    """Put a title, certificate or period back that was taken off. Raises NotPossible."""
    with transaction.atomic():
        row: Record = put_in(rows)[0]
        if not Person.objects.editable_by(actor).filter(pk=row.person_id).exists():
            raise NotPossible("不能恢复：您现在不管理这个人的资料")
        if isinstance(row, StudyPeriod):
            _check_period(row)
        _note(lock_fresh(row.person), "record_restored", row, actor, f"{row._meta.verbose_name}“{row}”")
    return row


def _own(model: type[R], person: Person, row: R | None) -> R:
    """The row itself, loaded anew under the person's lock, or a new one of this person."""
    return model(person=person) if row is None else model._base_manager.get(pk=row.pk, person=person)


def _check_period(row: StudyPeriod) -> None:
    problems = Problems()
    wrong = "教师五年周期应为连续 5 年，如 2023 至 2027"
    years = row.last_year - row.first_year + 1
    problems.add_if(years < 1, "last_year", "终止年度早于起始年度，请核对")
    # notice 一(三)3: 原则上每5年为一个周期
    problems.add_if(row.kind == StudyPeriod.Kind.CYCLE and years >= 1 and years != CYCLE_YEARS, "last_year", wrong)
    clashing = StudyPeriod.objects.filter(
        person=row.person, kind=row.kind, first_year__lte=row.last_year, last_year__gte=row.first_year
    ).exclude(pk=row.pk)
    if other := clashing.first():
        problems.add("first_year", f"与已登记的周期 {other.first_year} 至 {other.last_year} 重叠，请核对")
    problems.raise_any()


def _stored(row: Record) -> Values:
    """What it says so far; of a new one nothing, but whose it is."""
    return values_of(row) if row.pk else {"person_id": row.person_id}


def _note(person: Person, name: str, row: Record, actor: Actor, note: str) -> None:
    """The event, and a new version of the person, which every form about the person is checked against."""
    person.count_edit(actor)
    person.save()
    record(person, name, actor=actor, note=note, data={"record": row._meta.model_name, "id": row.pk})

"""Writes about teachers' cycles: what else flags, and cycles, tenures and series of many people at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction

from luojiang_ce.access import Actor
from luojiang_ce.refusals import NotPossible
from luojiang_ce.versions import Standing
from luojiang_ce.workflow.changes import in_words, values_of
from luojiang_ce.workflow.events import record
from units.models import Person, StudyPeriod, Title, Unit
from units.services import save_period, save_title
from units.services.records import CYCLE_YEARS

from .models import CycleSetting

UNSET = Standing(())
MOST = 500  # people at once


def setting_of(year: int) -> Standing:
    """By which document other requirements flag too for cycles that end in this year, and who said so; without values
    where the total of hours alone does."""
    row = CycleSetting.objects.filter(year=year).select_related("edited_by").first()
    return Standing((row.document,), row.edited_by, row.edited_at) if row else UNSET


@transaction.atomic
def set_flags(*, year: int, document: str, actor: Actor, version: int | None = None) -> str:
    """Say by which document other unmet requirements flag too for cycles that end in this year; an empty one takes it
    back. Returns what holds now. Raises Conflict where something else stands there than at `version`."""
    Unit.objects.select_for_update().filter(is_bureau=True).first()  # two come one after the other
    setting_of(year).must_be(version)
    row = CycleSetting.objects.filter(year=year).first() or CycleSetting(year=year)
    before = values_of(row) if row.pk else {}
    row.document = document
    if not document and row.pk:
        record(row, "cycle_flags_unset", actor=actor, note=in_words(row, before), data={"year": year})
        row.delete()
    elif document:
        row.count_edit(actor)
        row.save()
        record(row, "cycle_flags_set", actor=actor, note=in_words(row, before), data={"year": year})
    return f"{year} 年届满的周期：{'其他要求未完成也不予评聘' if document else '只按学时总数'}"


# --- many people at once ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Asked:
    """What is set for everybody ticked: a span of years of a kind, a series; what is None or empty stays as it is."""

    kind: str = ""
    first_year: int | None = None
    last_year: int | None = None
    series: str = ""


@dataclass(frozen=True)
class Effect:
    """What setting it means for one person: what is written, or why nothing is."""

    person: Person
    changes: Sequence[str] = ()
    problem: str = ""

    @property
    def writes(self) -> bool:
        return bool(self.changes) and not self.problem


def effects(people: Sequence[Person], asked: Asked) -> list[Effect]:
    """What it would change, person by person; nothing is written. Two queries."""
    periods: dict[int, list[StudyPeriod]] = {}
    for row in StudyPeriod.objects.filter(person__in=people, kind=asked.kind) if asked.kind else ():
        periods.setdefault(row.person_id, []).append(row)
    titles = {row.person_id: row for row in Title.objects.filter(person__in=people, is_current=True)}
    return [_effect(person, asked, periods.get(person.pk, []), titles) for person in people]


def _effect(person: Person, asked: Asked, periods: Sequence[StudyPeriod], titles: Mapping[int, Title]) -> Effect:
    changes = []
    span = (asked.first_year, asked.last_year)
    if asked.kind and span not in {(row.first_year, row.last_year) for row in periods}:
        crossing = next((row for row in periods if _crosses(row, asked)), None)
        if crossing:
            return Effect(person, problem=f"已有 {crossing} 的{crossing.get_kind_display()}，年份重叠，请在人员页更正")
        wrong = _wrong_kind(person, asked.kind)
        if wrong:
            return Effect(person, problem=wrong)
        changes.append(f"{StudyPeriod.Kind(asked.kind).label}：未登记 → {span[0]}–{span[1]}")
    title = titles.get(person.pk)
    if asked.series and title is None:
        return Effect(person, changes, "还没有登记专业技术职务，系列请在人员页随职务登记")
    if asked.series and title and title.series != asked.series:
        changes.append(f"系列：{title.series or '未登记'} → {asked.series}")
    return Effect(person, changes)


def _wrong_kind(person: Person, kind: str) -> str:
    """A cycle is a teacher's, a tenure that of medical staff (notice 一(三)2, 一(三)3)."""
    is_cycle = kind == StudyPeriod.Kind.CYCLE
    wanted = Person.Category.TEACHER if is_cycle else Person.Category.MEDICAL
    return (
        ""
        if person.category == wanted
        else f"人员类别是{person.get_category_display()}，没有{StudyPeriod.Kind(kind).label}"
    )


def _crosses(row: StudyPeriod, asked: Asked) -> bool:
    first, last = asked.first_year or 0, asked.last_year or 0
    return row.first_year <= last and row.last_year >= first


@transaction.atomic
def set_for_many(*, people: Sequence[int], asked: Asked, actor: Actor) -> list[Effect]:
    """Set it for all of these whom the account keeps and for whom nothing stands in the way; says for each what was
    done or why not. Raises NotPossible where nothing is asked, or for too many at once."""
    if not (asked.kind or asked.series):
        raise NotPossible("请填写起止年度或系列")
    if asked.kind == StudyPeriod.Kind.CYCLE and (asked.last_year or 0) - (asked.first_year or 0) != CYCLE_YEARS - 1:
        raise NotPossible("教师五年周期应为连续 5 年，如 2023 至 2027")
    if len(people) > MOST:
        raise NotPossible(f"一次最多 {MOST} 人，请分几次办理")
    rows = list(Person.objects.editable_by(actor).filter(pk__in=people).order_by("pinyin", "pk"))
    found = effects(rows, asked)
    for each in found:
        if each.writes:
            _write(each, asked, actor)
    return found


def _write(effect: Effect, asked: Asked, actor: Actor) -> None:
    for change in effect.changes:
        if change.startswith("系列"):
            title = Title.objects.get(person=effect.person, is_current=True)
            save_title(person=effect.person, actor=actor, title=title, series=asked.series)
        else:
            first, last = asked.first_year or 0, asked.last_year or 0
            save_period(person=effect.person, actor=actor, kind=asked.kind, first_year=first, last_year=last)

"""The same learning of many people of a unit, declared and proved together; each has a declaration of their own.

What belongs together is told by what was declared, so it can be asked of any one of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction

from luojiang_ce.access import Actor, Role
from luojiang_ce.files.materials import Material
from luojiang_ce.files.models import Attachment
from luojiang_ce.files.services import share
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workdays.text import full
from luojiang_ce.workflow.events import record_many
from units.filed_case import EDITABLE, may_edit
from units.models import Employment, Leave, Person
from verification.choices import Form, measure_of
from verification.declarations.materials import materials
from verification.declarations.models import Declaration
from verification.declarations.services import TYPED, declared_like, filing_unit_id, jobs_filed_by, wrong_for

# What declarations of the same learning share; hours and subject may differ from person to person. A degree is declared
# year by year, each with the marks of the year; which evidence is asked for follows from form, last day and payment.
LEARNING = ("unit", "form", "title", "organiser", "date_from", "date_to", "year", "paid", "filing")
# What came with one person from another district is proved with one paper, whatever years and subjects it names.
TRANSFERRED = ("unit", "form", "person", "organiser")
SHOWN = 10  # of those who were left out


@dataclass(frozen=True)
class Declared:
    """The drafts that are there now, and who has none, with the reason."""

    drafts: list[Declaration]
    left_out: list[tuple[Person, str]]

    @property
    def said(self) -> str:
        """Who was left out, in a sentence; empty for nobody."""
        named = "；".join(f"{person}：{why}" for person, why in self.left_out[:SHOWN])
        more = f"；等 {len(self.left_out)} 人" if len(self.left_out) > SHOWN else ""
        return f"没有给这 {len(self.left_out)} 人建立：{named}{more}" if self.left_out else ""


@dataclass(frozen=True, slots=True)
class Part:
    """What of one learning is a person's own: hours (credits) where they differ from the others', a note."""

    amount: Decimal | None = None
    note: str = ""


NO_PART = Part()


@transaction.atomic
def declare_many(
    *, learning: Declaration, people: Sequence[Person], actor: Actor, parts: Mapping[int, Part] | None = None
) -> Declared:
    """A draft for each of these people who works in a unit of the actor and can have it (`parts`: what is their own, by
    id); a second click finds those of the first. Raises NotPossible where nobody can. The number of queries does not
    grow with the people.
    """
    learning.measure = measure_of(learning.subject)
    keys = [person.pk for person in people]
    list(Person.objects.select_for_update().filter(pk__in=keys).order_by("pk"))  # two clicks come one after the other
    looked = looked_at(learning, people, actor.unit_ids(Role.UNIT_CLERK))
    drafts = [each.there for each in looked.values() if each.there and each.is_same]
    left_out = [(person, looked[person.pk].why) for person in people if looked[person.pk].why]
    free = [person for person in people if not looked[person.pk].why and not looked[person.pk].is_same]
    own = parts or {}
    made = Declaration.objects.bulk_create(
        _draft(learning, person, looked[person.pk].unit_id, actor, own.get(person.pk, NO_PART)) for person in free
    )
    record_many([(each, {}) for each in made], "created", actor=actor)
    declared = Declared([*drafts, *made], left_out)
    if not declared.drafts:
        raise NotPossible(f"一件也没有建立。{declared.said}")
    return declared


@transaction.atomic
def add_to(*, case: Declaration, people: Sequence[Person], parts: Mapping[int, Part], actor: Actor) -> int:
    """More people for the learning of a draft, each with what is their own; the files that all its declarations have
    become theirs too. Returns how many drafts were made. Raises NotPossible where nobody can have one."""
    together = declared_together(case)
    shared = _files_of_each(together)
    drafts = declare_many(learning=case, people=people, actor=actor, parts=parts).drafts
    made = [each for each in drafts if each not in together]  # who has one already has its files
    share(files=shared, cases=made, actor=actor, may_change=may_edit)
    return len(made)


def _files_of_each(cases: Sequence[Declaration]) -> list[Attachment]:
    """Of the files that every one of these has, one each. One query."""
    having: dict[tuple[str, str], list[Attachment]] = {}
    for file in files_of_all(cases):
        having.setdefault((file.material, file.sha256), []).append(file)
    return [files[0] for files in having.values() if len(files) == len(cases)]


@dataclass(frozen=True, slots=True)
class Looked:
    """How a person stands to a learning: what is declared of it already (`is_same`: in a draft just like it), why there
    can be none, which unit declares."""

    there: Declaration | None
    is_same: bool
    why: str
    unit_id: int


def looked_at(learning: Declaration, people: Sequence[Person], units: Collection[int]) -> dict[int, Looked]:
    """How each of these people, of these units, stands to a learning, by id. As many queries for any number."""
    keys = [person.pk for person in people]
    jobs = {job.person_id: job for job in jobs_filed_by(units).filter(person__in=keys).select_related("unit")}
    like = declared_like(learning).filter(person__in=keys).select_related("filing", "catalogue", "organiser_unit")
    known = {each.person_id: each for each in like}
    away = {leave.person_id: leave for leave in _away(learning, keys)}
    filing = learning.filing  # of self-study; without one it is for everybody
    filed = set(filing.people.values_list("pk", flat=True) if filing else keys)
    found = {}
    for person in people:
        job, there = jobs.get(person.pk), known.get(person.pk)
        unit_id = filing_unit_id(job, units) if job else 0
        same = bool(there and there.unit_id == unit_id and _is_this_draft(there, learning))
        why = "" if same else _why_not(person, job, there, away.get(person.pk), learning)
        if not (why or same) and person.pk not in filed:
            why = f"不在自学备案“{filing}”的人员中（通知 一(四)）"
        found[person.pk] = Looked(there, same, why, unit_id)
    return found


def _draft(learning: Declaration, person: Person, unit_id: int, actor: Actor, part: Part) -> Declaration:
    facts = {name: getattr(learning, name) for name in TYPED if name != "person"}
    facts |= {"amount": part.amount or learning.amount, "note": part.note or learning.note}
    return Declaration(person=person, unit_id=unit_id, created_by_id=actor.pk, **facts)


def _is_this_draft(there: Declaration, learning: Declaration) -> bool:
    same = all(getattr(there, name) == getattr(learning, name) for name in TYPED if name != "person")
    return there.state == Declaration.State.DRAFT and same


def _away(learning: Declaration, keys: Sequence[int]) -> Iterable[Leave]:
    """Absences that include the whole of it."""
    return Leave.objects.approved().filter(
        person__in=keys, starts_on__lte=learning.date_from, ends_on__gte=learning.date_to
    )


def _why_not(
    person: Person, job: Employment | None, there: Declaration | None, leave: Leave | None, learning: Declaration
) -> str:
    """Why this person has none; empty where nothing stands in the way."""
    if job is None:
        return "已不在本单位"
    if there:
        return f"已有同一项目的申报 {there.number}（{there.get_state_display()}）"
    if job.started_on and job.started_on > learning.date_to:
        return f"{full(job.started_on)}才到本单位，学习在此之前；确属本单位申报的请单独申报"
    if leave:
        return f"{leave.span} 长期离岗；确已参加的请单独申报"
    return next((why for _, why in wrong_for(person, learning.subject, learning.course)), "")


# --- what was declared together ---------------------------------------------------------------------------------------


def declared_together(case: Declaration) -> list[Declaration]:
    """The declarations of the same learning that are still with the unit, this one among them. One query."""
    shared = TRANSFERRED if case.form == Form.TRANSFER else LEARNING
    same = {name: getattr(case, name) for name in shared}
    rows = Declaration.objects.filter(state__in=EDITABLE, **same).select_related("person", "unit")
    return list(rows.order_by("person__pinyin", "pk"))


@dataclass(frozen=True)
class SharedMaterial:
    """A line of the checklist of many: the files, each with how many have it, and who lacks one."""

    material: Material
    required: bool
    files: list[tuple[Attachment, int]]
    lacking: list[Person]


def shared_checklist(case: Declaration, cases: Sequence[Declaration]) -> list[SharedMaterial]:
    """The materials that this one asks for, with the files of all. One query."""
    files = files_of_all(cases)
    return [
        _shared(material, case, cases, [f for f in files if f.material == material.code])
        for material in materials(case)
    ]


def files_of_all(cases: Sequence[Declaration]) -> list[Attachment]:
    """Every file of these. One query."""
    keys = [each.pk for each in cases]
    return list(Attachment.objects.filter(case_type=Declaration._meta.label_lower, case_id__in=keys, removed_at=None))


def _shared(
    material: Material, case: Declaration, cases: Sequence[Declaration], files: list[Attachment]
) -> SharedMaterial:
    having = {file.case_id for file in files}
    first: dict[str, Attachment] = {}
    count: dict[str, int] = {}
    for file in files:
        first.setdefault(file.sha256, file)
        count[file.sha256] = count.get(file.sha256, 0) + 1
    required = material.required(case)
    lacking: list[Any] = [each.person for each in cases if required and each.pk not in having]
    return SharedMaterial(material, required, [(file, count[sha]) for sha, file in first.items()], lacking)

"""Writing filings of self-study; their way from there is case.py."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.db import transaction

from luojiang_ce.access import Actor, Role
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.changes import record_edit, values_of
from luojiang_ce.workflow.events import record
from units.access import must_file_for
from units.filed_case import may_edit
from units.models import Employment, Person, Unit
from verification.choices import Measure, measure_of
from verification.self_study.models import SelfStudy


def not_by_credits(person: Person, subject: str) -> str | None:
    """notice 一(三)2: credits are for medical staff; why this subject is none of the person's, or None."""
    if measure_of(subject) is Measure.CREDITS and person.category != Person.Category.MEDICAL:
        return f"{person}是{person.get_category_display()}人员，按学时计，请选公共科目或专业科目"
    return None


def save_self_study(
    *,
    study: SelfStudy,
    people: Sequence[Person],
    unit: Unit,
    actor: Actor,
    version: int | None = None,
    quiet: bool = False,
) -> SelfStudy:
    """Keep a new or changed draft with its people, with an event (`quiet`: saved while it was typed).

    Raises NotPossible when it is not with the unit any more, Conflict when somebody saved since `version`,
    PermissionDenied unless the actor files for the unit.
    """
    must_file_for(study.unit_id or unit.pk, actor)
    study.measure = measure_of(study.subject)
    with transaction.atomic():
        if study.pk:
            return _change(study, people, actor, version, quiet)
        list(Person.objects.select_for_update().filter(pk__in=[person.pk for person in people]).order_by("pk"))
        if same := _same_draft(study, people, unit):
            return same  # the second of two clicks
        study.unit, study.created_by_id = unit, actor.pk
        study.save()
        study.people.set(people)
        record(study, "created", actor=actor)
    return study


def _change(study: SelfStudy, people: Sequence[Person], actor: Actor, version: int | None, quiet: bool) -> SelfStudy:
    """As it is stored, locked: somebody may have submitted it since the form was opened."""
    stored = SelfStudy.objects.select_for_update().get(pk=study.pk)
    if not may_edit(stored, actor):
        state = stored.get_state_display()
        raise NotPossible(f"这件备案现在是“{state}”，不能再修改；需要改的请先撤回或等退回补正")
    stored.must_be(version)
    before, names = values_of(stored), _names(stored)
    study.version = stored.version
    study.count_edit(actor)
    study.save(update_fields=[*before, "measure", *SelfStudy.COUNTED])
    study.people.set(people)
    record_edit(study, (study, before), actor=actor, lists={"人员": (names, _names(study))}, quiet=quiet)
    return study


def _names(study: SelfStudy) -> list[str]:
    return [f"{person.name} {person.masked_id[-4:]}" for person in study.people.order_by("pinyin", "pk")]


def _same_draft(study: SelfStudy, people: Sequence[Person], unit: Unit) -> SelfStudy | None:
    wanted = {person.pk for person in people}
    drafts = SelfStudy.objects.filter(unit=unit, state=SelfStudy.State.DRAFT, **values_of(study))
    return next((each for each in drafts if {person.pk for person in each.people.all()} == wanted), None)


def wrong_for_people(people: Sequence[Person], subject: str) -> Iterator[str]:
    """Whom of the people the subject does not fit, and why."""
    yield from filter(None, (not_by_credits(person, subject) for person in people))


def unit_of(people: Sequence[Person], clerk: Actor) -> Unit:
    """The one unit of the clerk in which all of them work now. Raises NotPossible where there are two."""
    own = clerk.unit_ids(Role.UNIT_CLERK)
    jobs = Employment.objects.filter(person__in=people, unit__in=own, ended_on=None).select_related("unit")
    units = {job.unit_id: job.unit for job in jobs}
    if len(units) != 1:
        raise NotPossible(names="这些人不在同一个单位，请按单位分别备案")
    return next(iter(units.values()))

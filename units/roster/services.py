"""Writing rows of a roster: new people, and what changed of known ones. Never moves, renames or ends anyone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import cast

from luojiang_ce import clock
from luojiang_ce.access.roles import Actor
from luojiang_ce.sheets.imports import Confirmation
from luojiang_ce.sheets.rows import ReadRow
from luojiang_ce.sheets.services import CHUNK_ROWS, write_apart
from luojiang_ce.workflow.events import record
from units.identity import id_numbers
from units.identity.pinyin import readings
from units.models import Certificate, Employment, Person, Title, Unit
from units.roster.outcome import RowPlan, changes_of, kept
from units.roster.planning import Roster, plan_against_current
from units.roster.rows import RosterRow

_CATEGORIES = {label: value for value, label in Person.Category.choices}
_LEVELS = {label: value for value, label in Title.Level.choices}
# Whoever has no 人员类别 in the roster gets that of the unit's own system; the preview says so.
_USUAL_CATEGORY = {Unit.Nature.SCHOOL: Person.Category.TEACHER, Unit.Nature.MEDICAL: Person.Category.MEDICAL}
_PERMIT_AREAS = ("81", "82", "83")


def usual_category(unit: Unit) -> Person.Category:
    """The category of a new person whose row names none."""
    return _USUAL_CATEGORY.get(Unit.Nature(unit.nature), Person.Category.GENERAL)


def import_roster(*, roster: Roster, unit: Unit, actor: Actor) -> list[RowPlan]:
    """Write the new and changed rows of a roster at once, in chunks; returns what became of each row."""
    rows = roster.checked()
    plans: list[RowPlan] = []

    def write() -> list[RowPlan]:
        # One import at a time writes into a unit; two that bring a stranger into two units meet at the ID's hash.
        Unit.objects.select_for_update().get(pk=unit.pk)
        planned = plan_against_current(rows[len(plans) : len(plans) + CHUNK_ROWS], unit)
        write_plans(planned, unit=unit, actor=actor)
        return planned

    while len(plans) < len(rows):
        plans += write_apart(write)
    return plans


def write_import(rows: Sequence[ReadRow[RosterRow]], into: Confirmation[Unit]) -> Mapping[str, int]:
    """Write the planned rows of an import."""
    return write_plans(cast(Sequence[RowPlan], rows), unit=into.scope, actor=into.actor, batch_id=into.batch.pk)


def write_plans(
    plans: Sequence[RowPlan], *, unit: Unit, actor: Actor, batch_id: int | None = None
) -> Mapping[str, int]:
    """Write what is new or changed, with an event on the unit; says how many rows had which outcome.

    In the caller's transaction, which holds the lock of the unit since before the rows were planned.
    """
    new = [plan for plan in plans if plan.outcome == "new"]
    changed = [plan for plan in plans if plan.outcome == "changed"]
    returning = [plan for plan in new if plan.known]
    _add_people([plan.row for plan in new if plan.known is None], unit)
    _employ([(plan.known.person_id, plan.row) for plan in returning if plan.known], unit)
    known = {plan.known.person_id: plan for plan in (*returning, *changed) if plan.known}
    _update_facts(known)
    _update_departments(known, unit)
    _update_titles(known)
    _add_certificates(known)
    if new or changed:
        data = {"import": batch_id, "new": len(new), "changed": len(changed)}
        record(unit, "roster_imported", actor=actor, data=data)
    return Counter(plan.outcome for plan in plans)


def _add_people(rows: Sequence[RosterRow], unit: Unit) -> None:
    # In the order of the unique hash, so that two imports that wait for each other's people never wait in a ring.
    added = sorted(((_person(row, unit), row) for row in rows), key=lambda pair: pair[0].id_hash)
    Person.objects.bulk_create(person for person, _ in added)
    _employ([(person.pk, row) for person, row in added], unit)
    Title.objects.bulk_create(_title(person.pk, row) for person, row in added if row.title or row.level or row.since)
    Certificate.objects.bulk_create(
        _certificate(person.pk, person.category, row) for person, row in added if row.certificate
    )


def _person(row: RosterRow, unit: Unit) -> Person:
    pinyin, initials = readings(row.name)
    person = Person(
        name=row.name,
        pinyin=pinyin,
        initials=initials,
        id_kind=Person.IdKind.PERMIT if row.id_number.startswith(_PERMIT_AREAS) else Person.IdKind.RESIDENT,
        sex=id_numbers.sex(row.id_number),
        birth=id_numbers.birth_date(row.id_number),
        category=_CATEGORIES.get(row.category, usual_category(unit)),
        note=kept(row, "note"),
    )
    person.seal_id(row.id_number)
    return person


def _employ(pairs: Sequence[tuple[int, RosterRow]], unit: Unit) -> None:
    """A roster says who works here, not since when: the start stays unknown until the clerk fills it in."""
    Employment.objects.bulk_create(
        Employment(person_id=person_id, unit=unit, department=kept(row, "department")) for person_id, row in pairs
    )


def _title(person_id: int, row: RosterRow, *, before: Title | None = None) -> Title:
    """The present title by the row; what the row leaves empty stays as it was."""
    title = Title(person_id=person_id, series=before.series if before else "")
    title.name = kept(row, "title") or (before.name if before else "")
    title.level = _LEVELS.get(row.level) or (before.level if before else "")
    title.since = row.since.first_day() if row.since else (before.since if before else None)
    return title


def _certificate(person_id: int, category: str, row: RosterRow) -> Certificate:
    medical = category == Person.Category.MEDICAL
    kind = Certificate.Kind.MEDICAL if medical else Certificate.Kind.GENERAL
    return Certificate(person_id=person_id, kind=kind, number=kept(row, "certificate"))


def _update_facts(by_person: dict[int, RowPlan]) -> None:
    people = list(Person.objects.filter(pk__in=by_person))
    now = clock.now()
    for person in people:
        row = by_person[person.pk].row
        person.category = _CATEGORIES.get(row.category, person.category)
        person.note = kept(row, "note") or person.note
        person.updated_at = person.edited_at = now
        person.version, person.edited_by = person.version + 1, None
    Person.objects.bulk_update(people, ["category", "note", "updated_at", *Person.COUNTED])


def _update_departments(by_person: dict[int, RowPlan], unit: Unit) -> None:
    jobs = list(Employment.objects.filter(person__in=by_person, unit=unit, ended_on=None))
    for job in jobs:
        job.department = kept(by_person[job.person_id].row, "department") or job.department
    Employment.objects.bulk_update(jobs, ["department"])


def _update_titles(by_person: dict[int, RowPlan]) -> None:
    """A title gained later is a new one, and the old one stays on record; anything else corrects the present one."""
    concerned = {pk: plan.row for pk, plan in by_person.items() if _changes(plan) & {"title", "level", "since"}}
    present = {title.person_id: title for title in Title.objects.filter(person__in=concerned, is_current=True)}
    past, corrected, gained = [], [], []
    for person_id, row in concerned.items():
        before = present.get(person_id)
        after = _title(person_id, row, before=before)
        if before is None or _is_promotion(before, after):
            gained.append(after)
            if before:
                before.is_current = False
                past.append(before)
        else:
            before.name, before.level, before.since = after.name, after.level, after.since
            corrected.append(before)
    Title.objects.bulk_update(past, ["is_current"])
    Title.objects.bulk_update(corrected, ["name", "level", "since"])
    Title.objects.bulk_create(gained)


def _is_promotion(before: Title, after: Title) -> bool:
    if (before.name, before.level) == (after.name, after.level):
        return False
    return after.since is not None and before.since is not None and after.since > before.since


def _add_certificates(by_person: dict[int, RowPlan]) -> None:
    concerned = {pk: plan.row for pk, plan in by_person.items() if "certificate" in _changes(plan)}
    categories = dict(Person.objects.filter(pk__in=concerned).values_list("pk", "category"))
    Certificate.objects.bulk_create(_certificate(pk, categories[pk], row) for pk, row in concerned.items())


def _changes(plan: RowPlan) -> set[str]:
    """What changes: of people who come back to work, whatever the row says anew."""
    return {change.key for change in (plan.changes or (changes_of(plan.row, plan.known) if plan.known else ()))}

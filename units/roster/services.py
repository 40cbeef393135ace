"""Reading a roster, planning its import against what the district knows, and writing it.

New people, and what changed of known ones: an import never moves, renames or ends anyone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, BinaryIO, cast

from django.db.models import F

from luojiang_ce import clock
from luojiang_ce.access import Actor
from luojiang_ce.sheets.entries import Sheet, read_sheet
from luojiang_ce.sheets.imports import Confirmation
from luojiang_ce.sheets.problems import CellProblem
from luojiang_ce.sheets.rows import Reading, ReadRow
from luojiang_ce.sheets.services import CHUNK_ROWS, write_apart
from luojiang_ce.words import squeezed
from luojiang_ce.workdays.text import full
from luojiang_ce.workflow.events import record
from units.arrivals import match_arrivals
from units.identity import id_numbers
from units.identity.documents import kind_of
from units.identity.names import readings
from units.models import Certificate, Employment, Person, StudyPeriod, Title, Unit
from units.models.person import usual_category
from units.roster.columns import MAX_PEOPLE, ROSTER
from units.roster.rows import (
    PERIODS,
    KnownPerson,
    RosterRow,
    RowPlan,
    Years,
    changes_of,
    check_rows,
    conflicts,
    kept,
    plan_rows,
    roster_rows,
)
from units.services.certificates import Key, key_of, kind_for, owners_of

_CATEGORIES = {label: value for value, label in Person.Category.choices}
_LEVELS = {label: value for value, label in Title.Level.choices}
Checked = tuple[RosterRow, list[CellProblem]]
_AT_ONCE = 500


# --- reading and planning: nothing is written here --------------------------------------------------------------------


@dataclass(frozen=True)
class Roster:
    """A roster as read: its sheet, its rows, and the problems that the rows have by themselves, by row number."""

    sheet: Sheet
    rows: list[RosterRow]
    problems: dict[int, list[CellProblem]]

    def checked(self) -> list[Checked]:
        """Each row with its problems, in order."""
        return [(row, self.problems[row.number]) for row in self.rows]


def read_roster(file: BinaryIO) -> Roster:
    """The roster in the file, checked against itself. Raises FileProblem for the file as a whole."""
    return roster_in(read_sheet(file, ROSTER, max_entries=MAX_PEOPLE))


def roster_in(sheet: Sheet) -> Roster:
    """The rows of a sheet, with the problems that they have by themselves and among each other."""
    rows = roster_rows(sheet)
    return Roster(sheet, rows, check_rows(rows, clock.today()))


def plan_against_current(checked: Sequence[Checked], unit: Unit) -> list[RowPlan]:
    """The outcome of checked rows against what the district knows at this moment. Six queries for every 500 rows."""
    today = clock.today()
    rows = [row for row, _ in checked]
    numbers = [row.id_number for row in rows if row.has_sound_id(today)]
    known: dict[str, KnownPerson] = {}
    for start in range(0, len(numbers), _AT_ONCE):
        known |= _known_people(numbers[start : start + _AT_ONCE], unit)
    taken = _taken_certificates(rows, known, unit)
    problems = {row.number: [*found, *taken.get(row.number, ())] for row, found in checked}
    return plan_rows(rows, problems, known)


def _taken_certificates(
    rows: Sequence[RosterRow], known: Mapping[str, KnownPerson], unit: Unit
) -> dict[int, list[CellProblem]]:
    """Rows whose certificate is somebody else's, in the district or in a row before. One query for every 500."""
    # Whom the unit may not know counts as nobody: a guessed number must look like one that nobody has.
    told = {row.number: who for row in rows if (who := known.get(row.id_number)) and not conflicts(row, who)}
    keys = {row.number: _certificate_key(row, told.get(row.number), unit) for row in rows if row.certificate}
    owners = owners_of(keys.values())
    first: dict[Key, RosterRow] = {}
    found: dict[int, list[CellProblem]] = {}
    for row in rows:
        if (key := keys.get(row.number)) is None:
            continue
        person = told.get(row.number)
        before = first.setdefault(key, row)
        if key in owners and (person is None or person.person_id != owners[key]):
            remedy = "请对照证书核对编号；确属此人的，请联系区人社局更正"
            found[row.number] = [CellProblem("certificate", "这个证书编号已登记给另一人", remedy, "certificate-taken")]
        elif before.id_number != row.id_number:
            said, remedy = f"证书编号与第 {before.number} 行相同", "每本证书一个编号，请对照证书核对这两行"
            found[row.number] = [CellProblem("certificate", said, remedy, "certificate-twice")]
    return found


def _certificate_key(row: RosterRow, known: KnownPerson | None, unit: Unit) -> Key:
    usual = known.category if known else usual_category(unit).label
    return key_of(kind_for(_CATEGORIES.get(row.category or usual, "")), kept(row, "certificate"))


def missing_people(reading: Reading[RosterRow], unit: Unit) -> list[dict[str, Any]]:
    """Who works in the unit and is not in its roster: person_id, name, department, started_on and title, by name."""
    listed = {row.known.person_id for row in reading.rows if isinstance(row, RowPlan) and row.known}
    jobs = Employment.objects.filter(unit=unit, ended_on=None).order_by("person__pinyin", "person_id")
    titles = dict(
        Title.objects.filter(is_current=True, person__employments__in=jobs).values_list("person_id", "name").order_by()
    )
    return [
        {**row, "title": titles.get(row["person_id"], ""), "started_on": _day(row["started_on"])}
        for row in jobs.values("person_id", "department", "started_on", name=F("person__name"))
        if row["person_id"] not in listed
    ]


def _day(started_on: date | None) -> str:
    return full(started_on) if started_on else "未设定"


def _known_people(numbers: Sequence[str], unit: Unit) -> dict[str, KnownPerson]:
    """The known people among these ID numbers, as seen from the unit."""
    by_hash = {id_numbers.lookup_hash(number): number for number in numbers}
    people = {person.pk: person for person in Person.objects.filter(id_hash__in=by_hash)}
    jobs = {job.person_id: job for job in Employment.objects.filter(person__in=people, ended_on=None)}
    titles = {title.person_id: title for title in Title.objects.filter(person__in=people, is_current=True)}
    periods: dict[tuple[int, str], set[Years]] = {}
    spans = StudyPeriod.objects.filter(person__in=people).values_list("person_id", "kind", "first_year", "last_year")
    for pk, kind, first, last in spans:
        periods.setdefault((pk, kind), set()).add((first, last))
    certificates: dict[int, list[str]] = {}
    for pk, number in Certificate.objects.filter(person__in=people).order_by("pk").values_list("person_id", "number"):
        certificates.setdefault(pk, []).append(number)
    return {
        by_hash[person.id_hash]: _known(person, jobs.get(pk), titles.get(pk), certificates.get(pk, []), unit, periods)
        for pk, person in people.items()
    }


def _known(
    person: Person,
    job: Employment | None,
    title: Title | None,
    certificates: Sequence[str],
    unit: Unit,
    periods: Mapping[tuple[int, str], set[Years]],
) -> KnownPerson:
    return KnownPerson(
        person_id=person.pk,
        name=person.name,
        works_here=job is not None and job.unit_id == unit.pk,
        works_elsewhere=job is not None and job.unit_id != unit.pk,
        category=person.get_category_display(),
        title=title.name if title else "",
        level=title.get_level_display() if title else "",
        since=title.since if title else None,
        certificates=frozenset(map(squeezed, certificates)),
        certificate=certificates[-1] if certificates else "",
        department=job.department if job else "",
        note=person.note,
        series=title.series if title else "",
        **{key: frozenset(periods.get((person.pk, key), ())) for key in PERIODS},
    )


# --- writing ----------------------------------------------------------------------------------------------------------


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
    _add_periods({pk: plan.row for pk, plan in known.items() if _changes(plan) & set(PERIODS)})
    if new or changed:
        data = {"import": batch_id, "new": len(new), "changed": len(changed)}
        record(unit, "roster_imported", actor=actor, data=data)
    if new:
        match_arrivals()
    return Counter(plan.outcome for plan in plans)


def _add_people(rows: Sequence[RosterRow], unit: Unit) -> None:
    # In the order of the unique hash, so that two imports that wait for each other's people never wait in a ring.
    added = sorted(((_person(row, unit), row) for row in rows), key=lambda pair: pair[0].id_hash)
    Person.objects.bulk_create(person for person, _ in added)
    _employ([(person.pk, row) for person, row in added], unit)
    Title.objects.bulk_create(
        _title(person.pk, row) for person, row in added if row.title or row.level or row.since or row.series
    )
    Certificate.objects.bulk_create(
        _certificate(person.pk, person.category, row) for person, row in added if row.certificate
    )
    _add_periods({person.pk: row for person, row in added})


def _person(row: RosterRow, unit: Unit) -> Person:
    pinyin, initials = readings(row.name)
    person = Person(
        name=row.name,
        pinyin=pinyin,
        initials=initials,
        id_kind=kind_of(row.id_number),
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
    title = Title(person_id=person_id, series=kept(row, "series") or (before.series if before else ""))
    title.name = kept(row, "title") or (before.name if before else "")
    title.level = _LEVELS.get(row.level) or (before.level if before else "")
    title.since = row.since.first_day() if row.since else (before.since if before else None)
    return title


def _certificate(person_id: int, category: str, row: RosterRow) -> Certificate:
    return Certificate(person_id=person_id, kind=kind_for(category), number=squeezed(kept(row, "certificate")))


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
    concerned = {
        pk: plan.row for pk, plan in by_person.items() if _changes(plan) & {"title", "level", "since", "series"}
    }
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
            before.name, before.level, before.since, before.series = after.name, after.level, after.since, after.series
            corrected.append(before)
    Title.objects.bulk_update(past, ["is_current"])
    Title.objects.bulk_update(corrected, ["name", "level", "since", "series"])
    Title.objects.bulk_create(gained)


def _is_promotion(before: Title, after: Title) -> bool:
    if (before.name, before.level) == (after.name, after.level):
        return False
    return after.since is not None and before.since is not None and after.since > before.since


def _add_certificates(by_person: dict[int, RowPlan]) -> None:
    concerned = {pk: plan.row for pk, plan in by_person.items() if "certificate" in _changes(plan)}
    categories = dict(Person.objects.filter(pk__in=concerned).values_list("pk", "category"))
    Certificate.objects.bulk_create(_certificate(pk, categories[pk], row) for pk, row in concerned.items())


def _add_periods(by_person: Mapping[int, RosterRow]) -> None:
    """Tenures and cycles that are not known yet; none that is known is changed."""
    known = set(
        StudyPeriod.objects.filter(person__in=by_person).values_list("person_id", "kind", "first_year", "last_year")
    )
    given = [(pk, key, *years) for pk, row in by_person.items() for key in PERIODS if (years := getattr(row, key))]
    StudyPeriod.objects.bulk_create(
        StudyPeriod(person_id=pk, kind=kind, first_year=first, last_year=last)
        for pk, kind, first, last in given
        if (pk, kind, first, last) not in known
    )


def _changes(plan: RowPlan) -> set[str]:
    """What changes: of people who come back to work, whatever the row says anew."""
    return {change.key for change in (plan.changes or (changes_of(plan.row, plan.known) if plan.known else ()))}

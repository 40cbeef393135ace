"""Reading a roster and planning its import against what the district knows. Nothing here writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from django.db.models import F

from luojiang_ce import clock
from luojiang_ce.sheets.entries import Sheet, read_sheet
from luojiang_ce.sheets.problems import CellProblem
from luojiang_ce.sheets.rows import Reading
from units.identity import id_numbers
from units.models import Certificate, Employment, Person, Title, Unit

from .columns import MAX_PEOPLE, ROSTER
from .outcome import KnownPerson, RowPlan, plan_rows
from .rows import RosterRow, check_rows, roster_rows

Checked = tuple[RosterRow, list[CellProblem]]
_AT_ONCE = 500


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
    """The outcome of checked rows against what the district knows at this moment. Four queries for every 500 rows."""
    today = clock.today()
    rows = [row for row, _ in checked]
    numbers = [row.id_number for row in rows if row.has_sound_id(today)]
    known: dict[str, KnownPerson] = {}
    for start in range(0, len(numbers), _AT_ONCE):
        known |= _known_people(numbers[start : start + _AT_ONCE], unit)
    return plan_rows(rows, {row.number: problems for row, problems in checked}, known)


def missing_people(reading: Reading[RosterRow], unit: Unit) -> list[dict[str, Any]]:
    """Who works in the unit and is not in its roster: person_id, name, department, started_on and title, by name."""
    listed = {row.known.person_id for row in reading.rows if isinstance(row, RowPlan) and row.known}
    jobs = Employment.objects.filter(unit=unit, ended_on=None).order_by("person__pinyin", "person_id")
    titles = dict(
        Title.objects.filter(is_current=True, person__employments__in=jobs).values_list("person_id", "name").order_by()
    )
    return [
        {**row, "title": titles.get(row["person_id"], ""), "started_on": str(row["started_on"] or "未设定")}
        for row in jobs.values("person_id", "department", "started_on", name=F("person__name"))
        if row["person_id"] not in listed
    ]


def _known_people(numbers: Sequence[str], unit: Unit) -> dict[str, KnownPerson]:
    """The known people among these ID numbers, as seen from the unit."""
    by_hash = {id_numbers.lookup_hash(number): number for number in numbers}
    people = {person.pk: person for person in Person.objects.filter(id_hash__in=by_hash)}
    jobs = {job.person_id: job for job in Employment.objects.filter(person__in=people, ended_on=None)}
    titles = {title.person_id: title for title in Title.objects.filter(person__in=people, is_current=True)}
    certificates: dict[int, list[str]] = {}
    for pk, number in Certificate.objects.filter(person__in=people).order_by("pk").values_list("person_id", "number"):
        certificates.setdefault(pk, []).append(number)
    return {
        by_hash[person.id_hash]: _known(person, jobs.get(pk), titles.get(pk), certificates.get(pk, []), unit)
        for pk, person in people.items()
    }


def _known(
    person: Person, job: Employment | None, title: Title | None, certificates: Sequence[str], unit: Unit
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
        certificates=frozenset(certificates),
        certificate=certificates[-1] if certificates else "",
        department=job.department if job else "",
        note=person.note,
    )

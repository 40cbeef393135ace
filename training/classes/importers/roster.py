"""A provider's roster of trainees: people of the district by ID and name, strangers kept as such (C6). Reads only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO

from luojiang_ce import clock
from luojiang_ce.sheets.cells import Value
from luojiang_ce.sheets.entries import Sheet, read_sheet
from training.classes.models import ClassApplication
from training.classes.roster import TRAINEES
from training.classes.services.trainees import Trainee, trainee_of
from units import id_numbers
from units.models import Employment, Person
from units.roster.checks import check_rows
from units.roster.masking import shown_value
from units.roster.rows import RosterRow, roster_rows

MOST_PEOPLE = 5_000
NEW, PRESENT = "new", "present"


@dataclass(frozen=True)
class RowProblem:
    """One thing wrong in one cell; what stands there is masked."""

    row: int
    cell: str
    name: str
    column: str
    value: str
    what: str
    remedy: str


@dataclass(frozen=True)
class ReadTrainee:
    """A row that can be enrolled: whom it means, and whether the person is on the list already."""

    row: int
    trainee: Trainee
    outcome: str


@dataclass
class ReadRoster:
    """What a roster says of a class: who could be enrolled, and all that is wrong."""

    sheet: str = ""
    trainees: list[ReadTrainee] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)

    @property
    def new(self) -> list[Trainee]:
        return [row.trainee for row in self.trainees if row.outcome == NEW]

    @property
    def counts(self) -> dict[str, int]:
        return {
            "wrong": len({problem.row for problem in self.problems}),
            "new": len(self.new),
            "present": len(self.trainees) - len(self.new),
            "strangers": sum(trainee.person_id is None for trainee in self.new),
        }


def read_roster(file: BinaryIO, application: ClassApplication) -> ReadRoster:
    """Read a roster against the people of the district as they are now, in three queries; raises FileProblem."""
    sheet = read_sheet(file, TRAINEES, max_entries=MOST_PEOPLE)
    rows = roster_rows(sheet)
    wrong = check_rows(rows, clock.today())
    people = _people(row for row in rows if not wrong[row.number])
    present = set(application.enrolments.present().values_list("id_hash", flat=True))
    entries = {entry.row: entry for entry in sheet.entries}
    employers = {number: entry.text(TRAINEES.column("employer")) for number, entry in entries.items()}
    found = ReadRoster(sheet.name)
    for row in rows:
        problems = [(problem.key, problem.what, problem.remedy) for problem in wrong[row.number]]
        known = None if problems else people.get(id_numbers.lookup_hash(row.id_number))
        if known and known[0].name != row.name:
            problems.append(("name", "姓名与证件号码不一致", "请核对姓名和身份证号"))
        if not problems and known is None and not employers[row.number]:
            problems.append(("employer", "不属于本区的人员没有填单位", "请填工作单位"))
        if problems:
            values = entries[row.number].values
            found.problems += [_problem(sheet, row, values, *problem) for problem in problems]
            continue
        trainee = _known(*known) if known else _stranger(row, employers[row.number])
        found.trainees.append(ReadTrainee(row.number, trainee, PRESENT if trainee.id_hash in present else NEW))
    return found


TITLES = {column.key: column.title for column in TRAINEES.columns}


def _people(rows: Iterable[RosterRow]) -> dict[str, tuple[Person, Employment]]:
    """People of the district who work somewhere now, by the hash of the ID."""
    hashes = [id_numbers.lookup_hash(row.id_number) for row in rows]
    jobs = Employment.objects.filter(person__id_hash__in=hashes, ended_on=None).select_related("person", "unit")
    return {job.person.id_hash: (job.person, job) for job in jobs}


def _known(person: Person, job: Employment) -> Trainee:
    return trainee_of(person, job.unit_id, job.unit.name)


def _stranger(row: RosterRow, employer: str) -> Trainee:
    return Trainee(
        name=row.name,
        employer=employer[:100],
        masked_id=id_numbers.mask(row.id_number),
        id_hash=id_numbers.lookup_hash(row.id_number),
        last_six_hash=id_numbers.lookup_hash(row.id_number[-6:]),
    )


def _problem(sheet: Sheet, row: RosterRow, values: Mapping[str, Value], key: str, what: str, remedy: str) -> RowProblem:
    shown = shown_value(values.get(key), is_id=key == "id_number")
    cell = sheet.cell(row.number, key) or f"第 {row.number} 行"
    return RowProblem(row.number, cell, row.name, TITLES[key], shown, what, remedy)

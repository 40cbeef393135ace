"""Reading a roster and planning its import: everything but the writing. Nothing here writes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from luojiang_ce import clock
from luojiang_ce.sheets.entries import Sheet, read_sheet
from units.models import Unit

from .checks import Problem, check_rows
from .columns import MAX_PEOPLE, ROSTER
from .known import known_people, people_of
from .outcome import Outcome, RowPlan, plan_rows
from .rows import RosterRow, roster_rows

OUTCOMES: tuple[Outcome, ...] = ("new", "changed", "unchanged", "wrong")


@dataclass(frozen=True)
class Roster:
    """A roster as read: its sheet, its rows, and the problems that the rows have by themselves, by row number."""

    sheet: Sheet
    rows: list[RosterRow]
    problems: dict[int, list[Problem]]

    def checked(self) -> list[tuple[RosterRow, list[Problem]]]:
        """Each row with its problems, in order."""
        return [(row, self.problems[row.number]) for row in self.rows]


@dataclass(frozen=True)
class RosterPlan:
    """What importing a roster would do, row by row, and who of the unit is not in it."""

    roster: Roster
    rows: list[RowPlan]
    missing: list[dict[str, Any]]

    @property
    def counts(self) -> dict[str, int]:
        """How many rows there are, and how many of each outcome."""
        return counts_of(self.rows)


def read_roster(file: BinaryIO) -> Roster:
    """The roster in the file, checked against itself. Raises FileProblem for the file as a whole."""
    sheet = read_sheet(file, ROSTER, max_entries=MAX_PEOPLE)
    rows = roster_rows(sheet)
    return Roster(sheet, rows, check_rows(rows, clock.today()))


def plan_roster(roster: Roster, unit: Unit) -> RosterPlan:
    """What importing the roster into the unit would do now."""
    rows = plan_against_current(roster.checked(), unit)
    listed = {plan.known.person_id for plan in rows if plan.known}
    return RosterPlan(roster, rows, [person for person in people_of(unit) if person["person_id"] not in listed])


def plan_against_current(checked: Sequence[tuple[RosterRow, list[Problem]]], unit: Unit) -> list[RowPlan]:
    """The outcome of checked rows against what the district knows at this moment."""
    today = clock.today()
    rows = [row for row, _ in checked]
    known = known_people((row.id_number for row in rows if row.has_sound_id(today)), unit)
    return plan_rows(rows, {row.number: problems for row, problems in checked}, known)


def counts_of(rows: Sequence[RowPlan]) -> dict[str, int]:
    """How many rows there are, and how many of each outcome."""
    return {"rows": len(rows), **outcomes(rows)}


def outcomes(rows: Sequence[RowPlan]) -> dict[str, int]:
    """How many rows have each outcome."""
    found = Counter(plan.outcome for plan in rows)
    return {outcome: found[outcome] for outcome in OUTCOMES}

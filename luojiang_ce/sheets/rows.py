"""Rows of a sheet as they were understood: values, problems by cell, changes. Plain values, no database."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Generic, TypeVar

from .cells import Value, as_text
from .entries import Entry, Sheet
from .masking import shown_value
from .problems import CellProblem, UnreadableCellError

T = TypeVar("T")
V = TypeVar("V")
WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Change:
    """One value that an import would change: the column's key, the value known, the value in the file."""

    key: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class ReadRow(Generic[T]):
    """One row as it was understood, and what would become of it: an outcome of its kind, or WRONG with problems."""

    number: int
    name: str
    outcome: str
    value: T | None = None
    problems: tuple[CellProblem, ...] = ()
    changes: tuple[Change, ...] = ()

    @classmethod
    def wrong(cls, number: int, name: str, problems: Iterable[CellProblem]) -> ReadRow[T]:
        """One that is not written, because of these problems."""
        return cls(number, name, WRONG, problems=tuple(problems))


@dataclass(frozen=True)
class Reading(Generic[T]):
    """All rows of a sheet as they were understood, in order."""

    sheet: Sheet
    rows: list[ReadRow[T]]

    @property
    def values(self) -> list[T]:
        """What the sound rows say."""
        return sound(self.rows)

    @property
    def problems(self) -> list[CellProblem]:
        """All that is wrong, with its place."""
        return [problem for row in self.rows for problem in self.located(row)]

    def located(self, row: ReadRow[T]) -> Iterator[CellProblem]:
        """The row's problems from left to right, with cell, our title of the column, and what stands there."""
        places = self.sheet.header.columns
        for problem in sorted(row.problems, key=lambda problem: places.get(problem.key, 0)):
            column = self.sheet.form.column(problem.key)
            value = self._values[row.number].get(problem.key)
            yield replace(
                problem,
                cell=self.sheet.cell(row.number, problem.key) or f"第 {row.number} 行",
                column=column.title,
                value=shown_value(value, self.sheet.form, column.kind),
            )

    @cached_property
    def _values(self) -> dict[int, dict[str, Value]]:
        return {entry.row: entry.values for entry in self.sheet.entries}


def sound(rows: Sequence[ReadRow[T]], *outcomes: str) -> list[T]:
    """What the rows without problems say: all of them, or those of these outcomes."""
    wanted = [row for row in rows if not row.problems and (not outcomes or row.outcome in outcomes)]
    return [row.value for row in wanted if row.value is not None]


class RowReader:
    """Reads one row cell by cell: what cannot be read becomes a problem of its column, and the reading goes on."""

    def __init__(self, entry: Entry, sheet: Sheet) -> None:
        self.entry, self.sheet = entry, sheet
        self.problems: list[CellProblem] = []

    def text(self, key: str) -> str:
        """The cell's text, cleaned as its column asks for."""
        return self.entry.text(self.sheet.form.column(key))

    def cell(self, key: str, read: Callable[[Value], V]) -> V | None:
        """What the cell means to `read` (a number, a date, or cleaned text); None where it is empty or unreadable."""
        value = self.entry.values.get(key)
        if value is None or not as_text(value).strip():
            return None
        try:
            return read(self.text(key) if isinstance(value, str) else value)
        except UnreadableCellError as wrong:
            self.wrong(key, wrong.what, wrong.remedy)
            return None

    def wrong(self, key: str, what: str, remedy: str) -> None:
        """Note a problem of this row."""
        self.problems.append(CellProblem(key, what, remedy))

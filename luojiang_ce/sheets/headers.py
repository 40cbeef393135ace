"""Finding a form's header in a table, whatever stands above it, in one row or in two."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from .cells import Row, Value, as_text
from .cleaning import clean_title
from .definitions import SheetForm

HEADER_ROWS = 20

Titles = dict[int, str]


@dataclass(frozen=True)
class Header:
    """Where the header begins and ends, and in which column (A is 1) each of the form's columns stands."""

    first_row: int
    last_row: int
    columns: dict[str, int]
    lines: tuple[Titles, ...]

    def repeated_by(self, row: Row, form: SheetForm) -> bool:
        """Whether the row is the header again, or one line of it, as at the top of a printed page."""
        known = {column: row.cells[column] for column in self.columns.values() if column in row.cells}
        titles = _titles(known)
        if all(titles.get(self.columns[column.key]) in column.titles for column in form.required):
            return True
        return bool(titles) and any(titles.items() <= line.items() for line in self.lines)


def find_header(rows: Sequence[Row], form: SheetForm) -> Header | None:
    """The first row with all required titles; else the first two adjacent rows that have them together."""
    by_number = {row.number: _titles(row.cells) for row in rows if row.number <= HEADER_ROWS + 1}
    numbers = sorted(number for number in by_number if number <= HEADER_ROWS)
    single = (_single(number, by_number, form) for number in numbers)
    double = (_double(number, by_number, form) for number in numbers if number + 1 in numbers)
    return next((header for header in chain(single, double) if header), None)


def _titles(cells: Mapping[int, Value]) -> Titles:
    cleaned = {column: clean_title(as_text(value)) for column, value in cells.items()}
    return {column: title for column, title in cleaned.items() if title}


def _single(number: int, by_number: dict[int, Titles], form: SheetForm) -> Header | None:
    upper = by_number[number]
    columns = _columns(upper, form)
    if not _complete(columns, form):
        return None
    lower = by_number.get(number + 1, {})
    if not _goes_on(lower, [columns[column.key] for column in form.required], form):
        return Header(number, number, columns, (upper,))
    return Header(number, number + 1, _columns(_merged(upper, lower, form), form), (upper, lower))


def _goes_on(lower: Titles, required: Iterable[int], form: SheetForm) -> bool:
    """The required titles are merged downwards, so nothing stands below them, but another title does."""
    return not any(column in lower for column in required) and any(title in form.by_title for title in lower.values())


def _double(number: int, by_number: dict[int, Titles], form: SheetForm) -> Header | None:
    upper, lower = by_number[number], by_number[number + 1]
    columns = _columns(_merged(upper, lower, form), form)
    return Header(number, number + 1, columns, (upper, lower)) if _complete(columns, form) else None


def _merged(upper: Titles, lower: Titles, form: SheetForm) -> Titles:
    """A column's title is the lower one if the form knows it, else the upper."""
    return upper | {column: title for column, title in lower.items() if title in form.by_title}


def _columns(titles: Titles, form: SheetForm) -> dict[str, int]:
    """The leftmost column for each of the form's columns that has one."""
    found: dict[str, int] = {}
    for column in sorted(titles):
        if known := form.by_title.get(titles[column]):
            found.setdefault(known.key, column)
    return found


def _complete(columns: dict[str, int], form: SheetForm) -> bool:
    return all(column.key in columns for column in form.required)

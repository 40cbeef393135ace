"""Cells as plain values, and their names as a spreadsheet shows them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache

# Text (also error cells and truth values, as they are shown), any number, or a cell formatted as a date.
Value = str | float | datetime

MAX_COLUMN = 16_384
MAX_ROW = 1_048_576


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table: its number as Excel shows it, and its filled cells by column number (A is 1)."""

    number: int
    cells: Mapping[int, Value]


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet of a workbook, one reading of a text file, or a web page; rows are read anew at each call."""

    name: str
    visible: bool
    rows: Callable[[], Iterator[Row]]
    # Days are counted from 1904, as Excel for Mac did.
    epoch_1904: bool = False


@cache
def column_letters(column: int) -> str:
    """The letters of a column number: 1 is A, 27 is AA."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def cell_name(row: int, column: int) -> str:
    """The name of a cell as a spreadsheet shows it, such as D17."""
    return f"{column_letters(column)}{row}"


def is_number(value: Value | None) -> bool:
    """Whether the cell is numeric for Excel; a date cell is a number with a date's format."""
    return isinstance(value, float | datetime)


def as_text(value: Value | None) -> str:
    """The value as text: whole numbers without a fraction, dates as 2015-03-01, nothing as an empty string."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d")
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e18 else repr(value)
    return value

"""Cells as plain values, their names as a spreadsheet shows them, and what people type into them cleaned.

Cleaning what is clean changes nothing, but for a second leading apostrophe: only one is Excel's.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from functools import cache

from .characters import one_dot, one_hyphen, seen

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
    """The value as text: whole numbers without a fraction, 2015-03-01 with the time if any, nothing as empty text."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d" if value.time() == time() else "%Y-%m-%d %H:%M")
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e18 else repr(value)
    return value


# --- what people type, cleaned: plain text in, plain text out ---------------------------------------------------------

_BLANKS = re.compile(r"\s+")
_APOSTROPHES = "'‘’"
_HAN = "\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_BLANK_BESIDE_HAN = re.compile(rf"(?<=[{_HAN}])\s+|\s+(?=[{_HAN}])")
_REQUIRED_MARK = re.compile("[（(]必填[）)]")
_ONE_BRACKET = str.maketrans("()／", "（）/")


def clean_text(text: str) -> str:
    """What one sees of the text (`characters.seen`), blanks of every kind trimmed at both ends."""
    return seen(text).strip()


def without_blanks(text: str) -> str:
    """Cleaned, and without any blank inside either: for choices and for comparing titles."""
    return clean_text(_BLANKS.sub("", text))


def clean_name(text: str) -> str:
    """A person's name: one kind of dot and hyphen, no leading apostrophe, no blanks beside Chinese characters."""
    # Letters are made ordinary first: the dots that count between letters alone must see them.
    name = _without_apostrophe(one_hyphen(one_dot(clean_text(text))))
    return _BLANKS.sub(" ", _BLANK_BESIDE_HAN.sub("", name))


def clean_id(text: str) -> str:
    """An ID document's number: no leading apostrophe, no blanks, x as X."""
    return without_blanks(_without_apostrophe(clean_text(text))).replace("x", "X")


def clean_title(text: str) -> str:
    """A column's title without blanks, 必填, a colon at its end, a star at either end; brackets of one kind."""
    title, before = _REQUIRED_MARK.sub("", without_blanks(text)).translate(_ONE_BRACKET), None
    while title != before:
        before, title = title, title.strip("*＊").rstrip(":：")
    return title


def _without_apostrophe(text: str) -> str:
    """Excel's mark of text, when it was typed or exported as a character of its own."""
    return text[1:].strip() if text.startswith(tuple(_APOSTROPHES)) else text

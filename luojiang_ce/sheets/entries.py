"""From the tables of a file to the entries of a form: which sheet, which rows, which cells."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import BinaryIO

from .cells import Row, Table, Value, as_text, cell_name
from .cleaning import clean_id, clean_name, clean_text, without_blanks
from .definitions import Column, SheetForm
from .headers import HEADER_ROWS, Header, find_header
from .problems import NoHeader, NoRows, TooLarge
from .reading import open_tables

_CLEANERS = {"id": clean_id, "name": clean_name, "choice": without_blanks}


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: its row as Excel shows it, and the values of the form's columns that the sheet has."""

    row: int
    values: dict[str, Value]

    def text(self, column: Column) -> str:
        """The cell's text, cleaned as its column asks for; empty if there is none."""
        return cleaned(self.values.get(column.key), column)


@dataclass(frozen=True)
class Sheet:
    """What was read: the sheet's name, where its header stands, and its entries in order."""

    name: str
    header: Header
    entries: list[Entry]
    epoch_1904: bool
    # Which of the file's tables it is, to read its rows again as they were given.
    place: int
    form: SheetForm

    def cell(self, row: int, key: str) -> str:
        """The name of the cell in that column, empty if the sheet has no such column."""
        column = self.header.columns.get(key)
        return cell_name(row, column) if column else ""


def cleaned(value: Value | None, column: Column) -> str:
    """A cell as text, cleaned as its column asks for."""
    return _CLEANERS.get(column.kind, clean_text)(as_text(value))


def read_sheet(file: BinaryIO, form: SheetForm, *, max_entries: int) -> Sheet:
    """The form's entries in the file: the first visible sheet with its header, a hidden one only if there is no other.

    Raises FileProblem (unreadable, no-header, no-rows, too-large) with a message for the user.
    """
    # A stable sort: tab order among the visible, then among the hidden.
    for place, table in sorted(enumerate(open_tables(file)), key=lambda item: not item[1].visible):
        rows = table.rows()
        top = _top(rows)
        if header := find_header(top, form):
            entries = _bounded(_entries(chain(top, rows), header, form), table, header, form, max_entries)
            return Sheet(table.name, header, entries, table.epoch_1904, place, form)
    wanted = "、".join(f"“{column.title}”" for column in form.required)
    raise NoHeader(
        f"没有找到表头：每张表的前 {HEADER_ROWS} 行里，都没有同时写着{wanted}的一行。请检查列名，或下载模板填写。"
    )


def rows_as_given(file: BinaryIO, sheet: Sheet) -> Iterator[Row]:
    """All rows of the sheet once more, with every cell, known column or not."""
    return open_tables(file)[sheet.place].rows()


def _top(rows: Iterator[Row]) -> Sequence[Row]:
    """The rows that may hold a header, and the first one below them."""
    top: list[Row] = []
    for row in rows:
        top.append(row)
        if row.number > HEADER_ROWS + 1:
            break
    return top


def _entries(rows: Iterator[Row], header: Header, form: SheetForm) -> Iterator[Entry]:
    by_key = [(column, header.columns[column.key]) for column in form.columns if column.key in header.columns]
    for row in rows:
        if row.number <= header.last_row:
            continue
        values = {column.key: row.cells[place] for column, place in by_key if place in row.cells}
        filled = any(cleaned(values[column.key], column) for column, _ in by_key if column.key in values)
        if filled and not _is_foot(row, header, form) and not header.repeated_by(row, form):
            yield Entry(row.number, values)


def _is_foot(row: Row, header: Header, form: SheetForm) -> bool:
    """Sums, signatures and remarks: told by how the row's first filled cell begins, known column or not."""
    texts = (without_blanks(as_text(row.cells[column])) for column in sorted(row.cells))
    first = next((text for text in texts if text), "")
    if not first.startswith(form.foot_words):
        return False
    return not form.is_entry({key: row.cells[place] for key, place in header.columns.items() if place in row.cells})


def _bounded(entries: Iterator[Entry], table: Table, header: Header, form: SheetForm, most: int) -> list[Entry]:
    found = list(islice(entries, most + 1))
    if len(found) > most:
        raise TooLarge(f"名单超过 {most:,} 行，无法一次导入。请拆成几个文件，分别导入。")
    if not found:
        raise NoRows(
            f"找到了表头（第 {header.first_row} 行），但下面没有数据。请检查数据是否填在这张表里。",
            sheet=table.name,
            header_row=header.first_row,
        )
    return found

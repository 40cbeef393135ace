"""The user's own rows as given: the wrong ones with reasons as a workbook, a few around an error for the page."""

from __future__ import annotations

import io
from collections.abc import Sequence
from itertools import chain, takewhile
from typing import Any

from .cells import Row, column_letters
from .entries import Sheet
from .masking import shown_value
from .rows import Reading, ReadRow
from .writing import ReturnedRow, write_returned

_EXCERPTS = 50
_ROWS_BEFORE, _ROWS_AFTER = 2, 1
_MOST_COLUMNS = 14


def returned_workbook(reading: Reading[Any], *, whole: bool = False) -> bytes:
    """The wrong rows (`whole`: all rows) with a column of reasons, as .xlsx: for the uploader alone, IDs are full."""
    sheet = reading.sheet
    header = [row.cells for row in _header_rows(sheet)]
    wanted = {row.number: row for row in reading.rows if row.problems}
    others = {entry.row for entry in sheet.entries} if whole else set()
    rows = (
        _returned(row, wanted.get(row.number), reading)
        for row in sheet.table.rows()
        if row.number in wanted or row.number in others
    )
    ids = [place for key, place in sheet.header.columns.items() if sheet.form.column(key).kind == "id"]
    out = io.BytesIO()
    write_returned(header, rows, out, text_columns=ids)
    return out.getvalue()


def excerpts(reading: Reading[Any]) -> dict[str, Any]:
    """For the first wrong rows, by row number: the rows around, masked, as they stand in the user's sheet."""
    sheet = reading.sheet
    wrong = [row for row in reading.rows if row.problems][:_EXCERPTS]
    if not wrong:
        return {}
    last = wrong[-1].number + _ROWS_AFTER
    near = takewhile(lambda row: row.number <= last, sheet.table.rows())
    wanted = {number for row in wrong for number in _around(row, sheet)} | {sheet.header.last_row}
    given = {row.number: row for row in chain(_header_rows(sheet), near) if row.number in wanted}
    # All columns up to the last known one; of a very wide sheet, and where people are listed, the known ones.
    known = sorted(sheet.header.columns.values())
    columns = known if known[-1] > _MOST_COLUMNS or sheet.form.lists_people else range(1, known[-1] + 1)
    return {
        "letters": [column_letters(column) for column in columns],
        "rows": {number: _texts(row, columns, sheet) for number, row in given.items()},
        "around": {row.number: [n for n in _around(row, sheet) if n in given] for row in wrong},
        "bad": {row.number: sorted(map(column_letters, _bad_columns(row, sheet))) for row in wrong},
    }


def _header_rows(sheet: Sheet) -> list[Row]:
    """The lines of the header as they were given; our titles where there is none."""
    first, last = sheet.header.first_row, sheet.header.last_row
    if not last:
        return [Row(0, dict(sheet.header.lines[0]))]
    return [row for row in takewhile(lambda row: row.number <= last, sheet.table.rows()) if row.number >= first]


def _returned(row: Row, read: ReadRow[Any] | None, reading: Reading[Any]) -> ReturnedRow:
    if read is None:
        return ReturnedRow(row.number, row.cells, ())
    reasons = [f"{problem.cell} {problem.column}：{problem.message}" for problem in reading.located(read)]
    return ReturnedRow(row.number, row.cells, reasons, _bad_columns(read, reading.sheet))


def _bad_columns(row: ReadRow[Any], sheet: Sheet) -> frozenset[int]:
    columns = sheet.header.columns
    return frozenset(columns[problem.key] for problem in row.problems if problem.key in columns)


def _around(row: ReadRow[Any], sheet: Sheet) -> range:
    first = max(sheet.header.last_row + 1, row.number - _ROWS_BEFORE)
    return range(first, row.number + _ROWS_AFTER + 1)


def _texts(row: Row, columns: Sequence[int], sheet: Sheet) -> list[str]:
    """The cells of a row as they may be shown; titles are no cells of their column."""
    entry = row.number > sheet.header.last_row
    kinds = {place: sheet.form.column(key).kind for key, place in sheet.header.columns.items()} if entry else {}
    return [shown_value(row.cells.get(column), sheet.form, kinds.get(column, "text")) for column in columns]

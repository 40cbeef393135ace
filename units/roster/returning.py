"""The user's own rows as given: the wrong ones with reasons as a workbook, a few around an error for the page."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from itertools import takewhile
from typing import Any, BinaryIO

from luojiang_ce.sheets.cells import Row, column_letters
from luojiang_ce.sheets.entries import Sheet, rows_as_given
from luojiang_ce.sheets.writing import ReturnedRow, write_returned

from .masking import shown_value
from .outcome import RowPlan
from .planning import RosterPlan

_EXCERPTS = 50
_ROWS_BEFORE, _ROWS_AFTER = 2, 1
_MOST_COLUMNS = 14


def returned_workbook(file: BinaryIO, plan: RosterPlan) -> bytes:
    """The wrong rows with a column of reasons, as .xlsx. It holds full ID numbers: for the uploader alone."""
    sheet = plan.roster.sheet
    wrong = {row.row.number: row for row in plan.rows if row.outcome == "wrong"}
    rows = (_returned(row, wrong[row.number], sheet) for row in rows_as_given(file, sheet) if row.number in wrong)
    out = io.BytesIO()
    lines = [row.cells for row in _header_rows(file, sheet)]
    write_returned(lines, rows, out, text_columns=[sheet.header.columns["id_number"]])
    return out.getvalue()


def excerpts(file: BinaryIO, plan: RosterPlan) -> dict[str, Any]:
    """For the first wrong rows, by row number: the rows around, masked, as they stand in the user's sheet."""
    sheet = plan.roster.sheet
    wrong = [row for row in plan.rows if row.outcome == "wrong"][:_EXCERPTS]
    if not wrong:
        return {}
    last = wrong[-1].row.number + _ROWS_AFTER
    near = takewhile(lambda row: row.number <= last, rows_as_given(file, sheet))
    wanted = {number for row in wrong for number in _around(row, sheet)} | {sheet.header.last_row}
    given = {row.number: row for row in near if row.number in wanted}
    columns = _columns(sheet)
    return {
        "letters": [column_letters(column) for column in columns],
        "rows": {number: _texts(row, columns, sheet) for number, row in given.items()},
        "around": {row.row.number: [n for n in _around(row, sheet) if n in given] for row in wrong},
        "bad": {row.row.number: _bad_letters(row, sheet) for row in wrong},
    }


def _header_rows(file: BinaryIO, sheet: Sheet) -> Iterator[Row]:
    header = sheet.header
    top = takewhile(lambda row: row.number <= header.last_row, rows_as_given(file, sheet))
    return (row for row in top if row.number >= header.first_row)


def _returned(row: Row, plan: RowPlan, sheet: Sheet) -> ReturnedRow:
    reasons = [
        f"{sheet.cell(row.number, problem.key)} {problem.column}：{problem.message}" for problem in plan.problems
    ]
    bad = frozenset(sheet.header.columns[problem.key] for problem in plan.problems)
    return ReturnedRow(row.number, row.cells, reasons, bad)


def _around(row: RowPlan, sheet: Sheet) -> range:
    first = max(sheet.header.last_row + 1, row.row.number - _ROWS_BEFORE)
    return range(first, row.row.number + _ROWS_AFTER + 1)


def _columns(sheet: Sheet) -> Sequence[int]:
    """All columns up to the last known one; of a very wide sheet the known ones."""
    known = sorted(sheet.header.columns.values())
    return range(1, known[-1] + 1) if known[-1] <= _MOST_COLUMNS else known


def _texts(row: Row, columns: Sequence[int], sheet: Sheet) -> list[str]:
    """Numbers in the ID column are masked as such; its title is not."""
    id_column = sheet.header.columns["id_number"] if row.number > sheet.header.last_row else 0
    return [shown_value(row.cells.get(column), is_id=column == id_column) for column in columns]


def _bad_letters(row: RowPlan, sheet: Sheet) -> list[str]:
    columns: Mapping[str, int] = sheet.header.columns
    return sorted({column_letters(columns[problem.key]) for problem in row.problems})

""".xls (BIFF) and WPS's .et, through xlrd.

Chosen over python-calamine, which lays a sheet out as a full rectangle before anything can be asked of it.
"""

import io
import math
import re
from collections.abc import Iterator
from functools import partial
from typing import Any

import xlrd
from xlrd.biffh import error_text_from_code

from ..cells import Row, Table, Value
from ..months import from_serial
from ..problems import Unreadable
from .package import DAMAGED, LOCKED

_NO_WORKBOOK = "这不是 Excel 工作簿（可能是 Word 文档或其他文件）。请上传 .xlsx、.xls 或 .csv 文件。"
_VISIBLE = 0
# xlrd marks with 4 the sectors of the root entry.
_TAKEN_BY_ROOT = re.compile(r"(?:Workbook|Book) corruption: seen\[[0-9]+\] == 4")


def tables(data: bytes) -> list[Table]:
    """The worksheets of the workbook in tab order; Unreadable if it is locked, damaged or no workbook."""
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise Unreadable(LOCKED)
    try:
        book = _open(data)
        # A thousand sheets at one place in the file would take a thousand times as long to read.
        places = [place for place in book._sh_abs_posn if place]
        if len(set(places)) != len(places):
            raise Unreadable(DAMAGED)
    except Exception as error:  # a damaged file makes xlrd fail in any way at all
        raise Unreadable(_reason(error)) from error
    return [
        Table(name, book._sheet_visibility[index] == _VISIBLE, partial(_rows, book, index), book.datemode == 1)
        for index, name in enumerate(book.sheet_names())
    ]


def _open(data: bytes) -> Any:
    """The workbook; a root entry that points at its sectors, as PHPExcel leaves it, concerns no other stream."""
    # xlrd reports to a log file, by default to standard output.
    options: dict[str, Any] = {"on_demand": True, "ragged_rows": True, "logfile": io.StringIO()}
    try:
        return xlrd.open_workbook(file_contents=data, **options)
    except xlrd.compdoc.CompDocError as error:
        if not _TAKEN_BY_ROOT.fullmatch(str(error)):
            raise
        return xlrd.open_workbook(file_contents=data, ignore_workbook_corruption=True, **options)


def _reason(error: Exception) -> str:
    said = str(error).lower()
    if "encrypted" in said:
        return LOCKED
    if "can't find workbook" in said:
        return _NO_WORKBOOK
    return DAMAGED


def _rows(book: Any, index: int) -> Iterator[Row]:
    try:
        sheet = book.sheet_by_index(index)
    except Exception as error:  # see above
        raise Unreadable(_reason(error)) from error
    for number in range(sheet.nrows):
        cells = {
            column: value
            for column, cell in enumerate(sheet.row(number), 1)
            if (value := _value(cell, book.datemode == 1)) != ""
        }
        if cells:
            yield Row(number + 1, cells)


def _value(cell: Any, epoch_1904: bool) -> Value:
    if cell.ctype in (xlrd.XL_CELL_NUMBER, xlrd.XL_CELL_DATE):
        return _number(cell, epoch_1904)
    if cell.ctype == xlrd.XL_CELL_TEXT:
        return str(cell.value)
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return "TRUE" if cell.value else "FALSE"
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return str(error_text_from_code.get(cell.value, "#N/A"))
    return ""


def _number(cell: Any, epoch_1904: bool) -> Value:
    number = float(cell.value)
    if not math.isfinite(number):
        return str(number)
    if cell.ctype == xlrd.XL_CELL_DATE:
        return from_serial(number, epoch_1904) or number
    return number

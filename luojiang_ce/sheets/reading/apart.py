"""The tables of a file, read in the process beside the server (`luojiang_ce.uploads.reader`): in a request as much as a
second or two allow, in the worker's jobs as much as any list has. What asks for more is not read.

First the process tells what tables there are and their first rows, where headers stand; of the one that is meant it
then tells the others, once, however often they are gone over.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import islice
from typing import Any, BinaryIO

from luojiang_ce.uploads.reader import READER, Budget, Busy, TooMuch

from ..cells import Row, Table, Value
from ..problems import FileProblem, NoHeader, NoRows, TakesLonger, TooLarge, Unreadable
from .package import Limits
from .workbook import open_tables

TOP = 30  # rows of each table that are told at once: headers stand in the first 20
_TABLES, _ROWS = f"{__name__}:tables", f"{__name__}:rows"
_FAULTS: dict[str, type[Exception]] = {
    each.__name__: each for each in (Unreadable, NoHeader, NoRows, TooLarge, TakesLonger)
}
_TOO_COMPLEX = (
    "文件过于复杂，读不完。请把名单复制到新建的 Excel 或 WPS 表格里（只粘贴数值），只留这一张表，存为 .xlsx 再上传。"
)
_TOO_LONG = "表格太长，无法一次导入。请删去名单以外的行，或拆成几个文件。"


@dataclass(frozen=True)
class Reading:
    """How much may be read: `limits` of what is unpacked (None: of any list); rows of a table; what it may take;
    seconds that one waits for others. `later`: what takes longer is left to a job."""

    limits: Limits | None
    most_rows: int
    budget: Budget
    patience: float

    @property
    def later(self) -> bool:
        return self.limits is not None


def tables_apart(file: BinaryIO, how: Reading) -> list[Table]:
    """As `open_tables`. Raises Unreadable, TooLarge, TakesLonger, here or while rows are read."""
    file.seek(0)
    content = file.read()
    said = _asked(_TABLES, content, how)
    return [
        Table(each["name"], each["visible"], _Rows(content, how, place, each), each["epoch_1904"])
        for place, each in enumerate(said["tables"])
    ]


class _Rows:
    """The rows of a table: the first are there, the others are asked for once."""

    def __init__(self, content: bytes, how: Reading, place: int, top: Mapping[str, Any]) -> None:
        self._content, self._how, self._place = content, how, place
        self._told = top
        self._is_whole = top["whole"]

    def __call__(self) -> Iterator[Row]:
        seen = 0
        for row in self._rows():
            seen += 1
            yield row
        if not self._is_whole:
            self._told = _asked(_ROWS, self._content, self._how, place=self._place, most_rows=self._how.most_rows)
            self._is_whole = True
            yield from islice(self._rows(), seen, None)
        if fault := self._told["fault"]:
            _raise(fault)
        if self._told["cut"]:
            raise TakesLonger if self._how.later else TooLarge(_TOO_LONG)

    def _rows(self) -> Iterator[Row]:
        for number, cells in self._told["rows"]:
            yield Row(number, {column: _value(value) for column, value in cells})


def _asked(function: str, content: bytes, how: Reading, **told: Any) -> Any:
    limits = asdict(how.limits) if how.limits else None
    try:
        said = READER.ask(function, content, how.budget, how.patience, limits=limits, **told).said
    except (Busy, TooMuch) as more:
        raise TakesLonger if how.later else Unreadable(_TOO_COMPLEX) from more
    if "tables" not in said and "rows" not in said:
        _raise(said["fault"])
    return said


def _raise(fault: Sequence[Any]) -> None:
    name, *told = fault
    kind = _FAULTS[name]
    raise kind(told[0], sheet=told[1], header_row=told[2]) if issubclass(kind, FileProblem) else kind


def _value(said: Any) -> Value:
    return datetime.fromisoformat(said[0]) if isinstance(said, list) else said


# --- in the process ---------------------------------------------------------------------------------------------------


def tables(content: bytes, limits: Mapping[str, int] | None) -> tuple[dict[str, Any], bytes]:
    """The tables with their first rows, or the fault of the whole file."""
    try:
        found = open_tables(io.BytesIO(content), Limits(**limits) if limits else None)
        return {"tables": [_top(each) for each in found]}, b""
    except (FileProblem, TakesLonger) as wrong:
        return {"fault": _said(wrong)}, b""


def _top(table: Table) -> dict[str, Any]:
    about = {"name": table.name, "visible": table.visible, "epoch_1904": table.epoch_1904}
    told = _told(table, TOP)
    return {**about, **told, "whole": not told["cut"], "cut": False}


def rows(content: bytes, limits: Mapping[str, int] | None, place: int, most_rows: int) -> tuple[dict[str, Any], bytes]:
    """The rows of one of the tables."""
    try:
        table = open_tables(io.BytesIO(content), Limits(**limits) if limits else None)[place]
    except (FileProblem, TakesLonger) as wrong:
        return {"fault": _said(wrong)}, b""
    return _told(table, most_rows), b""


def _told(table: Table, most: int) -> dict[str, Any]:
    """As many rows as may be; `fault`: why they end where they do; `cut`: are there more?"""
    found: list[Any] = []
    fault = None
    try:
        found.extend(map(_row, islice(table.rows(), most + 1)))  # what comes before a fault is kept
    except (FileProblem, TakesLonger) as wrong:
        fault = _said(wrong)
    return {"rows": found[:most], "fault": fault, "cut": len(found) > most}


def _row(row: Row) -> list[Any]:
    return [row.number, [[column, _plain(value)] for column, value in row.cells.items()]]


def _plain(value: Value) -> Any:
    return [value.isoformat()] if isinstance(value, datetime) else value


def _said(wrong: Exception) -> list[Any]:
    if isinstance(wrong, FileProblem):
        return [type(wrong).__name__, wrong.message, wrong.sheet, wrong.header_row]
    return [type(wrong).__name__]

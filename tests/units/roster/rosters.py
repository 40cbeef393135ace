"""Rosters made for one test each."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date
from typing import Any

import openpyxl

from luojiang_ce.sheets.cells import Value
from luojiang_ce.sheets.imports import read_staged
from luojiang_ce.sheets.models import ImportBatch
from luojiang_ce.sheets.problems import CellProblem
from luojiang_ce.sheets.services import stage_import
from tests.factories import id_number
from units.models import Account, Unit
from units.roster.importer import ROSTER_IMPORT
from units.roster.services import Roster, read_roster

TITLES = ("姓名", "身份证号", "性别", "出生年月", "人员类别", "职称", "级别", "任职时间", "证书编号", "部门", "备注")


def workbook(*rows: Sequence[Any], titles: Sequence[str] = TITLES) -> io.BytesIO:
    """A roster as .xlsx with the titles in row 1."""
    book = openpyxl.Workbook()
    for place, values in enumerate((titles, *rows), 1):
        for column, value in enumerate(values, 1):
            if value is not None:
                cell = book.active.cell(place, column, value)
                if isinstance(value, str):
                    cell.data_type = "s"
    out = io.BytesIO()
    book.save(out)
    out.seek(0)
    return out


def preview_roster(*, file: io.BytesIO, name: str, unit: Unit, actor: Account) -> ImportBatch:
    """The import of a roster that was uploaded and read at once, whatever its size."""
    batch = stage_import(kind="roster", owner=actor, scope=unit, name=name, file=file)
    return read_staged(ROSTER_IMPORT, batch)


def text(*rows: Sequence[str], titles: Sequence[str] = TITLES) -> io.BytesIO:
    """The same as delimited text."""
    return io.BytesIO("\n".join(",".join(row) for row in (titles, *rows)).encode())


def roster(*rows: Sequence[Any], titles: Sequence[str] = TITLES) -> Roster:
    """The roster of these rows, read and checked."""
    return read_roster(workbook(*rows, titles=titles))


def person(**values: Value) -> list[Value | None]:
    """A sound row with some values given by their titles; male, born in March 1985."""
    row: dict[str, Value | None] = {"姓名": "王明", "身份证号": number(1), **values}
    return [row.get(title) for title in TITLES]


def number(serial: int, *, birth: date = date(1985, 3, 12), male: bool = True, area: str = "999999") -> str:
    """The n-th sound ID number."""
    return id_number(serial, birth=birth, male=male, area=area)


def codes(found: dict[int, list[CellProblem]]) -> dict[int, list[str]]:
    """The codes of each wrong row, in the order of its columns."""
    return {row: [problem.code for problem in problems] for row, problems in found.items() if problems}

"""Pass lists as files, and staged as a handler uploads them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import Any

import xlwt
from openpyxl import Workbook

from luojiang_ce.sheets.models import ImportBatch
from tests.conftest import District
from tests.luojiang_ce.sheets.imports import stage
from tests.verification.direct.cases import training_of
from verification.direct.importing import PASS_IMPORT
from verification.direct.models import DirectTraining

HEADER = ("姓名", "身份证号码", "工作单位")


def workbook(rows: Iterable[Sequence[Any]], header: Sequence[str] = HEADER) -> BytesIO:
    """As an office keeps it: a title over the header, and who made it below the people."""
    book = Workbook()
    sheet: Any = book.active
    for row in (["调训合格人员名单"], [], header, *rows, ["制表人：宁致远"]):
        sheet.append(list(row))
    out = BytesIO()
    book.save(out)
    out.seek(0)
    return out


def in_file(kind: str, rows: Iterable[Sequence[Any]], header: Sequence[str]) -> BytesIO:
    """The same list as .xlsx, as the .xls of Excel 97, or as CSV."""
    if kind == "xlsx":
        return workbook(rows, header)
    if kind == "csv":
        return BytesIO("\n".join(",".join(map(str, row)) for row in (header, *rows)).encode("gb18030"))
    book = xlwt.Workbook()
    sheet = book.add_sheet("名单")
    for row, cells in enumerate((header, *rows)):
        for column, cell in enumerate(cells):
            sheet.write(row, column, cell)
    out = BytesIO()
    book.save(out)
    out.seek(0)
    return out


def uploaded(training: DirectTraining, file: BytesIO, actor: Any, name: str = "合格名单.xlsx") -> ImportBatch:
    return stage(PASS_IMPORT, application=training, file=file, name=name, actor=actor)


def staged(district: District) -> list[Any]:
    """A list with a line that is wrong."""
    training = training_of(district)
    return [training.pk, uploaded(training, workbook([["莫知之", "1"]]), district.handler).token]

"""What every list that is taken along says of itself: who took it, and when.

In a workbook it stands in the header of each printed page, in the file's properties and on a sheet of its own behind
the list: in no cell of the list, so that the file is read back as it was. Official papers bear none: they are nobody's
copy.
"""

from __future__ import annotations

from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from luojiang_ce import clock

SHEET = "导出说明"
_SMALL = 8  # points
_MOST = 120  # characters: the header of a page takes 255


def mark_of(account: Any) -> str:
    """The line by which a copy says whose it is: 许明（xuming）2026-11-30 10:21:05 导出."""
    return f"{account.name}（{account.get_username()}）{clock.now():%Y-%m-%d %H:%M:%S} 导出"[:_MOST]


def mark_book(book: Workbook, sheet: Any, mark: str) -> None:
    """Put the mark on a workbook, once its sheet is written; nothing where there is none."""
    if not mark:
        return
    book.properties.description = mark
    sheet.oddHeader.right.text = mark.replace("&", "&&")  # a single one begins a code there
    sheet.oddHeader.right.size = _SMALL
    behind = book.create_sheet(SHEET)
    said = WriteOnlyCell(behind, mark)
    said.data_type = "s"  # a name may begin with what begins a formula
    behind.append([said])

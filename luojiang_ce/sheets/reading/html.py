"""Web pages that are called .xls: every table row is a row, and spanned cells take their places."""

import re
from collections.abc import Iterator
from functools import partial
from typing import Any, cast

from lxml import etree

from ..cells import MAX_COLUMN, MAX_ROW, Row, Table
from ..problems import TooLarge, Unreadable
from .text import TOO_MANY_ROWS, inside_formula

_NO_TABLE = "这是网页文件，里面没有表格（可能是登录页或出错页）。请重新下载名单，或上传 .xlsx、.xls、.csv 文件。"
_TANGLED = "网页表格中合并的单元格过多，无法读取。请用 Excel 或 WPS 打开后另存为 .xlsx 再上传。"
_CHUNK = 1 << 16
_CELL_LIMIT = 32_768
_MOST_STEPS = 10_000_000
_SOURCE_BLANKS = re.compile(r"[ \t\r\n\f]+")


def tables(text: str) -> list[Table]:
    """The page as one table, for exports often begin a table anew for each printed page; Unreadable without a row."""
    if not re.search(r"<tr[\s>]", text, re.IGNORECASE):
        raise Unreadable(_NO_TABLE)
    return [Table("", True, partial(_rows, text))]


def _rows(text: str) -> Iterator[Row]:
    target = _Rows()
    # The stubs ask for handlers of comments and bytes, which lxml does not.
    parser = etree.HTMLParser(target=cast(Any, target), encoding="utf-8", huge_tree=True)
    for start in range(0, len(text), _CHUNK):
        parser.feed(text[start : start + _CHUNK].encode("utf-8", "replace"))
        yield from target.take()
    parser.close()
    yield from target.take()


class _Rows:
    """Receives the page's elements; rows are numbered through the page, those of a nested table like others."""

    def __init__(self) -> None:
        self._done: list[Row] = []
        self._number = 0
        self._cells: dict[int, str] = {}
        self._column = 0
        self._span = 1
        self._text: list[str] | None = None
        # For each column: the first row that a cell from above no longer reaches into.
        self._free_from: dict[int, int] = {}
        self._steps = 0
        self._muted = False

    def take(self) -> Iterator[Row]:
        yield from self._done
        self._done.clear()

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag in ("td", "th"):
            self._end_cell()
            self._start_cell(_count(attributes.get("colspan")), _count(attributes.get("rowspan")))
        elif tag == "tr":
            self._end_row()
            self._start_row()
        elif tag == "table":
            self._end_row()
            self._free_from.clear()
        elif tag == "br":
            self.data("\n", as_is=True)
        elif tag in ("script", "style"):
            self._muted = True

    def end(self, tag: str) -> None:
        if tag in ("td", "th"):
            self._end_cell()
        elif tag in ("tr", "table"):
            self._end_row()
        elif tag in ("script", "style"):
            self._muted = False

    def data(self, data: str, as_is: bool = False) -> None:
        if self._text is not None and not self._muted and len(self._text) < _CELL_LIMIT:
            self._text.append(data if as_is else _SOURCE_BLANKS.sub(" ", data[:_CELL_LIMIT]))

    def close(self) -> None:
        self._end_row()

    def _start_row(self) -> None:
        self._number += 1
        if self._number > MAX_ROW:
            raise TooLarge(TOO_MANY_ROWS)

    def _start_cell(self, columns: int, rows: int) -> None:
        column = self._column + 1
        while self._free_from.get(column, 0) > self._number:
            self._step()
            column += 1
        self._column = column + columns - 1
        if rows > 1:
            for taken in range(column, min(self._column, MAX_COLUMN) + 1):
                self._step()
                self._free_from[taken] = self._number + rows
        self._at = column
        self._text = []

    def _end_cell(self) -> None:
        if self._text is not None and self._at <= MAX_COLUMN and (value := inside_formula("".join(self._text))):
            self._cells[self._at] = value
        self._text = None

    def _end_row(self) -> None:
        self._end_cell()
        if self._cells:
            self._done.append(Row(self._number, self._cells))
        self._cells = {}
        self._column = 0

    def _step(self) -> None:
        """Honest pages span little; a hostile one could make every cell pass over thousands of taken columns."""
        self._steps += 1
        if self._steps > _MOST_STEPS:
            raise Unreadable(_TANGLED)


def _count(span: str | None) -> int:
    digits = (span or "1").strip()
    return max(1, min(int(digits), MAX_COLUMN)) if digits.isascii() and digits.isdigit() and len(digits) < 9 else 1

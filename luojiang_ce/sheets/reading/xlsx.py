""".xlsx and .xlsm, Transitional and Strict, as a stream of rows.

python-calamine and openpyxl were tried first. The former lays a sheet out as a full rectangle: one cell in A1 and one
in XFD20000 ask for 10 GB and end the process; it also loses the position of rows that do not state it. The latter
builds an object for each formatted but empty cell, of which a sheet may have millions.
"""

import math
import re
from array import array
from collections.abc import Iterator
from datetime import datetime
from functools import cached_property, partial
from typing import BinaryIO

from ..cells import MAX_COLUMN, MAX_ROW, Row, Table, Value
from ..characters import NOT_IN_XML
from ..months import from_serial
from ..problems import Unreadable
from .package import DAMAGED_PART, Attributes, Limits, Package, Source, XmlPass, tag_table

_RELATIONSHIP_ID = (
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships id",
    "http://purl.oclc.org/ooxml/officeDocument/relationships id",
)
_TRUE = ("1", "true", "on")
_ESCAPED = re.compile("(?:_x[0-9A-Fa-f]{4}_)+")
# Number formats that Excel knows without their being written in the file; 27 to 36 and 50 to 58 are the Chinese ones.
_BUILT_IN_DATES = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
_LITERAL = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.|_.|\*.|General|G/通用格式', re.IGNORECASE)


def tables(file: BinaryIO, limits: Limits | None = None) -> list[Table]:
    """The worksheets of the workbook in tab order."""
    return _Workbook(Package(file, limits)).tables()


def is_date_format(code: str) -> bool:
    """Whether a number format shows a date or time: it names a year, month, day, hour or second outside quotes."""
    return bool(re.search("[ymdhs]", _LITERAL.sub("", code), re.IGNORECASE))


class _Workbook:
    def __init__(self, package: Package) -> None:
        self._package = package
        part = package.workbook_part()
        self._book = _WorkbookPass()
        self._book.read(package.open(part))
        self._relationships = package.relationships(part)

    def tables(self) -> list[Table]:
        found = []
        for name, identifier, state in self._book.sheets:
            relationship = self._relationships.get(identifier)
            if relationship is None:
                raise Unreadable(DAMAGED_PART)
            if relationship.kind == "worksheet":
                found.append(
                    Table(name, state == "visible", partial(self._rows, relationship.target), self._book.epoch_1904)
                )
        return found

    def _rows(self, part: str) -> Iterator[Row]:
        sheet = _SheetPass(self._strings, self._date_styles, self._book.epoch_1904)
        return sheet.rows(self._package.open(part))

    @cached_property
    def _strings(self) -> "_StringsPass":
        strings = _StringsPass()
        if part := self._part_of_kind("sharedStrings"):
            strings.read(self._package.open(part))
        return strings

    @cached_property
    def _date_styles(self) -> bytes:
        styles = _StylesPass()
        if part := self._part_of_kind("styles"):
            styles.read(self._package.open(part))
        return bytes(styles.is_date)

    def _part_of_kind(self, kind: str) -> str | None:
        return next((found.target for found in self._relationships.values() if found.kind == kind), None)


class _WholePass(XmlPass):
    """A part that is read to its end before anything is asked of it."""

    tags: dict[str, str] = {}

    def read(self, source: Source) -> None:
        for _ in self.feed(source):
            pass
        self.finish()

    def start(self, name: str, attributes: Attributes) -> None:
        if tag := self.tags.get(name):
            self.element(tag, attributes)

    def element(self, tag: str, attributes: Attributes) -> None:
        raise NotImplementedError

    def finish(self) -> None:
        """The part has ended."""


class _WorkbookPass(_WholePass):
    """The sheets in tab order as (name, relationship, state), and the date system."""

    tags = tag_table("workbook", "workbookPr", "sheet")

    def __init__(self) -> None:
        super().__init__()
        self.sheets: list[tuple[str, str, str]] = []
        self.epoch_1904 = False
        self._is_workbook = False

    def element(self, tag: str, attributes: Attributes) -> None:
        if tag == "workbook":
            self._is_workbook = True
        elif tag == "workbookPr":
            self.epoch_1904 = attributes.get("date1904", "").lower() in _TRUE
        else:
            identifier = next((attributes[key] for key in _RELATIONSHIP_ID if key in attributes), "")
            self.sheets.append((attributes.get("name", ""), identifier, attributes.get("state", "visible")))

    def finish(self) -> None:
        if not self._is_workbook:
            raise Unreadable(DAMAGED_PART)


class _StylesPass(_WholePass):
    """For each cell style, whether it shows a number as a date (one byte each)."""

    tags = tag_table("numFmt", "cellStyleXfs", "cellXfs", "xf")

    def __init__(self) -> None:
        super().__init__()
        self.is_date = bytearray()
        self._date_formats = {str(number) for number in _BUILT_IN_DATES}
        self._in_cell_styles = False

    def element(self, tag: str, attributes: Attributes) -> None:
        if tag == "numFmt":
            is_date = is_date_format(attributes.get("formatCode", ""))
            note = self._date_formats.add if is_date else self._date_formats.discard
            note(attributes.get("numFmtId", ""))
        elif tag == "xf":
            if self._in_cell_styles:
                self.is_date.append(attributes.get("numFmtId", "0") in self._date_formats)
        else:
            self._in_cell_styles = tag == "cellXfs"


class _StringsPass(_WholePass):
    """The shared strings, kept as one run of bytes: millions of short ones would not fit as objects."""

    tags = tag_table("si", "t", "rPh")

    def __init__(self) -> None:
        super().__init__()
        self._bytes = bytearray()
        self._ends = array("Q")
        self._open = False

    def element(self, tag: str, attributes: Attributes) -> None:
        if tag == "t":
            self.capture()
        elif tag == "rPh":  # how to read the characters aloud: not part of the text
            self.skip()
        else:
            self.finish()
            self._open = True

    def finish(self) -> None:
        if self._open:
            self._bytes += self.take_text().encode("utf-8", "replace")
            self._ends.append(len(self._bytes))

    def __getitem__(self, index: int) -> str:
        if index >= len(self._ends):
            raise Unreadable(DAMAGED_PART)
        start = self._ends[index - 1] if index else 0
        return unescape(self._bytes[start : self._ends[index]].decode("utf-8"))


class _SheetPass(XmlPass):
    """The rows of one sheet, as they come; rows and cells that do not state their position follow the last."""

    tags = tag_table("row", "c", "v", "t", "rPh")

    def __init__(self, strings: _StringsPass, date_styles: bytes, epoch_1904: bool) -> None:
        super().__init__()
        self._strings = strings
        self._date_styles = date_styles
        self._epoch_1904 = epoch_1904
        self._done: list[Row] = []
        self._number = 0
        self._is_stated = True
        self._cells: dict[int, Value] = {}
        self._cell: Attributes = {}
        self._reference = ""
        self._beyond = 0
        self._columns: dict[str, int] = {"": 0}

    def rows(self, source: Source) -> Iterator[Row]:
        for _ in self.feed(source):
            yield from self._done
            self._done.clear()
        self._end_row()
        yield from self._done

    def start(self, name: str, attributes: Attributes) -> None:
        # Called for every cell of sheets that may have millions of empty ones: only what must be done is done here.
        tag = self.tags.get(name)
        if tag == "c":
            if self._text:
                self._end_cell()
            self._cell = attributes
            reference = attributes.get("r")
            if reference is None:
                self._beyond += 1
            else:
                self._reference = reference
                self._beyond = 0
        elif tag in ("v", "t"):
            self.capture()
        elif tag == "row":
            self._end_row()
            self._start_row(attributes.get("r"))
        elif tag == "rPh":
            self.skip()

    def _start_row(self, stated: str | None) -> None:
        number = _whole(stated) if stated is not None else self._number + 1
        if not self._number < number <= MAX_ROW:
            raise Unreadable(DAMAGED_PART)
        self._number = number
        self._is_stated = stated is not None
        self._reference = ""
        self._beyond = 0

    def _end_row(self) -> None:
        if self._text:
            self._end_cell()
        if self._cells:
            self._done.append(Row(self._number, self._cells))
            self._cells = {}

    def _end_cell(self) -> None:
        value = self._value(self.take_text())
        if value != "":
            self._cells[self._column()] = value

    def _column(self) -> int:
        letters = self._reference.rstrip("0123456789")
        if not self._is_stated and len(letters) < len(self._reference):
            self._number = max(self._number, _whole(self._reference[len(letters) :]))
        column = self._columns.get(letters)
        if column is None:
            column = self._columns[letters] = _column_number(letters)
        if not 0 < column + self._beyond <= MAX_COLUMN:
            raise Unreadable(DAMAGED_PART)
        return column + self._beyond

    def _value(self, text: str) -> Value:
        kind = self._cell.get("t", "n")
        if kind == "n":
            return self._number_value(text)
        if kind == "s":
            return self._strings[_whole(text)] if text.strip() else ""
        if kind == "b":
            return "TRUE" if text.strip() in _TRUE else "FALSE"
        if kind == "d":
            return _iso_date(text.strip())
        return unescape(text)

    def _number_value(self, text: str) -> Value:
        try:
            number = float(text)
        except ValueError:
            return text.strip()
        if not math.isfinite(number):
            return text.strip()
        style = _whole(self._cell.get("s", "0"))
        if style < len(self._date_styles) and self._date_styles[style]:
            return from_serial(number, self._epoch_1904) or number
        return number


def unescape(text: str) -> str:
    """Characters that XML cannot hold are written _x000D_ by Excel; those that no text holds are left out."""
    if "_x" not in text:
        return text
    return _ESCAPED.sub(
        lambda run: NOT_IN_XML.sub("", bytes.fromhex(re.sub("_x?", "", run[0])).decode("utf-16-be", "replace")), text
    )


def _iso_date(text: str) -> Value:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        return text


def _column_number(letters: str) -> int:
    """The number of a column's letters, 0 where they are none."""
    number = 0
    for letter in letters.upper():
        if not "A" <= letter <= "Z" or number > MAX_COLUMN:
            return 0
        number = number * 26 + ord(letter) - 64
    return number


def _whole(text: str) -> int:
    """A count written in the file; Unreadable where it is none."""
    digits = text.strip()
    if not digits.isascii() or not digits.isdigit() or len(digits) > 9:
        raise Unreadable(DAMAGED_PART)
    return int(digits)

"""A form of the notice as a workbook that is printed as it lies on paper: title, lines above and below, 序号, the head
on every page, boxes for opinions, as wide as the page and no smaller than can be read."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby, islice, pairwise, zip_longest
from math import ceil
from typing import BinaryIO, TypeVar

from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.pagebreak import Break

from .across import cut_at, half_widths, set_across, shown
from .cells import cell_name, column_letters
from .definitions import Column, HeadField, Opinion, SheetForm
from .marks import mark_book
from .writing import (
    CENTRE,
    Plain,
    WriteOnlySheet,
    body_cell,
    cell_of,
    header_lines,
    lay_on_paper,
    lies_across,
    new_book,
    repeat_on_paper,
    write_header,
)

SIDE_MM = {"portrait": 13.0, "landscape": 11.0}  # margins at the left and right
USED = 0.95  # of the text area: programs round the widths of columns, and make all the type smaller where one is over
DIGIT = 1.2  # half-width characters that a digit takes in the widest font that stands in for a Song font
SPARE = 0.3  # points that the type is larger than it must be, for the same reason
PAGE_MM = {"portrait": 210.0, "landscape": 297.0}
_T = TypeVar("_T")
SONG, HEI = "宋体", "黑体"
TITLE_SIZE, LABEL_SIZE = 16, 12
FIELDS_A_LINE = 4
# Widths of columns are counted in digits of the usual font, which no text is set in: one that programs have everywhere,
# or another with the same widths in its place (Liberation Sans). With a Song font, which not all have, columns turn out
# a sixth wider.
USUAL, DIGIT_SIZE, DIGIT_PX = "Arial", 10, 7  # its size in points, and how wide its digits are on screens
LONG = 10  # the width from which a column of texts holds long ones
TOP_IN, BOTTOM_IN = 0.5, 0.65  # margins in inches
TALLEST = 409.0  # points: no row of a workbook is higher
FAIR = 0.5  # of an even share of the width: what stands side by side has so much at least
LINE_HEIGHT, PADDING = 1.42, 4.0  # of the size, in the highest font that stands in for a Song font; points
ROUNDING = 0.2  # half-width characters: a column of four is made for four
HEAD_SPARE = 4.0  # points: titles are bold, and higher in fonts that stand in for a Song font
HALF_WIDTH = 0.52  # of the size: half a Chinese character, and a little
CAPACITIES = (0.92, 0.96, 1.0, 1.04)  # of a page: programs make rows and pages a little higher or lower
BOX_HEIGHT = 96.0  # points: room for a seal of 30 mm and a signature
_LINE = Side(style="thin", color="000000")
_BOX = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_TOP = Alignment(vertical="top", wrap_text=True)
_LEFT = Alignment(vertical="center", wrap_text=True)


def write_form(
    form: SheetForm,
    rows: Iterable[Mapping[str, Plain]],
    out: BinaryIO,
    *,
    head: Mapping[str, Plain] | None = None,
    foot: Mapping[str, Plain] | None = None,
    boxes: Sequence[Opinion] = (),
    mark: str = "",
) -> None:
    """The form with these rows as .xlsx: rows are mappings by column key, `head` and `foot` by that of their lines;
    what they lack stays empty."""
    values = list(rows)
    across = "landscape" if lies_across(form) else "portrait"
    size, widths = set_across(form, values, room_mm(across) / 25.4 * 72, digit=DIGIT)
    book = new_book(form.title)
    # openpyxl has no public way to it.
    book._named_styles["Normal"].font = Font(name=USUAL, size=DIGIT_SIZE)  # type: ignore[attr-defined]
    filled = _Filled(book.create_sheet(form.sheet_name or form.title[:31]), form, size + SPARE, widths)
    filled.lay_out()
    filled.write_title()
    filled.write_fields(form.head, head or {})
    filled.write_table(values)
    filled.write_fields(form.foot, foot or {})
    filled.write_boxes(boxes)
    filled.keep_together()
    filled.merge_runs()
    filled.sheet.print_area = f"A1:{cell_name(filled.row, len(widths))}"
    mark_book(book, filled.sheet, mark)
    book.save(out)


@dataclass
class _Filled:
    """The sheet as it is written, row by row; `size` of its type and `widths` of its columns in points."""

    sheet: WriteOnlySheet
    form: SheetForm
    size: float
    widths: Sequence[float]
    row: int = 0
    last_entry: int = 0
    entries: Sequence[Mapping[str, Plain]] = ()  # what the rows of the table say
    parted: bool = False  # whether the last entry begins a page
    headers: tuple[int, ...] = ()
    heights: dict[int, float] = field(default_factory=dict)

    def lay_out(self) -> None:
        across = "landscape" if lies_across(self.form) else "portrait"
        lay_on_paper(self.sheet, wide=lies_across(self.form))
        side = SIDE_MM[across] / 25.4
        self.sheet.page_margins = PageMargins(
            left=side, right=side, top=TOP_IN, bottom=BOTTOM_IN, header=0.3, footer=0.3
        )
        self.sheet.print_options.horizontalCentered = True
        for number, width in enumerate(self.widths, 1):
            self.sheet.column_dimensions[column_letters(number)].width = _units(width)

    def write_title(self) -> None:
        if self.form.code.startswith("附件"):
            self._write_across([(self.form.code, {"font": Font(name=HEI, size=LABEL_SIZE)})], LABEL_SIZE * 1.5)
        title = Font(name=SONG, size=TITLE_SIZE, bold=True)
        self._write_across([(self.form.title, {"font": title, "alignment": CENTRE})], TITLE_SIZE * 1.8)

    def write_fields(self, fields: Sequence[HeadField], values: Mapping[str, Plain]) -> None:
        """Labels with their values, some to a line."""
        for line in _in_lines(fields, self._side_by_side(len(fields), FIELDS_A_LINE)):
            texts = [f"{each.title}：{shown(values.get(each.key))}" for each in line]
            self._write_across([(text, {"alignment": _LEFT}) for text in texts], self._height(texts))

    def write_table(self, rows: Sequence[Mapping[str, Plain]]) -> None:
        first = self.row + 1
        font = Font(name=SONG, size=self.size, bold=True)
        self._raise_header(first)
        write_header(self.sheet, self.form, first, numbered=self.form.numbered, font=font, border=_BOX)
        repeat_on_paper(self.sheet, first, header_lines(self.form))
        self.row += header_lines(self.form)
        lines = [line for number, row in enumerate(rows, 1) for line in self._lines(number, row)]
        for nth, (number, row) in enumerate(lines, 1):
            texts = [str(number)] * self.form.numbered + [shown(row.get(each.key)) for each in self.form.columns]
            self._raise(self.row + nth, self._height(texts))
            self.sheet.append(self._body(number, row))
        self.entries = [row for _, row in lines]
        self.row += len(lines)
        self.last_entry = self.row

    def _lines(self, number: int, row: Mapping[str, Plain]) -> Iterator[tuple[Plain, Mapping[str, Plain]]]:
        """A row with its number, and further ones (1续, with the name again) where a text takes more than the highest
        row has room for, as the form goes on as a PDF."""
        columns = self.form.columns
        pieces = {
            each.key: self._pieces(shown(row.get(each.key)), self._holds(place, place + 1))
            for place, each in enumerate(columns, 1 + self.form.numbered)
        }
        yield number, {**row, **{key: texts[0] for key, texts in pieces.items() if len(texts) > 1}}
        again = {each.key: row.get(each.key) for each in columns if each.kind == "name" or each.runs_on}
        for texts in islice(zip_longest(*pieces.values(), fillvalue=""), 1, None):
            yield f"{number}续", {**dict(zip(pieces, texts, strict=True)), **again}

    def _pieces(self, text: str, room: int) -> list[str]:
        """The text in pieces that a row has room for, at so many half-width characters a line."""
        most, pieces = int((TALLEST - PADDING) / (self.size * LINE_HEIGHT)), []
        while _lines_of(text, room) > most:
            fits = bisect_right(range(len(text)), most, key=lambda end: _lines_of(text[:end], room)) - 1
            cut = cut_at(text, fits)
            pieces.append(text[:cut])
            text = text[cut:]
        return [*pieces, text]

    def write_boxes(self, boxes: Sequence[Opinion]) -> None:
        """The boxes side by side; below each other where there are more than columns."""
        for line in _in_lines(boxes, self._side_by_side(len(boxes), len(boxes))):
            texts = [
                self._said(box, first, last) for box, (first, last) in zip(line, self._spans(len(line)), strict=True)
            ]
            height = max(BOX_HEIGHT, self._height(texts))
            self._write_across([(text, {"alignment": _TOP, "border": _BOX}) for text in texts], height)

    def keep_together(self) -> None:
        """What stands below the table goes with its last entry, where it would else begin a page of its own."""
        has_more = self.last_entry > self.headers[-1] + 1
        self.parted = has_more and self.row > self.last_entry and any(map(self._ends_alone, CAPACITIES))
        if self.parted:
            self.sheet.row_breaks.append(Break(id=self.last_entry - 1))

    def _ends_alone(self, capacity: float) -> bool:
        """Does what stands below the table begin a page, where pages hold such a share of their text area?"""
        across = lies_across(self.form)
        page = capacity * (PAGE_MM["portrait" if across else "landscape"] / 25.4 - TOP_IN - BOTTOM_IN) * 72
        head = sum(self.heights[row] for row in self.headers)
        filled = 0.0
        for row in range(1, self.last_entry + 1):
            room = filled + self.heights[row] <= page
            filled = filled + self.heights[row] if room else head + self.heights[row]
        below = sum(self.heights[row] for row in range(self.last_entry + 1, self.row + 1))
        return filled + below > page

    def _raise_header(self, first: int) -> None:
        """The head as high as its titles; those without a group have both its lines."""
        titles = ["序号"] * self.form.numbered + [column.title for column in self.form.columns]
        alone = [True] * self.form.numbered + [not column.group for column in self.form.columns]
        lower = HEAD_SPARE + self._height([title if not own else "" for title, own in zip(titles, alone, strict=True)])
        whole = self._height([title if own else "" for title, own in zip(titles, alone, strict=True)])
        if not self.form.has_groups:
            self._raise(first, whole)
            self.headers = (first,)
            return
        upper = max(2 * self.size, self._group_height(), whole - lower)
        self._raise(first, upper)
        self._raise(first + 1, max(lower, whole - upper))
        self.headers = (first, first + 1)

    def _group_height(self) -> float:
        """Of the line of headings over several columns."""
        lines, first = 1, 1 + self.form.numbered
        for group, columns in self.form.groups():
            lines = max(lines, _lines_of(group, self._holds(first, first + len(columns))))
            first += len(columns)
        return lines * self.size * LINE_HEIGHT + PADDING

    def _raise(self, row: int, height: float) -> None:
        self.heights[row] = self.sheet.row_dimensions[row].height = min(height, TALLEST)

    def _body(self, number: Plain, row: Mapping[str, Plain]) -> list[Cell]:
        styles = {"font": Font(name=SONG, size=self.size), "border": _BOX}
        cells = [
            body_cell(self.sheet, row.get(each.key), each, alignment=_placed(each), **styles)
            for each in self.form.columns
        ]
        first = [cell_of(self.sheet, number, alignment=CENTRE, **styles)] if self.form.numbered else []
        return [*first, *cells]

    def merge_runs(self) -> None:
        """Of columns that run on, equal cells below each other are one; on the next page another one says the same."""
        last = len(self.entries) - 1
        for place, column in enumerate(self.form.columns, 1 + self.form.numbered):
            top = self.headers[-1] + 1
            said = [(row.get(column.key), self.parted and nth == last) for nth, row in enumerate(self.entries)]
            for _, run in groupby(said if column.runs_on else ()):
                bottom = top + len(list(run)) - 1
                if bottom > top:
                    self.sheet.merged_cells.add(f"{cell_name(top, place)}:{cell_name(bottom, place)}")
                top = bottom + 1

    def _write_across(self, texts: Sequence[tuple[str, Mapping[str, object]]], height: float) -> None:
        """Texts side by side over the whole width, each with its styles."""
        self.row += 1
        self._raise(self.row, height)
        cells: list[Cell] = []
        for (first, last), (text, styles) in zip(self._spans(len(texts)), texts, strict=True):
            said = {"font": Font(name=SONG, size=self.size), **styles}
            cells += [cell_of(self.sheet, text if place == first else None, **said) for place in range(first, last)]
            if last - first > 1:
                self.sheet.merged_cells.add(f"{cell_name(self.row, first)}:{cell_name(self.row, last - 1)}")
        self.sheet.append(cells)

    def _spans(self, parts: int) -> list[tuple[int, int]]:
        """The columns (A is 1) of so many parts of about one width: the first of each, and the first behind it."""
        ends, whole = [1], sum(self.widths)
        for part in range(1, parts):
            nearest = min(
                range(ends[-1] + 1, len(self.widths) - parts + part + 2),
                key=lambda end: abs(sum(self.widths[: end - 1]) - whole * part / parts),
            )
            ends.append(nearest)
        return list(pairwise([*ends, len(self.widths) + 1]))

    def _side_by_side(self, items: int, most: int) -> int:
        """How many of these items stand in a line, `most` at most, where the columns' edges leave each a fair share."""
        fair = (
            parts
            for parts in range(min(most, len(self.widths)), 1, -1)
            if all(self._is_fair(line) for line in {min(parts, items), items % parts} - {0})
        )
        return next(fair, 1)

    def _is_fair(self, parts: int) -> bool:
        shares = [sum(self.widths[first - 1 : last - 1]) for first, last in self._spans(parts)]
        return min(shares) >= FAIR * sum(self.widths) / parts

    def _height(self, texts: Sequence[str]) -> float:
        """Of a row with these texts, in points: no program makes merged cells as high as they need, and not all do it
        for others."""
        lines = 1
        for (first, last), text in zip(self._spans(len(texts)), texts, strict=True):
            room = self._holds(first, last)
            lines = max(lines, _lines_of(text, room))
        return lines * self.size * LINE_HEIGHT + PADDING

    def _holds(self, first: int, last: int) -> int:
        """How many half-width characters a line over these columns holds; an even number, as most are pairs."""
        room = sum(self.widths[first - 1 : last - 1]) - PADDING
        return max(2, int(room / (self.size * HALF_WIDTH) + ROUNDING) // 2 * 2)

    def _said(self, box: Opinion, first: int, last: int) -> str:
        """What stands in a box over these columns: signature and day at its right."""
        room = self._holds(first, last) // 2 - 1
        signed = [box.signer or "（盖章）", shown(box.day) or "年　　月　　日"]
        closing = ["　" * max(0, room - int(half_widths(text)) // 2) + text for text in signed]
        return "\n".join([box.title, box.text, "", *closing])


def _placed(column: Column) -> Alignment:
    """Figures stand at the right, long texts at the left, what is short in the middle, as on paper."""
    if column.kind == "number" or (column.kind == "text" and column.width >= LONG):
        return _LEFT
    return CENTRE


def _lines_of(text: str, room: int) -> int:
    return sum(max(1, ceil(half_widths(line) / room)) for line in text.split("\n"))


def _in_lines(items: Sequence[_T], most: int) -> list[Sequence[_T]]:
    return [items[start : start + most] for start in range(0, len(items), max(most, 1))]


def room_mm(orientation: str) -> float:
    """How wide the table is, in millimetres."""
    return USED * (PAGE_MM[orientation] - 2 * SIDE_MM[orientation])


def _units(points: float) -> float:
    """A width as workbooks count it: in digits of the usual font."""
    return round(points * 96 / 72 / DIGIT_PX, 2)

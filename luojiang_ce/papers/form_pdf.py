"""A form of the notice as a PDF: title, lines above, table with grouped heads, lines below, boxes for opinions.

The columns come from the form's one definition (luojiang_ce.sheets), so screen, workbook and paper cannot differ.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from itertools import count, zip_longest
from math import ceil
from typing import Any

from luojiang_ce import clock
from luojiang_ce.sheets.definitions import Column, HeadField, SheetForm

from .content import Stamp
from .dates import chinese_day
from .printable import Printable

TEMPLATE = "papers/print/form.html"
PAPER_WIDTH_MM = {"portrait": 184.0, "landscape": 275.0}
OFFICIAL_WIDTH_MM = {"portrait": 156.0, "landscape": 225.0}  # of the text area of a document (GB/T 9704)
LEAST = 4  # half-width characters that a column keeps for its title
NUMBER_WIDTH = 4  # of the column 序号, in the half-width characters of column widths
CELL_PADDING_PT = 3.0
HALF_WIDTH = 0.56  # of the size: a digit in a Song font
SMALLEST, LARGEST = 9.0, 10.5  # points; below the smallest a printed form cannot be read
TALLEST = 20  # lines of text in a row: what is longer goes on in a row below, so that no row leaves its page
BOX_SIZE, BOX_PADDING, BOX_LINES = 10.5, 24.0, 9  # points; the lines of an opinion that leave boxes side by side
CUT_AFTER = "；。，、 "  # where a text is cut best, first choice first
_UNBROKEN = ("name", "number", "integer", "id", "month", "date")  # kinds of columns that give no room away
_STYLES = {"name": "who", "number": "r", "integer": "n", "id": "n", "month": "n", "date": "n"}


@dataclass(frozen=True)
class OpinionBox:
    """A box for an opinion, in the order in which they are given: who decides, what, and room for the seal.

    `unit`: whose seal it is, named under the seal in a stamped box.
    """

    title: str
    text: str = ""
    signer: str = ""
    day: date | None = None
    stamp: Stamp | None = None
    unit: str = ""


@dataclass(frozen=True)
class Head:
    """A cell of the table's head: over several columns for a group, over two lines without one."""

    title: str
    columns: int = 1
    lines: int = 1


@dataclass(frozen=True)
class Cell:
    """A cell of a row as text, and how it is set (l left, r right, n not broken, who a name)."""

    text: str
    style: str = ""


@dataclass(frozen=True)
class Line:
    """A row as the template sets it; `anchor` tells the renderer where the row went."""

    anchor: str
    cells: Sequence[Cell]


def form_printable(
    form: SheetForm, rows: Iterable[Mapping[str, Any]], *, template: str = TEMPLATE, **options: Any
) -> Printable:
    """The form filled with these rows, ready for `rendering.render`; options are those of `form_context`."""
    return Printable(template, form_context(form, rows, **options), "form", form.title)


def form_context(
    form: SheetForm,
    rows: Iterable[Mapping[str, Any]],
    *,
    head: Mapping[str, Any] | None = None,
    foot: Mapping[str, Any] | None = None,
    boxes: Sequence[OpinionBox] = (),
    empty: str = "",
    width_mm: Mapping[str, float] = PAPER_WIDTH_MM,
    **extra: Any,
) -> dict[str, Any]:
    """What templates/papers/print/form.html shows; also what a paper's `build` returns for a stamped form.

    Rows and fields are mappings by key; `width_mm` is the width of the text area by the form's orientation; `extra` is
    what a form's own template takes besides.
    """
    values = list(rows)
    room = width_mm[form.orientation] / 25.4 * 72
    size, wide = _set_across(form, _widths(form, values), values, room)
    holds = [max(1, int((width - CELL_PADDING_PT) / size)) * TALLEST for width in wide]
    return {
        "label": form.code if form.code.startswith("附件") else "",
        "heading": form.title,
        "across": form.orientation == "landscape",
        "size": size,
        "widths": [f"{width / room * 100:.2f}" for width in wide],  # per cent
        "heads": _heads(form),
        "rows": list(_lines(form, values, holds)),
        "above": _fields(form.head, head or {}),
        "below": _fields(form.foot, foot or {}),
        "boxes": boxes,
        "box_lines": _box_lines(boxes, room),
        "empty": empty,
        "column_count": len(wide),
        **extra,
    }


def shown(value: Any) -> str:
    """A value as a form shows it: dates in Chinese, hours as typed, nothing for None."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return chinese_day(clock.local(value).date())
    if isinstance(value, date):
        return chinese_day(value)
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return str(value)


def _box_lines(boxes: Sequence[OpinionBox], width: float) -> list[Sequence[OpinionBox]]:
    """The boxes side by side on paper of this width; each on a line of its own where one says too much for that."""
    room = int((width / max(len(boxes), 1) - BOX_PADDING) / BOX_SIZE)  # characters a line
    tallest = max((sum(ceil(len(line) / room) for line in box.text.split("\n")) for box in boxes), default=0)
    return [[box] for box in boxes] if tallest > BOX_LINES else [boxes]


def _heads(form: SheetForm) -> list[list[Head]]:
    """The lines of the table's head: two where the form has groups."""
    lines = 2 if form.has_groups else 1
    upper = [Head("序号", lines=lines)] if form.numbered else []
    lower = []
    for group, columns in form.groups():
        if group:
            upper.append(Head(group, columns=len(columns)))
            lower += [Head(column.title) for column in columns]
        else:
            upper.append(Head(columns[0].title, lines=lines))
    return [upper, lower] if lower else [upper]


def _widths(form: SheetForm, rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """The columns' widths in half-width characters; a figure is never broken, so its column is as wide."""
    widths = [NUMBER_WIDTH] if form.numbered else []
    for column in form.columns:
        figures = rows if column.kind in ("number", "integer") else ()
        widths.append(max([column.width, *(len(shown(row.get(column.key))) + 1 for row in figures)]))
    return widths


def _set_across(
    form: SheetForm, widths: Sequence[int], rows: Sequence[Mapping[str, Any]], room: float
) -> tuple[float, list[float]]:
    """The size at which the columns fit across so much room, and how wide each is, in points. Where that size could not
    be read it is the smallest that can: columns give away what nobody needs of them, and long texts give way."""
    padding = CELL_PADDING_PT * len(widths)
    size = round(min(LARGEST, (room - padding) / sum(widths) / HALF_WIDTH), 1)
    if size >= SMALLEST:
        return size, [room * width / sum(widths) for width in widths]
    kinds = (["number"] if form.numbered else []) + [column.kind for column in form.columns]
    needs = [NUMBER_WIDTH] * form.numbered + [_needed(column, rows) for column in form.columns]
    wide = [
        min(width, need) * HALF_WIDTH * SMALLEST + CELL_PADDING_PT for width, need in zip(widths, needs, strict=True)
    ]
    stiff = [kind in _UNBROKEN for kind in kinds]
    left = room - sum(each for each, known in zip(wide, stiff, strict=True) if known)
    share = left / max(1.0, sum(each for each, known in zip(wide, stiff, strict=True) if not known))
    return SMALLEST, [each if known else each * share for each, known in zip(wide, stiff, strict=True)]


def _needed(column: Column, rows: Sequence[Mapping[str, Any]]) -> int:
    """How many half-width characters the longest of its texts takes, with a margin; all of its width where somebody
    writes into it by hand."""
    if column.by_hand:
        return column.width
    longest = max((_half_widths(shown(row.get(column.key))) for row in rows), default=0)
    return max(LEAST, longest + 1)


def _half_widths(text: str) -> int:
    return sum(1 if each.isascii() else 2 for each in text)


def _lines(form: SheetForm, rows: Iterable[Mapping[str, Any]], holds: Sequence[int]) -> Iterator[Line]:
    """A line for each row, and further ones (1续, with the name again) where a cell says more than `holds` of its
    column, in characters."""
    anchors = count()
    for number, row in enumerate(rows, 1):
        cells = _cells(form, number, row)
        pieces = [_pieces(cell.text, most) for cell, most in zip(cells, holds, strict=True)]
        for nth, texts in enumerate(zip_longest(*pieces, fillvalue="")):
            line = [replace(cell, text=text) for cell, text in zip(cells, texts, strict=True)]
            if nth:
                line = [whole if part.style == "who" else part for whole, part in zip(cells, line, strict=True)]
                line = [Cell(f"{number}续"), *line[1:]] if form.numbered else line
            yield Line(f"row-{next(anchors)}", line)


def _cells(form: SheetForm, number: int, row: Mapping[str, Any]) -> list[Cell]:
    cells = [Cell(str(number))] if form.numbered else []
    for column in form.columns:
        # Long texts begin at the left; what is short stands in the middle.
        style = _STYLES.get(column.kind, "l" if column.kind == "text" and column.width >= 10 else "")
        cells.append(Cell(shown(row.get(column.key)), style))
    return cells


def _pieces(text: str, most: int) -> list[str]:
    """The text in pieces of at most so many characters, cut after a mark where the latter half has one."""
    pieces = []
    while len(text) > most:
        marks = (text.rfind(mark, most // 2, most) for mark in CUT_AFTER)
        cut = next((found for found in marks if found >= 0), most - 1) + 1
        pieces.append(text[:cut])
        text = text[cut:]
    return [*pieces, text]


def _fields(fields: Sequence[HeadField], values: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(field.title, shown(values.get(field.key))) for field in fields]

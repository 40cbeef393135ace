"""A form of the notice as a PDF: title, lines above, table with grouped heads, lines below, boxes for opinions.

The columns come from the form's one definition (luojiang_ce.sheets), so screen, workbook and paper cannot differ.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count, islice, zip_longest
from math import ceil
from typing import Any

from luojiang_ce.sheets.across import CELL_PADDING_PT, cut_at, set_across, shown
from luojiang_ce.sheets.definitions import HeadField, Opinion, SheetForm

from .content import Stamp
from .printable import Printable

TEMPLATE = "papers/print/form.html"
PAPER_WIDTH_MM = {"portrait": 184.0, "landscape": 275.0}
OFFICIAL_WIDTH_MM = {"portrait": 156.0, "landscape": 225.0}  # of the text area of a document (GB/T 9704)
TALLEST = 20  # lines of text in a row: what is longer goes on in a row below, so that no row leaves its page
BOX_SIZE, BOX_PADDING, BOX_LINES = 10.5, 24.0, 9  # points; the lines of an opinion that leave boxes side by side
_STYLES = {"name": "who", "number": "r", "integer": "n", "id": "n", "month": "n", "date": "n"}


@dataclass(frozen=True)
class OpinionBox(Opinion):
    """A box for an opinion on paper; `unit`: whose seal it is, named under the seal in a stamped box."""

    stamp: Stamp | None = None
    unit: str = ""


@dataclass(frozen=True)
class Head:
    """A cell of the table's head: over several columns for a group, over two lines without one; `a_line`: characters on
    a line of a title that takes several, where they are to be as long as each other, else 0."""

    title: str
    columns: int = 1
    lines: int = 1
    a_line: int = 0


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
    size, wide = set_across(form, values, room)
    holds = [max(1, int((width - CELL_PADDING_PT) / size)) * TALLEST for width in wide]
    return {
        "label": form.code if form.code.startswith("附件") else "",
        "heading": form.title,
        "across": form.orientation == "landscape",
        "size": size,
        "widths": [f"{width / room * 100:.2f}" for width in wide],  # per cent
        "heads": _heads(form, [int((width - CELL_PADDING_PT) / size) for width in wide]),
        "rows": list(_lines(form, values, holds)),
        "above": _fields(form.head, head or {}),
        "below": _fields(form.foot, foot or {}),
        "boxes": boxes,
        "box_lines": _box_lines(boxes, room),
        "empty": empty,
        "column_count": len(wide),
        **extra,
    }


def _box_lines(boxes: Sequence[OpinionBox], width: float) -> list[Sequence[OpinionBox]]:
    """The boxes side by side on paper of this width; each on a line of its own where one says too much for that."""
    room = int((width / max(len(boxes), 1) - BOX_PADDING) / BOX_SIZE)  # characters a line
    tallest = max((sum(ceil(len(line) / room) for line in box.text.split("\n")) for box in boxes), default=0)
    return [[box] for box in boxes] if tallest > BOX_LINES else [boxes]


def _heads(form: SheetForm, rooms: Sequence[int]) -> list[list[Head]]:
    """The lines of the table's head, two where the form has groups; `rooms`: how many characters a line of each column
    holds."""
    lines = 2 if form.has_groups else 1
    upper = [Head("序号", lines=lines)] if form.numbered else []
    lower: list[Head] = []
    held = zip(form.columns, rooms[form.numbered :], strict=True)
    titles = iter([Head(each.title, a_line=_a_line(each.title, room)) for each, room in held])
    for group, columns in form.groups():
        if group:
            upper.append(Head(group, columns=len(columns)))
            lower += islice(titles, len(columns))
        else:
            upper.append(replace(next(titles), lines=lines))
    return [upper, lower] if lower else [upper]


def _a_line(title: str, room: int) -> int:
    """Characters on each line of a title, of which a line holds `room`: 授课/教师 rather than 授课教/师. Most words
    have two; one with marks is broken at them."""
    if len(title) <= room or not title.replace("/", "").isalpha():
        return 0
    even = ceil(len(title) / ceil(len(title) / max(1, room)))
    return min(max(1, room), even + even % 2)


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
        cut = cut_at(text, most)
        pieces.append(text[:cut])
        text = text[cut:]
    return [*pieces, text]


def _fields(fields: Sequence[HeadField], values: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(field.title, shown(values.get(field.key))) for field in fields]

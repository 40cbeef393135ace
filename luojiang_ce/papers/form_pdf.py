"""A form of the notice as a PDF: title, lines above, table with grouped heads, lines below, boxes for opinions.

The columns come from the form's one definition (luojiang_ce.sheets), so screen, workbook and paper cannot differ.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from luojiang_ce import clock
from luojiang_ce.sheets.definitions import HeadField, SheetForm

from .content import Stamp
from .dates import chinese_day
from .printable import Printable

TEMPLATE = "papers/print/form.html"
PAPER_WIDTH_PT = {"portrait": 184 / 25.4 * 72, "landscape": 275 / 25.4 * 72}
NUMBER_WIDTH = 4  # of the column 序号, in the half-width characters of column widths
CELL_PADDING_PT = 3.0
HALF_WIDTH = 0.56  # of the size: a digit in a Song font
SMALLEST, LARGEST = 6.5, 10.5  # points; below the smallest a printed form cannot be read
_STYLES = {"name": "who", "number": "r", "id": "n", "month": "n", "date": "n"}


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
    **extra: Any,
) -> dict[str, Any]:
    """What templates/papers/print/form.html shows; also what a paper's `build` returns for a stamped form.

    Rows and fields are mappings by key; `extra` is what a form's own template takes besides.
    """
    widths = [*([NUMBER_WIDTH] if form.numbered else []), *(column.width for column in form.columns)]
    # The size at which the widths just fit across the page, within what can be read and looks right.
    room = PAPER_WIDTH_PT[form.orientation] - CELL_PADDING_PT * len(widths)
    size = round(max(SMALLEST, min(LARGEST, room / sum(widths) / HALF_WIDTH)), 1)
    return {
        "label": form.code if form.code.startswith("附件") else "",
        "heading": form.title,
        "across": form.orientation == "landscape",
        "size": size,
        "widths": [f"{width / sum(widths) * 100:.2f}" for width in widths],  # per cent
        "heads": _heads(form),
        "rows": [_line(form, number, row) for number, row in enumerate(rows)],
        "above": _fields(form.head, head or {}),
        "below": _fields(form.foot, foot or {}),
        "boxes": boxes,
        "empty": empty,
        "column_count": len(widths),
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


def _line(form: SheetForm, number: int, row: Mapping[str, Any]) -> Line:
    cells = [Cell(str(number + 1))] if form.numbered else []
    for column in form.columns:
        # Long texts begin at the left; what is short stands in the middle.
        style = _STYLES.get(column.kind, "l" if column.kind == "text" and column.width >= 10 else "")
        cells.append(Cell(shown(row.get(column.key)), style))
    return Line(f"row-{number}", cells)


def _fields(fields: Sequence[HeadField], values: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(field.title, shown(values.get(field.key))) for field in fields]

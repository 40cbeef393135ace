"""How the columns of a form share the width of a page: on paper and in a workbook alike. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from luojiang_ce import clock
from luojiang_ce.workdays.text import full

from .definitions import Column, SheetForm

LEAST = 4  # half-width characters that a column keeps for its title
NUMBER_WIDTH = 4  # of the column 序号, in the half-width characters of column widths
CELL_PADDING_PT = 3.0
HALF_WIDTH = 0.56  # of the size: a digit in a Song font
SMALLEST, LARGEST = 9.0, 10.5  # points; below the smallest a printed form cannot be read
LEAST_SHARE = 0.5  # of what long texts would take is theirs, however much figures and names ask for
CUT_AFTER = "；。，、 "  # first choice first
_UNBROKEN = ("name", "number", "integer", "id", "month", "date")  # kinds of columns that give no room away


def set_across(form: SheetForm, rows: Sequence[Mapping[str, Any]], room: float) -> tuple[float, list[float]]:
    """The size at which the columns fit across so much room, and how wide each is, in points; 序号 first where the form
    has it. Where that size could not be read it is the smallest that can: columns give away what nobody needs of them,
    and long texts give way."""
    widths = _widths(form, rows)
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
    hard = sum(each for each, known in zip(wide, stiff, strict=True) if known)
    soft = sum(wide) - hard
    left = max(room - hard, soft * LEAST_SHARE)
    shares = {True: (room - left) / max(1.0, hard), False: left / max(1.0, soft)}
    return SMALLEST, [each * shares[known] for each, known in zip(wide, stiff, strict=True)]


def shown(value: Any) -> str:
    """A value as a form shows it: dates in Chinese, hours as typed, nothing for None."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return full(clock.local(value).date())
    if isinstance(value, date):
        return full(value)
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return str(value)


def half_widths(text: str) -> int:
    """How wide a text is, in half-width characters."""
    return sum(1 if each.isascii() else 2 for each in text)


def cut_at(text: str, most: int) -> int:
    """Where a text of more than so many characters is best cut: behind a mark, where the latter half has one."""
    marks = (text.rfind(mark, most // 2, most) for mark in CUT_AFTER)
    return next((found for found in marks if found >= 0), most - 1) + 1


def _widths(form: SheetForm, rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """The columns' widths in half-width characters; a figure is never broken, so its column is as wide."""
    widths = [NUMBER_WIDTH] if form.numbered else []
    for column in form.columns:
        figures = rows if column.kind in ("number", "integer") else ()
        widths.append(max([column.width, *(len(shown(row.get(column.key))) + 1 for row in figures)]))
    return widths


def _needed(column: Column, rows: Sequence[Mapping[str, Any]]) -> int:
    """How many half-width characters the longest of its texts takes, with a margin; all of its width where somebody
    writes into it by hand."""
    if column.by_hand:
        return column.width
    longest = max((half_widths(shown(row.get(column.key))) for row in rows), default=0)
    return max(LEAST, longest + 1)

"""How the columns of a form share the width of a page: on paper and in a workbook alike. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from math import ceil
from typing import Any

from luojiang_ce import clock
from luojiang_ce.workdays.text import full

from .definitions import Column, SheetForm

SHORT_TITLE = 4  # half-width characters of a title that is not broken
TITLE_LINES = 6  # that a longer one takes at most, however little its column holds
SHORT = 6  # half-width characters of a word that is not broken
FEWEST = (8, 6, 4)  # half-width characters a line that any longer text has: the first at which rows are no taller than
TALL = 7  # lines
NUMBER_WIDTH = 4  # of the column 序号, in the half-width characters of column widths
CELL_PADDING_PT = 3.0
HALF_WIDTH = 0.56  # of the size: a digit in a Song font
SMALLEST, LARGEST = 9.0, 10.5  # points; below the smallest a printed form cannot be read
LEAST_SHARE = 0.5  # of the width is for long texts, however much figures and names ask for
ROUNDING = 0.01
LONGEST_RUN = 20  # half-width characters of a day, a number, a telephone that no line parts
CUT_AFTER = "；。，、 "  # first choice first
_RUN = re.compile(r"\d{4}年\d{1,2}月\d{1,2}日至?|[!-~]+")
_IN_BRACKETS = re.compile(r"（.）")  # of a title, such as （元）
_UNBROKEN = ("name", "number", "integer", "id", "month", "date")  # kinds of columns that stand on one line


def set_across(
    form: SheetForm, rows: Sequence[Mapping[str, Any]], room: float, *, digit: float = 1.0
) -> tuple[float, list[float]]:
    """The size at which the columns fit across so much room, and how wide each is, in points; 序号 first where the form
    has it. Where that size could not be read it is the smallest that can, and the columns are as wide as what they hold
    asks for: what is not broken (names, numbers, days, short words) on one line, nothing for what is empty but its
    title, and the rest for long texts, so that the tallest of a row is as low as can be. A form without rows is filled
    in by hand: its columns have room for as much as they are said to hold. `digit`: how wide digits and letters may
    turn out, in half-width characters: workbooks are printed with whatever font there is."""
    widths = _widths(form, rows)
    padding = CELL_PADDING_PT * len(widths)
    size = round(min(LARGEST, (room - padding) / sum(widths) / HALF_WIDTH), 1)
    if size >= SMALLEST:
        return size, [room * width / sum(widths) for width in widths]
    demands = [Demand(NUMBER_WIDTH, NUMBER_WIDTH, whole=True)] * form.numbered
    demands += [_demand(column, rows, digit) for column in form.columns]
    ways = [_shared(demands, few, (room - padding) / HALF_WIDTH / SMALLEST) for few in FEWEST]
    shared = next((way for way in ways if _lines(demands, way) <= TALL and _none_lacks(demands, way)), ways[-1])
    return SMALLEST, [each * HALF_WIDTH * SMALLEST + CELL_PADDING_PT for each in shared]


@dataclass(frozen=True)
class Demand:
    """What a column asks for, in half-width characters: its longest text, how much it cannot do without, and whether it
    stands on one line."""

    longest: int
    least: int
    whole: bool


def _demand(column: Column, rows: Sequence[Mapping[str, Any]], digit: float) -> Demand:
    texts = [shown(row.get(column.key)) for row in rows]
    wide = digit if column.kind in _UNBROKEN or column.whole else 1.0  # long texts go on in the next line
    longest = max((ceil(half_widths(text, wide)) for text in texts), default=0)
    title = _title_width(column.title)
    if column.by_hand:  # somebody writes into it
        return Demand(column.width, column.width, whole=True)
    if not rows:  # what is written into the others, too: as much as they are said to hold
        return Demand(column.width, title, whole=False)
    if column.kind == "name":  # one that is as long as some are goes over two lines
        longest = min(longest, max(column.width, title))
    if longest and (column.whole or column.kind in _UNBROKEN or longest <= SHORT):
        return Demand(max(longest, title), title, whole=True)
    return Demand(longest, max(title, _longest_run(texts, digit)), whole=False)


def _longest_run(texts: Sequence[str], digit: float) -> int:
    """Half-width characters of the longest run within long texts that should stay on a line: with less, a telephone
    reads 0595-0000-0 and 126."""
    runs = (ceil(half_widths(run, digit)) + 1 for text in texts for run in _RUN.findall(text))
    return max((run for run in runs if run <= LONGEST_RUN), default=0)


def _title_width(title: str) -> int:
    """Half-width characters that a column cannot do without for its title: two letters a line, for one that is set
    letter by letter is not read at a glance; a letter stays in its brackets."""
    width = ceil(half_widths(title))
    if width <= SHORT_TITLE:
        return width
    whole = max((len(found) * 2 for found in _IN_BRACKETS.findall(title)), default=0)
    return max(SHORT_TITLE, whole, ceil(width / TITLE_LINES / 2) * 2)


def _lines(demands: Sequence[Demand], widths: Sequence[float]) -> float:
    """How many lines the longest text takes."""
    return max(each.longest / width for each, width in zip(demands, widths, strict=True))


def _none_lacks(demands: Sequence[Demand], widths: Sequence[float]) -> bool:
    """Has every column what it cannot do without, those that are not broken their whole text?"""
    needs = (each.longest if each.whole else each.least for each in demands)
    return all(width > need - ROUNDING for need, width in zip(needs, widths, strict=True))


def _shared(demands: Sequence[Demand], few: int, room: float) -> list[float]:
    """So much room among columns. Whole ones have what they ask for as long as the others keep what they cannot do
    without; long texts have the rest in the measure of their length, each `few` characters a line at least."""
    texts = [replace(each, least=max(each.least, min(each.longest, few))) for each in demands if not each.whole]
    hard = sum(each.longest for each in demands if each.whole)
    left = max(room - hard, min(sum(each.least for each in texts), room * LEAST_SHARE))
    by_text = _poured(texts, left)
    whole = (room - sum(by_text)) / max(1, hard)
    soft = iter(by_text)
    return [each.longest * whole if each.whole else next(soft) for each in demands]


def _poured(texts: Sequence[Demand], room: float) -> list[float]:
    """Room among long texts in the measure of their length, each with its least; all of it where there is less."""
    least = sum(each.least for each in texts)
    if least >= room:
        return [each.least * room / max(1, least) for each in texts]
    kept: set[int] = set()
    while True:
        others = [each for nth, each in enumerate(texts) if nth not in kept]
        rest = room - sum(texts[nth].least for nth in kept)
        share = rest / max(1, sum(each.longest for each in others))
        short = {nth for nth, each in enumerate(texts) if nth not in kept and each.longest * share < each.least}
        if not short:
            return [each.least if nth in kept else each.longest * share for nth, each in enumerate(texts)]
        kept |= short


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


def half_widths(text: str, digit: float = 1) -> float:
    """How wide a text is, in half-width characters; `digit`: how wide a digit or letter is taken to be."""
    return sum(digit if each.isascii() else 2 for each in text)


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

"""The last pages of a long list at every count of rows, without laying out all that stands before them.

Where a page begins depends on the rows before it alone, so a count is laid out from the page before its last on: the
pages before are those of the longest list. All rows are alike but for their number, so two counts with as many rows
left from there on are one layout. That both is so is held against whole layouts.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from weasyprint import Document

from luojiang_ce.papers.printable import Printable
from tests.luojiang_ce.papers.sheets_of_boxes import laid_out, says_something

MOST = 400
Maker = Callable[[int], Printable]
_ROW = re.compile(r"row-(\d+)")


def rows_on(document: Document) -> list[list[int]]:
    """The rows on each page, counted from 1; none on the pages of a letter before its list."""
    found = (map(_ROW.fullmatch, page.anchors) for page in document.pages)
    return [sorted(int(row[1]) + 1 for row in rows if row) for rows in found]


@cache
def _starts(make: Maker) -> list[int]:
    """With which row each page of the longest list begins, but for its last ones, which know of the end."""
    return [rows[0] for rows in rows_on(laid_out(make(MOST + 40))) if rows][:-3]


def last_pages(make: Maker, count: int) -> list[list[int]]:
    """The rows on each page from the page before its last on; of a short one on all its pages."""
    first = _begun(make, count)
    return [[first - 1 + row for row in page] for page in rows_on(_last(make, count - first + 1, whole=first == 1))]


def pages_alone(make: Maker, count: int) -> list[int]:
    """Which of these pages hold nothing but what closes the paper."""
    first = _begun(make, count)
    pages = _last(make, count - first + 1, whole=first == 1).pages
    return [nth for nth, page in enumerate(pages, 1) if not says_something(page)]


def _begun(make: Maker, count: int) -> int:
    begun = [first for first in _starts(make) if first <= count]
    return begun[-2] if len(begun) > 2 else 1


@cache
def _last(make: Maker, count: int, *, whole: bool) -> Document:
    return laid_out(make(count), first_part=whole)

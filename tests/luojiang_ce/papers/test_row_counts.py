"""No page holds only a signature, a seal or a code, at any number of rows from 1 to 400.

Where a page begins depends on the rows before it alone, so a count is laid out from the page before its last on: the
pages before are those of the longest list. All rows are alike but for their number, so two counts with as many rows
left from there on are one layout. That both is so is held against whole layouts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest

from luojiang_ce.papers.form_pdf import OFFICIAL_WIDTH_MM, form_context
from luojiang_ce.papers.printable import Printable
from luojiang_ce.papers.rendering import typeset
from tests.luojiang_ce.papers.test_sheets import MAKERS, SEALED, TestOneSheet, rows_of
from training.classes.proof_paper import LESSONS

pytestmark = pytest.mark.thorough
MOST = 400
ROW = re.compile(r"第(\d{4})行")


def proof(count: int) -> Printable:
    """A document whose list stands in its text, with issuer, date and seal below."""
    table = form_context(LESSONS, rows_of(LESSONS, count), width_mm=OFFICIAL_WIDTH_MM)
    context = {"issuer": "泉州市洛江区人力资源和社会保障局", **table, **SEALED}
    return Printable("tests/long_list.html", context, "official", "授课证明")


PAPERS: dict[str, Callable[[int], Printable]] = {**MAKERS, "授课证明": proof}


def said(printable: Printable, **part: Any) -> list[str]:
    """What stands on each page, laid out and not written."""
    made = typeset(printable.html(**part), printable.style)
    return ["".join(_texts(page._page_box)) for page in made.pages]


def _texts(box: Any) -> Iterator[str]:
    for each in box.descendants():
        if type(each).__name__ == "TextBox":
            yield each.text


def numbers(page: str) -> list[int]:
    return [int(found) for found in ROW.findall(page)]


@cache
def starts(name: str) -> list[int]:
    """With which row each page of the longest list begins, but for its last ones, which know of the end."""
    pages = [found for page in said(PAPERS[name](MOST + 40)) if (found := numbers(page))]
    return [page[0] for page in pages[:-3]]


def last_pages(name: str, count: int) -> list[list[int]]:
    """The rows on each page of a paper with so many from the page before its last on; of a short one on all its pages,
    those of a letter without rows among them."""
    begun = [first for first in starts(name) if first <= count]
    first = begun[-2] if len(begun) > 2 else 1
    return [[first - 1 + row for row in page] for page in laid_out(name, count - first + 1, whole=first == 1)]


@cache
def laid_out(name: str, count: int, *, whole: bool) -> list[list[int]]:
    """The rows on each page of a paper, or of the last part of one, with so many."""
    return [numbers(page) for page in said(PAPERS[name](count), first_part=whole)]


@pytest.mark.parametrize("name", PAPERS)
def test_every_page_holds_rows_at_every_count(name: str) -> None:
    for count in range(1, MOST + 1):
        pages = last_pages(name, count)
        begin = next(nth for nth, rows in enumerate(pages) if rows)  # a letter's own pages come first
        assert all(pages[begin:]), (count, pages)
        assert [row for rows in pages for row in rows][-1] == count


@pytest.mark.parametrize("count", [9, 47, 112, 199])
@pytest.mark.parametrize("name", PAPERS)
def test_the_last_pages_are_those_of_the_whole(name: str, count: int) -> None:
    whole = [numbers(page) for page in said(PAPERS[name](count))]
    assert whole[-len(last_pages(name, count)) :] == last_pages(name, count)


def test_the_page_of_a_person_is_signed_beside_what_it_says_at_every_count() -> None:
    page = TestOneSheet.page
    fits = max(shown for shown in range(1, 25) if len(said(page(shown), shown=shown, overleaf=False)) == 1)
    for count in (*range(1, fits + 2), *range(fits + 2, MOST + 1, 7), MOST):
        shown = count if count <= fits else fits - 1
        first, *overleaf = said(page(count), shown=shown, overleaf=count > fits)
        assert "准予验证" in first
        assert all(numbers(each) for each in overleaf), count
        assert numbers("".join(overleaf)) == (list(range(1, count + 1)) if count > fits else [])

"""No page of a document with a long list holds only a signature, a seal or a code, at any number of rows from 1 to 400.

Of all other papers test_list_papers.py tries the counts at which a page begins, `python -m tests.bench.row_counts` all
of them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from luojiang_ce.papers.form_pdf import OFFICIAL_WIDTH_MM, form_context
from luojiang_ce.papers.printable import Printable
from luojiang_ce.papers.rendering import lay_out
from tests.luojiang_ce.papers.list_papers import LIST_PAPERS, SEALED, rows_of
from tests.luojiang_ce.papers.row_counts import MOST, last_pages, rows_on
from tests.luojiang_ce.papers.sheets_of_boxes import laid_out, says_something
from tests.luojiang_ce.papers.test_sheets import publication
from training.classes.proof_paper import LESSONS

pytestmark = pytest.mark.thorough


def proof(count: int) -> Printable:
    """A document whose list stands in its text, with issuer, date and seal below."""
    table = form_context(LESSONS, rows_of(LESSONS, count), width_mm=OFFICIAL_WIDTH_MM)
    context = {"issuer": "泉州市洛江区人力资源和社会保障局", **table, **SEALED}
    return Printable("tests/long_list.html", context, "official", "授课证明")


def roster(count: int) -> Printable:
    """附件4 with its three opinions and the seal."""
    return LIST_PAPERS["verification_roster"](count)[0]


DOCUMENTS: dict[str, Callable[[int], Printable]] = {"公布": publication, "授课证明": proof}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_page_holds_rows_at_every_count(name: str) -> None:
    for count in range(1, MOST + 1):
        pages = last_pages(DOCUMENTS[name], count)
        begin = next(nth for nth, rows in enumerate(pages) if rows)  # a letter's own pages come first
        assert all(pages[begin:]), (count, pages)
        assert [row for rows in pages for row in rows][-1] == count


def test_a_page_of_a_row_or_two_is_saved_where_rows_can_lie_closer() -> None:
    """Whoever sends a document of nine projects would not send a page with the ninth alone."""
    begins = next(count for count in range(4, 40) if _pages(count) > _pages(count - 1) > _pages(1))
    document = lay_out(publication(begins), {})
    as_usual = rows_on(laid_out(publication(begins - 1)))
    assert list(map(bool, rows_on(document)))[: len(as_usual)] == list(map(bool, as_usual))
    assert sum(map(len, rows_on(document))) == begins
    assert all(map(says_something, document.pages))
    assert len(document.pages) == len(as_usual) + len(as_usual) % 2  # the 版记 stands on a back


def _pages(count: int) -> int:
    """As they are set where nothing is saved."""
    return len(laid_out(publication(count)).pages)


@pytest.mark.parametrize("count", [9, 47, 112, 199])
@pytest.mark.parametrize("make", [*DOCUMENTS.values(), roster])
def test_the_last_pages_are_those_of_the_whole(make: Callable[[int], Printable], count: int) -> None:
    whole = rows_on(laid_out(make(count)))
    assert whole[-len(last_pages(make, count)) :] == last_pages(make, count)

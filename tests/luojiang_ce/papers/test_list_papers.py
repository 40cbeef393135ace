"""Every paper that is no official document, whatever it holds: type that can be read, whole rows, heads and numbers on
every page, and no page with a signature alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

import pytest

from luojiang_ce.papers import rendering
from luojiang_ce.papers.rendering import render, render_joined
from tests.luojiang_ce.papers.list_papers import (
    BY_THE_PAGE,
    HOSTILE,
    LIST_PAPERS,
    MOST_OF,
    USUAL,
    Filling,
    registered,
)
from tests.luojiang_ce.papers.pdf_rules import faults
from tests.luojiang_ce.papers.ruler import Sheet, in_seal, sheets, stand_ins
from tests.luojiang_ce.papers.sheets_of_boxes import heads_on, laid_out, rows_parted, says_something

pytestmark = pytest.mark.thorough
SMALLEST = 8.99  # points: 9 as it is measured
MOST = 400
# A slip is cut from its page, and the cover is one sheet whatever it says.
UNNUMBERED = {"own_record.slips", "counter.cover"}
ONE_PAGE = {"counter.cover"}


@cache
def file_of(key: str) -> bytes:
    """A paper with some rows of the longest texts, as it is printed."""
    parts = LIST_PAPERS[key](24 if key in BY_THE_PAGE else 6, HOSTILE)
    return (render(parts[0]) if len(parts) == 1 else render_joined(parts, "表")).content


@cache
def written(key: str) -> list[Sheet]:
    """Its pages."""
    return sheets(file_of(key))


def test_no_paper_is_left_out() -> None:
    assert registered() == set(LIST_PAPERS)


@pytest.mark.parametrize("key", LIST_PAPERS)
def test_it_keeps_the_rules_of_pdf_a_and_pdf_ua(key: str) -> None:
    assert not faults(file_of(key))


@pytest.mark.parametrize("key", LIST_PAPERS)
def test_nothing_is_smaller_than_9_points_and_everything_copies_as_it_was_set(key: str) -> None:
    glyphs = [glyph for page in written(key) for glyph in page.glyphs if not in_seal(glyph)]
    smallest = min((glyph for glyph in glyphs if glyph.text.strip()), key=lambda glyph: glyph.size)
    assert smallest.size >= SMALLEST, smallest
    assert not stand_ins("".join(glyph.text for glyph in glyphs))


@pytest.mark.parametrize("key", LIST_PAPERS)
def test_everything_stands_within_its_sheet(key: str) -> None:
    for page in written(key):
        for glyph in page.glyphs:
            if glyph.text.strip() and glyph.upright:
                assert 5 < glyph.x < glyph.end < page.width - 5, glyph
                assert 5 < glyph.y < page.height - 5, glyph


@pytest.mark.parametrize("key", sorted(set(LIST_PAPERS) - UNNUMBERED))
def test_every_page_says_which_it_is_and_how_many_there_are(key: str) -> None:
    """So that a page taken out is missed. Of sheets that are made page by page, one after the other, each is whole."""
    pages = written(key)
    for nth, page in enumerate(pages, 1):
        total = "" if key in BY_THE_PAGE else f"，共{len(pages)}页"
        assert f"第{nth}页{total}" in _said(page), (key, nth)
    assert len(pages) > 1 or key in ONE_PAGE or "person" in key or key.startswith("verification_")


def test_a_list_set_in_parts_says_on_each_page_how_many_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendering, "PART_ROWS", 40)
    (printable,) = LIST_PAPERS["seal_register"](150)
    steps: list[tuple[int, int]] = []
    file = render(printable, lambda done, total: steps.append((done, total)))
    pages = sheets(file.content)
    assert len(pages) == file.pages > 3
    assert [f"第{nth}页，共{len(pages)}页" in _said(page) for nth, page in enumerate(pages, 1)] == [True] * len(pages)
    assert steps == sorted(steps)
    assert steps[-1] == (150, 150)


def _said(page: Sheet) -> str:
    return re.sub(r"\s", "", "".join(line.text for line in page.lines))


@pytest.mark.parametrize("key", sorted(set(LIST_PAPERS) - BY_THE_PAGE))
@pytest.mark.parametrize("filling", [USUAL, HOSTILE], ids=["usual", "long"])
def test_no_row_is_parted_and_every_part_of_a_table_has_its_head(key: str, filling: Filling) -> None:
    # The reason of a letter that is longer than a third of its page goes on overleaf.
    usual = 10 if key in MOST_OF else 60
    (printable,) = LIST_PAPERS[key](usual if filling is USUAL else 2, filling)
    document = laid_out(printable)
    assert not rows_parted(document)
    for page in document.pages:
        tables, headed = heads_on(page)
        assert tables == headed


@pytest.mark.parametrize("key", sorted(set(LIST_PAPERS) - BY_THE_PAGE))
def test_no_page_holds_only_a_signature_or_a_seal_where_one_more_page_begins(key: str) -> None:
    """With one row more there is only more on the last page, until the next one begins. So it is at the counts where
    a page begins that it could be alone. `python -m tests.bench.row_counts` tries all from 1 to 400."""
    pages = cache(lambda count: laid_out(LIST_PAPERS[key](count)[0]).pages)
    first = _begins(lambda count: len(pages(count)), MOST_OF.get(key, MOST))
    for count in {max(1, first - 1), first, first + 1}:
        alone = [nth for nth, page in enumerate(pages(count), 1) if not says_something(page)]
        assert not alone, (count, alone)


def _begins(pages: Callable[[int], int], most: int) -> int:
    """The smallest count at which a paper has a page more than with one row; `most` where there is none."""
    below, above = 1, 4
    while above < most and pages(above) == pages(1):
        below, above = above, 2 * above
    while above - below > 1:
        middle = (below + above) // 2
        below, above = (below, middle) if pages(middle) > pages(1) else (middle, above)
    return min(above, most)

"""What was laid out, before it is written: which rows stand on which page, and what a page holds besides signatures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from weasyprint import Document

from luojiang_ce.papers import rendering
from luojiang_ce.papers.printable import Printable

# What stands below what a paper says: whoever finds a page with nothing else holds a signature without its paper.
ENDS = {"tail", "close", "end", "sealing", "check", "boxes", "running"}


def laid_out(printable: Printable, **part: Any) -> Document:
    """The pages of a paper; of a fitted one as if nothing of its list had room on the sheet, which is quick."""
    if printable.fitted:
        part = {"shown": 0, "overleaf": True, "dense": True, **part}
    return rendering._set(printable, part)


def says_something(page: Any) -> bool:
    """Does the page hold rows or text apart from heads that repeat and what closes a paper?"""
    return any(_said(page._page_box))


def _said(box: Any) -> Iterator[bool]:
    if type(box).__name__ == "MarginBox" or getattr(box, "is_header", False) or ENDS & _classes(box):
        return
    if type(box).__name__ == "TextBox" and box.text.strip():
        yield True
    for child in getattr(box, "children", ()):
        yield from _said(child)


def _classes(box: Any) -> set[str]:
    return set(box.element.get("class", "").split()) if box.element is not None else set()


def rows_parted(document: Document) -> list[str]:
    """Rows of tables that stand on more than one page: what their first cells say."""
    places: dict[Any, set[int]] = {}
    for nth, page in enumerate(document.pages):
        for box in _boxes(page._page_box):
            if type(box).__name__ == "TableRowBox" and box.element is not None:
                places.setdefault(box.element, set()).add(nth)
    return ["".join(row.itertext())[:30].strip() for row, pages in places.items() if len(pages) > 1]


def _boxes(box: Any) -> Iterator[Any]:
    """All boxes within, without heads, which repeat."""
    if getattr(box, "is_header", False):
        return
    yield box
    for child in getattr(box, "children", ()):
        yield from _boxes(child)


def heads_on(page: Any) -> tuple[int, int]:
    """How many tables of the page have rows in a body, and how many of those show their head."""
    tables = [box for box in page._page_box.descendants() if type(box).__name__ == "TableBox"]
    headed = [[getattr(group, "is_header", False) for group in table.children] for table in tables]
    asked = [table.element is not None and table.element.find("thead") is not None for table in tables]
    wanted = [shown for shown, has_head in zip(headed, asked, strict=True) if has_head]
    return len(wanted), sum(map(any, wanted))

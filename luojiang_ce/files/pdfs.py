"""What PDFs say and show, read in a process of its own (`apart`): a damaged one is a file that says nothing."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import pikepdf
from pypdf import PdfReader as Book

from luojiang_ce.uploads.reader import Budget

from .apart import Apart
from .looks import Looks, looks_of

PAGES = 3  # an invoice and a certificate say their number on the first
MOST_BYTES = 20_000_000  # of a file that is read for its text
MOST_LETTERS = 100_000  # of the text of a page
MOST_PIXELS = 60_000_000  # of a scan
# A scan of that many pixels in colour takes half of the memory.
ONE_FILE = Budget(cpu=30, wall=90, memory=1_500_000_000)


@dataclass(frozen=True)
class Content:
    """What a PDF shows: the picture that its first page is, if it is one, and the text of its first pages."""

    looks: Looks | None = None
    text: str = ""


class PdfReader(Apart):
    """Asks the process about one file after the other."""

    function, budget = f"{__name__}:shown", ONE_FILE

    def read(self, content: bytes) -> Content:
        """What the file shows; nothing where it is damaged, or asks for too much."""
        answer = self.ask(content)
        if answer is None:
            return Content()
        return Content(Looks(answer.content) if answer.content else None, answer.said)


# --- in the process ---------------------------------------------------------------------------------------------------


def shown(content: bytes) -> tuple[str, bytes]:
    """The text, and the thumbnail of a scan."""
    looks = _or_nothing(_scan, content)
    return _or_nothing(_text, content) or "", looks.thumb if looks else b""


def _or_nothing(read: Any, content: bytes) -> Any:
    try:
        return read(content)
    except Exception:  # on damaged or crafted bytes the readers raise whatever they stumble on
        return None


def _text(content: bytes) -> str:
    if len(content) > MOST_BYTES:
        return ""
    return "\n".join(page.extract_text()[:MOST_LETTERS] for page in Book(io.BytesIO(content)).pages[:PAGES])


def _scan(content: bytes) -> Looks | None:
    """The largest picture of the first page, as a scanner lays one over the whole of it."""
    with pikepdf.open(io.BytesIO(content)) as book:
        pictures: list[Any] = list(book.pages[0].get_images().values()) if book.pages else []
        largest = max((pikepdf.PdfImage(each) for each in pictures), key=_pixels, default=None)
        if largest is None or _pixels(largest) > MOST_PIXELS:
            return None
        return looks_of(largest.as_pil_image())


def _pixels(picture: Any) -> int:
    return int(picture.width * picture.height)

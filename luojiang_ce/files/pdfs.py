"""What PDFs say and show, read in a process of its own (`apart`): a damaged one is a file that says nothing."""

from __future__ import annotations

import base64
import os
from dataclasses import dataclass
from typing import Any

import pikepdf
from pypdf import PdfReader as Book

from .apart import Apart, answer_all
from .looks import Looks, looks_of

PAGES = 3  # an invoice and a certificate say their number on the first
MOST_BYTES = 20_000_000  # of a file that is read for its text
MOST_LETTERS = 100_000  # of the text of a page
MOST_PIXELS = 60_000_000  # of a scan
MOST_MEMORY = 1_500_000_000  # bytes; a scan of that many pixels in colour takes half
PATIENCE = 30  # seconds for one file


@dataclass(frozen=True)
class Content:
    """What a PDF shows: the picture that its first page is, if it is one, and the text of its first pages."""

    looks: Looks | None = None
    text: str = ""


class PdfReader(Apart):
    """Asks the process about one file after the other."""

    module = __name__

    def read(self, path: str) -> Content:
        """What the file at this path shows; nothing where it is damaged, or asks for too much."""
        answer = self.ask(path)
        if answer is None:
            return Content()
        thumb, text = answer
        return Content(Looks(base64.b64decode(thumb)) if thumb else None, text)


# --- in the process ---------------------------------------------------------------------------------------------------


def answer(path: str) -> tuple[str, str]:
    """The thumbnail of a scan, as letters, and the text."""
    looks = _or_nothing(_scan, path)
    thumb = base64.b64encode(looks.thumb).decode() if looks else ""
    return thumb, _or_nothing(_text, path) or ""


def _or_nothing(read: Any, path: str) -> Any:
    try:
        return read(path)
    except Exception:  # on damaged or crafted bytes the readers raise whatever they stumble on
        return None


def _text(path: str) -> str:
    if os.path.getsize(path) > MOST_BYTES:
        return ""
    return "\n".join(page.extract_text()[:MOST_LETTERS] for page in Book(path).pages[:PAGES])


def _scan(path: str) -> Looks | None:
    """The largest picture of the first page, as a scanner lays one over the whole of it."""
    with pikepdf.open(path) as book:
        pictures: list[Any] = list(book.pages[0].get_images().values()) if book.pages else []
        largest = max((pikepdf.PdfImage(each) for each in pictures), key=_pixels, default=None)
        if largest is None or _pixels(largest) > MOST_PIXELS:
            return None
        return looks_of(largest.as_pil_image())


def _pixels(picture: Any) -> int:
    return int(picture.width * picture.height)


if __name__ == "__main__":
    answer_all(answer, memory=MOST_MEMORY, patience=PATIENCE)

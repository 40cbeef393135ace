"""PDFs are read in a process of their own, which may take so much memory and time: packed a thousandfold, a file of a
megabyte becomes gigabytes, and a crafted one keeps its readers turning for ever. What becomes of the process is then
nothing to the worker, and the file is one that says nothing.

The process imports neither settings nor models.
"""

from __future__ import annotations

import base64
import json
import os
import resource
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import pikepdf
from pypdf import PdfReader as Book

from .looks import Looks, looks_of

PAGES = 3  # an invoice and a certificate say their number on the first
MOST_BYTES = 20_000_000  # of a file that is read for its text
MOST_LETTERS = 100_000  # of the text of a page
MOST_PIXELS = 60_000_000  # of a scan
MOST_MEMORY = 1_500_000_000  # bytes; a scan of that many pixels in colour takes half
ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 30  # seconds for one file


@dataclass(frozen=True)
class Content:
    """What a PDF shows: the picture that its first page is, if it is one, and the text of its first pages."""

    looks: Looks | None = None
    text: str = ""


class PdfReader:
    """Asks the process about one file after the other; where it did not survive one, another is begun for the next."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self._end()

    def read(self, path: str) -> Content:
        """What the file at this path shows; nothing where it is damaged, or asks for too much."""
        process = self._process = self._process or _begun()
        answer = _asked(process, path)
        if not answer:
            self._end()
            return Content()
        thumb, text = json.loads(answer)
        return Content(Looks(base64.b64decode(thumb)) if thumb else None, text)

    def _end(self) -> None:
        if self._process:
            self._process.kill()
            self._process.communicate()
            self._process = None


def _asked(process: subprocess.Popen[str], path: str) -> str:
    """A line of JSON; empty where the process has ended over it."""
    assert process.stdin is not None
    assert process.stdout is not None
    with suppress(BrokenPipeError):
        process.stdin.write(f"{json.dumps(path)}\n")
        process.stdin.flush()
    return process.stdout.readline()


def _begun() -> subprocess.Popen[str]:
    command = [sys.executable, "-m", __name__]
    pipe, nothing = subprocess.PIPE, subprocess.DEVNULL
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=nothing, text=True, cwd=ROOT)  # noqa: S603


# --- in the process ---------------------------------------------------------------------------------------------------


def answer_all() -> None:
    """Answer for each path that is asked, until nobody asks. A file that takes too long ends the process."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    for asked in sys.stdin:
        signal.alarm(PATIENCE)
        path = json.loads(asked)
        looks = _or_nothing(_scan, path)
        thumb = base64.b64encode(looks.thumb).decode() if looks else ""
        sys.stdout.write(f"{json.dumps([thumb, _or_nothing(_text, path) or ''])}\n")
        sys.stdout.flush()
        signal.alarm(0)


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
    answer_all()

"""Asks the process of `reading` what the pages of a file say."""

from __future__ import annotations

import time
from collections.abc import Iterator

from luojiang_ce.files.apart import Apart
from luojiang_ce.uploads.reader import Budget

from .proposals import Cell, Doubt, Fault, Ink, Reading

MOST_PAGES = 60  # of one PDF
MOST_LOST = 2  # further pages over which the process ended; each has cost its patience
ONE_PAGE = Budget(cpu=40, wall=120, memory=1_800_000_000)
MOST_SECONDS = 600  # for one file; slow machines take ten for a page


class SheetReader(Apart):
    """Reads one page after the other."""

    function, budget = "training.attendance.photographs.reading:page_of", ONE_PAGE

    def read(self, content: bytes, *, is_pdf: bool) -> Iterator[Reading]:
        """Each page of the file; a damaged file, or one that asks for too much, is one reading. Where it
        goes on asking for too much, the rest is not read."""
        ends, lost = time.monotonic() + MOST_SECONDS, 0
        first = self._page(content, is_pdf, 0) or Reading(Fault.BROKEN)
        if first.pages > MOST_PAGES:
            yield Reading(Fault.TOO_MANY, first.pages)
            return
        yield first
        for page in range(1, first.pages):
            goes_on = lost < MOST_LOST and time.monotonic() < ends
            reading = self._page(content, is_pdf, page) if goes_on else None
            lost += reading is None
            yield reading or Reading(Fault.BROKEN)

    def _page(self, content: bytes, is_pdf: bool, page: int) -> Reading | None:
        """None where the process has ended over it."""
        answer = self.ask(content, is_pdf=is_pdf, page=page)
        if not answer:
            return None
        said = answer.said
        rows = tuple({column: _cell(cell) for column, cell in row.items()} for row in said["rows"])
        fault = Fault(said["fault"]) if said["fault"] else None
        return Reading(**{**said, "fault": fault, "missing": tuple(said["missing"]), "rows": rows})


def _cell(cell: dict[str, str]) -> Cell:
    return Cell(Ink(cell["ink"]), Doubt(cell["doubt"]), cell["cut"])

"""How well sheets are read: many of them printed, signed, photographed or scanned, and each cell held against what was
drawn in it."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from luojiang_ce.papers.rendering import render_joined
from tests.training.attendance.photographs.drawing import ASKED, CLEAR, as_jpeg, photographed, rasterised, signed
from tests.training.attendance.photographs.printed import pages_for
from training.attendance.photographs import layout
from training.attendance.photographs.proposals import Fault, Ink
from training.attendance.photographs.reader import SheetReader

SCANS = 4  # every so many-th is a scan
NAMES = ("温知故", "欧阳知远", "王一一", "李三二", "古丽米热·阿卜杜热合曼", "林静")
UNIT = "洛江区万安街道社区卫生服务中心"


@dataclass
class Measured:
    """What was drawn and what was proposed, counted; sheets that were not read, with why."""

    cells: Counter[tuple[str, str]] = field(default_factory=Counter)
    unread: list[tuple[int, Fault]] = field(default_factory=list)
    sheets: int = 0

    def count(self, drawn: tuple[str, ...], proposed: str = "") -> int:
        return sum(n for (what, ink), n in self.cells.items() if what in drawn and proposed in ("", ink))

    @property
    def right(self) -> float:
        """The share of the clear cells that are proposed as they are."""
        return sum(self.cells[what, ink] for what, ink in CLEAR.items()) / self.count(tuple(CLEAR))

    @property
    def wrong(self) -> int:
        """Clear cells that are proposed to be the opposite, with nobody asked."""
        opposite = {"signed": "empty", "empty": "signed"}
        return sum(self.cells[what, opposite[ink]] for what, ink in CLEAR.items())

    @property
    def asked(self) -> float:
        """The share of the doubtful cells about which a person is asked."""
        return self.count(ASKED, "doubtful") / max(self.count(ASKED), 1)

    def table(self) -> Iterator[str]:
        """The confusion table."""
        inks = [ink.value for ink in Ink]
        yield f"{'drawn':14}{''.join(f'{ink:>10}' for ink in inks)}"
        for what in (*CLEAR, *ASKED):
            yield f"{what:14}{''.join(f'{self.cells[what, ink]:10}' for ink in inks)}"
        yield f"{self.sheets} sheets, {self.cells.total()} cells; not read: {self.unread or 'none'}"
        yield f"clear cells right {self.right:.2%}, taken for the opposite {self.wrong}"
        yield f"doubtful cells asked {self.asked:.2%}"


def measure(sheets: int, seed: int, told: Callable[[int], None] = lambda done: None) -> Measured:
    """Sign, photograph and read so many sheets; the same seed makes the same ones."""
    pdf = render_joined(
        pages_for([*NAMES * 8][:46], {"training": "农产品质量安全检测技术培训班"}, UNIT), "签到表"
    ).content
    papers = [rasterised(pdf, page) for page in (1, 2)]
    measured = Measured()
    with SheetReader() as reader:
        for nth in range(sheets):
            chance = random.Random(seed + nth)
            handed = photographed(signed(papers[nth % 2], layout.ROWS, chance), chance, scan=nth % SCANS == 0)
            (reading,) = reader.read(as_jpeg(handed.picture, 95), is_pdf=False)
            measured.sheets += 1
            if reading.fault:
                measured.unread.append((nth, reading.fault))
                continue
            for (row, column), what in handed.drawn.items():
                measured.cells[what, reading.rows[row][column].ink.value] += 1
            told(measured.sheets)
    return measured

"""Where everything stands on a printed sign-in sheet, in millimetres from the upper left corner of an A4 page.

The print sets by these figures and the reader of photographs looks by them. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple


class Box(NamedTuple):
    """A rectangle: its upper left corner, its width and height."""

    x: float
    y: float
    width: float
    height: float

    @property
    def corners(self) -> list[tuple[float, float]]:
        """Clockwise from the upper left."""
        right, below = self.x + self.width, self.y + self.height
        return [(self.x, self.y), (right, self.y), (right, below), (self.x, below)]

    @property
    def placed(self) -> str:
        """As CSS places it."""
        return f"left:{self.x:g}mm;top:{self.y:g}mm;width:{self.width:g}mm;height:{self.height:g}mm"


PAGE = Box(0, 0, 210, 297)

# The marks in the corners, clockwise from the upper left: squares of 4 × 4 fields in a black frame, the numbers 0 to 3
# of the dictionary DICT_4X4_50 of ArUco. Each is another, so that a sheet that lies upside down is known as such.
MARK = 10
MARKS = (Box(10, 10, MARK, MARK), Box(190, 10, MARK, MARK), Box(190, 277, MARK, MARK), Box(10, 277, MARK, MARK))
CORNERS = ("左上角", "右上角", "右下角", "左下角")
PATTERNS = (
    ("1011", "0101", "0011", "0010"),
    ("0000", "1111", "1001", "1010"),
    ("0011", "0011", "0010", "1101"),
    ("1001", "1001", "0100", "0110"),
)

CODE = Box(164, 10, 22, 22)
PAGE_NUMBER = Box(158, 34, 40, 5)
HEAD = Box(24, 9, 134, 33)
FOOT = Box(24, 268, 162, 20)

LEFT, TOP, TITLES, ROW = 12, 44, 10, 9.2
ROWS = 23  # on a page

# Name of the column and its width.
WIDTHS = {"number": 9, "name": 27, "unit": 42, "in_time": 20, "in": 34, "out_time": 20, "out": 34}
# At the right of name and unit nothing is printed, so that a line through them is seen.
FREE = {"name": 6, "unit": 4}
SIGNED = ("in", "out")


def title_box(column: str) -> Box:
    """The head of a column."""
    return Box(_left_of(column), TOP, WIDTHS[column], TITLES)


def cell_box(row: int, column: str) -> Box:
    """A cell of the row, counted from 0."""
    return Box(_left_of(column), TOP + TITLES + row * ROW, WIDTHS[column], ROW)


def free_box(row: int, column: str) -> Box:
    """The part of a printed cell in which nothing is printed."""
    cell = cell_box(row, column)
    return Box(cell.x + cell.width - FREE[column], cell.y, FREE[column], cell.height)


def black_fields(mark: int) -> Iterator[Box]:
    """The black fields of a corner mark, the frame among them."""
    field, at = MARK / 6, MARKS[mark]
    frame = ["000000", *(f"0{line}0" for line in PATTERNS[mark]), "000000"]
    for down, line in enumerate(frame):
        for across, white in enumerate(line):
            if white == "0":
                yield Box(at.x + across * field, at.y + down * field, field, field)


def _left_of(column: str) -> float:
    before = list(WIDTHS)[: list(WIDTHS).index(column)]
    return LEFT + sum(WIDTHS[name] for name in before)

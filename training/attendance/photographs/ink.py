"""Is there ink in a cell of a straightened page? Signed, empty, or doubtful: then a person is asked.

Only for the process of `reading`. Lengths are millimetres, areas square millimetres.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from . import layout
from .layout import Box
from .proposals import Cell, Doubt, Ink
from .straighten import SCALE, Picture

DARK = 0.76  # of the paper's brightness: ink is darker
FAINT = 0.88  # a pen that hardly writes is at least darker than this
RULE = 0.93  # a printed line, thin and grey, is
INSET = 0.9  # of a cell that is not looked at along its lines
STRAY = 1.8  # how far a printed line may lie beside its place: paper bends, lenses too
FLECK = 0.05  # smaller spots are dust and noise
EMPTY = 0.35  # less ink than this is none
SMALL, LITTLE = 2.4, 1.0  # a signature is longer, and has more ink
NEAR_EDGE = 1.6  # ink that stays so near the edge belongs to the neighbour
STRIKE = 12.0  # a straight line as long as this strikes out
SHORT_STRIKE = 6.5  # one as wide as all that is written does too, from this length on
NAME_STRIKE = 8.0
DENSE = 0.58  # of its box: scribbled over
SOLID = 25.0  # of ink without a gap for the paper: scribbled over in part
_SCRIBBLED = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (9, 9))


class Sheet:
    """A straightened page, whose cells are asked for."""

    def __init__(self, page: Picture) -> None:
        self.page = page
        self.light = _evened(cv2.cvtColor(page, cv2.COLOR_BGR2GRAY))

    def judge(self, row: int, column: str) -> Cell:
        """The cell for the signature; the time beside it and the name speak with it."""
        judged = _judge(self._inside(row, column))
        if self._name_struck(row):
            return Cell(Ink.DOUBTFUL, Doubt.NAME)
        if judged.ink is Ink.EMPTY and _judge(self._inside(row, f"{column}_time")).ink is not Ink.EMPTY:
            return Cell(Ink.DOUBTFUL, Doubt.TIME)
        return judged

    def cut(self, row: int, column: str) -> bytes:
        """Time and signature as a small JPEG, with a little around them."""
        time, cell = layout.cell_box(row, f"{column}_time"), layout.cell_box(row, column)
        box = Box(time.x - 1, time.y - 1, time.width + cell.width + 2, cell.height + 2)
        cut = cv2.resize(_part(self.page, box), None, fx=0.75, fy=0.75, interpolation=cv2.INTER_AREA)
        return bytes(cv2.imencode(".jpg", cut, [cv2.IMWRITE_JPEG_QUALITY, 70])[1])

    def _inside(self, row: int, column: str) -> Picture:
        """What is within the printed lines of a cell, found where they are."""
        cell = layout.cell_box(row, column)
        room = Box(cell.x - STRAY, cell.y - STRAY, cell.width + 2 * STRAY, cell.height + 2 * STRAY)
        part = _part(self.light, room)
        rules, strip = part < RULE, 2 * round(STRAY * SCALE)
        core = slice(strip, -strip)
        top, below = _rule(rules[:strip, core], 1), _rule(rules[-strip:, core], 1)
        left, right = _rule(rules[core, :strip], 0), _rule(rules[core, -strip:], 0)
        inset, (height, width) = round(INSET * SCALE), part.shape
        return part[top + inset : height - strip + below - inset, left + inset : width - strip + right - inset]

    def _name_struck(self, row: int) -> bool:
        """A line through the name, or anything where nothing is printed."""
        for column in layout.FREE:
            free = _within(layout.free_box(row, column), STRAY)
            if _area(_inked(_part(self.light, free), DARK)) > EMPTY * 2:
                return True
        name = _within(layout.cell_box(row, "name"), INSET)
        return bool(_longest_line(_inked(_part(self.light, name), DARK), gap=0.25) >= NAME_STRIKE)


def _judge(light: Picture) -> Cell:
    ink = _inked(light, DARK)
    if _area(ink) < EMPTY:
        return Cell(Ink.DOUBTFUL, Doubt.FAINT) if _area(_inked(light, FAINT)) > LITTLE * 2 else Cell(Ink.EMPTY)
    ink = _without_neighbours(ink)
    if _area(ink) < EMPTY:
        return Cell(Ink.DOUBTFUL, Doubt.EDGE)
    rows, columns = np.any(ink, axis=1).nonzero()[0], np.any(ink, axis=0).nonzero()[0]
    box = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    if max(box.shape) < SMALL * SCALE or _area(ink) < LITTLE:
        return Cell(Ink.DOUBTFUL, Doubt.SMALL)
    if _is_struck(box):
        return Cell(Ink.DOUBTFUL, Doubt.STRUCK)
    if _is_cross(box):
        return Cell(Ink.DOUBTFUL, Doubt.CROSS)
    return Cell(Ink.SIGNED)


def _is_struck(box: Picture) -> bool:
    """A long straight line, or one as wide as all that is written; or scribbled over."""
    if float(box.mean()) > DENSE or _area(cv2.erode(box, _SCRIBBLED)) > SOLID:
        return True
    line = _longest_line(box, gap=0.13)
    return line >= STRIKE or line >= max(SHORT_STRIKE, 0.95 * box.shape[1] / SCALE)


def _evened(gray: Picture) -> Picture:
    """Brightness as a share of the paper's around it: shadows go, ink stays."""
    small = cv2.resize(gray, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (15, 15))
    paper = cv2.blur(cv2.morphologyEx(cv2.medianBlur(small, 3), cv2.MORPH_CLOSE, kernel), (9, 9))
    paper = cv2.resize(paper, (gray.shape[1], gray.shape[0]), interpolation=cv2.INTER_LINEAR)
    return np.minimum(gray.astype(np.float32) / np.maximum(paper.astype(np.float32), 1), 1.5)


def _inked(light: Picture, below: float) -> Picture:
    """Where the ink is, without flecks."""
    ink = (light < below).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    kept = np.zeros(count, np.uint8)
    kept[1:] = stats[1:, cv2.CC_STAT_AREA] >= FLECK * SCALE * SCALE
    return kept[labels]


def _area(ink: Picture) -> float:
    return float(ink.sum()) / SCALE / SCALE


def _without_neighbours(ink: Picture) -> Picture:
    """Without what lies wholly beside an edge: the end of a stroke from the cell next to it."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    edge, (height, width) = round(NEAR_EDGE * SCALE), ink.shape
    left, top, wide, high = (stats[:, column] for column in range(4))
    inner = (left + wide > edge) & (top + high > edge) & (left < width - edge) & (top < height - edge)
    kept = inner.astype(np.uint8)
    kept[0] = 0
    return kept[labels]


def _longest_line(ink: Picture, gap: float) -> float:
    """The longest nearly level or slanting straight line, in millimetres; `gap`: how much it may be interrupted."""
    lines = cv2.HoughLinesP(
        ink * 255, 1, np.pi / 180, threshold=40, minLineLength=6 * SCALE, maxLineGap=max(round(gap * SCALE), 1)
    )
    if lines is None:
        return 0.0
    return max(float(np.hypot(x1 - x0, y1 - y0)) for x0, y0, x1, y1 in lines.reshape(-1, 4).tolist()) / SCALE


def _is_cross(box: Picture) -> bool:
    """Two strokes that cross, and nothing else: ink in all four corners and the middle, little at the middle of each
    side. A tick leaves a corner empty."""
    if max(box.shape) > 10 * SCALE or min(box.shape) < 2 * SCALE:
        return False
    thirds = [[_share(box, down, across) for across in range(3)] for down in range(3)]
    corners = min(thirds[0][0], thirds[0][2], thirds[2][0], thirds[2][2])
    sides = max(thirds[0][1], thirds[1][0], thirds[1][2], thirds[2][1])
    return corners > 0.12 and thirds[1][1] > corners and sides < 0.7 * corners


def _share(box: Picture, down: int, across: int) -> float:
    height, width = box.shape
    part = box[height * down // 3 : height * (down + 1) // 3, width * across // 3 : width * (across + 1) // 3]
    return float(part.mean()) if part.size else 0.0


def _rule(strip: Picture, axis: int) -> int:
    """Where in the strip the printed line runs that is nearest to its place, the middle; the middle without one."""
    middle = strip.shape[1 - axis] // 2
    ruled = (strip.mean(axis=axis) > 0.6).nonzero()[0]
    return int(min(ruled, key=lambda at: abs(int(at) - middle))) if ruled.size else middle


def _within(box: Box, by: float) -> Box:
    return Box(box.x + by / 2, box.y + by, box.width - by, box.height - 2 * by)


def _part(picture: Any, box: Box) -> Picture:
    left, top = max(round(box.x * SCALE), 0), max(round(box.y * SCALE), 0)
    return picture[top : round((box.y + box.height) * SCALE), left : round((box.x + box.width) * SCALE)]

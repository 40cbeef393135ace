"""Printed sign-in sheets as people hand them in: signed by strokes like handwriting, then photographed or scanned.

The page is the real PDF, laid on pixels by pdftoppm; what is drawn in each cell is known, so a reading can be judged.
"""

from __future__ import annotations

import math
import random
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from training.attendance.photographs import layout

DPI = 300
PER_MM = DPI / 25.4
# What is drawn in a cell, and what a reading should propose.
CLEAR = {"signature": "signed", "cursive": "signed", "tick": "signed", "empty": "empty"}
ASKED = ("dot", "struck", "dash", "scribble", "cross", "name struck")
SHARES = {
    "signature": 34,
    "cursive": 18,
    "tick": 12,
    "empty": 24,
    "dot": 3,
    "struck": 4,
    "dash": 2,
    "scribble": 2,
    "cross": 1,
}
Picture = Any


@dataclass
class Handed:
    """A sheet as it was handed in: its picture and what was drawn, by row and column."""

    picture: Picture
    drawn: dict[tuple[int, str], str] = field(default_factory=dict)
    how: dict[str, Any] = field(default_factory=dict)


def rasterised(pdf: bytes, page: int = 1, dpi: int = DPI) -> Picture:
    """A page of a PDF as a printer would lay it on paper."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "sheet.pdf"
        source.write_bytes(pdf)
        command = ["pdftoppm", "-r", str(dpi), "-f", str(page), "-l", str(page), "-png", "-singlefile", str(source)]
        subprocess.run([*command, str(Path(folder) / "page")], check=True)
        return cv2.imread(str(Path(folder) / "page.png"))


def signed(page: Picture, rows: int, chance: random.Random, *, only: str = "") -> Handed:
    """The page with something drawn in each cell of its first rows: by the shares, or `only` that."""
    picture, drawn = page.copy(), {}
    for row in range(rows):
        pen = Pen(picture, chance)
        if not only and chance.random() < 0.02:
            pen.strike(layout.cell_box(row, "name"), chance.choice((0.55, 0.8, 1.0)))
            drawn |= {(row, column): "name struck" for column in layout.SIGNED}
        for column in layout.SIGNED:
            what = only or chance.choices(list(SHARES), list(SHARES.values()))[0]
            pen.draw(what, row, column)
            drawn.setdefault((row, column), what)
    return Handed(picture, drawn)


def photographed(sheet: Handed, chance: random.Random, *, scan: bool = False, **wanted: Any) -> Handed:
    """The same on a table, tilted, in a slant, in a shadow, a little out of focus, packed as JPEG; or scanned."""
    how = {
        "dpi": chance.choice((150, 200, 250, 300)),
        "tilt": chance.uniform(-2, 2) if scan else chance.uniform(-15, 15),
        "slant": 0.0 if scan else chance.uniform(0, 0.05),
        "bend": chance.uniform(0, 0.3) if scan else chance.uniform(0, 1.0),  # millimetres
        "shadow": 0.0 if scan else chance.uniform(0, 0.5),
        "blur": chance.uniform(0, 0.10),  # millimetres
        "noise": chance.uniform(0, 2 if scan else 6),
        "quality": chance.randint(45, 92),
        "turned": 0,
        **wanted,
    }
    picture = _bent(sheet.picture, how["bend"])
    picture = _on_a_table(picture, how, chance)
    picture = _shaded(picture, how["shadow"], chance)
    if how["blur"] * how["dpi"] / 25.4 > 0.2:
        picture = cv2.GaussianBlur(picture, (0, 0), how["blur"] * how["dpi"] / 25.4)
    grain = np.random.default_rng(chance.randrange(2**32)).standard_normal(picture.shape[:2], np.float32)
    grain = (grain * how["noise"]).astype(np.int16)[..., None].repeat(3, axis=2)
    picture = cv2.add(picture, grain, dtype=cv2.CV_8U)
    if how["turned"]:
        picture = np.ascontiguousarray(np.rot90(picture, how["turned"] // 90))
    return Handed(cv2.imdecode(np.frombuffer(as_jpeg(picture, how["quality"]), np.uint8), 1), sheet.drawn, how)


def as_jpeg(picture: Picture, quality: int = 85) -> bytes:
    """The picture as a camera packs it."""
    return bytes(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1])


class Pen:
    """One person's pen on a sheet: its colour, its width, and how this hand writes."""

    def __init__(self, picture: Picture, chance: random.Random) -> None:
        self.picture, self.chance = picture, chance
        self.width = chance.uniform(0.3, 0.75)
        self.ink = chance.choice(((30, 30, 30), (110, 40, 20), (150, 60, 40), (60, 50, 50), (60, 40, 160)))

    def draw(self, what: str, row: int, column: str) -> None:
        """Draw in the cell for the signature; who signs often writes the time beside it."""
        cell = layout.cell_box(row, column)
        if what in ("signature", "cursive", "tick", "struck", "scribble") and self.chance.random() < 0.5:
            self._time(layout.cell_box(row, f"{column}_time"))
        getattr(self, f"_{what}", lambda cell: None)(cell)

    def strike(self, cell: layout.Box, share: float) -> None:
        """A line through what is printed in the cell."""
        x, y = cell.x + self.chance.uniform(0.5, 1.5), cell.y + cell.height * self.chance.uniform(0.4, 0.6)
        self._line([(x, y), (x + (cell.width - 2) * share, y + self.chance.uniform(-1, 1))])

    def _signature(self, cell: layout.Box) -> None:
        size = self.chance.uniform(4.0, 7.0)
        left = cell.x + self.chance.uniform(1.5, 4)
        for nth in range(self.chance.randint(2, 3)):
            x, y = left + nth * size * self.chance.uniform(0.95, 1.1), cell.y + (cell.height - size) / 2
            y += self.chance.uniform(-0.8, 0.8)
            for _ in range(self.chance.randint(4, 9)):
                self._stroke_of_a_character(x, y, size)

    def _stroke_of_a_character(self, x: float, y: float, size: float) -> None:
        a = (x + self.chance.uniform(0, size), y + self.chance.uniform(0, size))
        angle = self.chance.choice((0, 90, 45, 135)) + self.chance.uniform(-12, 12)
        length = size * self.chance.uniform(0.3, 0.9)
        b = (a[0] + length * math.cos(math.radians(angle)), a[1] + length * math.sin(math.radians(angle)))
        b = (min(max(b[0], x), x + size), min(max(b[1], y), y + size))
        bow = ((a[0] + b[0]) / 2 + self.chance.uniform(-0.4, 0.4), (a[1] + b[1]) / 2 + self.chance.uniform(-0.4, 0.4))
        self._line(_curve([a, bow, b]))

    def _cursive(self, cell: layout.Box) -> None:
        width, count = self.chance.uniform(10, 24), self.chance.randint(9, 16)
        left, middle = cell.x + self.chance.uniform(1.5, 6), cell.y + cell.height / 2
        points = []
        for nth in range(count):
            x = left + width * nth / count + self.chance.uniform(-1.2, 1.2)
            points.append((x, middle + self.chance.uniform(-3.2, 3.2)))
        self._line(_curve(points))

    def _tick(self, cell: layout.Box) -> None:
        size = self.chance.uniform(3.5, 6.5)
        x, y = cell.x + self.chance.uniform(4, 22), cell.y + (cell.height + size * 0.6) / 2
        y = min(y, cell.y + cell.height - 1)
        points = [(x, y - size * 0.45), (x + size * 0.3, y), (x + size, y - size * self.chance.uniform(0.8, 1.1))]
        self._line([points[0], points[1]])
        bow = (points[1][0] + size * 0.3, points[1][1] - size * 0.5)
        self._line(_curve([points[1], bow, points[2]]))

    def _dot(self, cell: layout.Box) -> None:
        at = (cell.x + self.chance.uniform(4, 28), cell.y + self.chance.uniform(2.5, 6.5))
        self._line([at, (at[0] + self.chance.uniform(0.2, 0.9), at[1] + self.chance.uniform(0, 0.6))], width=0.8)

    def _struck(self, cell: layout.Box) -> None:
        self.chance.choice((self._signature, self._cursive))(cell)
        for _ in range(self.chance.randint(1, 2)):
            y = cell.y + cell.height * self.chance.uniform(0.35, 0.65)
            tilt = self.chance.uniform(-1.5, 1.5)
            end = cell.x + self.chance.uniform(20, 32)
            self._line([(cell.x + self.chance.uniform(0.8, 2), y - tilt), (end, y + tilt)])

    def _dash(self, cell: layout.Box) -> None:
        y = cell.y + cell.height * self.chance.uniform(0.4, 0.6)
        slope = self.chance.choice((0, self.chance.uniform(2, 3.5)))
        self._line([(cell.x + self.chance.uniform(2, 6), y + slope), (cell.x + self.chance.uniform(22, 31), y - slope)])

    def _scribble(self, cell: layout.Box) -> None:
        self._signature(cell)
        left, width = cell.x + 1.5, self.chance.uniform(12, 22)
        points = []
        for nth in range(44):
            side = cell.height * (0.25 if nth % 2 else 0.75)
            points.append((left + width * nth / 44, cell.y + side + self.chance.uniform(-0.4, 0.4)))
        self._line(points, width=max(self.width, 0.5))

    def _cross(self, cell: layout.Box) -> None:
        size, x, y = self.chance.uniform(3.5, 6), cell.x + self.chance.uniform(5, 22), cell.y + 1.6
        self._line([(x, y), (x + size, y + size)])
        self._line([(x + size, y), (x, y + size)])

    def _time(self, cell: layout.Box) -> None:
        x = cell.x + self.chance.uniform(1.5, 4)
        for nth in range(4):
            left, top, size = x + nth * 3.2, cell.y + 2.6, 3.2
            for _ in range(3):
                self._stroke_of_a_character(left, top, size * 0.7)

    def _line(self, points: Sequence[tuple[float, float]], width: float | None = None) -> None:
        fine = 16  # positions in sixteenths of a pixel
        line = np.array([[round(x * PER_MM * fine), round(y * PER_MM * fine)] for x, y in points], np.int32)
        thick = max(round((width or self.width) * PER_MM), 1)
        cv2.polylines(self.picture, [line], False, self.ink, thick, cv2.LINE_AA, shift=4)


def _curve(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """A smooth line through the points (Catmull and Rom)."""
    ends = [points[0], *points, points[-1]]
    out = []
    for a, b, c, d in zip(ends, ends[1:], ends[2:], ends[3:], strict=False):
        for step in range(8):
            t = step / 8
            out.append(tuple(_between(a[i], b[i], c[i], d[i], t) for i in (0, 1)))
    return [*out, points[-1]]  # type: ignore[list-item]


def _between(a: float, b: float, c: float, d: float, t: float) -> float:
    return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t * t + (3 * b - a - 3 * c + d) * t**3)


def _bent(picture: Picture, millimetres: float) -> Picture:
    """Paper that lies not quite flat."""
    height, width = picture.shape[:2]
    across, down = np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32)
    lower = np.float32(millimetres * PER_MM) * np.sin(across / np.float32(width / math.pi))
    x, y = np.tile(across, (height, 1)), down[:, None] + lower[None, :]
    return cv2.remap(picture, x, y, cv2.INTER_LINEAR, borderValue=(255, 255, 255))


def _on_a_table(picture: Picture, how: dict[str, Any], chance: random.Random) -> Picture:
    height, width = picture.shape[:2]
    share = how["dpi"] / DPI
    angle = math.radians(how["tilt"])
    corners = []
    for x, y in ((0, 0), (width, 0), (width, height), (0, height)):
        dx, dy = (x - width / 2) * share, (y - height / 2) * share
        sx, sy = (1 + chance.uniform(-how["slant"], how["slant"]) for _ in range(2))
        corners.append(
            ((dx * math.cos(angle) - dy * math.sin(angle)) * sx, (dx * math.sin(angle) + dy * math.cos(angle)) * sy)
        )
    seen = np.array(corners, np.float32)
    margin = 40 * share
    seen += margin - seen.min(axis=0)
    size = tuple(int(edge) for edge in np.ceil(seen.max(axis=0) + margin))
    matrix = cv2.getPerspectiveTransform(np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32), seen)
    wood = chance.choice(((70, 100, 140), (60, 60, 60), (200, 205, 210), (255, 255, 255)))
    soft = cv2.GaussianBlur(picture, (0, 0), 0.5 / share) if share < 0.9 else picture
    return cv2.warpPerspective(soft, matrix, size, flags=cv2.INTER_AREA, borderValue=wood)


def _shaded(picture: Picture, depth: float, chance: random.Random) -> Picture:
    """Light from one side, and the shadow of a hand or a phone with a soft edge."""
    if not depth:
        return picture
    height, width = picture.shape[:2]
    coarse = (np.linspace(-1, 1, edge // 8, dtype=np.float32) for edge in (width, height))
    x, y = np.meshgrid(*coarse)
    turn = chance.uniform(0, 2 * math.pi)
    across = x * math.cos(turn) + y * math.sin(turn)
    light = 1 - depth * 0.35 * (across + 1) / 2
    edge = chance.uniform(-0.5, 0.5)
    light *= 1 - depth * 0.6 / (1 + np.exp(-(across - edge) / chance.uniform(0.02, 0.15)))
    whole = cv2.resize((np.clip(light, 0, 1) * 255).astype(np.uint8), (width, height), interpolation=cv2.INTER_LINEAR)
    return cv2.multiply(picture, cv2.merge([whole] * 3), scale=1 / 255)

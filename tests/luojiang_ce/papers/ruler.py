"""A ruler for a PDF: every character with its place, width and colour; filled bars; circles. Millimetres from the upper
left corner of the page, sizes in points."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby, pairwise
from typing import Any

import pikepdf
from fontTools.cffLib import CFFFontSet
from fontTools.pens.boundsPen import BoundsPen

from tests.luojiang_ce.papers.reading import MM, Matrix, times, to_unicode

UNTURNED: Matrix = (1, 0, 0, 1, 0, 0)
SEAL_RED = (0.78, 0.06, 0.18)


@dataclass(frozen=True)
class Glyph:
    """A character: where its baseline begins, its width, size and colour; `top` and `bottom` are those of its ink."""

    text: str
    x: float
    y: float
    width: float
    size: float
    colour: tuple[float, ...]
    upright: bool
    top: float
    bottom: float

    @property
    def end(self) -> float:
        return self.x + self.width


@dataclass(frozen=True)
class Line:
    """Characters on one baseline, from the left to the right."""

    glyphs: tuple[Glyph, ...]

    @property
    def text(self) -> str:
        return "".join(glyph.text for glyph in self.glyphs)

    @property
    def y(self) -> float:
        return self.glyphs[0].y

    @property
    def start(self) -> float:
        return self.glyphs[0].x

    @property
    def end(self) -> float:
        return self.glyphs[-1].end

    @property
    def middle(self) -> float:
        return (self.start + self.end) / 2

    @property
    def size(self) -> float:
        return self.glyphs[0].size

    @property
    def top(self) -> float:
        return min(glyph.top for glyph in self.glyphs)

    @property
    def bottom(self) -> float:
        return max(glyph.bottom for glyph in self.glyphs)

    @property
    def gaps(self) -> list[float]:
        """Between each two neighbours, millimetres."""
        return [after.x - before.end for before, after in pairwise(self.glyphs)]


@dataclass(frozen=True)
class Box:
    """The rectangle around something that is painted."""

    left: float
    top: float
    right: float
    bottom: float
    colour: tuple[float, ...] = ()

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def middle(self) -> float:
        return (self.left + self.right) / 2


@dataclass
class Sheet:
    """A page as it was printed."""

    width: float
    height: float
    glyphs: list[Glyph] = field(default_factory=list)
    bars: list[Box] = field(default_factory=list)
    circles: list[Box] = field(default_factory=list)

    @cached_property
    def lines(self) -> list[Line]:
        """Upright characters by baseline and size, from top to bottom; a line with a hole of three characters is
        several: cells of a table."""
        upright = sorted((g for g in self.glyphs if g.upright and g.text.strip()), key=_place)
        return [line for _, run in groupby(upright, key=_row) for line in _pieces(list(run))]

    def line(self, text: str) -> Line:
        """The first line with this text."""
        return next(line for line in self.lines if text in line.text)


def in_seal(glyph: Glyph) -> bool:
    """Is it what a seal says itself?"""
    return glyph.colour == SEAL_RED


def _row(glyph: Glyph) -> tuple[float, float]:
    return round(glyph.y, 1), round(glyph.size, 1)


def _place(glyph: Glyph) -> tuple[float, float, float]:
    return *_row(glyph), glyph.x


def _pieces(run: list[Glyph]) -> Iterator[Line]:
    begin = 0
    for nth, (before, after) in enumerate(pairwise(run), 1):
        if after.x - before.end > 3 * before.size / MM:
            yield Line(tuple(run[begin:nth]))
            begin = nth
    yield Line(tuple(run[begin:]))


def sheets(content: bytes) -> list[Sheet]:
    """The pages of a PDF, measured."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        faces: dict[Any, Face] = {}
        return [_measured(page, faces) for page in pdf.pages]


class Face:
    """A font of the file: which character a code is, how wide, where its ink ends (in thousandths of the size)."""

    def __init__(self, font: Any) -> None:
        inner = font.DescendantFonts[0]
        self.characters = to_unicode(font.ToUnicode.read_bytes().decode())
        self.widths = dict(_widths(inner.W))
        self.usual = float(inner.get("/DW", 1000))
        self.inks: dict[int, tuple[float, float]] = {}
        self.strings: Any = None
        if "/FontFile3" in inner.FontDescriptor:
            outlines = CFFFontSet()
            outlines.decompile(io.BytesIO(inner.FontDescriptor.FontFile3.read_bytes()), None)
            self.strings = outlines.topDictIndex[0].CharStrings

    def ink(self, code: int) -> tuple[float, float]:
        """How far above and below the baseline; of a font without readable outlines what is usual."""
        if code not in self.inks:
            self.inks[code] = self._ink(code)
        return self.inks[code]

    def _ink(self, code: int) -> tuple[float, float]:
        if self.strings is None or f"cid{code:05d}" not in self.strings:
            return 800.0, 0.0
        pen = BoundsPen(None)
        self.strings[f"cid{code:05d}"].draw(pen)
        return (pen.bounds[3], -pen.bounds[1]) if pen.bounds else (0.0, 0.0)


def _widths(entries: Any) -> Iterator[tuple[int, float]]:
    rest = list(entries.as_list())
    while rest:
        first, second = int(rest[0]), rest[1]
        if isinstance(second, pikepdf.Array):
            yield from ((first + nth, float(width)) for nth, width in enumerate(second.as_list()))
            rest = rest[2:]
        else:
            yield from ((code, float(rest[2])) for code in range(first, int(second) + 1))
            rest = rest[3:]


def _measured(page: Any, faces: dict[Any, Face]) -> Sheet:
    _, _, width, height = (float(each) for each in page.mediabox)
    sheet = Sheet(width / MM, height / MM)
    _Pen(sheet, height, faces).follow(page, page.Resources, UNTURNED)
    return sheet


class _Pen:
    """Follows the drawing of a page."""

    def __init__(self, sheet: Sheet, height: float, faces: dict[Any, Face]) -> None:
        self.sheet, self.height, self.faces = sheet, height, faces

    def follow(self, stream: Any, resources: Any, start: Matrix) -> None:
        at, colour, kept = start, (0.0,), list[tuple[Matrix, tuple[float, ...]]]()
        text, face, size, path, curved = UNTURNED, None, 0.0, list[tuple[float, float]](), False
        for operands, operator in pikepdf.parse_content_stream(stream):
            match str(operator):
                case "q":
                    kept.append((at, colour))
                case "Q":
                    at, colour = kept.pop()
                case "cm":
                    at = times(_matrix(operands), at)
                case "rg" | "g" | "k":
                    colour = tuple(round(float(each), 2) for each in operands)
                case "Tm":
                    text = _matrix(operands)
                case "Tf":
                    face, size = self._face(resources.Font[str(operands[0])]), float(operands[1])
                case "TJ" if face:
                    text = self._show(operands[0], face, size, text, at, colour)
                case "re":
                    x, y, w, h = (float(each) for each in operands)
                    path += [self._point(at, x, y), self._point(at, x + w, y + h)]
                case "m" | "l" | "c" | "v" | "y":
                    values = [float(each) for each in operands]
                    path += [self._point(at, *pair) for pair in zip(values[::2], values[1::2], strict=True)]
                    curved = curved or str(operator) in "cvy"
                case "f" | "f*" | "S" | "s" | "B" | "B*" | "n":
                    self._paint(path, str(operator), colour, curved=curved)
                    path, curved = [], False
                case "Do":
                    form = resources.XObject[str(operands[0])]
                    if form.get("/Subtype") == "/Form":
                        matrix = _matrix(form.Matrix) if "/Matrix" in form else UNTURNED
                        self.follow(form, form.get("/Resources", resources), times(matrix, at))

    def _face(self, font: Any) -> Face:
        if font.objgen not in self.faces:
            self.faces[font.objgen] = Face(font)
        return self.faces[font.objgen]

    def _show(self, shown: Any, face: Face, size: float, text: Matrix, at: Matrix, colour: tuple[float, ...]) -> Matrix:
        for piece in shown:
            if not isinstance(piece, pikepdf.String):
                text = times((1, 0, 0, 1, -float(piece) / 1000 * size, 0), text)
                continue
            raw = bytes(piece)
            for code in (int.from_bytes(raw[n : n + 2], "big") for n in range(0, len(raw), 2)):
                advance = face.widths.get(code, face.usual) / 1000 * size
                self.sheet.glyphs.append(self._glyph(face, code, size, advance, times(text, at), colour))
                text = times((1, 0, 0, 1, advance, 0), text)
        return text

    def _glyph(
        self, face: Face, code: int, size: float, advance: float, on: Matrix, colour: tuple[float, ...]
    ) -> Glyph:
        (x, y), (end, _) = self._point(on, 0, 0), self._point(on, advance, 0)
        tall = (on[2] ** 2 + on[3] ** 2) ** 0.5 * size
        above, below = (part / 1000 * tall / MM for part in face.ink(code))
        upright = abs(on[1]) < 1e-6 and on[0] > 0
        return Glyph(
            face.characters.get(code, "\ufffd"), x, y, end - x, round(tall, 2), colour, upright, y - above, y + below
        )

    def _point(self, at: Matrix, x: float, y: float) -> tuple[float, float]:
        a, b, c, d, e, f = at
        return (a * x + c * y + e) / MM, (self.height - (b * x + d * y + f)) / MM

    def _paint(self, path: list[tuple[float, float]], how: str, colour: tuple[float, ...], *, curved: bool) -> None:
        if not path or how == "n":
            return
        xs, ys = [x for x, _ in path], [y for _, y in path]
        box = Box(min(xs), min(ys), max(xs), max(ys), colour)
        if curved and box.width > 25 and abs(box.width - box.height) < 0.5:
            self.sheet.circles.append(box)
        elif how.startswith("f") and not curved:
            self.sheet.bars.append(box)


def _matrix(operands: Any) -> Matrix:
    a, b, c, d, e, f = (float(each) for each in operands)
    return a, b, c, d, e, f


def text_in(lines: Iterable[Line]) -> str:
    """The text of lines, one after the other."""
    return "".join(line.text for line in lines)


def stand_ins(text: str) -> set[str]:
    """Characters that look like others: radicals, compatibility forms, what no table names."""
    return set(re.findall("[\u2e80-\u2fdf\uf900-\ufaff\ufffd]", text))


def plain(text: str) -> str:
    """Without blanks of any kind."""
    return re.sub(r"\s", "", text)

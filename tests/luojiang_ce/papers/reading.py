"""Reading a PDF as a person with a ruler would: texts with their places, red lines, glyphs that are really there."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pikepdf
from fontTools.cffLib import CFFFontSet
from fontTools.ttLib import TTFont
from pypdf import PdfReader

Matrix = tuple[float, float, float, float, float, float]

MM = 72 / 25.4


@dataclass(frozen=True)
class Word:
    """A run of text: where its baseline begins (millimetres from the left and top of the page), its size in pt."""

    text: str
    x: float
    y: float
    size: float


def text_of(content: bytes) -> str:
    """All text, blanks and line ends removed, so that a search does not stumble over layout."""
    return re.sub(r"\s+", "", "".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages))


def words(content: bytes, page: int = 0) -> list[Word]:
    """The runs of text of a page in the order in which they were set."""
    found: list[Word] = []
    sheet = PdfReader(io.BytesIO(content)).pages[page]
    height = float(sheet.mediabox.height)

    def visit(text: str, cm: Any, tm: Any, font: Any, size: float) -> None:
        if text.strip():
            _a, _b, _c, d, e, f = times(tm, cm)
            found.append(Word(text.strip(), e / MM, (height - f) / MM, round(abs(d) * size, 1)))

    sheet.extract_text(visitor_text=visit)
    return found


def word(content: bytes, text: str, page: int = 0) -> Word:
    """The first run that holds this text."""
    return next(w for w in words(content, page) if text in w.text)


def missing_glyphs(content: bytes, text: str) -> set[str]:
    """The characters of `text` that no font of the document draws: not mapped, .notdef, or an empty outline."""
    drawn: set[str] = set()
    with pikepdf.open(io.BytesIO(content)) as pdf:
        for font in _fonts(pdf):
            outlines = _outlines(font)
            mapping = to_unicode(font.ToUnicode.read_bytes().decode())
            drawn |= {character for code, character in mapping.items() if code and outlines(code)}
    return set(text) - drawn


def _fonts(pdf: pikepdf.Pdf) -> Iterator[Any]:
    for thing in pdf.objects:
        if isinstance(thing, pikepdf.Dictionary) and thing.get("/Subtype") == "/Type0":
            yield thing


def _outlines(font: Any) -> Any:
    """A function that tells whether a code of the font has an outline."""
    descriptor = font.DescendantFonts[0].FontDescriptor
    if "/FontFile3" in descriptor:
        cff = CFFFontSet()
        cff.decompile(io.BytesIO(descriptor.FontFile3.read_bytes()), None)
        strings = cff.topDictIndex[0].CharStrings
        return lambda code: f"cid{code:05d}" in strings and len(strings[f"cid{code:05d}"].bytecode) > 4
    glyphs = TTFont(io.BytesIO(descriptor.FontFile2.read_bytes()))
    return lambda code: glyphs["glyf"][glyphs.getGlyphName(code)].numberOfContours != 0


def to_unicode(cmap: str) -> dict[int, str]:
    pairs = re.findall(
        r"<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]+)>", "".join(re.findall(r"beginbfchar(.*?)endbfchar", cmap, re.S))
    )
    return {int(code, 16): bytes.fromhex(text).decode("utf-16-be") for code, text in pairs}


def times(m: Matrix, n: Matrix) -> Matrix:
    """First m, then n."""
    return (
        m[0] * n[0] + m[1] * n[2],
        m[0] * n[1] + m[1] * n[3],
        m[2] * n[0] + m[3] * n[2],
        m[2] * n[1] + m[3] * n[3],
        m[4] * n[0] + m[5] * n[2] + n[4],
        m[4] * n[1] + m[5] * n[3] + n[5],
    )

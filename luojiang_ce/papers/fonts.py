"""Making the fonts inside a PDF small.

WeasyPrint's subset of a CJK font keeps an empty place for each of its 65,000 glyphs: 80 to 150 kB per font and file.
Dropping the empty places leaves a few kB; the characters' codes stay, because a CID-keyed font maps them itself.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import pikepdf
from fontTools.ttLib import TTFont


def compact_fonts(pdf: pikepdf.Pdf) -> None:
    """Replace each CID-keyed OpenType font of the document by its bare CFF data with the used glyphs only."""
    for font in list(pdf.objects):
        if not isinstance(font, pikepdf.Dictionary) or font.get("/Subtype") != "/CIDFontType0":
            continue
        program = font.get("/FontDescriptor", pikepdf.Dictionary()).get("/FontFile3")
        if program is None or program.get("/Subtype") != "/OpenType":
            continue
        cff = _bare_cff(program.read_bytes(), _codes(font.W))
        if cff is not None:
            font.FontDescriptor.FontFile3 = pdf.make_stream(cff, Subtype=pikepdf.Name.CIDFontType0C)
            if "/CIDToGIDMap" in font:  # meant for TrueType only
                del font.CIDToGIDMap


def _codes(widths: pikepdf.Object) -> set[int]:
    """The character codes of a width array: `first [w w …]` and `first last w`."""
    codes: set[int] = set()
    entries = list(widths.as_list())
    while entries:
        first, second = int(entries[0]), entries[1]
        if isinstance(second, pikepdf.Array):
            codes.update(range(first, first + len(second)))
            entries = entries[2:]
        else:
            codes.update(range(first, int(second) + 1))
            entries = entries[3:]
    return codes


def _bare_cff(program: bytes, codes: set[int]) -> bytes | None:
    """The CFF table with these glyphs only; None for a font that is not keyed by CID equal to glyph number."""
    font = TTFont(io.BytesIO(program), lazy=True, recalcBBoxes=False)
    top = font["CFF "].cff.topDictIndex[0]
    names = top.charset
    if not hasattr(top, "ROS") or any(c >= len(names) or names[c] != (f"cid{c:05}" if c else ".notdef") for c in codes):
        return None
    _keep(top, sorted({0, *codes}))
    return bytes(font.getTableData("CFF "))


def _keep(top: Any, glyphs: Sequence[int]) -> None:
    """Leave only these glyphs, and of the font's parts those that they belong to.

    HarfBuzz has taken hints and subroutines away, so that outlines are taken over as they are. fontTools' own subsetter
    would read and write each of them, which takes longer than setting the page.
    """
    outlines, names = top.CharStrings.charStringsIndex, top.charset
    _replace(outlines, [outlines[glyph] for glyph in glyphs])
    top.CharStrings.charStrings = {names[glyph]: place for place, glyph in enumerate(glyphs)}
    belongs_to = [top.FDSelect[glyph] for glyph in glyphs]
    used = sorted(set(belongs_to))
    _replace(top.FDArray, [top.FDArray[part] for part in used])
    top.FDSelect.gidArray, top.FDSelect.format = [used.index(part) for part in belongs_to], None
    top.charset, top.numGlyphs = [names[glyph] for glyph in glyphs], len(glyphs)


def _replace(index: Any, items: list[Any]) -> None:
    """What is in an index, which would otherwise go on reading from the font."""
    index.items = items
    del index.file, index.offsets

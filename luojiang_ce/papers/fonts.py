"""Making the fonts inside a PDF small.

WeasyPrint's subset of a CJK font keeps an empty place for each of its 65,000 glyphs: 80 to 150 kB per font and file.
Dropping the empty places leaves a few kB; the characters' codes stay, because a CID-keyed font maps them itself.
"""

from __future__ import annotations

import io

import pikepdf
from fontTools import subset
from fontTools.ttLib import TTFont

_TABLES_WITHOUT_USE = ["BASE", "GPOS", "GSUB", "VORG", "vhea", "vmtx", "hmtx", "cmap", "name", "OS/2", "post"]


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
    font = TTFont(io.BytesIO(program), lazy=True)
    top = font["CFF "].cff.topDictIndex[0]
    names = top.charset
    if not hasattr(top, "ROS") or any(c >= len(names) or names[c] != (f"cid{c:05}" if c else ".notdef") for c in codes):
        return None
    options = subset.Options(notdef_outline=True, hinting=False, desubroutinize=True, glyph_names=True)
    options.drop_tables += _TABLES_WITHOUT_USE
    subsetter = subset.Subsetter(options)
    subsetter.populate(gids=sorted(codes))
    subsetter.subset(font)
    return bytes(font.getTableData("CFF "))

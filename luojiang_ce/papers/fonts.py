"""Making the fonts inside a PDF small.

WeasyPrint's subset of a CJK font keeps an empty place for each of its 65,000 glyphs: 80 to 150 kB per font and file.
Dropping the empty places leaves a few kB; the characters' codes stay, because a CID-keyed font maps them itself.
HarfBuzz, which WeasyPrint asks for its subset too, does it in a millisecond; in Python it took longer than the page.
"""

from __future__ import annotations

import io

import pikepdf
import uharfbuzz
from fontTools.cffLib import CFFFontSet
from uharfbuzz import Face, SubsetFlags, SubsetInput

_OUTLINES = "CFF "
# What the outlines need. Without the table of characters no glyph brings in its variants.
_TABLES = {_OUTLINES, "head", "hhea", "hmtx", "maxp"}
_AS_DRAWN = SubsetFlags.NO_HINTING | SubsetFlags.DESUBROUTINIZE | SubsetFlags.NOTDEF_OUTLINE


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
    cff = _subset(program, codes)
    if not cff:
        return None
    made = CFFFontSet()
    made.decompile(io.BytesIO(cff), None)
    top = made.topDictIndex[0]
    keyed_so = hasattr(top, "ROS") and top.charset == [".notdef", *(f"cid{code:05}" for code in sorted(codes - {0}))]
    return cff if keyed_so else None


def _subset(program: bytes, codes: set[int]) -> bytes:
    """The outlines of these glyphs of an OpenType font, as HarfBuzz writes them; empty where it cannot."""
    wanted, face = SubsetInput(), Face(program)
    wanted.flags = _AS_DRAWN
    wanted.glyph_set.update(codes)
    wanted.drop_table_tag_set.update(int.from_bytes(tag.encode(), "big") for tag in {*face.table_tags} - _TABLES)
    try:
        made = uharfbuzz.subset(face, wanted)
    except RuntimeError:  # it says no more than that it could not
        return b""
    return bytes(made.reference_table(_OUTLINES).data)

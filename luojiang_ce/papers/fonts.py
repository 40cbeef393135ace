"""Making the fonts inside a PDF small.

WeasyPrint's subset of a CJK font keeps an empty place for each of its 65,000 glyphs: 80 to 150 kB per font and file.
Dropping the empty places leaves a few kB; the characters' codes stay, because a CID-keyed font maps them itself.
HarfBuzz, which WeasyPrint asks for its subset too, does it in a millisecond; in Python it took longer than the page.
"""

from __future__ import annotations

import io
from typing import Any

import cffi
import pikepdf
from fontTools.cffLib import CFFFontSet

_OUTLINES = b"CFF "
# What the outlines need. Without the table of characters no glyph brings in its variants.
_TABLES = (_OUTLINES, b"head", b"hhea", b"hmtx", b"maxp")
_NO_HINTING, _DESUBROUTINIZE, _NOTDEF_OUTLINE = 0x01, 0x04, 0x40
_COPIED = 0  # HB_MEMORY_MODE_DUPLICATE: the bytes need not outlive the call

_ffi = cffi.FFI()
_ffi.cdef("""
    typedef ... hb_blob_t;
    typedef ... hb_face_t;
    typedef ... hb_set_t;
    typedef ... hb_subset_input_t;
    hb_blob_t *hb_blob_create(const char *data, unsigned length, int mode, void *user_data, void *destroy);
    void hb_blob_destroy(hb_blob_t *blob);
    const char *hb_blob_get_data(hb_blob_t *blob, unsigned *length);
    hb_face_t *hb_face_create(hb_blob_t *blob, unsigned index);
    hb_face_t *hb_face_builder_create(void);
    int hb_face_builder_add_table(hb_face_t *face, uint32_t tag, hb_blob_t *blob);
    hb_blob_t *hb_face_reference_table(const hb_face_t *face, uint32_t tag);
    void hb_face_destroy(hb_face_t *face);
    void hb_set_add(hb_set_t *set, uint32_t codepoint);
    hb_subset_input_t *hb_subset_input_create_or_fail(void);
    void hb_subset_input_destroy(hb_subset_input_t *input);
    hb_set_t *hb_subset_input_glyph_set(hb_subset_input_t *input);
    void hb_subset_input_set_flags(hb_subset_input_t *input, unsigned value);
    hb_face_t *hb_subset_or_fail(hb_face_t *source, const hb_subset_input_t *input);
""")
_hb, _hb_subset = _ffi.dlopen("libharfbuzz.so.0"), _ffi.dlopen("libharfbuzz-subset.so.0")


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
    wanted = _ffi.gc(_hb_subset.hb_subset_input_create_or_fail(), _hb_subset.hb_subset_input_destroy)
    glyphs = _hb_subset.hb_subset_input_glyph_set(wanted)
    for code in codes:
        _hb.hb_set_add(glyphs, code)
    _hb_subset.hb_subset_input_set_flags(wanted, _NO_HINTING | _DESUBROUTINIZE | _NOTDEF_OUTLINE)
    blob = _ffi.gc(_hb.hb_blob_create(program, len(program), _COPIED, _ffi.NULL, _ffi.NULL), _hb.hb_blob_destroy)
    face = _outlines_of(_face(_hb.hb_face_create(blob, 0)))
    made = _hb_subset.hb_subset_or_fail(face, wanted)
    return _bytes_of(_table(_face(made), _OUTLINES)) if made else b""


def _outlines_of(face: Any) -> Any:
    """The same font without whatever its outlines do without."""
    bare = _face(_hb.hb_face_builder_create())
    for name in _TABLES:
        _hb.hb_face_builder_add_table(bare, _tag(name), _table(face, name))
    return bare


def _face(made: Any) -> Any:
    return _ffi.gc(made, _hb.hb_face_destroy)


def _table(face: Any, name: bytes) -> Any:
    return _ffi.gc(_hb.hb_face_reference_table(face, _tag(name)), _hb.hb_blob_destroy)


def _tag(name: bytes) -> int:
    return int.from_bytes(name, "big")


def _bytes_of(blob: Any) -> bytes:
    length = _ffi.new("unsigned *")
    data = _hb.hb_blob_get_data(blob, length)
    return bytes(_ffi.buffer(data, length[0])) if length[0] else b""

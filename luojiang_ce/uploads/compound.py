"""Files of older office programs and of WPS (OLE compound files): whose they are, and what in them runs or hides."""

from __future__ import annotations

import io
import re
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

import olefile

from luojiang_ce.uploads.dangers import DAMAGED, HOLDS_FILES, LOCKED, MACROS, Refused
from luojiang_ce.uploads.fields import POINTS_ELSEWHERE, Field, must_be_harmless

BEGINS = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# What holds the text of a document of Word and WPS, Excel and ET, PowerPoint and DPS.
_WORD, _BOOKS, _SLIDES = "worddocument", ("workbook", "book"), "powerpoint document"
_MACROS = frozenset(("macros", "vba", "_vba_project", "_vba_project_cur"))
_FILE_WITHIN = "\x01ole10native"
_LOCKED = frozenset(("encryptedpackage", "encryptedsummary"))
_NO_DOCUMENT = "不是 Word、Excel、PowerPoint 或 WPS 文档（按内容判断），没有收下。请上传 PDF、图片或 Office 文档"
# Of PowerPoint's records ([MS-PPT] 2.4.10, 2.10.34): the project of macros (its place, whether it has any; zero where
# there is none), and what lies within, packed or not. They are looked for by their bytes: what leads to them may be
# crafted.
_PROJECT = re.compile(rb"\xff\x03\x14\0\0\0..\0\x04\x0c\0\0\0(.{8})", re.DOTALL)
_WITHIN = re.compile(rb"([\0\x10])\0\x11\x10.{4}", re.DOTALL)
_MOST_WITHIN = 20_000_000  # bytes of one, unpacked
# Of Excel's records: a sheet, whose sixth byte says its kind (1: macros of Excel 4), that the rest is encrypted, the
# address of another workbook or program (SupBook of MS-XLS).
_SHEET, _ENCRYPTED, _MACRO_SHEET, _ELSEWHERE = 0x85, 0x2F, 1, 0x1AE
_ENCODED, _PARTS, _OF_A_SHARE = "\1", "\3", ("\1\1@", "\1\\\\", "\\\\")  # in an address (its VirtualPath)
# A field of Word as it stands in the text, its name first; what is not text ends it.
_FIELD = re.compile(r"\x13[\s\"“”]*([A-Za-z][^\x00-\x08\x0e-\x1f]{0,500})")


def look(content: bytes) -> None:
    """Raises Refused for what is no document, or one that runs, hides or is locked."""
    with _opened(content) as ole:
        streams = _must_be_plain(ole)
        if not streams & {_WORD, *_BOOKS, _SLIDES}:
            raise Refused(_NO_DOCUMENT)
        for book in streams & {*_BOOKS}:
            _look_at_book(ole.openstream(book).read())
        if _SLIDES in streams:
            _look_at_slides(ole.openstream(_SLIDES).read())
        if _WORD in streams:
            _look_at_text(ole.openstream(_WORD).read())


def look_at_object(content: bytes) -> None:
    """What lies within a document: a formula, an older chart. Raises Refused."""
    with _opened(content) as ole:
        _must_be_plain(ole)


@contextmanager
def _opened(content: bytes) -> Iterator[olefile.OleFileIO]:
    try:
        with olefile.OleFileIO(io.BytesIO(content)) as ole:
            yield ole
    except Refused:
        raise
    except Exception as broken:  # on crafted bytes it raises whatever it stumbles on
        raise Refused(DAMAGED) from broken


def _must_be_plain(ole: olefile.OleFileIO) -> set[str]:
    """The names at its top, in small letters."""
    parts = [[name.lower() for name in path] for path in ole.listdir(streams=True, storages=True)]
    every = {name for path in parts for name in path}
    if every & _MACROS:
        raise Refused(MACROS)
    if every & _LOCKED:
        raise Refused(LOCKED)
    if _FILE_WITHIN in every:
        raise Refused(HOLDS_FILES)
    return {path[0] for path in parts if len(path) == 1}


def _look_at_text(text: bytes) -> None:
    """A bit of its head says that it is encrypted. Its pieces have one byte a letter or two, at any place."""
    if int.from_bytes(text[10:12], "little") & 0x100:
        raise Refused(LOCKED)
    for begin, alphabet in ((0, "latin-1"), (0, "utf-16-le"), (1, "utf-16-le")):
        for found in _FIELD.finditer(text[begin:].decode(alphabet, "replace")):
            must_be_harmless(Field([found[1]]))


def _look_at_slides(slides: bytes) -> None:
    if any(any(found[1]) for found in _PROJECT.finditer(slides)):
        raise Refused(MACROS)
    for found in _WITHIN.finditer(slides):
        is_packed, at = found[1] == b"\x10", found.end()
        within = _unpacked(slides[at + 4 :]) if is_packed else slides[at:]
        if within.startswith(BEGINS):
            look_at_object(within)


def _unpacked(content: bytes) -> bytes:
    """Empty where nothing is packed there."""
    try:
        return zlib.decompressobj().decompress(content, _MOST_WITHIN)
    except zlib.error:
        return b""


def _look_at_book(book: bytes) -> None:
    at = 0
    while at + 4 <= len(book):
        kind, size = struct.unpack_from("<HH", book, at)
        if kind == _ENCRYPTED:
            raise Refused(LOCKED)
        if kind == _SHEET and size > 5 and book[at + 9] == _MACRO_SHEET:
            raise Refused(MACROS)
        if kind == _ELSEWHERE:
            _must_be_a_workbook(book[at + 4 : at + 4 + size])
        at += 4 + size


def _must_be_a_workbook(body: bytes) -> None:
    """Not a program and its topic (DDE, OLE), nor one of a share. A byte says whether letters have two."""
    is_wide = body[4:5] and body[4] & 1
    address = body[5:].decode("utf-16-le" if is_wide else "latin-1", "replace")
    is_of_a_program = _PARTS in address and not address.startswith(_ENCODED)
    if is_of_a_program or address.startswith(_OF_A_SHARE):
        raise Refused(POINTS_ELSEWHERE)

"""What may be uploaded: told by content, not by name. Photographs lose their position data and keep their time."""

from __future__ import annotations

import io
import struct
import zlib
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import BinaryIO

from luojiang_ce import clock
from luojiang_ce.refusals import NotPossible
from luojiang_ce.zips import BROKEN, opened

from .heads import PASS, START, Part, parts_of, what_is_wrong
from .pictures import EXIF, looked_into

DOCUMENT_TYPES = {
    "application/pdf": "PDF",
    "image/jpeg": "JPG 图片",
    "image/png": "PNG 图片",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "Word 文档",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "Excel 工作簿",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "PowerPoint 演示文稿",
    "application/x-ole-storage": "旧版 Office / WPS 文件",
}
# The parts of a JPEG that are its colours and not its picture: what begins them, by their markers.
_JPEG_COLOURS = {0xE0: b"JFIF\x00", 0xE2: b"ICC_PROFILE\x00", 0xEE: b"Adobe"}
_APPLICATIONS = range(0xE0, 0xF0)
_JFIF, _EXIF, _COMMENT = 0xE0, 0xE1, 0xFE
_MOST_EXIF = 65_533  # bytes that one part holds
# The parts of a PNG that are its picture and its colours; what else there may be are texts, times, programs' own.
_PNG_PICTURE = frozenset(
    (b"PLTE", b"IDAT", b"tRNS", b"cHRM", b"gAMA", b"iCCP", b"sBIT", b"sRGB", b"cICP", b"bKGD", b"pHYs")
)
_PNG_HEAD = 33  # bytes: signature and size of the picture
IMAGES = ("image/jpeg", "image/png")
_HEIC = (b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"avif")
_OOXML = {"word/": 2, "xl/": 3, "ppt/": 4}


class BadFile(NotPossible):
    """The upload cannot be taken; the message says what it is and what to do."""


@dataclass(frozen=True)
class Checked:
    """An upload that may be kept: its true type, the bytes to store, and when a photograph was taken."""

    content_type: str
    content: bytes
    taken_at: datetime | None = None


def check_upload(name: str, stream: BinaryIO, size: int, limit: int) -> Checked:
    """Decide whether an upload may be kept; raises BadFile with a message for the user. Sizes are bytes."""
    if size == 0:
        raise BadFile(f"“{name}”是空文件，请检查后重新选择")
    if size > limit:
        raise BadFile(f"“{name}”有 {size / 1024 / 1024:.1f} MB，超过 {limit // 1024 // 1024} MB，请压缩或拆分后上传")
    content = stream.read()
    kind = sniff(content)
    must_not_be_heic(name, content)
    if kind is None:
        accepted = "、".join(DOCUMENT_TYPES.values())
        raise BadFile(f"“{name}”不是可以接收的文件（按内容判断，与扩展名无关）。请上传 {accepted}")
    if kind in IMAGES:
        return _checked_image(name, content, kind)
    return Checked(kind, content)


def must_not_be_heic(name: str, content: bytes) -> None:
    """What iPhones write unless they are told otherwise. Raises BadFile, which says how they are told."""
    if content[4:8] == b"ftyp" and content[8:12] in _HEIC:
        raise BadFile(
            f"“{name}”是 HEIC 格式，这里读不了。iPhone 请在“设置 - 相机 - 格式”里选“兼容性最佳”再拍，"
            "或把照片存成 JPG 上传"
        )


def sniff(content: bytes) -> str | None:
    """The type of a file by its content, None when it is none that we take."""
    if content.startswith(b"PK\x03\x04"):  # first: what lies unpacked in an archive may begin like anything
        return _sniff_ooxml(content)
    if b"%PDF-" in content[:1024]:
        return "application/pdf"
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return "application/x-ole-storage"
    return None


def _sniff_ooxml(content: bytes) -> str | None:
    try:
        names = opened(io.BytesIO(content)).namelist()
    except BROKEN:  # or of more parts than an office program writes
        return None
    types = list(DOCUMENT_TYPES)
    return next((types[i + 1] for prefix, i in _OOXML.items() if any(n.startswith(prefix) for n in names)), None)


def _checked_image(name: str, content: bytes, kind: str) -> Checked:
    if wrong := what_is_wrong(content, kind):
        raise BadFile(f"“{name}”{wrong}")
    inside = looked_into(content, kind)
    if inside is None:
        raise BadFile(f"“{name}”打不开，图片可能已损坏或过大，请重新拍照或另存后上传")
    taken = _as_time(inside.taken)
    if inside.plain:
        return Checked(kind, content, taken)
    without = _png_without_more if kind == "image/png" else _jpeg_without_more
    return Checked(kind, without(content, inside.exif), taken)


def _jpeg_without_more(content: bytes, exif: bytes) -> bytes:
    """The same JPEG with its picture, its colours and this EXIF alone, drawn as it was: nothing is packed anew."""
    kept: list[bytes] = []
    for part, after in pairwise(parts_of(content)):
        if _is_of_the_picture(part, content):
            kept.append(content[part.begin : after.begin if part.marker == PASS else part.end])
    head = [b"\xff\xd8"]
    if kept and kept[0][1] == _JFIF:
        head.append(kept.pop(0))
    if exif and len(exif) <= _MOST_EXIF:
        head.append(struct.pack(">BBH", 0xFF, _EXIF, len(exif) + 2) + exif)
    return b"".join((*head, *kept, b"\xff\xd9"))


def _is_of_the_picture(part: Part, content: bytes) -> bool:
    if part.marker in _APPLICATIONS:
        begins = _JPEG_COLOURS.get(part.marker)
        return begins is not None and content.startswith(begins, part.begin + 4)
    return part.marker not in (START, _COMMENT)


def _png_without_more(content: bytes, exif: bytes) -> bytes:
    """The same PNG with its picture, its colours and this EXIF alone. Its parts are copied as they are packed: to pack
    a scanned page anew takes many seconds."""
    kept, at, kind = [content[:_PNG_HEAD]], _PNG_HEAD, b""
    if exif:
        kept.append(_png_part(b"eXIf", exif.removeprefix(EXIF)))
    while kind != b"IEND" and at + 8 <= len(content):
        size, kind = struct.unpack_from(">I4s", content, at)
        end = at + 12 + size  # with its size, its kind and its checksum
        if kind in _PNG_PICTURE:
            kept.append(content[at:end])
        at = end
    return b"".join([*kept, _png_part(b"IEND", b"")])


def _png_part(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _as_time(stamp: str) -> datetime | None:
    """A camera's clock knows no zone; it is read as Beijing time."""
    try:
        return datetime.strptime(stamp.strip("\x00 "), "%Y:%m:%d %H:%M:%S").replace(tzinfo=clock.SHANGHAI)
    except ValueError:
        return None

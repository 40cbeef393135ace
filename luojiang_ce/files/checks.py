"""What may be uploaded: told by content, not by name. Photographs lose their position data and keep their time."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from PIL import ExifTags, Image

from luojiang_ce import clock
from luojiang_ce.refusals import NotPossible

# A photograph of more than 120 million pixels is refused rather than unpacked: Pillow refuses at twice this number,
# and up to there only warns.
Image.MAX_IMAGE_PIXELS = 60_000_000

# Of an even colour that many take a few hundred kilobytes and, unpacked, the memory of the server. A page of A4 scanned
# at 600 dots per inch has 35 million.
MOST_PNG_PIXELS = 40_000_000

DOCUMENT_TYPES = {
    "application/pdf": "PDF",
    "image/jpeg": "JPG 图片",
    "image/png": "PNG 图片",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "Word 文档",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "Excel 工作簿",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "PowerPoint 演示文稿",
    "application/x-ole-storage": "旧版 Office / WPS 文件",
}
# What Pillow tells of a picture that cannot hold a position; XMP, texts, comments and what programs add can.
_PLAIN = frozenset(
    (
        *("exif", "jfif", "jfif_version", "jfif_density", "jfif_unit", "dpi", "adobe", "adobe_transform"),
        *("progressive", "progression", "icc_profile", "gamma", "srgb", "transparency", "interlace"),
        *("aspect", "chromaticity"),
    )
)
SEVERAL = "MPO"  # what phones write beside the JPEG they show: a second picture with its own EXIF
_EXIF = b"Exif\x00\x00"
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
        names = zipfile.ZipFile(io.BytesIO(content)).namelist()
    # broken, with names that are no text, or of a version that no office program writes
    except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError, OSError):
        return None
    types = list(DOCUMENT_TYPES)
    return next((types[i + 1] for prefix, i in _OOXML.items() if any(n.startswith(prefix) for n in names)), None)


def _checked_image(name: str, content: bytes, kind: str) -> Checked:
    try:
        image = Image.open(io.BytesIO(content))
        if kind == "image/png" and image.width * image.height > MOST_PNG_PIXELS:
            raise BadFile(f"“{name}”有 {image.width}×{image.height} 像素，太大了。请存成 JPG，或缩小后上传")
        if kind == "image/jpeg" and _may_stay(image):
            image.draft(None, (1, 1))  # every byte is read, but an eighth of height and width kept
        image.load()
        if _may_stay(image):
            return Checked(kind, content, _taken_at(image.getexif()))
        return _without_position(image, content, kind)
    except BadFile:
        raise
    except Exception as broken:  # on damaged or crafted bytes Pillow raises whatever its parsers stumble on
        raise BadFile(f"“{name}”打不开，图片可能已损坏或过大，请重新拍照或另存后上传") from broken


def _may_stay(image: Image.Image) -> bool:
    """Does it hold no position, nor anything else that may hold one: further pictures, XMP, texts?"""
    return ExifTags.Base.GPSInfo not in image.getexif() and image.format != SEVERAL and _is_plain(image)


def _without_position(image: Image.Image, content: bytes, kind: str) -> Checked:
    """The photograph written anew without all but its picture, colours and EXIF."""
    exif = image.getexif()
    taken = _taken_at(exif)
    exif.pop(ExifTags.Base.GPSInfo, None)
    if kind == "image/png":
        return Checked(kind, _png_without_more(content, exif), taken)
    out = io.BytesIO()
    image.save(out, format="JPEG", exif=exif, comment=b"", quality=95 if image.format == SEVERAL else "keep")
    return Checked(kind, out.getvalue(), taken)


def _png_without_more(content: bytes, exif: Image.Exif) -> bytes:
    """The same PNG with its picture, its colours and this EXIF alone. Its parts are copied as they are packed: to pack
    a scanned page anew takes many seconds."""
    kept, at, kind = [content[:_PNG_HEAD]], _PNG_HEAD, b""
    if len(exif):
        kept.append(_png_part(b"eXIf", exif.tobytes().removeprefix(_EXIF)))
    while kind != b"IEND" and at + 8 <= len(content):
        size, kind = struct.unpack_from(">I4s", content, at)
        end = at + 12 + size  # with its size, its kind and its checksum
        if kind in _PNG_PICTURE:
            kept.append(content[at:end])
        at = end
    return b"".join([*kept, _png_part(b"IEND", b"")])


def _png_part(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _is_plain(image: Image.Image) -> bool:
    segments = [content for marker, content in getattr(image, "applist", ()) if marker == "APP1"]
    return image.info.keys() <= _PLAIN and all(content.startswith(_EXIF) for content in segments)


def _taken_at(exif: Image.Exif) -> datetime | None:
    """A camera's clock knows no zone; it is read as Beijing time."""
    stamp = exif.get_ifd(ExifTags.IFD.Exif).get(ExifTags.Base.DateTimeOriginal) or exif.get(ExifTags.Base.DateTime)
    try:
        return datetime.strptime(str(stamp).strip("\x00 "), "%Y:%m:%d %H:%M:%S").replace(tzinfo=clock.SHANGHAI)
    except ValueError:
        return None

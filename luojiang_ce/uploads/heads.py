"""What a picture says of itself before it is unpacked: how large it is, and in how many passes it is drawn. Pure.

A picture of a few hundred kilobytes may ask for gigabytes, or to be drawn over and over for hours. What is let through
here takes half a second to draw anew as a JPEG, one to three as a PNG, and some 250 MB.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

# A page of A4 scanned at 600 dots an inch has 35 million; phones take 12 unless told to take 48, 50 or 108.
MOST_PIXELS = 40_000_000
# Cameras and scanners write one pass, or one for each of up to four colours; libjpeg's progressive script has 10 (18
# for the four colours of print), the longest that MozJPEG chooses some 20.
MOST_PASSES = 32
# Parts of a JPEG, of up to 64 KB each: colour profiles have up to 255, what phones add some 50, passes four each.
MOST_PARTS = 2_000

START, END, PASS = 0xD8, 0xD9, 0xDA
# What begins a part. 00 and D0 to D7 stand within a pass; what is below C0 libjpeg passes over alone, without a length.
_MARKER = re.compile(rb"\xff([\xc0-\xcf\xd8-\xfe])")
_SIZES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # which of these say how large it is
_PNG_SIZE = 16  # where it stands
_PNG_END = b"\0\0\0\0IEND"


@dataclass(frozen=True)
class Head:
    """Sides in pixels; how often all of it is drawn; whether its end is there."""

    width: int
    height: int
    passes: int = 1
    ended: bool = True

    @property
    def pixels(self) -> int:
        return self.width * self.height


class Part(NamedTuple):
    """A part of a JPEG: its marker, and from where to where it goes, marker and length included."""

    marker: int
    begin: int
    end: int


def head_of(content: bytes, kind: str) -> Head | None:
    """What the head of a JPEG or PNG says; None where it has none."""
    if kind == "image/png":
        size = content[_PNG_SIZE : _PNG_SIZE + 8]
        if len(size) < 8:
            return None
        width, height = struct.unpack(">II", size)
        return Head(width, height, ended=_PNG_END in content)
    sizes, passes, ended = [], 0, False
    for number, (marker, begin, end) in enumerate(parts_of(content)):
        passes += marker == PASS
        ended = marker == END and end > begin
        if marker in _SIZES and begin + 9 <= len(content):
            height, width = struct.unpack_from(">HH", content, begin + 5)
            sizes.append((width * height, width, height))
        if number > MOST_PARTS or passes > MOST_PASSES:
            passes = MOST_PASSES + 1
            break
    return Head(*max(sizes)[1:], passes, ended) if sizes else None


def parts_of(content: bytes) -> Iterator[Part]:
    """The parts of a JPEG as libjpeg finds them, the last its end; what is drawn stands behind the head of a pass."""
    at = 2
    while (found := _MARKER.search(content, at)) and found[1][0] != END:
        marker, begin, at = found[1][0], found.start(), found.end()
        if marker != START:
            at += int.from_bytes(content[at : at + 2])
        yield Part(marker, begin, at)
    yield Part(END, *found.span()) if found else Part(END, len(content), len(content))


def what_is_wrong(content: bytes, kind: str) -> str:
    """Why a JPEG or PNG is not to be unpacked, and what to do; empty for what may be tried. Ends a sentence that begins
    with the picture's name."""
    head = head_of(content, kind)
    if head is None:
        return "打不开，图片可能已损坏或过大，请重新拍照或另存后上传"
    if head.passes > MOST_PASSES:
        return "的存法不像相机或扫描仪拍出来的（分层过多），不能接收。请用相机重拍，或用画图程序打开后另存为 JPG 再上传"
    if head.pixels > MOST_PIXELS:
        instead = "用相机的标准画质（一般 1200 万像素）重拍" if kind == "image/jpeg" else "用 600 dpi 以下扫描"
        said = f"有 {head.width}×{head.height} 像素，太大了（最多 {MOST_PIXELS // 10_000} 万像素）"
        return f"{said}。请{instead}，或缩小后再上传"
    if not head.ended:
        return "没有传完整（图片后半截缺了），请重新选择原图，或重新拍照后上传"
    return ""

"""The door through which every file comes that somebody sends: its size, its kind by content, what it holds, what the
scanner says, and a picture drawn anew."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, BinaryIO

from luojiang_ce.id_shapes import mask_ids
from luojiang_ce.typed import one_line
from luojiang_ce.uploads import clamd
from luojiang_ce.uploads.bad import BadFile
from luojiang_ce.uploads.dangers import EMPTY
from luojiang_ce.uploads.places import IMAGES, Kind, Place
from luojiang_ce.uploads.reader import READER, Busy, TooMuch

_INSPECT = "luojiang_ce.uploads.inspection:inspect"
_HEIC = (b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"avif")


@dataclass(frozen=True)
class Received:
    """A file that may be kept: its kind (empty for what its own reader tells of), its bytes, of a photograph the
    camera's time as it wrote it."""

    kind: str
    content: bytes
    taken: str = ""


def received(name: str, stream: BinaryIO, size: int, limit: int, place: Place) -> Received:
    """What of an upload may be kept at this place; sizes are bytes. Raises BadFile with a message for the user."""
    if size == 0:
        raise BadFile(f"“{name}”{EMPTY}")
    if size > limit:
        raise BadFile(f"“{name}”有 {size / 1024 / 1024:.1f} MB，超过 {limit // 1024 // 1024} MB，请压缩或拆分后上传")
    stream.seek(0)
    return passed(name, stream.read(), place)


def passed(name: str, content: bytes, place: Place) -> Received:
    """The same of bytes whose size has been judged."""
    must_not_be_heic(name, content)
    told_there = place.own_reader and not place.told
    how: dict[str, Any] = {"own_reader": place.own_reader, "others": told_there, "blank": bool(place.blank)}
    try:
        said, drawn = READER.ask(_INSPECT, content, kinds=place.kinds, **how)
    except Busy as busy:
        raise BadFile(f"现在同时上传的人多，“{name}”没有收下，请过几秒再上传一次") from busy
    except TooMuch as crafted:
        raise BadFile(f"“{name}”读不完（内部过于复杂或已损坏），没有收下。请重新导出、另存后再上传") from crafted
    if said["refused"]:
        raise BadFile(f"“{name}”{said['refused']}")
    if not said["kind"] and not told_there:
        raise BadFile(f"“{name}”{place.said}")
    if said.get("blank"):
        raise BadFile(place.blank)
    clamd.must_be_clean(name, content)
    return Received(said["kind"], drawn if said["kind"] in IMAGES else content, said.get("taken", ""))


def named(name: str | None, most: int) -> str:
    """What a file is called where it is shown and kept: one line without ID numbers or marks that turn the order of
    what is read; of a longer one the end, which says what it is."""
    return mask_ids(one_line(name or "")).strip()[-most:] or "未命名"


def must_not_be_heic(name: str, content: bytes) -> None:
    """What iPhones write unless they are told otherwise. Raises BadFile, which says how they are told."""
    if content[4:8] == b"ftyp" and content[8:12] in _HEIC:
        raise BadFile(
            f"“{name}”是 HEIC 格式，这里读不了。iPhone 请在“设置 - 相机 - 格式”里选“兼容性最佳”再拍，"
            "或把照片存成 JPG 上传"
        )


def begins_like(content: bytes) -> Kind | None:
    """What a file begins like, to sort by; nothing is kept by it."""
    if content.startswith(b"PK\x03\x04"):
        return Kind.ZIP
    if content.startswith(b"\xff\xd8\xff"):
        return Kind.JPEG
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return Kind.PNG
    return Kind.PDF if b"%PDF-" in content[:1024] else None

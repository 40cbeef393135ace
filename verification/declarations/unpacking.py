"""A ZIP of evidence, taken apart in bounded memory: what a hostile one could do is refused, what an honest one of a
Chinese Windows calls its files is read."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO

from luojiang_ce import zips
from luojiang_ce.refusals import NotPossible
from luojiang_ce.typed import one_line

MOST_FILES = 500
MOST_BYTES = 300_000_000  # of all, inflated
MOST_DIRECTORY = 1_000_000  # bytes of all entries together, with folders and what a Mac adds
_UTF_8 = 0x800
_LOCKED = 0x1
_NOT_MEANT = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")


@dataclass(frozen=True)
class Unpacked:
    """One file: its path in the ZIP, its content, or why there is none."""

    path: str
    content: bytes = b""
    problem: str = ""


def unpacked(stream: BinaryIO, name: str, limit: int) -> Iterator[Unpacked]:
    """The files of a ZIP one after the other; one that is larger than `limit` bytes, locked or broken says so.

    How long its directory is is judged before that is read, sizes before anything is inflated and again while it is.
    Raises NotPossible for a ZIP that is none, has too many files or would be too large.
    """
    try:
        archive = zips.opened(stream, MOST_DIRECTORY)
    except zips.TooManyEntries as many:
        raise NotPossible(f"“{name}”里的文件和文件夹过多，一次最多 {MOST_FILES} 个文件，请分几个压缩包上传") from many
    except zips.BROKEN as broken:
        raise NotPossible(f"“{name}”打不开，不是完整的 ZIP 压缩包。请重新压缩为 .zip 再上传") from broken
    with archive:
        meant = [info for info in archive.infolist() if _is_meant(info)]
        if len(meant) > MOST_FILES:
            raise NotPossible(f"“{name}”里有 {len(meant)} 个文件，一次最多 {MOST_FILES} 个，请分几个压缩包上传")
        if sum(info.file_size for info in meant) > MOST_BYTES:
            raise NotPossible(f"“{name}”解压后超过 {MOST_BYTES // 1_000_000} MB，请分几个压缩包上传")
        left = MOST_BYTES
        for info in meant:
            found = _read(archive, info, min(limit, left))
            left -= len(found.content)
            yield found


def _is_meant(info: zipfile.ZipInfo) -> bool:
    path = _path(info)
    return not (info.is_dir() or path.startswith(_NOT_MEANT[0]) or PurePosixPath(path).name in _NOT_MEANT[1:])


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo, most: int) -> Unpacked:
    path = _path(info)
    too_large = f"超过 {most // 1024 // 1024} MB，请压缩或拆分后上传"
    if info.flag_bits & _LOCKED:
        return Unpacked(path, problem="加了密码，读不了。请取消密码重新压缩")
    if info.file_size > most:
        return Unpacked(path, problem=too_large)
    try:
        with archive.open(info) as file:
            content = file.read(most + 1)  # what its head says of its size may be a lie
    except zips.BROKEN:
        return Unpacked(path, problem="在压缩包里已损坏，请重新压缩后上传")
    return Unpacked(path, problem=too_large) if len(content) > most else Unpacked(path, content)


def _path(info: zipfile.ZipInfo) -> str:
    """The path as it was written: without the sign for UTF-8 it is read as cp437, and mostly was GBK. Nothing in it
    breaks or turns the line in which it is shown."""
    if info.flag_bits & _UTF_8:
        return one_line(info.filename)
    try:
        return one_line(info.filename.encode("cp437").decode("gbk"))
    except (UnicodeEncodeError, UnicodeDecodeError):
        return one_line(info.filename)

"""The package as a file: a bag (BagIt, RFC 8493) in a ZIP, written as a stream. Pure: it knows no case.

Why a bag and not the XML of DA/T 48, which holds every file as base64: a year is gigabytes, and whoever opens the
package in twenty years needs an unpacker and `sha256sum -c`, nothing of ours. The names inside (说明文件, 文件目录,
电子档案) are those of the rules for handing electronic archives over.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import cbor2

from luojiang_ce import clock

PAYLOAD = "data"
DECLARATION = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
MANIFEST, TAG_MANIFEST, SIGNATURE = "manifest-sha256.txt", "tagmanifest-sha256.txt", "tagmanifest-sha256.cose"
SIGNED = "luojiang-ce archive v1"  # what the signature says it is of, so that it is taken for nothing else
_PACKED = {".xml", ".html", ".txt", ".TXT", ".XML", ".json", ".csv"}  # pictures, PDF and workbooks are packed already
_CHUNK = 1 << 20

Sign = Callable[[bytes], bytes]  # a payload becomes a COSE_Sign1


@dataclass(frozen=True)
class Written:
    """A file as it was written: its path below data/, size in bytes, SHA-256 as hex."""

    name: str
    size: int
    sha256: str


class Bag:
    """A bag that is being written. What is held in memory is the directory of the ZIP, some hundred bytes a file.

    Raises OSError where the disk is full; the file is then no bag, which every reader sees by its missing end.
    """

    def __init__(self, path: Path, root: str) -> None:
        self.root = root
        self.files = self.bytes = 0
        self._zip = zipfile.ZipFile(path, "w", allowZip64=True)
        # Grows with the files, so it lies on the disk too; `__exit__` closes it.
        self._manifest: IO[bytes] = tempfile.TemporaryFile(dir=path.parent)  # noqa: SIM115
        self._tags: list[tuple[str, str]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._manifest.close()
        if kind is None:
            self._zip.close()
        elif self._zip.fp:  # no end is written: what was broken off must not look whole
            self._zip.fp.close()
            self._zip.fp = None

    def add(self, name: str, content: bytes | Iterable[bytes]) -> Written:
        """Write a file below data/; ValueError where there is one of this name."""
        path = f"{PAYLOAD}/{name}"
        size, sha256 = self._write(path, [content] if isinstance(content, bytes) else content)
        self._manifest.write(f"{sha256}  {path}\n".encode())
        self.files, self.bytes = self.files + 1, self.bytes + size
        return Written(name, size, sha256)

    def close(self, info: Mapping[str, str], sign: Sign) -> str:
        """Write what makes it a bag: declaration, facts, list of sums, signature; returns the SHA-256 that was signed.

        `info`: what bag-info.txt says besides its sums.
        """
        self._tag("bagit.txt", [DECLARATION.encode()])
        facts = {**info, "Bagging-Date": clock.today().isoformat(), "Payload-Oxum": f"{self.bytes}.{self.files}"}
        self._tag("bag-info.txt", ["".join(f"{name}: {_one_line(said)}\n" for name, said in facts.items()).encode()])
        self._manifest.seek(0)
        self._tag(MANIFEST, iter(lambda: self._manifest.read(_CHUNK), b""))
        tags = "".join(f"{sha256}  {name}\n" for name, sha256 in self._tags).encode()
        _, signed = self._write(TAG_MANIFEST, [tags])
        self._write(SIGNATURE, [sign(payload_of(signed))])
        return signed

    def _tag(self, name: str, content: Iterable[bytes]) -> None:
        self._tags.append((name, self._write(name, content)[1]))

    def _write(self, path: str, content: Iterable[bytes]) -> tuple[int, str]:
        full = f"{self.root}/{path}"
        if full in self._zip.NameToInfo:
            raise ValueError(f"{full} is there already")
        entry = zipfile.ZipInfo(full, clock.local(clock.now()).timetuple()[:6])
        entry.compress_type = zipfile.ZIP_DEFLATED if Path(path).suffix in _PACKED else zipfile.ZIP_STORED
        size, digest = 0, hashlib.sha256()
        with self._zip.open(entry, "w", force_zip64=True) as out:
            for part in content:
                out.write(part)
                digest.update(part)
                size += len(part)
        return size, digest.hexdigest()


def payload_of(sha256: str) -> bytes:
    """What is signed: of which sums, and that it is an archive."""
    made: bytes = cbor2.dumps({1: SIGNED, 2: bytes.fromhex(sha256)}, canonical=True)
    return made


def parts_of(stream: IO[bytes]) -> Iterable[bytes]:
    """A file in parts that fit into memory."""
    return iter(lambda: stream.read(_CHUNK), b"")


def free_bytes(folder: Path) -> int:
    """How much still fits on the disk of a folder."""
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize


def _one_line(text: str) -> str:
    return " ".join(text.split())

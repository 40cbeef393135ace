"""Files made to keep their reader busy for hours, or to fill its memory: small, and sound by the letter."""

from __future__ import annotations

import struct

# Bits of a pass over everything but the mean of each block: a run of so many empty blocks takes fifteen.
_RUN = 32_767


def drawn_often(passes: int, size: tuple[int, int] = (8456, 13888)) -> bytes:
    """A grey JPEG whose every pass goes over all of it and draws nothing; 117 million pixels unless told otherwise.
    Whole runs of empty blocks are written, so that a side is best a multiple of 7 × 151 × 8, the other of 31 × 8."""
    (width, height), blocks = size, -(-size[0] // 8) * -(-size[1] // 8)
    tables = (
        _part(0xDB, b"\0" + b"\1" * 64)
        + _part(0xC2, struct.pack(">BHHB", 8, height, width, 1) + b"\1\x11\0")
        + _part(0xC4, b"\0" + bytes((1, *[0] * 15)) + b"\0")
        + _part(0xC4, b"\x10" + bytes((1, 1, *[0] * 14)) + b"\xe0\0")
    )
    means = _part(0xDA, b"\1\1\0\0\0\0") + _packed("0" * blocks)
    empty = _part(0xDA, b"\1\1\0\1\x3f\0") + _packed(("0" + "1" * 14) * (blocks // _RUN) + "10" * (blocks % _RUN))
    return b"\xff\xd8" + tables + means + empty * (passes - 1) + b"\xff\xd9"


def long_directory(entries: int, *, said: int | None = None) -> bytes:
    """A ZIP with a directory of so many entries, whatever it says of their number."""
    head = struct.pack("<4sHHHHHIIIHH", b"PK\3\4", 20, 0, 0, 0, 0x21, 0, 0, 0, 1, 0) + b"a"
    entry = struct.pack("<4s4B4HL2L5H2L", b"PK\1\2", 20, 0, 20, 0, 0, 0, 0, 0x21, 0, 0, 0, 1, *[0] * 6) + b"a"
    directory, number = entry * entries, min(entries if said is None else said, 0xFFFF)
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, number, number, len(directory), len(head), 0)
    return head + directory + end


def _part(marker: int, content: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(content) + 2) + content


def _packed(bits: str) -> bytes:
    bits += "1" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8).replace(b"\xff", b"\xff\0")

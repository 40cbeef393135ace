"""Sealed files: each under a key of its own, in chunks, and that key under the one in force.

    4 bytes   LJF1
    4 bytes   id of the key that wraps the file's
    12 bytes  nonce
    48 bytes  the file's key, sealed; associated data: the file's name
    chunks of 65,536 bytes (the last may be shorter), each with a tag of 16; nonce: the number of the chunk in 11 bytes,
    then 1 for the last one and 0 for the others; associated data: the file's name

So a chunk that was moved, dropped or altered, an end that was cut off, and a file that lies under another's name are
refused. To go to another key the head alone is written anew.
"""

from __future__ import annotations

import io
import os
import secrets
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .ring import ID_BYTES, KEY_BYTES, NONCE_BYTES, CannotOpen, in_force, known_as, not_here

MARK = b"LJF1"
CHUNK, TAG = 1 << 16, 16
PURPOSE = "luojiang_ce.files"
_KEY_AT, _SEALED_AT = len(MARK) + ID_BYTES, len(MARK) + ID_BYTES + NONCE_BYTES
HEAD = _SEALED_AT + KEY_BYTES + TAG


def sealed_pieces(pieces: Iterable[bytes], name: str) -> Iterator[bytes]:
    """What is written of this content, in pieces that fit into memory."""
    file_key = secrets.token_bytes(KEY_BYTES)
    yield head_of(file_key, name)
    cipher = AESGCM(file_key)
    for number, (chunk, is_last) in enumerate(_chunks(pieces)):
        yield cipher.encrypt(_nonce(number, is_last), chunk, name.encode())


def head_of(file_key: bytes, name: str) -> bytes:
    """The beginning of a file, under the key in force."""
    key, nonce = in_force(), os.urandom(NONCE_BYTES)
    return MARK + key.id + nonce + key.cipher(PURPOSE).encrypt(nonce, file_key, name.encode())


def file_key_of(head: bytes, name: str) -> bytes:
    """The file's key. Raises CannotOpen without its key, and for a head that is another file's or was altered."""
    key = known_as(key_id_of(head))
    if key is None:
        raise CannotOpen(f"文件 {name} 打不开：{not_here(key_id_of(head).hex())}")
    try:
        return key.cipher(PURPOSE).decrypt(head[_KEY_AT:_SEALED_AT], head[_SEALED_AT:HEAD], name.encode())
    except InvalidTag as wrong:
        raise _altered(name) from wrong


def is_sealed(head: bytes) -> bool:
    """Does a file begin like a sealed one?"""
    return head.startswith(MARK)


def key_id_of(head: bytes) -> bytes:
    """The id of the key that wraps the file's."""
    return head[len(MARK) : _KEY_AT]


def _chunks(pieces: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Cut anew, each with whether it is the last; an empty content is one empty chunk."""
    waiting = bytearray()
    for piece in pieces:
        waiting += piece
        while len(waiting) > CHUNK:
            yield bytes(waiting[:CHUNK]), False
            del waiting[:CHUNK]
    yield bytes(waiting), True


def _nonce(number: int, is_last: bool) -> bytes:
    return number.to_bytes(NONCE_BYTES - 1, "big") + bytes([is_last])


def _altered(name: str) -> CannotOpen:
    return CannotOpen(f"文件 {name} 打不开：密文被改动、截断，或是从别的文件换来的。请从备份恢复这个文件")


class Opened(io.RawIOBase):
    """The content of a sealed file, read from anywhere in it. Its stream is closed with it.

    It has no descriptor, so that no web server ever sends the file as it lies. Raises CannotOpen.
    """

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self._stream, self._name = stream, name
        head = stream.read(HEAD)
        body = stream.seek(0, os.SEEK_END) - HEAD
        self._count, rest = divmod(body, CHUNK + TAG)
        self._count += bool(rest)
        if len(head) < HEAD or self._count < 1 or 0 < rest < TAG:
            raise _altered(name)
        self._cipher = AESGCM(file_key_of(head, name))
        self.size = body - self._count * TAG
        self._at, self._number, self._chunk = 0, -1, b""

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        self._at = max(0, offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self.size}[whence])
        return self._at

    def readinto(self, into: bytearray | memoryview) -> int:  # type: ignore[override]  # all that is ever given
        if self._at >= self.size:
            return 0
        number, within = divmod(self._at, CHUNK)
        part = self._chunk_of(number)[within : within + len(into)]
        into[: len(part)] = part
        self._at += len(part)
        return len(part)

    def look_through(self) -> None:
        """Raises CannotOpen unless every chunk opens: before the first byte of a file is handed on."""
        for number in range(self._count):
            self._chunk_of(number)

    def close(self) -> None:
        self._stream.close()
        super().close()

    def _chunk_of(self, number: int) -> bytes:
        if number != self._number:
            self._stream.seek(HEAD + number * (CHUNK + TAG))
            sealed = self._stream.read(CHUNK + TAG)
            try:
                self._chunk = self._cipher.decrypt(
                    _nonce(number, number == self._count - 1), sealed, self._name.encode()
                )
            except InvalidTag as wrong:
                raise _altered(self._name) from wrong
            self._number = number
        return self._chunk

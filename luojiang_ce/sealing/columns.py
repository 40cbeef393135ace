"""Sealed columns: AES-256-GCM, bound to their column and row, under a key that is named in front.

    4 bytes   LJS1
    4 bytes   id of the key
    12 bytes  nonce
    the sealed content with its tag of 16 bytes; associated data: column and row

What was sealed before bears no mark; how that opens each column says (`older`), until `rotate_keys` has renewed it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from django.conf import settings

from .ring import ID_BYTES, NONCE_BYTES, OLDER, CannotOpen, Key, in_force, known, known_as, not_here

MARK = b"LJS1"
_HEAD = len(MARK) + ID_BYTES
Sealed = bytes | memoryview


@dataclass(frozen=True)
class Column:
    """Where something lies sealed: `name` is one of a kind and never changes: all that lies there is bound to it.

    `older` opens what was sealed before with one key: (key, sealed, row) -> content; raises InvalidTag.
    """

    name: str
    label: str
    older: Callable[[Key, bytes, str], bytes]

    def seal(self, content: bytes, row: str) -> bytes:
        """For this row alone. `row`: what the row is known by when it is written. Where that lies in the row itself, as
        the look-up hash of a person's number does, both open where they were moved together."""
        key, nonce = in_force(), os.urandom(NONCE_BYTES)
        return MARK + key.id + nonce + key.cipher(self.name).encrypt(nonce, content, self._bound_to(row))

    def unseal(self, sealed: Sealed, row: str) -> bytes:
        """Raises CannotOpen for another row's or column's, for what was altered, and without its key."""
        content = bytes(sealed)
        if not (key := self._named(content)):
            return self._older(content, row)[1]
        nonce, rest = content[_HEAD : _HEAD + NONCE_BYTES], content[_HEAD + NONCE_BYTES :]
        try:
            return key.cipher(self.name).decrypt(nonce, rest, self._bound_to(row))
        except InvalidTag as wrong:
            raise CannotOpen(
                f"{self.label}打不开：密文被改动，或是从别的行、别的栏移来的。请从备份恢复这一行"
            ) from wrong

    def key_of(self, sealed: Sealed, row: str) -> Key:
        """Under which key it lies. Raises CannotOpen where it is none that is known."""
        content = bytes(sealed)
        return self._named(content) or self._older(content, row)[0]

    def named(self, sealed: Sealed) -> str:
        """The id in front of it, known here or not."""
        content = bytes(sealed)
        return content[len(MARK) : _HEAD].hex() if content.startswith(MARK) else OLDER

    def _named(self, content: bytes) -> Key | None:
        return known_as(content[len(MARK) : _HEAD]) if content.startswith(MARK) else None

    def _older(self, content: bytes, row: str) -> tuple[Key, bytes]:
        for key in known() if settings.OLDER_SEALS else ():
            with suppress(InvalidTag, ValueError):
                return key, self.older(key, content, row)
        raise CannotOpen(f"{self.label}打不开：{unknown(self.named(content))}")

    def _bound_to(self, row: str) -> bytes:
        return f"{self.name}:{row}".encode()


def unknown(named: str) -> str:
    """Why nothing that is known here opens it, and what to do."""
    if named != OLDER:
        return not_here(named)
    if not settings.OLDER_SEALS:
        return "旧格式的内容已不再接受（OLDER_SEALS=0），可能是被换回来的。请从备份恢复"
    return "现有的密钥都打不开。请把当时的 ID_ENCRYPTION_KEY 列入 ID_ENCRYPTION_KEYS_FORMER，或从备份恢复"

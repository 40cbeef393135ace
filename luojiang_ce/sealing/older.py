"""Files that were stored before there was a door: plain in some folders, in all others sealed whole under
ID_ENCRYPTION_KEY and bound to the id that stands in their name. `rotate_keys` makes sealed ones of them."""

from __future__ import annotations

import re
from contextlib import suppress
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .ring import NONCE_BYTES, CannotOpen, known

PLAIN = ("attachments/", "papers/", "seals/")
_ID = re.compile(r"[0-9a-f]{32}")


def content_of(stored: bytes, name: str) -> bytes:
    """What such a file holds. Raises CannotOpen: what no key opens is no content, and would be lost if it were taken
    for some."""
    if name.startswith(PLAIN):
        return stored
    if (found := _ID.search(name)) and len(stored) > NONCE_BYTES:
        for key in known():
            with suppress(InvalidTag):
                bound = UUID(found[0]).bytes
                return AESGCM(key.secret).decrypt(stored[:NONCE_BYTES], stored[NONCE_BYTES:], bound)
    raise CannotOpen(
        f"文件 {name} 打不开：封存它的密钥不在这里（请把当时的 ID_ENCRYPTION_KEY 列入 ID_ENCRYPTION_KEYS_FORMER），"
        "或内容已被改动"
    )

"""Files that were stored before there was a door: plain, or sealed whole under ID_ENCRYPTION_KEY and bound to the id
that stands in their name. `rotate_keys` makes sealed ones of them."""

from __future__ import annotations

import re
from contextlib import suppress
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .ring import NONCE_BYTES, known

_ID = re.compile(r"[0-9a-f]{32}")


def content_of(stored: bytes, name: str) -> bytes:
    """What such a file holds."""
    if (found := _ID.search(name)) and len(stored) > NONCE_BYTES:
        for key in known():
            with suppress(InvalidTag):
                bound = UUID(found[0]).bytes
                return AESGCM(key.secret).decrypt(stored[:NONCE_BYTES], stored[NONCE_BYTES:], bound)
    return stored

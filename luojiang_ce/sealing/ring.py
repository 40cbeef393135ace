"""The keys that seal what is confidential: the one in force, and former ones, which open what they have sealed."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64decode
from dataclasses import dataclass, field
from functools import cache

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

KEY_BYTES, NONCE_BYTES, ID_BYTES = 32, 12, 4
OLDER = "旧格式"  # in place of an id: what lies plain, or under no key that is named


class CannotOpen(Exception):
    """What was sealed does not open; the message says what, why, and what to do, and nothing of the content."""


@dataclass(frozen=True)
class Key:
    """32 bytes that only derive others, one for each purpose. `id` tells it from other keys and tells nothing of it."""

    secret: bytes = field(repr=False)

    @property
    def id(self) -> bytes:
        """What stands before all that it seals (4 bytes)."""
        return hmac.digest(self.secret, b"luojiang_ce.sealing: id", hashlib.sha256)[:ID_BYTES]

    def cipher(self, purpose: str) -> AESGCM:
        """AES-256-GCM under the key for this purpose alone."""
        return AESGCM(derived(self.secret, purpose.encode()))


@cache
def derived(secret: bytes, purpose: bytes) -> bytes:
    """HKDF-SHA256: a key of 32 bytes for one purpose."""
    return HKDF(algorithm=hashes.SHA256(), length=KEY_BYTES, salt=None, info=purpose).derive(secret)


def not_here(key_id: str) -> str:
    """That nothing is known here that opens what bears this id, and what to do."""
    return f"密钥 {key_id} 不在这里。请把当时的 ID_ENCRYPTION_KEY 列入 ID_ENCRYPTION_KEYS_FORMER"


def in_force() -> Key:
    """What is sealed now is sealed under it."""
    return _key(settings.ID_ENCRYPTION_KEY)


def known() -> tuple[Key, ...]:
    """All that may open something, the one in force first."""
    return tuple(map(_key, (settings.ID_ENCRYPTION_KEY, *settings.ID_ENCRYPTION_KEYS_FORMER)))


def known_as(key_id: bytes) -> Key | None:
    """The key of this id, if it is here."""
    return next((key for key in known() if key.id == key_id), None)


@cache
def _key(text: str) -> Key:
    return Key(b64decode(text))

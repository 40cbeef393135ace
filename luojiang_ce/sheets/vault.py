"""Uploaded files hold ID numbers: they lie encrypted, each bound to its import (domain.md §6)."""

import os
from base64 import b64decode
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

_NONCE = 12


def seal(content: bytes, token: UUID) -> bytes:
    """AES-256-GCM under ID_ENCRYPTION_KEY, bound to the import's token: 12 bytes of nonce, then the sealed content."""
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(_key()).encrypt(nonce, content, token.bytes)


def unseal(sealed: bytes, token: UUID) -> bytes:
    """The content behind `seal`; raises cryptography's InvalidTag for another key, another import or changed bytes."""
    return AESGCM(_key()).decrypt(sealed[:_NONCE], sealed[_NONCE:], token.bytes)


def _key() -> bytes:
    return b64decode(settings.ID_ENCRYPTION_KEY)

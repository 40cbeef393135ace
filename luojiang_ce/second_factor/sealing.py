"""Secrets of authenticators at rest: AES-256-GCM under a key of their own, bound to their account."""

from __future__ import annotations

import hashlib
import hmac
import os
from base64 import b64decode

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

NONCE, KEY_BYTES = 12, 32
PURPOSE = b"luojiang_ce.second_factor"


def seal(secret: bytes, account_id: int) -> bytes:
    """Opens for this account alone: a row that is copied to another one is of no use there."""
    nonce = os.urandom(NONCE)
    return nonce + AESGCM(_key()).encrypt(nonce, secret, _bound_to(account_id))


def unseal(sealed: bytes | memoryview, account_id: int) -> bytes:
    """Raises cryptography's InvalidTag for another account's, or under another key."""
    return AESGCM(_key()).decrypt(bytes(sealed[:NONCE]), bytes(sealed[NONCE:]), _bound_to(account_id))


def digest_of(code: str, account_id: int) -> str:
    """Keyed hash of a recovery code, which is too long to be guessed from it."""
    return hmac.new(_key(), b"%d:%s" % (account_id, code.encode()), hashlib.sha256).hexdigest()


def _bound_to(account_id: int) -> bytes:
    return b"authenticator:%d" % account_id


def _key() -> bytes:
    """Of the key for ID numbers, for this purpose alone."""
    kdf = HKDF(algorithm=hashes.SHA256(), length=KEY_BYTES, salt=None, info=PURPOSE)
    return kdf.derive(b64decode(settings.ID_ENCRYPTION_KEY))

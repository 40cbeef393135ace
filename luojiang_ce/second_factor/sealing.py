"""Secrets of authenticators at rest, bound to their accounts; and the keys by which recovery codes are known again.

A recovery code is kept as its digest under a key of its own, which is made with the secret and lies sealed beside it:
no digest has to be made anew when the sealing key changes, which nobody could, for the codes are on paper.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from luojiang_ce.sealing.columns import Column
from luojiang_ce.sealing.ring import KEY_BYTES, NONCE_BYTES, Key, derived

from .models import Authenticator

PURPOSE = b"luojiang_ce.second_factor"


def _of_before(key: Key, sealed: bytes, account: str) -> bytes:
    own = AESGCM(derived(key.secret, PURPOSE))
    return own.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], f"authenticator:{account}".encode())


SECRET = Column("second_factor.authenticator.sealed", "验证器", _of_before)
CODES = Column("second_factor.authenticator.codes_sealed", "恢复码的密钥", _of_before)


def sealed(secret: bytes, account_id: int) -> dict[str, bytes]:
    """The columns of a new authenticator."""
    row = str(account_id)
    return {"sealed": SECRET.seal(secret, row), "codes_sealed": CODES.seal(secrets.token_bytes(KEY_BYTES), row)}


def secret_of(authenticator: Authenticator) -> bytes:
    """What it shares with the phone. Raises CannotOpen."""
    return SECRET.unseal(authenticator.sealed, str(authenticator.account_id))


def digest_of(code: str, authenticator: Authenticator) -> str:
    """Keyed hash of a recovery code, which is too long to be guessed from it. Raises CannotOpen."""
    said = b"%d:%s" % (authenticator.account_id, code.encode())
    return hmac.new(_codes_key(authenticator), said, hashlib.sha256).hexdigest()


def named(authenticator: Authenticator) -> str:
    """The id of the key that both columns lie under, or that one is of the older format."""
    return SECRET.named(authenticator.sealed)


def renewed(authenticator: Authenticator) -> dict[str, bytes]:
    """The same columns under the key in force. Raises CannotOpen."""
    row = str(authenticator.account_id)
    return {
        "sealed": SECRET.seal(secret_of(authenticator), row),
        "codes_sealed": CODES.seal(_codes_key(authenticator), row),
    }


def _codes_key(authenticator: Authenticator) -> bytes:
    """Of one from before they had their own: that which its secret was sealed with."""
    row = str(authenticator.account_id)
    if authenticator.codes_sealed:
        return CODES.unseal(authenticator.codes_sealed, row)
    return derived(SECRET.key_of(authenticator.sealed, row).secret, PURPOSE)

"""Secrets of authenticators at rest, bound to their accounts; and the keys by which recovery codes are known again.

A recovery code is kept as its digest under a key of its own, which lies sealed beside it: no digest has to be made anew
when the sealing key changes, which nobody could, for the codes are on paper.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from luojiang_ce.sealing.columns import Column
from luojiang_ce.sealing.ring import KEY_BYTES, NONCE_BYTES, Key, derived

from .models import Authenticator, RecoveryCode

PURPOSE = b"luojiang_ce.second_factor"


def _of_before(key: Key, sealed: bytes, account: str) -> bytes:
    own = AESGCM(derived(key.secret, PURPOSE))
    return own.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], f"authenticator:{account}".encode())


SECRET = Column("second_factor.authenticator.sealed", "验证器", _of_before)
CODE = Column("second_factor.recoverycode.key_sealed", "恢复码的密钥", _of_before)


def sealed(secret: bytes, account_id: int) -> bytes:
    """The column of a new authenticator."""
    return SECRET.seal(secret, str(account_id))


def secret_of(authenticator: Authenticator) -> bytes:
    """What it shares with the phone. Raises CannotOpen."""
    return SECRET.unseal(authenticator.sealed, str(authenticator.account_id))


def named(authenticator: Authenticator) -> str:
    """The id of the key that it lies under, or that it is of the older format."""
    return SECRET.named(authenticator.sealed)


def renewed(authenticator: Authenticator) -> dict[str, bytes]:
    """The same column under the key in force. Raises CannotOpen."""
    return {"sealed": sealed(secret_of(authenticator), authenticator.account_id)}


def code_columns(code: str, account_id: int) -> dict[str, str | bytes]:
    """The columns of a new recovery code: it is too long to be guessed from its keyed digest."""
    key = secrets.token_bytes(KEY_BYTES)
    digest = _digest(key, code, account_id)
    return {"digest": digest, "key_sealed": CODE.seal(key, digest)}


def is_code(typed: str, kept: RecoveryCode) -> bool:
    """Was this one typed? Raises CannotOpen."""
    return hmac.compare_digest(kept.digest, _digest(_key_of(kept), typed, kept.account_id))


def code_named(kept: RecoveryCode) -> str:
    """The id of the key that its own lies under, or that it is from before it had one."""
    return CODE.named(kept.key_sealed)


def renewed_code(kept: RecoveryCode) -> dict[str, bytes]:
    """The same key under the key in force. Raises CannotOpen."""
    return {"key_sealed": CODE.seal(_key_of(kept), kept.digest)}


def _key_of(kept: RecoveryCode) -> bytes:
    """Of one from before they had their own: that with which the secret of the account's authenticator was sealed."""
    if kept.key_sealed:
        return CODE.unseal(kept.key_sealed, kept.digest)
    authenticator = kept.account.authenticator
    return derived(SECRET.key_of(authenticator.sealed, str(kept.account_id)).secret, PURPOSE)


def _digest(key: bytes, code: str, account_id: int) -> str:
    return hmac.new(key, b"%d:%s" % (account_id, code.encode()), hashlib.sha256).hexdigest()

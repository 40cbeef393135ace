"""Secrets of authenticators at rest, bound to their accounts; and the keys by which recovery codes are known again.

A recovery code is kept as its digest, under a key of its account that lies sealed (`RecoveryKey`): when the sealing key
changes, that key is sealed anew. No digest has to be made anew, which nobody could, for the codes are on paper.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections import Counter
from contextlib import suppress
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from luojiang_ce.sealing.columns import OLDER, Column
from luojiang_ce.sealing.ring import KEY_BYTES, NONCE_BYTES, CannotOpen, Key, derived, known
from luojiang_ce.sealing.rotation import Report, SealedRows, Told

from .models import Authenticator, RecoveryCode, RecoveryKey

PURPOSE = b"luojiang_ce.second_factor"


def _of_before(key: Key, sealed: bytes, account: str) -> bytes:
    own = AESGCM(derived(key.secret, PURPOSE))
    return own.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], f"authenticator:{account}".encode())


SECRET = Column("second_factor.authenticator.sealed", "验证器", _of_before)
CODES = Column("second_factor.recoverykey.sealed", "恢复码的密钥", _of_before)


def seal(secret: bytes, account_id: int) -> bytes:
    """Opens for this account alone: a row that is copied to another one is of no use there."""
    return SECRET.seal(secret, str(account_id))


def unseal(sealed: bytes | memoryview, account_id: int) -> bytes:
    """Raises CannotOpen for another account's, for what was altered, and without its key."""
    return SECRET.unseal(sealed, str(account_id))


def digest_of(code: str, account_id: int) -> str:
    """Keyed hash of a recovery code, which is too long to be guessed from it. Raises CannotOpen."""
    found = RecoveryKey.objects.filter(account=account_id).first()
    key = CODES.unseal(found.sealed, str(account_id)) if found else _key_before(account_id)
    return hmac.new(key, b"%d:%s" % (account_id, code.encode()), hashlib.sha256).hexdigest()


def begin_codes(account_id: int) -> None:
    """Have a key for the recovery codes that are made from now on; those from before must have gone."""
    sealed = CODES.seal(secrets.token_bytes(KEY_BYTES), str(account_id))
    RecoveryKey.objects.get_or_create(account_id=account_id, defaults={"sealed": sealed})


def _key_before(account_id: int) -> bytes:
    """Codes had the key that the account's authenticator was sealed with; the oldest that is known, where there is none
    that tells."""
    found = Authenticator.objects.filter(account=account_id).first()
    key = known()[-1]
    if found and SECRET.named(found.sealed) == OLDER:
        with suppress(CannotOpen):
            key = SECRET.key_of(found.sealed, str(account_id))
    return derived(key.secret, PURPOSE)


class _RecoveryKeys(SealedRows):
    """With those that accounts have not got yet, whose codes are from before. They go before authenticators, which
    tell of their keys until they are sealed anew."""

    def count(self) -> Counter[str]:
        """See Kind."""
        return super().count() + Counter({OLDER: len(_without_a_key())})

    def reseal(self, report: Report, told: Told) -> None:
        """See Kind."""
        for account_id in _without_a_key():
            sealed = CODES.seal(_key_before(account_id), str(account_id))
            _, is_new = RecoveryKey.objects.get_or_create(account_id=account_id, defaults={"sealed": sealed})
            report.done[self.label] += is_new
        super().reseal(report, told)


def _without_a_key() -> list[int]:
    have = RecoveryKey.objects.values("account")
    return list(RecoveryCode.objects.exclude(account__in=have).values_list("account_id", flat=True).distinct())


def _renewed(column: Column, row: Any) -> dict[str, bytes]:
    account = str(row.account_id)
    return {"sealed": column.seal(column.unseal(row.sealed, account), account)}


# For `register_sealed`, in this order.
SEALED = (
    _RecoveryKeys("恢复码", RecoveryKey, lambda row: CODES.named(row.sealed), lambda row: _renewed(CODES, row)),
    SealedRows("验证器", Authenticator, lambda row: SECRET.named(row.sealed), lambda row: _renewed(SECRET, row)),
)

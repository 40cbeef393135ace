"""What is sealed in a column opens in its row and column alone, under any key that is known."""

from __future__ import annotations

import os
from base64 import b64decode, b64encode

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from luojiang_ce.sealing.columns import Column
from luojiang_ce.sealing.ring import OLDER, CannotOpen, Key, in_force, known

NEW = b64encode(b"new-key!" * 4).decode()


def _plain_before(key: Key, sealed: bytes, row: str) -> bytes:
    return AESGCM(key.secret).decrypt(sealed[:12], sealed[12:], row.encode())


COLUMN = Column("tests.one", "内容", _plain_before)
OTHER = Column("tests.two", "内容", _plain_before)


def changed_key(settings) -> str:
    """The former key, beside a new one in force."""
    former = settings.ID_ENCRYPTION_KEY
    settings.ID_ENCRYPTION_KEY, settings.ID_ENCRYPTION_KEYS_FORMER = NEW, [former]
    return former


def before(content: bytes, row: str, settings) -> bytes:
    nonce = os.urandom(12)
    return nonce + AESGCM(b64decode(settings.ID_ENCRYPTION_KEY)).encrypt(nonce, content, row.encode())


def test_it_opens_where_it_was_sealed():
    sealed = COLUMN.seal(b"content", "7")
    assert COLUMN.unseal(memoryview(sealed), "7") == b"content"
    assert b"content" not in sealed
    assert sealed != COLUMN.seal(b"content", "7")


@pytest.mark.parametrize(("column", "row"), [(COLUMN, "8"), (OTHER, "7"), (COLUMN, "")])
def test_it_opens_in_no_other_row_or_column(column, row):
    with pytest.raises(CannotOpen, match="移来"):
        column.unseal(COLUMN.seal(b"content", "7"), row)


@pytest.mark.parametrize("place", range(0, 43, 6))
def test_no_byte_of_it_can_be_changed(place):
    sealed = bytearray(COLUMN.seal(b"content", "7"))
    sealed[place] ^= 1
    with pytest.raises(CannotOpen):
        COLUMN.unseal(bytes(sealed), "7")


def test_a_former_key_opens_what_it_has_sealed_and_seals_no_more(settings):
    sealed = COLUMN.seal(b"content", "7")
    former = in_force().id.hex()
    changed_key(settings)
    assert COLUMN.unseal(sealed, "7") == b"content"
    assert COLUMN.named(sealed) == former
    assert COLUMN.named(COLUMN.seal(b"content", "7")) == in_force().id.hex() != former
    assert len({key.id for key in known()}) == 2


def test_without_its_key_it_is_said_which(settings):
    sealed, named = COLUMN.seal(b"content", "7"), in_force().id.hex()
    settings.ID_ENCRYPTION_KEY = NEW
    with pytest.raises(CannotOpen, match=f"密钥 {named} 不在这里"):
        COLUMN.unseal(sealed, "7")


def test_what_was_sealed_before_opens_under_any_known_key_until_it_is_not_taken_any_more(settings):
    sealed = before(b"content", "7", settings)
    changed_key(settings)
    assert COLUMN.unseal(sealed, "7") == b"content"
    assert COLUMN.named(sealed) == OLDER
    assert COLUMN.key_of(sealed, "7") == known()[1]
    settings.OLDER_SEALS = False
    with pytest.raises(CannotOpen, match="OLDER_SEALS=0"):
        COLUMN.unseal(sealed, "7")


def test_a_key_tells_nothing_of_itself():
    key = in_force()
    assert key.secret.hex() not in repr(key)
    assert key.id not in key.secret

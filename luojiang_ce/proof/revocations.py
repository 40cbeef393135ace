"""The signed list of revoked papers, which is kept to verify without a network. `signed_list` asks the database; the
rest is pure. static/js/proof/trust.js reads the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import cbor2
from django.core.cache import cache

from luojiang_ce import clock

from . import keyring
from .keyring import Purpose
from .models import SigningKey
from .sources import Revoked, code_hash, revoked
from .statement import ES256, Unreadable, loaded, opened, sealed

KEPT_SECONDS = 600  # a list is signed anew at most so often
_CACHED = "proof:revocations:{kid}"  # one of a key that was withdrawn is nobody's any more
CONTENT = "application/x.revocations+cbor"  # what the signed header says that it is
_EPOCH = date(1970, 1, 1)
Verify = Callable[[bytes, bytes], bool]


@dataclass(frozen=True)
class Entry:
    """A revoked paper on the list: since which day, by which number it was replaced, and which of the list it is."""

    day: date
    replaced_by: str
    nth: int


@dataclass(frozen=True)
class RevocationList:
    """The list as it was signed: when, by which key, which papers."""

    kid: str
    signed_at: datetime
    entries: Mapping[bytes, Entry]

    def entry_of(self, code: str) -> Entry | None:
        """Where a paper is on it."""
        return self.entries.get(code_hash(code))


def signed_list() -> bytes:
    """The list of this moment, or of at most ten minutes ago."""
    key = keyring.current(Purpose.STATEMENTS)
    kept_as = _CACHED.format(kid=key.kid)
    found: bytes | None = cache.get(kept_as)
    if found is None:
        found = _signed(_payload(revoked(), clock.now()), key)
        cache.set(kept_as, found, KEPT_SECONDS)
    return found


def read_list(content: bytes, verify_by: Callable[[str], Verify | None]) -> RevocationList:
    """A list, its signature verified by the key that `verify_by` knows under its number. Raises Unreadable."""
    message = opened(content)
    verify = verify_by(message.kid)
    if verify is None or message.algorithm != ES256 or not verify(message.signed_part, message.signature):
        raise Unreadable("signed by no key that is known")
    if message.content != CONTENT:
        raise Unreadable("something else that was signed")
    try:
        told = loaded(message.payload, dict)
        entries = {key: Entry(_EPOCH + timedelta(days), str(by), nth) for nth, (key, days, by) in enumerate(told[2], 1)}
        return RevocationList(message.kid, datetime.fromtimestamp(told[1], clock.SHANGHAI), entries)
    except (ValueError, TypeError, KeyError, OverflowError) as wrong:
        raise Unreadable("no list") from wrong


def _signed(payload: bytes, key: SigningKey) -> bytes:
    def sign(part: bytes) -> bytes:
        return keyring.sign(key, part)

    return sealed(payload, kid=key.kid, algorithm=key.algorithm, sign=sign, content=CONTENT)


def _payload(papers: Iterable[Revoked], now: datetime) -> bytes:
    rows = sorted(papers, key=lambda each: (each.day, each.code))
    told = [[code_hash(each.code), (each.day - _EPOCH).days, each.replaced_by] for each in rows]
    made: bytes = cbor2.dumps({1: int(now.timestamp()), 2: told}, canonical=True)
    return made

"""The code on a printed sign-in sheet: of which class and half-day it is, which page, and whom its lines belong to.

Everything stands on the paper itself: an older print keeps its own lines whatever becomes of the class's list.
"""

from __future__ import annotations

from base64 import b32decode, b32encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from hmac import compare_digest
from itertools import accumulate, pairwise

from django.conf import settings
from django.utils.crypto import salted_hmac

from training.half_days import HALF_DAYS, SlotKey

PREFIX = "LJQD1"  # 洛江签到, and the version of what follows
FIRST_DAY = date(2017, 1, 1)
CHECK = 4  # bytes; what is misread never passes, and who may upload may enter signs anyway
SALT = "training.attendance.photographs.code"


@dataclass(frozen=True)
class SheetCode:
    """A page: class and enrolments by their ids, the half-day, the page from 1 of how many."""

    application: int
    date: date
    half_day: str
    page: int
    pages: int
    rows: tuple[int, ...]

    @property
    def key(self) -> SlotKey:
        return self.date, self.half_day

    @property
    def printed(self) -> str:
        """What the code says: capitals and digits. The rows stand in the order of their ids."""
        days, half_day = (self.date - FIRST_DAY).days, list(HALF_DAYS).index(self.half_day)
        steps = [after - before for before, after in pairwise((0, *self.rows))]
        numbers = (self.application, days, half_day, self.page, self.pages, *steps)
        content = b"".join(map(_packed, numbers))
        return PREFIX + b32encode(content + _check(content, settings.SECRET_KEY)).decode().rstrip("=")


def read_code(text: str) -> SheetCode | None:
    """The page that a code names; None for any other code."""
    if not text.startswith(PREFIX):
        return None
    packed = text.removeprefix(PREFIX)
    try:
        whole = b32decode(packed + "=" * (-len(packed) % 8))
        content, check = whole[:-CHECK], whole[-CHECK:]
        keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)  # a paper outlives a change of keys
        if not any(compare_digest(check, _check(content, key)) for key in keys):
            return None
        return _unpacked(list(_numbers(content)))
    except (ValueError, IndexError, OverflowError):  # binascii.Error is a ValueError
        return None


def _unpacked(numbers: Sequence[int]) -> SheetCode:
    application, days, half_day, page, pages, *steps = numbers
    day = FIRST_DAY + timedelta(days=days)
    return SheetCode(application, day, list(HALF_DAYS)[half_day], page, pages, tuple(accumulate(steps)))


def _packed(number: int) -> bytes:
    """Seven bits a byte, the last byte below 128."""
    out = []
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])


def _numbers(content: bytes) -> Iterator[int]:
    number = bits = 0
    for byte in content:
        number |= (byte & 127) << bits
        bits += 7
        if byte < 128:
            yield number
            number = bits = 0


def _check(content: bytes, key: str) -> bytes:
    return salted_hmac(SALT, content, secret=key, algorithm="sha256").digest()[:CHECK]

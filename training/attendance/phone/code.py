"""The code on a class's screen (product.md A1): made, read, told apart. Pure: the key and the time are given.

A code names class, half-day, 签到 or 签退, and a window of 30 seconds; its HMAC shows that the server made it. Nothing
in it is secret, and it is good in its own window and the next: a photograph of it is worth nothing a minute later.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from training.attendance.oddities import MARGIN  # a sign further off is pointed out, so phones make none
from training.half_days import HALF_DAYS, Slot, SlotKey

WINDOW = 30  # seconds
GRACE = 1  # windows in which the code before is still taken: slow phones
OUT_FROM = timedelta(minutes=10)  # before the end: the screen turns from 签到 to 签退 by itself
IN, OUT = "in", "out"
_MAC = 20  # hex digits: 80 bits
_LETTERS = {name[0]: name for name in (*HALF_DAYS, IN, OUT)}
_SHAPE = re.compile(rf"([0-9]{{1,9}})-([0-9]{{8}})([mae])([io])-([0-9]{{1,12}})-([0-9a-f]{{{_MAC}}})", re.ASCII)


class Flaw(StrEnum):
    """Why a code is not taken."""

    NOT_OURS = "not-ours"
    OTHER_CLASS = "other-class"
    OLD = "old"


@dataclass(frozen=True, slots=True)
class Code:
    """What a code says: class, half-day, 签到 or 签退, and the window in which it was shown."""

    course: int
    date: date
    half_day: str
    kind: str
    window: int

    @property
    def key(self) -> SlotKey:
        return self.date, self.half_day


class BadCode(Exception):
    """A code that is not taken; `code` is what a real one says, None where it is none of ours."""

    def __init__(self, flaw: Flaw, code: Code | None = None) -> None:
        super().__init__(flaw)
        self.flaw, self.code = flaw, code


def window_of(moment: datetime) -> int:
    """The window of 30 seconds in which an (aware) moment lies."""
    return int(moment.timestamp()) // WINDOW


def write(code: Code, key: bytes) -> str:
    """The code as it stands in the address of the picture."""
    said = f"{code.course}-{code.date:%Y%m%d}{code.half_day[0]}{code.kind[0]}-{code.window}"
    return f"{said}-{_mac(said, key)}"


def read(text: str, *, course: int, key: bytes, moment: datetime) -> Code:
    """What a scanned code says, if it is this class's and shown now or in the window before. Raises BadCode."""
    code = _genuine(text, key)
    if code.course != course:
        raise BadCode(Flaw.OTHER_CLASS, code)
    if not 0 <= window_of(moment) - code.window <= GRACE:
        raise BadCode(Flaw.OLD, code)
    return code


def _genuine(text: str, key: bytes) -> Code:
    found = _SHAPE.fullmatch(text)
    if not found or not hmac.compare_digest(_mac(text.rpartition("-")[0], key), found[6]):
        raise BadCode(Flaw.NOT_OURS)
    day = date(int(found[2][:4]), int(found[2][4:6]), int(found[2][6:]))
    return Code(int(found[1]), day, _LETTERS[found[3]], _LETTERS[found[4]], int(found[5]))


def _mac(said: str, key: bytes) -> str:
    return hmac.new(key, said.encode(), hashlib.sha256).hexdigest()[:_MAC]


def open_times(slot: Slot, kind: str) -> tuple[datetime, datetime]:
    """From when until when phones sign in or out of a half-day: in from an hour before it begins, until it is over;
    out from its beginning (whoever leaves early leaves with that time) until an hour after it, on the same day."""
    if kind == IN:
        return slot.begins - MARGIN, slot.ends
    last = slot.ends.replace(hour=23, minute=59, second=59)  # a time after midnight would be one of another day
    return slot.begins, min(slot.ends + MARGIN, last)


def kind_at(slot: Slot, moment: datetime) -> str:
    """What the screen shows unless told otherwise: 签到, and 签退 from ten minutes before the end."""
    return IN if moment < slot.ends - OUT_FROM else OUT

"""What may be kept as a file of a case: what came through the door (`luojiang_ce.uploads`), a photograph's time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from luojiang_ce import clock
from luojiang_ce.uploads.door import received
from luojiang_ce.uploads.places import MATERIAL, Place


@dataclass(frozen=True)
class Checked:
    """An upload that may be kept: its true type, the bytes to store, and when a photograph was taken."""

    content_type: str
    content: bytes
    taken_at: datetime | None = None


def check_upload(name: str, stream: BinaryIO, size: int, limit: int, place: Place = MATERIAL) -> Checked:
    """Decide whether an upload may be kept; raises BadFile with a message for the user, NotPossible where a scanner
    says no. Sizes are bytes."""
    found = received(name, stream, size, limit, place)
    return Checked(found.kind, found.content, _as_time(found.taken))


def _as_time(stamp: str) -> datetime | None:
    """A camera's clock knows no zone; it is read as Beijing time."""
    try:
        return datetime.strptime(stamp.strip("\x00 "), "%Y:%m:%d %H:%M:%S").replace(tzinfo=clock.SHANGHAI)
    except ValueError:
        return None

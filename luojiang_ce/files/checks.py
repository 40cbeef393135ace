"""What may be kept as a file of a case: what came through the door (`luojiang_ce.uploads`), a photograph's time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO, cast

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from luojiang_ce import clock
from luojiang_ce.uploads.door import named, received
from luojiang_ce.uploads.places import MATERIAL, Place, with_ending


@dataclass(frozen=True)
class Checked:
    """An upload that may be kept: what it is called, under an ending of its kind; its true type, the bytes to store,
    and when a photograph was taken."""

    name: str
    content_type: str
    content: bytes
    taken_at: datetime | None = None

    def __str__(self) -> str:
        return self.name


MOST_LETTERS = 200  # of a file's name, its ending included


def chosen(upload: UploadedFile[Any]) -> str:
    """What a file is called by whoever sends it, as it may be shown."""
    return named(upload.name, MOST_LETTERS)


def checked(upload: UploadedFile[Any], place: Place = MATERIAL) -> Checked:
    """What of an upload may be kept at this place. It takes up to seconds: not within a transaction, which makes others
    wait for its locks. Raises BadFile."""
    stream = cast(BinaryIO, upload)
    return check_upload(chosen(upload), stream, upload.size or 0, settings.UPLOAD_LIMIT_BYTES, place)


def check_upload(name: str, stream: BinaryIO, size: int, limit: int, place: Place = MATERIAL) -> Checked:
    """Decide whether an upload may be kept; raises BadFile with a message for the user. Sizes are bytes."""
    found = received(name, stream, size, limit, place)
    return Checked(with_ending(name, found.kind)[-MOST_LETTERS:], found.kind, found.content, as_time(found.taken))


def as_time(stamp: str) -> datetime | None:
    """A camera's clock knows no zone; it is read as Beijing time."""
    try:
        return datetime.strptime(stamp.strip("\x00 "), "%Y:%m:%d %H:%M:%S").replace(tzinfo=clock.SHANGHAI)
    except ValueError:
        return None

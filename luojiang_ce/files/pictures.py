"""Pictures from outside are unpacked here: an ordinary one at once, what takes longer in a process of its own
(`apart`), where it may take so much memory and time and no more. What `heads` refuses does not come here."""

from __future__ import annotations

import base64
import io
import os
import tempfile
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, BinaryIO, TypeVar

from PIL import ExifTags, Image

from .apart import Apart, answer_all
from .heads import MOST_IN_ONE_PASS, head_of
from .looks import Looks, looks_of

T = TypeVar("T")

Image.MAX_IMAGE_PIXELS = MOST_IN_ONE_PASS // 2  # Pillow refuses at twice this number, and up to there only warns
# Pixels to be drawn: a phone's photograph and a scanned page take a tenth of a second, less than to begin a process.
EASY = 16_000_000
MOST_MEMORY = 800_000_000  # bytes; the largest that `heads` lets through takes half
PATIENCE = 20  # seconds for one picture
_AT_ONCE = threading.BoundedSemaphore(2)  # processes of a server's process; further uploads wait for their turn

EXIF = b"Exif\x00\x00"
# What Pillow tells of a picture that cannot hold a position; XMP, texts, comments and what programs add can.
_PLAIN = frozenset(
    (
        *("exif", "jfif", "jfif_version", "jfif_density", "jfif_unit", "dpi", "adobe", "adobe_transform"),
        *("progressive", "progression", "icc_profile", "gamma", "srgb", "transparency", "interlace"),
        *("aspect", "chromaticity"),
    )
)
_SEVERAL = "MPO"  # what phones write beside the JPEG they show: a second picture with its own EXIF


@dataclass(frozen=True)
class Inside:
    """What a sound picture says besides what it shows: `plain`: it holds no position nor anything that may be one;
    `exif`: its EXIF without the position, empty where it has none; `taken`: the camera's time, as it wrote it."""

    plain: bool
    exif: bytes
    taken: str


class PictureReader(Apart):
    """Asks the process about one picture after the other."""

    module = __name__

    def inside(self, path: str) -> Inside | None:
        """What the picture at this path holds; None where it is damaged, or asks for too much."""
        answer = self.ask(["inside", path])
        return Inside(**{**answer, "exif": base64.b64decode(answer["exif"])}) if answer else None

    def looks(self, path: str) -> Looks | None:
        """How the picture at this path looks; None besides where it is too small, or of one shade."""
        answer = self.ask(["looks", path])
        return Looks(base64.b64decode(answer)) if answer else None


def looked_into(content: bytes, kind: str) -> Inside | None:
    """What a JPEG or PNG holds, every byte of it read; None where it is damaged, or asks for too much."""
    head = head_of(content, kind)
    if head and head.work <= EASY:
        return _or_nothing(_inside, io.BytesIO(content))
    with _AT_ONCE, tempfile.TemporaryDirectory() as folder, PictureReader() as reader:
        path = os.path.join(folder, "picture")
        with open(path, "wb") as file:
            file.write(content)
        return reader.inside(path)


def _or_nothing(read: Callable[[BinaryIO], T], stream: BinaryIO) -> T | None:
    try:
        return read(stream)
    except Exception:  # on damaged or crafted bytes Pillow raises whatever its parsers stumble on
        return None


def _inside(stream: BinaryIO) -> Inside:
    image = Image.open(stream, formats=("JPEG", "PNG"))
    image.draft(None, (1, 1))  # of a JPEG every byte is read, but an eighth of height and width kept
    image.load()
    exif = image.getexif()
    plain = ExifTags.Base.GPSInfo not in exif and image.format != _SEVERAL and _is_plain(image)
    stamp = exif.get_ifd(ExifTags.IFD.Exif).get(ExifTags.Base.DateTimeOriginal) or exif.get(ExifTags.Base.DateTime)
    exif.pop(ExifTags.Base.GPSInfo, None)
    return Inside(plain, exif.tobytes() if len(exif) and not plain else b"", str(stamp or ""))


def _is_plain(image: Image.Image) -> bool:
    segments = [content for marker, content in getattr(image, "applist", ()) if marker == "APP1"]
    return image.info.keys() <= _PLAIN and all(content.startswith(EXIF) for content in segments)


# --- in the process ---------------------------------------------------------------------------------------------------


def answer(question: tuple[str, str]) -> Any:
    """What is asked of the picture at a path; bytes as letters."""
    wanted, path = question
    with open(path, "rb") as stream:
        return _or_nothing(_ANSWERS[wanted], stream)


def _inside_said(stream: BinaryIO) -> dict[str, Any]:
    inside = _inside(stream)
    return {**asdict(inside), "exif": base64.b64encode(inside.exif).decode()}


def _looks_said(stream: BinaryIO) -> str:
    looks = looks_of(Image.open(stream))
    return base64.b64encode(looks.thumb).decode() if looks else ""


_ANSWERS: dict[str, Callable[[BinaryIO], Any]] = {"inside": _inside_said, "looks": _looks_said}

if __name__ == "__main__":
    answer_all(answer, memory=MOST_MEMORY, patience=PATIENCE)

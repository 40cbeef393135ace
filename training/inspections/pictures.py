"""Signatures as they are looked at and printed: no larger than that takes, whatever was photographed. Pure."""

from __future__ import annotations

import io

from PIL import Image, ImageOps

from luojiang_ce.uploads.bad import BadFile
from luojiang_ce.uploads.door import begins_like
from luojiang_ce.uploads.heads import what_is_wrong

LARGEST = (1600, 1600)  # pixels: a thin line is still seen


def reduced(content: bytes) -> Image.Image:
    """The picture, upright. Raises BadFile for one that unpacks from a few kilobytes to a gigabyte or for hours, and
    whatever Pillow stumbles on."""
    if wrong := what_is_wrong(content, begins_like(content) or ""):
        raise BadFile(f"图片{wrong}")
    with Image.open(io.BytesIO(content)) as picture:
        picture.draft("RGB", LARGEST)  # of a JPEG an eighth of height and width is unpacked
        picture.thumbnail(LARGEST, Image.Resampling.BOX)
        return ImageOps.exif_transpose(picture)


def as_printed(content: bytes) -> bytes:
    """The same as a file of its kind."""
    picture, out = reduced(content), io.BytesIO()
    is_photograph = content.startswith(b"\xff\xd8")
    picture.save(out, "JPEG" if is_photograph else "PNG")
    return out.getvalue()

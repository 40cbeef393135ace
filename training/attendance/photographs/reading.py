"""Reads photographs, scans and PDFs of scans in a process of its own: pictures from outside are unpacked here alone.

`reader.SheetReader` asks it, page by page.
"""

from __future__ import annotations

import base64
import io
from dataclasses import asdict
from typing import Any

import cv2
import numpy as np
import pikepdf
from PIL import Image, ImageOps

from . import layout
from .ink import Sheet
from .proposals import Cell, Fault, Reading
from .straighten import LONGEST, Picture, straightened

MOST_PIXELS = 60_000_000
QUALITY = 85  # of a page of a PDF that is kept as a picture
Image.MAX_IMAGE_PIXELS = MOST_PIXELS
cv2.setNumThreads(1)


def page_of(content: bytes, *, is_pdf: bool, page: int) -> tuple[dict[str, Any], bytes]:
    """What a page of a file says, counted from 0."""
    try:
        return asdict(_page_of_pdf(content, page) if is_pdf else _page_of_picture(content)), b""
    except Exception:  # on damaged or crafted bytes the readers raise whatever they stumble on
        return asdict(Reading(Fault.BROKEN)), b""


def _page_of_picture(content: bytes) -> Reading:
    with Image.open(io.BytesIO(content)) as picture:
        return _read(_pixels(picture))


def _page_of_pdf(content: bytes, page: int) -> Reading:
    """The largest picture of the page, as a scanner lays one over the whole of it."""
    with pikepdf.open(io.BytesIO(content)) as book:
        pictures: list[Any] = list(book.pages[page].get_images().values())
        largest = max((pikepdf.PdfImage(each) for each in pictures), key=_size, default=None)
        if largest is None:
            return Reading(Fault.NO_PICTURE, len(book.pages))
        if _size(largest) > MOST_PIXELS:
            return Reading(Fault.BROKEN, len(book.pages))
        pixels = _pixels(largest.as_pil_image())
        packed = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1]
        kept = base64.b64encode(packed.tobytes()).decode()
        return Reading(**{**vars(_read(pixels)), "pages": len(book.pages), "picture": kept})


def _size(picture: Any) -> int:
    return int(picture.width * picture.height)


def _pixels(picture: Image.Image) -> Picture:
    """Blue, green and red, the way up in which the camera was held, no larger than is looked at."""
    picture.draft("RGB", (LONGEST, LONGEST))
    upright = ImageOps.exif_transpose(picture)
    if upright.mode in ("RGBA", "LA", "PA"):  # what is see-through lies on white paper
        upright = Image.alpha_composite(Image.new("RGBA", upright.size, "white"), upright.convert("RGBA"))
    colours = upright.convert("RGB")
    colours.thumbnail((LONGEST, LONGEST), Image.Resampling.BOX)
    return np.ascontiguousarray(np.asarray(colours)[:, :, ::-1])


def _read(pixels: Picture) -> Reading:
    found = straightened(pixels)
    if found.fault:
        return Reading(found.fault, missing=found.missing, code=found.code)
    sheet = Sheet(found.page)
    rows = tuple({column: _cell(sheet, row, column) for column in layout.SIGNED} for row in range(layout.ROWS))
    return Reading(code=found.code, turned=found.turned, rows=rows)


def _cell(sheet: Sheet, row: int, column: str) -> Cell:
    judged = sheet.judge(row, column)
    return Cell(judged.ink, judged.doubt, base64.b64encode(sheet.cut(row, column)).decode())

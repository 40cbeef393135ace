"""What is read out of a stored file to recognise it again: its picture, and numbers of invoices and certificates.

Numbers are read only where they stand as text; nothing is guessed from a picture.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any, BinaryIO

import pikepdf
from PIL import Image
from pypdf import PdfReader

from .checks import IMAGES
from .looks import Looks, looks_of
from .models import Attachment, FileNumber

PDF = "application/pdf"
PAGES = 3  # an invoice and a certificate say their number on the first
MOST_BYTES = 20_000_000  # of a PDF that is read for its text
log = logging.getLogger(__name__)

# 电子发票: 20 digits; the older ones 8, told apart by their 代码 of 10 or 12.
_INVOICE = re.compile(r"发\s*票\s*号\s*码\s*[:：]?\s*(\d{20}|\d{8})(?!\d)")
_INVOICE_CODE = re.compile(r"发\s*票\s*代\s*码\s*[:：]?\s*(\d{12}|\d{10})(?!\d)")
_CERTIFICATE = re.compile(
    r"证\s*书\s*(?:编\s*号|号\s*码|号)\s*[:：]?\s*(?:No\.?\s*)?([0-9A-Za-z〔〕\[\]()（）第号字/-]{6,40})"
)
Number = tuple[str, str]  # kind, number


def looks_in(file: Attachment) -> Looks | None:
    """How the picture looks, or that of a scanned PDF's first page; None where there is none, or it cannot be read."""
    try:
        with file.file.open() as stream:
            if file.content_type in IMAGES:
                return looks_of(Image.open(stream))
            return _scan(BytesIO(stream.read())) if file.content_type == PDF else None
    except Exception as broken:  # on damaged or crafted bytes the readers raise whatever they stumble on
        log.info("no picture in %s: %s", file.uid, type(broken).__name__)
        return None


def numbers_in(file: Attachment) -> set[Number]:
    """The invoice and certificate numbers in the text of a PDF."""
    if file.content_type != PDF or file.size > MOST_BYTES:
        return set()
    try:
        with file.file.open() as stream:
            pages = PdfReader(stream).pages[:PAGES]
            return set(numbers_of("\n".join(page.extract_text() for page in pages)))
    except Exception as broken:  # as above
        log.info("no text in %s: %s", file.uid, type(broken).__name__)
        return set()


def numbers_of(text: str) -> Iterator[Number]:
    """The numbers that a text names as such. An invoice number of 8 digits counts with its code alone: many have it."""
    code = _INVOICE_CODE.search(text)
    for number in _INVOICE.findall(text):
        if len(number) == 20:
            yield FileNumber.Kind.INVOICE, number
        elif code:
            yield FileNumber.Kind.INVOICE, f"{code[1]} {number}"
    for number in _CERTIFICATE.findall(text):
        if any(each.isdigit() for each in number):
            yield FileNumber.Kind.CERTIFICATE, number.upper()


def _scan(stream: BinaryIO) -> Looks | None:
    """The largest picture of the first page, as a scanner lays one over the whole of it."""
    with pikepdf.open(stream) as book:
        pictures: list[Any] = list(book.pages[0].get_images().values()) if book.pages else []
        largest = max((pikepdf.PdfImage(each) for each in pictures), key=_pixels, default=None)
        if largest is None or _pixels(largest) > (Image.MAX_IMAGE_PIXELS or 0):
            return None
        return looks_of(largest.as_pil_image())


def _pixels(picture: pikepdf.PdfImage) -> int:
    return int(picture.width * picture.height)

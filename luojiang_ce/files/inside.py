"""What is read out of a stored file to recognise it again: its picture, and numbers of invoices and certificates.

Numbers are read only where they stand as text; nothing is guessed from a picture.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from luojiang_ce.id_shapes import mask_ids
from luojiang_ce.uploads.places import IMAGES, Kind

from .looks import Looks
from .models import Attachment, FileNumber
from .pdfs import PdfReader
from .pictures import PictureReader

MOST_NUMBERS = 200  # that one file is recognised by: a list of certificates has them, a crafted text a million

# 电子发票: 20 digits; the older ones 8, told apart by their 代码 of 10 or 12.
_INVOICE = re.compile(r"发\s*票\s*号\s*码\s*[:：]?\s*(\d{20}|\d{8})(?!\d)")
_INVOICE_CODE = re.compile(r"发\s*票\s*代\s*码\s*[:：]?\s*(\d{12}|\d{10})(?!\d)")
_CERTIFICATE = re.compile(
    r"证\s*书\s*(?:编\s*号|号\s*码|号)\s*[:：]?\s*(?:No\.?\s*)?([0-9A-Za-z〔〕\[\]()（）第号字/-]{6,40})"
)
Number = tuple[str, str]  # kind, number


def read(file: Attachment, pdfs: PdfReader, pictures: PictureReader) -> tuple[Looks | None, set[Number]]:
    """How the picture, or a scanned PDF's first page, looks, if it is one; the invoice and certificate numbers in the
    text of a PDF."""
    if file.content_type not in {Kind.PDF, *IMAGES}:
        return None, set()
    with file.file.open() as stored:
        content = stored.read()
    if file.content_type != Kind.PDF:
        return pictures.looks(content), set()
    shown = pdfs.read(content)
    return shown.looks, set(islice(numbers_of(shown.text), MOST_NUMBERS))


def numbers_of(text: str) -> Iterator[Number]:
    """The numbers that a text names as such. An invoice number of 8 digits counts with its code alone: many have it; a
    certificate that has its holder's ID for a number is told by it from no other of the same person."""
    code = _INVOICE_CODE.search(text)
    for number in _INVOICE.findall(text):
        if len(number) == 20:
            yield FileNumber.Kind.INVOICE, number
        elif code:
            yield FileNumber.Kind.INVOICE, f"{code[1]} {number}"
    for number in _CERTIFICATE.findall(text):
        if any(each.isdigit() for each in number) and mask_ids(number) == number:
            yield FileNumber.Kind.CERTIFICATE, number.upper()

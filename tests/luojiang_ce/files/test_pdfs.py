"""PDFs are read apart from the worker: what a crafted one takes is taken from nobody else."""

from __future__ import annotations

import io
import signal
import zlib
from dataclasses import replace

import pikepdf
import pytest

from luojiang_ce.files import apart
from luojiang_ce.files.pdfs import ONE_FILE, Content, PdfReader
from tests.luojiang_ce.files.pictures import jpeg, photograph


def test_a_scan_and_its_text() -> None:
    with PdfReader() as reader:
        content = reader.read(_page(jpeg(photograph(1)), "/DCTDecode"))
    assert content.looks
    assert content.looks.thumb


def test_what_is_no_pdf_says_nothing_and_the_next_one_is_read() -> None:
    with PdfReader() as reader:
        assert reader.read(b"%PDF-1.4 ...") == Content()
        assert reader.read(b"") == Content()
        assert reader.read(_page(jpeg(photograph(1)), "/DCTDecode")).looks


def test_a_picture_packed_a_thousandfold_takes_nothing_from_the_worker() -> None:
    packed = zlib.compressobj(9)
    zeros = b"".join([*(packed.compress(bytes(1 << 20)) for _ in range(1600)), packed.flush()])
    bomb = _page(zeros, "/FlateDecode")
    assert len(bomb) < 2_000_000
    with PdfReader() as reader:
        assert reader.read(bomb) == Content()
        assert reader.read(_page(jpeg(photograph(1)), "/DCTDecode")).looks


def test_a_file_over_which_the_process_ends_says_nothing() -> None:
    sound = _page(jpeg(photograph(1)), "/DCTDecode")
    with PdfReader() as reader:
        assert reader.read(sound).looks
        process = reader._process
        assert process
        process.send_signal(signal.SIGALRM)  # what the clock of the process does
        assert process.wait() == -signal.SIGALRM
        assert reader.read(sound) == Content()
        assert reader.read(sound).looks


def test_what_says_too_much_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "_ENDS_WITHIN", 0.1)
    monkeypatch.setattr(PdfReader, "budget", replace(ONE_FILE, answer=1000))
    with PdfReader() as reader:
        assert reader.read(_page(jpeg(photograph(1)), "/DCTDecode")) == Content()
        assert reader.read(b"%PDF-1.4 ...") == Content()


def _page(picture: bytes, packed: str) -> bytes:
    book = pikepdf.new()
    page = book.add_blank_page(page_size=(595, 842))
    image = book.make_stream(picture, Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image)
    image.Filter, image.ColorSpace, image.BitsPerComponent = pikepdf.Name(packed), pikepdf.Name.DeviceRGB, 8
    image.Width, image.Height = 640, 480
    page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im0=image))
    page.Contents = pikepdf.Stream(book, b"q 500 0 0 375 40 300 cm /Im0 Do Q")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()

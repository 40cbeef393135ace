"""Papers as a holder has them: issued, in the tree, with everything that is published; and ways to spoil them."""

from __future__ import annotations

import io
import json
import subprocess
import tempfile
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import zxingcpp
from PIL import Image, ImageFilter

from luojiang_ce import clock
from luojiang_ce.papers.content import check_on
from luojiang_ce.papers.leaves import ISSUED
from luojiang_ce.papers.models import Paper
from luojiang_ce.proof import keyring, tree
from luojiang_ce.proof.revocations import read_list, signed_list
from luojiang_ce.proof.tasks import publish_head
from luojiang_ce.proof.verdict import Trust, read_keys


@dataclass(frozen=True)
class Held:
    """The text in its QR code, the file, the proof of inclusion."""

    text: str
    file: bytes
    proof: str


def held(paper: Paper) -> Held:
    """A paper that was issued, once a head with it is published."""
    publish()
    return of_code(paper)


def of_code(paper: Paper) -> Held:
    """A paper as it is now, in a head or not."""
    paper.refresh_from_db()
    inclusion = tree.inclusion_of(ISSUED, paper)
    return Held(check_on(paper).address, content_of(paper), str(inclusion or ""))


def content_of(paper: Paper) -> bytes:
    """Its file."""
    with paper.file.open() as file:
        return bytes(file.read())


def publish() -> None:
    """What the worker does every night: a head a day, so it is the next day's night each time, the first time now."""
    last = tree.latest()
    night = datetime.combine(last.day + timedelta(days=1), time(5, 50), clock.SHANGHAI) if last else clock.now()
    with clock.at(night):
        publish_head()


def as_printed(paper: Paper, *, dpi: int = 300, noise: float = 0.1, blur: float = 0.8) -> bytes:
    """Its QR code in its printed size as a scanner sees it: a share of its dots at random, slightly out of focus."""
    return printed_code(content_of(paper), paper.code, dpi=dpi, noise=noise, blur=blur)


def printed_code(content: bytes, code: str, *, dpi: int = 300, noise: float = 0.1, blur: float = 0.8) -> bytes:
    """The same of a file on whose sheet stands this code of a paper."""
    page = pdf_page(content, code, dpi)
    found = zxingcpp.read_barcode(page, formats=zxingcpp.BarcodeFormat.QRCode)
    corners = [(p.x, p.y) for p in (found.position.top_left, found.position.bottom_right)]
    margin = dpi // 8
    cut = page.crop((corners[0][0] - margin, corners[0][1] - margin, corners[1][0] + margin, corners[1][1] + margin))
    grey = np.asarray(cut.convert("L"))
    rnd = np.random.default_rng(27)
    spoilt = np.where(rnd.random(grey.shape) < noise, rnd.integers(0, 256, grey.shape), grey)
    return png(Image.fromarray(spoilt.astype(np.uint8)).filter(ImageFilter.GaussianBlur(blur)))


def pdf_page(content: bytes, code: str, dpi: int) -> Image.Image:
    """The page of a file that bears the QR code, beside which the paper's code is written, as a picture."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "paper.pdf"
        path.write_bytes(content)
        texts = subprocess.run(["pdftotext", path, "-"], check=True, capture_output=True, text=True).stdout.split("\f")
        nth = next(number for number, text in enumerate(texts, 1) if code in text)
        part = ("-f", str(nth), "-l", str(nth), "-singlefile")
        subprocess.run(["pdftoppm", *part, "-gray", "-r", str(dpi), "-png", path, path.with_suffix("")], check=True)
        return Image.open(path.with_suffix(".png")).copy()


def png(picture: Image.Image) -> bytes:
    """A picture as a file."""
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def trust_now(**changes: Any) -> Trust:
    """What is believed by whoever has just fetched everything."""
    keys = read_keys(json.loads(json.dumps(keyring.as_jwks())))
    known = {
        "keys": keys,
        "revocations": read_list(signed_list(), lambda kid: keys[kid].verify),
        "today": clock.today(),
    }
    return Trust(**(known | changes))

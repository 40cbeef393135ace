"""What a paper shows: what its kind builds from the case, with the seal and the way to check it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import segno
from django.conf import settings
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from luojiang_ce.proof.statement import address as signed_address

from .kinds import kind_of
from .models import Paper, Seal
from .pictures import picture_svg
from .printable import Printable
from .seals import place_svg, seal_svg, shape_of

# What a kind's `build` says of a sheet on which whole ID numbers stand: its making and each opening go on record.
WHOLE_IDS = "whole_ids"
SAMPLE = "样章，仅供演示"
QR_VERSION = 15
QR_SAYS = "核验用的二维码"
QR_BORDER = 2  # modules; the paper around it is white as well
QR_SIDE, QR_MODULE = 19.0, 0.35  # millimetres: of the whole at least, and of a module, which a laser prints clean


@dataclass(frozen=True)
class Stamp:
    """The seal as a template sets it: the drawing (or the place left for it), its name, a word about it."""

    svg: SafeString
    name: str
    note: str
    half: float  # millimetres from its edge to its middle


@dataclass(frozen=True)
class Check:
    """How anyone checks the paper."""

    code: str
    url: str
    site: str
    qr: SafeString
    address: str = ""  # with the signed statement behind it: what the QR code on paper holds
    side: float = 0.0  # millimetres of that QR code


def printable(paper: Paper, built: Mapping[str, Any] | None = None) -> Printable:
    """The paper as the renderer takes it. Reads the case where that was not `built` before, maybe without the paper's
    number: a kind that has a series builds nothing of it. Without it the paper can be asked what it says, and is not
    printed."""
    kind = kind_of(paper)
    context: dict[str, Any] = {
        "issuer": "",
        **(kind.build(paper) if built is None else built),
        "paper": paper,
        "stamp": stamp_on(paper),
        "second_stamp": borne(paper.second_seal),
        "check": check_on(paper),
    }
    return Printable(kind.template, context, kind.style, f"{paper.title} {paper.number}", kind.fitted, paper.by_hand)


def stamp_on(paper: Paper) -> Stamp | None:
    """The paper's own seal as it bears it."""
    return borne(paper.seal)


def borne(seal: Seal | None) -> Stamp | None:
    """A seal as papers bear it: its picture where one was uploaded, otherwise as `stamp_of` shows it."""
    if seal is None or seal.picture is None:
        return stamp_of(seal)
    shape = shape_of(seal)
    return Stamp(picture_svg(seal.picture, shape), seal.name, SAMPLE if seal.demo else "", shape.diameter_mm / 2)


def stamp_of(seal: Seal | None) -> Stamp | None:
    """A seal as it is drawn, or the place left for the hand stamp. Its picture is not shown: it is on papers alone."""
    if seal is None:
        return None
    shape = shape_of(seal)
    if seal.provider == Seal.Provider.BLANK:
        return Stamp(place_svg(shape), seal.name, "手工加盖", shape.diameter_mm / 2)
    return Stamp(seal_svg(shape), seal.name, SAMPLE if seal.demo else "", shape.diameter_mm / 2)


def check_of(paper: Paper) -> Check:
    """Code, address and QR code of a paper's check page, for screens."""
    url = _url(paper)
    return Check(paper.code, url, url.removesuffix(f"{paper.code}/"), qr_svg(url))


def check_on(paper: Paper) -> Check:
    """The same for the paper itself, whose QR code also holds its statement: whoever has no network verifies that."""
    url = _url(paper)
    address = signed_address(url, bytes(paper.statement))
    code = dense_qr(url, address)
    side = round(max(QR_SIDE, code.symbol_size(border=QR_BORDER)[0] * QR_MODULE), 2)
    return Check(paper.code, url, url.removesuffix(f"{paper.code}/"), _svg(code), address, side)


def qr_svg(text: str) -> SafeString:
    """A QR code as inline SVG; error correction M, so that a fold or a stamp's edge does not spoil it."""
    return _svg(segno.make(text, error="m", micro=False))


def dense_qr(url: str, address: str) -> segno.QRCode:
    """The QR code of an address with a statement, whose letters are set densely; with less correction only where it
    would else have more than version 15, which no phone reads from a laser's print."""
    # segno sets each part in the mode that fits it, whatever its stubs say.
    parts: Any = [f"{url}#", address.removeprefix(f"{url}#")] if address != url else url
    code = segno.make(parts, error="m", micro=False, boost_error=False)
    if int(code.version) > QR_VERSION:
        return segno.make(parts, error="l", micro=False, boost_error=False)
    return code


def _url(paper: Paper) -> str:
    return f"{settings.PUBLIC_URL.rstrip('/')}{reverse('papers:check_code', args=[paper.code])}"


def _svg(code: segno.QRCode) -> SafeString:
    svg = code.svg_inline(border=QR_BORDER, omitsize=True, svgclass="lj-qr", lineclass=None, dark="#000", title=QR_SAYS)
    return mark_safe(svg)  # noqa: S308  modules only, the text is not in it

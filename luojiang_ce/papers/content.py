"""What a paper shows: what its kind builds from the case, with the seal and the way to check it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import segno
from django.conf import settings
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from .models import Paper, Seal, kind_of
from .pictures import picture_svg
from .printable import Printable
from .seals import place_svg, seal_svg, shape_of

# What a kind's `build` says of a sheet on which whole ID numbers stand: its making and each opening go on record.
WHOLE_IDS = "whole_ids"
SAMPLE = "样章，仅供演示"


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


def printable(paper: Paper) -> Printable:
    """The paper as the renderer takes it. Reads the case; the paper must have its number."""
    kind = kind_of(paper)
    context: dict[str, Any] = {
        "issuer": "",
        **kind.build(paper),
        "paper": paper,
        "stamp": stamp_on(paper),
        "second_stamp": borne(paper.second_seal),
        "check": check_of(paper),
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
    """Code, address and QR code of a paper's check page."""
    url = settings.PUBLIC_URL.rstrip("/") + reverse("papers:check_code", args=[paper.code])
    return Check(paper.code, url, url.removesuffix(f"{paper.code}/"), qr_svg(url))


def qr_svg(text: str) -> SafeString:
    """A QR code as inline SVG; error correction M, so that a fold or a stamp's edge does not spoil it."""
    code = segno.make(text, error="m", micro=False)
    svg = code.svg_inline(border=2, omitsize=True, svgclass="lj-qr", lineclass=None, dark="#000")
    return mark_safe(svg)  # noqa: S308  modules only, the text is not in it

"""Pictures are drawn anew, always: what is kept is what was seen. Comments, XMP, IPTC, thumbnails, further frames,
films and whatever hangs behind the end go.

Two things of the camera's are kept: when it was taken (a signed sheet, a lesson: that is what photographs prove here)
and how it was held, else it would lie on its side. Where it was taken no rule of the notice asks. Colours keep a
profile that is no longer than those of phones. A JPEG is packed with its own tables, so that it loses next to nothing
and stays as large as it was.
"""

from __future__ import annotations

import io
import zipfile
from math import ceil
from typing import Any

from PIL import ExifTags, Image
from PIL.JpegImagePlugin import get_sampling

from luojiang_ce.uploads.dangers import Refused
from luojiang_ce.uploads.heads import MOST_PIXELS, what_is_wrong
from luojiang_ce.uploads.places import Kind

Image.MAX_IMAGE_PIXELS = MOST_PIXELS  # what Pillow finds beyond `heads`, it refuses at twice this number
MOST_PROFILE = 4096  # bytes: Display P3 takes 536, sRGB 3,144
_LOOKED_AT = 1600  # pixels of a side: a thin line is still seen
_DAMAGED = "打不开，图片可能已损坏、没有传完整或过大，请重新拍照或另存后上传"
_MODES = {Kind.JPEG: ("L", "RGB"), Kind.PNG: ("1", "L", "LA", "P", "RGB", "RGBA", "I;16")}


def redrawn(content: bytes, kind: Kind, blank: bool) -> tuple[dict[str, Any], bytes]:
    """The picture as it is kept, and what is said of it (`inspection.inspect`). Raises Refused."""
    if wrong := what_is_wrong(content, kind):
        raise Refused(wrong)
    if zipfile.is_zipfile(io.BytesIO(content)):
        raise Refused("后面接着一个压缩包，没有收下。请重新拍照或另存为图片再上传")
    try:
        image = Image.open(io.BytesIO(content), formats=("JPEG", "PNG"))
        exif = image.getexif()
        image.load()
    except Exception as broken:  # on damaged or crafted bytes Pillow raises whatever its parsers stumble on
        raise Refused(_DAMAGED) from broken
    stamp = _stamp(exif)
    told = {"kind": kind, "refused": "", "taken": stamp, "blank": blank and _is_blank(image)}
    return told, _packed(image, kind, _kept(exif, stamp))


def taken_of(content: bytes) -> str:
    """The camera's time in a picture of ours, as it wrote it."""
    with Image.open(io.BytesIO(content), formats=("JPEG", "PNG")) as image:
        return _stamp(image.getexif())


def _stamp(exif: Image.Exif) -> str:
    taken = exif.get_ifd(ExifTags.IFD.Exif).get(ExifTags.Base.DateTimeOriginal) or exif.get(ExifTags.Base.DateTime)
    return str(taken or "")[:40]


def _kept(exif: Image.Exif, taken: str) -> bytes:
    """Of what the camera wrote; empty where there is nothing to keep."""
    held = exif.get(ExifTags.Base.Orientation)
    is_turned, is_timed = held in range(2, 9), taken.isascii() and taken[:4].isdigit()
    kept = Image.Exif()
    if is_turned:
        kept[ExifTags.Base.Orientation] = held
    if is_timed:
        kept.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = taken[:19]
    return kept.tobytes() if is_turned or is_timed else b""


def _packed(image: Image.Image, kind: Kind, exif: bytes) -> bytes:
    how: dict[str, Any] = {"exif": exif} if exif else {}
    profile = image.info.get("icc_profile") or b""
    in_colours_of_its_own = image.mode in _MODES[kind]
    if kind is Kind.JPEG:
        how |= {"qtables": list(image.quantization.values()), "subsampling": get_sampling(image)}  # type: ignore[attr-defined]
    else:
        how |= {"compress_level": 1}  # a page of 600 dots an inch in 0.4 s instead of 5, and 8 % larger
    if "transparency" in image.info and kind is Kind.PNG:
        how["transparency"] = image.info["transparency"]
    drawn = image if in_colours_of_its_own else image.convert("RGB")
    drawn.info = {}
    out = io.BytesIO()
    fits = in_colours_of_its_own and 0 < len(profile) <= MOST_PROFILE
    drawn.save(out, "PNG" if kind is Kind.PNG else "JPEG", icc_profile=profile if fits else b"", **how)
    return out.getvalue()


def _is_blank(image: Image.Image) -> bool:
    """Has it a single colour? On a phone one may press 完成 before a line was drawn."""
    small = image.reduce(max(1, ceil(max(image.size) / _LOOKED_AT))).convert("RGBA")
    paper = Image.new("RGBA", small.size, "white")
    darkest, lightest = Image.alpha_composite(paper, small).convert("L").getextrema()
    return darkest == lightest

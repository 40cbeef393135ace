"""The picture of a seal: what may be uploaded as one, and how it reaches the sheet (domain.md §5).

What is kept is drawn anew from the pixels: nothing else of the file goes along.
"""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass
from html import escape
from typing import BinaryIO

from django.utils.safestring import SafeString, mark_safe
from PIL import Image

from luojiang_ce.refusals import NotPossible
from luojiang_ce.uploads.bad import BadFile
from luojiang_ce.uploads.door import begins_like, passed
from luojiang_ce.uploads.heads import head_of
from luojiang_ce.uploads.places import SEAL_PICTURE, Kind

from .models import SealPicture
from .seals import SealShape, sample_mark, svg_of

LIMIT_BYTES = 2 * 1024 * 1024
LEAST_PX, MOST_PX = 300, 3000  # of a side; 300 on 40 mm are 190 dots an inch
KEPT_PX = 800  # of a side at most: 40 mm at 500 dots an inch
INK = 32  # less opaque than this, of 255, is the ground
LEAST_GROUND = 0.2  # the corners beside a round seal alone are 0.21
SQUARE = 0.05


class BadPicture(NotPossible):
    """The upload cannot be a seal's picture; the message says why and what to do."""


@dataclass(frozen=True)
class Drawn:
    """The picture as it is kept, cropped to its ink, a PNG; its sides in pixels."""

    content: bytes
    width: int
    height: int


def drawn(stream: BinaryIO, size: int) -> Drawn:
    """The picture as it is kept; `size` in bytes. It takes up to seconds, so not within a transaction. Raises
    BadPicture."""
    if size > LIMIT_BYTES:
        raise BadPicture(
            f"图样有 {size / 1024 / 1024:.1f} MB，超过 {LIMIT_BYTES // 1024 // 1024} MB，请缩到边长 {KEPT_PX} 像素"
        )
    content = stream.read()
    if head := head_of(content, Kind.PNG) if begins_like(content) is Kind.PNG else None:
        _must_have_sides(head.width, head.height)
    try:
        found = passed("图样", content, SEAL_PICTURE)
    except BadFile as bad:
        raise BadPicture(str(bad)) from bad
    seal = _cropped(Image.open(io.BytesIO(found.content), formats=["PNG"]).convert("RGBA"))
    seal.thumbnail((KEPT_PX, KEPT_PX), Image.Resampling.LANCZOS)
    plain = Image.new("RGBA", seal.size)  # pixels alone: no text, profile or animation of the file
    plain.paste(seal)
    out = io.BytesIO()
    plain.save(out, "PNG", optimize=True)
    return Drawn(out.getvalue(), *plain.size)


def picture_svg(picture: SealPicture, shape: SealShape) -> SafeString:
    """The picture as large as the seal, 样章 across a demo's."""
    with picture.file.open() as file:
        data = base64.b64encode(file.read()).decode()
    image = f'<image x="0" y="0" width="200" height="200" href="data:image/png;base64,{data}"/>'
    mark = sample_mark() if shape.demo else ""
    return mark_safe(svg_of(shape, image + mark, escape(f"印章：{shape.name}")))  # noqa: S308  escaped, numbers, base64


def _must_have_sides(width: int, height: int) -> None:
    if max(width, height) > MOST_PX:
        raise BadPicture(f"图样有 {width}×{height} 像素，边长超过 {MOST_PX}，请缩小到 {KEPT_PX} 像素左右再上传")
    if min(width, height) < LEAST_PX:
        raise BadPicture(
            f"图样只有 {width}×{height} 像素，印出来会模糊。边长至少 {LEAST_PX} 像素，请用更高的分辨率扫描"
        )


def _cropped(image: Image.Image) -> Image.Image:
    """The seal without the margin around it, so that it is printed in its own size."""
    ink = image.getchannel("A").point(lambda opacity: 255 if opacity >= INK else 0)
    box = ink.getbbox()
    if box is None:
        raise BadPicture("图样是全透明的，看不到印章，请核对后重新导出")
    width, height = box[2] - box[0], box[3] - box[1]
    if abs(width - height) > SQUARE * max(width, height):
        raise BadPicture(f"印章部分宽 {width}、高 {height} 像素，不是圆章。请只留一枚印章，四周不带别的文字")
    inked = ink.crop(box)
    if inked.histogram()[0] < LEAST_GROUND * width * height:
        raise BadPicture("图样的底色不透明，会盖住落款和日期。请去掉白底，存成透明背景的 PNG 后上传")
    _must_have_sides(width, height)
    return image.crop(box)

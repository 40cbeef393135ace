"""How a picture looks, as numbers: near duplicates are found though they were re-compressed, re-scaled or cropped.

A thumbnail in grey is kept of each picture, and hashes of it and of what it would be with 5 % cut off: whichever of two
pictures was cropped, a hash of one is near one of the other. Hashes find what to compare, the thumbnails decide. The
figures were measured (tests/luojiang_ce/files/test_looks.py), in levels of grey on the whole and in the worst eighth:
photographs of other rooms differ by 23 and 55 or more, copies by 3.3 and 12 at most. One form filled in differently
differs by 2.0 and 8 or more, a scan saved anew or scaled by 1.7 and 5 at most: a page is held to far less than a
photograph, and a page of which the head or foot was cut off is not recognised.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from PIL import Image, ImageChops, ImageOps, ImageStat

SIDE = 64  # pixels of a thumbnail, each way
BANDS, BAND_BITS = 8, 16  # of a hash of 128 bits; near hashes share one band whole
CUT = 0.05 * SIDE
FULL = "full"
# What is left of a picture of which nothing, one side, or every side was cut off.
BOXES = {
    FULL: (0, 0, SIDE, SIDE),
    "left": (CUT, 0, SIDE, SIDE),
    "right": (0, 0, SIDE - CUT, SIDE),
    "top": (0, CUT, SIDE, SIDE),
    "bottom": (0, 0, SIDE, SIDE - CUT),
    "all": (CUT, CUT, SIDE - CUT, SIDE - CUT),
}
SMALLEST = 64  # pixels; what is smaller is a stamp or a logo
NEAR_BITS = 20  # of 128 that may differ, of two that are worth comparing
GRAIN = 2  # levels of grey by which an even surface may differ in itself
PAPER_LEVELS, PAPER_SHARE, PAPER_SHADE = 16, 0.55, 192  # most of a page is one light shade, its paper


@dataclass(frozen=True)
class Limit:
    """How much two thumbnails may differ, in levels of grey (0 to 255): on the whole, and in their worst eighth."""

    mean: float
    worst: int


PHOTOGRAPH, PAGE = Limit(8, 40), Limit(1.8, 6)


@dataclass(frozen=True)
class Looks:
    """A picture's thumbnail: SIDE × SIDE levels of grey."""

    thumb: bytes

    @cached_property
    def is_page(self) -> bool:
        """Is it mostly paper: a scan, a form, a screenshot of a text?"""
        shades = Counter(level // PAPER_LEVELS for level in self.thumb)
        usual = max(shades, key=lambda shade: shades[shade])
        around = sum(shades[shade] for shade in (usual - 1, usual, usual + 1))
        return usual * PAPER_LEVELS >= PAPER_SHADE and around / len(self.thumb) >= PAPER_SHARE

    @cached_property
    def hashes(self) -> Mapping[str, int]:
        """A hash of it and of each of its croppings."""
        return {name: _hash(self.cropped(name)) for name in BOXES}

    def cropped(self, name: str) -> Image.Image:
        """The thumbnail of what is left of the picture."""
        whole = Image.frombytes("L", (SIDE, SIDE), self.thumb)
        return whole if name == FULL else whole.resize((SIDE, SIDE), Image.Resampling.BICUBIC, box=BOXES[name])

    def is_like(self, other: Looks, own: str, its: str) -> bool:
        """Is this, cropped `own`, nearly the same picture as the other, cropped `its`?"""
        limit = PAGE if self.is_page or other.is_page else PHOTOGRAPH
        differs = ImageChops.difference(self.cropped(own), other.cropped(its))
        if ImageStat.Stat(differs).mean[0] > limit.mean:
            return False
        return max(differs.resize((8, 8), Image.Resampling.BOX).tobytes()) <= limit.worst


def looks_of(image: Image.Image) -> Looks | None:
    """How a picture looks; None for one that is too small, or of one shade: it is like every other such."""
    if min(image.size) < SMALLEST:
        return None
    image.draft("L", (4 * SIDE, 4 * SIDE))
    upright = ImageOps.exif_transpose(image).convert("L")
    thumb = upright.resize((SIDE, SIDE), Image.Resampling.LANCZOS)
    return Looks(thumb.tobytes()) if ImageStat.Stat(thumb).stddev[0] > 2 else None


def bands_of(bits: int) -> list[int]:
    """The parts of a hash by which near ones are looked up."""
    return [bits >> (BAND_BITS * n) & (1 << BAND_BITS) - 1 for n in range(BANDS)]


def telling_bands(bits: int) -> list[tuple[int, int]]:
    """Those of its parts, each with its place, that tell it from others: what is even all over says nothing, and of
    scanned pages seven in ten share such a part."""
    return [(n, part) for n, part in enumerate(bands_of(bits)) if part not in (0, (1 << BAND_BITS) - 1)]


def are_near(one: int, other: int) -> bool:
    """Do two hashes differ by so little that the thumbnails are worth comparing?"""
    return (one ^ other).bit_count() <= NEAR_BITS


def _hash(thumb: Image.Image) -> int:
    """Where it grows lighter: 64 bits from left to right, 64 from top to bottom."""
    across = thumb.resize((9, 8), Image.Resampling.BOX).tobytes()
    down = thumb.resize((8, 9), Image.Resampling.BOX).tobytes()
    rows = (across[9 * y + x] + GRAIN < across[9 * y + x + 1] for y in range(8) for x in range(8))
    columns = (down[8 * y + x] + GRAIN < down[8 * (y + 1) + x] for y in range(8) for x in range(8))
    return sum(bit << n for n, bit in enumerate((*rows, *columns)))

"""How a seal is drawn (domain.md §5)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from django.utils.safestring import SafeString, mark_safe

from .models import Seal

VIEW = 200.0  # the drawing's own units across the outer ring
FONTS = "SimSun,宋体,Noto Serif CJK SC,AR PL UMing CN,serif"
RED = "#c8102e"


@dataclass(frozen=True)
class SealShape:
    """What a drawn seal looks like. Lengths in millimetres; no star: a 专用章 has none."""

    name: str
    arc_text: str
    line_text: str = ""
    diameter_mm: float = 40.0
    ring_mm: float = 1.0
    demo: bool = False


def shape_of(seal: Seal) -> SealShape:
    """The drawing parameters of a seal."""
    return SealShape(seal.name, seal.arc_text, seal.line_text, float(seal.diameter_mm), float(seal.ring_mm), seal.demo)


def seal_svg(shape: SealShape) -> SafeString:
    """A round seal as SVG: the unit's name along the arc, the purpose in a line below, 样章 across a demo's.

    The text colour is `currentColor`, so that a page may set it; on paper it is the red of the ink.
    """
    label = f"印章：{shape.name}{'（样章）' if shape.demo else ''}"
    ring = VIEW * shape.ring_mm / shape.diameter_mm
    parts = [
        f'<circle cx="100" cy="100" r="{(VIEW - ring) / 2:.2f}" fill="none" stroke="currentColor" '
        f'stroke-width="{ring:.2f}"/>',
        _arc(shape.arc_text, radius=100 - ring - 15),
        _line(shape.line_text, y=152, width=120),
        sample_mark() if shape.demo else "",
    ]
    return mark_safe(svg_of(shape, "".join(parts), escape(label)))  # noqa: S308  every text is escaped


def svg_of(shape: SealShape, inside: str, label: str) -> str:
    """An SVG as large as the seal, with what is drawn inside; both texts are safe already."""
    return (
        f'<svg class="lj-seal" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {VIEW:g} {VIEW:g}" '
        f'width="{shape.diameter_mm:g}mm" height="{shape.diameter_mm:g}mm" color="{RED}" role="img" '
        f'aria-label="{label}" font-family="{escape(FONTS)}" font-weight="700" '
        f'fill="currentColor"><title>{label}</title>{inside}</svg>'
    )


def sample_mark() -> str:
    """样章 in a frame across the middle."""
    frame = '<rect x="58" y="79" width="84" height="44" rx="2" fill="none" stroke="currentColor" stroke-width="2.5"/>'
    return frame + _line("样章", y=112, width=68, largest=33)


def place_svg(shape: SealShape) -> SafeString:
    """The place left for a seal that is stamped by hand: a faint ring of the seal's own size."""
    return mark_safe(  # noqa: S308  numbers only
        f'<svg class="lj-seal-place" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {VIEW:g} {VIEW:g}" '
        f'width="{shape.diameter_mm:g}mm" height="{shape.diameter_mm:g}mm" role="img" aria-label="盖章处">'
        "<title>盖章处</title>"
        '<circle cx="100" cy="100" r="98" fill="none" stroke="#b0b0b0" stroke-width="1" stroke-dasharray="5 5"/></svg>'
    )


def _arc(text: str, radius: float) -> str:
    """Characters spread evenly over the upper arc, at most 232° of it, upright at the top."""
    step = min(22.0, 232.0 / max(len(text) - 1, 1))
    size = min(25.0, math.radians(step) * radius * 0.86)
    angles = [(i - (len(text) - 1) / 2) * step for i in range(len(text))]
    return _text(text, [_start(angle, radius, size) for angle in angles], size, angles)


def _start(angle: float, radius: float, size: float) -> tuple[float, float]:
    """Where a character's baseline begins, for its middle to sit on the circle."""
    turn, along, down = math.radians(angle), -size / 2, size * 0.36
    x = 100 + radius * math.sin(turn) + along * math.cos(turn) - down * math.sin(turn)
    y = 100 - radius * math.cos(turn) + along * math.sin(turn) + down * math.cos(turn)
    return x, y


def _line(text: str, y: float, width: float, largest: float = 20.0) -> str:
    """Characters side by side around the middle, no wider than `width`."""
    size = min(largest, width / max(len(text), 1))
    start = 100 - size * len(text) / 2
    return _text(text, [(start + i * size, y) for i in range(len(text))], size)


def _text(text: str, places: Sequence[tuple[float, float]], size: float, angles: Sequence[float] = ()) -> str:
    """One text whose characters are placed and turned one by one: every renderer then draws the same."""
    if not text:
        return ""
    xs, ys = (" ".join(f"{place[i]:.2f}" for place in places) for i in (0, 1))
    turned = f' rotate="{" ".join(f"{angle:.2f}" for angle in angles)}"' if angles else ""
    return f'<text x="{xs}" y="{ys}"{turned} font-size="{size:.2f}">{escape(text)}</text>'

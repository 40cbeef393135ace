"""Turns of phrase that every app uses."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

NAMED = 5  # whom a line names


def first_of(names: Sequence[str], shown: int = NAMED, measure: str = "人") -> str:
    """甲、乙等 7 人: of many the first by name, and how many there are."""
    said = "、".join(names[:shown])
    return said if len(names) <= shown else f"{said}等 {len(names)} {measure}"


def squeezed(text: str) -> str:
    """As any keyboard types it, for keeping and comparing: no wide characters, no blanks."""
    return "".join(unicodedata.normalize("NFKC", text).split())

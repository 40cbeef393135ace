"""Where a filer mends what a return names: the words for the places of a case, each with its address."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .case_kind import kind_of
from .events import open_items, returned_at
from .models import ReturnItem

_SAME = re.compile(r"[\s　：:，,、（）()“”\"]+")


@dataclass(frozen=True)
class Told:
    """One thing that a return asked for and nobody has answered yet; `url`: where it is mended, empty if unknown."""

    item: ReturnItem
    url: str


def fields_at(model: Any, url: str, names: Iterable[str]) -> dict[str, str]:
    """The fields of a form at this address, by the words that stand above them."""
    return {str(model._meta.get_field(name).verbose_name): f"{url}#id_{name}" for name in names}


def places_of(case: Any) -> Mapping[str, str]:
    """The places of a case, by what they are called on its pages."""
    return kind_of(case).places(case)


def place_of(where: str, places: Mapping[str, str]) -> str:
    """The address of the place that somebody has named in words of their own; empty where it may be several or none.

    The place of which most is said wins: 第 3 行收费标准 is a field of the third row, not the row.
    """
    said = _plain(where)
    found: dict[str, tuple[int, int]] = {}
    for label, url in places.items():
        name = _plain(label)
        if min(len(name), len(said)) > 1 and (name in said or said in name):
            found[url] = max(found.get(url, (0, -999)), (min(len(name), len(said)), -len(name)))
    best = [url for url, score in found.items() if score == max(found.values())]
    return best[0] if len(best) == 1 else ""


def to_mend(case: Any) -> list[Told]:
    """What the return asks for with which this case stands returned; nothing for any other case."""
    if returned_at(case) is None:
        return []
    items = open_items(case)
    places = places_of(case) if items else {}
    return [Told(item, place_of(item.where, places)) for item in items]


def _plain(text: str) -> str:
    return _SAME.sub("", text)

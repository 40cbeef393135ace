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
_ROW = re.compile(r"第\s*(\d+)\s*行")
NAMED = "named_rows"  # of a return's event: the ids of the rows that it names, by the numbers they had


@dataclass(frozen=True)
class Told:
    """One thing that a return asked for and nobody has answered yet; `url`: where it is mended, empty if unknown.

    `now`: what has become of the rows that it names, where they are not what they were.
    """

    item: ReturnItem
    url: str
    now: str = ""


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
    return told_of(case, items, places_of(case) if items else {})


def named_rows(case: Any, items: Iterable[Mapping[str, str]]) -> dict[str, int]:
    """The ids of the rows that a return names by number, as its event keeps them: numbers move, rows do not."""
    named = {number for item in items for number in _ROW.findall(_all_said(item.get("where"), item.get("wrong")))}
    rows = kind_of(case).numbered(case) if named else {}
    return {str(number): row for number, row in rows.items() if str(number) in named}


def told_of(case: Any, items: Iterable[ReturnItem], places: Mapping[str, str]) -> list[Told]:
    """Each of these with the address among `places` of the row for which it was written, wherever that stands now."""
    items = list(items)
    kept = any(NAMED in item.event.data for item in items)
    rows = {row: number for number, row in kind_of(case).numbered(case).items()} if kept else {}
    return [_told(item, item.event.data.get(NAMED, {}), rows, places) for item in items]


def _told(item: ReturnItem, named: Mapping[str, int], rows: Mapping[int, int], places: Mapping[str, str]) -> Told:
    moved = {number: rows.get(row) for number, row in named.items()}  # None: the row is gone
    where = _ROW.sub(lambda found: f"第{moved.get(found[1], found[1])}行", item.where)
    gone = any(moved.get(number, 0) is None for number in _ROW.findall(item.where))
    said = dict.fromkeys(_ROW.findall(_all_said(item.where, item.wrong)))
    now = "；".join(_become(n, moved[n]) for n in said if n in moved and str(moved[n]) != n)
    return Told(item, "" if gone else place_of(where, places), now)


def _become(was: str, now: int | None) -> str:
    return f"原第 {was} 行已删除" if now is None else f"原第 {was} 行现在是第 {now} 行"


def _all_said(*texts: str | None) -> str:
    return "\n".join(filter(None, texts))


def _plain(text: str) -> str:
    return _SAME.sub("", text)

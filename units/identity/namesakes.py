"""Namesakes of one list told apart: by where they work, and where that is the same too by the end of the number."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import NamedTuple

from luojiang_ce.id_shapes import beside_birth
from luojiang_ce.sheets.characters import name_key


class Bearer(NamedTuple):
    """Whoever bears a name in a list: where they work (unit or department), and the masked number."""

    name: str
    place: str
    number: str

    @property
    def end(self) -> str:
        """The last two of the number: as much as may stand beside a birth month."""
        return f"尾号 {beside_birth(self.number)[-2:]}" if self.number else ""


def told_apart(listed: Mapping[int, Bearer]) -> dict[int, str]:
    """What is said behind each name that several of the list bear, by its key; nothing of the other names."""
    groups: dict[str, list[int]] = defaultdict(list)
    for key, bearer in listed.items():
        groups[name_key(bearer.name)].append(key)
    return {key: said for keys in groups.values() if len(keys) > 1 for key, said in _apart(listed, keys)}


def _apart(listed: Mapping[int, Bearer], keys: list[int]) -> list[tuple[int, str]]:
    places = Counter(listed[key].place for key in keys)
    return [(key, _said(listed[key], alone=places[listed[key].place] == 1)) for key in keys]


def _said(bearer: Bearer, *, alone: bool) -> str:
    return bearer.place if bearer.place and alone else "，".join(filter(None, (bearer.place, bearer.end)))

"""Whom pasted names mean, among people known by id and name. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from luojiang_ce.sheets.cells import clean_name
from luojiang_ce.sheets.characters import name_key


@dataclass(frozen=True)
class Named:
    """Whom pasted names mean: the people; namesakes, of whom one has to be chosen; and what is nobody's name here."""

    people: list[int]
    namesakes: dict[str, list[int]]
    unknown: list[str]


def people_named(pasted: str, known: Iterable[tuple[int, str]]) -> Named:
    """Find pasted names among the people known (id and name): one a line, or with 、 ， ； or a tab between them."""
    by_name: dict[str, list[int]] = {}
    for pk, name in known:
        by_name.setdefault(name_key(name), []).append(pk)
    found = Named([], {}, [])
    for name in dict.fromkeys(_names(pasted, by_name)):
        meant = by_name.get(name_key(clean_name(name)), [])
        if len(meant) == 1:
            found.people.append(meant[0])
        elif meant:
            found.namesakes[name] = meant
        else:
            found.unknown.append(name)
    return found


def _names(pasted: str, by_name: dict[str, list[int]]) -> Iterable[str]:
    """A blank may stand within a name (王　明) or between two: it is between where it does not stand within."""
    pieces = pasted.translate(str.maketrans("、，,；;\t\r", "\n" * 7)).split("\n")
    for piece in filter(None, map(str.strip, pieces)):
        whole = name_key(clean_name(piece)) in by_name
        apart = piece.split()
        yield from [piece] if whole or not any(name_key(clean_name(one)) in by_name for one in apart) else apart

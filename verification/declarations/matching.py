"""Whose evidence a file is, told by its name (product.md C6): a person's name in it, or the last four of the ID number.

Pure. What is said by both must agree; of namesakes the last four decides; what several could be, or a year that looks
like the end of a number, is asked.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from luojiang_ce.sheets.cells import clean_name
from luojiang_ce.sheets.characters import name_key

_END = re.compile(r"(?<![0-9A-Za-z])[0-9]{3}[0-9Xx](?![0-9A-Za-z])")
_WHOLE = re.compile(r"(?<![0-9])[0-9]{14}([0-9]{3}[0-9Xx])(?![0-9A-Za-z])")
_CAMERA = re.compile(r"(?:IMG|DSCN?|DCIM|PIC|WX|微信图片)[_ -]([0-9]{4})(?![0-9A-Za-z])", re.IGNORECASE)
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")


@dataclass(frozen=True)
class Somebody:
    """A person who may be meant: `key` names whatever is to have the file."""

    key: int
    name: str
    end: str


class How(StrEnum):
    """How sure it is."""

    SURE = "sure"
    ASKED = "asked"  # one of several, or a guess
    NOBODY = "nobody"


@dataclass(frozen=True)
class Match:
    """Who is meant; of several, or where it is a guess, they are asked about."""

    how: How
    keys: tuple[int, ...] = ()


def match(path: str, people: Sequence[Somebody], others: Collection[str] = ()) -> Match:
    """Whom the name of a file speaks of, with that of the folders in which it lay; `others`: names of people who
    may be meant and are not to have it."""
    said = name_key(clean_name(path))
    names = _names_in(said, {*(each.name for each in people), *others})
    named = {each.key for each in people if each.name in names}
    ends, guessed = _ends_in(path)
    numbered = {each.key for each in people if each.end.upper() in ends}
    if named and numbered:
        return _of(named & numbered) if named & numbered else Match(How.ASKED, tuple(sorted(named | numbered)))
    if named or numbered:
        return _of(named or numbered)
    maybe = {each.key for each in people if each.end.upper() in guessed}
    return Match(How.ASKED, tuple(sorted(maybe))) if maybe else Match(How.NOBODY)


def _of(keys: Collection[int]) -> Match:
    return Match(How.SURE if len(keys) == 1 else How.ASKED, tuple(sorted(keys)))


def _names_in(said: str, names: Collection[str]) -> set[str]:
    """The names that stand there; one that only stands inside a longer one (欧阳明 holds 阳明) is not meant."""
    found, left = set(), said
    for name in sorted(names, key=len, reverse=True):
        key = name_key(name)
        if key and key in left:
            found.add(name)
            left = left.replace(key, "\n")
    return found


def _ends_in(path: str) -> tuple[set[str], set[str]]:
    """Fours of digits that may be the end of a number, and those that are a year or a camera's count just as well."""
    ends = {found.upper() for found in (*_END.findall(path), *_WHOLE.findall(path))}
    unsure = {end for end in ends if _YEAR.fullmatch(end)} | (ends & set(_CAMERA.findall(path)))
    return ends - unsure, unsure

"""What other apps add to the pages of the ledger: the ledger knows no rules and no cases.

They register in their `AppConfig.ready()`; every function takes many people at once, so that a list of 30 people asks
as often as a list of 3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from units.models import Person


@dataclass(frozen=True)
class OnItsWay:
    """Hours that are not in the ledger yet: a class in recognition, a declaration that waits (V1)."""

    person_id: int
    title: str
    state: str
    meaning: str
    measure: str
    amount: Decimal
    url: str = ""


# verdicts by person id for a year; the value is what parts/verdict.html shows (label, meaning, rows, …)
Verdicts = Callable[[Sequence[Person], int], Mapping[int, Any]]
Awaited = Callable[[Sequence[Person], int], Iterable[OnItsWay]]

_verdicts: list[Verdicts] = []
_awaited: list[Awaited] = []


def register_verdicts(verdicts: Verdicts) -> None:
    """Say how a year's verdict is found; the last registered is asked."""
    _verdicts.append(verdicts)


def register_on_its_way(awaited: Awaited) -> None:
    """Add a source of hours that are still on their way."""
    _awaited.append(awaited)


def verdicts_for(people: Sequence[Person], year: int) -> Mapping[int, Any]:
    """The verdict of each person's year; empty while no app gives verdicts."""
    return _verdicts[-1](people, year) if _verdicts else {}


def on_their_way(people: Sequence[Person], year: int) -> dict[int, list[OnItsWay]]:
    """By person id, what is still on its way into the ledger for a year."""
    found: dict[int, list[OnItsWay]] = {}
    for awaited in _awaited:
        for each in awaited(people, year):
            found.setdefault(each.person_id, []).append(each)
    return found

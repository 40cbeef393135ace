"""What other apps add to the pages of the ledger: the ledger knows no rules and no cases.

They register in their `AppConfig.ready()`; every function takes many people at once, so that a list of 30 people asks
as often as a list of 3.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from units.models import Person
from verification.ledger.models import LedgerEntry


@dataclass(frozen=True)
class OnItsWay:
    """Hours that are not in the ledger yet: a class that somebody is in, a declaration that waits (V1). A declaration
    that was sent back (`is_sent_back`) is shown with them and counts in no sum: it waits for the unit itself."""

    person_id: int
    title: str
    state: str
    meaning: str
    measure: str
    amount: Decimal
    url: str = ""
    is_sent_back: bool = False


@dataclass(frozen=True)
class Standing:
    """How a person stands in a year: what parts/verdict.html shows, and the sums of the year by measure and subject."""

    sums: Mapping[tuple[str, str], Decimal]
    verdict: Any = None


Standings = Callable[[Sequence[Person], int], Mapping[int, Standing]]
Awaited = Callable[[Sequence[Person], int], Iterable[OnItsWay]]

FiledOn = Callable[[int, int], date | None]


@dataclass(frozen=True)
class Resting:
    """Something that was decided on a person's ledger of a year: a yearly record, with the papers that say so."""

    person_id: int
    year: int
    title: str
    state: str
    meaning: str
    url: str
    papers: Sequence[str] = ()


RestsOn = Callable[[Collection[int], int], Iterable[Resting]]

_filed_on: list[FiledOn] = []
_rests_on: list[RestsOn] = []
_standings: list[Standings] = []
_awaited: list[Awaited] = []


def register_standings(standings: Standings) -> None:
    """Say how people stand in a year; the last registered is asked."""
    _standings.append(standings)


def register_on_its_way(awaited: Awaited) -> None:
    """Say what is still on its way; the last registered is asked."""
    _awaited.append(awaited)


def register_filed_on(filed_on: FiledOn) -> None:
    """Say on which day a person's year (ids: person, year) was first filed for verification, None if it was not."""
    _filed_on.append(filed_on)


def register_rests_on(rests_on: RestsOn) -> None:
    """Say what was decided on these people's ledgers (ids) of a year."""
    _rests_on.append(rests_on)


def resting_on(people: Collection[int], year: int) -> list[Resting]:
    """What was decided on these people's ledgers (ids) of a year and would have to be looked at again."""
    return [each for rests_on in _rests_on for each in rests_on(people, year)]


def year_filed_on(person_id: int, year: int) -> date | None:
    """The day on which a person's year was first filed for verification; None if it was not."""
    days = [day for filed_on in _filed_on if (day := filed_on(person_id, year))]
    return min(days, default=None)


def standings_for(people: Sequence[Person], year: int) -> Mapping[int, Standing]:
    """How each of these people stands; the sums alone while no app gives verdicts."""
    if _standings:
        return _standings[-1](people, year)
    sums = LedgerEntry.objects.filter(person__in=people, year=year).sums()
    return {person.pk: Standing(sums.get(person.pk, {})) for person in people}


def on_their_way(people: Sequence[Person], year: int) -> dict[int, list[OnItsWay]]:
    """By person id, what is still on its way into the ledger for a year."""
    found: dict[int, list[OnItsWay]] = {}
    for each in _awaited[-1](people, year) if _awaited else ():
        found.setdefault(each.person_id, []).append(each)
    return found

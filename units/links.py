"""Links that other apps put on the pages about a person. Units know none of them; they register in `ready()`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse

from luojiang_ce.access import Actor, Role
from luojiang_ce.home.lists import HeadLink
from units.models import Person

PersonLink = Callable[[Person, Actor], HeadLink | None]


@dataclass(frozen=True)
class PeopleStep:
    """What is done with the people ticked in their list: its button, where they are sent, and who may."""

    label: str
    url_name: str
    roles: tuple[Role, ...]


_steps: list[PeopleStep] = []
_links: dict[str, list[PersonLink]] = defaultdict(list)


def register_person_link(link: PersonLink, *, page: str = "person") -> None:
    """Offer a link in the head of a page about a person (`ledger`: that of the hours); None: not to this account."""
    _links[page].append(link)


def links_for(person: Person, account: Actor, *, page: str = "person") -> list[HeadLink]:
    """The links to show, in the order registered."""
    return [found for link in _links[page] if (found := link(person, account)) is not None]


def register_people_step(step: PeopleStep) -> None:
    """Offer it in the list of people."""
    _steps.append(step)


def people_steps(account: Actor) -> list[tuple[str, str]]:
    """The steps for this account, as label and address."""
    return [(step.label, reverse(step.url_name)) for step in _steps if account.holds(*step.roles)]

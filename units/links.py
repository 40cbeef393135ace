"""Links that other apps put on a person's page. Units know none of them; they register in `ready()`."""

from __future__ import annotations

from collections.abc import Callable

from luojiang_ce.access.roles import Actor
from luojiang_ce.home.lists import HeadLink
from units.models import Person

PersonLink = Callable[[Person, Actor], HeadLink | None]

_links: list[PersonLink] = []


def register_person_link(link: PersonLink) -> None:
    """Offer a link in the head of the page of a person; None where this account has none."""
    _links.append(link)


def links_for(person: Person, account: Actor) -> list[HeadLink]:
    """The links to show, in the order registered."""
    return [found for link in _links if (found := link(person, account)) is not None]

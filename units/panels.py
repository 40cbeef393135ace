"""What other apps put on a person's page: panels and links. Units know none of them; they register in `ready()`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from luojiang_ce.access.roles import Actor
from luojiang_ce.home.lists import HeadLink
from units.models import Person


@dataclass(frozen=True)
class PersonPanel:
    """A panel: a template and what it needs; `context(person, account)` None hides it. At most 2 queries each."""

    template: str
    context: Callable[[Person, Actor], Mapping[str, Any] | None]
    order: int = 50


PersonLink = Callable[[Person, Actor], HeadLink | None]

_panels: list[PersonPanel] = []
_links: list[PersonLink] = []


def register_person_panel(panel: PersonPanel) -> None:
    """Show a panel on the page of a person."""
    _panels.append(panel)


def register_person_link(link: PersonLink) -> None:
    """Offer a link in the head of the page of a person; None where this account has none."""
    _links.append(link)


def panels_for(person: Person, account: Actor) -> list[dict[str, Any]]:
    """The panels to show, each with its template, by order."""
    built = [(p.template, p.context(person, account)) for p in sorted(_panels, key=lambda panel: panel.order)]
    return [{"template": template, **context} for template, context in built if context is not None]


def links_for(person: Person, account: Actor) -> list[HeadLink]:
    """The links to show, in the order registered."""
    return [found for link in _links if (found := link(person, account)) is not None]

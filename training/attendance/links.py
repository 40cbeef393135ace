"""Links that the ways of signing put on the pages of attendance; each registers its own in `ready()`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.urls import reverse

from luojiang_ce.home.lists import HeadLink
from training.classes.models import ClassApplication
from training.half_days import Slot


@dataclass(frozen=True)
class Place:
    """Where links are shown: the page of a class with its half-days, or of one of them (`slot`). `is_ours`: its reader
    files for the class; `may_write`: signs can be written there now."""

    application: ClassApplication
    slots: Sequence[Slot]
    slot: Slot | None
    is_ours: bool
    may_write: bool


SigningLink = Callable[[Place], HeadLink | None]  # None: not there
_links: list[SigningLink] = []
_lists: list[tuple[str, str, str]] = []


def register_signing_link(link: SigningLink) -> None:
    """Offer a link in the head of these pages."""
    _links.append(link)


def register_list_link(label: str, url_name: str, icon: str) -> None:
    """Offer another list in the head of the list of classes."""
    _lists.append((label, url_name, icon))


def links_at(place: Place) -> list[HeadLink]:
    """The links to show, in the order registered."""
    return [found for link in _links if (found := link(place)) is not None]


def list_links() -> list[HeadLink]:
    """The other lists, in the order registered."""
    return [HeadLink(label, reverse(name), icon) for label, name, icon in _lists]

"""What the apps put on the site's shell: navigation, things to do, loaders.

The shell knows no case: each app registers here in its `AppConfig.ready()`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from luojiang_ce.access.roles import Actor, Role

EVERYONE: tuple[Role, ...] = ()


@dataclass(frozen=True)
class NavItem:
    """An entry of the navigation.

    `icon` is a lucide name; `roles` empty means any account; `tab` prefers it for the phone's bottom bar
    (four entries by order); it is current on its own page and on all pages of its URL namespace, or of those in `also`
    (namespaces or names of URLs).
    """

    label: str
    icon: str
    url_name: str
    roles: tuple[Role, ...] = EVERYONE
    group: str = "办理"
    order: int = 50
    tab: bool = False
    also: tuple[str, ...] = ()

    def admits(self, account: Actor) -> bool:
        return not self.roles or account.holds(*self.roles)


@dataclass(frozen=True)
class StartLink:
    """A button in the start page's head: the acts that a role begins most often (at most two)."""

    label: str
    icon: str
    url_name: str
    roles: tuple[Role, ...]
    primary: bool = False


@dataclass(frozen=True)
class Todo:
    """One thing on the start page.

    `mine`: the reader acts, otherwise `waiting_for` names the person or body awaited. `due` is the last day in time;
    `meaning` (late, soon, wait, prov, turn) is derived from it where left empty. `short` is what the year ribbon
    writes (by default the title up to its colon).
    """

    title: str
    url: str
    note: str = ""
    due: date | None = None
    provisional: bool = False
    waiting_for: str = ""
    mine: bool = True
    action_label: str = "办理"
    meaning: str = ""
    short: str = ""


@dataclass(frozen=True)
class Search:
    """Where the search box above each page leads, with `q`."""

    url_name: str
    placeholder: str
    roles: tuple[Role, ...]


@dataclass(frozen=True)
class DemoAccount:
    """An account that the sign-in page of a demo offers with one click."""

    username: str
    label: str
    note: str = ""


@dataclass(frozen=True, order=True)
class Loader:
    """A step of load_reference or load_demo: idempotent, says in one line what it did."""

    order: int
    name: str
    load: Callable[[], str] = field(compare=False)


TodoProvider = Callable[[Any], Iterable[Todo]]

_nav: list[NavItem] = []
_links: list[StartLink] = []
_todos: list[TodoProvider] = []
_searches: list[Search] = []
_demo_accounts: list[DemoAccount] = []
_reference: list[Loader] = []
_demo: list[Loader] = []


def register_nav(item: NavItem) -> None:
    """Add an entry to the navigation of its roles."""
    _nav.append(item)


def register_start_link(link: StartLink) -> None:
    """Add a button to the start page's head."""
    _links.append(link)


def register_todo(provider: TodoProvider) -> None:
    """Add a source of things to do. It starts from `visible_to(account)` and makes a bounded number of queries."""
    _todos.append(provider)


def register_search(search: Search) -> None:
    """Put the search box above every page of these roles; the first registered that admits the account wins."""
    _searches.append(search)


def register_demo_account(account: DemoAccount) -> None:
    """Offer an account on the sign-in page of a demo."""
    _demo_accounts.append(account)


def register_reference(name: str, load: Callable[[], str], order: int = 50) -> None:
    """Add a step to `manage.py load_reference`."""
    _reference.append(Loader(order, name, load))


def register_demo(name: str, load: Callable[[], str], order: int = 50) -> None:
    """Add a step to `manage.py load_demo`."""
    _demo.append(Loader(order, name, load))


def nav_for(account: Actor) -> list[NavItem]:
    """The account's entries, by order."""
    return sorted((item for item in _nav if item.admits(account)), key=lambda item: item.order)


def start_links_for(account: Actor) -> list[StartLink]:
    """The account's buttons, the primary one last (far right)."""
    return sorted((link for link in _links if account.holds(*link.roles)), key=lambda link: link.primary)


def todos_for(account: Actor) -> list[Todo]:
    """Everything that is to be done or awaited, oldest deadline first, what has none last."""
    found = [todo for provider in _todos for todo in provider(account)]
    return sorted(found, key=lambda todo: (todo.due is None, todo.due or date.max))


def search_for(account: Actor) -> Search | None:
    """Where the account's search box leads, None when it has none."""
    return next((search for search in _searches if account.holds(*search.roles)), None)


def demo_accounts() -> list[DemoAccount]:
    """Accounts that a demo's sign-in page offers, in the order registered."""
    return list(_demo_accounts)


def reference_loaders() -> list[Loader]:
    """Steps of load_reference in their order."""
    return sorted(_reference)


def demo_loaders() -> list[Loader]:
    """Steps of load_demo in their order."""
    return sorted(_demo)

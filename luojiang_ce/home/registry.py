"""What stands on the site's shell: navigation, buttons, search, loaders.

What belongs to a kind of case comes from the kinds (luojiang_ce.workflow.case_kind); the rest registers here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from django.utils.module_loading import import_string

from luojiang_ce.access import Actor, Role
from luojiang_ce.workflow.case_kind import case_kinds

EVERYONE: tuple[Role, ...] = ()


class Section(StrEnum):
    """The headings of the navigation: what belongs together stands together."""

    OFFICE = "事务"
    TRAINING = "培训"
    INSPECTIONS = "监督检查"
    ELSEWHERE = "其他学习形式"
    VERIFICATION = "年度验证"
    OVERSIGHT = "监督"
    LOOKUP = "查阅"
    RULES = "规则与参数"
    ADMIN = "管理"


@dataclass(frozen=True)
class NavItem:
    """An entry of the navigation.

    `icon` is a lucide name; `roles` empty means any account; `tab` prefers it for the phone's bottom bar
    (four entries by order); it is current on its own page, on those in `also` (names of URLs, or whole namespaces), and
    as `whole` on all pages of its namespace that are no other entry's.
    """

    label: str
    icon: str
    url_name: str
    roles: tuple[Role, ...] = EVERYONE
    group: Section = Section.OFFICE
    order: int = 50
    tab: bool = False
    also: tuple[str, ...] = ()
    whole: bool = True

    @property
    def namespaces(self) -> tuple[str, ...]:
        """The namespaces of URLs in which it is current, where no other entry is."""
        return (self.url_name.partition(":")[0], *self.also) if self.whole else self.also

    def admits(self, account: Actor) -> bool:
        return not self.roles or account.holds(*self.roles)


@dataclass(frozen=True)
class StartLink:
    """A button in the start page's head: the acts that a role begins most often (at most two), while it can be begun
    (`now`)."""

    label: str
    icon: str
    url_name: str
    roles: tuple[Role, ...]
    primary: bool = False
    now: Callable[[Actor], bool] = lambda account: True


@dataclass(frozen=True)
class Search:
    """Where the search box above each page leads, with `q`; without `roles`, everybody's."""

    url_name: str
    placeholder: str
    roles: tuple[Role, ...]


@dataclass(frozen=True)
class DemoAccount:
    """An account that the sign-in page of a demo offers with one click."""

    username: str
    label: str
    note: str = ""


@dataclass(frozen=True)
class Loader:
    """A step of load_reference: idempotent, says in one line what it did."""

    order: int
    name: str
    load: Callable[[], str]


@dataclass(frozen=True)
class Demo:
    """A step of load_demo: idempotent; `build` (a dotted path) says in one line what it did."""

    name: str
    build: str
    order: int = 50

    def load(self) -> str:
        said: str = import_string(self.build)()
        return said


_nav: list[NavItem] = []
_links: list[StartLink] = []
_searches: list[Search] = []
_demo_accounts: list[DemoAccount] = []
_reference: list[Loader] = []
_demo: list[Demo] = []


def register_nav(item: NavItem) -> None:
    """Add an entry that belongs to no kind of case to the navigation of its roles."""
    _nav.append(item)


def register_start_link(link: StartLink) -> None:
    """Add a button to the start page's head."""
    _links.append(link)


def register_search(search: Search) -> None:
    """Put the search box above every page of these roles; the first registered that admits the account wins."""
    _searches.append(search)


def register_demo_account(account: DemoAccount) -> None:
    """Offer an account on the sign-in page of a demo."""
    _demo_accounts.append(account)


def register_reference(name: str, load: Callable[[], str], order: int = 50) -> None:
    """Add a step to `manage.py load_reference`."""
    _reference.append(Loader(order, name, load))


def register_demo(step: Demo) -> None:
    """Add a step to `manage.py load_demo` that belongs to no kind of case."""
    _demo.append(step)


def nav_items() -> list[NavItem]:
    """Every entry, by order."""
    return sorted([*_nav, *(item for kind in case_kinds() for item in kind.entries)], key=lambda item: item.order)


def nav_for(account: Actor) -> list[NavItem]:
    """The account's entries, by order."""
    return [item for item in nav_items() if item.admits(account)]


def start_links_for(account: Actor) -> list[StartLink]:
    """The account's buttons, the primary one last (far right)."""
    return sorted(
        (link for link in _links if account.holds(*link.roles) and link.now(account)), key=lambda link: link.primary
    )


def search_for(account: Actor) -> Search | None:
    """Where the account's search box leads, None when it has none."""
    return next((search for search in _searches if not search.roles or account.holds(*search.roles)), None)


def demo_accounts() -> list[DemoAccount]:
    """Accounts that a demo offers, there or not, in the order registered."""
    return list(_demo_accounts)


def reference_loaders() -> list[Loader]:
    """Steps of load_reference in their order."""
    return sorted(_reference, key=lambda step: step.order)


def demo_steps() -> list[Demo]:
    """Steps of load_demo in their order."""
    return sorted((*_demo, *(kind.demo for kind in case_kinds() if kind.demo)), key=lambda step: step.order)

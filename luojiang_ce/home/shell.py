"""What the page around everything shows for one request; computed only where a template asks for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property, lru_cache
from itertools import groupby
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from luojiang_ce import copies
from luojiang_ce.access import HEAR_OF_SILENCE
from luojiang_ce.home.registry import NavItem, nav_for, search_for
from luojiang_ce.jobs.heartbeat import heartbeat_for_banner, is_silent
from luojiang_ce.notices.models import Notice
from luojiang_ce.workflow.case_kind import case_kinds

THEMES = ("light", "dark")
TABS = 4  # and 更多


@dataclass(frozen=True)
class Entry:
    """A navigation entry on a page; `current` is aria-current: page (this very page), true (one below it) or empty."""

    label: str
    icon: str
    url: str
    current: str = ""


@dataclass(frozen=True)
class Silence:
    """The worker has not been heard since then, or never."""

    since: datetime | None


url_of = cache(reverse)  # of pages without arguments, which stay where they are while a process lives


@lru_cache(maxsize=512)
def written(template: str, entries: tuple[object, ...]) -> SafeString:
    """A part of the navigation, which stands on every page and depends on nothing but its entries."""
    return mark_safe(render_to_string(template, {"entries": entries}))  # noqa: S308  a template has written it


class Shell:
    """Navigation, bell, account line and theme of one request."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.demo: bool = settings.DEMO
        theme = request.COOKIES.get("theme", "")
        self.theme = theme if theme in THEMES else THEMES[0]

    @cached_property
    def account(self) -> Any:
        user = getattr(self.request, "user", None)
        return user if user is not None and user.is_authenticated else None

    @property
    def copy_key(self) -> str:
        return copies.key_of(self.account.pk)

    @cached_property
    def items(self) -> list[NavItem]:
        return nav_for(self.account) if self.account else []

    @cached_property
    def current(self) -> NavItem | None:
        """The entry of this page: its own one, else that of the kind of case it is about, else of its namespace."""
        match = self.request.resolver_match
        if match is None:
            return None
        about = match.kwargs.get("case_type")
        of_kind = {entry for kind in case_kinds() if kind.key == about for entry in kind.entries}
        own = [item for item in self.items if match.view_name in (item.url_name, *item.also)]
        below = [item for item in self.items if match.namespace in item.namespaces]
        return next(iter([*own, *(item for item in self.items if item in of_kind), *below]), None)

    @cached_property
    def groups(self) -> tuple[tuple[str, tuple[Entry, ...]], ...]:
        """The navigation by headings, in the order of their first entry."""
        firsts = list(dict.fromkeys(item.group for item in self.items))
        ordered = sorted(self.items, key=lambda item: firsts.index(item.group))
        return tuple((group, tuple(map(self._entry, items))) for group, items in groupby(ordered, lambda i: i.group))

    @property
    def rail(self) -> SafeString:
        """The desktop's navigation, written."""
        return written("parts/rail.html", self.groups)

    @property
    def tabbar(self) -> SafeString:
        """The phone's bottom bar, written."""
        if not self.account:
            return SafeString()
        marked = sorted(self.items, key=lambda item: not item.tab)[:TABS]
        chosen = tuple(self._entry(item) for item in self.items if item in marked)
        elsewhere = "" if any(entry.current for entry in chosen) else self._aria(url_of("home:more"))
        return written("parts/tabbar.html", (*chosen, Entry("更多", "ellipsis", url_of("home:more"), elsewhere)))

    @cached_property
    def above(self) -> Entry | None:
        """The entry that this page lies below: its crumb, where a page gives none of its own."""
        entry = self._entry(self.current) if self.current else None
        return entry if entry and entry.url not in (self.request.path, url_of("home:start")) else None

    @cached_property
    def search(self) -> dict[str, str] | None:
        found = search_for(self.account) if self.account else None
        return {"url": url_of(found.url_name), "placeholder": found.placeholder} if found else None

    @cached_property
    def silence(self) -> Silence | None:
        """For bureau staff: since when the worker has been silent."""
        if self.account is None or not self.account.holds(*HEAR_OF_SILENCE.roles):
            return None
        heartbeat = heartbeat_for_banner()
        return Silence(heartbeat) if is_silent(heartbeat) else None

    @cached_property
    def unread(self) -> int:
        return Notice.objects.visible_to(self.account).filter(read_at=None).count() if self.account else 0

    def _entry(self, item: NavItem) -> Entry:
        url = url_of(item.url_name)
        return Entry(item.label, item.icon, url, self._aria(url) if item is self.current else "")

    def _aria(self, url: str) -> str:
        return "page" if url == self.request.path else "true"


def shell(request: HttpRequest) -> dict[str, Shell]:
    """Context processor."""
    return {"shell": Shell(request)}

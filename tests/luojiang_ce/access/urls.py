"""All URL patterns of the project, flat: what the tests of this folder walk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver


@dataclass(frozen=True)
class Address:
    """One URL pattern: its full name (`units:person`), its route, its view."""

    name: str
    route: str
    view: Any

    def __str__(self) -> str:
        return self.name or f"/{self.route}"


def addresses() -> list[Address]:
    """Every address of the project, in the order of the URL files."""
    return list(_walk(get_resolver().url_patterns, "", ()))


def _walk(patterns: Iterable[URLPattern | URLResolver], route: str, spaces: tuple[str, ...]) -> Iterator[Address]:
    for pattern in patterns:
        path = f"{route}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            inner = (*spaces, pattern.namespace) if pattern.namespace else spaces
            yield from _walk(pattern.url_patterns, path, inner)
        else:
            name = ":".join((*spaces, pattern.name)) if pattern.name else ""
            yield Address(name, path, pattern.callback)


def is_taken_along(response: Any) -> bool:
    """Is it a file, or anything but a page? JSON without a name is the answer to a script."""
    kind = response.headers.get("Content-Type", "")
    is_page = kind.startswith(("text/html", "application/json"))
    return response.status_code == 200 and ("Content-Disposition" in response.headers or not is_page)

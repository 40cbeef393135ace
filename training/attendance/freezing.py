"""Who may forbid changes to a class's attendance: apps further up (recognition) register their reason here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from django.db.models import Q, QuerySet

from training.classes.models import ClassApplication

# Class ids with the reason, in Chinese, why the signs of that class may not change now; one query for many classes.
Freezer = Callable[[Sequence[ClassApplication]], Mapping[int, str]]

_freezers: list[Freezer] = []
_closed: list[Q] = []


def register_freezer(freezer: Freezer, closed: Q) -> None:
    """Called in `ready()`; `closed`: the same as a condition on a class."""
    _freezers.append(freezer)
    _closed.append(closed)


def open_to_signs(rows: QuerySet[ClassApplication]) -> QuerySet[ClassApplication]:
    """Of these classes those whose signs may change now."""
    for closed in _closed:
        rows = rows.exclude(closed)
    return rows


def frozen(applications: Sequence[ClassApplication]) -> dict[int, list[str]]:
    """The classes whose signs may not change now, by id, each with every reason."""
    found: dict[int, list[str]] = {}
    for freezer in _freezers:
        for pk, reason in freezer(applications).items():
            found.setdefault(pk, []).append(reason)
    return found

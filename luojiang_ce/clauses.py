"""The clauses of the notice as the product knows them: what each says, and where in the system it is kept."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings


@dataclass(frozen=True)
class NoticeClause:
    """A clause: 一(五)2, what it says in short, and the lists in which it is kept (names of addresses)."""

    id: str
    says: str
    pages: tuple[str, ...] = ()


@cache
def notice_clauses() -> tuple[NoticeClause, ...]:
    """All of them, in the order of the notice."""
    rows = json.loads((Path(settings.BASE_DIR) / "fixtures" / "notice_clauses.json").read_text(encoding="utf-8"))
    return tuple(NoticeClause(row["id"], row["says"], tuple(row.get("pages", ()))) for row in rows)


@dataclass(frozen=True)
class SetFigure:
    """A figure under a clause as it stands today: what it is, its value in words (未设定 where nobody has set it)."""

    clause: str
    label: str
    value: str


Figures = Callable[[], Iterable[SetFigure]]
_figures: list[Figures] = []


def register_figures(figures: Figures) -> None:
    """Tell the page of the notice what an app keeps under which clause; called in `ready()`."""
    _figures.append(figures)


def figures_by_clause() -> Mapping[str, list[SetFigure]]:
    """Every figure that the notice gives or leaves to the bureau, as it stands today. A query or two for each app."""
    found: dict[str, list[SetFigure]] = defaultdict(list)
    for figure in (figure for figures in _figures for figure in figures()):
        found[figure.clause].append(figure)
    return found

"""The notice, clause by clause, beside what the system makes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse

from luojiang_ce.clauses import NoticeClause, SetFigure, figures_by_clause, notice_clauses
from luojiang_ce.home.registry import nav_items
from luojiang_ce.workdays.deadlines import DeadlineKind, deadline_kinds
from units.interpretations.models import Interpretation
from units.interpretations.services import by_clause

OF_THE_NOTICE = "通知 "


@dataclass(frozen=True)
class Row:
    """A clause with its figures, its deadlines, the pages where it is kept (label, address), and how it is read."""

    clause: NoticeClause
    figures: Sequence[SetFigure]
    deadlines: Sequence[DeadlineKind]
    pages: Sequence[tuple[str, str]]
    interpretations: Sequence[Interpretation]


def table_of() -> list[Row]:
    """The whole notice. A few queries, whatever was interpreted."""
    figures, read = figures_by_clause(), by_clause()
    labels = {item.url_name: item.label for item in nav_items()}
    return [
        Row(
            clause,
            figures.get(clause.id, []),
            [kind for kind in deadline_kinds() if kind.clause == f"{OF_THE_NOTICE}{clause.id}"],
            [(labels[name], reverse(name)) for name in clause.pages],
            read.get(clause.id, []),
        )
        for clause in notice_clauses()
    ]

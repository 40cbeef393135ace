"""The notice, clause by clause, beside what the system makes of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.clauses import NoticeClause, SetFigure, figures_by_clause, notice_clauses
from luojiang_ce.home.registry import NavItem, nav_items
from luojiang_ce.workdays.deadlines import deadline_kinds, settings_in_force
from luojiang_ce.workdays.services import current_settings
from units.interpretations.models import Interpretation
from units.interpretations.services import by_clause
from units.models import Account

OF_THE_NOTICE = "通知 "


Told = tuple[str, str]  # a deadline: what it is for, how it is counted


@dataclass(frozen=True)
class Row:
    """A clause with its figures, its deadlines (label, in words), the pages where it is kept (label, and address if
    the reader may open it), and how it is read."""

    clause: NoticeClause
    figures: Sequence[SetFigure]
    deadlines: Sequence[Told]
    pages: Sequence[tuple[str, str]]
    interpretations: Sequence[Interpretation]


def deadlines_by_source() -> Mapping[str, list[Told]]:
    """Every kind of deadline under the settings of today, by what it rests on: a clause (“通知 …”), a law, the bureau.
    One query."""
    settings = settings_in_force(current_settings(), clock.today())
    found: dict[str, list[Told]] = defaultdict(list)
    for kind in deadline_kinds():
        found[kind.clause].append((kind.label, kind.count.in_words(settings)))
    return found


def table_of(account: Account | AnonymousUser) -> list[Row]:
    """The whole notice, as somebody reads it who may have no account. A few queries, whatever was interpreted."""
    figures, read, deadlines = figures_by_clause(), by_clause(), deadlines_by_source()
    entries = {item.url_name: item for item in nav_items()}
    return [
        Row(
            clause,
            figures.get(clause.id, []),
            deadlines.get(f"{OF_THE_NOTICE}{clause.id}", ()),
            [_page(entries[name], account) for name in clause.pages],
            read.get(clause.id, []),
        )
        for clause in notice_clauses()
    ]


def beside_the_notice() -> Mapping[str, list[Told]]:
    """The deadlines that the notice does not give, by what they rest on."""
    return {source: told for source, told in deadlines_by_source().items() if not source.startswith(OF_THE_NOTICE)}


def _page(entry: NavItem, account: Account | AnonymousUser) -> tuple[str, str]:
    opens = isinstance(account, Account) and entry.admits(account)
    return entry.label, reverse(entry.url_name) if opens else ""

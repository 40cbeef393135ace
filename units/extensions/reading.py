"""The terms in force now, read from the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from luojiang_ce.once import once
from luojiang_ce.workdays.deadlines import Deadline, Rules, deadline_kind
from luojiang_ce.workdays.services import terms_in_force
from luojiang_ce.workdays.text import full_with_weekday
from units.extensions.models import Extension
from units.terms import Grant, Terms


def current_terms() -> Terms:
    """Rules and extensions. Three queries, once a page."""
    terms = terms_in_force()
    assert isinstance(terms, Terms)  # register_grants
    return terms


def with_grants(rules: Rules) -> Terms:
    """The rules together with every extension granted. One query."""
    return Terms(rules.calendar, rules.timeline, current_grants())


def first_deadline(extension: Extension, rules: Rules) -> Deadline:
    """The deadline that an extension is about, as it is without any extension."""
    return rules.due(deadline_kind(extension.kind), _anchor(extension))


@dataclass
class Everybody:
    """Whom a decision for many is for, as grants look at it: no unit, perhaps a kind of unit."""

    nature: str
    pk: int = 0


def why_not(extension: Extension, due: date) -> str:
    """Why it cannot be extended to this day, or nothing: later than what holds now, and not past what it is for."""
    kind, anchor = deadline_kind(extension.kind), _anchor(extension)
    whom = extension.unit or Everybody(extension.nature)
    now = current_terms().due_for(kind, anchor, whom, extension.subject).due
    last = kind.until(anchor) if kind.until else None
    if last and last <= now:
        return f"现在的最后一日是 {full_with_weekday(now)}，{kind.over}，不能再延期"
    if due <= now:
        return f"现在的最后一日是 {full_with_weekday(now)}，延期须晚于这一天"
    return f"最晚只能延至 {full_with_weekday(last)}：{kind.over}" if last and due > last else ""


def _anchor(extension: Extension) -> Any:
    return int(extension.subject) if deadline_kind(extension.kind).yearly else extension.anchor  # set with every class


@once
def current_grants() -> tuple[Grant, ...]:
    """Every extension granted. One query."""
    fields = ("kind", "subject", "due", "document", "number", "unit_id", "nature", "anchor")
    found = []
    for row in Extension.objects.filter(state=Extension.State.GRANTED).only(*fields):
        due: Any = row.due  # extension_has_due
        kind = deadline_kind(row.kind)
        found.append(Grant(kind, row.subject, due, row.said, row.unit_id, row.nature, row.anchor))
    return tuple(found)

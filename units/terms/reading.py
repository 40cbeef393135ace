"""The terms in force now, read from the database."""

from __future__ import annotations

from typing import Any

from luojiang_ce.deadlines.registry import Asked
from luojiang_ce.workdays.deadlines import Deadline, Kind, Rules
from luojiang_ce.workdays.services import current_rules

from .grants import Grant, Terms
from .models import BY_YEAR, Extension


def current_terms() -> Terms:
    """Rules and extensions. Three queries."""
    return _with_grants(current_rules())


def terms_for(asked: Asked) -> Terms:
    """The terms under the rules that a source of deadlines is asked for. One query for all sources together."""
    if "terms" not in asked.shared:
        asked.shared["terms"] = _with_grants(asked.rules)
    terms: Terms = asked.shared["terms"]
    return terms


def _with_grants(rules: Rules) -> Terms:
    return Terms(rules.calendar, rules.timeline, current_grants())


def terms_of(case: Any) -> Terms:
    """The terms, loaded once for a page and its buttons; `fire` loads a row of its own, so nothing old decides."""
    if "_terms" not in case.__dict__:
        keep_terms(case, current_terms())
    terms: Terms = case.__dict__["_terms"]
    return terms


def keep_terms(case: Any, terms: Terms) -> None:
    """For the rows of a list: all of them ask the same terms."""
    case.__dict__["_terms"] = terms


def first_deadline(extension: Extension, rules: Rules) -> Deadline:
    """The deadline that an extension is about, as it is without any extension."""
    kind = Kind(extension.kind)
    if kind in BY_YEAR:
        return {Kind.PLAN: rules.plan, Kind.VERIFICATION: rules.verification}[kind](int(extension.subject))
    anchor: Any = extension.anchor  # set with every class (services.offer_one, ask_for)
    return {Kind.OPENING: rules.opening, Kind.RECOGNITION: rules.recognition}[kind](anchor)


def current_grants() -> tuple[Grant, ...]:
    """Every extension granted. One query."""
    fields = ("kind", "subject", "due", "document", "number", "unit_id", "nature", "anchor")
    return tuple(_grant(row) for row in Extension.objects.granted().only(*fields))


def _grant(row: Extension) -> Grant:
    due: Any = row.due  # extension_has_due
    return Grant(Kind(row.kind), row.subject, due, row.said, row.unit_id, row.nature, row.anchor)

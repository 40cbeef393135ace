"""The terms in force now, read from the database."""

from __future__ import annotations

from typing import Any

from luojiang_ce.once import once
from luojiang_ce.workdays.deadlines import Deadline, Rules, deadline_kind
from luojiang_ce.workdays.services import terms_in_force
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
    kind = deadline_kind(extension.kind)
    anchor: Any = int(extension.subject) if kind.yearly else extension.anchor  # set with every class
    return rules.due(kind, anchor)


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

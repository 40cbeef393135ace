"""What the bureau says of a clause, on the pages of what the clause is about."""

from __future__ import annotations

from typing import Any

from django import template
from django.core.cache import cache

from luojiang_ce.workflow.case_kind import kind_of
from units.interpretations.services import by_clause

register = template.Library()
INTERPRETATIONS = "interpretations"  # where they are cached
LOOK_EVERY = 60  # seconds; every case page asks, and what is published a minute later is late for nobody


@register.inclusion_tag("interpretations/of_case.html")
def interpretations(case: Any) -> dict[str, Any]:
    """{% interpretations page.case %}: those of the clauses that its kind keeps; nothing where there are none."""
    clauses = kind_of(case).clauses
    known: Any = cache.get_or_set(INTERPRETATIONS, by_clause, LOOK_EVERY) if clauses else {}
    return {"found": [each for clause in clauses for each in known.get(clause, [])]}

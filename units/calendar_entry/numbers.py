"""How booklets are numbered, as the page of what the bureau entered shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from luojiang_ce import clock
from units.identity.certificate_numbers import typed_pattern
from units.models import Certificate, CertificatePattern
from units.services.certificates import example_of, rule_on


@dataclass(frozen=True)
class NumberRule:
    """A row: the rule as it was typed (empty: 未设定), what it gives next, and whether it is the one of today."""

    rule: CertificatePattern
    typed: str
    example: str
    in_force: bool
    is_coming: bool


def rule_as_typed(kind: str, begins: str) -> dict[str, Any]:
    """What the form of a rule begins with: the one that is to come on this day, otherwise that of today.

    Which number follows is no part of it: left out, a rule counts on.
    """
    today = clock.today()
    coming = CertificatePattern.objects.filter(kind=kind, first_day__gt=today)
    rule = next((row for row in coming if f"{row.first_day}" == begins), rule_on(kind, today))
    if rule is None:
        return {"first_day": today}
    facts = {"pattern": typed_pattern(rule.pattern), "valid_years": rule.valid_years, "document": rule.document}
    return {"first_day": max(rule.first_day, today), **facts}


def rules_of_numbers() -> list[tuple[Any, list[NumberRule]]]:
    """By kind of certificate every rule that was ever set, the newest first; none: 未设定."""
    rows = list(CertificatePattern.objects.select_related("entered_by"))
    return [(kind, _told([row for row in rows if row.kind == kind])) for kind in Certificate.Kind]


def _told(rows: list[CertificatePattern]) -> list[NumberRule]:
    today = clock.today()
    present = next((row.pk for row in rows if row.first_day <= today), None)
    return [_row(row, in_force=row.pk == present, is_coming=row.first_day > today) for row in rows]


def _row(rule: CertificatePattern, *, in_force: bool, is_coming: bool) -> NumberRule:
    example = example_of(rule) if in_force or is_coming else ""
    return NumberRule(rule, typed_pattern(rule.pattern), example, in_force, is_coming)

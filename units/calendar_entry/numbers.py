"""How booklets are numbered, as the page of what the bureau entered shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from luojiang_ce import clock
from units.identity.certificate_numbers import typed_pattern
from units.models import Certificate, CertificatePattern
from units.services.certificates import example_of


@dataclass(frozen=True)
class NumberRule:
    """A row: the rule as it was typed (empty: 未设定), what it gives next, and whether it is the one of today."""

    rule: CertificatePattern
    typed: str
    example: str
    in_force: bool


def rules_of_numbers() -> list[tuple[Any, list[NumberRule]]]:
    """By kind of certificate every rule that was ever set, the newest first; none: 未设定."""
    rows = list(CertificatePattern.objects.select_related("entered_by"))
    return [(kind, _told([row for row in rows if row.kind == kind])) for kind in Certificate.Kind]


def _told(rows: list[CertificatePattern]) -> list[NumberRule]:
    today = clock.today()
    present = next((row.pk for row in rows if row.first_day <= today), None)
    coming = {row.pk for row in rows if row.first_day > today} | {present}
    return [
        NumberRule(row, typed_pattern(row.pattern), example_of(row) if row.pk in coming else "", row.pk == present)
        for row in rows
    ]

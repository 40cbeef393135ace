"""The list of people with their sums of a year: its lines, for the page and for the workbook."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from units.models import Employment, Person

from .registry import Standing, standings_for


@dataclass(frozen=True)
class PersonRow:
    """A person's line: sums of the year (学时, 学分) and the verdict so far, None where no app gives verdicts."""

    employment: Employment
    year: int
    public: Decimal
    professional: Decimal
    hours: Decimal
    credits: Decimal
    verdict: Any


def working_people(account: Any) -> QuerySet[Employment]:
    """Who works now, of the people that the account sees."""
    visible = Person.objects.visible_to(account)
    working = Employment.objects.filter(person__in=visible.values("pk"), ended_on=None)
    return working.select_related("person", "unit")


def rows_of(employments: Sequence[Employment], year: int) -> list[PersonRow]:
    """Their lines; a bounded number of queries."""
    standings = standings_for([each.person for each in employments], year)
    return [_person_row(each, year, standings[each.person_id]) for each in employments]


def _person_row(employment: Employment, year: int, standing: Standing) -> PersonRow:
    def total(measure: str) -> Decimal:
        return sum((amount for (of, _), amount in standing.sums.items() if of == measure), Decimal(0))

    return PersonRow(
        employment=employment,
        year=year,
        public=standing.sums.get(("hours", "public"), Decimal(0)),
        professional=standing.sums.get(("hours", "professional"), Decimal(0)),
        hours=total("hours"),
        credits=total("credits"),
        verdict=standing.verdict,
    )

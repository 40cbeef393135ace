"""Entries for tests. A year of the calendar stands in for the case that earned the hours: any row can be a source."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import models

from luojiang_ce.workdays.models import CalendarYear
from units.models import Account, Person
from verification.ledger.models import LedgerEntry
from verification.ledger.services import NewEntry, post


def hours(
    person: Person, amount: str = "4.0", year: int = 2026, subject: str = "professional", **more: Any
) -> NewEntry:
    facts = {"measure": "hours", "form": "class", "title": "果蔬冷链保鲜技术培训班", **more}
    return NewEntry(person_id=person.pk, year=year, subject=subject, amount=Decimal(amount), **facts)


def a_source() -> CalendarYear:
    """A source of its own."""
    return CalendarYear.objects.create(year=3000 + CalendarYear.objects.count(), document="测试")


def posted(source: models.Model, actor: Account, *entries: NewEntry) -> list[LedgerEntry]:
    return post(entries=entries, source=source, actor=actor)

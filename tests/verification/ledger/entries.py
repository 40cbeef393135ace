"""Entries for tests. A unit stands in for the case that earned the hours: any row can be a source."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from units.models import Account, Person, Unit
from verification.ledger.models import LedgerEntry
from verification.ledger.services import NewEntry, post


def hours(
    person: Person, amount: str = "4.0", year: int = 2026, subject: str = "professional", **more: Any
) -> NewEntry:
    facts = {"measure": "hours", "form": "class", "title": "果蔬冷链保鲜技术培训班", **more}
    return NewEntry(person_id=person.pk, year=year, subject=subject, amount=Decimal(amount), **facts)


def posted(source: Unit, actor: Account, *entries: NewEntry) -> list[LedgerEntry]:
    return post(entries=entries, source=source, actor=actor)

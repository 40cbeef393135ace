"""Records whose verdict a later entry of the ledger may have changed (architecture.md: batches query, nobody tells)."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Exists, OuterRef

from verification.ledger.models import LedgerEntry

from .models import AnnualRecord


def newer_entry() -> Exists:
    """Is there an entry of the years looked at, later than the last one that the record has seen?"""
    return Exists(
        LedgerEntry.objects.filter(
            person=OuterRef("person"),
            pk__gt=OuterRef("last_entry_id"),
            year__gte=OuterRef("first_year"),
            year__lte=OuterRef("year"),
        )
    )


def outdated(records: Iterable[AnnualRecord]) -> frozenset[int]:
    """The ids of those that need a second look. One query."""
    keys = [record.pk for record in records]
    return frozenset(AnnualRecord.objects.filter(newer_entry(), pk__in=keys).values_list("pk", flat=True))

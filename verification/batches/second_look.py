"""Records whose verdict a later entry of the ledger may have changed (architecture.md: batches query, nobody tells)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import BooleanField, Count, ExpressionWrapper, IntegerField, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from verification.ledger.models import LedgerEntry

from .models import AnnualRecord


def newer_entry() -> Any:
    """Are there other entries of the years looked at than the record has seen?

    They are counted, not compared by id: two that are posted at once may become visible in either order.
    """
    there = LedgerEntry.objects.filter(
        person=OuterRef("person"), year__gte=OuterRef("first_year"), year__lte=OuterRef("year")
    )
    counted = there.order_by().values("person").annotate(number=Count("pk")).values("number")
    number = Coalesce(Subquery(counted, output_field=IntegerField()), 0)
    return ExpressionWrapper(~Q(entries_seen=number), output_field=BooleanField())


def outdated(records: Iterable[AnnualRecord]) -> frozenset[int]:
    """The ids of those that need a second look. One query."""
    keys = [record.pk for record in records]
    return frozenset(AnnualRecord.objects.filter(newer_entry(), pk__in=keys).values_list("pk", flat=True))

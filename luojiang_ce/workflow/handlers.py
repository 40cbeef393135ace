"""To which handler a case was given by name, as pages and lists ask it (product.md U7); units.handing writes it."""

from __future__ import annotations

from typing import Any

from django.db import models

from luojiang_ce.access import case_key

from .models import Handling

NAMED = "handler_named"  # the event; whoever gives a case to somebody has decided nothing about it


def handler_of(case: Any) -> Any:
    """The account to which this case was given and which still is a handler; None where it waits for any of them."""
    kind, pk = case_key(case)
    row = Handling.objects.current().filter(case_type=kind, case_id=pk).select_related("account").first()
    return row.account if row else None


def with_handlers(rows: models.QuerySet[Any]) -> models.QuerySet[Any]:
    """Rows that know their handler's id and name, without a query of their own."""
    given = Handling.objects.current().filter(case_type=rows.model._meta.label_lower, case_id=models.OuterRef("pk"))
    known: models.QuerySet[Any] = rows.annotate(
        _handler_id=models.Subquery(given.values("account")[:1]),
        _handler_name=models.Subquery(given.values("account__name")[:1]),
    )
    return known

"""To which handler a case was given by name, as pages and lists ask it (product.md U7); units.handing writes it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.auth import get_user_model
from django.db import models

from luojiang_ce.access import Role, case_key

from .models import Handling

# Events of people who have decided nothing about a case: who gave it to a handler, who took its papers away to read.
NAMED, TAKEN_AWAY = "handler_named", "taken_away"
NO_HAND = (NAMED, TAKEN_AWAY)


def handler_of(case: Any) -> Any:
    """The account to which this case was given and which still is a handler; None where it waits for any of them."""
    kind, pk = case_key(case)
    row = Handling.objects.current().filter(case_type=kind, case_id=pk).select_related("account").first()
    return row.account if row else None


def with_handlers(rows: models.QuerySet[Any]) -> models.QuerySet[Any]:
    """Rows that know to whom they were given, for `name_handlers`."""
    given = Handling.objects.filter(case_type=rows.model._meta.label_lower, case_id=models.OuterRef("pk"))
    known: models.QuerySet[Any] = rows.annotate(_given_to=models.Subquery(given.values("account")[:1]))
    return known


def name_handlers(cases: Iterable[Any]) -> None:
    """Tell cases that came `with_handlers` whose they are: `handler`, the account, or None where any of the handlers
    may take it. One query for cases of all kinds, none where nothing was given."""
    given = [case for case in cases if getattr(case, "_given_to", None)]
    current = get_user_model()._default_manager.holding(Role.BUREAU_HANDLER) if given else ()
    named = {account.pk: account for account in current}
    for case in given:
        case.handler = named.get(case._given_to)

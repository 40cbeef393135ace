"""Whom to tell: the accounts behind a unit or a role."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from luojiang_ce.access.roles import Role
from units.models import Account
from units.models.account import AccountQuerySet, Assignment


def clerks_of(unit_id: int) -> AccountQuerySet:
    """The clerks of a unit today."""
    return clerks_of_units([unit_id])


def clerks_of_units(unit_ids: Any) -> AccountQuerySet:
    """The clerks of these units today; ids, or a query for them."""
    current = Assignment.objects.current().filter(role=Role.UNIT_CLERK, unit__in=unit_ids)
    rows: AccountQuerySet = Account.objects.filter(is_active=True, pk__in=current.values("account"))
    return rows


def clerks_by_unit(unit_ids: Iterable[int]) -> dict[int, list[Account]]:
    """The clerks of these units today, by unit. One query."""
    current = Assignment.objects.current().filter(role=Role.UNIT_CLERK, unit__in=unit_ids, account__is_active=True)
    found: dict[int, list[Account]] = {}
    for row in current.select_related("account"):
        found.setdefault(row.unit_id, []).append(row.account)
    return found


def handlers() -> AccountQuerySet:
    """The bureau's handlers today."""
    return _holding(Role.BUREAU_HANDLER)


def approvers() -> AccountQuerySet:
    """The bureau's approvers today."""
    return _holding(Role.BUREAU_APPROVER)


def _holding(role: Role) -> AccountQuerySet:
    rows: AccountQuerySet = Account.objects.holding(role)
    return rows

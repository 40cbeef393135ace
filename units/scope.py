"""Whose rows an account sees, as a condition on the unit: the one answer that every `visible_to` starts from.

`reading` is what the rows are: who sees the whole district sees of it only what he reads at all. It is people's records
unless somebody says otherwise.
"""

from __future__ import annotations

from django.db.models import Q

from luojiang_ce.access.capabilities import READ_DISTRICT, READ_PEOPLE, READ_SYSTEM, Capability, roles_with
from luojiang_ce.access.roles import Actor, Role

NOBODY = Q(pk__in=[])


def sees_district(account: Actor, reading: Capability = READ_PEOPLE) -> bool:
    """Bureau staff, its seal keeper, and the audit officer (who only reads) see every unit."""
    keeps_its_seal = account.unit_ids(Role.SEAL_KEEPER, of_bureau=True)
    return account.holds(*roles_with(READ_DISTRICT, reading)) or bool(keeps_its_seal)


def sees_many_units(account: Actor) -> bool:
    """Does a list need the unit beside each row, and a choice of units?"""
    return (
        sees_district(account, READ_DISTRICT)
        or account.holds(*READ_SYSTEM.roles)
        or len(account.unit_ids(Role.UNIT_CLERK)) > 1
    )


def unit_scope(account: Actor, field: str = "unit", reading: Capability = READ_PEOPLE) -> Q:
    """A condition on `field` (a path to a unit): own unit for clerks, the system for reviewers, all for the bureau."""
    if sees_district(account, reading):
        return Q()
    own = account.unit_ids(Role.UNIT_CLERK)
    systems = account.unit_ids(*READ_SYSTEM.roles)
    condition = Q(**{f"{field}__in": own}) if own else NOBODY
    if systems:
        supervisor = "supervisor" if field == "pk" else f"{field}__supervisor"
        condition |= Q(**{f"{supervisor}__in": systems})
    return condition


def case_scope(account: Actor, reading: Capability = READ_PEOPLE) -> Q:
    """A condition for cases: a unit's own cases always, other units' only once they were submitted."""
    own = account.unit_ids(Role.UNIT_CLERK)
    mine = Q(unit__in=own) if own else NOBODY
    return mine | (unit_scope(account, reading=reading) & Q(first_submitted_at__isnull=False))

"""Whose rows an account sees, as a condition on the unit: the one answer that every `visible_to` starts from."""

from __future__ import annotations

from django.db.models import Q

from luojiang_ce.access.roles import OFFICERS, Actor, Role

DISTRICT_WIDE = (Role.BUREAU_HANDLER, Role.BUREAU_APPROVER, Role.AUDIT_ADMIN)
REVIEWERS = (Role.HEALTH_REVIEWER, Role.EDUCATION_REVIEWER)
NOBODY = Q(pk__in=[])


def sees_district(account: Actor) -> bool:
    """Bureau staff, its seal keeper, and the audit officer (who only reads) see every unit."""
    return account.holds(*DISTRICT_WIDE) or bool(account.unit_ids(Role.SEAL_KEEPER, of_bureau=True))


def sees_many_units(account: Actor) -> bool:
    """Does a list need the unit beside each row, and a choice of units?"""
    return (
        sees_district(account)
        or account.holds(*REVIEWERS, Role.SEAL_KEEPER)
        or len(account.unit_ids(Role.UNIT_CLERK)) > 1
    )


def unit_scope(account: Actor, field: str = "unit", *, officers: bool = False) -> Q:
    """A condition on `field` (a path to a unit): own unit for clerks, the system for reviewers, all for the bureau.

    `officers`: may the other officers see these rows too (units and accounts, never people's records)?
    """
    if sees_district(account) or (officers and account.holds(*OFFICERS)):
        return Q()
    own = account.unit_ids(Role.UNIT_CLERK)
    systems = account.unit_ids(*REVIEWERS, Role.SEAL_KEEPER)
    condition = Q(**{f"{field}__in": own}) if own else NOBODY
    if systems:
        supervisor = "supervisor" if field == "pk" else f"{field}__supervisor"
        condition |= Q(**{f"{supervisor}__in": systems})
    return condition


def case_scope(account: Actor, field: str = "unit") -> Q:
    """A condition for cases: a unit's own cases always, other units' only once they were submitted."""
    own = account.unit_ids(Role.UNIT_CLERK)
    mine = Q(**{f"{field}__in": own}) if own else NOBODY
    return mine | (unit_scope(account, field) & Q(first_submitted_at__isnull=False))

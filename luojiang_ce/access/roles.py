"""The roles of the procedure. A role is held by assignment (account, role, unit, from, to)."""

from __future__ import annotations

from typing import Protocol

from django.db import models


class Role(models.TextChoices):
    UNIT_CLERK = "unit_clerk", "单位专办员"
    HEALTH_REVIEWER = "health_reviewer", "卫健局初审"
    EDUCATION_REVIEWER = "education_reviewer", "教育局审核"
    CONSENT_OFFICER = "consent_officer", "会签单位"
    BUREAU_HANDLER = "bureau_handler", "促进就业和培训股 经办"
    BUREAU_APPROVER = "bureau_approver", "区人社局 审批"
    SEAL_KEEPER = "seal_keeper", "监印人"
    INSPECTOR = "inspector", "监督检查人员"
    SYSTEM_ADMIN = "system_admin", "系统管理员"
    SECURITY_ADMIN = "security_admin", "安全管理员"
    AUDIT_ADMIN = "audit_admin", "审计管理员"


# domain.md §6 (等保2.0): three officers kept apart, no person holds two.
OFFICERS = (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN)


def reach_of(actor: Actor) -> dict[str, list[int]]:
    """What an actor may do today as plain data: units by role. It tells whether rights have changed since."""
    return {role.value: sorted(actor.unit_ids(role)) for role in Role if actor.holds(role)}


class Actor(Protocol):
    """Whoever acts: an account, or the system itself (workflow.SYSTEM)."""

    @property
    def pk(self) -> int | None:
        """The account's id; None for the system."""
        ...

    def holds(self, *roles: Role) -> bool:
        """Does the actor hold one of these roles today?"""
        ...

    def unit_ids(self, *roles: Role, of_bureau: bool = False) -> frozenset[int]:
        """Ids of the units for which the actor holds one of these roles today; `of_bureau`: only the bureau's own."""
        ...

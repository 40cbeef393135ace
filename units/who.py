"""Who may act on a case that has a `unit`: the words that every workflow table uses."""

from __future__ import annotations

from typing import Any

from luojiang_ce.access.capabilities import DO_BUREAU_WORK
from luojiang_ce.access.roles import Actor, Role
from luojiang_ce.workflow.table import Who


def holds(label: str, *roles: Role) -> Who:
    """Anyone who holds one of these roles, whatever the unit."""
    return Who(label, roles, lambda actor, case: actor.holds(*roles))


def _is_clerk_of(actor: Actor, case: Any) -> bool:
    return case.unit_id in actor.unit_ids(Role.UNIT_CLERK)


def _reviews(role: Role) -> Any:
    return lambda actor, case: case.unit.supervisor_id in actor.unit_ids(role)


# notice 二(三)1: no individuals; the unit's designated person files.
FILER = Who("申报单位专办员", (Role.UNIT_CLERK,), _is_clerk_of)
HANDLER = holds("区人社局经办", Role.BUREAU_HANDLER)
APPROVER = holds("区人社局审批", Role.BUREAU_APPROVER)
BUREAU = holds("区人社局", *DO_BUREAU_WORK.roles)
SECURITY_OFFICER = holds("安全管理员", Role.SECURITY_ADMIN)
SEAL_KEEPER = holds("监印人", Role.SEAL_KEEPER)
HEALTH_REVIEWER = Who("卫健局初审", (Role.HEALTH_REVIEWER,), _reviews(Role.HEALTH_REVIEWER))
EDUCATION_REVIEWER = Who("教育局审核", (Role.EDUCATION_REVIEWER,), _reviews(Role.EDUCATION_REVIEWER))
NOBODY = Who("系统", (), lambda actor, case: False)

"""The first accounts of a fresh system, when nobody is there yet who could appoint anybody.

Accounts are made by the system officer, roles assigned by the security officer, and no person is both (domain.md §6).
So whoever has the server's shell makes both at once, for two persons; everybody else, the audit officer first, is then
appointed inside, on record. When one of the two offices has no active holder any more (locked out for good), the same
way fills that one again. Nothing here changes accounts that exist.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from luojiang_ce import clock
from luojiang_ce.access import Role
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.engine import SYSTEM
from units.models import Account, Unit
from units.seals import load_bureau_seals
from units.services.accounts import KEY_OFFICERS, Opened, create_account
from units.services.problems import Problems
from units.services.roles import assign_role
from units.services.units import create_unit

BUREAU_NAME = "泉州市洛江区人力资源和社会保障局"
BUREAU_CODE = "LJHR"


@dataclass(frozen=True)
class FirstOfficer:
    """Who becomes an officer; without a password a one-time one is made."""

    username: str
    name: str
    password: str = ""


def missing_offices() -> list[Role]:
    """Which of system and security officer nobody holds."""
    return [role for role in KEY_OFFICERS if not Account.objects.holding(role).exists()]


def set_up(
    *, officers: Mapping[Role, FirstOfficer], bureau_name: str = BUREAU_NAME, bureau_code: str = BUREAU_CODE
) -> list[Opened]:
    """Make the bureau with its seals, if there is none, and the officers who are missing; all or nothing.

    Raises NotPossible, its fields named after the office (`system_admin.username`).
    """
    problems = Problems()
    problems.add_if(not missing_offices(), "", "系统已初始化：系统管理员和安全管理员都有人担任，未做任何改动")
    two = "系统管理员和安全管理员须是两个人，姓名不能相同；确系同名的，请在姓名后加注区别"
    problems.add_if(
        len({Account(name=officer.name).person_key for officer in officers.values()}) < len(officers), "", two
    )
    problems.raise_any()
    with transaction.atomic():
        bureau = _bureau(bureau_name, bureau_code)
        load_bureau_seals()
        return [_appoint(role, officer, bureau) for role, officer in officers.items()]


def _bureau(name: str, code: str) -> Unit:
    found = Unit.objects.bureau()
    return found or create_unit(
        actor=SYSTEM, code=code, name=name, nature=Unit.Nature.DISTRICT, is_authority=True, is_bureau=True
    )


def _appoint(role: Role, officer: FirstOfficer, bureau: Unit) -> Opened:
    try:
        _check_password(officer)
        opened = create_account(username=officer.username, name=officer.name, password=officer.password, actor=SYSTEM)
        assign_role(account=opened.account, role=role, unit=bureau, valid_from=clock.today(), actor=SYSTEM)
    except NotPossible as wrong:
        raise NotPossible(**{f"{role.value}.{field}": texts for field, texts in wrong.by_field.items()}) from wrong
    return opened


def _check_password(officer: FirstOfficer) -> None:
    if not officer.password:
        return
    try:
        validate_password(officer.password, Account(username=officer.username, name=officer.name))
    except ValidationError as weak:
        raise NotPossible(password=weak.messages) from weak

"""Which roles go together and which unit each belongs to: 等保2.0's three officers kept apart (domain.md §6)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.conf import settings
from django.db.models import Q

from luojiang_ce import clock
from luojiang_ce.access import OFFICERS, Actor, Role, is_same_person, keys_of
from luojiang_ce.workflow.engine import as_namesake
from units.models import Account, Assignment, Unit

BUREAU_ROLES = (*OFFICERS, Role.BUREAU_HANDLER, Role.BUREAU_APPROVER, Role.INSPECTOR)
AUTHORITY_ROLES = (Role.HEALTH_REVIEWER, Role.EDUCATION_REVIEWER, Role.SEAL_KEEPER)

NEEDS_SECOND = "涉及管理员的角色、密码和联系方式，须由另一位管理员确认后生效"
SIDES = (Role.BUREAU_HANDLER, Role.BUREAU_APPROVER)


def misplaced(role: str, unit: Unit) -> str | None:
    """Why this role cannot be held for this unit, or None."""
    label = Role(role).label
    if unit.status != Unit.Status.ACTIVE:
        return f"“{unit.name}”{unit.get_status_display()}，不能任命角色"
    if role in BUREAU_ROLES and not unit.is_bureau:
        return f"“{label}”只能由区人社局的人担任，请把单位改为区人社局"
    if role in AUTHORITY_ROLES and not (unit.is_bureau or unit.is_authority):
        return f"“{label}”只能为业务主管部门或区人社局设置，请另选单位"
    return None


def together(role: str, unit: Unit, held: Iterable[Assignment], account: Account) -> Iterator[str]:
    """Why this account cannot hold the role for the unit besides what its person holds, with whatever account."""
    by_account: dict[Account, list[Assignment]] = {}
    for each in held:
        by_account.setdefault(each.account, []).append(each)
    for holder, rows in by_account.items():
        for reason in (both_sides(role, unit, rows), incompatible(role, [each.role for each in rows])):
            if reason:
                yield reason + as_namesake(holder, account)


def is_own(account: Account, actor: Actor, said: str) -> str:
    """`said`, where the account is the actor's own or another one of the same person; else nothing."""
    return said + as_namesake(account, actor) if is_same_person(account, actor) else ""


def is_officer(account: Account) -> bool:
    """Does the account hold one of the three offices, now or from a later day on?"""
    rows = account.assignments.filter(role__in=OFFICERS, stopped_at=None)
    return rows.filter(Q(valid_to=None) | Q(valid_to__gte=clock.today())).exists()


def needs_second(actor: Actor, *accounts: Account, role: str = "") -> bool:
    """Is what is to be done so much that one officer does not do it alone: an office, or an officer's account?

    The system itself acts for whoever has the server's shell; a bureau of one pair of eyes has no second.
    """
    if not settings.FOUR_EYES or actor.pk is None:
        return False
    return role in OFFICERS or any(is_officer(account) for account in accounts)


def why_no_second(second: Actor | None, *persons: Actor) -> str:
    """Why this is no second officer for what one of these persons does to the others; empty if it is one."""
    if second is None:
        return NEEDS_SECOND
    if not second.holds(*OFFICERS) or second.person_keys & keys_of(persons):
        return "确认的须是另一位管理员，不能是申请人，也不能是所涉及的人"
    return ""


def both_sides(role: str, unit: Unit, held: Iterable[Assignment]) -> str | None:
    """Why somebody with these assignments cannot hold this role for the unit too, or None.

    Who checks a case does not decide it, so nobody is handler and approver of one unit at a time.
    """
    if not settings.FOUR_EYES or role not in SIDES:
        return None
    other = next((each for each in held if each.unit_id == unit.pk and each.role in SIDES and each.role != role), None)
    if other is None:
        return None
    return f"此人在这段时间是“{unit.name}”的{other.get_role_display()}；经办与审批须为两人，请先结束该角色或另选账号"


def incompatible(role: str, held: Iterable[str]) -> str | None:
    """Why somebody who holds these roles cannot also hold this one, or None.

    No person holds two of the three officers. An officer does no business either: the system and the security officer
    must not see people's records, and the auditor must not audit acts of his own.
    """
    others = {Role(other) for other in held if other != role}
    officers = sorted(other.label for other in others if other in OFFICERS)
    if role in OFFICERS and officers:
        return f"此人已担任{'、'.join(officers)}；三员须由三个人分别担任，请另选账号"
    if role in OFFICERS and others:
        labels = "、".join(sorted(other.label for other in others))
        return f"此人还担任{labels}；三员不得兼办业务，请先结束业务角色或另选账号"
    if officers:
        return f"此人担任{'、'.join(officers)}，三员不得兼办业务，请另选账号"
    return None

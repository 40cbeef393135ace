"""Who may act for a unit, and whose rows an account sees: the words of every workflow table and every `visible_to`.

The models ask this file who sees them, so it knows none of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q

from luojiang_ce import clock
from luojiang_ce.access import (
    DO_BUREAU_WORK,
    READ_DISTRICT,
    READ_PEOPLE,
    READ_SYSTEM,
    Actor,
    Capability,
    Role,
    roles_with,
)
from luojiang_ce.workdays.text import full
from luojiang_ce.workflow.case_kind import Context, Who
from luojiang_ce.workflow.events import history

if TYPE_CHECKING:
    from units.models import Unit

NO_ROWS = Q(pk__in=[])
SUSPENDED = "suspended"  # name of the event on the unit; its note is the reason


# --- who may act on a case that has a `unit` --------------------------------------------------------------------------


def holds(label: str, *roles: Role) -> Who:
    """Anyone who holds one of these roles, whatever the unit."""
    return Who(label, roles, lambda actor, case: actor.holds(*roles))


def _is_clerk_of(actor: Actor, case: Any) -> bool:
    return case.unit_id in actor.unit_ids(Role.UNIT_CLERK)


# notice 二(三)1: no individuals; the unit's designated person files.
FILER = Who("申报单位专办员", (Role.UNIT_CLERK,), _is_clerk_of)
HANDLER = holds("区人社局经办", Role.BUREAU_HANDLER)
APPROVER = holds("区人社局审批", Role.BUREAU_APPROVER)
BUREAU = holds("区人社局", *DO_BUREAU_WORK.roles)
SEAL_KEEPER = holds("监印人", Role.SEAL_KEEPER)
SECURITY_OFFICER = holds("安全管理员", Role.SECURITY_ADMIN)
NOBODY = Who("系统", (), lambda actor, case: False)


def applicant(label: str) -> Who:
    """The clerk of the unit that asks for a case, where the bureau did not propose it itself (`by_bureau`)."""
    return Who(label, (Role.UNIT_CLERK,), lambda actor, case: not case.by_bureau and _is_clerk_of(actor, case))


# The handler who proposes a case for a unit that has not asked for it.
PROPOSER = Who(
    "区人社局经办", (Role.BUREAU_HANDLER,), lambda actor, case: case.by_bureau and actor.holds(Role.BUREAU_HANDLER)
)


def must_file_for(unit_id: int | None, actor: Actor) -> None:
    """Raise PermissionDenied (403) unless the actor is the clerk of this unit today (notice 三1: 指定专人负责).

    An account may hold several roles, for several units, and a role may have ended: the unit is never guessed from the
    account. A form asks for it (`units.forms.own_unit`), and the service that writes checks it once more, here.
    """
    if unit_id not in actor.unit_ids(Role.UNIT_CLERK):
        raise PermissionDenied(f"account {actor.pk} does not file for unit {unit_id}")


# --- what a suspended unit may not do: file anything, until the bureau resumes it (product.md U1) ---------------------
# Looking, drafting, taking back and giving up stay possible, and so do the acts of those who decide on what was filed
# before.


def not_suspended(context: Context) -> str | None:
    """Guard of every transition: names the suspension, its reason, and whom to ask."""
    if not context.transition.files:
        return None
    refused = why_suspended(context.case.unit, context.transition.label)
    return f"{refused}。已填的内容会保留" if refused else None


def why_suspended(unit: Unit, act: str) -> str | None:
    """Why the unit cannot do this now (verb and object, as on the button); None unless it is suspended."""
    if unit.status != unit.Status.SUSPENDED:
        return None
    event = history(unit).filter(name=SUSPENDED).first()
    note = getattr(event, "note_row", None)
    since = f"{full(clock.local(event.at))} 起，理由：{note.text if note else '未登记'}" if event else "理由未登记"
    return f"{unit.name}已被暂停（{since}），暂停期间不能{act}；如需恢复请联系区人社局促进就业和培训股"


# --- whose rows an account sees, as a condition on the unit -----------------------------------------------------------
# `reading` is what the rows are: who sees the whole district sees of it only what he reads at all. It is people's
# records unless somebody says otherwise.


def sees_district(account: Actor, reading: Capability = READ_PEOPLE) -> bool:
    """Bureau staff, its seal keeper, and the audit officer (who only reads) see every unit."""
    keeps_its_seal = account.unit_ids(Role.SEAL_KEEPER, of_bureau=True)
    return account.holds(*roles_with(READ_DISTRICT, reading)) or bool(keeps_its_seal)


def sees_many_units(account: Actor) -> bool:
    """Does a list need the unit beside each row, and a choice of units?"""
    if sees_district(account, READ_DISTRICT) or account.holds(*READ_SYSTEM.roles):
        return True
    return account.files_for_others or len(account.unit_ids(Role.UNIT_CLERK)) > 1


def without_a_clerk() -> Q:
    """A condition on units: medical ones without a clerk, for which the unit that supervises them files everybody
    (notice 二(一)卫生, 二(三)1)."""
    current = apps.get_model("units", "Assignment").objects.current()
    clerks = current.filter(role__in=FILER.roles, account__is_active=True, unit=OuterRef("pk"))
    return Q(~Exists(clerks), nature="medical", supervisor__isnull=False)


def left_to(unit_ids: Any) -> Any:
    """The units without a clerk that are left to these (ids, or a query for them), which file everybody of them."""
    units = apps.get_model("units", "Unit").objects
    return units.filter(without_a_clerk(), supervisor__in=unit_ids)


def unit_scope(account: Actor, field: str = "unit", reading: Capability = READ_PEOPLE) -> Q:
    """A condition on `field` (a path to a unit): for clerks the own unit and those that are left to it, the system for
    reviewers, all for the bureau."""
    if sees_district(account, reading):
        return Q()
    own = account.unit_ids(Role.UNIT_CLERK)
    systems = account.unit_ids(*READ_SYSTEM.roles)
    condition = Q(**{f"{field}__in": own}) if own else NO_ROWS
    if account.files_for_others:
        condition |= Q(**{f"{field}__in": left_to(own).values("pk")})
    if systems:
        supervisor = "supervisor" if field == "pk" else f"{field}__supervisor"
        condition |= Q(**{f"{supervisor}__in": systems})
    return condition


def supervised_scope(account: Actor) -> Q:
    """A condition for cases that name nobody: what units of the own system have filed, for the authority's clerks."""
    own = account.unit_ids(Role.UNIT_CLERK)
    return Q(unit__supervisor__in=own, first_submitted_at__isnull=False) if own else NO_ROWS


def case_scope(account: Actor, reading: Capability = READ_PEOPLE) -> Q:
    """A condition for cases: a unit's own cases always, other units' only once they were submitted."""
    own = account.unit_ids(Role.UNIT_CLERK)
    mine = Q(unit__in=own) if own else NO_ROWS
    return mine | (unit_scope(account, reading=reading) & Q(first_submitted_at__isnull=False))

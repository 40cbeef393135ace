"""Whom to tell: the accounts behind a unit or a role."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.urls import reverse

from luojiang_ce.access import Actor, Role
from luojiang_ce.deadlines.owed import Owed
from luojiang_ce.notices.models import Kind
from luojiang_ce.notices.services import notify
from luojiang_ce.workflow.case_kind import Context
from luojiang_ce.workflow.models import Event
from units.models import Account, Unit
from units.models.account import AccountQuerySet, Assignment


def clerks_of(unit_id: int) -> AccountQuerySet:
    """The clerks of a unit today (notice 三1: 指定专人负责)."""
    return clerks_of_units([unit_id])


def clerks_of_units(unit_ids: Any) -> AccountQuerySet:
    """The clerks of these units today; ids, or a query for them."""
    current = Assignment.objects.current().filter(role=Role.UNIT_CLERK, unit__in=unit_ids)
    rows: AccountQuerySet = Account.objects.filter(is_active=True, pk__in=current.values("account"))
    return rows


def whose_turn(owed: Sequence[Owed]) -> list[list[Account]]:
    """For each of these whose turn it is: the accounts that may do it today. Three queries."""
    roles = {role for each in owed for role in each.turn.who.roles}
    everybody: list[Account] = list(Account.objects.holding(*roles).with_roles())
    clerks: dict[int, list[Account]] = defaultdict(list)
    others = [account for account in everybody if account.holds(*(roles - {Role.UNIT_CLERK}))]
    for account in everybody:
        for unit_id in account.unit_ids(Role.UNIT_CLERK):
            clerks[unit_id].append(account)
    return [
        [account for account in (_among(clerks, each) if each.of_unit else others) if each.is_owed_by(account)]
        for each in owed
    ]


def _among(clerks: Mapping[int, list[Account]], owed: Owed) -> dict[Account, None]:
    """The clerks of the unit that owes it, and of the one that has filed for it where that is another."""
    units = (owed.unit_id, getattr(owed.about, "filing_unit_id", None))
    return dict.fromkeys(account for unit in units for account in clerks.get(unit or 0, ()))


def handlers() -> AccountQuerySet:
    """The bureau's handlers today."""
    rows: AccountQuerySet = Account.objects.holding(Role.BUREAU_HANDLER)
    return rows


def handlers_and_authority(case: Any) -> list[Account]:
    """Who hears that a unit has filed a plan or a class: the handlers, and its authority, which may give an opinion."""
    supervisor = case.unit.supervisor_id
    return [*handlers(), *(clerks_of(supervisor) if supervisor else ())]


def approvers() -> AccountQuerySet:
    """The bureau's approvers today."""
    rows: AccountQuerySet = Account.objects.holding(Role.BUREAU_APPROVER)
    return rows


def holders_at(unit: Unit | None, *roles: Role) -> AccountQuerySet:
    """Who holds one of these roles for this unit today; nobody where there is no unit."""
    rows: AccountQuerySet = Account.objects.holding(*roles, unit=unit) if unit else Account.objects.none()
    return rows


def tell(people: Iterable[Actor], title: str, context: Context, *, text: str = "", linked: bool = True) -> None:
    """One notice to each about the case of a transition, in its transaction; `text` is the note typed with it where
    left out. `linked`: may they open the case?"""
    case = context.case
    key = f"{case._meta.model_name}-{case.pk}-{context.transition.name}-{context.now.isoformat()}"
    notify(people, title, key=key, text=text or context.note, case=case if linked else None)


def tell_watchers(account: Account, event: Event, what: str) -> None:
    """Acts of one officer are seen by others (等保2.0: 三员互相制约): the account's holder, and the audit officers.

    One officer can give a role, end one, or set a new password alone; none of it goes by unseen. `what`: what was done.
    """
    when, text, own_page = f"officer-{event.uid}", "不是您预期的，请马上告知审计管理员", reverse("home:account")
    notify([account], f"您的账号{what}", key=when, text=text, url=own_page, kind=Kind.ACCOUNT)
    auditors = Account.objects.holding(Role.AUDIT_ADMIN).exclude(pk=account.pk)
    notify(auditors, f"账号 {account.username} {what}", key=f"{when}-audit", case=account, kind=Kind.ACCOUNT)

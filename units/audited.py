"""Roles and passwords against the events that gave them: who holds an office that nobody appointed, whose password was
set in the database."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from luojiang_ce import clock
from luojiang_ce.id_shapes import mask_ids
from luojiang_ce.workflow.audited import Compared
from luojiang_ce.workflow.chain import Done, batches
from luojiang_ce.workflow.events import canonical, digest
from luojiang_ce.workflow.models import Event
from units.models import Account, Assignment

HELD = "roles_held"  # an event of the upgrade: roles that no event gave, passwords of which none says
ACCOUNTS = "units.account"
SET = ("account_created", "password_reset", "password_changed", "password_rehashed")
SHUT, OPENED = "account_disabled", "account_enabled"
ASSIGNED, ENDED, HANDED_OVER = "role_assigned", "role_ended", "role_handed_over"
_BATCH = 500


def hold_older(apps: Any) -> None:
    """Say in one event what older ones lack; `apps`: the models of then. Nothing in a new database."""
    account, assignment, event = (
        *(apps.get_model("units", name) for name in ("Account", "Assignment")),
        apps.get_model("workflow", "Event"),
    )
    given = event.objects.filter(case_type=ACCOUNTS, name=ASSIGNED).values_list("data__assignment", flat=True)
    known = set(given)
    roles = [_given(row) for row in assignment.objects.order_by("pk") if row.pk not in known]
    passwords = {str(pk): _noted(password) for pk, password in account.objects.values_list("pk", "password")}
    if not passwords:
        return
    held = event(
        uid=uuid.uuid4(),
        case_type=ACCOUNTS,
        case_id=0,
        name=HELD,
        at=clock.now(),
        data={"roles": roles, "passwords": passwords},
    )
    held.hmac = digest(canonical(held))
    held.save()


def _noted(password: str) -> str:
    """A hash of a password as events hold it: nothing in them looks like an ID number, not even by chance."""
    return mask_ids(digest(password))


def _given(row: Any) -> dict[str, Any]:
    """A role as the event that gives it says it, and to whom."""
    to = row.valid_to.isoformat() if row.valid_to else None
    facts = {"assignment": row.pk, "role": row.role, "unit": row.unit_id, "from": row.valid_from.isoformat(), "to": to}
    return {"account": row.account_id, **facts}


def _held(key: str) -> Any:
    data = Event.objects.filter(case_type=ACCOUNTS, case_id=0, name=HELD).values_list("data", flat=True).first()
    return data[key] if data else {}


# --- passwords --------------------------------------------------------------------------------------------------------


def _check_passwords(done: Done) -> Iterator[str]:
    before = _held("passwords")
    for accounts in batches(Account.objects.order_by("pk").iterator(_BATCH), _BATCH):
        told = _events_of(accounts, (*SET, SHUT, OPENED))
        for account in accounts:
            yield from _check_account(account, told[account.pk], before.get(str(account.pk), ""))
        done(len(accounts))


def _check_account(account: Account, told: list[tuple[str, Any]], known: str) -> Iterator[str]:
    place = f"账号 {account.username}（{account.pk}）"
    if not known and not any(name in SET for name, _ in told):
        yield f"{place}没有建立的记录：被插入"
        return
    is_open = True
    for name, data in told:
        is_open = name == OPENED or (is_open and name != SHUT)
        if data.get("replaced", known) == known:  # a hash made anew goes on from the one that is on record
            known = data.get("password", known)
    if known and known != _noted(account.password):
        yield f"{place}的密码不是记录里设的那个：被改动"
    if is_open != account.is_active:
        yield f"{place}是否启用与记录不符：被改动"


def _events_of(accounts: Iterable[Account], names: Iterable[str]) -> Mapping[int, list[tuple[str, Any]]]:
    found: dict[int, list[tuple[str, Any]]] = defaultdict(list)
    pks = [account.pk for account in accounts]
    rows = Event.objects.filter(case_type=ACCOUNTS, case_id__in=pks, name__in=list(names)).order_by("pk")
    for pk, name, data in rows.values_list("case_id", "name", "data"):
        found[pk].append((name, data))
    return found


# --- roles ------------------------------------------------------------------------------------------------------------


def _check_roles(done: Done) -> Iterator[str]:
    """By account, because its events say which roles it was given."""
    for accounts in batches(Account.objects.order_by("pk").iterator(_BATCH), _BATCH):
        told = _events_of(accounts, (ASSIGNED, ENDED, HANDED_OVER))
        roles: dict[int, list[Assignment]] = defaultdict(list)
        for row in Assignment.objects.filter(account__in=accounts).select_related("account").order_by("pk"):
            roles[row.account_id].append(row)
        before = {each["assignment"]: each for each in _held("roles") or ()}
        for account in accounts:
            yield from _check_roles_of(account, roles[account.pk], told[account.pk], before)
            done(len(roles[account.pk]))


def _check_roles_of(
    account: Account, roles: list[Assignment], told: list[tuple[str, Any]], before: Mapping[int, Any]
) -> Iterator[str]:
    given = {pk: each for pk, each in before.items() if each["account"] == account.pk}
    given |= {data.get("assignment"): {"to": None, **data} for name, data in told if name == ASSIGNED}
    ends = {data.get("assignment"): data for name, data in told if name in (ENDED, HANDED_OVER)}
    for row in roles:
        place = f"{row.pk}（{account.username}，{row.get_role_display()}）"
        if row.pk not in given:
            yield f"{place}没有任命的记录：被插入，或改到了这个账号名下"
        elif any(_given(row)[key] != given[row.pk].get(key) for key in ("role", "unit", "from")):
            yield f"{place}的角色、单位或起始日期与任命的记录不符：被改动"
        elif not _ends_as_told(row, given[row.pk], ends.get(row.pk)):
            yield f"{place}的终止日期与记录不符：被改动"
    for pk in given.keys() - {row.pk for row in roles}:
        yield f"{pk}（{account.username}）不在了：被删除"


def _ends_as_told(row: Assignment, given: Mapping[str, Any], end: Mapping[str, Any] | None) -> bool:
    if end is None:
        return (row.valid_to.isoformat() if row.valid_to else None) == given["to"] and row.stopped_at is None
    if "on" in end:  # handed over: held until the day before, or at once on the day itself
        on = date.fromisoformat(end["on"])
        return row.valid_to == (on if row.stopped_at else on - timedelta(days=1))
    return row.valid_to == date.fromisoformat(end["last_day"]) and (row.stopped_at is not None) == end["at_once"]


PASSWORDS = Compared("账号和密码", Account.objects.count, _check_passwords)
ROLES = Compared("角色", Assignment.objects.count, _check_roles)

"""Who holds which role from when to when: assigning, ending, handing over. Acts of the security officer."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import transaction
from django.db.models import Q

from luojiang_ce import clock
from luojiang_ce.access import Actor, Role
from luojiang_ce.locks import Lock, hold
from luojiang_ce.versions import Standing
from luojiang_ce.workdays.text import full
from luojiang_ce.workflow.events import history, record
from units.models import Account, Assignment, Unit
from units.notify import tell_watchers
from units.separation import is_own, misplaced, together
from units.services.accounts import by_second, check_officers_remain, check_second
from units.services.problems import Problems

DAY = timedelta(days=1)


def assign_role(
    *,
    account: Account,
    role: str,
    unit: Unit,
    valid_from: date,
    actor: Actor,
    valid_to: date | None = None,
    second: Actor | None = None,
) -> Assignment:
    """Give an account a role for a unit, from a day to a day (both included). An office, or what an officer gets, needs
    a `second` officer who agrees.

    Raises NotPossible: nobody gives himself a role, no person holds two of the three officers, an officer does
    no business, bureau roles belong to the bureau.
    """
    with transaction.atomic():
        hold(Lock.ROLES)
        locked = Account.objects.select_for_update().get(pk=account.pk)
        problems = Problems()
        own = is_own(locked, actor, "不能给自己任命角色，请由另一位安全管理员办理")
        problems.add_if(own, "role", own)
        problems.add_if(valid_to and valid_to < valid_from, "valid_to", "终止日期早于起始日期，请核对")
        _check_eligible(locked, role, unit, valid_from, valid_to, problems, "role")
        check_second(second, actor, locked, problems=problems, field="role", role=role)
        problems.raise_any()
        return _assign(locked, role, unit, valid_from, valid_to, actor, second)


def last_day_of(assignment: Assignment) -> Standing:
    """The last day of a role as it stands, and who set it."""
    if assignment.valid_to is None:
        return Standing(None)
    ended = history(assignment.account).filter(name="role_ended", data__assignment=assignment.pk).first()
    return Standing(assignment.valid_to, ended.actor if ended else None, ended.at if ended else None)


def end_role(
    *,
    assignment: Assignment,
    actor: Actor,
    reason: str,
    last_day: date | None = None,
    at_once: bool = False,
    version: int | None = None,
    second: Actor | None = None,
) -> None:
    """Let a role end: it is still held on its last day, or not any more from this moment on. An officer's needs a
    `second` officer who agrees. Raises NotPossible, Conflict."""
    last_day = clock.today() if at_once else last_day
    with transaction.atomic():
        hold(Lock.ROLES)
        locked = _lock(assignment)
        last_day_of(locked).must_be(version)
        problems = Problems()
        problems.add_if(not reason.strip(), "reason", "请写明理由，如离岗、调整分工")
        own = is_own(locked.account, actor, "不能结束自己的角色，请由另一位安全管理员办理")
        problems.add_if(own, "last_day", own)
        _check_running(locked, problems, "last_day")
        problems.add_if(last_day is None, "last_day", "请填写最后一天，或勾选“立即停止”")
        held_already = last_day and locked.valid_from <= clock.today() and last_day < locked.valid_from
        problems.add_if(
            held_already,
            "last_day",
            f"不能早于起始日期 {full(locked.valid_from)}：已经担任过的不能抹去；须马上停止的勾选“立即停止”",
        )
        gone_on = clock.today() if at_once or last_day is None else last_day + DAY
        check_officers_remain(Assignment.objects.filter(pk=locked.pk), gone_on, problems, "last_day")
        check_second(second, actor, locked.account, problems=problems, field="last_day")
        problems.raise_any()
        assert last_day is not None
        _end(locked, last_day, at_once=at_once)
        data = {"assignment": locked.pk, "role": locked.role, "last_day": last_day, "at_once": at_once}
        data |= by_second(second)
        event = record(locked.account, "role_ended", actor=actor, note=reason, data=data)
        until = "已立即停止" if at_once else f"到 {full(last_day)} 为止"
        tell_watchers(locked.account, event, f"的角色“{locked.get_role_display()}”{until}")


def hand_over(
    *,
    assignment: Assignment,
    successor: Account,
    on: date,
    actor: Actor,
    reason: str,
    second: Actor | None = None,
) -> Assignment:
    """Give the role to a successor from a day on, and end it the day before, as one act. An office needs a `second`
    officer who agrees. Raises NotPossible.

    One that was given today and is handed over today ends at once.
    """
    with transaction.atomic():
        hold(Lock.ROLES)
        locked = _lock(assignment)
        heir = Account.objects.select_for_update().get(pk=successor.pk)
        problems = Problems()
        problems.add_if(not reason.strip(), "reason", "请写明交接的理由，如岗位调整")
        problems.add_if(heir.pk == locked.account_id, "successor", "接任人与现任是同一账号，请另选")
        own = is_own(heir, actor, "不能把角色交给自己，请由另一位安全管理员办理")
        problems.add_if(own, "successor", own)
        at_once = on == locked.valid_from == clock.today()
        too_early = on <= locked.valid_from and not at_once
        problems.add_if(too_early, "on", f"须晚于现任的起始日期 {full(locked.valid_from)}")
        _check_running(locked, problems, "on")
        _check_eligible(heir, locked.role, locked.unit, on, None, problems, "successor")
        check_second(second, actor, heir, locked.account, problems=problems, field="successor", role=locked.role)
        problems.raise_any()
        _end(locked, on if at_once else on - DAY, at_once=at_once)
        new = _assign(heir, locked.role, locked.unit, on, None, actor, second)
        data = {"assignment": locked.pk, "role": locked.role, "to": new.pk, "on": on} | by_second(second)
        event = record(locked.account, "role_handed_over", actor=actor, note=reason, data=data)
        tell_watchers(locked.account, event, f"的角色“{locked.get_role_display()}”自 {full(on)} 起交给他人")
    return new


def held_in(account: Account, first: date, last: date | None) -> list[Assignment]:
    """The account's roles that run on any day of a span; `last` None means without end."""
    until = Q(valid_to=None) | Q(valid_to__gt=first) | Q(valid_to=first, stopped_at=None)
    rows = account.assignments.filter(until).select_related("account", "unit")
    return list(rows if last is None else rows.filter(valid_from__lte=last))


def _check_eligible(
    account: Account, role: str, unit: Unit, first: date, last: date | None, problems: Problems, field: str
) -> None:
    held = held_in(account, first, last)
    problems.add_if(not account.is_active, field, "账号已停用，请先启用或另选账号")
    same = [a for a in held if a.role == role and a.unit_id == unit.pk]
    problems.add_if(same, field, f"该账号在这段时间已是“{unit.name}”的{Role(role).label}")
    of_person = [*held, *(row for each in Account.objects.of_person(account) for row in held_in(each, first, last))]
    for reason in (misplaced(role, unit), *together(role, unit, of_person, account)):
        problems.add_if(reason, field, reason or "")


def _check_running(assignment: Assignment, problems: Problems, field: str) -> None:
    over = assignment.valid_to is not None and assignment.valid_to < clock.today()
    problems.add_if(over or assignment.stopped_at, field, "这项任命已经结束，请返回账号页面核对")


def _assign(
    account: Account,
    role: str,
    unit: Unit,
    valid_from: date,
    valid_to: date | None,
    actor: Actor,
    second: Actor | None,
) -> Assignment:
    row = Assignment.objects.create(
        account=account, role=role, unit=unit, valid_from=valid_from, valid_to=valid_to, assigned_by_id=actor.pk
    )
    data = {"assignment": row.pk, "role": role, "unit": unit.pk, "from": valid_from, "to": valid_to} | by_second(second)
    said = f"{row.get_role_display()}（{unit}），{full(valid_from)} 起{f'至 {full(valid_to)}' if valid_to else ''}"
    event = record(account, "role_assigned", actor=actor, note=said, data=data)
    tell_watchers(account, event, f"被任命为“{row.get_role_display()}”（{unit.short}）")
    return row


def _end(assignment: Assignment, last_day: date, *, at_once: bool) -> None:
    assignment.valid_to = last_day
    assignment.stopped_at = clock.now() if at_once else None
    assignment.save(update_fields=["valid_to", "stopped_at"])


def _lock(assignment: Assignment) -> Assignment:
    return Assignment.objects.select_for_update().get(pk=assignment.pk)

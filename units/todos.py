"""What this app puts on the start pages (product.md S3)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Exists, OuterRef
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access.roles import Role
from luojiang_ce.home.registry import Todo
from luojiang_ce.workdays.deadlines import Rules
from luojiang_ce.workdays.services import current_rules
from units.models import Account, Assignment, Leave, Unit
from units.services import locked_usernames
from units.who import BUREAU
from units.workflow import LEAVE

S = Leave.State
MOST = 100


def leave_todos(account: Any) -> Iterator[Todo]:
    """Long absences: the clerk's drafts and returns, what the bureau looks at and decides, what waits."""
    if not account.holds(Role.UNIT_CLERK, *BUREAU.roles):
        return
    open_ones = Leave.objects.visible_to(account).filter(state__in=(S.DRAFT, S.RETURNED, S.SUBMITTED))
    rules = current_rules()
    for leave in open_ones.select_related("person", "unit").order_by("starts_on", "pk")[:MOST]:
        yield _leave_todo(leave, account, rules)


def _leave_todo(leave: Leave, account: Any, rules: Rules) -> Todo:
    title = f"{leave.person.name}：{leave.get_reason_display()} {leave.starts_on:%Y-%m-%d} 至 {leave.ends_on:%Y-%m-%d}"
    turn = LEAVE.states[leave.state].turn
    mine = bool(turn and turn.test(account, leave))
    # The bureau answers within its five working days; a unit's draft has no deadline of its own.
    waits = leave.submitted_at if leave.state == S.SUBMITTED and mine else None
    answer = rules.reply(clock.local(waits).date()) if waits else None
    approves = account.holds(Role.BUREAU_APPROVER)
    actions = {S.DRAFT: "补充并提交", S.RETURNED: "补正并重报", S.SUBMITTED: "审批" if approves else "核对材料"}
    return Todo(
        title,
        leave.get_absolute_url(),
        f"{leave.get_state_display()}，{leave.unit.short}",
        due=answer.due if answer else None,
        provisional=bool(answer and answer.provisional),
        waiting_for="" if mine or not turn else turn.label,
        mine=mine,
        action_label=actions[S(leave.state)] if mine else "",
        meaning="soon" if mine and leave.state == S.RETURNED else "",
    )


def officer_todos(account: Any) -> Iterator[Todo]:
    """What the security officer sets right: locked accounts, accounts without a role, units without a clerk."""
    if not account.holds(Role.SECURITY_ADMIN):
        return
    accounts = reverse("accounts:list")
    if locked := Account.objects.filter(is_active=True, username__in=locked_usernames()).count():
        yield Todo(f"{locked} 个账号被锁定", f"{accounts}?state=locked", "连续 5 次密码不对", action_label="核实解锁")
    if not Account.objects.holding(Role.AUDIT_ADMIN).exists():
        yield Todo("还没有审计管理员", accounts, "三员由三个人分别担任", action_label="任命")
    held = Assignment.objects.current().filter(account=OuterRef("pk"))
    if roleless := Account.objects.filter(~Exists(held), is_active=True).count():
        yield Todo(f"{roleless} 个账号还没有角色", f"{accounts}?state=roleless", action_label="任命角色")
    # notice 三1: 指定专人负责
    clerks = Assignment.objects.current().filter(role=Role.UNIT_CLERK, unit=OuterRef("pk"), account__is_active=True)
    bare = Unit.objects.filter(~Exists(clerks), status=Unit.Status.ACTIVE, is_bureau=False).count()
    if bare:
        yield Todo(
            f"{bare} 个单位还没有专办员",
            f"{reverse('units:list')}?clerk=none",
            "通知 三1：指定专人负责",
            action_label="任命专办员",
        )

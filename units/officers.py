"""What the security officer sets right: locked accounts, accounts without a role, units without a clerk."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Exists, OuterRef
from django.urls import reverse

from luojiang_ce.access import Role
from luojiang_ce.deadlines.owed import Asked, Owed, OwedDuty
from luojiang_ce.workflow.case_kind import Turn
from units.access import SECURITY_OFFICER
from units.models import Account, Assignment, Unit
from units.services import locked_usernames


def accounts_to_set_right(asked: Asked) -> Iterator[Owed]:
    """Four counts, four queries."""
    accounts = reverse("accounts:list")
    if locked := Account.objects.filter(is_active=True, username__in=locked_usernames()).count():
        yield _owed("核实解锁", f"{locked} 个账号被锁定", f"{accounts}?state=locked", "连续 5 次密码不对")
    if not Account.objects.holding(Role.AUDIT_ADMIN).exists():
        yield _owed("任命", "还没有审计管理员", accounts, "三员由三个人分别担任")
    held = Assignment.objects.current().filter(account=OuterRef("pk"))
    if roleless := Account.objects.filter(~Exists(held), is_active=True).count():
        yield _owed("任命角色", f"{roleless} 个账号还没有角色", f"{accounts}?state=roleless")
    clerks = Assignment.objects.current().filter(role=Role.UNIT_CLERK, unit=OuterRef("pk"), account__is_active=True)
    if bare := Unit.objects.filter(~Exists(clerks), status=Unit.Status.ACTIVE, is_bureau=False).count():
        url = f"{reverse('units:list')}?clerk=none"
        yield _owed("任命专办员", f"{bare} 个单位还没有专办员", url, "通知 三1：指定专人负责")


def _owed(act: str, title: str, url: str, note: str = "") -> Owed:
    return OwedDuty(Turn(SECURITY_OFFICER, act), None, title, url, note=note)

"""What happens to the second factor of an account goes on record, and its holder is told: he may not have done it."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.urls import reverse

from luojiang_ce.access import Role
from luojiang_ce.notices.services import notify
from luojiang_ce.workflow.events import record
from luojiang_ce.workflow.models import Event

NOT_YOURS = "不是您本人操作的，请马上修改密码并告知审计管理员"


def tell(account: Any, name: str, data: dict[str, Any], what: str, *, audit: bool = False) -> Event:
    """Record it under `name` and tell the account `what` happened to it (您的账号…); with `audit` the auditors too."""
    event = record(account, name, actor=account, data=data)
    key = f"factor-{event.uid}"
    notify([account], f"您的账号{what}", key=key, text=NOT_YOURS, url=reverse("home:own_factor"))
    if audit:
        people: Any = get_user_model()._default_manager
        auditors = people.holding(Role.AUDIT_ADMIN).exclude(pk=account.pk)
        notify(auditors, f"账号 {account.get_username()} {what}", key=f"{key}-audit", case=account)
    return event

"""What the account itself has changed in how it signs in is told to its holder: a thief of an open session would not.
What others do to an account tells units/notify.py. Neither can be refused by mail."""

from __future__ import annotations

from typing import Any

from luojiang_ce.workflow.events import record
from luojiang_ce.workflow.models import Event

from .models import Kind
from .services import notify

NOT_YOURS = "不是您本人操作的，请马上修改密码并告知审计管理员"


def tell_holder(account: Any, name: str, what: str, *, url: str, data: dict[str, Any] | None = None) -> Event:
    """Put on record what the account itself has done, and tell it; `what` goes on after “您的账号”."""
    event = record(account, name, actor=account, data=data)
    notify([account], f"您的账号{what}", key=f"holder-{event.uid}", text=NOT_YOURS, url=url, kind=Kind.ACCOUNT)
    return event

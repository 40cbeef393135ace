"""Acts of one officer are seen by others: the holder of the account, and the audit officers (等保2.0: 三员互相制约).

One officer can give a role, end one, or set a new password alone; none of it goes by unseen.
"""

from __future__ import annotations

from django.urls import reverse

from luojiang_ce.access.roles import Role
from luojiang_ce.notices.services import notify
from luojiang_ce.workflow.models import Event
from units.models import Account


def tell_watchers(account: Account, event: Event, what: str) -> None:
    """A notice to the account's holder and to the audit officers; `what` was done, with the words for the holder."""
    when = f"officer-{event.uid}"
    notify(
        [account], f"您的账号{what}", key=when, text="不是您预期的，请马上告知审计管理员", url=reverse("home:account")
    )
    auditors = Account.objects.holding(Role.AUDIT_ADMIN).exclude(pk=account.pk)
    notify(auditors, f"账号 {account.username} {what}", key=f"{when}-audit", case=account)

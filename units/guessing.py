"""Guessed ID numbers: pages answer with what was typed, and who asks for people of others too often is told of."""

from __future__ import annotations

from datetime import datetime, time

from django.conf import settings
from django.db import transaction

from luojiang_ce import clock
from luojiang_ce.access import Role
from luojiang_ce.notices.services import notify
from luojiang_ce.workflow.events import record
from luojiang_ce.workflow.models import Event
from units.models import Account

MISSED = "ids_missed"


@transaction.atomic
def note_misses(account: Account, where: str, count: int) -> None:
    """Put on record that so many numbers typed by this account led to nobody whom it may know of; `where`: the page.

    Above ID_MISSES_TOLD in a day the security and the audit officers are told, once a day.
    """
    if not count:
        return
    record(account, MISSED, actor=account, data={"where": where, "count": count})
    today = clock.today()
    begins = datetime.combine(today, time(), clock.SHANGHAI)
    events = Event.objects.filter(case_type=account._meta.label_lower, case_id=account.pk, name=MISSED, at__gte=begins)
    total = sum(event.data["count"] for event in events)
    if total > settings.ID_MISSES_TOLD:
        title = f"账号 {account.username} 今天核对不上的证件号码已超过 {settings.ID_MISSES_TOLD} 个"
        officers = Account.objects.holding(Role.SECURITY_ADMIN) | Account.objects.holding(Role.AUDIT_ADMIN)
        text = "可能在试探他人的证件号码，也可能是花名册有误，请核对；每次都记在该账号的操作记录里"
        notify(officers.distinct(), title, key=f"id-misses-{account.pk}-{today}", text=text, case=account)

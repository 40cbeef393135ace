"""What is done to keys and countersignatures is done on the server, by whoever may: it leaves an event in the log that
cannot be changed. Of keys and bodies the audit officers are told: a withdrawn key makes every paper of its years
doubtful. Of a countersignature, which each body gives each day, they are not: among those it would be overlooked."""

from __future__ import annotations

from django.contrib.auth import get_user_model
from django.db import models
from django.urls import reverse

from luojiang_ce.access import Role
from luojiang_ce.notices.services import notify
from luojiang_ce.workflow.engine import SYSTEM
from luojiang_ce.workflow.events import record

EVENTS = {
    "key_rotated": "换用签名密钥",
    "key_withdrawn": "作废签名密钥",
    "witness_registered": "登记会签单位公钥",
    "witness_ended": "停用会签单位公钥",
    "head_cosigned": "收到树根会签",
}
UNTOLD = ("head_cosigned",)


def put_on_record(row: models.Model, event: str, *, note: str) -> None:
    """Write the event of a key or a witness and tell of it, in the caller's transaction."""
    written = record(row, event, actor=SYSTEM, note=note)
    if event in UNTOLD:
        return
    officers = get_user_model()._default_manager.holding(Role.AUDIT_ADMIN)
    notify(officers, EVENTS[event], key=f"{event}-{written.uid}", text=note, url=reverse("audit:events"))

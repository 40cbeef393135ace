"""Heads of the log leave the house: to the audit officers' mail. Health says when what was sealed days ago has not."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db.models import Max
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import Role
from luojiang_ce.notices.models import Delivery, Kind
from luojiang_ce.notices.services import notify
from luojiang_ce.proof.log_heads import SOURCE
from luojiang_ce.proof.models import Cosignature, Leaf
from luojiang_ce.workflow import heads
from luojiang_ce.workflow.models import ChainLink, LogHead
from units.models import Account

KEY = "log-head-"
LEAVE_WITHIN = timedelta(days=2)  # one goes out each day


def mail_head() -> int:
    """Send the head of the log out of the house, to the audit officers: kept there, it shows what was rewritten here.
    Once for each head; returns how many were told."""
    head, start = heads.publish_of_day(), heads.beginning()
    if head is None or start is None:
        return 0
    text = (
        f"链头 {heads.code_of(head)}\n起点 {heads.code_of(start)}\n\n"
        "请把这封邮件存在本系统以外，或把链头打印、抄下备查。核对时把它存成文件，请管服务器的人运行"
        " manage.py check_audit --head 文件：这一环之前的操作记录如被改写、删除，一定查出。"
    )
    officers = Account.objects.holding(Role.AUDIT_ADMIN)
    return notify(
        officers, "操作记录的链头", key=f"{KEY}{head.position}", text=text, url=reverse("audit:events"), kind=Kind.HEAD
    )


def what_stays_in() -> str:
    """For health: that the log's beginning is not set down, or that something was sealed days ago and no head that
    covers it has left; empty where all is well. A demo convinces nobody."""
    start = heads.beginning()
    if settings.DEMO or start is None:  # check_audit tells of a beginning that is gone
        return ""
    said = []
    if not settings.AUDIT_BEGINNING:
        said.append(f"没有设定 AUDIT_BEGINNING，请在设定文件里写上 AUDIT_BEGINNING={heads.code_of(start)} 并重新启动")
    inside = ChainLink.objects.filter(position__gt=max(start.position, _mailed(), _countersigned()))
    first = inside.order_by("position").first()
    if first and first.sealed_at < clock.now() - LEAVE_WITHIN:
        said.append("操作记录的链头两天没有送出本系统，请检查邮件，并给审计管理员登记邮箱，或请其他机构会签")
    return "；".join(said)


def is_left_out() -> str:
    """For health: why none leaves here; empty where they do."""
    return "演示不送出" if settings.DEMO else ""


def _mailed() -> int:
    """The position of the last head that went out by mail: a group is told that there is one, and not which."""
    sent = Delivery.objects.filter(notice__key__startswith=KEY, state=Delivery.State.SENT, channel=Delivery.EMAIL)
    key = sent.order_by("-notice_id").values_list("notice__key", flat=True).first()
    return int(key.removeprefix(KEY)) if key else 0


def _countersigned() -> int:
    """The position of the last head in a tree that another body has countersigned."""
    size = Cosignature.objects.aggregate(size=Max("head__size"))["size"] or 0
    leaves = Leaf.objects.filter(source=SOURCE, position__lt=size)
    return LogHead.objects.filter(pk__in=leaves.values("ref")).aggregate(last=Max("position"))["last"] or 0

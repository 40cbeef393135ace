"""The inbox and the outbox. A notice is written in the same transaction as the change it tells of."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from luojiang_ce import clock
from luojiang_ce.access import Actor, Role, VisibleQuerySet


class NoticeQuerySet(VisibleQuerySet["Notice"]):
    def visible_to(self, account: Actor) -> NoticeQuerySet:
        """One's own inbox, as long as one holds any role: what was told of others goes with the office."""
        return self.filter(recipient_id=account.pk) if account.holds(*Role) else self.none()


class Notice(models.Model):
    """One message to one account; `key` makes a repeated task tell a thing once."""

    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notices")
    title = models.CharField("标题", max_length=200)
    text = models.TextField("内容", blank=True)
    url = models.CharField(max_length=300, blank=True)
    case_type = models.CharField(max_length=60, blank=True)
    case_id = models.BigIntegerField(null=True)
    key = models.CharField(max_length=120)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    read_at = models.DateTimeField(null=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = "消息"
        ordering = ("-pk",)
        constraints = [models.UniqueConstraint(fields=["recipient", "key"], name="notice_once")]
        indexes = [models.Index(fields=["recipient", "read_at"], name="notice_unread")]

    def __str__(self) -> str:
        return self.title


class Kind(models.TextChoices):
    """What a notice is about, as far as preferences tell them apart."""

    PROGRESS = "progress", "办理进展"
    REMINDER = "reminder", "期限提醒"
    ACCOUNT = "account", "账号变动"
    HEAD = "head", "操作记录的链头"


# Whoever is in an account uninvited would refuse them; that heads leave is what they are for.
NEVER_REFUSED = (Kind.ACCOUNT, Kind.HEAD)


class Preference(models.Model):
    """Which kinds of notices an account wants by e-mail too; the inbox gets them all. Without a row: every kind."""

    account = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    progress = models.BooleanField("办理进展也发邮件", default=True)
    reminder = models.BooleanField("期限提醒也发邮件", default=True)

    class Meta:
        verbose_name = "消息设置"

    def __str__(self) -> str:
        return f"{self.account_id}"

    def wants(self, kind: str) -> bool:
        """Is this kind wanted by e-mail?"""
        return kind in NEVER_REFUSED or bool(getattr(self, kind))


class DeliveryQuerySet(VisibleQuerySet["Delivery"]):
    def visible_to(self, account: Actor) -> DeliveryQuerySet:
        """The system officer keeps the outbox; nobody else sees whom the system writes to."""
        return self.all() if account.holds(Role.SYSTEM_ADMIN) else self.none()


class Delivery(models.Model):
    """A notice on its way out of the system: the outbox. Written in the transaction of the change it tells of.

    By e-mail to its recipient, or to a group (notices.groups), which is told of a notice once however many got it.
    """

    EMAIL = "email"

    class State(models.TextChoices):
        WAITING = "waiting", "待发送"
        SENT = "sent", "已发送"
        GIVEN_UP = "given_up", "未能送达，已停止"
        SKIPPED = "skipped", "已过时，未发送"

    notice = models.ForeignKey(Notice, models.CASCADE, related_name="deliveries")
    channel = models.CharField("方式", max_length=20, default=EMAIL)  # or the name of a group
    kind = models.CharField("类别", max_length=10, choices=Kind, default=Kind.PROGRESS)
    state = models.CharField("状态", max_length=10, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField("已试次数", default=0)
    next_try_at = models.DateTimeField("下次发送")
    # Which sender has it: only that one may say that it failed.
    lease = models.UUIDField(null=True, editable=False)
    leased_until = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    error = models.CharField("上次的错误", max_length=200, blank=True)
    sent_at = models.DateTimeField("发出时间", null=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = "消息发送"
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(fields=["notice", "channel"], name="delivery_once"),
            models.CheckConstraint(
                condition=models.Q(state__in=["waiting", "sent", "given_up", "skipped"]), name="delivery_state"
            ),
        ]
        indexes = [models.Index(fields=["state", "next_try_at"], name="delivery_waiting")]

    def __str__(self) -> str:
        return f"{self.channel} {self.notice_id}"

    @property
    def is_email(self) -> bool:
        return self.channel == self.EMAIL

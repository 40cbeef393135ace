"""The in-application inbox. A notice is written in the same transaction as the change it tells of."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from luojiang_ce.access.cases import VisibleQuerySet
from luojiang_ce.access.roles import Actor


class NoticeQuerySet(VisibleQuerySet["Notice"]):
    def visible_to(self, account: Actor) -> NoticeQuerySet:
        """One's own inbox."""
        return self.filter(recipient_id=account.pk)


class Notice(models.Model):
    """One message to one account; `key` makes a repeated task tell a thing once."""

    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notices")
    title = models.CharField("标题", max_length=200)
    text = models.TextField("内容", blank=True)
    url = models.CharField(max_length=300, blank=True)
    case_type = models.CharField(max_length=60, blank=True)
    case_id = models.BigIntegerField(null=True)
    key = models.CharField(max_length=120)
    created_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = "消息"
        ordering = ("-pk",)
        constraints = [models.UniqueConstraint(fields=["recipient", "key"], name="notice_once")]
        indexes = [models.Index(fields=["recipient", "read_at"], name="notice_unread")]

    def __str__(self) -> str:
        return self.title

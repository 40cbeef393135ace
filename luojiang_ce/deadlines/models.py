"""The secret address under which an account's deadlines can be read by a calendar program."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from luojiang_ce import clock


class Feed(models.Model):
    """One account's feed. Only the digest of its token is kept: who reads the database cannot subscribe."""

    account = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField("生成时间", default=clock.now, editable=False)

    class Meta:
        verbose_name = "日历订阅"

    def __str__(self) -> str:
        return f"{self.account_id}"

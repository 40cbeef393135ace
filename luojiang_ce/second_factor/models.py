"""The secret that an account shares with an app on its phone, sealed; and the codes for when the phone is lost."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from luojiang_ce import clock


class Authenticator(models.Model):
    """One an account. It asks for nothing until its first code was right (`confirmed_at`)."""

    account = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="authenticator")
    sealed = models.BinaryField()
    codes_sealed = models.BinaryField(default=b"")  # under which its recovery codes are hashed (sealing.py)
    confirmed_at = models.DateTimeField("启用时间", null=True, editable=False)
    last_step = models.BigIntegerField(default=-1)  # no code is taken twice
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        verbose_name = "验证器"

    def __str__(self) -> str:
        return f"{self.account_id}"


class RecoveryCode(models.Model):
    """Opens once in place of a code. Only its digest is kept."""

    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=64, unique=True)
    used_at = models.DateTimeField("使用时间", null=True, editable=False)

    class Meta:
        verbose_name = "恢复码"

    def __str__(self) -> str:
        return f"{self.account_id}"

"""The secret that an account shares with an app on its phone, sealed; its passkeys; codes for when both are lost."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from luojiang_ce import clock


class Authenticator(models.Model):
    """One an account. It asks for nothing until its first code was right (`confirmed_at`)."""

    account = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="authenticator")
    sealed = models.BinaryField()
    confirmed_at = models.DateTimeField("启用时间", null=True, editable=False)
    last_step = models.BigIntegerField(default=-1)  # no code is taken twice
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        verbose_name = "验证器"

    def __str__(self) -> str:
        return f"{self.account_id}"


class Passkey(models.Model):
    """A key pair of a computer, phone or security key (WebAuthn), of which the public half is here: nothing secret."""

    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="passkeys")
    name = models.CharField("名称", max_length=30)
    credential_id = models.CharField(max_length=1400, unique=True)  # base64url of at most 1,023 bytes
    public_key = models.BinaryField()  # COSE
    sign_count = models.BigIntegerField()  # never falls; 0 for ever where the authenticator does not count
    last_challenge = models.CharField(max_length=100, blank=True)  # no answer is taken twice
    added_at = models.DateTimeField("添加时间", default=clock.now, editable=False)
    used_at = models.DateTimeField("最近使用", null=True, editable=False)

    class Meta:
        verbose_name = "通行密钥"
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.name


class RecoveryCode(models.Model):
    """Opens once in place of a code. Only its digest is kept."""

    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=64, unique=True)
    key_sealed = models.BinaryField(default=b"")  # under which it is hashed (sealing.py)
    used_at = models.DateTimeField("使用时间", null=True, editable=False)

    class Meta:
        verbose_name = "恢复码"

    def __str__(self) -> str:
        return f"{self.account_id}"

"""What is kept about signing in: counted failures, former passwords, open sessions, identities of another house."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from luojiang_ce import clock


class Count(models.Model):
    """How many failures of one kind there were for one account or address since a moment (brakes.py)."""

    what = models.CharField(max_length=30)
    key = models.CharField(max_length=64)
    since = models.DateTimeField()
    number = models.PositiveIntegerField()

    class Meta:
        verbose_name = "失败次数"
        constraints = [models.UniqueConstraint(fields=["what", "key"], name="count_once")]

    def __str__(self) -> str:
        return f"{self.what} {self.key}: {self.number}"


class FormerPassword(models.Model):
    """The hash of a password that an account had, so that it is not taken again."""

    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="former_passwords")
    password = models.CharField(max_length=128)
    ended_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        verbose_name = "用过的密码"
        ordering = ("-ended_at", "-pk")

    def __str__(self) -> str:
        return f"{self.account_id}"


class SignIn(models.Model):
    """One sign-in, from which device it was, and how it ended. When it was last used says the session itself."""

    class End(models.TextChoices):
        SIGNED_OUT = "signed_out", "退出登录"
        ELSEWHERE = "elsewhere", "本人在别处结束"
        PASSWORD = "password", "修改了密码"
        RESET = "reset", "密码被重设"
        SHUT_OUT = "shut_out", "账号被停用"
        LIFETIME = "lifetime", "超过最长登录时间"
        FACTOR = "factor", "二次验证有变动"

    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="sign_ins")
    session_key = models.CharField(max_length=40, unique=True)  # a digest (store.py), of which no cookie can be made
    device = models.CharField("设备", max_length=60)
    address = models.GenericIPAddressField("网络地址", null=True)
    began_at = models.DateTimeField("登录时间", default=clock.now, editable=False)
    ended_at = models.DateTimeField("结束时间", null=True, editable=False)
    end = models.CharField("怎样结束", max_length=20, choices=End, blank=True, editable=False)

    class Meta:
        verbose_name = "登录"
        ordering = ("-began_at", "-pk")

    def __str__(self) -> str:
        return f"{self.account_id} {self.device}"


class Identity(models.Model):
    """Who the account is at the provider of settings.OIDC_ISSUER: linked by its holder, never by a name or e-mail;
    `subject`: a keyed digest (sign_on.known_as)."""

    account = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="identity")
    issuer = models.CharField(max_length=200)
    subject = models.CharField(max_length=255)
    linked_at = models.DateTimeField("绑定时间", default=clock.now, editable=False)

    class Meta:
        verbose_name = "统一身份"
        constraints = [models.UniqueConstraint(fields=["issuer", "subject"], name="identity_once")]

    def __str__(self) -> str:
        return f"{self.account_id}"

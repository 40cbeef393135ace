"""What is done to an officer's account, or makes somebody an officer, waits for a second one (等保2.0: 三员制约)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from luojiang_ce.access import READ_ACCOUNTS, Actor, VisibleQuerySet
from luojiang_ce.workflow.models import Case

from .account import Account


class OfficerRequestQuerySet(VisibleQuerySet["OfficerRequest"]):
    def visible_to(self, account: Actor) -> OfficerRequestQuerySet:
        """Every officer sees all of them."""
        return self.all() if account.holds(*READ_ACCOUNTS.roles) else self.none()


class OfficerRequest(Case):
    """One act, as it was asked for: `facts` holds what its service takes, plain. `created_by` asks."""

    class State(models.TextChoices):
        ASKED = "asked", "待确认"
        CONFIRMED = "confirmed", "已确认"
        DONE = "done", "已办理"
        REFUSED = "refused", "不同意"
        WITHDRAWN = "withdrawn", "已撤回"
        EXPIRED = "expired", "过期未确认"

    class Act(models.TextChoices):
        ASSIGN = "assign", "任命角色"
        END = "end", "结束角色"
        HAND_OVER = "hand_over", "交接角色"
        CONTACT = "contact", "修改资料"
        RESET = "reset", "重设密码"
        FACTOR = "factor", "重设二次验证"
        IDENTITY = "identity", "绑定统一身份"
        ENABLE = "enable", "启用账号"

    state = models.CharField("状态", max_length=20, choices=State, default=State.ASKED, editable=False)
    account = models.ForeignKey(Account, models.PROTECT, related_name="officer_requests", verbose_name="账号")
    act = models.CharField("事项", max_length=20, choices=Act)
    facts = models.JSONField(default=dict)
    said = models.TextField("内容")  # in words, as the one who confirms reads it
    reason = models.CharField("理由", max_length=500)
    confirmed_by = models.ForeignKey(
        Account, models.PROTECT, null=True, related_name="+", verbose_name="确认人", editable=False
    )

    objects = OfficerRequestQuerySet.as_manager()

    class Meta:
        verbose_name = "管理员事项"
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["asked", "confirmed", "done", "refused", "withdrawn", "expired"]),
                name="officer_request_state",
            ),
            models.UniqueConstraint(
                fields=["account", "act"], condition=Q(state="asked"), name="one_open_officer_request"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_act_display()}：{self.account}"

    @property
    def until(self) -> datetime:
        """Until when it can be confirmed, and a confirmed reset be used."""
        return self.created_at + timedelta(hours=settings.OFFICER_REQUEST_HOURS)

    def get_absolute_url(self) -> str:
        return reverse("accounts:request", args=[self.pk])

"""A circular and its receipts: one of each unit it was sent to, whoever of the unit reads it."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.functional import cached_property

from luojiang_ce.access import (
    READ_CIRCULARS,
    READ_DISTRICT,
    SEND_CIRCULARS,
    Actor,
    Role,
    VisibleQuerySet,
    case_models,
    roles_with,
)
from luojiang_ce.versions import Versioned
from luojiang_ce.workflow.models import Case
from units.models import Account, Unit


def writing_units(account: Actor) -> frozenset[int]:
    """The units in whose name the account writes, or reads what was written."""
    return account.unit_ids(*SEND_CIRCULARS.roles, Role.UNIT_CLERK)


class CircularQuerySet(VisibleQuerySet["Circular"]):
    def visible_to(self, account: Actor) -> CircularQuerySet:
        """The sender's own, drafts too; what was sent: the units it went to, the bureau and the auditor."""
        sent = ~Q(state=Circular.State.DRAFT)
        if account.holds(*roles_with(READ_DISTRICT, READ_CIRCULARS)):
            return self.filter(sent | Q(unit__in=writing_units(account)))
        received = Receipt.objects.filter(unit__in=account.unit_ids(Role.UNIT_CLERK)).values("circular")
        return self.filter(Q(unit__in=writing_units(account)) | sent & Q(pk__in=received))

    def followed_by(self, account: Actor) -> CircularQuerySet:
        """Those of which it sees what every unit did: the own unit's; for the bureau and the auditor all."""
        if account.holds(*roles_with(READ_DISTRICT, READ_CIRCULARS)):
            return self.visible_to(account)
        return self.filter(unit__in=writing_units(account))


class Circular(Versioned, Case):
    """A document that a unit sends to others: the bureau, an authority to the units it supervises, a provider to the
    units of the trainees of its class. To whom it went is settled when it is sent: a unit that is created later is not
    among them."""

    class State(models.TextChoices):
        DRAFT = "draft", "草稿"
        SENT = "sent", "已发出"
        WITHDRAWN = "withdrawn", "已撤回"

    class Audience(models.TextChoices):
        ALL = "all", "全部在用单位"
        KINDS = "kinds", "按类别"
        CHOSEN = "chosen", "指定单位"
        CASE = "case", "培训班学员的单位"

    state = models.CharField("状态", max_length=20, choices=State, default=State.DRAFT, editable=False)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="发件单位", editable=False)
    title = models.CharField("标题", max_length=200)
    number = models.CharField("文号", max_length=60, blank=True)
    text = models.TextField("正文", max_length=10000, blank=True)
    read_by = models.DateField("何日前传达")
    to_people = models.BooleanField("须传达到人员", default=True)
    audience = models.CharField("收件范围", max_length=10, choices=Audience, default=Audience.ALL)
    # Of 按类别: natures, functions (fields of Unit), supervisors (ids); of 指定单位: units (ids).
    scope = models.JSONField(default=dict, editable=False)
    # What the units of CASE are asked of, by its generic key.
    about_type = models.CharField(max_length=60, blank=True, editable=False)
    about_id = models.BigIntegerField(null=True, editable=False)
    corrects = models.ForeignKey("self", models.PROTECT, null=True, related_name="corrections", editable=False)
    sent_at = models.DateTimeField("发出时间", null=True, editable=False)
    # The last step of reminding after the day that was taken (luojiang_ce working days).
    late_step = models.PositiveSmallIntegerField(default=0, editable=False)

    objects = CircularQuerySet.as_manager()

    class Meta:
        verbose_name = "通知"
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(condition=Q(state__in=["draft", "sent", "withdrawn"]), name="circular_state"),
            models.CheckConstraint(
                condition=Q(audience__in=["all", "kinds", "chosen", "case"]), name="circular_audience"
            ),
            models.CheckConstraint(condition=Q(state="draft") | Q(sent_at__isnull=False), name="circular_sent_at"),
            models.CheckConstraint(
                condition=Q(audience="case", about_id__isnull=False) | ~Q(audience="case") & Q(about_id=None),
                name="circular_of_case",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "read_by"], name="circular_by_day"),
            models.Index(fields=["about_type", "about_id"], name="circular_about"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("circulars:circular", args=[self.pk])

    @cached_property
    def about(self) -> Any:
        """The case whose units it goes to; None where it goes to others. One query."""
        return case_models()[self.about_type]._base_manager.get(pk=self.about_id) if self.about_id else None


class ReceiptQuerySet(VisibleQuerySet["Receipt"]):
    def visible_to(self, account: Actor) -> ReceiptQuerySet:
        """The unit's own, and those of the circulars of one's own unit; all for the bureau and the auditor."""
        if account.holds(*roles_with(READ_DISTRICT, READ_CIRCULARS)):
            return self.all()
        own = account.unit_ids(Role.UNIT_CLERK)
        return self.filter(Q(unit__in=own) | Q(circular__unit__in=writing_units(account)))

    def outstanding(self) -> ReceiptQuerySet:
        """Not read, or to be passed on and not passed on yet."""
        unread, read = Q(state=Receipt.State.WAITING), Q(state=Receipt.State.READ)
        return self.filter(unread | read & Q(circular__to_people=True))


class Receipt(Case):
    """What a unit has done with a circular. It is the unit's, not an account's: a clerk appointed later finds it."""

    class State(models.TextChoices):
        WAITING = "waiting", "未读"
        READ = "read", "已读"
        PASSED_ON = "passed_on", "已传达"
        CLOSED = "closed", "已撤回"

    state = models.CharField("回执", max_length=20, choices=State, default=State.WAITING, editable=False)
    circular = models.ForeignKey(Circular, models.CASCADE, related_name="receipts", verbose_name="通知")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="单位")
    read_at = models.DateTimeField("何时读", null=True, editable=False)
    read_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+", editable=False)
    passed_on_at = models.DateTimeField("何时传达", null=True, editable=False)
    passed_on_to = models.PositiveIntegerField("传达人数", null=True, editable=False)
    reminded = models.PositiveSmallIntegerField("催办次数", default=0, editable=False)
    reminded_at = models.DateTimeField("最近催办", null=True, editable=False)

    objects = ReceiptQuerySet.as_manager()

    class Meta:
        verbose_name = "通知回执"
        ordering = ("pk",)
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "read", "passed_on", "closed"]), name="receipt_state"
            ),
            models.UniqueConstraint(fields=["circular", "unit"], name="receipt_once"),
            models.CheckConstraint(
                condition=~Q(state="passed_on") | Q(passed_on_to__gte=1), name="receipt_passed_on_to"
            ),
        ]
        indexes = [models.Index(fields=["unit", "state"], name="receipt_of_unit")]

    def __str__(self) -> str:
        return self.circular.title

    def get_absolute_url(self) -> str:
        return reverse("circulars:receipt", args=[self.pk])

    @property
    def stands(self) -> str:
        """The state in words; what is read and not passed on is half done."""
        half = self.state == self.State.READ and self.circular.to_people
        return "已读，未传达" if half else self.get_state_display()

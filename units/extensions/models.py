"""Extensions of time limits, and the record of those that were missed."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.urls import reverse

from luojiang_ce.access import READ_CASES, Actor, Role, VisibleQuerySet
from luojiang_ce.versions import Versioned
from luojiang_ce.workdays.deadlines import deadline_kind
from luojiang_ce.workdays.text import full
from luojiang_ce.workflow.models import Case
from units.access import case_scope, sees_district
from units.models import Account, Unit


class ExtensionQuerySet(VisibleQuerySet["Extension"]):
    def visible_to(self, account: Actor) -> ExtensionQuerySet:
        """The unit's own, once filed its authority's and the bureau's; what was granted to all, or to their kind of
        unit, every clerk concerned."""
        if sees_district(account, READ_CASES):
            return self.filter(case_scope(account, reading=READ_CASES) | Q(by_bureau=True))
        own = account.unit_ids(Role.UNIT_CLERK)
        of_their_kind = Q(nature="") | Q(nature__in=Unit.objects.filter(pk__in=own).values("nature"))
        for_many = Q(unit=None) & of_their_kind if own else Q(pk__in=[])
        granted = Q(state=Extension.State.GRANTED, by_bureau=True)
        return self.filter(
            (case_scope(account, reading=READ_CASES) & Q(by_bureau=False)) | granted & (for_many | Q(unit__in=own))
        )


class Extension(Versioned, Case):
    """A later last day: asked for by a unit with its reason, or given by the bureau of its own accord to a unit, a
    kind of unit, or everybody. The notice knows no cure for lateness; this is the exception that stays on record."""

    class State(models.TextChoices):
        DRAFT = "draft", "草稿"
        SUBMITTED = "submitted", "待审核"
        RETURNED = "returned", "退回补正"
        CHECKED = "checked", "待审批"
        GRANTED = "granted", "已准予延期"
        REFUSED = "refused", "未准予"
        CANCELLED = "cancelled", "已作废"

    state = models.CharField("状态", max_length=20, choices=State, default=State.DRAFT, editable=False)
    number = models.CharField("编号", max_length=30, null=True, unique=True, editable=False)
    by_bureau = models.BooleanField("区人社局主动给予", default=False, editable=False)
    kind = models.CharField("期限", max_length=20)  # code of a DeadlineKind, which the apps declare
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="单位")
    nature = models.CharField("单位性质", max_length=20, choices=Unit.Nature, blank=True)
    subject = models.CharField("年度或培训班", max_length=20, editable=False)
    title = models.CharField("事项", max_length=200, editable=False)
    anchor = models.DateField("起算日", null=True, editable=False)
    asked_due = models.DateField("申请延至")
    due = models.DateField("准予延至", null=True, editable=False)
    reason = models.TextField("理由", max_length=1000)
    document = models.CharField("依据（文件名、文号）", max_length=200, blank=True)

    objects = ExtensionQuerySet.as_manager()

    class Meta:
        verbose_name = "延期"
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["draft", "submitted", "returned", "checked", "granted", "refused", "cancelled"]),
                name="extension_state",
            ),
            models.CheckConstraint(condition=~Q(kind=""), name="extension_kind"),
            models.CheckConstraint(condition=~Q(state="granted") | Q(due__isnull=False), name="extension_has_due"),
            models.CheckConstraint(condition=Q(by_bureau=True) | Q(unit__isnull=False), name="extension_of_unit"),
            models.CheckConstraint(condition=Q(unit=None) | Q(nature=""), name="extension_for_whom"),
        ]
        indexes = [models.Index(fields=["state", "kind"], name="extension_by_state")]

    def __str__(self) -> str:
        return f"延期：{self.title}（{self.whom}）"

    def get_absolute_url(self) -> str:
        return reverse("terms:extension", args=[self.pk])

    @property
    def kind_label(self) -> str:
        return deadline_kind(self.kind).label

    @property
    def public_title(self) -> str:
        return self.title

    @property
    def whom(self) -> str:
        """For whom it holds."""
        return self.unit.short if self.unit else self.get_nature_display() or "全区"

    @property
    def said(self) -> str:
        """How an explanation names the decision."""
        return f"经区人社局批准延期（{self.document or self.number}）"


class LapseQuerySet(VisibleQuerySet["Lapse"]):
    def visible_to(self, account: Actor) -> LapseQuerySet:
        """The unit's own; all for the bureau and the auditor."""
        if sees_district(account, READ_CASES):
            return self.all()
        return self.filter(unit__in=account.unit_ids(Role.UNIT_CLERK))

    def standing(self) -> LapseQuerySet:
        return self.exclude(state=Lapse.State.LIFTED)


class Lapse(models.Model):
    """A duty that was not met in time, written down by the worker. What is late is derived whenever it is asked;
    this is the record of it, and for recognitions the proposal that the approver confirms (product.md R4)."""

    class State(models.TextChoices):
        RECORDED = "recorded", "逾期未报"
        PROPOSED = "proposed", "逾期，待确认不再认定"
        CONFIRMED = "confirmed", "已确认不再认定"
        LIFTED = "lifted", "已解除"

    state = models.CharField("状态", max_length=20, choices=State, default=State.RECORDED, editable=False)
    kind = models.CharField("期限", max_length=20)  # code of a DeadlineKind, which the apps declare
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="lapses", verbose_name="单位")
    subject = models.CharField("年度或培训班", max_length=20)
    title = models.CharField("事项", max_length=200)
    due = models.DateField("最后一日")
    recorded_at = models.DateTimeField("登记时间")
    confirmed_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+", editable=False)

    objects = LapseQuerySet.as_manager()

    class Meta:
        verbose_name = "逾期"
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["recorded", "proposed", "confirmed", "lifted"]), name="lapse_state"
            ),
            models.UniqueConstraint(fields=["kind", "unit", "subject"], name="lapse_once"),
        ]
        indexes = [models.Index(fields=["state", "kind"], name="lapse_by_state")]

    def __str__(self) -> str:
        return f"{self.title}（{self.unit.short}）"

    def get_absolute_url(self) -> str:
        return reverse("terms:lapse", args=[self.pk])

    @property
    def kind_label(self) -> str:
        return deadline_kind(self.kind).label


class Reminder(models.Model):
    """One step of reminding about one duty: sent in a digest, or skipped because its day went by unnoticed."""

    class State(models.TextChoices):
        SENT = "sent", "已提醒"
        SKIPPED = "skipped", "错过，未补发"

    key = models.CharField(max_length=80)
    due = models.DateField("最后一日")
    days_before = models.PositiveSmallIntegerField("提前几个工作日")
    day = models.DateField("应提醒的日子")
    state = models.CharField("状态", max_length=10, choices=State)
    title = models.CharField("事项", max_length=200)

    class Meta:
        verbose_name = "提醒"
        ordering = ("-day", "-pk")
        constraints = [
            models.UniqueConstraint(fields=["key", "due", "days_before"], name="reminder_once"),
            models.CheckConstraint(condition=Q(state__in=["sent", "skipped"]), name="reminder_state"),
        ]

    def __str__(self) -> str:
        return f"{full(self.day)} {self.title}"


class ReminderDay(models.Model):
    """A day on which the reminders were seen to; what lies between two of them was missed."""

    day = models.DateField("日期", unique=True)

    class Meta:
        verbose_name = "提醒日"

    def __str__(self) -> str:
        return full(self.day)

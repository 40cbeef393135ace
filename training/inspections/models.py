"""Spot checks (notice 一(五)4, product.md I1, I2): the visit, its on-site sheet and findings, reports from outside, and
whom an inspector must not inspect."""

from __future__ import annotations

import uuid
from datetime import date

from django.db import models
from django.db.models import Q
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import DO_BUREAU_WORK, READ_DISTRICT, READ_INSPECTIONS, Actor, Role, VisibleQuerySet, roles_with
from luojiang_ce.versions import Versioned
from luojiang_ce.workdays.text import month_day
from luojiang_ce.workflow.models import Case
from training.choices import HalfDay
from training.classes.models import ClassApplication
from units.models import Account, Unit


class ReportQuerySet(VisibleQuerySet["OutsideReport"]):
    def visible_to(self, account: Actor) -> ReportQuerySet:
        """Handlers and approvers alone: not the inspectors, and never who is reported."""
        return self.all() if account.holds(*DO_BUREAU_WORK.roles) else self.none()


class OutsideReport(Case):
    """What somebody outside told the bureau about a class (举报, I1). It starts a visit, or is closed with a reason."""

    class State(models.TextChoices):
        RECEIVED = "received", "待处理"
        INSPECTED = "inspected", "已安排检查"
        CLOSED = "closed", "已了结"

    class Channel(models.TextChoices):
        PHONE = "phone", "来电"
        LETTER = "letter", "来信"
        PERSON = "person", "来访"
        NETWORK = "network", "网络"
        PASSED_ON = "passed_on", "其他机关转来"

    state = models.CharField("状态", max_length=20, choices=State, default=State.RECEIVED, editable=False)
    number = models.CharField("编号", max_length=30, null=True, unique=True, editable=False)
    channel = models.CharField("来源", max_length=10, choices=Channel)
    received_on = models.DateField("收到日期")
    text = models.TextField("反映的情况", max_length=4000)
    secret = models.BooleanField("要求保密", default=True)
    reporter = models.CharField("举报人", max_length=50, blank=True)
    contact = models.CharField("联系方式", max_length=100, blank=True)
    application = models.ForeignKey(
        ClassApplication, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="涉及的培训班"
    )
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="涉及的单位")
    provider_name = models.CharField("涉及的单位（不在名录内）", max_length=100, blank=True)
    place = models.CharField("地点", max_length=100, blank=True)

    objects = ReportQuerySet.as_manager()

    class Meta:
        verbose_name = "举报"
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(condition=Q(state__in=["received", "inspected", "closed"]), name="report_state"),
            models.CheckConstraint(
                condition=Q(channel__in=["phone", "letter", "person", "network", "passed_on"]), name="report_channel"
            ),
        ]

    def __str__(self) -> str:
        return f"关于{self.about}的举报"

    @property
    def about(self) -> str:
        """What it is about, as far as it says."""
        return str(self.application or self.unit or self.provider_name or self.place or "未写明的单位")

    @property
    def public_title(self) -> str:
        """The number says which; titles lie open on the way."""
        return ""

    def get_absolute_url(self) -> str:
        return reverse("inspections:report", args=[self.pk])

    def names_reporter_to(self, account: Actor) -> bool:
        """Who asked for secrecy is named to whoever took the report down, and to the approvers."""
        return not self.secret or account.pk == self.created_by_id or account.holds(Role.BUREAU_APPROVER)


class InspectionQuerySet(VisibleQuerySet["Inspection"]):
    def visible_to(self, account: Actor) -> InspectionQuerySet:
        """Bureau and auditor; an inspector those that are his; the inspected unit once the visit is recorded, not
        before: it is not announced."""
        if account.holds(*roles_with(READ_DISTRICT, READ_INSPECTIONS)):
            return self.all()
        seen = Q(unit__in=account.unit_ids(Role.UNIT_CLERK), recorded_at__isnull=False)
        if account.holds(Role.INSPECTOR):
            seen |= Q(pk__in=Inspection.inspectors.through.objects.filter(account=account.pk).values("inspection"))
        return self.filter(seen)


class Inspection(Versioned, Case):
    """An unannounced visit by at least two inspectors: to a class, also one that was moved or cancelled, or to a place
    where somebody teaches what nobody published (no `application`; it can be attached to one later)."""

    class State(models.TextChoices):
        ASSIGNED = "assigned", "待检查"
        RECORDED = "recorded", "已记录"
        TO_DECIDE = "to_decide", "待处理"
        CLOSED = "closed", "已办结"
        CANCELLED = "cancelled", "已取消"

    class Origin(models.TextChoices):
        DRAW = "draw", "随机抽取"
        CHOICE = "choice", "指定检查"
        REPORT = "report", "举报"

    state = models.CharField("状态", max_length=20, choices=State, default=State.ASSIGNED, editable=False)
    number = models.CharField("编号", max_length=30, null=True, unique=True, editable=False)
    origin = models.CharField("来源", max_length=10, choices=Origin, default=Origin.CHOICE, editable=False)
    report = models.ForeignKey(OutsideReport, models.PROTECT, null=True, related_name="inspections", editable=False)
    application = models.ForeignKey(
        ClassApplication, models.PROTECT, null=True, blank=True, related_name="inspections", verbose_name="培训班"
    )
    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="inspections", verbose_name="被检查单位"
    )
    # Of what nobody published: whose it is where the register does not know the unit, and what is taught.
    provider_name = models.CharField("被检查单位（不在名录内）", max_length=100, blank=True)
    event_name = models.CharField("活动名称", max_length=100, blank=True)
    place = models.CharField("地点", max_length=100)
    planned_on = models.DateField("检查日期")
    planned_half_day = models.CharField("时段", max_length=10, choices=HalfDay, blank=True)
    focus = models.CharField("检查重点", max_length=500, blank=True)
    inspectors = models.ManyToManyField(Account, related_name="+", verbose_name="检查人")
    recorded_at = models.DateTimeField("记录时间", null=True, editable=False)

    objects = InspectionQuerySet.as_manager()

    class Meta:
        verbose_name = "监督检查"
        ordering = ("-planned_on", "-pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["assigned", "recorded", "to_decide", "closed", "cancelled"]),
                name="inspection_state",
            ),
            models.CheckConstraint(condition=Q(origin__in=["draw", "choice", "report"]), name="inspection_origin"),
            models.CheckConstraint(
                condition=Q(recorded_at=None, state__in=["assigned", "cancelled"])
                | Q(recorded_at__isnull=False, state__in=["recorded", "to_decide", "closed"]),
                name="inspection_recorded_at",
            ),
            models.CheckConstraint(condition=Q(application=None) | Q(unit__isnull=False), name="inspection_of_class"),
        ]
        indexes = [
            models.Index(fields=["state", "planned_on"], name="inspection_by_day"),
            models.Index(fields=["unit", "state"], name="inspection_of_unit"),
        ]

    def __str__(self) -> str:
        return f"{self.subject}现场检查"

    @property
    def subject(self) -> str:
        """What is inspected: the class, or what is taught there, or the place."""
        return str(self.application or self.event_name or self.place)

    @property
    def provider(self) -> str:
        """Whose it is, as the register or the officer has it; 未知 where nobody knows."""
        return self.unit.name if self.unit else self.provider_name or "未知"

    @property
    def visited_on(self) -> date:
        """The day on which the inspectors were there, which need not be the planned one; the planned one before."""
        sheet = getattr(self, "sheet", None) if self.recorded_at else None
        return clock.local(sheet.visited_at).date() if sheet else self.planned_on

    @property
    def when(self) -> str:
        """The planned day and half-day."""
        return f"{month_day(self.planned_on)}{self.get_planned_half_day_display()}"

    def get_absolute_url(self) -> str:
        return reverse("inspections:inspection", args=[self.pk])


class Answer(models.TextChoices):
    """What was seen on the spot, beside what was filed."""

    AGREES = "agrees", "一致"
    DIFFERS = "differs", "不一致"
    UNCHECKED = "unchecked", "未查"


def question(label: str) -> models.CharField[str, str]:
    """A thing to be looked at on the spot; nobody has until somebody says so."""
    return models.CharField(label, max_length=10, choices=Answer, default=Answer.UNCHECKED)


class OnSiteSheet(models.Model):
    """What was seen and said on the spot (现场检查记录, I2). Kept half-filled until it is sent; then it never changes.

    `filed`: what had been filed for that half-day when it was filled in: enrolled, signed, course, lecturer, fee; with
    the names of the inspectors, as the record prints them. `client_id`: the phone's own number of this sheet.
    """

    inspection = models.OneToOneField(Inspection, models.PROTECT, related_name="sheet")
    client_id = models.UUIDField(default=uuid.uuid4, unique=True)
    visited_at = models.DateTimeField("到场时间")
    half_day = models.CharField("时段", max_length=10, choices=HalfDay)
    filed = models.JSONField(default=dict)
    present = models.PositiveIntegerField("实到人数", null=True, blank=True)
    signed = models.PositiveIntegerField("已签到人数", null=True, blank=True)
    proxies = models.PositiveIntegerField("代签、冒签人数", default=0)
    lecturer = question("授课教师")
    course = question("课程")
    signing = question("签到真实")
    materials = question("教材、讲义")
    fees = question("收费")
    note = models.TextField("现场情况", max_length=2000, blank=True)
    statement = models.TextField("单位陈述", max_length=2000, blank=True)
    signer = models.CharField("单位签名人", max_length=50, blank=True)
    signer_post = models.CharField("职务", max_length=50, blank=True)
    refused = models.BooleanField("拒绝签名", default=False)
    refusal = models.CharField("拒绝签名的情况", max_length=300, blank=True)
    saved_at = models.DateTimeField(default=clock.now)
    saved_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    sent_at = models.DateTimeField("提交时间", null=True)

    class Meta:
        verbose_name = "现场检查记录"
        constraints = [
            models.CheckConstraint(condition=Q(half_day__in=HalfDay.values), name="on_site_half_day"),
            *(
                models.CheckConstraint(
                    condition=Q(**{f"{name}__in": ["agrees", "differs", "unchecked"]}), name=f"on_site_{name}"
                )
                for name in ("lecturer", "course", "signing", "materials", "fees")
            ),
            models.CheckConstraint(
                condition=Q(sent_at=None) | ~Q(signer="", refused=False), name="on_site_signed_or_refused"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.inspection.subject}现场检查记录"


class Finding(models.Model):
    """A thing found wrong on the spot, by the clause that it is against; of one half-day where `date` says so."""

    class Kind(models.TextChoices):
        FALSE = "false", "弄虚作假"
        UNPLANNED = "unplanned", "未按计划实施"
        DISORGANISED = "disorganised", "组织不到位"
        UNAPPROVED = "unapproved", "未经核准开展"
        BEYOND = "beyond", "超出核定培训资质"
        FEES = "fees", "违规收费"
        OTHER = "other", "其他"

    # notice 一(五)4 names the first three; 一(五)1 and 三2 the next.
    CLAUSES = {
        Kind.FALSE: "通知 一(五)4",
        Kind.UNPLANNED: "通知 一(五)4",
        Kind.DISORGANISED: "通知 一(五)4",
        Kind.UNAPPROVED: "通知 一(五)1",
        Kind.BEYOND: "通知 三2",
        Kind.FEES: "通知 三2",
        Kind.OTHER: "",
    }

    inspection = models.ForeignKey(Inspection, models.PROTECT, related_name="findings")
    kind = models.CharField("问题", max_length=20, choices=Kind)
    clause = models.CharField("依据", max_length=100, blank=True)
    date = models.DateField("日期", null=True, blank=True)
    half_day = models.CharField("时段", max_length=10, choices=HalfDay, blank=True)
    text = models.TextField("情况", max_length=2000, blank=True)

    class Meta:
        verbose_name = "检查发现的问题"
        ordering = ("pk",)
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["false", "unplanned", "disorganised", "unapproved", "beyond", "fees", "other"]),
                name="finding_kind",
            ),
            models.CheckConstraint(
                condition=Q(date=None, half_day="") | Q(date__isnull=False) & ~Q(half_day=""), name="finding_half_day"
            ),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()


class ConflictQuerySet(VisibleQuerySet["DeclaredConflict"]):
    def visible_to(self, account: Actor) -> ConflictQuerySet:
        """The inspector's own; handlers and approvers see all."""
        return self.all() if account.holds(*DO_BUREAU_WORK.roles) else self.filter(account=account.pk or 0)

    def standing(self) -> ConflictQuerySet:
        """Those that hold now."""
        return self.filter(ended_at=None)


class DeclaredConflict(models.Model):
    """An inspector has said that he must not inspect a unit (回避), and why; until it is ended."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="+", verbose_name="检查人")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="回避的单位")
    reason = models.CharField("回避原因", max_length=200)
    declared_at = models.DateTimeField("申报时间", default=clock.now, editable=False)
    declared_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+", editable=False)
    ended_at = models.DateTimeField(null=True, editable=False)

    objects = ConflictQuerySet.as_manager()

    class Meta:
        verbose_name = "回避申报"
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["account", "unit"], condition=Q(ended_at=None), name="declared_conflict_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.account} 回避 {self.unit}"

"""Hours that a unit declares for one of its people, with evidence, accepted by a reviewer (V1, notice 一(四))."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import DO_BUREAU_WORK, READ_CATALOGUE, Actor, Role, VisibleQuerySet
from luojiang_ce.versions import Versioned
from luojiang_ce.workdays.text import full
from luojiang_ce.workflow.models import Case
from training.classes.models import CatalogueCourse
from units.access import case_scope
from units.models import Account, Person, Unit
from verification.choices import Authorship, Form, Measure, Subject
from verification.requirements.models import Tried
from verification.self_study.models import SelfStudy


class DeclarationQuerySet(VisibleQuerySet["Declaration"]):
    def visible_to(self, account: Actor) -> DeclarationQuerySet:
        """The declaring unit; once submitted its authority's reviewer and the bureau."""
        return self.filter(case_scope(account))

    def on_their_way(self) -> DeclarationQuerySet:
        """Declarations that were submitted and may still enter the ledger; drafts are the unit's own business."""
        return self.filter(state__in=[Declaration.State.SUBMITTED, Declaration.State.RETURNED])


class Declaration(Versioned, Case):
    """One person's hours (or credits) of one subject in one year, learned in another way than a recognised class."""

    class State(models.TextChoices):
        DRAFT = "draft", "草稿"
        SUBMITTED = "submitted", "待审核"
        RETURNED = "returned", "退回补正"
        ACCEPTED = "accepted", "已认可"
        REFUSED = "refused", "不予认可"
        WITHDRAWN = "withdrawn", "已撤回"
        REVOKED = "revoked", "认可已撤销"

    state = models.CharField("状态", max_length=20, choices=State, default=State.DRAFT, editable=False)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="declarations", verbose_name="申报单位", editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="declarations", verbose_name="人员")
    year = models.PositiveSmallIntegerField("计入年度")
    form = models.CharField("学习形式", max_length=20, choices=Form)
    title = models.CharField("项目（课程、论文题目）名称", max_length=200)
    organiser = models.CharField("主办单位（院校、刊物）", max_length=100)
    date_from = models.DateField("起")
    date_to = models.DateField("止")
    subject = models.CharField("科目", max_length=20, choices=Subject)
    measure = models.CharField("计量", max_length=10, choices=Measure, editable=False)
    amount = models.DecimalField("学时（学分）", max_digits=6, decimal_places=1)
    basis = models.CharField("折算依据", max_length=200)
    intensive = models.BooleanField("集中脱产培训", default=False)
    course = models.CharField("公共必修课名称", max_length=100, blank=True)
    paid = models.BooleanField("需缴费的项目", default=False)
    filing = models.ForeignKey(
        SelfStudy, models.PROTECT, null=True, blank=True, related_name="declarations", verbose_name="自学备案"
    )
    catalogue = models.ForeignKey(
        CatalogueCourse, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="公共科目课程"
    )
    organiser_unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="公共科目组织单位"
    )
    approver = models.CharField("批准机关", max_length=100, blank=True)
    approval = models.CharField("批准文件", max_length=200, blank=True)
    check_code = models.CharField("核验网址或核验码", max_length=200, blank=True)
    serial = models.CharField("刊号", max_length=100, blank=True)
    level = models.CharField("级别", max_length=60, blank=True)
    authorship = models.CharField("作者排序", max_length=20, choices=Authorship, blank=True)
    confirmed_on = models.DateField("论文确认日期", null=True, blank=True)
    note = models.CharField("其他说明", max_length=500, blank=True)

    objects = DeclarationQuerySet.as_manager()

    class Meta:
        verbose_name = "学时申报"
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    state__in=["draft", "submitted", "returned", "accepted", "refused", "withdrawn", "revoked"]
                ),
                name="declaration_state",
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="declaration_amount"),
            models.CheckConstraint(condition=Q(date_to__gte=F("date_from")), name="declaration_days_in_order"),
            models.CheckConstraint(
                condition=Q(measure="hours", subject__in=["public", "professional"])
                | Q(measure="credits", subject__in=["class_1", "class_2", "general_practice"]),
                name="declaration_subject_of_its_measure",
            ),
            models.CheckConstraint(
                condition=~Q(form="paper") | Q(confirmed_on__isnull=False), name="declaration_paper_is_confirmed"
            ),
            models.CheckConstraint(
                condition=Q(form="self_study", filing__isnull=False) | ~Q(form="self_study") & Q(filing=None),
                name="declaration_self_study_is_filed",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "submitted_at"], name="declaration_queue"),
            models.Index(fields=["person", "year"], name="declaration_of_person"),
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("declarations:declaration", args=[self.pk])

    @property
    def public_title(self) -> str:
        return ""  # its number says which

    @property
    def number(self) -> str:
        """SB-2026-00012: known from the draft on, never given twice."""
        return f"SB-{clock.local(self.created_at).year}-{self.pk:05d}"


class ConversionQuerySet(VisibleQuerySet["Conversion"]):
    def visible_to(self, account: Actor) -> ConversionQuerySet:
        """What the bureau has not decided is its own business; the rest whoever keeps the catalogue may read."""
        if account.holds(*DO_BUREAU_WORK.roles):
            return self
        return self.decided() if account.holds(*READ_CATALOGUE.roles) else self.none()

    def decided(self) -> ConversionQuerySet:
        """Those that hold, or held."""
        return self.filter(state__in=[Conversion.State.IN_FORCE, Conversion.State.OFF])

    def in_force(self) -> ConversionQuerySet:
        """Those by which hours are proposed, each for its days."""
        return self.filter(state=Conversion.State.IN_FORCE)

    def on(self, day: date) -> ConversionQuerySet:
        """The figures that hold for what was learned on this day."""
        return self.in_force().filter(Q(valid_to=None) | Q(valid_to__gte=day), valid_from__lte=day)

    def overlapping(self, change: Conversion) -> ConversionQuerySet:
        """Those that speak of the same learning on some of its days, but that which it is to replace."""
        same = {name: getattr(change, name) for name in ("form", "level", "authorship", "measure")}
        days = Q(valid_to=None) | Q(valid_to__gte=change.valid_from)
        if change.valid_to:
            days &= Q(valid_from__lte=change.valid_to)
        return self.filter(days, **same).exclude(pk__in=[change.pk, change.replaces_id or 0])


class Conversion(Tried, Versioned, Case):
    """A figure of the tables by which learning is converted into hours (notice 一(四): 必须符合学时计算要求).

    Written by the bureau with the document that gives it, never shipped, in force by decision. It is proposed and
    forces nothing. What was in force is not changed: a revision takes its place."""

    class State(models.TextChoices):
        DRAFT = "draft", "拟定中"
        PROPOSED = "proposed", "待审批"
        IN_FORCE = "in_force", "执行中"
        OFF = "off", "已停用"

    class Per(models.TextChoices):
        ITEM = "item", "每项（篇、次）"
        DAY = "day", "每天"

    state = models.CharField("状态", max_length=20, choices=State, default=State.DRAFT, editable=False)
    replaces = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="revisions", verbose_name="修订自", editable=False
    )
    form = models.CharField("学习形式", max_length=20, choices=Form)
    level = models.CharField("级别", max_length=60, blank=True, help_text="文件里的叫法；不分的留空")
    authorship = models.CharField(
        "作者排序", max_length=20, choices=Authorship, blank=True, help_text="只对论文；不分的留空"
    )
    measure = models.CharField("计量", max_length=10, choices=Measure)
    amount = models.DecimalField("折算", max_digits=6, decimal_places=1)
    per = models.CharField("计算单位", max_length=10, choices=Per, default=Per.ITEM)
    document = models.CharField("依据文件", max_length=200, help_text="文件名、文号和条款")
    valid_from = models.DateField("自何日起", help_text="按学习结束（论文发表）的日期")
    valid_to = models.DateField("至何日止", null=True, blank=True, help_text="留空表示至今有效")

    objects = ConversionQuerySet.as_manager()

    class Meta:
        verbose_name = "学时折算标准"
        ordering = ("form", "level", "authorship", "measure", "-valid_from")
        constraints = [
            models.UniqueConstraint(
                fields=["form", "level", "authorship", "measure", "valid_from"],
                condition=Q(state="in_force"),
                name="conversion_once",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "proposed", "in_force", "off"]), name="conversion_state"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="conversion_amount"),
            models.CheckConstraint(condition=~Q(document=""), name="conversion_has_document"),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")), name="conversion_days_in_order"
            ),
        ]

    def get_absolute_url(self) -> str:
        return reverse("declarations:conversion", args=[self.pk])

    @property
    def span(self) -> str:
        """For what days it holds: 2020年1月1日起, 2020年1月1日至2025年12月31日"""
        return f"{full(self.valid_from)}至{full(self.valid_to)}" if self.valid_to else f"{full(self.valid_from)}起"

    @property
    def first_year(self) -> int:
        """The first year whose hours it may propose."""
        return self.valid_from.year

    @property
    def last_year(self) -> int | None:
        """The last one; None where it has no end."""
        return self.valid_to.year if self.valid_to else None

    def __str__(self) -> str:
        what = "，".join(filter(None, (self.get_form_display(), self.level, self.get_authorship_display())))
        return f"{what}：{self.get_per_display()} {self.amount.normalize():f} {self.get_measure_display()}"


class LooseFileQuerySet(VisibleQuerySet["LooseFile"]):
    def visible_to(self, account: Actor) -> LooseFileQuerySet:
        """The clerks of the unit that sent it: it is nobody's evidence yet."""
        return self.filter(unit__in=account.unit_ids(Role.UNIT_CLERK))


def loose_under(loose: Any, name: str) -> str:
    """By its own id, as attachments are."""
    return f"loose/{loose.uid.hex[:2]}/{loose.uid.hex}"


class LooseFile(models.Model):
    """A file of evidence that came with many others and was not told to be anybody's by its name: kept until the clerk
    says whose it is, or throws it away."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    path = models.CharField("文件名", max_length=300)
    file = models.FileField(upload_to=loose_under)
    size = models.PositiveBigIntegerField("大小（字节）")
    sha256 = models.CharField(max_length=64)
    candidates = models.JSONField(default=list)
    uploaded_by = models.ForeignKey(Account, models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField("上传时间", default=clock.now, editable=False)

    objects = LooseFileQuerySet.as_manager()

    class Meta:
        verbose_name = "待指定的佐证材料"
        ordering = ("pk",)
        constraints = [models.UniqueConstraint(fields=["unit", "path", "sha256"], name="loose_once")]

    def __str__(self) -> str:
        return self.path

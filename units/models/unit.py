"""Units (product.md U1)."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import Q
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import READ_ACCOUNTS, READ_UNITS, Actor, Role, VisibleQuerySet
from luojiang_ce.versions import Versioned
from training.choices import Category
from units.access import unit_scope


class UnitQuerySet(VisibleQuerySet["Unit"]):
    def visible_to(self, account: Actor) -> UnitQuerySet:
        """Clerks see their own unit, reviewers their system's, bureau staff and officers all."""
        if account.holds(*READ_ACCOUNTS.roles):
            return self.all()
        return self.filter(unit_scope(account, "pk", READ_UNITS))

    def filed_for(self, account: Actor) -> UnitQuerySet:
        """The units whose designated clerk the account is today (notice 三1: 指定专人负责)."""
        return self.filter(pk__in=account.unit_ids(Role.UNIT_CLERK))

    def bureau(self) -> Unit | None:
        """The bureau itself; None where it is not registered yet."""
        return self.filter(is_bureau=True).first()


class Unit(Versioned):
    """An employer, a training provider, an authority, or the bureau itself."""

    class Nature(models.TextChoices):
        TOWNSHIP = "township", "乡镇街道"
        DISTRICT = "district", "区直单位"
        SCHOOL = "school", "学校"
        MEDICAL = "medical", "医疗卫生机构"
        COMPANY = "company", "企业/非公"

    class Level(models.TextChoices):
        DISTRICT = "district", "区级及以下"
        ABOVE = "above", "市级及以上"

    class MedicalLevel(models.TextChoices):
        FIRST = "first", "一级"
        SECOND = "second", "二级"
        THIRD = "third", "三级"

    class Status(models.TextChoices):
        ACTIVE = "active", "正常"
        SUSPENDED = "suspended", "暂停"
        MERGED = "merged", "已并入其他单位"

    code = models.SlugField("单位代码", max_length=20, unique=True)
    name = models.CharField("单位名称", max_length=100, unique=True, help_text="与公章一致")
    short_name = models.CharField("简称", max_length=40, blank=True)
    uscc = models.CharField("统一社会信用代码", max_length=18, blank=True)
    # Why the code is kept although its check character does not fit; empty where it does.
    uscc_reason = models.CharField("校验不符的说明", max_length=200, blank=True)
    nature = models.CharField("单位性质", max_length=10, choices=Nature)
    is_base = models.BooleanField("继续教育基地", default=False)
    is_authority = models.BooleanField("业务主管部门", default=False)
    is_provider = models.BooleanField("施教机构", default=False)
    is_bureau = models.BooleanField("区人社局", default=False, editable=False)
    level = models.CharField("级别", max_length=10, choices=Level, default=Level.DISTRICT)
    supervisor = models.ForeignKey(
        "self", models.PROTECT, verbose_name="主管部门", null=True, blank=True, related_name="supervised"
    )
    medical_level = models.CharField("医疗机构等级", max_length=10, choices=MedicalLevel, blank=True)
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.ACTIVE)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, verbose_name="并入单位", null=True, blank=True, related_name="merged_units"
    )
    phone = models.CharField("电话", max_length=40, blank=True)
    note = models.CharField("备注", max_length=200, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    objects = UnitQuerySet.as_manager()

    class Meta:
        verbose_name = "单位"
        ordering = ("code",)
        constraints = [
            models.UniqueConstraint(fields=["uscc"], condition=~Q(uscc=""), name="unit_uscc_once"),
            models.UniqueConstraint(fields=["is_bureau"], condition=Q(is_bureau=True), name="one_bureau"),
            models.CheckConstraint(
                condition=Q(status="merged", merged_into__isnull=False)
                | (~Q(status="merged") & Q(merged_into__isnull=True)),
                name="unit_merged_into",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("units:unit", args=[self.pk])

    @property
    def functions(self) -> list[str]:
        """What the unit is besides an employer, in words."""
        flags = ("is_bureau", "is_base", "is_authority", "is_provider")
        return [str(self._meta.get_field(name).verbose_name) for name in flags if getattr(self, name)]  # type: ignore[union-attr]

    @property
    def meaning(self) -> str:
        """How the status looks: a word of the design."""
        return {self.Status.ACTIVE: "done", self.Status.SUSPENDED: "soon"}.get(self.Status(self.status), "idle")

    @property
    def short(self) -> str:
        return self.short_name or self.name

    def record_told(self) -> list[str]:
        """What stands on its record as a provider, as who decides on its next application is told. One query."""
        return [f"施教机构记录：{each.kind}，{each.text}" for each in self.remarks.all()[:REMARKS_TOLD]]


REMARKS_TOLD = 5  # of a provider's record, beside an application


class ProviderScope(models.Model):
    """What a provider may train, from when to when, by which document (notice 三2: 核定培训资质)."""

    unit = models.ForeignKey(Unit, models.CASCADE, related_name="scopes")
    subject = models.CharField("核定范围", max_length=200)
    valid_from = models.DateField("起")
    valid_to = models.DateField("止", null=True, blank=True)
    document = models.CharField("依据文号", max_length=100, blank=True)
    # Kinds of subject that the scope holds whole; empty: its words alone say it, which only a person can read.
    categories = models.JSONField("核定的科目类别", default=list, blank=True)

    class Meta:
        verbose_name = "培训资质"
        ordering = ("unit", "valid_from")

    def __str__(self) -> str:
        return self.subject

    def covers(self, day: date) -> bool:
        """Is the scope valid on this day?"""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    @property
    def in_categories(self) -> str:
        """The kinds of subject in words; empty where none are on record."""
        return "、".join(label for value, label in Category.choices if value in self.categories)


class ProviderRemark(models.Model):
    """A finding, return or criticism on a provider's record; written by inspections, read by plans and classes."""

    unit = models.ForeignKey(Unit, models.CASCADE, related_name="remarks")
    kind = models.CharField("类别", max_length=40)
    text = models.CharField("内容", max_length=500)
    case_type = models.CharField(max_length=60, blank=True)
    case_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        verbose_name = "施教机构记录"
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.text

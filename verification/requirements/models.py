"""Dated, swappable requirement rules (V2), and the yearly figures that only the province or the bureau can give."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from luojiang_ce import clock
from luojiang_ce.plain import value_of
from verification.choices import Form, Measure
from verification.requirements import assess


class Level(models.TextChoices):
    """Level of a medical institution (notice 一(三)2)."""

    FIRST = "first", "一级"
    SECOND = "second", "二级"
    THIRD = "third", "三级"


class RuleSet(models.Model):
    """The requirements of a category from a year on. The newest active one that covers a person decides."""

    class Category(models.TextChoices):
        GENERAL = "general", "一般专业技术人员"
        MEDICAL = "medical", "卫生专业技术人员"
        TEACHER = "teacher", "中小学教师"

    code = models.SlugField("代码", max_length=40, unique=True)
    title = models.CharField("名称", max_length=60)
    document = models.CharField("依据", max_length=300)
    category = models.CharField("人员类别", max_length=10, choices=Category)
    levels = models.JSONField(
        "适用的医疗机构级别", default=list, blank=True, help_text="卫生人员的规则只对写明的级别有效；其他人员的留空"
    )
    first_year = models.PositiveSmallIntegerField("自哪一年度起")
    last_year = models.PositiveSmallIntegerField("至哪一年度止", null=True, blank=True)
    active = models.BooleanField("启用", default=False)
    note = models.CharField("说明", max_length=300, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "达标规则"
        ordering = ("category", "first_year", "code")
        constraints = [
            models.CheckConstraint(condition=Q(category__in=["general", "medical", "teacher"]), name="rules_category"),
            models.CheckConstraint(
                condition=Q(last_year=None) | Q(last_year__gte=F("first_year")), name="rules_years_in_order"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def level_names(self) -> str:
        """The levels of medical institutions that it holds for: 一级、二级. Empty where levels do not matter."""
        return "、".join(Level(level).label for level in self.levels)

    def as_value(self, rules: Iterable[Rule]) -> assess.RuleSet:
        """The plain value that `assess` works with; `rules`: its own, in their order."""
        own = tuple(rule.as_value() for rule in rules)
        return value_of(assess.RuleSet, self, rules=own, levels=frozenset(self.levels))


class Setting(models.TextChoices):
    """Figures that the notice leaves to others; not set by default (domain.md §2)."""

    PUBLIC_MINIMUM = "public_minimum", "公共科目最低学时"
    TEACHER_CYCLE_TOTAL = "teacher_cycle_total", "教师周期学时总数"


class Rule(models.Model):
    """One requirement of a rule set; what the fields mean: assess.Rule."""

    class Period(models.TextChoices):
        YEAR = "year", "当年"
        TENURE = "tenure", "任职周期"
        CYCLE = "cycle", "五年周期"

    class Counting(models.TextChoices):
        AMOUNT = "amount", "学时（学分）数"
        COURSES = "courses", "公共必修课门数"
        INTENSIVE_OR_REMOTE = "intensive_or_remote", "集中脱产或远程培训次数"

    rule_set = models.ForeignKey(RuleSet, models.CASCADE, related_name="rules", verbose_name="规则")
    position = models.PositiveSmallIntegerField("次序")
    code = models.SlugField("代码", max_length=30)
    title = models.CharField("要求", max_length=40)
    source = models.CharField("依据条款", max_length=100)
    measure = models.CharField("计量", max_length=10, choices=Measure)
    required = models.DecimalField("应有", max_digits=6, decimal_places=1, null=True, blank=True)
    setting = models.CharField("应有数取自年度设定", max_length=30, choices=Setting, blank=True)
    period = models.CharField("期间", max_length=10, choices=Period, default=Period.YEAR)
    counting = models.CharField("计什么", max_length=30, choices=Counting, default=Counting.AMOUNT)
    subjects = models.JSONField("科目", default=list, blank=True, help_text="不限科目的留空")
    levels = models.JSONField("适用的医疗机构级别", default=list, blank=True, help_text="不限级别的留空")
    caps = models.JSONField(
        "上限", default=dict, blank=True, help_text="学习形式 → 最多计入的学时（学分），如 remote: 12"
    )
    early = models.BooleanField("期满前即可判定达到", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "要求"
        ordering = ("rule_set", "position")
        constraints = [
            models.UniqueConstraint(fields=["rule_set", "code"], name="rule_once_in_a_set"),
            models.CheckConstraint(
                condition=Q(setting="", required__isnull=False, required__gte=0) | (~Q(setting="") & Q(required=None)),
                name="rule_has_one_source_of_its_figure",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def notes(self) -> list[str]:
        """What limits the rule, in words: the institutions it is for, the most that a form may count."""
        levels = "、".join(Level(level).label for level in self.levels)
        caps = [f"{Form(form).label}最多计 {amount}" for form, amount in self.caps.items()]
        return [*([f"仅{levels}医疗卫生机构"] if levels else []), *caps]

    def as_value(self) -> assess.Rule:
        """The plain value that `assess` works with."""
        return value_of(
            assess.Rule,
            self,
            required=plain(self.required) if self.required is not None else None,
            period=assess.Period(self.period),
            counting=assess.Counting(self.counting),
            subjects=frozenset(self.subjects),
            levels=frozenset(self.levels),
            caps={form: Decimal(amount) for form, amount in self.caps.items()},
        )


class RequirementSetting(models.Model):
    """A figure that the bureau has entered for a year, with its document. Without a row it is 未设定.

    The total of a teachers' cycle is entered for the last year of the cycle.
    """

    year = models.PositiveSmallIntegerField("年度")
    key = models.CharField("项目", max_length=30, choices=Setting)
    amount = models.DecimalField("学时", max_digits=6, decimal_places=1)
    document = models.CharField("依据（文件名、文号）", max_length=200)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="录入人"
    )
    entered_at = models.DateTimeField("录入时间", default=clock.now)

    class Meta:
        verbose_name = verbose_name_plural = "年度设定"
        ordering = ("-year", "key")
        constraints = [
            models.UniqueConstraint(fields=["year", "key"], name="requirement_set_once_a_year"),
            models.CheckConstraint(condition=Q(key__in=Setting.values), name="requirement_setting_key"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="requirement_setting_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.year} {self.get_key_display()} {self.amount}"


def plain(amount: Decimal) -> Decimal:
    """90.0 as 90, 12.5 as 12.5: a figure as the notice writes it."""
    return amount.quantize(Decimal(1)) if amount == amount.to_integral_value() else amount.normalize()

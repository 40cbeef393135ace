"""Dated, swappable requirement rules (V2), and the yearly figures that only the province or the bureau can give."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import DO_BUREAU_WORK, Actor, VisibleQuerySet, case_key
from luojiang_ce.plain import value_of
from luojiang_ce.versions import Versioned
from luojiang_ce.workflow.models import Case
from units.models import Person, Unit
from verification.choices import Form, Measure, Subject
from verification.requirements import assess
from verification.requirements.display import OUTCOME_LABELS, counted_in

OUTCOMES = [(outcome.value, label) for outcome, label in OUTCOME_LABELS.items()]


class Level(models.TextChoices):
    """Level of a medical institution (notice 一(三)2)."""

    FIRST = "first", "一级"
    SECOND = "second", "二级"
    THIRD = "third", "三级"


class Tried:
    """Mixin of a case that comes into force by decision, after it was found out whose verdicts it changes."""

    @property
    def trials(self) -> TrialQuerySet:
        """Every trial of it."""
        case: Any = self
        return Trial.objects.of(case)

    @property
    def is_in_force(self: Any) -> bool:
        """Does it hold already? Then what is tried is its end."""
        return bool(self.state == "in_force")

    def newest_year(self: Any, present: int) -> int:
        """The newest year that it holds for so far; `present`: the year of today."""
        return min(present, self.last_year or present)


class RuleSetQuerySet(VisibleQuerySet["RuleSet"]):
    def visible_to(self, account: Actor) -> RuleSetQuerySet:
        """What the bureau is still writing is its own business; the rest everybody may read."""
        if account.holds(*DO_BUREAU_WORK.roles):
            return self
        return self.exclude(state__in=[RuleSet.State.DRAFT, RuleSet.State.PROPOSED])

    def in_force(self) -> RuleSetQuerySet:
        """The rules by which verdicts are given now."""
        return self.filter(state=RuleSet.State.IN_FORCE)


class RuleSet(Tried, Versioned, Case):
    """The requirements of a category from a year on. The newest one in force that covers a person decides, one that
    names the person's series before one that does not.

    Nothing of it is changed once it was in force: a revision is a set of its own, which takes its place by the
    approver's decision. So a verdict can be given again by the rules that it was given by.
    """

    class State(models.TextChoices):
        DRAFT = "draft", "拟定中"
        PROPOSED = "proposed", "待审批"
        IN_FORCE = "in_force", "执行中"
        OFF = "off", "备用，未启用"

    class Category(models.TextChoices):
        GENERAL = "general", "一般专业技术人员"
        MEDICAL = "medical", "卫生专业技术人员"
        TEACHER = "teacher", "中小学教师"

    WORDS = {"levels": dict(Level.choices)}  # for its history (workflow.changes)

    state = models.CharField("状态", max_length=20, choices=State, default=State.DRAFT, editable=False)
    code = models.SlugField("代码", max_length=40, unique=True, editable=False)
    title = models.CharField("名称", max_length=60)
    document = models.CharField("依据", max_length=300, help_text="文件名、文号和条款")
    category = models.CharField("人员类别", max_length=10, choices=Category)
    levels = models.JSONField(
        "适用的医疗机构级别", default=list, blank=True, help_text="卫生人员的规则只对写明的级别有效；其他人员的留空"
    )
    series = models.JSONField(
        "只适用于这些系列", default=list, blank=True, help_text="一行一个，与人员信息里的“系列”写法一致；不限的留空"
    )
    first_year = models.PositiveSmallIntegerField("自哪一年度起")
    last_year = models.PositiveSmallIntegerField("至哪一年度止", null=True, blank=True, help_text="没有写明的留空")
    note = models.CharField("说明", max_length=300, blank=True)
    replaces = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="revisions", verbose_name="修订自", editable=False
    )

    objects = RuleSetQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "达标规则"
        ordering = ("category", "first_year", "code")
        constraints = [
            models.CheckConstraint(condition=Q(state__in=["draft", "proposed", "in_force", "off"]), name="rules_state"),
            models.CheckConstraint(condition=Q(category__in=["general", "medical", "teacher"]), name="rules_category"),
            models.CheckConstraint(
                condition=Q(last_year=None) | Q(last_year__gte=F("first_year")), name="rules_years_in_order"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("requirements:ruleset", args=[self.pk])

    @property
    def stands_for(self) -> str:
        """Of a revision that is not decided: what it would take the place of; empty otherwise."""
        if self.replaces is None or self.state not in (self.State.DRAFT, self.State.PROPOSED):
            return ""
        former = self.replaces
        return f"修订稿，批准后代替“{former.title}”（{former.years}，{former.get_state_display()}）"

    @property
    def holds_for(self) -> str:
        """Whose rules they are: 卫生专业技术人员（一级、二级医疗卫生机构；系列：中医）."""
        levels = "、".join(Level(level).label for level in self.levels)
        limits = [f"{levels}医疗卫生机构"] if levels else []
        limits += [f"系列：{'、'.join(self.series)}"] if self.series else []
        within = "；".join(limits)
        return f"{self.get_category_display()}（{within}）" if limits else str(self.get_category_display())

    @property
    def years(self) -> str:
        """2017 年度起, 2017–2025 年度."""
        return f"{self.first_year}–{self.last_year} 年度" if self.last_year else f"{self.first_year} 年度起"

    def as_value(self, rules: Iterable[Rule] | None = None) -> assess.RuleSet:
        """The plain value that `assess` works with; `rules`: its own, in their order, where they are at hand."""
        own = tuple(rule.as_value() for rule in (self.rules.all() if rules is None else rules))
        return value_of(assess.RuleSet, self, rules=own, levels=frozenset(self.levels), series=frozenset(self.series))


class Setting(models.TextChoices):
    """Figures that the notice leaves to others; not set by default (domain.md §2)."""

    PUBLIC_MINIMUM = "public_minimum", "公共科目最低学时"
    TEACHER_CYCLE_TOTAL = "teacher_cycle_total", "教师周期学时总数"


class Rule(Versioned):
    """One requirement of a rule set; what the fields mean: assess.Rule. Its figure stands in `required`, or is that of
    the year (`setting`); without either it is 未设定."""

    class Period(models.TextChoices):
        YEAR = "year", "当年"
        TENURE = "tenure", "任职周期"
        CYCLE = "cycle", "五年周期"

    class Counting(models.TextChoices):
        AMOUNT = "amount", "学时（学分）数"
        COURSES = "courses", "公共必修课门数"
        INTENSIVE_OR_REMOTE = "intensive_or_remote", "集中脱产或远程培训次数"

    rule_set = models.ForeignKey(RuleSet, models.CASCADE, related_name="rules", verbose_name="规则", editable=False)
    position = models.PositiveSmallIntegerField("次序", editable=False)
    code = models.SlugField("代码", max_length=30, editable=False)
    title = models.CharField("要求", max_length=40)
    source = models.CharField("依据条款", max_length=100, help_text="文件和条款，如 通知 一(三)1")
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
                condition=Q(required=None) | Q(setting="", required__gt=0),
                name="rule_has_one_source_of_its_figure",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def counted_in(self) -> str:
        """What its figure is counted in: 学时, 学分, 门, 次."""
        return counted_in(self.counting, self.measure)

    @property
    def in_words(self) -> dict[str, str]:
        """What it asks, by what people call it; what does not limit it is left out."""
        left_open = f"按年度设定：{self.get_setting_display()}" if self.setting else "未设定"
        asked = left_open if self.required is None else f"{plain(self.required):f} {self.counted_in}"
        said = {
            "名称": self.title,
            "应有": asked,
            "期间": self.get_period_display(),
            "计什么": self.get_counting_display(),
            "科目": "、".join(Subject(subject).label for subject in self.subjects),
            "限制": "，".join(self.notes),
            "期满前": "可判定达到" if self.early else "",
            "条款": self.source,
        }
        return {label: words for label, words in said.items() if words}

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
            required=None if self.required is None else plain(self.required),
            period=assess.Period(self.period),
            counting=assess.Counting(self.counting),
            subjects=frozenset(self.subjects),
            levels=frozenset(self.levels),
            caps={form: Decimal(amount) for form, amount in self.caps.items()},
        )


class FigureChangeQuerySet(VisibleQuerySet["FigureChange"]):
    def visible_to(self, account: Actor) -> FigureChangeQuerySet:
        """What the bureau has not decided is its own business; the rest everybody may read."""
        return self if account.holds(*DO_BUREAU_WORK.roles) else self.filter(state=FigureChange.State.DECIDED)

    def open(self) -> FigureChangeQuerySet:
        """Those that are not decided."""
        return self.exclude(state=FigureChange.State.DECIDED)


class FigureChange(Tried, Versioned, Case):
    """A figure of a year on its way: written with its document, tried, decided. Without an amount the year is 未设定
    again."""

    class State(models.TextChoices):
        DRAFT = "draft", "拟定中"
        PROPOSED = "proposed", "待审批"
        DECIDED = "decided", "已执行"

    state = models.CharField("状态", max_length=20, choices=State, default=State.DRAFT, editable=False)
    key = models.CharField("项目", max_length=30, choices=Setting)
    year = models.PositiveSmallIntegerField("年度", help_text="公共科目写验证年度；教师周期学时总数写周期的最后一年")
    amount = models.DecimalField(
        "学时", max_digits=6, decimal_places=1, null=True, blank=True, help_text="留空表示恢复为未设定"
    )
    document = models.CharField("依据", max_length=200, help_text="文件名和文号；没有文件依据的不要填学时")

    objects = FigureChangeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "年度学时设定"
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(condition=Q(state__in=["draft", "proposed", "decided"]), name="figure_change_state"),
            models.CheckConstraint(condition=Q(key__in=Setting.values), name="figure_change_key"),
            models.CheckConstraint(condition=Q(amount=None) | Q(amount__gt=0), name="figure_change_positive"),
            models.UniqueConstraint(
                fields=["key", "year"],
                condition=~Q(state="decided"),
                name="figure_change_open_once",
            ),
        ]

    def __str__(self) -> str:
        figure = "恢复未设定" if self.amount is None else f"{plain(self.amount):f} 学时"
        return f"{self.year} 年度{self.get_key_display()}：{figure}"

    def get_absolute_url(self) -> str:
        return reverse("requirements:figurechange", args=[self.pk])

    @property
    def first_year(self) -> int:
        """The first year whose verdicts it may change: a total of a cycle decides about the years inside, too."""
        return self.year - 4 if self.key == Setting.TEACHER_CYCLE_TOTAL else self.year

    @property
    def last_year(self) -> int:
        """The last one."""
        return self.year


class TrialQuerySet(models.QuerySet["Trial"]):
    def of(self, case: Case) -> TrialQuerySet:
        """The trials of a rule set, a figure, or whatever else is tried."""
        case_type, case_id = case_key(case)
        return self.filter(case_type=case_type, case_id=case_id)


class Trial(models.Model):
    """Whose verdict of a year a case (a rule set, a figure) would change, as it was found before anybody decided: those
    who were not filed then, for whoever was keeps the rules of that day."""

    case_type = models.CharField(max_length=60)
    case_id = models.BigIntegerField()
    title = models.CharField("试算什么", max_length=200)
    version = models.PositiveIntegerField("试算时的版本")
    year = models.PositiveSmallIntegerField("年度")
    people = models.PositiveIntegerField("试算人数")
    filed = models.PositiveIntegerField("已报送而不变的人数")
    ends = models.BooleanField("停用以后", default=False)  # whose verdict changes once it holds no more
    made_at = models.DateTimeField("试算时间", default=clock.now)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="试算人")

    objects = TrialQuerySet.as_manager()

    class Meta:
        verbose_name = "规则试算"
        ordering = ("-pk",)
        indexes = [models.Index(fields=["case_type", "case_id"], name="trial_of_case")]

    def __str__(self) -> str:
        return f"{self.title} {self.of}试算"

    @property
    def of(self) -> str:
        """What was tried: 2026 年度, 停用以后 2026 年度."""
        return f"停用以后 {self.year} 年度" if self.ends else f"{self.year} 年度"


class TrialLineQuerySet(VisibleQuerySet["TrialLine"]):
    def visible_to(self, account: Actor) -> TrialLineQuerySet:
        """The bureau's own work."""
        return self if account.holds(*DO_BUREAU_WORK.roles) else self.none()


class TrialLine(models.Model):
    """Somebody whose verdict would become another one."""

    trial = models.ForeignKey(Trial, models.CASCADE, related_name="lines")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="单位")
    person = models.ForeignKey(Person, models.CASCADE, related_name="+", verbose_name="人员")
    before = models.CharField("现行规则", max_length=20, choices=OUTCOMES)
    after = models.CharField("按此规则", max_length=20, choices=OUTCOMES)

    objects = TrialLineQuerySet.as_manager()

    class Meta:
        verbose_name = "规则试算"
        ordering = ("unit__code", "person__pinyin", "pk")
        constraints = [models.UniqueConstraint(fields=["trial", "person"], name="trial_line_once")]

    def __str__(self) -> str:
        return f"{self.trial_id} {self.before} → {self.after}"


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

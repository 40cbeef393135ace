"""The bureau's figures for draws, the draws, and the originals that a random audit asks for."""

from __future__ import annotations

from datetime import date

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import READ_DISTRICT, READ_DRAWS, READ_ORIGINALS, Actor, Role, VisibleQuerySet, roles_with
from luojiang_ce.workdays.text import full
from luojiang_ce.workflow.models import Case
from units.models import Account, Unit
from verification.declarations.models import Declaration

from .draw import DrawList, list_from
from .weights import Weights

UNSET = "留空即未设定"


def _figure(label: str, most: int, help_text: str = UNSET) -> models.PositiveSmallIntegerField[int | None, int | None]:
    within = [MinValueValidator(1), MaxValueValidator(most)]
    return models.PositiveSmallIntegerField(label, null=True, blank=True, validators=within, help_text=help_text)


class DrawFigures(models.Model):
    """The bureau's figures for draws, whole, from the moment they are set; a change is a new row with its reason.

    No law gives them and none is shipped: unset means equal weights, no share, no coverage."""

    record_weight = _figure("有机构记录的加", 20, "施教机构有检查发现、退回、通报记录的")
    size_from = _figure("人数达到", 2000, "计划人数达到多少算规模大")
    size_weight = _figure("规模大的加", 20)
    first_weight = _figure("首次办班的加", 20)
    class_share = _figure("培训班抽查比例（%）", 100)
    yearly = models.BooleanField("每个施教机构每年至少抽到一次（名单和次数允许时）", default=False)
    declaration_share = _figure("学时申报核查比例（%）", 100)
    reason = models.CharField("设定的理由或依据", max_length=300)
    set_at = models.DateTimeField("设定时间", default=clock.now, editable=False)
    set_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+", editable=False)

    class Meta:
        verbose_name = "抽查参数"
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(
                condition=Q(size_from=None, size_weight=None) | Q(size_from__isnull=False, size_weight__isnull=False),
                name="draw_figures_size_whole",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="draw_figures_reason"),
        ]

    def __str__(self) -> str:
        return f"{full(clock.local(self.set_at).date())}设定的抽查参数"

    @property
    def weights(self) -> Weights:
        """What is added to the weights."""
        return Weights(self.record_weight, self.size_from, self.size_weight, self.first_weight)


def figures_in_force() -> DrawFigures:
    """The newest figures; all unset where nobody has set any. One query."""
    return DrawFigures.objects.first() or DrawFigures()


class DrawQuerySet(VisibleQuerySet["Draw"]):
    def visible_to(self, account: Actor) -> DrawQuerySet:
        """Handlers, approvers, the audit officer: visits are not announced, to inspectors only their own."""
        return self.all() if account.holds(*READ_DRAWS.roles) else self.none()


class Draw(Case):
    """A draw. `listed`: the frozen list (`draw.text_of` in UTF-8: ids, no names); `digest`: its published SHA-256.
    Both never change. `result`: what was drawn (`draw.Drawn` as JSON). `made`: by the id of what was drawn, the visit
    that was assigned (its id), or why there is none."""

    class State(models.TextChoices):
        FROZEN = "frozen", "名单已公布"
        DRAWN = "drawn", "已抽取"
        DONE = "done", "已安排"
        CANCELLED = "cancelled", "已作废"

    class Of(models.TextChoices):
        CLASSES = "classes", "培训班现场检查"
        DECLARATIONS = "declarations", "学时申报原件核查"

    class Seed(models.TextChoices):
        SYSTEM = "system", "系统随机产生"
        PUBLIC = "public", "公开号码"

    state = models.CharField("状态", max_length=20, choices=State, default=State.FROZEN, editable=False)
    number = models.CharField("编号", max_length=30, unique=True, editable=False)
    of = models.CharField("抽查事项", max_length=20, choices=Of, editable=False)
    listed = models.BinaryField(editable=False)
    digest = models.CharField("名单摘要", max_length=64, editable=False)
    size = models.PositiveIntegerField("名单", editable=False)
    count = models.PositiveIntegerField("抽取", editable=False)
    seed_from = models.CharField("种子来源", max_length=10, choices=Seed)
    source = models.CharField("公开号码的来源", max_length=100, blank=True)
    seed_on = models.DateField("号码公布日期", null=True, blank=True)
    seed = models.CharField("种子", max_length=100, blank=True, editable=False)
    drawn_at = models.DateTimeField("抽取时间", null=True, editable=False)
    result = models.JSONField(default=list, editable=False)
    made = models.JSONField(default=dict, editable=False)

    objects = DrawQuerySet.as_manager()

    class Meta:
        verbose_name = "随机抽查"
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(condition=Q(state__in=["frozen", "drawn", "done", "cancelled"]), name="draw_state"),
            models.CheckConstraint(condition=Q(of__in=["classes", "declarations"]), name="draw_of"),
            models.CheckConstraint(
                condition=Q(seed_from="system", source="", seed_on=None)
                | Q(seed_from="public", seed_on__isnull=False) & ~Q(source=""),
                name="draw_seed_from",
            ),
            models.CheckConstraint(
                condition=Q(seed="", drawn_at=None, state__in=["frozen", "cancelled"])
                | ~Q(seed="") & Q(drawn_at__isnull=False, state__in=["drawn", "done"]),
                name="draw_seed_only_when_drawn",
            ),
            # One list lies open at a time, so that nobody freezes two and draws from the better one.
            models.UniqueConstraint(fields=["of"], condition=Q(state="frozen"), name="draw_one_list_at_a_time"),
        ]

    def __str__(self) -> str:
        return f"{self.get_of_display()}抽取 {self.number}"

    def get_absolute_url(self) -> str:
        return reverse("draws:draw", args=[self.pk])

    @property
    def the_list(self) -> DrawList:
        """The frozen list as values."""
        return list_from(self.text)

    @property
    def text(self) -> str:
        """The frozen list as it was published by its digest."""
        return bytes(self.listed).decode()

    @property
    def of_classes(self) -> bool:
        return self.of == self.Of.CLASSES


class CheckQuerySet(VisibleQuerySet["OriginalsCheck"]):
    def visible_to(self, account: Actor) -> CheckQuerySet:
        """The unit that declared; handlers, approvers and the audit officer all."""
        if account.holds(*roles_with(READ_DISTRICT, READ_ORIGINALS)):
            return self.all()
        return self.filter(unit__in=account.unit_ids(Role.UNIT_CLERK))


class OriginalsCheck(Case):
    """An accepted declaration that was drawn (V12): its unit shows the originals, a handler says whether they agree.
    Nothing follows by itself: hours stay as they are until the approver withdraws the acceptance."""

    class State(models.TextChoices):
        ASKED = "asked", "待提供原件"
        PROVIDED = "provided", "待核对"
        AGREES = "agrees", "相符"
        DIFFERS = "differs", "不符"
        NOT_PROVIDED = "not_provided", "未提供"

    class How(models.TextChoices):
        UPLOADED = "uploaded", "已上传原件的扫描件或照片"
        BROUGHT = "brought", "送原件到区人社局核对"

    state = models.CharField("状态", max_length=20, choices=State, default=State.ASKED, editable=False)
    number = models.CharField("编号", max_length=30, unique=True, editable=False)
    draw = models.ForeignKey(Draw, models.PROTECT, related_name="checks", editable=False)
    declaration = models.ForeignKey(Declaration, models.PROTECT, related_name="+", editable=False)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", editable=False)
    wanted_on = models.DateField("请在何日以前提供", editable=False)
    how = models.CharField("提供方式", max_length=10, choices=How, blank=True, editable=False)

    objects = CheckQuerySet.as_manager()

    class Meta:
        verbose_name = "原件核查"
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["asked", "provided", "agrees", "differs", "not_provided"]),
                name="originals_state",
            ),
            models.CheckConstraint(condition=Q(how__in=["", "uploaded", "brought"]), name="originals_how"),
            models.UniqueConstraint(fields=["declaration"], name="originals_asked_once"),
        ]
        indexes = [models.Index(fields=["unit", "state"], name="originals_of_unit")]

    def __str__(self) -> str:
        return f"{self.declaration}原件核查"

    def get_absolute_url(self) -> str:
        return reverse("draws:originalscheck", args=[self.pk])

    @property
    def public_title(self) -> str:
        """The number says which: the declaration's name names a person."""
        return ""

    def is_overdue(self, day: date) -> bool:
        """Has the day gone by?"""
        return self.wanted_on < day

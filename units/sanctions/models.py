"""A sanction on a person: what happened in whose time, and what the unit decided (notice 三3)."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import READ_DISTRICT, READ_SANCTIONS, Actor, Role, VisibleQuerySet, roles_with
from luojiang_ce.versions import Versioned
from luojiang_ce.workdays.text import full
from luojiang_ce.workflow.models import Case
from units.models import Employment, Person, Unit


class SanctionQuerySet(VisibleQuerySet["Sanction"]):
    def visible_to(self, account: Actor) -> SanctionQuerySet:
        """All of the own unit's, or of one that was merged into it; of the people who work there now what is in force,
        whoever decided it; what was recorded, the bureau and the auditor."""
        own = account.unit_ids(Role.UNIT_CLERK)
        working = Employment.objects.filter(unit__in=own, ended_on=None).values("person")
        seen = Q(unit__in=own) | Q(unit__merged_into__in=own) | in_force_on(clock.today()) & Q(person__in=working)
        if account.holds(*roles_with(READ_DISTRICT, READ_SANCTIONS)):
            seen |= Q(first_submitted_at__isnull=False)
        return self.filter(seen)


def label_of(name: str) -> str:
    """How people call a field of a sanction."""
    return str(Sanction._meta.get_field(name).verbose_name)  # type: ignore[union-attr]


def in_force_on(day: date) -> Q:
    """Recorded, not withdrawn, and its last day (if it has one) not over."""
    return Q(state=Sanction.State.IN_FORCE) & (Q(ends_on=None) | Q(ends_on__gte=day))


class Sanction(Versioned, Case):
    """Decided by the person's unit, which records it; the bureau reads it and is not asked. Nothing is deleted: what
    was recorded is withdrawn, with the reason. That its last day is over is derived, never stored."""

    class State(models.TextChoices):
        DRAFT = "draft", "草稿"
        IN_FORCE = "in_force", "生效中"
        WITHDRAWN = "withdrawn", "已撤销"

    class Breach(models.TextChoices):
        OWN_TIME = "own_time", "擅自占用工作时间参加非本单位安排的继续教育活动"
        BROKEN_OFF = "broken_off", "无正当理由擅自终止学习"
        MISCONDUCT = "misconduct", "学习期间违反规定造成不良影响"
        FAILED = "failed", "修业不合格"
        OTHER = "other", "其他违规情况"

    ENDED = "已届满"
    # The measures that the notice names; any other is told in words.
    MEASURES = ("criticism", "no_refund", "dismissal")

    state = models.CharField("状态", max_length=20, choices=State, default=State.DRAFT, editable=False)
    number = models.CharField("编号", max_length=30, null=True, unique=True, editable=False)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="单位", editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="sanctions", verbose_name="人员", editable=False)
    breach = models.CharField("违规情况", max_length=20, choices=Breach)
    breach_detail = models.CharField("其他违规情况的说明", max_length=200, blank=True)
    learning = models.CharField("所涉学习活动", max_length=200)
    happened_on = models.DateField("发生日期")
    narrative = models.TextField("事实经过", max_length=2000)
    criticism = models.BooleanField("通报批评", default=False)
    no_refund = models.BooleanField("不予报销学习费用", default=False)
    dismissal = models.BooleanField("解聘专业技术职务", default=False)
    other_measure = models.CharField("其他处理", max_length=200, blank=True)
    decided_on = models.DateField("决定日期")
    document = models.CharField("处理文件文号", max_length=100)
    ends_on = models.DateField("最后一日", null=True, blank=True)
    withdrawn_on = models.DateField("撤销日期", null=True, editable=False)

    objects = SanctionQuerySet.as_manager()

    class Meta:
        verbose_name = "个人违规处理"
        ordering = ("-decided_on", "-pk")
        constraints = [
            models.CheckConstraint(condition=Q(state__in=["draft", "in_force", "withdrawn"]), name="sanction_state"),
            models.CheckConstraint(
                condition=Q(breach__in=["own_time", "broken_off", "misconduct", "failed"])
                | Q(breach="other") & ~Q(breach_detail=""),
                name="sanction_breach",
            ),
            models.CheckConstraint(
                condition=Q(criticism=True) | Q(no_refund=True) | Q(dismissal=True) | ~Q(other_measure=""),
                name="sanction_measure",
            ),
            models.CheckConstraint(
                condition=Q(decided_on__gte=F("happened_on")) & (Q(ends_on=None) | Q(ends_on__gte=F("decided_on"))),
                name="sanction_days_in_order",
            ),
            models.CheckConstraint(
                condition=Q(state="withdrawn", withdrawn_on__isnull=False)
                | ~Q(state="withdrawn") & Q(withdrawn_on=None),
                name="sanction_withdrawn_on",
            ),
            models.UniqueConstraint(
                fields=["person", "unit", "breach", "happened_on", "document"],
                condition=Q(state="in_force"),
                name="sanction_once",
            ),
        ]
        indexes = [models.Index(fields=["person", "state", "ends_on"], name="sanction_in_force")]

    def __str__(self) -> str:
        return f"{self.called}：{self.get_breach_display()}"

    def get_absolute_url(self) -> str:
        return reverse("sanctions:sanction", args=[self.pk])

    @property
    def has_ended(self) -> bool:
        """Is the last day of one that nobody withdrew over?"""
        return self.state == self.State.IN_FORCE and self.ends_on is not None and self.ends_on < clock.today()

    def get_state_display(self) -> str:  # type: ignore[no-redef]  # Django leaves alone what stands there
        """The state in words, in which one whose last day is over is in force no more."""
        return self.ENDED if self.has_ended else str(self.State(self.state).label)

    @property
    def what(self) -> str:
        """What happened, as one line says it."""
        return self.breach_detail if self.breach == self.Breach.OTHER else self.get_breach_display()

    @property
    def measures(self) -> str:
        """What was decided: 通报批评、不予报销学习费用."""
        named = [label_of(name) for name in self.MEASURES if getattr(self, name)]
        return "、".join(filter(None, (*named, self.other_measure)))

    @property
    def span(self) -> str:
        """From when to when it holds, as far as it was said."""
        return f"{full(self.decided_on)} 起{f'，至 {full(self.ends_on)}' if self.ends_on else ''}"

    @property
    def public_title(self) -> str:
        """Of whom is told to nobody on the way."""
        return self.unit.short

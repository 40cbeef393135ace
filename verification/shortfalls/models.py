"""How people stand in a year as it was last counted for many at once, and when the bureau reminded a unit (催办)."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from luojiang_ce import clock
from luojiang_ce.access import READ_PEOPLE, Actor, VisibleQuerySet
from luojiang_ce.workdays.text import full
from units.access import unit_scope
from units.models import Account, Person, Unit


class Standing(models.TextChoices):
    """How a person's year stands, as far as anybody has to do something about it."""

    SHORT = "short", "还差"
    ON_ITS_WAY = "on_its_way", "在途，入账后达标"
    MET = "met", "已达标"
    WAIVED = "waived", "未达标，已同意验证"
    ON_LEAVE = "on_leave", "长期离岗"
    OPEN = "open", "周期进行中"
    UNDETERMINED = "undetermined", "未判定"

    @property
    def meaning(self) -> str:
        """Its colour."""
        return {
            Standing.SHORT: "soon",
            Standing.ON_ITS_WAY: "wait",
            Standing.MET: "done",
            Standing.WAIVED: "done",
            Standing.OPEN: "wait",
        }.get(self, "idle")


class Filing(models.TextChoices):
    """Where a person's year stands with the bureau; a draft is nothing yet. Excused: nobody has to file it (on leave on
    the last day, or come after it; verification/batches/owing.py)."""

    NONE = "none", "未报送"
    EXCUSED = "excused", "不须报送"
    FILED = "filed", "已报送"
    VERIFIED = "verified", "已验证"
    FAILED = "failed", "不通过"
    GIVEN_UP = "given_up", "视同放弃"


class UnitsQuerySet(VisibleQuerySet[Any]):
    def visible_to(self, account: Actor) -> UnitsQuerySet:
        """The unit's clerks, the authority that supervises it, and the bureau."""
        return self.filter(unit_scope(account)) if account.holds(*READ_PEOPLE.roles) else self.none()


class StandingLine(models.Model):
    """How a person of a unit stood in a year when everybody was counted; `gap`: the most that is missing of hours or
    credits. Whatever a page shows of a person is computed anew; by these lines it counts, filters and sorts."""

    unit = models.ForeignKey(Unit, models.CASCADE, related_name="+", verbose_name="单位")
    person = models.ForeignKey(Person, models.CASCADE, related_name="+", verbose_name="人员")
    year = models.PositiveSmallIntegerField("年度")
    standing = models.CharField("达标情况", max_length=20, choices=Standing)
    filing = models.CharField("报送", max_length=10, choices=Filing)
    gap = models.DecimalField("还差", max_digits=7, decimal_places=2, default=0)
    made_at = models.DateTimeField("计算时间", default=clock.now, editable=False)

    objects = UnitsQuerySet.as_manager()

    class Meta:
        verbose_name = "达标情况"
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(fields=["unit", "person", "year"], name="standing_once"),
            models.CheckConstraint(condition=Q(standing__in=Standing.values), name="standing_known"),
            models.CheckConstraint(condition=Q(filing__in=Filing.values), name="standing_filing_known"),
        ]
        indexes = [models.Index(fields=["year", "unit"], name="standing_of_unit")]

    def __str__(self) -> str:
        return f"{self.person} {self.year} {self.get_standing_display()}"


class Reminder(models.Model):
    """The bureau reminded a unit of its people who are short or not filed: at most once a day."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="单位")
    year = models.PositiveSmallIntegerField("年度")
    day = models.DateField("日期", default=clock.today)
    short = models.PositiveIntegerField("还差的人数")
    unfiled = models.PositiveIntegerField("未报送的人数")
    sent_at = models.DateTimeField("时间", default=clock.now, editable=False)
    sent_by = models.ForeignKey(Account, models.PROTECT, related_name="+", verbose_name="催办人")

    objects = UnitsQuerySet.as_manager()

    class Meta:
        verbose_name = "催办"
        ordering = ("-pk",)
        constraints = [models.UniqueConstraint(fields=["unit", "day"], name="reminded_once_a_day")]

    def __str__(self) -> str:
        return f"{self.unit} {full(self.day)} {self.year} 年度"

    @property
    def said(self) -> str:
        return reminder_of(self.year, self.short, self.unfiled)


def reminder_of(year: int, short: int, unfiled: int) -> str:
    """2026 年度还有 12 人学时不足、3 人未报送"""
    parts = [(short, "学时（学分）不足"), (unfiled, "未报送")]
    return f"{year} 年度还有 " + "、".join(f"{number} 人{what}" for number, what in parts if number)

"""The figures a timetable is checked against, from a day on: data with its source, changed by adding a row."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.db import models
from django.db.models import F, Q

from luojiang_ce.once import once
from luojiang_ce.plain import value_of
from luojiang_ce.workdays.text import full
from training.classes.timetable import Rules


@once
def _newest_first() -> list[TimetableRule]:
    return list(TimetableRule.objects.order_by("-valid_from"))


class TimetableRuleQuerySet(models.QuerySet["TimetableRule"]):
    def in_force(self, day: date) -> TimetableRule:
        """The newest row valid on a day; LookupError where there is none. One query a page."""
        found = next((rule for rule in _newest_first() if rule.valid_from <= day), None)
        if found is None:
            raise LookupError(f"{full(day)}没有可用的课程表规则，请区人社局先录入")
        return found

    def day_caps(self) -> list[tuple[date, Decimal]]:
        """The most hours of a day and since when, the newest rule first. One query."""
        return list(self.order_by("-valid_from").values_list("valid_from", "day_cap"))


class TimetableRule(models.Model):
    """Caps and lengths from a day on, whole: a change is a new row, old classes keep the old one."""

    class SmallChanges(models.TextChoices):
        HANDLER = "handler", "经办审核即可"
        APPROVER = "approver", "经办审核后送审批"

    valid_from = models.DateField("自何日起", unique=True)
    hour_minutes = models.PositiveSmallIntegerField("1 学时的分钟数")
    half_day_cap = models.DecimalField("半日学时上限", max_digits=4, decimal_places=1)
    day_cap = models.DecimalField("全日学时上限", max_digits=4, decimal_places=1)
    morning_until = models.TimeField("上午不晚于")
    afternoon_from = models.TimeField("下午不早于")
    afternoon_until = models.TimeField("下午不晚于")
    evening_from = models.TimeField("晚上不早于")
    # C5: who decides that a class has another room, or another lecturer of no lower level
    small_changes = models.CharField(
        "换教室、换同级教师", max_length=10, choices=SmallChanges, default=SmallChanges.HANDLER
    )
    document = models.CharField("依据", max_length=300)

    objects = TimetableRuleQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "课程表规则"
        ordering = ("-valid_from",)
        constraints = [
            models.CheckConstraint(
                condition=Q(hour_minutes__gte=1, half_day_cap__gt=0, day_cap__gte=F("half_day_cap")),
                name="timetable_rule_sound",
            ),
            models.CheckConstraint(
                condition=Q(small_changes__in=["handler", "approver"]), name="timetable_rule_small_changes"
            ),
        ]

    def __str__(self) -> str:
        return f"{full(self.valid_from)} 起的课程表规则"

    def as_value(self) -> Rules:
        """The row as the plain value that timetables are checked with."""
        return value_of(Rules, self)

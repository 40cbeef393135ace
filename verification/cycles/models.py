"""What the bureau has said about cycles that end in a year (product.md V9)."""

from __future__ import annotations

from django.db import models
from django.urls import reverse

from luojiang_ce.access import READ_PEOPLE, Actor, VisibleQuerySet
from luojiang_ce.versions import Versioned


class CycleSettingQuerySet(VisibleQuerySet["CycleSetting"]):
    def visible_to(self, account: Actor) -> CycleSettingQuerySet:
        """What decides about teachers anybody who reads people may read."""
        return self if account.holds(*READ_PEOPLE.roles) else self.none()


class CycleSetting(Versioned):
    """For cycles that end in this year other unmet requirements mean 次年度不予评聘 too, by this document. Without a
    row the total of hours alone does (notice 二(一) speaks of 学时数)."""

    year = models.PositiveSmallIntegerField("周期届满年度", unique=True)
    document = models.CharField("依据（文件名、文号）", max_length=200)

    objects = CycleSettingQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "教师周期设定"
        ordering = ("-year",)

    def __str__(self) -> str:
        return f"{self.year} 年届满的教师周期"

    def get_absolute_url(self) -> str:
        return reverse("cycles:flagged")

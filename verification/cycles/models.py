"""What the bureau has said about cycles that end in a year (product.md V9)."""

from __future__ import annotations

from django.db import models

from luojiang_ce.versions import Versioned


class CycleSetting(Versioned):
    """For cycles that end in this year other unmet requirements mean 次年度不予评聘 too, by this document. Without a
    row the total of hours alone does (notice 二(一) speaks of 学时数)."""

    year = models.PositiveSmallIntegerField("周期届满年度", unique=True)
    document = models.CharField("依据（文件名、文号）", max_length=200)

    class Meta:
        verbose_name = verbose_name_plural = "教师周期设定"
        ordering = ("-year",)

    def __str__(self) -> str:
        return f"{self.year} 年届满的教师周期"

"""How the bureau numbers the booklets that it issues, from a day on, and how long they hold (发证、换证)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from luojiang_ce import clock

from .person import Certificate


class CertificatePattern(models.Model):
    """The rule in force from a day on: the newest that has begun decides. An empty pattern is 未设定 again.

    Each counts with a series of its own, so that one which is to begin later does not touch the numbers of today.
    `valid_years` None: nobody has said how long a booklet holds, and none expires.
    """

    kind = models.CharField("证书", max_length=10, choices=Certificate.Kind)
    first_day = models.DateField("自何日起")
    pattern = models.CharField("编号规则", max_length=60, blank=True)
    valid_years = models.PositiveSmallIntegerField("有效期（年）", null=True)
    document = models.CharField("依据", max_length=200, blank=True)
    entered_at = models.DateTimeField("录入时间", default=clock.now)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="录入人"
    )

    class Meta:
        verbose_name = "证书编号规则"
        ordering = ("kind", "-first_day")
        constraints = [
            models.UniqueConstraint(fields=["kind", "first_day"], name="certificate_pattern_once_a_day"),
            models.CheckConstraint(
                condition=Q(valid_years=None) | Q(valid_years__gte=1), name="certificate_pattern_years"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}编号规则（{self.first_day} 起）"

    @property
    def series(self) -> str:
        """Of its numbers (luojiang_ce.papers.numbering)."""
        return f"certificate_{self.kind}_{self.pk}"

"""An authority's opinion on one case."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from luojiang_ce.access import Actor, VisibleQuerySet, case_models
from luojiang_ce.versions import Versioned
from units.models import Account, Unit

# Kinds of cases that take opinions, by key: the states in which they do (take_opinions).
STATES: dict[str, tuple[str, ...]] = {}


class OpinionQuerySet(VisibleQuerySet["Opinion"]):
    def visible_to(self, account: Actor) -> OpinionQuerySet:
        """As the case that it is about."""
        seen, known = Q(pk__in=[]), case_models()
        for key in STATES:
            cases = known[key]._default_manager.visible_to(account)  # type: ignore[attr-defined]
            seen |= Q(case_type=key, case_id__in=cases.values("pk"))
        return self.filter(seen)


class Opinion(Versioned):
    """What an authority says of a case, given on-line by its clerk or recorded by the bureau from paper."""

    class Result(models.TextChoices):
        AGREED = "agreed", "同意"
        OBJECTED = "objected", "不同意"

    class Way(models.TextChoices):
        ONLINE = "online", "网上"
        PAPER = "paper", "书面"

    case_type = models.CharField(max_length=60, editable=False)
    case_id = models.BigIntegerField(editable=False)
    authority = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="业务主管部门", editable=False)
    way = models.CharField("方式", max_length=10, choices=Way, editable=False)
    result = models.CharField("意见", max_length=10, choices=Result)
    text = models.CharField("意见内容", max_length=500, blank=True)
    given_on = models.DateField("日期")
    person = models.CharField("经办人", max_length=50)
    recorded_by = models.ForeignKey(Account, models.PROTECT, related_name="+", editable=False)

    objects = OpinionQuerySet.as_manager()

    class Meta:
        verbose_name = "业务主管部门意见"
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(fields=["case_type", "case_id"], name="opinion_once"),
            models.CheckConstraint(condition=Q(result__in=["agreed", "objected"]), name="opinion_result"),
            models.CheckConstraint(condition=Q(way__in=["online", "paper"]), name="opinion_way"),
        ]

    def __str__(self) -> str:
        return f"{self.authority.short}{self.get_result_display()}"

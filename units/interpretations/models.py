"""What the bureau says a clause means (notice 三4): dated, withdrawn and never rewritten."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import Q
from django.urls import reverse

from luojiang_ce.access import DO_BUREAU_WORK, Actor, VisibleQuerySet
from luojiang_ce.versions import Versioned
from luojiang_ce.workflow.models import Case


class InterpretationQuerySet(VisibleQuerySet["Interpretation"]):
    def visible_to(self, account: Actor) -> InterpretationQuerySet:
        """What was published is for everybody; what the bureau still writes is its own business."""
        return self if account.holds(*DO_BUREAU_WORK.roles) else self.published()

    def published(self) -> InterpretationQuerySet:
        """Those that hold, or did."""
        return self.filter(state__in=[Interpretation.State.IN_FORCE, Interpretation.State.WITHDRAWN])

    def in_force_on(self, day: date) -> InterpretationQuerySet:
        """Those by which clauses are read on a day."""
        return self.filter(state=Interpretation.State.IN_FORCE, holds_from__lte=day)


class Interpretation(Versioned, Case):
    """One question about a clause, and the bureau's answer."""

    class State(models.TextChoices):
        DRAFT = "draft", "草稿"
        PROPOSED = "proposed", "待审批"
        IN_FORCE = "in_force", "现行"
        WITHDRAWN = "withdrawn", "已撤销"

    state = models.CharField("状态", max_length=20, choices=State, default=State.DRAFT, editable=False)
    number = models.CharField("编号", max_length=30, null=True, unique=True, editable=False)
    clause = models.CharField("条款", max_length=20)
    question = models.CharField("问题", max_length=200, help_text="一句话，例如：半日只签到没有签退的怎么算")
    answer = models.TextField("解释", max_length=2000)
    document = models.CharField("依据文件", max_length=200, blank=True, help_text="文件名和文号；没有的不填")
    holds_from = models.DateField("自何日起")
    withdrawn_on = models.DateField("撤销日期", null=True, editable=False)

    objects = InterpretationQuerySet.as_manager()

    class Meta:
        verbose_name = "条款解释"
        ordering = ("-holds_from", "-pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["draft", "proposed", "in_force", "withdrawn"]), name="interpretation_state"
            ),
            models.CheckConstraint(
                condition=Q(state="withdrawn", withdrawn_on__isnull=False)
                | ~Q(state="withdrawn") & Q(withdrawn_on=None),
                name="interpretation_withdrawn_on",
            ),
        ]
        indexes = [models.Index(fields=["state", "clause"], name="interpretation_of_clause")]

    def __str__(self) -> str:
        return f"{self.clause} {self.question}"

    def get_absolute_url(self) -> str:
        return reverse("interpretations:interpretation", args=[self.pk])

"""A plan of self-study that a unit files and the bureau approves before the study begins (notice 一(四))."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import Actor, VisibleQuerySet
from luojiang_ce.versions import Versioned
from luojiang_ce.workdays.text import full
from luojiang_ce.workflow.models import Case
from units.access import case_scope
from units.models import Account, Person, Unit
from verification.choices import Measure, Subject


class SelfStudyQuerySet(VisibleQuerySet["SelfStudy"]):
    def visible_to(self, account: Actor) -> SelfStudyQuerySet:
        """The filing unit; once submitted its authority's reviewer and the bureau."""
        return self.filter(case_scope(account))

    def approved(self) -> SelfStudyQuerySet:
        """Filings under which hours may be declared."""
        return self.filter(state=SelfStudy.State.APPROVED)


class SelfStudy(Versioned, Case):
    """notice 一(四): 有组织、有计划、有指导、有考核; for one or several people of the unit, each the same hours."""

    class State(models.TextChoices):
        DRAFT = "draft", "草稿"
        SUBMITTED = "submitted", "待核准"
        RETURNED = "returned", "退回补正"
        APPROVED = "approved", "已核准备案"
        REFUSED = "refused", "不予备案"
        CANCELLED = "cancelled", "已作废"
        REVOKED = "revoked", "备案已撤销"

    state = models.CharField("状态", max_length=20, choices=State, default=State.DRAFT, editable=False)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="申报单位", editable=False)
    people = models.ManyToManyField(Person, related_name="self_studies", verbose_name="人员")
    title = models.CharField("自学主题", max_length=200)
    content = models.TextField("自学计划", max_length=2000)
    date_from = models.DateField("起")
    date_to = models.DateField("止")
    guide = models.CharField("指导人", max_length=100)
    assessment = models.CharField("考核方式", max_length=200)
    subject = models.CharField("科目", max_length=20, choices=Subject)
    measure = models.CharField("计量", max_length=10, choices=Measure, editable=False)
    amount = models.DecimalField("每人拟计学时（学分）", max_digits=6, decimal_places=1)
    basis = models.CharField("学时计算依据", max_length=200)
    note = models.CharField("其他说明", max_length=500, blank=True)
    approved_by = models.ForeignKey(Account, models.PROTECT, null=True, blank=True, related_name="+", editable=False)
    approved_at = models.DateTimeField("核准时间", null=True, blank=True, editable=False)

    objects = SelfStudyQuerySet.as_manager()

    class Meta:
        verbose_name = "自学备案"
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    state__in=["draft", "submitted", "returned", "approved", "refused", "cancelled", "revoked"]
                ),
                name="self_study_state",
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="self_study_amount"),
            models.CheckConstraint(condition=Q(date_to__gte=F("date_from")), name="self_study_days_in_order"),
            models.CheckConstraint(
                condition=Q(measure="hours", subject__in=["public", "professional"])
                | Q(measure="credits", subject__in=["class_1", "class_2", "general_practice"]),
                name="self_study_subject_of_its_measure",
            ),
            models.CheckConstraint(
                condition=~Q(state="approved") | Q(approved_at__isnull=False), name="self_study_approved_on_a_day"
            ),
        ]
        indexes = [models.Index(fields=["state", "submitted_at"], name="self_study_queue")]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("self_study:selfstudy", args=[self.pk])

    @property
    def public_title(self) -> str:
        return ""  # its number says which

    @property
    def number(self) -> str:
        """ZX-2026-00012: known from the draft on, never given twice."""
        return f"ZX-{clock.local(self.created_at).year}-{self.pk:05d}"

    @property
    def span(self) -> str:
        """From when to when the study is planned."""
        return f"{full(self.date_from)}至{full(self.date_to)}"

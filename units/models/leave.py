"""Long absence from work, applied for with evidence and approved by the bureau (product.md U2)."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from luojiang_ce.access import READ_ABSENCES, READ_DISTRICT, Actor, Role, VisibleQuerySet, roles_with
from luojiang_ce.versions import Versioned
from luojiang_ce.workdays.text import full
from luojiang_ce.workflow.case_kind import workflow_of
from luojiang_ce.workflow.models import Case

from .account import Account
from .unit import Unit


class LeaveQuerySet(VisibleQuerySet["Leave"]):
    def visible_to(self, account: Actor) -> LeaveQuerySet:
        """Evidence may be medical: the unit's own clerk and, once submitted, the bureau's staff and the auditor."""
        condition = Q(unit__in=account.unit_ids(Role.UNIT_CLERK))
        if account.holds(*roles_with(READ_DISTRICT, READ_ABSENCES)):
            condition |= Q(first_submitted_at__isnull=False)
        return self.filter(condition)

    def approved(self, on: date | None = None) -> LeaveQuerySet:
        """Leaves that the bureau approved; those that include a day, if one is given."""
        rows = self.filter(state=Leave.State.APPROVED)
        return rows if on is None else rows.filter(starts_on__lte=on, ends_on__gte=on)


class Leave(Versioned, Case):
    """Long absence (notice 二(三)2: 长期外出培训、病假等特殊情况, one absence of at most 2 years)."""

    class State(models.TextChoices):
        DRAFT = "draft", "草稿"
        SUBMITTED = "submitted", "待审批"
        RETURNED = "returned", "退回补正"
        APPROVED = "approved", "已批准"
        REFUSED = "refused", "未批准"
        CANCELLED = "cancelled", "已作废"
        REVOKED = "revoked", "批准已撤销"

    class Reason(models.TextChoices):
        TRAINING = "training", "长期外出培训"
        SICKNESS = "sickness", "病假"
        OTHER = "other", "其他（须经批准）"

    state = models.CharField("状态", max_length=20, choices=State, default=State.DRAFT, editable=False)
    person = models.ForeignKey("units.Person", models.CASCADE, related_name="leaves")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    reason = models.CharField("原因", max_length=10, choices=Reason)
    detail = models.CharField("说明", max_length=200, blank=True)
    starts_on = models.DateField("起")
    ends_on = models.DateField("止")
    approved_by = models.ForeignKey(Account, models.PROTECT, null=True, blank=True, related_name="+", editable=False)
    approved_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = LeaveQuerySet.as_manager()

    class Meta:
        verbose_name = "长期外出或病假"
        ordering = ("-starts_on", "-pk")
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="leave_days_in_order"),
            models.CheckConstraint(
                condition=Q(
                    state__in=["draft", "submitted", "returned", "approved", "refused", "cancelled", "revoked"]
                ),
                name="leave_state",
            ),
        ]
        indexes = [models.Index(fields=["state", "starts_on", "ends_on"], name="leave_running")]

    def __str__(self) -> str:
        return f"离岗 {self.span}"

    @property
    def span(self) -> str:
        """From when to when, without the reason, which may be medical."""
        return f"{full(self.starts_on)}–{full(self.ends_on)}"

    @property
    def public_kind(self) -> str:
        return "长期离岗申报"

    @property
    def public_title(self) -> str:
        return f"{self.unit.short}（{full(self.starts_on)} 起）"

    @property
    def meaning(self) -> str:
        """How the state looks: a class of the design."""
        return workflow_of(self).states[self.state].meaning

    def get_absolute_url(self) -> str:
        return reverse("leaves:leave", args=[self.pk])

"""What a provider asks for: a proof of what a lecturer taught in a year (授课证明, product.md C7)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.urls import reverse

from luojiang_ce.access import Actor, VisibleQuerySet
from luojiang_ce.workflow.models import Case
from units.access import case_scope
from units.models import Unit

from .timetable import Lecturer


class TeachingProofQuerySet(VisibleQuerySet["TeachingProof"]):
    def visible_to(self, account: Actor) -> TeachingProofQuerySet:
        """The provider; the bureau once submitted."""
        return self.filter(case_scope(account))


class TeachingProof(Case):
    """The request of a provider for the proof of one of its lecturers for a year."""

    class State(models.TextChoices):
        DRAFT = "draft", "草稿"
        SUBMITTED = "submitted", "待审核"
        RETURNED = "returned", "退回补正"
        CHECKED = "checked", "待审批"
        ISSUED = "issued", "已出具"
        REFUSED = "refused", "不予出具"
        CANCELLED = "cancelled", "已作废"
        REVOKED = "revoked", "证明已撤销"

    # Those after which the same may be asked for once more.
    OVER = (State.REFUSED, State.CANCELLED, State.REVOKED)

    state = models.CharField("状态", max_length=20, choices=State, default=State.DRAFT, editable=False)
    number = models.CharField("编号", max_length=30, null=True, unique=True, editable=False)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="teaching_proofs", verbose_name="施教机构")
    lecturer = models.ForeignKey(Lecturer, models.PROTECT, related_name="proofs", verbose_name="授课教师")
    year = models.PositiveSmallIntegerField("年度")
    # What was recognised when it was approved: told from what is recognised now when something was corrected since.
    hours = models.DecimalField("学时", max_digits=6, decimal_places=1, null=True, editable=False)

    objects = TeachingProofQuerySet.as_manager()

    class Meta:
        verbose_name = "授课证明"
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    state__in=[
                        *("draft", "submitted", "returned", "checked"),
                        *("issued", "refused", "cancelled", "revoked"),
                    ]
                ),
                name="teaching_proof_state",
            ),
            models.UniqueConstraint(
                fields=["lecturer", "year"],
                condition=~Q(state__in=["refused", "cancelled", "revoked"]),
                name="teaching_proof_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.lecturer.name} {self.year} 年度授课证明"

    @property
    def public_title(self) -> str:
        """Without the lecturer's name."""
        return f"{self.year} 年度授课证明"

    def get_absolute_url(self) -> str:
        return reverse("classes:proof", args=[self.pk])

"""An application to change an approved class (notice 一(五)2; product.md C5): what differs, old beside new."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.urls import reverse

from luojiang_ce.access import READ_CASES, Actor, VisibleQuerySet
from luojiang_ce.papers.models import Paper
from luojiang_ce.versions import Versioned
from luojiang_ce.workflow.models import Case
from training.classes.models import ClassApplication
from units.access import case_scope
from units.models import Unit


class ChangeQuerySet(VisibleQuerySet["ClassChange"]):
    def visible_to(self, account: Actor) -> ChangeQuerySet:
        """The filing unit; the bureau and the other organisers, who see the class, once it was filed."""
        classes = ClassApplication.objects.visible_to(account).values("pk")
        seen = Q(application__in=classes, first_submitted_at__isnull=False)
        return self.filter(case_scope(account, reading=READ_CASES) | seen)

    def open(self) -> ChangeQuerySet:
        """Those on which nobody has decided yet."""
        return self.filter(state__in=OPEN)

    def approved(self) -> ChangeQuerySet:
        """Those that the class follows, in the order in which they came into force."""
        return self.filter(state=ClassChange.State.APPROVED).order_by("decided_at", "pk")


class ClassChange(Versioned, Case):
    """What a provider wants otherwise in an approved class. The class itself stays as it is until this is approved.

    `proposed` holds only what differs (content.py), `former` the same places as the class had them at `based_on`, the
    version of the class that it was filled in for.
    """

    class State(models.TextChoices):
        DRAFT = "draft", "草稿"
        SUBMITTED = "submitted", "待审核"
        RETURNED = "returned", "退回补正"
        CHECKED = "checked", "待审批"
        APPROVED = "approved", "已同意变更"
        REFUSED = "refused", "不同意变更"
        CANCELLED = "cancelled", "已作废"

    state = models.CharField("状态", max_length=20, choices=State, default=State.DRAFT, editable=False)
    number = models.CharField("编号", max_length=30, null=True, unique=True, editable=False)
    unit = models.ForeignKey(Unit, models.PROTECT, verbose_name="申请单位", related_name="+", editable=False)
    application = models.ForeignKey(
        ClassApplication, models.PROTECT, verbose_name="培训班", related_name="changes", editable=False
    )
    reason = models.TextField("变更理由", max_length=1000)
    former = models.JSONField(default=dict, encoder=DjangoJSONEncoder, editable=False)
    proposed = models.JSONField(default=dict, encoder=DjangoJSONEncoder, editable=False)
    based_on = models.PositiveIntegerField(default=0, editable=False)
    # The opening day for which the first submission was in time; a return may move it later, not earlier (C2, P2).
    filed_for = models.DateField(null=True, editable=False)
    decided_at = models.DateTimeField("同意时间", null=True, editable=False)
    notice = models.ForeignKey(Paper, models.PROTECT, null=True, related_name="+", editable=False)

    objects = ChangeQuerySet.as_manager()

    class Meta:
        verbose_name = "培训班变更"
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    state__in=["draft", "submitted", "returned", "checked", "approved", "refused", "cancelled"]
                ),
                name="change_state",
            ),
            models.UniqueConstraint(
                fields=["application"],
                condition=Q(state__in=["draft", "submitted", "returned", "checked"]),
                name="one_open_change",
            ),
            models.CheckConstraint(
                condition=~Q(state="approved") | Q(decided_at__isnull=False), name="change_in_force_since"
            ),
        ]
        indexes = [models.Index(fields=["application", "state"], name="change_of_class")]

    def __str__(self) -> str:
        return f"{self.application}变更"

    def get_absolute_url(self) -> str:
        return reverse("changes:classchange", args=[self.pk])

    @property
    def opens_on(self) -> date | None:
        """The opening day that it asks for; None where the class is to open as it was approved."""
        day: Any = self.proposed.get("head", {}).get("opens_on")
        return date.fromisoformat(day) if isinstance(day, str) else day


OPEN = (
    ClassChange.State.DRAFT,
    ClassChange.State.SUBMITTED,
    ClassChange.State.RETURNED,
    ClassChange.State.CHECKED,
)

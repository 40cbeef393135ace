"""The waiting list of a full slot (V5)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.urls import reverse

from luojiang_ce.access import Actor, VisibleQuerySet
from luojiang_ce.workflow.models import Case
from units.models import Unit
from verification.batches.models import Appointment, Batch, Slot


class WaitingQuerySet(VisibleQuerySet["Waiting"]):
    def visible_to(self, account: Actor) -> WaitingQuerySet:
        """Whoever sees the batch that waits."""
        return self.filter(batch__in=Batch.objects.visible_to(account).values("pk"))


class Waiting(Case):
    """A batch that waits for a place in a full slot. First come, first served; a place that is free is held for it as
    an `appointment` that somebody has to say yes to, so that a slot is never over its capacity. `booker`: the unit that
    has put it in line, its own or the authority that brings it."""

    class State(models.TextChoices):
        WAITING = "waiting", "候补中"
        OFFERED = "offered", "有空位，待确认"
        TAKEN = "taken", "已确认"
        LEFT = "left", "已退出"
        LAPSED = "lapsed", "已失效"

    OPEN = (State.WAITING, State.OFFERED)

    state = models.CharField("状态", max_length=10, choices=State, default=State.WAITING, editable=False)
    slot = models.ForeignKey(Slot, models.PROTECT, related_name="waiting", verbose_name="时段")
    batch = models.ForeignKey(Batch, models.PROTECT, related_name="waiting", verbose_name="批次")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="单位")
    booker = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="代为候补的单位")
    appointment = models.ForeignKey(Appointment, models.PROTECT, null=True, related_name="+", editable=False)

    objects = WaitingQuerySet.as_manager()

    class Meta:
        verbose_name = "候补"
        ordering = ("slot", "pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "offered", "taken", "left", "lapsed"]), name="waiting_state"
            ),
            models.UniqueConstraint(fields=["batch"], condition=Q(state__in=["waiting", "offered"]), name="waits_once"),
            models.CheckConstraint(
                condition=~Q(state="offered") | Q(appointment__isnull=False), name="waiting_offered_what"
            ),
        ]
        indexes = [models.Index(fields=["slot", "state"], name="waiting_by_slot")]

    def __str__(self) -> str:
        return f"{self.batch} 候补 {self.slot}"

    def get_absolute_url(self) -> str:
        return reverse("batches:waiting", args=[self.pk])

    @property
    def held_said(self) -> str:
        """Until when a place is kept for it; empty where none is."""
        return self.appointment.held_said if self.state == self.State.OFFERED and self.appointment else ""

    @property
    def filing_unit_id(self) -> int:
        """The unit whose clerks are reminded of it beside those of the batch's."""
        return self.booker_id

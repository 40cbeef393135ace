"""A unit asks to borrow the bureau's room: the smallest case that has everything, to show what a kind of case costs."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import models
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import Actor, VisibleQuerySet
from luojiang_ce.workflow.models import Case
from units.access import case_scope
from units.models import Unit


class RoomRequestQuerySet(VisibleQuerySet["RoomRequest"]):
    def visible_to(self, account: Actor) -> RoomRequestQuerySet:
        return self.filter(case_scope(account))


def in_two_months() -> date:
    return clock.today() + timedelta(days=60)


class RoomRequest(Case):
    class State(models.TextChoices):
        DRAFT = "draft", "草稿"
        SUBMITTED = "submitted", "待审核"
        RETURNED = "returned", "退回补正"
        GRANTED = "granted", "已同意"

    state = models.CharField("状态", max_length=20, choices=State, default=State.DRAFT, editable=False)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    day = models.DateField("哪一天", default=in_two_months)

    objects = RoomRequestQuerySet.as_manager()

    class Meta:
        verbose_name = "借用教室"

    def __str__(self) -> str:
        return f"{self.unit.short} 借用教室 {self.day}"

    def get_absolute_url(self) -> str:
        return reverse("toy:roomrequest", args=[self.pk])

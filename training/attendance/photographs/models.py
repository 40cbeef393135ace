"""Photographs of signed sheets between their upload and their confirmation."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.db.models import Q
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import Actor, Role, VisibleQuerySet
from training.choices import HalfDay
from training.classes.models import ClassApplication
from training.half_days import SlotKey
from units.models import Account

# What nobody confirms is deleted; what was confirmed is kept as the half-day's signed sheet (attendance.models.SCAN).
KEEP = timedelta(days=30)


def _stored_under(photograph: Any, name: str) -> str:
    """By its own key: nothing of the uploader's name reaches the file system."""
    return f"photographs/{photograph.uid.hex[:2]}/{photograph.uid.hex}-{name}"


class PhotographQuerySet(VisibleQuerySet["Photograph"]):
    def visible_to(self, account: Actor) -> PhotographQuerySet:
        """The clerks of the unit that holds the class: nobody else is to confirm what it shows."""
        return self.filter(application__unit__in=account.unit_ids(Role.UNIT_CLERK))


class Photograph(models.Model):
    """One page of a signed sheet in one picture, and what it was read to say.

    `part`: the page of a PDF from 1, 0 for a picture. `found`: the lines with their proposals; what else is told.
    The files lie encrypted, each bound to `uid`; afterwards only what was decided is left.
    """

    class Stage(models.TextChoices):
        WAITING = "waiting", "等待识别"
        READ = "read", "待确认"
        UNREAD = "unread", "没有读出"
        CONFIRMED = "confirmed", "已登记"
        DISCARDED = "discarded", "已放弃"

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    application = models.ForeignKey(ClassApplication, models.PROTECT, related_name="photographs")
    name = models.CharField("文件名", max_length=200)
    part = models.PositiveSmallIntegerField(default=0)
    content_type = models.CharField(max_length=100)
    sha256 = models.CharField(max_length=64)
    content = models.FileField(upload_to=_stored_under)
    cuts = models.FileField(upload_to=_stored_under, blank=True)
    date = models.DateField("日期", null=True)
    half_day = models.CharField("时段", max_length=10, choices=HalfDay, blank=True)
    page = models.PositiveSmallIntegerField(default=0)
    pages = models.PositiveSmallIntegerField(default=0)
    fault = models.CharField(max_length=20, blank=True)
    found = models.JSONField(default=dict)
    result = models.JSONField(default=dict)
    stage = models.CharField("状态", max_length=10, choices=Stage, default=Stage.WAITING)
    uploaded_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    uploaded_at = models.DateTimeField(default=clock.now, editable=False)
    ended_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)
    purged_at = models.DateTimeField(null=True)

    objects = PhotographQuerySet.as_manager()

    class Meta:
        verbose_name = "签到表照片"
        ordering = ("-pk",)
        indexes = [models.Index(fields=["purged_at", "uploaded_at"], name="photograph_to_purge")]
        constraints = [
            models.CheckConstraint(
                condition=Q(stage__in=["waiting", "read", "unread", "confirmed", "discarded"]), name="photograph_stage"
            ),
            models.UniqueConstraint(
                fields=["application", "sha256", "part"], condition=~Q(stage="discarded"), name="photograph_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} 第 {self.part} 页" if self.part else self.name

    def get_absolute_url(self) -> str:
        return reverse("photographs:photograph", args=[self.uid])

    @property
    def key(self) -> SlotKey | None:
        """The half-day that its code names."""
        return (self.date, self.half_day) if self.date else None

    @property
    def kept_until(self) -> datetime:
        """When it is deleted, unless somebody confirms it."""
        return self.uploaded_at + KEEP

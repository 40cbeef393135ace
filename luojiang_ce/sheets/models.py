"""What stays on the server between the preview of an import and its confirmation."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from luojiang_ce import clock
from luojiang_ce.access import Actor, VisibleQuerySet

# The uploaded file, the returned rows and the plan hold people's data; afterwards only the counts are left.
KEEP = timedelta(days=7)


def _stored_under(batch: Any, name: str) -> str:
    """By the batch's own token: nothing of the uploader's name reaches the file system."""
    return f"imports/{batch.token.hex[:2]}/{batch.token.hex}-{name}"


class ImportBatchQuerySet(VisibleQuerySet["ImportBatch"]):
    def visible_to(self, account: Actor) -> ImportBatchQuerySet:
        """Whoever uploaded the file, nobody else: it holds full ID numbers."""
        return self.filter(owner_id=account.pk)


class ImportBatch(models.Model):
    """An uploaded file, what importing it would do, and how far the import has come; found by its token.

    `scope_type` and `scope_id` are the generic key of what the rows are imported into: a unit, a class.
    """

    class State(models.TextChoices):
        READING = "reading", "正在读取"
        REFUSED = "refused", "读不了"
        PREVIEWED = "previewed", "待确认"
        CONFIRMING = "confirming", "正在导入"
        CONFIRMED = "confirmed", "已导入"
        DISCARDED = "discarded", "已放弃"

    token = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=40)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    scope_type = models.CharField(max_length=60)
    scope_id = models.BigIntegerField()
    name = models.CharField("文件名", max_length=200)
    # Cells copied out of a spreadsheet into a text area: the same way in, but they may come without a header.
    pasted = models.BooleanField("粘贴", default=False)
    size = models.PositiveBigIntegerField("大小（字节）")
    sha256 = models.CharField(max_length=64)
    file = models.FileField(upload_to=_stored_under)
    returned = models.FileField(upload_to=_stored_under, blank=True)
    plan = models.JSONField(default=dict)
    counts = models.JSONField(default=dict)
    # How many rows of the file are done, and what became of them; written with the rows themselves.
    done = models.PositiveIntegerField(default=0)
    result = models.JSONField(default=dict)
    state = models.CharField(max_length=12, choices=State, default=State.READING)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    confirmed_at = models.DateTimeField(null=True)
    purged_at = models.DateTimeField(null=True)

    objects = ImportBatchQuerySet.as_manager()

    class Meta:
        verbose_name = "导入"
        ordering = ("-pk",)
        indexes = [
            models.Index(fields=["scope_type", "scope_id"], name="import_scope"),
            models.Index(fields=["purged_at", "created_at"], name="import_to_purge"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["reading", "refused", "previewed", "confirming", "confirmed", "discarded"]),
                name="import_state",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def kept_until(self) -> datetime:
        """When the file and the plan are deleted."""
        return self.created_at + KEEP

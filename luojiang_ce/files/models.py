"""Attachments: a file that belongs to a case, under one material of its checklist."""

from __future__ import annotations

import uuid
from pathlib import PurePath
from typing import Any

from django.conf import settings
from django.db import models

from luojiang_ce import clock


def stored_under(attachment: Any, name: str) -> str:
    """Files are stored by their own id: nothing of the uploader's name reaches the file system."""
    return f"attachments/{attachment.uid.hex[:2]}/{attachment.uid.hex}{PurePath(name).suffix.lower()[:10]}"


class AttachmentQuerySet(models.QuerySet["Attachment"]):
    def of(self, case: models.Model) -> AttachmentQuerySet:
        """The attachments of a case that have not been removed."""
        return self.filter(case_type=case._meta.label_lower, case_id=case.pk, removed_at=None)


class Attachment(models.Model):
    """A file of a case. Removing hides it; the file stays until the records' keeping time is over."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case_type = models.CharField(max_length=60)
    case_id = models.BigIntegerField()
    material = models.CharField("材料", max_length=40)
    file = models.FileField(upload_to=stored_under)
    name = models.CharField("文件名", max_length=200)
    size = models.PositiveBigIntegerField("大小（字节）")
    content_type = models.CharField(max_length=100)
    sha256 = models.CharField(max_length=64)
    taken_at = models.DateTimeField("拍摄时间", null=True)
    uploaded_at = models.DateTimeField(default=clock.now, editable=False)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    removed_at = models.DateTimeField(null=True)

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        verbose_name = "材料"
        ordering = ("pk",)
        indexes = [models.Index(fields=["case_type", "case_id", "material"], name="attachment_case")]

    def __str__(self) -> str:
        return self.name

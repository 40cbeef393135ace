"""Attachments: a file that belongs to a case, under one material of its checklist."""

from __future__ import annotations

import uuid
from pathlib import PurePath
from typing import Any

from django.conf import settings
from django.db import models

from luojiang_ce import clock
from luojiang_ce.uploads.places import with_ending


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
    was_there = False  # said of what `attach` gives back: it was there already, and nothing was kept

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        verbose_name = "材料"
        ordering = ("pk",)
        indexes = [
            models.Index(fields=["case_type", "case_id", "material"], name="attachment_case"),
            models.Index(fields=["sha256"], name="attachment_content"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def file_name(self) -> str:
        """What it is called wherever it is handed out: the name of one that was kept before names got an ending of
        their kind (files/checks.py) is its sender's alone."""
        return with_ending(self.name, self.content_type)


class Fingerprint(models.Model):
    """What a stored content is recognised by, wherever it is attached (product.md V12). Only the worker writes it.

    `thumb`: how its picture looks (luojiang_ce.files.looks); null where it has none. `tries`: how often it was begun
    with, which is written before the content is read; `made_at`: null until it was read to the end.
    """

    sha256 = models.CharField(max_length=64, unique=True)
    thumb = models.BinaryField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    made_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = "材料指纹"
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.sha256[:12]


def band() -> models.PositiveIntegerField[int, int]:
    """A part of a hash; pictures that look alike share one whole."""
    return models.PositiveIntegerField(db_index=True)


class Look(models.Model):
    """A hash of a picture, whole or cropped, with its parts to be looked up by: never all pairs are compared."""

    fingerprint = models.ForeignKey(Fingerprint, models.CASCADE, related_name="looks")
    cropped = models.CharField(max_length=6)
    bits = models.CharField(max_length=32)
    band_0, band_1, band_2, band_3 = band(), band(), band(), band()
    band_4, band_5, band_6, band_7 = band(), band(), band(), band()

    class Meta:
        verbose_name = "图片特征"
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.cropped} {self.bits}"


class Likeness(models.Model):
    """Two contents whose pictures are nearly the same, each pair once."""

    first = models.ForeignKey(Fingerprint, models.CASCADE, related_name="+")
    second = models.ForeignKey(Fingerprint, models.CASCADE, related_name="+")

    class Meta:
        verbose_name = "相近图片"
        ordering = ("pk",)
        constraints = [models.UniqueConstraint(fields=["first", "second"], name="likeness_once")]

    def __str__(self) -> str:
        return f"{self.first_id} {self.second_id}"


class FileNumber(models.Model):
    """A number of an invoice or certificate that stands in a content."""

    class Kind(models.TextChoices):
        INVOICE = "invoice", "发票号码"
        CERTIFICATE = "certificate", "证书编号"

    fingerprint = models.ForeignKey(Fingerprint, models.CASCADE, related_name="numbers")
    kind = models.CharField(max_length=12, choices=Kind)
    number = models.CharField(max_length=60)

    class Meta:
        verbose_name = "票证号码"
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(fields=["fingerprint", "kind", "number"], name="file_number_once"),
            models.CheckConstraint(condition=models.Q(kind__in=["invoice", "certificate"]), name="file_number_kind"),
        ]
        indexes = [models.Index(fields=["number", "kind"], name="file_number")]

    def __str__(self) -> str:
        return self.number

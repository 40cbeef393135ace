"""What the one form page remembers."""

from __future__ import annotations

from django.db import models

from luojiang_ce import clock


class SentForm(models.Model):
    """A form that was sent and done, known by a digest of everything it sent; nothing of it is kept."""

    digest = models.CharField(max_length=64, unique=True)
    location = models.TextField(blank=True)  # a list's address with its filters is as long as they are
    sent_at = models.DateTimeField(default=clock.now, db_index=True)

    class Meta:
        verbose_name = "已提交的表单"

    def __str__(self) -> str:
        return self.digest

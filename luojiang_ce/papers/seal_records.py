"""What was done with seals on papers: put on by hand, signed. Rows of their own beside register and paper."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from luojiang_ce import clock


class SealApplied(models.Model):
    """A seal was put on by hand: how many copies, when, by whom. Append-only by trigger, as the line that it is of.

    The first entry takes the paper off the keeper's list; what is added or put right later says why (`note`).
    """

    use = models.ForeignKey("papers.SealUse", models.PROTECT, related_name="applied")
    copies = models.PositiveSmallIntegerField("加盖份数")
    applied_at = models.DateTimeField("加盖时间")
    keeper = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    keeper_name = models.CharField("加盖人", max_length=50)
    note = models.CharField("说明", max_length=200, blank=True)
    entered_at = models.DateTimeField("登记时间", default=clock.now)

    class Meta:
        verbose_name = "手工加盖"
        ordering = ("pk",)
        constraints = [models.UniqueConstraint(fields=["use"], condition=Q(note=""), name="applied_once")]

    def __str__(self) -> str:
        return f"{clock.local(self.applied_at):%Y-%m-%d %H:%M} 加盖 {self.copies} 份（{self.keeper_name}）"


class PaperSignature(models.Model):
    """A digital signature in an issued paper: by which certificate, how, when. Append-only by trigger.

    Names of algorithms are those of the signature itself, whatever the provider of the key (SM2 as well as RSA).
    """

    paper = models.ForeignKey("papers.Paper", models.PROTECT, related_name="signatures")
    seal = models.ForeignKey("papers.Seal", models.PROTECT, related_name="+")
    field = models.CharField("签名域", max_length=40)
    signer = models.CharField("签名证书", max_length=60)
    subject = models.CharField("证书持有者", max_length=300)
    issuer = models.CharField("证书签发者", max_length=300)
    serial = models.CharField("证书序列号", max_length=60)
    certificate_sha256 = models.CharField("证书指纹", max_length=64, db_index=True)
    valid_to = models.DateTimeField("证书到期")
    digest = models.CharField("摘要算法", max_length=20)
    algorithm = models.CharField("签名算法", max_length=40)
    level = models.CharField("签名级别", max_length=20)
    signed_at = models.DateTimeField("签名时间")
    timestamped_at = models.DateTimeField("时间戳时间", null=True)
    timestamped_by = models.CharField("时间戳机构", max_length=300, blank=True)

    class Meta:
        verbose_name = "数字签名"
        ordering = ("pk",)
        constraints = [models.UniqueConstraint(fields=["paper", "field"], name="signature_once")]

    def __str__(self) -> str:
        return f"{self.subject} {clock.local(self.signed_at):%Y-%m-%d %H:%M}"

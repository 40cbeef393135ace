"""Packages of years, what is in each and what is not, and how long records of a kind are kept."""

from __future__ import annotations

import uuid
from datetime import date

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import READ_ARCHIVE, Actor, VisibleQuerySet
from luojiang_ce.jobs.models import Job

from .year import folder_name

FOLDER = "archive"


class Retention(models.Model):
    """How long records of a kind are kept, from a day on: a change is a new row. No law is built in: what the bureau
    has not set is 未设定."""

    case_type = models.CharField("业务", max_length=60)
    period = models.CharField(
        "保管期限",
        max_length=10,
        validators=[RegexValidator(r"^(永久|[1-9][0-9]{0,2}年)$", "写“永久”，或数字加“年”，例如 30年")],
        help_text="写“永久”，或数字加“年”",
    )
    valid_from = models.DateField("自何日起")
    document = models.CharField("依据文件", max_length=200, help_text="保管期限表的名称和文号")
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    set_at = models.DateTimeField("设定时间", default=clock.now, editable=False)

    class Meta:
        verbose_name = "保管期限"
        ordering = ("case_type", "valid_from")
        constraints = [models.UniqueConstraint(fields=["case_type", "valid_from"], name="retention_once_a_day")]

    def __str__(self) -> str:
        return f"{self.case_type} {self.period}"


def retention_on(day: date) -> dict[str, Retention]:
    """What holds on a day, by kind of case. One query."""
    return {row.case_type: row for row in Retention.objects.filter(valid_from__lte=day).order_by("valid_from")}


class PackageQuerySet(VisibleQuerySet["Package"]):
    def visible_to(self, account: Actor) -> PackageQuerySet:
        """All or none: a package is everything of a year."""
        return self.all() if account.holds(*READ_ARCHIVE.roles) else self.none()

    def made(self) -> PackageQuerySet:
        """Those that were written to the end."""
        return self.filter(state__in=[Package.State.COMPLETE, Package.State.LACKING])

    def standing(self) -> PackageQuerySet:
        """Those that hold of their year: the whole one that was made last, and what was made to supplement it."""
        whole = Package.objects.made().filter(year=OuterRef("year"), base=None).order_by("-number")
        return self.made().filter(number__gte=Subquery(whole.values("number")[:1]))


class Package(models.Model):
    """A year as it was packed once. A later whole one takes its place, and it stays; a supplement (`base`) adds what
    changed after it."""

    class State(models.TextChoices):
        MAKING = "making", "正在封装"
        COMPLETE = "complete", "包内齐全"
        LACKING = "lacking", "包内不全"
        FAILED = "failed", "没有完成"

    MADE = (State.COMPLETE, State.LACKING)

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    year = models.PositiveSmallIntegerField("年度")
    number = models.PositiveSmallIntegerField("序号")
    base = models.ForeignKey("self", models.PROTECT, null=True, related_name="supplements", verbose_name="补充")
    state = models.CharField("状态", max_length=10, choices=State, default=State.MAKING)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField("发起时间", default=clock.now)
    made_at = models.DateTimeField("封装时间", null=True)
    job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="+")
    file = models.CharField(max_length=100, blank=True)
    packed = models.PositiveIntegerField("件数", default=0)
    left = models.PositiveIntegerField("未归档", default=0)
    size = models.PositiveBigIntegerField("大小（字节）", default=0)
    files = models.PositiveIntegerField("文件数", default=0)
    signed_sha256 = models.CharField("清单 SHA-256", max_length=64, blank=True)
    head = models.CharField("树根", max_length=100, blank=True)
    problems = models.JSONField("缺失的材料", default=list)
    # A line for each paper, its number first: those that no published head held yet, and those whose file was altered.
    waiting_papers = models.JSONField("还没有收录的文书", default=list)
    altered_papers = models.JSONField("文件被改动的文书", default=list)
    report = models.JSONField("检测报告", default=dict)
    passed = models.BooleanField("检测合格", null=True)

    objects = PackageQuerySet.as_manager()

    class Meta:
        verbose_name = "年度归档包"
        ordering = ("-year", "-number")
        constraints = [
            models.UniqueConstraint(fields=["year", "number"], name="package_number"),
            models.UniqueConstraint(fields=["year"], condition=Q(state="making"), name="one_package_at_a_time"),
            models.CheckConstraint(
                condition=Q(state__in=["making", "complete", "lacking", "failed"]), name="package_state"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year} 年度归档包 {self.called}"

    def get_absolute_url(self) -> str:
        return reverse("archive:package", args=[self.uid])

    @property
    def called(self) -> str:
        """Its number, as lists and file names say it."""
        return f"{self.year}-{self.number:02d}{'（补充）' if self.base_id else ''}"

    @property
    def root(self) -> str:
        """The folder in the package."""
        return f"归档包-{self.year}-{self.number:02d}{'-补充' if self.base_id else ''}"

    @property
    def file_name(self) -> str:
        """What people get."""
        return f"{self.root}.zip"

    @property
    def is_made(self) -> bool:
        """Is there a file?"""
        return self.state in self.MADE


class ItemQuerySet(models.QuerySet["Item"]):
    def packed(self) -> ItemQuerySet:
        """Cases that are in their package."""
        return self.filter(reason="")

    def left_out(self) -> ItemQuerySet:
        """Cases of the year that are not."""
        return self.exclude(reason="")


class Item(models.Model):
    """A case of the year as the package was made: its number there, or why it is not in it; the last event that was
    known then of it and what belongs to it, and how many rows without events named it (`traces`)."""

    package = models.ForeignKey(Package, models.CASCADE, related_name="items")
    number = models.PositiveIntegerField("件号", default=0)
    case_type = models.CharField(max_length=60)
    case_id = models.BigIntegerField()
    title = models.CharField("题名", max_length=300)
    reason = models.CharField("未归档的原因", max_length=300, blank=True)
    last_event = models.BigIntegerField(default=0)
    entries = models.PositiveIntegerField(default=0)
    # Not of one that is about no year and was never closed: it belongs to the year in which it will be.
    stays = models.BooleanField("属于本年度", default=True)

    objects = ItemQuerySet.as_manager()

    class Meta:
        verbose_name = "归档的件"
        ordering = ("pk",)
        constraints = [models.UniqueConstraint(fields=["package", "case_type", "case_id"], name="case_once_a_package")]
        indexes = [models.Index(fields=["case_type", "case_id"], name="archived_case")]

    def __str__(self) -> str:
        return self.title

    @property
    def folder(self) -> str:
        """Where it lies below 电子档案/."""
        return f"{self.package.year}/{folder_name(self.case_type)}/{self.number:06d}"

    @property
    def page(self) -> str:
        """The page on which people read it, from the top of the package."""
        return f"电子档案/{self.folder}/查阅.html"

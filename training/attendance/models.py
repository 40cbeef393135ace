"""Attendance (notice 一(五)3): at least one sign-in and one sign-out per half-day."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import READ_PEOPLE, Actor, VisibleQuerySet
from luojiang_ce.workdays.text import full, month_day
from training.choices import HalfDay
from training.classes.models import ClassApplication, Enrolment
from units.models import Account

SCAN = "scan"  # the material under which a signed sheet is kept


class SheetQuerySet(VisibleQuerySet["HalfDaySheet"]):
    def visible_to(self, account: Actor) -> SheetQuerySet:
        """Whoever sees the class and reads people: the signed scans hang here."""
        if not account.holds(*READ_PEOPLE.roles):
            return self.none()
        return self.filter(application__in=ClassApplication.objects.with_people_for(account).values("pk"))


class HalfDaySheet(models.Model):
    """The sign-in sheet (签到表) of one half-day: its signed scan and the record of who entered what hang on it.

    Made with the first thing that is kept for the half-day; the half-days themselves come from the timetable.
    """

    application = models.ForeignKey(ClassApplication, models.PROTECT, related_name="sheets")
    date = models.DateField("日期")
    half_day = models.CharField("时段", max_length=10, choices=HalfDay)

    objects = SheetQuerySet.as_manager()

    class Meta:
        verbose_name = "签到表"
        ordering = ("date", "pk")
        constraints = [models.UniqueConstraint(fields=["application", "date", "half_day"], name="sheet_once")]

    def __str__(self) -> str:
        return f"{self.application} {month_day(self.date)}{self.get_half_day_display()}签到表"

    def get_absolute_url(self) -> str:
        return reverse("attendance:half_day", args=[self.application_id, self.date.isoformat(), self.half_day])


class SignQuerySet(VisibleQuerySet["Sign"]):
    def visible_to(self, account: Actor) -> SignQuerySet:
        """Whoever sees the trainee."""
        return self.filter(enrolment__in=Enrolment.objects.visible_to(account).values("pk"))

    def valid(self) -> SignQuerySet:
        """Signs that have not been struck by a correction."""
        return self.filter(struck_at=None)

    def of_class(self, application: ClassApplication) -> SignQuerySet:
        """Signs of the trainees who are on the class's list."""
        return self.filter(enrolment__in=application.enrolments.present().order_by().values("pk"))


class Sign(models.Model):
    """One sign-in or sign-out. Never edited: a correction strikes it, with a reason, and may add another (A2)."""

    class Kind(models.TextChoices):
        IN = "in", "签到"
        OUT = "out", "签退"

    class Source(models.TextChoices):
        LIST = "list", "班主任登记"
        IMPORT = "import", "导入"
        PHONE = "phone", "扫码"
        PLATFORM = "platform", "远程平台"
        SHEET = "sheet", "签到表照片"

    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="signs")
    date = models.DateField("日期")
    half_day = models.CharField("时段", max_length=10, choices=HalfDay)
    kind = models.CharField("签到/签退", max_length=3, choices=Kind)
    time = models.TimeField("时间")
    source = models.CharField("来源", max_length=10, choices=Source)
    device = models.CharField(max_length=64, blank=True)
    reason = models.CharField("更正原因", max_length=200, blank=True)
    recorded_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField("登记时间", default=clock.now)
    struck_at = models.DateTimeField(null=True)
    struck_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    struck_reason = models.CharField("作废原因", max_length=200, blank=True)

    objects = SignQuerySet.as_manager()

    class Meta:
        verbose_name = "签到记录"
        ordering = ("date", "half_day", "time", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["enrolment", "date", "half_day", "kind", "time"], condition=Q(struck_at=None), name="sign_once"
            ),
            models.CheckConstraint(condition=Q(kind__in=["in", "out"]), name="sign_kind"),
        ]
        indexes = [models.Index(fields=["enrolment", "date", "half_day"], name="sign_of_half_day")]

    def __str__(self) -> str:
        return f"{full(self.date)} {self.get_half_day_display()} {self.get_kind_display()} {self.time:%H:%M}"

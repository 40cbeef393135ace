"""The class teacher's link, and what was ticked through it (product.md A1)."""

from __future__ import annotations

import hashlib
from datetime import date, datetime

from django.db import models
from django.db.models import F, Q

from luojiang_ce import clock
from luojiang_ce.access import READ_PEOPLE, Actor, VisibleQuerySet
from training.attendance.models import Sign
from training.choices import HalfDay
from training.classes.models import ClassApplication, Enrolment
from units.models import Account


def digest(token: str) -> str:
    """SHA-256 of a link's token, as hex: who reads the database cannot open a link."""
    return hashlib.sha256(token.encode()).hexdigest()


class TeacherLinkQuerySet(VisibleQuerySet["TeacherLink"]):
    def visible_to(self, account: Actor) -> TeacherLinkQuerySet:
        """Whoever sees the class and reads people."""
        if not account.holds(*READ_PEOPLE.roles):
            return self.none()
        return self.filter(application__in=ClassApplication.objects.with_people_for(account).values("pk"))


class TeacherLink(models.Model):
    """A secret address with which a class teacher, who has no account, signs the trainees of one class in and out.

    It holds from `first_day` to `last_day`, where given, and never beyond the class's last day, which may move.
    """

    application = models.ForeignKey(ClassApplication, models.PROTECT, related_name="teacher_links")
    holder = models.CharField("交给谁", max_length=50)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    first_day = models.DateField("从哪天起", null=True, blank=True)
    last_day = models.DateField("到哪天止", null=True, blank=True)
    made_by = models.ForeignKey(Account, models.PROTECT, related_name="+")
    made_at = models.DateTimeField("生成时间", default=clock.now, editable=False)
    last_used_at = models.DateTimeField("最近使用", null=True, editable=False)
    revoked_at = models.DateTimeField("收回时间", null=True, editable=False)
    revoked_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")

    objects = TeacherLinkQuerySet.as_manager()

    class Meta:
        verbose_name = "班主任链接"
        ordering = ("pk",)
        constraints = [
            models.CheckConstraint(
                condition=Q(first_day=None) | Q(last_day=None) | Q(first_day__lte=F("last_day")),
                name="teacher_link_days",
            )
        ]

    def __str__(self) -> str:
        return f"{self.application} 班主任链接（{self.holder}）"

    @property
    def ends_on(self) -> date | None:
        """The last day on which it opens."""
        return min(filter(None, (self.last_day, self.application.ends_on)), default=None)

    def covers(self, day: date) -> bool:
        """May half-days of this day be signed through it?"""
        return (self.first_day is None or self.first_day <= day) and (self.last_day is None or day <= self.last_day)

    def why_ended(self, now: datetime) -> str:
        """Why it does not open any more, in Chinese; empty while it does."""
        if self.revoked_at:
            return "这个链接已由申办单位收回"
        if self.application.state != ClassApplication.State.APPROVED:
            return f"培训班的状态是“{self.application.get_state_display()}”，链接不再有效"
        if self.ends_on and now.date() > self.ends_on:
            return "这个链接已过有效期"
        return ""


class TeacherTickQuerySet(VisibleQuerySet["TeacherTick"]):
    def visible_to(self, account: Actor) -> TeacherTickQuerySet:
        """Whoever sees the link."""
        return self.filter(link__in=TeacherLink.objects.visible_to(account).order_by().values("pk"))


class TeacherTick(models.Model):
    """One touch of a class teacher's thumb as it arrived, once, and what became of it. Never changed.

    `client_id` was made on the phone, so that what is sent twice does nothing twice. `at` is the moment by the server's
    clock, `device_at` what the phone's clock said, `doubt` what is to be known of the two.
    """

    class Do(models.TextChoices):
        TICK = "tick", "登记"
        UNDO = "undo", "取消"

    class Outcome(models.TextChoices):
        RECORDED = "recorded", "已记"
        ALREADY = "already", "原来已有"
        UNDONE = "undone", "已取消"
        REFUSED = "refused", "没有记上"

    link = models.ForeignKey(TeacherLink, models.PROTECT, related_name="ticks")
    client_id = models.UUIDField(editable=False)
    do = models.CharField(max_length=4, choices=Do)
    enrolment = models.ForeignKey(Enrolment, models.PROTECT, null=True, related_name="+")
    date = models.DateField("日期")
    half_day = models.CharField("时段", max_length=10, choices=HalfDay)
    kind = models.CharField("签到/签退", max_length=3, choices=Sign.Kind)
    at = models.DateTimeField("时间")
    device_at = models.DateTimeField(null=True)
    doubt = models.CharField(max_length=100, blank=True)
    reason = models.CharField("取消原因", max_length=200, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome)
    said = models.TextField(blank=True)
    sign = models.ForeignKey(Sign, models.PROTECT, null=True, related_name="teacher_ticks")
    received_at = models.DateTimeField("收到时间", default=clock.now, editable=False)

    objects = TeacherTickQuerySet.as_manager()

    class Meta:
        verbose_name = "班主任点名"
        ordering = ("pk",)
        constraints = [models.UniqueConstraint(fields=["link", "client_id"], name="teacher_tick_once")]

    def __str__(self) -> str:
        return f"{self.get_do_display()}{self.get_kind_display()}"

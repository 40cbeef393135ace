"""What signing by phone keeps beside the signs: counted misses, and trainees' requests for a correction."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.urls import reverse

from luojiang_ce.access import READ_PEOPLE, Actor, VisibleQuerySet
from luojiang_ce.workdays.text import month_day
from luojiang_ce.workflow.models import Case
from training.attendance.models import Sign
from training.choices import HalfDay
from training.classes.models import ClassApplication, Enrolment
from training.half_days import SlotKey
from units.models import Unit


class Misses(models.Model):
    """How often names and numbers did not fit, by what is counted (`guessing.py`); phones, names and addresses are
    keyed hashes."""

    application = models.ForeignKey(ClassApplication, models.CASCADE, related_name="+")
    of = models.CharField(max_length=100)
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["application", "of"], name="misses_once")]

    def __str__(self) -> str:
        return f"{self.of}: {self.count}"


class CorrectionRequestQuerySet(VisibleQuerySet["CorrectionRequest"]):
    def visible_to(self, account: Actor) -> CorrectionRequestQuerySet:
        """Whoever sees the class and reads people: what a trainee writes is for the provider, not for the employer."""
        if not account.holds(*READ_PEOPLE.roles):
            return self.none()
        seen = ClassApplication.objects.with_people_for(account).values("pk")
        return self.filter(enrolment__application__in=seen)


class CorrectionRequest(Case):
    """A trainee, who has no account, asks for a sign that is missing (product.md A2); the provider decides."""

    class State(models.TextChoices):
        WAITING = "waiting", "待答复"
        APPROVED = "approved", "已更正"
        REFUSED = "refused", "不予更正"

    state = models.CharField("状态", max_length=20, choices=State, default=State.WAITING, editable=False)
    unit = models.ForeignKey(Unit, models.PROTECT, verbose_name="办班单位", related_name="+")
    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="correction_requests")
    date = models.DateField("日期")
    half_day = models.CharField("时段", max_length=10, choices=HalfDay)
    kind = models.CharField("签到/签退", max_length=3, choices=Sign.Kind)
    time = models.TimeField("时间")
    reason = models.CharField("原因", max_length=150)
    answer = models.CharField("答复", max_length=300, blank=True)

    objects = CorrectionRequestQuerySet.as_manager()

    class Meta:
        verbose_name = "签到更正申请"
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "approved", "refused"]), name="correction_request_state"
            ),
            models.CheckConstraint(condition=Q(kind__in=["in", "out"]), name="correction_request_kind"),
            models.UniqueConstraint(
                fields=["enrolment", "date", "half_day", "kind"],
                condition=Q(state="waiting"),
                name="correction_request_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enrolment.name} {self.place}"

    def get_absolute_url(self) -> str:
        return reverse("phone:correctionrequest", args=[self.pk])

    @property
    def key(self) -> SlotKey:
        return self.date, self.half_day

    @property
    def place(self) -> str:
        """5月11日上午签退"""
        return f"{month_day(self.date)}{self.get_half_day_display()}{self.get_kind_display()}"

    @property
    def public_title(self) -> str:
        return self.place

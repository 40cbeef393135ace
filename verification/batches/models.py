"""Yearly verification (notice 二, 附件4): records of persons, batches as their envelopes, appointments, decisions."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from luojiang_ce.access.cases import VisibleQuerySet
from luojiang_ce.access.roles import Actor
from luojiang_ce.workflow.models import Case
from units.models import Account, Person, Unit
from units.scope import case_scope


class BatchQuerySet(VisibleQuerySet["Batch"]):
    def visible_to(self, account: Actor) -> BatchQuerySet:
        """The filing unit; once submitted its reviewing authority, the bureau, the seal keeper."""
        return self.filter(case_scope(account))


class Batch(Case):
    """An envelope of yearly records filed by a unit for one year (附件4). Several a year are possible."""

    class State(models.TextChoices):
        DRAFT = "draft", "草稿"
        SUBMITTED = "submitted", "已报送"
        RETURNED = "returned", "退回补正"
        REVIEWED = "reviewed", "初审通过"
        DECIDED = "decided", "已办理，待用印"
        STAMPED = "stamped", "已盖章"

    state = models.CharField("状态", max_length=20, choices=State, default=State.DRAFT, editable=False)
    number = models.CharField("编号", max_length=30, null=True, unique=True, editable=False)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="batches", verbose_name="填报单位")
    year = models.PositiveSmallIntegerField("验证年度")
    sequence = models.PositiveSmallIntegerField("第几批", default=1)
    filler = models.CharField("填报人", max_length=50, blank=True)
    phone = models.CharField("电话", max_length=40, blank=True)
    note = models.CharField("说明", max_length=500, blank=True)

    objects = BatchQuerySet.as_manager()

    class Meta:
        verbose_name = "验证批次"
        ordering = ("-year", "-pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["draft", "submitted", "returned", "reviewed", "decided", "stamped"]),
                name="batch_state",
            ),
            models.UniqueConstraint(fields=["unit", "year", "sequence"], name="batch_once"),
        ]

    def __str__(self) -> str:
        return f"{self.unit.short} {self.year} 年度验证（第{self.sequence}批）"

    def get_absolute_url(self) -> str:
        return reverse("batches:batch", args=[self.pk])


class AnnualRecordQuerySet(VisibleQuerySet["AnnualRecord"]):
    def visible_to(self, account: Actor) -> AnnualRecordQuerySet:
        """As its batch; the unit that filed keeps sight of what it filed."""
        return self.filter(batch__in=Batch.objects.visible_to(account).values("pk"))


class AnnualRecord(Case):
    """One person's year: never two. What decides is frozen at filing: unit, category, level, tenure, rule set (V3)."""

    class State(models.TextChoices):
        LISTED = "listed", "已列入"
        FILED = "filed", "待验证"
        VERIFIED = "verified", "验证合格"
        FAILED = "failed", "不合格"
        SUPPLEMENT = "supplement", "待补充材料"
        STAMPED = "stamped", "已盖章"

    state = models.CharField("状态", max_length=20, choices=State, default=State.LISTED, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="records")
    year = models.PositiveSmallIntegerField("验证年度")
    batch = models.ForeignKey(Batch, models.PROTECT, related_name="records")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="单位")
    issues = models.BooleanField("发证", default=False)
    renews = models.BooleanField("换证", default=False)
    verifies = models.BooleanField("验证", default=True)
    makes_up = models.BooleanField("补验", default=False)
    certificate_number = models.CharField("证书编号", max_length=40, blank=True)
    facts = models.JSONField("申报时情况", default=dict, editable=False)
    verdict = models.JSONField("达标情况", default=dict, editable=False)
    last_entry_id = models.BigIntegerField("所见最后一条学时记录", null=True, editable=False)
    unmet_reason = models.CharField("未达标原因", max_length=200, blank=True)
    reason = models.CharField("验证意见", max_length=300, blank=True, editable=False)
    waived_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+", editable=False)
    note = models.CharField("备注", max_length=200, blank=True)

    objects = AnnualRecordQuerySet.as_manager()

    class Meta:
        verbose_name = "年度验证记录"
        ordering = ("batch", "person__pinyin", "pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["listed", "filed", "verified", "failed", "supplement", "stamped"]),
                name="record_state",
            ),
            models.UniqueConstraint(fields=["person", "year"], name="one_record_per_person_and_year"),
            models.CheckConstraint(
                condition=Q(issues=True) | Q(renews=True) | Q(verifies=True) | Q(makes_up=True), name="record_kind"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.year} 年度"

    def get_absolute_url(self) -> str:
        return reverse("batches:record", args=[self.pk])


class SlotQuerySet(models.QuerySet["Slot"]):
    def with_taken(self) -> SlotQuerySet:
        """Each slot with `taken`: how many appointments hold a seat."""
        return self.annotate(taken=models.Count("appointments", filter=Q(appointments__state=Appointment.State.BOOKED)))


class Slot(models.Model):
    """A time at the counter that the bureau opens, with a number of seats (one per batch)."""

    date = models.DateField("日期")
    starts_at = models.TimeField("开始时间")
    ends_at = models.TimeField("结束时间")
    capacity = models.PositiveSmallIntegerField("可约批次")
    place = models.CharField("地点", max_length=100)
    closed = models.BooleanField("停用", default=False)

    objects = SlotQuerySet.as_manager()

    class Meta:
        verbose_name = "预约时段"
        ordering = ("date", "starts_at")
        constraints = [
            models.UniqueConstraint(fields=["date", "starts_at", "place"], name="slot_once"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="slot_times_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.date} {self.starts_at:%H:%M}–{self.ends_at:%H:%M}"


class AppointmentQuerySet(VisibleQuerySet["Appointment"]):
    def visible_to(self, account: Actor) -> AppointmentQuerySet:
        """As the batch it is for."""
        return self.filter(batch__in=Batch.objects.visible_to(account).values("pk"))


class Appointment(models.Model):
    """A batch's seat in a slot. Seats are numbered and unique, so a slot can never be overbooked (V5)."""

    class State(models.TextChoices):
        BOOKED = "booked", "已预约"
        CANCELLED = "cancelled", "已取消"
        MISSED = "missed", "未到"
        CAME = "came", "已到"

    slot = models.ForeignKey(Slot, models.PROTECT, related_name="appointments")
    seat = models.PositiveSmallIntegerField("号")
    batch = models.ForeignKey(Batch, models.PROTECT, related_name="appointments")
    state = models.CharField("状态", max_length=10, choices=State, default=State.BOOKED, editable=False)
    booked_by = models.ForeignKey(Account, models.PROTECT, related_name="+")
    booked_at = models.DateTimeField(auto_now_add=True)

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        verbose_name = "预约"
        ordering = ("slot", "seat")
        constraints = [
            models.UniqueConstraint(fields=["slot", "seat"], condition=~Q(state="cancelled"), name="seat_once"),
            models.UniqueConstraint(fields=["batch"], condition=Q(state="booked"), name="one_seat_per_batch"),
            models.CheckConstraint(
                condition=Q(state__in=["booked", "cancelled", "missed", "came"]), name="appointment_state"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.slot} {self.seat} 号"

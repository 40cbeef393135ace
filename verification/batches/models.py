"""Yearly verification (notice 二, 附件4): records of persons, batches as their envelopes, appointments, decisions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.functional import cached_property

from luojiang_ce import clock
from luojiang_ce.access import READ_SYSTEM, REVIEW_SYSTEM, Actor, Role, VisibleQuerySet
from luojiang_ce.papers.models import Seal
from luojiang_ce.versions import Versioned
from luojiang_ce.workdays.text import up_to
from luojiang_ce.workflow.models import Case
from units.access import case_scope, sees_district, unit_scope
from units.models import Account, Person, Unit


class Path(models.TextChoices):
    """Who looks at a batch before whom (V4). A teacher's year is stamped by the education bureau alone; the end of a
    five-year cycle goes to the bureau as well (notice 二(一))."""

    GENERAL = "general", "一般人员"
    MEDICAL = "medical", "卫生系列"
    TEACHER = "teacher", "教师（周期内年度）"
    CYCLE = "cycle", "教师（周期期满）"

    @property
    def reviewed_by(self) -> Role | None:
        """The role that reviews it before the bureau; None on the general path."""
        return {Path.GENERAL: None, Path.MEDICAL: Role.HEALTH_REVIEWER}.get(self, Role.EDUCATION_REVIEWER)

    @property
    def needs_review(self) -> bool:
        """Does an authority review it first?"""
        return self.reviewed_by is not None


# What is proposed by the category of people; at the end of a cycle the clerk chooses it.
PATH_OF: Mapping[str, Path] = {Person.Category.MEDICAL: Path.MEDICAL, Person.Category.TEACHER: Path.TEACHER}


class Material(models.TextChoices):
    """What is brought to the counter (notice 二(一)1–7)."""

    CERTIFICATE = "certificate", "继续教育证书"
    ANNOUNCEMENT = "announcement", "相关培训通知文件"
    ENROLMENT = "enrolment", "报名情况（单位同意并盖章）"
    PAYMENT = "payment", "缴费凭证"
    DEGREE = "degree", "在职学历、学位教育材料"
    PAPER = "paper", "论文确认手续"
    OTHER = "other", "其他佐证材料"


class TwoSeals(models.Model):
    """The first of the two seals that a cycle's papers bear, and who put it, until the second comes
    (verification.batches.two_seals)."""

    first_seal = models.ForeignKey(Seal, models.PROTECT, null=True, related_name="+", editable=False)
    first_keeper = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+", editable=False)

    class Meta:
        abstract = True


class BatchQuerySet(VisibleQuerySet["Batch"]):
    def visible_to(self, account: Actor) -> BatchQuerySet:
        """The filing unit; once submitted the authority that supervises it, the one that reviews it (and keeps the seal
        for it), the bureau and its seal keeper."""
        reviewed = Q(authority__in=account.unit_ids(*READ_SYSTEM.roles), first_submitted_at__isnull=False)
        return self.filter(case_scope(account) | reviewed)

    def with_counts(self) -> BatchQuerySet:
        """Each batch with how many people it holds and how many are settled."""
        settled = Q(records__state__in=AnnualRecord.SETTLED)
        return self.annotate(people=models.Count("records"), settled=models.Count("records", filter=settled))


class Batch(TwoSeals, Versioned, Case):
    """An envelope of yearly records filed by a unit for one year (附件4). Several a year are possible."""

    class State(models.TextChoices):
        DRAFT = "draft", "草稿"
        IN_REVIEW = "in_review", "待主管部门初审"
        SUBMITTED = "submitted", "待柜台验证"
        RETURNED = "returned", "退回补正"
        DECIDED = "decided", "已办结，待用印"
        STAMPED = "stamped", "已盖章"
        NEVER_CAME = "never_came", "未到柜台，已结案"  # notice 二(三)2, of everybody in it

    state = models.CharField("状态", max_length=20, choices=State, default=State.DRAFT, editable=False)
    number = models.CharField("编号", max_length=30, null=True, unique=True, editable=False)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="batches", verbose_name="填报单位")
    year = models.PositiveSmallIntegerField("验证年度")
    sequence = models.PositiveSmallIntegerField("第几批", default=1)
    path = models.CharField("人员类别", max_length=10, choices=Path, default=Path.GENERAL)
    # Who reviews it, and stamps a teacher's year: settled when it is sent (verification.batches.routing).
    authority = models.ForeignKey(
        Unit, models.PROTECT, null=True, related_name="+", verbose_name="初审机关", editable=False
    )
    filler = models.CharField("填报人", max_length=50, blank=True)
    phone = models.CharField("电话", max_length=40, blank=True)
    note = models.CharField("说明", max_length=500, blank=True)
    # One appointment may carry the batches of many units (V4); what it carried before it was moved is in the events.
    appointment = models.ForeignKey(
        "Appointment", models.PROTECT, null=True, related_name="batches", verbose_name="预约", editable=False
    )
    materials_seen = models.JSONField("已查验的资料", default=list, editable=False)

    objects = BatchQuerySet.as_manager()

    class Meta:
        verbose_name = "验证批次"
        ordering = ("-year", "-pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    state__in=["draft", "in_review", "submitted", "returned", "decided", "stamped", "never_came"]
                ),
                name="batch_state",
            ),
            models.CheckConstraint(
                condition=Q(path__in=["general", "medical", "teacher", "cycle"]), name="batch_path_known"
            ),
            models.UniqueConstraint(fields=["unit", "year", "sequence"], name="batch_once"),
        ]
        indexes = [models.Index(fields=["state", "year"], name="batch_by_state")]

    def __str__(self) -> str:
        return f"{self.unit.short} {self.year} 年度验证（第{self.sequence}批）"

    def get_absolute_url(self) -> str:
        return reverse("batches:batch", args=[self.pk])

    # These two are read once per loaded batch; the engine loads it anew for every act.

    @cached_property
    def standings(self) -> list[tuple[str, str]]:
        """State and verdict of each row."""
        return list(self.records.order_by().values_list("state", "verdict__outcome"))

    @cached_property
    def asked(self) -> list[tuple[bool, list[str], bool]]:
        """Of each row: does the person bring a booklet (who is issued the first one has none), how they learned, and
        had any of it a fee?"""
        rows = self.records.order_by().values_list("issues", "facts__forms", "facts__paid")
        return [(not issues, forms or [], bool(paid)) for issues, forms, paid in rows]

    @property
    def before_the_stamp(self) -> str:
        """The state of a row that is stamped next: the authority decides about all as it passes them on."""
        in_review = self.state == self.State.IN_REVIEW
        return str(AnnualRecord.State.FILED if in_review else AnnualRecord.State.VERIFIED)

    @property
    def has_seat(self) -> bool:
        """Is there an appointment that holds (or held, and was kept)? One that was cancelled or missed is none."""
        seat = self.appointment
        return seat is not None and seat.state in (Appointment.State.BOOKED, Appointment.State.CAME)


class AnnualRecordQuerySet(VisibleQuerySet["AnnualRecord"]):
    def visible_to(self, account: Actor) -> AnnualRecordQuerySet:
        """As its batch; a unit also sees the records of its people that its supervising unit filed; and whoever looks
        after the unit those that were given up, which no batch shows."""
        given_up = Q(state=AnnualRecord.State.GIVEN_UP) | Q(restored_at__isnull=False)
        seen = Q(batch__in=Batch.objects.visible_to(account).values("pk")) | (given_up & unit_scope(account))
        own = account.unit_ids(Role.UNIT_CLERK)
        return self.filter(seen | Q(unit__in=own)) if own else self.filter(seen)

    def filed_for(self, account: Actor) -> AnnualRecordQuerySet:
        """Records of the account's own people in batches that another unit, the supervising one, files (V3)."""
        own = self.filter(unit__in=account.unit_ids(Role.UNIT_CLERK), batch__isnull=False)
        return own.exclude(batch__unit=F("unit"))


class AnnualRecord(TwoSeals, Case):
    """One person's year: never two. What decides is frozen at filing: unit, category, level, tenure, rule set (V3).

    `batch` may be empty: a year that is given up without ever being filed is a record too (V8), and so is one that was
    filed and then taken out of its batch: when it was first filed decides whether it was in time (P2).
    """

    class State(models.TextChoices):
        LISTED = "listed", "已列入"
        FILED = "filed", "未办"
        VERIFIED = "verified", "已验证"
        FAILED = "failed", "不通过"
        SUPPLEMENT = "supplement", "待补"
        ASKED = "asked", "待审批"  # the counter asks the approver to let a year pass (notice 一(三)1: 一般不少于)
        STAMPED = "stamped", "已盖章"
        GIVEN_UP = "given_up", "视同放弃"  # notice 二(三)2

    SETTLED = (State.VERIFIED, State.FAILED, State.STAMPED)
    OPEN = (State.FILED, State.SUPPLEMENT, State.ASKED)
    JUDGED = (State.VERIFIED, State.FAILED)  # on hours that a seal or a refusal rests on, not stamped yet
    UNDECIDED = (State.LISTED, *OPEN)  # their verdict may be frozen anew
    UNFILED = (State.LISTED, State.GIVEN_UP)
    NEEDS_REASON = ("unmet", "undetermined")  # verdicts for which the unit says why (未达标原因)

    state = models.CharField("状态", max_length=20, choices=State, default=State.LISTED, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="records")
    year = models.PositiveSmallIntegerField("验证年度")
    batch = models.ForeignKey(Batch, models.PROTECT, null=True, related_name="records")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="单位")
    path = models.CharField("人员类别", max_length=10, choices=Path, default=Path.GENERAL, editable=False)
    issues = models.BooleanField("发证", default=False)
    renews = models.BooleanField("换证", default=False)
    verifies = models.BooleanField("验证", default=True)
    makes_up = models.BooleanField("补验", default=False)
    certificate_number = models.CharField("证书编号", max_length=40, blank=True)
    # Of the booklet in whose place another was given (换证).
    former_number = models.CharField("原证书编号", max_length=40, blank=True, editable=False)
    facts = models.JSONField("申报时情况", default=dict, editable=False)
    verdict = models.JSONField("达标情况", default=dict, editable=False)
    # The first year that the verdict looks at: the year itself, or the beginning of a tenure or cycle.
    first_year = models.PositiveSmallIntegerField(default=0, editable=False)
    # How many entries of those years it has seen. Entries are only ever added, so another number means other entries.
    entries_seen = models.PositiveIntegerField("所见学时记录条数", default=0, editable=False)
    unmet_reason = models.CharField("未达标原因", max_length=200, blank=True)
    evidence = models.CharField("佐证材料", max_length=200, blank=True)
    reason = models.CharField("验证意见", max_length=300, blank=True, editable=False)
    supplement_by = models.DateField("补齐期限", null=True, editable=False)
    decided_at = models.DateTimeField("办理时间", null=True, editable=False)
    decided_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+", editable=False)
    waived_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+", editable=False)
    # Taken out of a returned batch: by when it may be filed again, in whichever batch (P2).
    mend_by = models.DateField("补正期限", null=True, editable=False)
    # The approver let the year be filed although it was late (V8: a proved reason undoes it).
    restored_at = models.DateTimeField("恢复时间", null=True, editable=False)
    note = models.CharField("备注", max_length=200, blank=True)

    objects = AnnualRecordQuerySet.as_manager()

    class Meta:
        verbose_name = "年度验证记录"
        ordering = ("batch", "person__pinyin", "pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    state__in=["listed", "filed", "verified", "failed", "supplement", "asked", "stamped", "given_up"]
                ),
                name="record_state",
            ),
            models.UniqueConstraint(fields=["person", "year"], name="one_record_per_person_and_year"),
            models.CheckConstraint(
                condition=Q(issues=True) | Q(renews=True) | Q(verifies=True) | Q(makes_up=True), name="record_kind"
            ),
        ]
        indexes = [models.Index(fields=["batch", "state"], name="record_by_state")]

    def __str__(self) -> str:
        return f"{self.person} {self.year} 年度"

    def get_absolute_url(self) -> str:
        return reverse("batches:record", args=[self.pk])

    @property
    def public_title(self) -> str:
        return f"{self.year} 年度验证记录"

    @property
    def was_filed(self) -> bool:
        """Of one that was given up: was it filed, and then nobody came to the counter with it?"""
        return self.batch_id is not None and self.first_submitted_at is not None

    @property
    def goes_on_in_its_batch(self) -> bool:
        """Of one that was filed and given up: is its batch at the counter, or was it closed for nobody having come, so
        that the person may still be brought with it?"""
        at_the_counter = (Batch.State.SUBMITTED, Batch.State.NEVER_CAME)
        return self.was_filed and self.batch is not None and self.batch.state in at_the_counter

    @property
    def filing_unit_id(self) -> int:
        """The unit that files it: the person's own, or the one that supervises it (V3); `batch` must be at hand."""
        return self.batch.unit_id if self.batch else self.unit_id

    @property
    def kinds(self) -> str:
        """What is done with the booklet, in the words of 附件4; they combine (V3)."""
        named = {"发证": self.issues, "换证": self.renews, "验证": self.verifies, "补验": self.makes_up}
        return "、".join(word for word, on in named.items() if on)

    @property
    def needs_reason(self) -> bool:
        """Does the frozen verdict ask the unit why?"""
        return self.verdict.get("outcome") in self.NEEDS_REASON

    @property
    def standing_reason(self) -> str:
        """未达标原因 as it is shown and printed: what was typed while hours were missing goes once they are there."""
        return self.unmet_reason if self.needs_reason else ""


class CounterSeason(Versioned):
    """Until when a year is verified at the counter (集中验证, notice 二(一), 二(三)2): the bureau sets it, with notice.
    Without a row, or without a day in it, it is 未设定: nobody gives a year up for not having come."""

    year = models.PositiveSmallIntegerField("验证年度", unique=True)
    last_day = models.DateField("最后一天", null=True)
    document = models.CharField("依据", max_length=200)

    class Meta:
        verbose_name = "集中验证截止日"
        ordering = ("-year",)

    def __str__(self) -> str:
        return f"{self.year} 年度集中验证截止日"


class SlotQuerySet(models.QuerySet["Slot"]):
    def with_taken(self) -> SlotQuerySet:
        """Each slot with `taken`: how many seats are held (a missed one was held too)."""
        held = ~Q(appointments__state=Appointment.State.CANCELLED) & ~out_of_time("appointments__")
        return self.annotate(taken=models.Count("appointments", filter=held & Q(appointments__isnull=False)))


class Slot(Versioned):
    """A time at the counter that the bureau opens, with a number of seats (one per appointment)."""

    date = models.DateField("日期")
    starts_at = models.TimeField("开始时间")
    ends_at = models.TimeField("结束时间")
    capacity = models.PositiveSmallIntegerField("可约数")
    place = models.CharField("地点", max_length=100)
    closed = models.BooleanField("停用", default=False)

    objects = SlotQuerySet.as_manager()

    class Meta:
        verbose_name = "预约时段"
        ordering = ("date", "starts_at", "pk")
        constraints = [
            models.UniqueConstraint(fields=["date", "starts_at", "place"], name="slot_once"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="slot_times_in_order"),
            models.CheckConstraint(condition=Q(capacity__gte=1), name="slot_has_seats"),
        ]

    def __str__(self) -> str:
        return f"{self.date.month}月{self.date.day}日 {self.starts_at:%H:%M}–{self.ends_at:%H:%M}"

    def get_absolute_url(self) -> str:
        return reverse("batches:slot", args=[self.pk])

    @property
    def begins(self) -> datetime:
        """The aware moment at which it starts (Asia/Shanghai)."""
        return datetime.combine(self.date, self.starts_at, clock.SHANGHAI)


def out_of_time(prefix: str = "") -> Q:
    """Of appointments: a place that was kept, and that nobody said yes to in time, whether or not it was taken back."""
    return Q(**{f"{prefix}state": Appointment.State.HELD, f"{prefix}kept_until__lte": clock.now()})


class AppointmentQuerySet(VisibleQuerySet["Appointment"]):
    def visible_to(self, account: Actor) -> AppointmentQuerySet:
        """The unit that booked it, its supervising authority, the bureau; and whoever's batch it carries."""
        if sees_district(account):
            return self.all()
        own = account.unit_ids(Role.UNIT_CLERK)
        carried = Batch.objects.filter(unit__in=own).values("appointment")
        reviewers = Q(unit__in=account.unit_ids(*REVIEW_SYSTEM.roles))
        return self.filter(unit_scope(account) | reviewers | Q(pk__in=carried))

    def coming(self) -> AppointmentQuerySet:
        """Those whose seat is held, be it for who has not said yes yet."""
        return self.exclude(state=Appointment.State.CANCELLED).exclude(out_of_time())


class Appointment(models.Model):
    """A seat in a slot, for one or several batches. Seats are numbered and unique, so a slot can never be
    overbooked, whatever arrives at once (V5). One that is held for who waited is nobody's appointment until they say
    yes, `kept_until` at the latest."""

    class State(models.TextChoices):
        HELD = "held", "待确认"
        BOOKED = "booked", "已预约"
        CANCELLED = "cancelled", "已取消"
        MISSED = "missed", "未到"
        CAME = "came", "已到"

    slot = models.ForeignKey(Slot, models.PROTECT, related_name="appointments")
    seat = models.PositiveSmallIntegerField("号")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="预约单位")
    state = models.CharField("状态", max_length=10, choices=State, default=State.BOOKED, editable=False)
    booked_by = models.ForeignKey(Account, models.PROTECT, related_name="+")
    booked_at = models.DateTimeField(default=clock.now)
    kept_until = models.DateTimeField("保留到", null=True, editable=False)

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        verbose_name = "预约"
        ordering = ("slot", "seat")
        constraints = [
            models.UniqueConstraint(fields=["slot", "seat"], condition=~Q(state="cancelled"), name="seat_once"),
            models.CheckConstraint(condition=Q(seat__gte=1), name="seat_from_one"),
            models.CheckConstraint(
                condition=Q(state__in=["held", "booked", "cancelled", "missed", "came"]), name="appointment_state"
            ),
            models.CheckConstraint(
                condition=~Q(state="held") | Q(kept_until__isnull=False), name="appointment_held_until"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.slot} {self.seat} 号"

    def get_absolute_url(self) -> str:
        return reverse("batches:appointment", args=[self.pk])

    def is_held(self, now: datetime) -> bool:
        """Is it kept for somebody who can still say yes?"""
        return self.state == self.State.HELD and self.kept_until is not None and self.kept_until > now

    @property
    def state_said(self) -> str:
        """已取消; 待确认，保留到 1月7日 24:00."""
        return "，".join(filter(None, (self.get_state_display(), self.held_said)))

    @property
    def held_said(self) -> str:
        """Of a seat that waits for a yes: until when it is kept, or that the time is over; empty otherwise."""
        if self.state != self.State.HELD or self.kept_until is None:
            return ""
        return f"保留到 {up_to(self.kept_until)}" if self.is_held(clock.now()) else "确认时间已过"

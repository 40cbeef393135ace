"""Attestations of what somebody learned, the districts whose files are believed, and what was taken over from them."""

from __future__ import annotations

from datetime import date
from functools import cached_property

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import DO_BUREAU_WORK, READ_PEOPLE, Actor, VisibleQuerySet
from luojiang_ce.papers.models import IN_REVIEW, Paper
from luojiang_ce.versions import Versioned
from luojiang_ce.workdays.text import full
from luojiang_ce.workflow.models import Case
from units.access import case_scope
from units.models import Person, Unit
from verification.batches.models import AnnualRecord
from verification.choices import Form, Measure, Subject
from verification.requirements.display import said


class AttestationQuerySet(VisibleQuerySet["Attestation"]):
    def visible_to(self, account: Actor) -> AttestationQuerySet:
        """The asking unit; once submitted its authority's reviewer and the bureau."""
        return self.filter(case_scope(account))


class Attestation(Versioned, Case):
    """One person's record over some years, asked for by the unit and issued by the bureau (notice 三1: 必备条件)."""

    class State(models.TextChoices):
        DRAFT = "draft", "草稿"
        SUBMITTED = "submitted", "待审核"
        RETURNED = "returned", "退回补正"
        ISSUED = "issued", "已出具"
        REFUSED = "refused", "不予出具"
        CANCELLED = "cancelled", "已作废"
        REVOKED = "revoked", "已撤销"

    state = models.CharField("状态", max_length=20, choices=State, default=State.DRAFT, editable=False)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="申请单位", editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="attestations", verbose_name="人员", editable=False)
    first_year = models.PositiveSmallIntegerField("起始年度")
    last_year = models.PositiveSmallIntegerField("截止年度")
    purpose = models.CharField("用途", max_length=100, help_text="印在证明上，例如：申报职称")
    # What was said when it was issued (content.py); the paper and the file are made of this and of nothing else.
    content = models.JSONField("所载情况", default=dict, editable=False)
    # The first year at which any of its verdicts looked: the beginning of a tenure or cycle.
    looks_from = models.PositiveSmallIntegerField(default=0, editable=False)
    frozen_at = models.DateTimeField("所载情况截至", null=True, editable=False)
    # Entries are only ever added: more reversals of these years than were seen means that hours were taken back since.
    reversals_seen = models.PositiveIntegerField("所见冲销条数", default=0, editable=False)

    objects = AttestationQuerySet.as_manager()

    class Meta:
        verbose_name = "继续教育情况证明"
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["draft", "submitted", "returned", "issued", "refused", "cancelled", "revoked"]),
                name="attestation_state",
            ),
            models.CheckConstraint(condition=Q(last_year__gte=F("first_year")), name="attestation_years_in_order"),
            models.CheckConstraint(
                condition=~Q(state="issued") | Q(frozen_at__isnull=False), name="attestation_issued_as_of"
            ),
        ]
        indexes = [
            models.Index(fields=["state", "submitted_at"], name="attestation_queue"),
            models.Index(fields=["person", "state"], name="attestation_of_person"),
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.years}"

    def get_absolute_url(self) -> str:
        return reverse("record:attestation", args=[self.pk])

    @property
    def public_title(self) -> str:
        return ""  # its number says which

    @property
    def number(self) -> str:
        """ZM-2026-00012: known from the draft on, never given twice."""
        return f"ZM-{clock.local(self.created_at).year}-{self.pk:05d}"

    @cached_property
    def state_said(self) -> str:
        """As lists say it: what is looked at again stands as the public reads it. They ask for all at once
        (second_look.with_states)."""
        from .second_look import is_looked_at_again

        return IN_REVIEW if is_looked_at_again(self) else self.get_state_display()

    @property
    def years(self) -> str:
        """2022–2026 年度"""
        return f"{years_said(self.first_year, self.last_year)} 年度"


class AttestedResultQuerySet(models.QuerySet["AttestedResult"]):
    def changed(self) -> AttestedResultQuerySet:
        """Those that are not stamped any more, were decided again, or whose page was revoked."""
        again = Q(record__decided_at__gt=F("decided_at")) | Q(paper__state=Paper.State.REVOKED)
        return self.filter(again | ~Q(record__state=AnnualRecord.State.STAMPED))


class AttestedResult(models.Model):
    """A yearly result that an attestation says is stamped: as it was decided, and by which page, if that was there."""

    attestation = models.ForeignKey(Attestation, models.CASCADE, related_name="results")
    record = models.ForeignKey(AnnualRecord, models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    paper = models.ForeignKey(Paper, models.PROTECT, null=True, related_name="+")

    objects = AttestedResultQuerySet.as_manager()

    class Meta:
        verbose_name = "所载的年度验证结论"
        constraints = [models.UniqueConstraint(fields=["attestation", "record"], name="result_attested_once")]

    def __str__(self) -> str:
        return str(self.record)


def years_said(first: int, last: int) -> str:
    """2026, 2022–2026"""
    return f"{first}" if first == last else f"{first}–{last}"


# --- districts --------------------------------------------------------------------------------------------------------


class TrustedDistrictQuerySet(VisibleQuerySet["TrustedDistrict"]):
    def visible_to(self, account: Actor) -> TrustedDistrictQuerySet:
        """What the bureau has not decided is its own business; the rest whoever takes files over may read."""
        if account.holds(*DO_BUREAU_WORK.roles):
            return self.all()
        decided = [TrustedDistrict.State.IN_FORCE, TrustedDistrict.State.OFF]
        return self.filter(state__in=decided) if account.holds(*READ_PEOPLE.roles) else self.none()

    def in_force(self) -> TrustedDistrictQuerySet:
        """Those whose files are believed, each for its days."""
        return self.filter(state=TrustedDistrict.State.IN_FORCE)


class TrustedDistrict(Versioned, Case):
    """Another district whose files are believed: its keys as they were handed over, on which document, from when."""

    class State(models.TextChoices):
        DRAFT = "draft", "拟登记"
        PROPOSED = "proposed", "待审批"
        IN_FORCE = "in_force", "执行中"
        OFF = "off", "已停用"

    state = models.CharField("状态", max_length=20, choices=State, default=State.DRAFT, editable=False)
    name = models.CharField("地区", max_length=100, help_text="市、县（市、区），例如某市某区")
    issuer = models.CharField("地区标识", max_length=200, help_text="对方公钥文件里的 issuer，一字不差")
    keys = models.JSONField("公钥", default=dict)
    document = models.CharField("依据", max_length=200, help_text="互认文件或来函的名称、文号，怎样核实的")
    valid_from = models.DateField("自何日起", help_text="这一天起出具的记录才认")
    valid_to = models.DateField("至何日止", null=True, blank=True, help_text="留空表示至今有效")

    objects = TrustedDistrictQuerySet.as_manager()

    class Meta:
        verbose_name = "互认地区"
        ordering = ("name", "-pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["draft", "proposed", "in_force", "off"]), name="trusted_district_state"
            ),
            models.UniqueConstraint(
                fields=["issuer"], condition=Q(state="in_force"), name="one_set_of_keys_per_district"
            ),
            models.CheckConstraint(condition=~Q(document=""), name="trusted_district_has_document"),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")), name="trusted_district_days_in_order"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("record:trusteddistrict", args=[self.pk])

    @property
    def span(self) -> str:
        """2026年1月1日起, 2026年1月1日至2026年12月31日"""
        return f"{full(self.valid_from)}至{full(self.valid_to)}" if self.valid_to else f"{full(self.valid_from)}起"

    @property
    def former(self) -> TrustedDistrict | None:
        """Whose place it takes when it is approved: the keys in force under the same issuer. One query."""
        return TrustedDistrict.objects.in_force().filter(issuer=self.issuer).exclude(pk=self.pk).first()

    def holds_on(self, day: date) -> bool:
        """Is what was signed on this day believed?"""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


# --- what was taken over ----------------------------------------------------------------------------------------------


class TransferQuerySet(VisibleQuerySet["Transfer"]):
    def visible_to(self, account: Actor) -> TransferQuerySet:
        """The unit that took it over; once submitted its authority's reviewer and the bureau."""
        return self.filter(case_scope(account))

    def standing(self) -> TransferQuerySet:
        """Those that are in the ledger or on their way there."""
        return self.exclude(state__in=Transfer.ENDED)

    def on_their_way(self) -> TransferQuerySet:
        """Those that were submitted and may still be entered; drafts are the unit's own business."""
        return self.filter(state__in=Transfer.ON_THEIR_WAY)


class Transfer(Case):
    """A signed record of another district, checked when it was taken over; a reviewer accepts it, as any transfer."""

    class State(models.TextChoices):
        DRAFT = "draft", "草稿"
        SUBMITTED = "submitted", "待审核"
        RETURNED = "returned", "退回补正"
        ACCEPTED = "accepted", "已认可"
        REFUSED = "refused", "不予认可"
        WITHDRAWN = "withdrawn", "已撤回"
        REVOKED = "revoked", "认可已撤销"

    ON_THEIR_WAY = (State.SUBMITTED, State.RETURNED)
    WAITING = (State.DRAFT, *ON_THEIR_WAY)
    ENDED = (State.REFUSED, State.WITHDRAWN, State.REVOKED)

    state = models.CharField("状态", max_length=20, choices=State, default=State.DRAFT, editable=False)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="申报单位", editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="transfers", verbose_name="人员", editable=False)
    district = models.ForeignKey(
        TrustedDistrict, models.PROTECT, related_name="transfers", verbose_name="转出地区", editable=False
    )
    issuer = models.CharField("地区标识", max_length=200, editable=False)
    paper_number = models.CharField("证明编号", max_length=60, editable=False)
    paper_dated = models.DateField("证明日期", editable=False)
    kid = models.CharField("密钥编号", max_length=100, editable=False)
    content = models.JSONField("文件所载", default=dict, editable=False)
    # The reviewer asked the other district's public check, which knows of revocations that a file does not know of.
    checked_on = models.DateField("在对方核验页核对", null=True, editable=False)

    objects = TransferQuerySet.as_manager()

    class Meta:
        verbose_name = "外区记录转入"
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    state__in=["draft", "submitted", "returned", "accepted", "refused", "withdrawn", "revoked"]
                ),
                name="transfer_state",
            ),
            models.UniqueConstraint(
                fields=["issuer", "paper_number"],
                condition=~Q(state__in=["refused", "withdrawn", "revoked"]),
                name="record_taken_over_once",
            ),
        ]
        indexes = [models.Index(fields=["state", "submitted_at"], name="transfer_queue")]

    def __str__(self) -> str:
        return f"{self.person} {self.district} {self.paper_number}"

    def get_absolute_url(self) -> str:
        return reverse("record:transfer", args=[self.pk])

    @property
    def public_title(self) -> str:
        return ""  # its number says which

    @property
    def number(self) -> str:
        """ZR-2026-00012: known from the draft on, never given twice."""
        return f"ZR-{clock.local(self.created_at).year}-{self.pk:05d}"


class TransferredEntry(models.Model):
    """An entry of a record that was taken over: source of the entry here, so that it keeps where it came from."""

    transfer = models.ForeignKey(Transfer, models.CASCADE, related_name="entries")
    year = models.PositiveSmallIntegerField("年度")
    measure = models.CharField("计量", max_length=10, choices=Measure)
    subject = models.CharField("科目", max_length=20, choices=Subject)
    amount = models.DecimalField("学时（学分）", max_digits=7, decimal_places=2)
    form = models.CharField("学习形式", max_length=20, choices=Form)
    title = models.CharField("项目名称", max_length=200)
    organiser = models.CharField("主办单位", max_length=100, blank=True)
    date_from = models.DateField("起", null=True)
    date_to = models.DateField("止", null=True)
    intensive = models.BooleanField("集中脱产", default=False)
    course = models.CharField("公共必修课", max_length=100, blank=True)
    # Through which districts it came before, newest first, as the file says (portable.Origin).
    origins = models.JSONField("来源", default=list)
    # What the reviewer decided: does it count here? None before.
    counts = models.BooleanField("计入", null=True)

    class Meta:
        verbose_name = "转入的学时"
        ordering = ("year", "date_from", "pk")
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="transferred_amount"),
            models.CheckConstraint(condition=Q(measure__in=Measure.values), name="transferred_measure"),
            models.CheckConstraint(condition=Q(subject__in=Subject.values), name="transferred_subject"),
            models.CheckConstraint(condition=Q(form__in=Form.values), name="transferred_form"),
        ]

    def __str__(self) -> str:
        return f"{self.year} {self.title} {self.amount}"

    @property
    def amount_said(self) -> str:
        """专业科目 24.0 学时"""
        return f"{self.get_subject_display()} {said(self.amount)} {self.get_measure_display()}"

    @property
    def came_through(self) -> list[dict[str, str]]:
        """Its districts, newest first, beginning with the one whose file it stood in; `transfer` must be at hand."""
        case = self.transfer
        own = {"issuer": case.issuer, "district": case.district.name, "paper": case.paper_number}
        return [own, *self.origins]

"""Recognition of hours (notice 一(五)3): the package filed within 30 days, results, the handler's decisions, and
corrections of what was found wrong after the decision."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import Actor, Role, VisibleQuerySet
from luojiang_ce.versions import Versioned
from luojiang_ce.workdays.text import month_day
from luojiang_ce.workflow.models import Case
from training.choices import HalfDay
from training.classes.models import ClassApplication, Enrolment
from units.access import case_scope, sees_district
from units.models import Account, Person, Unit
from verification.choices import Subject


def last_day(application: ClassApplication) -> date:
    """The last day of a class; one that was approved has its dates."""
    assert application.ends_on is not None
    return application.ends_on


class RecognitionQuerySet(VisibleQuerySet["Recognition"]):
    def visible_to(self, account: Actor) -> RecognitionQuerySet:
        """The provider; the bureau once submitted."""
        return self.filter(case_scope(account))

    def with_rulings(self) -> RecognitionQuerySet:
        """Each with whether there are rulings on its class (`has_rulings`), so that a page need not ask."""
        rulings = Ruling.objects.made().filter(application=OuterRef("application"))
        return self.annotate(has_rulings=Exists(rulings))


class Recognition(Versioned, Case):
    """The request to recognise the hours of one class."""

    class State(models.TextChoices):
        DRAFT = "draft", "草稿"
        SUBMITTED = "submitted", "待审核"
        RETURNED = "returned", "退回补正"
        CHECKED = "checked", "待审批"
        RECOGNISED = "recognised", "已认定"
        PARTLY = "partly", "部分认定"
        REFUSED = "refused", "不予认定"

    POSTED = (State.RECOGNISED, State.PARTLY)  # its hours are in the ledger

    state = models.CharField("状态", max_length=20, choices=State, default=State.DRAFT, editable=False)
    number = models.CharField("编号", max_length=30, null=True, unique=True, editable=False)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="recognitions", verbose_name="施教机构")
    application = models.OneToOneField(ClassApplication, models.PROTECT, related_name="recognition")
    note = models.CharField("说明", max_length=500, blank=True)

    objects = RecognitionQuerySet.as_manager()

    class Meta:
        verbose_name = "学时认定"
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["draft", "submitted", "returned", "checked", "recognised", "partly", "refused"]),
                name="recognition_state",
            )
        ]

    def __str__(self) -> str:
        return f"学时认定：{self.application}"

    def get_absolute_url(self) -> str:
        return reverse("recognition:recognition", args=[self.pk])


class AssessmentResult(models.Model):
    """A trainee's result where the class has an assessment (R5); who failed earns nothing there."""

    class Outcome(models.TextChoices):
        PASSED = "passed", "合格"
        FAILED = "failed", "不合格"

    enrolment = models.OneToOneField(Enrolment, models.CASCADE, related_name="result")
    outcome = models.CharField("考核结果", max_length=10, choices=Outcome)
    score = models.DecimalField("成绩", max_digits=5, decimal_places=1, null=True, blank=True)
    recorded_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = "考核结果"
        constraints = [models.CheckConstraint(condition=Q(outcome__in=["passed", "failed"]), name="assessment_outcome")]

    def __str__(self) -> str:
        return self.get_outcome_display()


class Override(models.Model):
    """The handler's decision on one person's amount, with a reason; it replaces what was counted (R3)."""

    recognition = models.ForeignKey(Recognition, models.CASCADE, related_name="overrides")
    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField("年度")
    subject = models.CharField("科目", max_length=20)
    amount = models.DecimalField("学时（学分）", max_digits=6, decimal_places=1)
    reason = models.CharField("理由", max_length=300)
    # decisions.basis_of what was counted then: after a return the signs may be others, and it is decided again.
    basis = models.CharField(max_length=64, blank=True, editable=False)
    decided_by = models.ForeignKey(Account, models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = "学时更正"
        constraints = [
            models.UniqueConstraint(fields=["recognition", "enrolment", "year", "subject"], name="override_once"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="override_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.enrolment} {self.year} {self.amount}"


class Exclusion(models.Model):
    """Half-days that are not recognised, with a reason; what is left empty stands for all (everybody, every day)."""

    recognition = models.ForeignKey(Recognition, models.CASCADE, related_name="exclusions")
    enrolment = models.ForeignKey(Enrolment, models.PROTECT, null=True, blank=True, related_name="+")
    date = models.DateField("日期", null=True, blank=True)
    half_day = models.CharField("时段", max_length=10, choices=HalfDay, blank=True)
    reason = models.CharField("理由", max_length=300)
    decided_by = models.ForeignKey(Account, models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = "不予认定的半日"
        ordering = ("date", "pk")

    def __str__(self) -> str:
        day = f"{month_day(self.date)}{self.get_half_day_display()}" if self.date else "全部半日"
        return f"{self.enrolment or '全体学员'} {day}"


class Outcome(models.Model):
    """What recognition found for one trainee, frozen when it was decided.

    `half_days`: [{date, half_day, why}]; `amounts`: [{year, subject, amount, counted, reason}], `counted` being what
    the signs gave and `reason` the handler's where the amount is a decision of theirs.
    """

    recognition = models.ForeignKey(Recognition, models.CASCADE, related_name="outcomes")
    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="+")
    half_days = models.JSONField(default=list)
    amounts = models.JSONField(default=list)
    assessment = models.CharField("考核结果", max_length=10, choices=AssessmentResult.Outcome, blank=True)
    posted = models.BooleanField("已入账", default=False)
    why_not = models.CharField("未入账原因", max_length=200, blank=True)

    class Meta:
        verbose_name = "认定结果"
        ordering = ("enrolment",)
        constraints = [models.UniqueConstraint(fields=["recognition", "enrolment"], name="outcome_once")]

    def __str__(self) -> str:
        return f"{self.enrolment}"


class CorrectionQuerySet(VisibleQuerySet["RecognitionCorrection"]):
    def visible_to(self, account: Actor) -> CorrectionQuerySet:
        """The provider's own, and what the bureau decided; the bureau's officers their own and what was filed."""
        own = account.unit_ids(Role.UNIT_CLERK)
        told = Q(by_bureau=False) | Q(state__in=RecognitionCorrection.DECIDED)
        seen = Q(unit__in=own) & told if own else Q(pk__in=[])
        if sees_district(account):
            seen |= Q(by_bureau=True) | Q(first_submitted_at__isnull=False)
        return self.filter(seen)

    def decided(self) -> CorrectionQuerySet:
        """Those that the approver decided, taken back again or not, in the order of the decisions."""
        return self.filter(state__in=RecognitionCorrection.DECIDED).order_by("decided_at", "pk")


class RecognitionCorrection(Versioned, Case):
    """What was found wrong after the hours of a class were recognised (R3): prepared by a handler, of the bureau's own
    accord or because the provider asked, and decided by an approver. It changes no entry: what it comes to is counted
    anew, and the difference is posted."""

    class State(models.TextChoices):
        DRAFT = "draft", "草稿"
        SUBMITTED = "submitted", "待核实"
        RETURNED = "returned", "退回补正"
        CHECKED = "checked", "待审批"
        CORRECTED = "corrected", "已更正"
        UNDONE = "undone", "已撤回更正"
        REFUSED = "refused", "不予更正"
        DROPPED = "dropped", "已作废"

    DECIDED = (State.CORRECTED, State.UNDONE)

    state = models.CharField("状态", max_length=20, choices=State, default=State.DRAFT, editable=False)
    number = models.CharField("编号", max_length=30, null=True, unique=True, editable=False)
    recognition = models.ForeignKey(Recognition, models.PROTECT, related_name="corrections", verbose_name="学时认定")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="施教机构")
    by_bureau = models.BooleanField("区人社局提出", default=False, editable=False)
    reason = models.TextField("更正理由", max_length=500)
    # The earlier correction that does not hold any more once this one is decided.
    undoes = models.ForeignKey("self", models.PROTECT, null=True, related_name="undone_by", verbose_name="撤回的更正")
    decided_at = models.DateTimeField("更正时间", null=True, editable=False)

    objects = CorrectionQuerySet.as_manager()

    class Meta:
        verbose_name = "学时更正"
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    state__in=[
                        *("draft", "submitted", "returned", "checked", "corrected", "undone", "refused", "dropped"),
                    ]
                ),
                name="correction_state",
            ),
            # Each is decided on what the one before it has left.
            models.UniqueConstraint(
                fields=["recognition"],
                condition=Q(state__in=["submitted", "checked"]) | Q(state="draft", by_bureau=True),
                name="correction_one_at_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["corrected", "undone"]) | Q(decided_at__isnull=False),
                name="correction_decided_some_day",
            ),
        ]

    def __str__(self) -> str:
        return f"学时更正：{self.recognition.application}"

    def get_absolute_url(self) -> str:
        return reverse("recognition:correction", args=[self.pk])

    @property
    def public_title(self) -> str:
        return str(self.recognition.application)


class LineOfClass(models.Model):
    """One thing that becomes of a class, with its reason: an amount of one trainee, or a half-day of one trainee or,
    without one, of everybody."""

    kind = models.CharField("更正内容", max_length=10)
    enrolment = models.ForeignKey(Enrolment, models.PROTECT, null=True, blank=True, related_name="+")
    date = models.DateField("日期", null=True, blank=True)
    half_day = models.CharField("时段", max_length=10, choices=HalfDay, blank=True)
    year = models.PositiveSmallIntegerField("年度", null=True, blank=True)
    subject = models.CharField("科目", max_length=20, blank=True)
    amount = models.DecimalField("学时（学分）", max_digits=6, decimal_places=1, null=True, blank=True)
    reason = models.CharField("理由", max_length=300)
    # decisions.basis_of what was counted then, as of an Override
    basis = models.CharField(max_length=64, blank=True, editable=False)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.whom}：{self.what}"

    @property
    def whom(self) -> str:
        """Whom it concerns."""
        return self.enrolment.name if self.enrolment else "全体学员"

    @property
    def what(self) -> str:
        """What becomes of it."""
        said: str = self.get_kind_display()  # type: ignore[attr-defined]
        if self.amount is not None:
            return f"{self.year}年 {Subject(self.subject).label} {self.amount}"
        return f"{month_day(self.date)}{self.get_half_day_display()} {said}" if self.date else said


class CorrectionLine(LineOfClass):
    """One thing that a correction changes.

    An amount is one trainee's (`enrolment`), or that of somebody who was left off the list (`person`, until the
    decision enrols them); the whole is nobody's in particular.
    """

    class Kind(models.TextChoices):
        AMOUNT = "amount", "核定学时"
        EXCLUDED = "excluded", "半日不予认定"
        COUNTED = "counted", "恢复半日"
        WHOLE = "whole", "整班不予认定"

    correction = models.ForeignKey(RecognitionCorrection, models.CASCADE, related_name="lines")
    kind = models.CharField("更正内容", max_length=10, choices=Kind)
    person = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = "更正内容"
        ordering = ("pk",)
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["amount", "excluded", "counted", "whole"]), name="correction_line_kind"
            ),
            models.CheckConstraint(
                condition=~Q(kind="amount") | Q(year__isnull=False, amount__gte=0), name="correction_line_amount"
            ),
        ]

    @property
    def whom(self) -> str:
        """Whom it concerns, also who is not enrolled yet."""
        return f"{self.person.name}（补列）" if self.person and not self.enrolment else super().whom


class ChangedTrainee(models.Model):
    """What a decision on a whole class changed for one trainee, kept for later years: amounts as in an Outcome."""

    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="+")
    before = models.JSONField("变动前", default=list)
    after = models.JSONField("变动后", default=list)

    class Meta:
        abstract = True
        ordering = ("enrolment",)

    def __str__(self) -> str:
        return f"{self.enrolment}"


class Corrected(ChangedTrainee):
    """What a decided correction changed."""

    correction = models.ForeignKey(RecognitionCorrection, models.CASCADE, related_name="changed")

    class Meta(ChangedTrainee.Meta):
        verbose_name = "更正结果"
        constraints = [models.UniqueConstraint(fields=["correction", "enrolment"], name="corrected_once")]


class RulingQuerySet(models.QuerySet["Ruling"]):
    def made(self) -> RulingQuerySet:
        """Those that were decided, undone again or not, in the order of the decisions."""
        return self.filter(decided_at__isnull=False).order_by("decided_at", "pk")

    def in_force(self) -> RulingQuerySet:
        """Those that hold now, and take something out."""
        return self.made().filter(undone_by=None, undoes=None)

    def of(self, case: models.Model) -> RulingQuerySet:
        """What a case has written, decided or not, without what undoes it."""
        return self.filter(case_type=case._meta.label_lower, case_id=case.pk, undoes=None)


class Ruling(models.Model):
    """What a decision from above recognition says of a class (notice 一(五)4: 学时不予认定): data that the counting
    takes, of a class whose hours are in the ledger, that is under recognition, or that nobody has filed yet.

    A draft until `decided_at`. It is never changed then: what withdraws it is a row of its own that `undoes` it.
    """

    application = models.ForeignKey(ClassApplication, models.PROTECT, related_name="rulings")
    case_type = models.CharField(max_length=60)
    case_id = models.BigIntegerField()
    number = models.CharField("决定编号", max_length=60, blank=True)
    reason = models.TextField("理由", blank=True)
    undoes = models.OneToOneField("self", models.PROTECT, null=True, related_name="undone_by")
    decided_at = models.DateTimeField("决定时间", null=True)
    decided_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")

    objects = RulingQuerySet.as_manager()

    class Meta:
        verbose_name = "学时处理"
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["case_type", "case_id", "application"], condition=Q(undoes=None), name="ruling_once"
            ),
            models.CheckConstraint(
                condition=Q(undoes=None) | Q(decided_at__isnull=False), name="ruling_undone_some_day"
            ),
        ]

    def __str__(self) -> str:
        return self.number or "草稿"


class RulingLine(LineOfClass):
    """What a ruling takes: everything, a half-day, everything of one trainee, or a half-day of one trainee; and the
    amounts that hold where the half-days that are left leave them open."""

    class Kind(models.TextChoices):
        EXCLUDED = "excluded", "不予认定"
        AMOUNT = "amount", "核定学时"

    ruling = models.ForeignKey(Ruling, models.CASCADE, related_name="lines")
    kind = models.CharField("处理内容", max_length=10, choices=Kind)

    class Meta:
        verbose_name = "学时处理内容"
        ordering = ("pk",)
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["excluded", "amount"]), name="ruling_line_kind"),
            models.CheckConstraint(
                condition=~Q(kind="amount") | Q(year__isnull=False, amount__gte=0, enrolment__isnull=False),
                name="ruling_line_amount",
            ),
        ]


class Ruled(ChangedTrainee):
    """What a ruling, or what undid it, changed."""

    ruling = models.ForeignKey(Ruling, models.CASCADE, related_name="changed")

    class Meta(ChangedTrainee.Meta):
        verbose_name = "学时处理结果"
        constraints = [models.UniqueConstraint(fields=["ruling", "enrolment"], name="ruled_once")]

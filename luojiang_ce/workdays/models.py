"""What the bureau adds to the calendar and to the rules of deadlines. Facts that ship with the product come from
packages and `fixtures/`; nothing here is needed for a deadline to be computed except one row of settings."""

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q

from luojiang_ce import clock
from luojiang_ce.workdays.calendar import DayKind
from luojiang_ce.workdays.deadlines import DeadlineSettings, OpeningMode
from luojiang_ce.workdays.text import full


class CalendarYear(models.Model):
    """The State Council's arrangement of a year as the bureau entered it. Confirmed, the year is no longer 暂定."""

    year = models.PositiveSmallIntegerField("年份", unique=True)
    document = models.CharField("文件（名称、文号）", max_length=200)
    text = models.TextField("通知原文", blank=True)
    confirmed = models.BooleanField("已确认", default=False)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="录入人"
    )
    entered_at = models.DateTimeField("录入时间", default=clock.now, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "年度放假安排"

    def __str__(self):
        return f"{self.year}年放假安排"


class CalendarDay(models.Model):
    """One day that the bureau entered: of a year's arrangement, or a local closure (typhoon)."""

    class Kind(models.TextChoices):
        REST = "rest", "休息"
        WORK = "work", "上班"

    class Scope(models.TextChoices):
        DISTRICT = "district", "全区"
        # Recorded and shown, but a closure of one place moves nobody's deadline by itself.
        PARTIAL = "partial", "局部"

    date = models.DateField("日期")
    kind = models.CharField("休息或上班", max_length=4, choices=Kind)
    name = models.CharField("节日或事由简称", max_length=40, blank=True)
    arrangement = models.ForeignKey(
        CalendarYear, models.CASCADE, null=True, blank=True, related_name="days", verbose_name="所属年度安排"
    )
    scope = models.CharField("范围", max_length=8, choices=Scope, default=Scope.DISTRICT)
    scope_text = models.CharField("范围说明", max_length=200, blank=True)
    reason = models.CharField("原因", max_length=200, blank=True)
    source = models.CharField("依据（文件名、文号）", max_length=200, blank=True)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="录入人"
    )
    entered_at = models.DateTimeField("录入时间", default=clock.now, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "日历录入"
        ordering = ["date", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["rest", "work"]), name="calendar_day_kind"),
            models.CheckConstraint(condition=Q(scope__in=["district", "partial"]), name="calendar_day_scope"),
            models.UniqueConstraint(
                "date", condition=Q(arrangement=None, scope="district"), name="one_district_closure_a_day"
            ),
            models.UniqueConstraint("arrangement", "date", name="one_day_of_an_arrangement"),
        ]

    def __str__(self):
        return f"{full(self.date)} {self.get_kind_display()}"

    @property
    def day_kind(self) -> DayKind:
        """What the entry makes of the day in the calendar."""
        if self.kind == self.Kind.WORK:
            return DayKind.MAKEUP if self.date.weekday() >= 5 else DayKind.WORKDAY
        return DayKind.HOLIDAY if self.arrangement_id else DayKind.CLOSURE


class DeadlineSetting(models.Model):
    """The figures of the deadlines from a day on, whole: a change is a new row, old days keep the old one."""

    class RecognitionDoneBy(models.TextChoices):
        # notice 一(五)3 says “办好”; both readings are possible (R4).
        FILED = "filed", "按期报送齐全即为按时"
        FINISHED = "finished", "按期认定完毕才为按时"

    class Mode(models.TextChoices):
        DIFFERENCE = OpeningMode.DIFFERENCE.value, "从开班前一日往回数"
        CLEAR = OpeningMode.CLEAR.value, "报送日与开班日均不计"

    valid_from = models.DateField("自何日起", unique=True)
    opening_days = models.PositiveSmallIntegerField("开班申请提前（工作日）")
    opening_mode = models.CharField("提前天数的数法", max_length=10, choices=Mode)
    recognition_days = models.PositiveSmallIntegerField("学时认定期限（日）")
    recognition_done_by = models.CharField("“办好”的含义", max_length=8, choices=RecognitionDoneBy)
    reply_days = models.PositiveSmallIntegerField("一次告知期限（工作日）")
    mending_days = models.PositiveSmallIntegerField("补正期限（工作日）")
    # Nobody has said within how many days a unit lets a person go: unset, no clock runs.
    release_days = models.PositiveSmallIntegerField(
        "答复调入申请的期限（工作日）",
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text="留空即未设定，不计时",
    )
    # Neither the notice nor a law names how long a provider may answer what is intended: unset, no clock runs.
    statement_days = models.PositiveSmallIntegerField(
        "陈述申辩的期限（工作日）",
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text="留空即未设定，不计时",
    )
    # What becomes of who was to bring something and did not is the bureau's: unset, the counter decides about each.
    supplement_days = models.PositiveSmallIntegerField(
        "逾期未补材料按不通过办理（工作日）",
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text="留空即未设定，由柜台逐人办理",
    )
    # The law gives no number of days for an answer to an objection to the own record (PIPL 45, 50: 及时). The figure is
    # proposed, and the bureau's to confirm; unset, nothing goes on to the bureau by itself.
    objection_days = models.PositiveSmallIntegerField(
        "单位答复本人异议的期限（工作日）",
        default=5,
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text="通知和法律没有规定，5 为建议值，由本局确认；过期未答复的转本局。留空即未设定，不转",
    )
    # Nothing says how long a free place at the counter is kept for who waits for it. The figure is proposed, and the
    # bureau's to confirm; unset, it is kept until the slot begins.
    waiting_days = models.PositiveSmallIntegerField(
        "候补到的空位保留（工作日）",
        default=1,
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text="通知没有规定，1 为建议值，由本局确认；过期不确认的让给下一个，最迟到时段开始。留空即保留到时段开始",
    )
    # Neither the notice (二(一): 先送卫计局初审, 教育行政部门审核验印) nor a law says how long an authority has for its
    # review: unset, no clock runs.
    review_days = models.PositiveSmallIntegerField(
        "主管部门审核花名册的期限（工作日）",
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text="留空即未设定，不计时",
    )
    roll = models.BooleanField("2月末日逢休息日顺延")
    cutoff_minutes = models.PositiveSmallIntegerField("当日截止时刻（0时起的分钟数，1440 即 24:00）")
    document = models.CharField("依据", max_length=300)

    class Meta:
        verbose_name = verbose_name_plural = "期限参数"
        ordering = ["valid_from"]
        constraints = [
            models.CheckConstraint(
                condition=Q(opening_days__gte=1, recognition_days__gte=1, reply_days__gte=1, mending_days__gte=1),
                name="deadline_lengths_positive",
            ),
            models.CheckConstraint(
                condition=Q(release_days=None) | Q(release_days__gte=1), name="release_days_positive"
            ),
            models.CheckConstraint(
                condition=Q(statement_days=None) | Q(statement_days__gte=1), name="statement_days_positive"
            ),
            models.CheckConstraint(
                condition=Q(supplement_days=None) | Q(supplement_days__gte=1), name="supplement_days_positive"
            ),
            models.CheckConstraint(
                condition=Q(objection_days=None) | Q(objection_days__gte=1), name="objection_days_positive"
            ),
            models.CheckConstraint(condition=Q(review_days=None) | Q(review_days__gte=1), name="review_days_positive"),
            models.CheckConstraint(
                condition=Q(waiting_days=None) | Q(waiting_days__gte=1), name="waiting_days_positive"
            ),
            models.CheckConstraint(
                condition=Q(cutoff_minutes__gte=1, cutoff_minutes__lte=1440), name="deadline_cutoff_within_the_day"
            ),
            models.CheckConstraint(condition=Q(opening_mode__in=["difference", "clear"]), name="opening_mode"),
            models.CheckConstraint(
                condition=Q(recognition_done_by__in=["filed", "finished"]), name="recognition_done_by"
            ),
        ]

    def __str__(self):
        return f"{full(self.valid_from)} 起的期限参数"

    def as_value(self) -> DeadlineSettings:
        """The row as the plain value that deadlines are computed with."""
        return DeadlineSettings(
            valid_from=self.valid_from,
            opening_days=self.opening_days,
            opening_mode=OpeningMode(self.opening_mode),
            recognition_days=self.recognition_days,
            reply_days=self.reply_days,
            mending_days=self.mending_days,
            release_days=self.release_days,
            statement_days=self.statement_days,
            supplement_days=self.supplement_days,
            objection_days=self.objection_days,
            waiting_days=self.waiting_days,
            review_days=self.review_days,
            roll=self.roll,
            cutoff_minutes=self.cutoff_minutes,
            recognition_done_by=self.recognition_done_by,
            document=self.document,
        )

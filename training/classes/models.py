"""Opening a class (notice 一(五)2, 附件2, 附件3): the application, its timetable, lecturers, organisers, trainees."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access.cases import VisibleQuerySet
from luojiang_ce.access.roles import Actor, Role
from luojiang_ce.workflow.models import Case
from training.plans.models import PlanItem
from training.terms import Assessment, Form, Funding, HalfDay, Measure, Subject
from units.models import Account, Person, Unit
from units.scope import case_scope, unit_scope


class CatalogueCourse(models.Model):
    """A course of the public-subject catalogue (notice 一(二): set by the province, organised by HR departments)."""

    name = models.CharField("课程名称", max_length=100)
    first_year = models.PositiveSmallIntegerField("起始年度")
    last_year = models.PositiveSmallIntegerField("终止年度", null=True, blank=True)
    document = models.CharField("依据文件", max_length=100)

    class Meta:
        verbose_name = "公共科目目录"
        ordering = ("name", "first_year")
        constraints = [models.UniqueConstraint(fields=["name", "first_year"], name="catalogue_course_once")]

    def __str__(self) -> str:
        return self.name


class CourseEntitlement(models.Model):
    """A unit entrusted with organising public courses, by which document and for how long."""

    unit = models.ForeignKey(Unit, models.CASCADE, related_name="entitlements")
    course = models.ForeignKey(CatalogueCourse, models.CASCADE, null=True, blank=True, help_text="留空表示全部公共科目")
    document = models.CharField("委托文件", max_length=100)
    valid_from = models.DateField("起")
    valid_to = models.DateField("止", null=True, blank=True)

    class Meta:
        verbose_name = "公共科目委托"
        ordering = ("unit", "valid_from")

    def __str__(self) -> str:
        return f"{self.unit} {self.document}"


class LecturerQuerySet(VisibleQuerySet["Lecturer"]):
    def visible_to(self, account: Actor) -> LecturerQuerySet:
        """A provider's own lecturers; the bureau sees all."""
        return self.filter(unit_scope(account))


class Lecturer(models.Model):
    """A lecturer known to a provider; the résumé is an attachment, reused in later classes (C4)."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="lecturers")
    name = models.CharField("姓名", max_length=50)
    sex = models.CharField("性别", max_length=1, choices=[("男", "男"), ("女", "女")], blank=True)
    birth = models.DateField("出生年月", null=True, blank=True)
    employer = models.CharField("工作单位", max_length=100)
    post = models.CharField("职务", max_length=50, blank=True)
    title = models.CharField("职称", max_length=50, blank=True)
    specialty = models.CharField("专业/专长", max_length=100, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = LecturerQuerySet.as_manager()

    class Meta:
        verbose_name = "授课教师"
        ordering = ("name", "pk")
        constraints = [models.UniqueConstraint(fields=["unit", "name", "employer"], name="lecturer_once")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("classes:lecturer", args=[self.pk])


class ClassApplicationQuerySet(VisibleQuerySet["ClassApplication"]):
    def visible_to(self, account: Actor) -> ClassApplicationQuerySet:
        """The filing unit, the other organisers (read only), the bureau once submitted."""
        seen = case_scope(account)
        own = account.unit_ids(Role.UNIT_CLERK)
        if own:
            others = ClassOrganiser.objects.filter(unit__in=own).values("application")
            seen |= Q(pk__in=others, first_submitted_at__isnull=False)
        return self.filter(seen)

    def open_to_enrolment(self) -> ClassApplicationQuerySet:
        """Approved classes that have not ended: any clerk may enrol own people there (C6)."""
        return self.filter(state=ClassApplication.State.APPROVED, ends_on__gte=clock.today())


class ClassApplication(Case):
    """One session (期) of a published project. Under way and ended follow from the dates, they are no states."""

    class State(models.TextChoices):
        DRAFT = "draft", "草稿"
        SUBMITTED = "submitted", "待审核"
        RETURNED = "returned", "退回补正"
        CHECKED = "checked", "待审批"
        APPROVED = "approved", "准予开班"
        REFUSED = "refused", "不予批准"
        CANCELLED = "cancelled", "已取消"

    state = models.CharField("状态", max_length=20, choices=State, default=State.DRAFT, editable=False)
    number = models.CharField("编号", max_length=30, null=True, unique=True, editable=False)
    unit = models.ForeignKey(Unit, models.PROTECT, verbose_name="申办单位", related_name="classes")
    project = models.ForeignKey(PlanItem, models.PROTECT, verbose_name="计划项目", related_name="classes")
    session = models.PositiveSmallIntegerField("期次")
    title = models.CharField("培训班名称", max_length=100)
    opens_on = models.DateField("开班日期", null=True, blank=True)
    ends_on = models.DateField("结束日期", null=True, blank=True)
    days = models.DecimalField("天数", max_digits=5, decimal_places=1, null=True, blank=True)
    place = models.CharField("地点", max_length=100, blank=True)
    audience = models.CharField("培训对象", max_length=200, blank=True)
    people = models.PositiveIntegerField("计划人数", null=True, blank=True)
    purpose = models.TextField("培训目的", max_length=1000, blank=True)
    content = models.TextField("主要内容", max_length=2000, blank=True)
    textbooks = models.CharField("教材/讲义", max_length=300, blank=True)
    form = models.CharField("培训形式", max_length=20, choices=Form, default=Form.FACE)
    intensive = models.BooleanField("集中脱产", default=False)
    assessment = models.CharField("考核方式", max_length=10, choices=Assessment, default=Assessment.NONE)
    measure = models.CharField("计量", max_length=10, choices=Measure, default=Measure.HOURS)
    credits = models.JSONField("学分", default=dict, blank=True, help_text="按类别：class_1、class_2、general_practice")
    credits_basis = models.CharField("学分依据文件", max_length=200, blank=True)
    charges = models.BooleanField("是否收费", default=False)
    fee = models.DecimalField("收费标准（元/人）", max_digits=9, decimal_places=2, null=True, blank=True)
    fee_document = models.CharField("收费批准文号", max_length=100, blank=True)
    funding = models.CharField("经费来源", max_length=20, choices=Funding, blank=True)
    budget = models.DecimalField("经费预算（元）", max_digits=12, decimal_places=2, null=True, blank=True)
    leader = models.CharField("项目负责人", max_length=50, blank=True)
    class_teacher = models.CharField("班主任", max_length=50, blank=True)
    contact = models.CharField("联系人", max_length=50, blank=True)
    phone = models.CharField("电话", max_length=40, blank=True)
    difference_note = models.CharField("与计划不同之处的说明", max_length=500, blank=True)

    objects = ClassApplicationQuerySet.as_manager()

    class Meta:
        verbose_name = "开班申请"
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    state__in=["draft", "submitted", "returned", "checked", "approved", "refused", "cancelled"]
                ),
                name="class_state",
            ),
            # C1: a refused or cancelled application frees its number
            models.UniqueConstraint(
                fields=["project", "session"],
                condition=~Q(state__in=["refused", "cancelled"]),
                name="class_session_once",
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(opens_on=None) | Q(ends_on__gte=F("opens_on")),
                name="class_days_in_order",
            ),
        ]
        indexes = [models.Index(fields=["state", "opens_on"], name="class_by_opening")]

    def __str__(self) -> str:
        return f"{self.title}（第{self.session}期）"

    def get_absolute_url(self) -> str:
        return reverse("classes:class", args=[self.pk])

    def has_begun(self, day: date) -> bool:
        """Is the class under way or over on this day? Only an approved class ever begins."""
        return self.state == self.State.APPROVED and self.opens_on is not None and self.opens_on <= day

    def has_ended(self, day: date) -> bool:
        return self.state == self.State.APPROVED and self.ends_on is not None and self.ends_on < day


class ClassOrganiser(models.Model):
    """主办, 承办, 协办 in order; those with a unit of the district may read the case."""

    class Part(models.TextChoices):
        HOST = "host", "主办"
        CARRIER = "carrier", "承办"
        HELPER = "helper", "协办"

    application = models.ForeignKey(ClassApplication, models.CASCADE, related_name="organisers")
    part = models.CharField("身份", max_length=10, choices=Part)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="+")
    name = models.CharField("名称", max_length=100)
    position = models.PositiveSmallIntegerField(default=1)

    class Meta:
        verbose_name = "办班单位"
        ordering = ("position", "pk")

    def __str__(self) -> str:
        return self.name


class TimetableRow(models.Model):
    """A row of 附件3. Rows such as 报到 or 考试 do not count (计学时 = 否); sums come from the rows that do."""

    application = models.ForeignKey(ClassApplication, models.CASCADE, related_name="timetable")
    date = models.DateField("日期")
    half_day = models.CharField("时段", max_length=10, choices=HalfDay)
    starts_at = models.TimeField("开始时间")
    ends_at = models.TimeField("结束时间")
    course = models.CharField("课程（专题）名称", max_length=100)
    counts = models.BooleanField("计学时", default=True)
    subject = models.CharField("科目类别", max_length=20, choices=Subject, default=Subject.PROFESSIONAL)
    hours = models.DecimalField("学时", max_digits=4, decimal_places=1, default=Decimal("0"))
    lecturer = models.ForeignKey(Lecturer, models.PROTECT, null=True, blank=True, related_name="rows")
    teaching_form = models.CharField("授课形式", max_length=20, blank=True)
    room = models.CharField("教室", max_length=50, blank=True)
    catalogue_course = models.ForeignKey(
        CatalogueCourse, models.PROTECT, null=True, blank=True, verbose_name="公共科目目录课程"
    )
    required_course = models.CharField("公共必修课", max_length=100, blank=True, help_text="教师公共必修课名称（如有）")
    note = models.CharField("备注", max_length=200, blank=True)

    class Meta:
        verbose_name = "课程表"
        ordering = ("date", "starts_at", "pk")
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="timetable_times_in_order"),
            models.CheckConstraint(condition=Q(hours__gte=0), name="timetable_hours_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.date} {self.get_half_day_display()} {self.course}"


class EnrolmentQuerySet(VisibleQuerySet["Enrolment"]):
    def visible_to(self, account: Actor) -> EnrolmentQuerySet:
        """Who may see the class sees its trainees; a clerk sees own people wherever they are enrolled."""
        own = account.unit_ids(Role.UNIT_CLERK)
        seen = Q(application__in=ClassApplication.objects.visible_to(account).values("pk"))
        return self.filter(seen | Q(unit__in=own)) if own else self.filter(seen)

    def present(self) -> EnrolmentQuerySet:
        """Trainees who have not been taken off the list."""
        return self.filter(removed_at=None)


class Enrolment(models.Model):
    """A trainee of a class. Strangers to the district have no `person`; they are kept but earn nothing here (C6)."""

    class Agreement(models.TextChoices):
        WAITING = "waiting", "待所在单位同意"
        AGREED = "agreed", "单位已同意"
        SCANNED = "scanned", "附盖章件"
        REFUSED = "refused", "单位不同意"

    application = models.ForeignKey(ClassApplication, models.CASCADE, related_name="enrolments")
    person = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="enrolments")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="所在单位")
    name = models.CharField("姓名", max_length=50)
    employer = models.CharField("单位", max_length=100)
    masked_id = models.CharField("证件号码", max_length=30, blank=True)
    id_hash = models.CharField(max_length=64, blank=True, editable=False)
    last_six_hash = models.CharField(max_length=64, blank=True, editable=False)
    agreement = models.CharField("单位意见", max_length=10, choices=Agreement, default=Agreement.WAITING)
    agreed_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    agreed_at = models.DateTimeField(null=True)
    late_reason = models.CharField("补报原因", max_length=200, blank=True)
    added_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    added_at = models.DateTimeField(auto_now_add=True)
    removed_at = models.DateTimeField(null=True)

    objects = EnrolmentQuerySet.as_manager()

    class Meta:
        verbose_name = "学员"
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["application", "person"], condition=Q(removed_at=None), name="enrolled_once"
            ),
            models.UniqueConstraint(
                fields=["application", "id_hash"],
                condition=Q(removed_at=None) & ~Q(id_hash=""),
                name="enrolled_once_by_id",
            ),
        ]

    def __str__(self) -> str:
        return self.name

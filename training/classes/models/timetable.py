"""Who teaches what and when: the lecturers of a provider (product.md C4), and the rows of 附件3."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import Actor, VisibleQuerySet
from luojiang_ce.files.models import Attachment
from luojiang_ce.versions import Versioned
from luojiang_ce.workdays.text import full
from training.choices import HalfDay, Subject
from training.classes.models.application import ClassApplication
from training.classes.models.catalogue import CatalogueCourse
from units.access import unit_scope
from units.models import Unit

RESUME = "resume"  # the material under which a lecturer's résumé lies


class LecturerQuerySet(VisibleQuerySet["Lecturer"]):
    def visible_to(self, account: Actor) -> LecturerQuerySet:
        """A provider's own lecturers; the bureau sees all."""
        return self.filter(unit_scope(account))

    def as_listed(self) -> LecturerQuerySet:
        """Each with the unit, `has_resume`, and in how many `classes` they teach."""
        taught = models.Count("rows__application", distinct=True)
        return self.select_related("unit").annotate(has_resume=resume_of("pk"), classes=taught)


def resume_of(lecturer: str) -> models.Exists:
    """Whether a lecturer (a path to the id) has a résumé on file (C4), for annotating."""
    files = Attachment.objects.filter(case_id=models.OuterRef(lecturer), material=RESUME, removed_at=None)
    return models.Exists(files.filter(case_type="training_classes.lecturer"))


class Lecturer(Versioned):
    """A lecturer known to a provider; the résumé is an attachment, reused in later classes (C4)."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="lecturers")
    name = models.CharField("姓名", max_length=50)
    sex = models.CharField("性别", max_length=1, choices=[("男", "男"), ("女", "女")], blank=True)
    birth = models.DateField("出生年月", null=True, blank=True)
    employer = models.CharField("工作单位", max_length=100)
    post = models.CharField("职务", max_length=50, blank=True)
    title = models.CharField("职称", max_length=50, blank=True)
    specialty = models.CharField("专业/专长", max_length=100, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects = LecturerQuerySet.as_manager()

    class Meta:
        verbose_name = "授课教师"
        ordering = ("name", "pk")
        constraints = [models.UniqueConstraint(fields=["unit", "name", "employer"], name="lecturer_once")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("classes:lecturer", args=[self.pk])

    @property
    def standing(self) -> str:
        """职务/职称 as 附件3 prints it."""
        return "/".join(filter(None, (self.post, self.title)))


class TimetableRowQuerySet(models.QuerySet["TimetableRow"]):
    def with_details(self) -> TimetableRowQuerySet:
        """Rows with lecturer, `lecturer_has_resume`, and catalogue course, in one query."""
        rows = self.annotate(lecturer_has_resume=resume_of("lecturer_id"))
        return rows.select_related("lecturer", "catalogue_course")


class TimetableRow(models.Model):
    """A row of 附件3. Rows such as 报到 or 考试 do not count (计学时 = 否); sums come from the rows that do."""

    application = models.ForeignKey(ClassApplication, models.CASCADE, related_name="timetable")
    date = models.DateField("日期")
    half_day = models.CharField("时段", max_length=10, choices=HalfDay)
    starts_at = models.TimeField("开始时间")
    ends_at = models.TimeField("结束时间")
    course = models.CharField("课程（专题）名称", max_length=100, blank=True)
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

    lecturer_has_resume: bool  # of rows loaded by with_details()

    objects = TimetableRowQuerySet.as_manager()

    class Meta:
        verbose_name = "课程表"
        ordering = ("date", "starts_at", "pk")
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="timetable_times_in_order"),
            models.CheckConstraint(condition=Q(hours__gte=0), name="timetable_hours_not_negative"),
            models.CheckConstraint(condition=Q(half_day__in=HalfDay.values), name="timetable_half_day"),
            models.CheckConstraint(condition=Q(subject__in=Subject.values), name="timetable_subject"),
        ]
        indexes = [models.Index(fields=["lecturer", "date"], name="timetable_of_lecturer")]

    def __str__(self) -> str:
        return f"{full(self.date)} {self.get_half_day_display()} {self.course}"

"""The public-subject catalogue and who may organise its courses (notice 一(二)); kept by the bureau."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import F, Q

from luojiang_ce.versions import Versioned
from units.models import Unit


class CatalogueCourseQuerySet(models.QuerySet["CatalogueCourse"]):
    def of_year(self, year: int) -> CatalogueCourseQuerySet:
        """Courses that stand in the catalogue in a year."""
        return self.filter(Q(last_year=None) | Q(last_year__gte=year), first_year__lte=year)


class CatalogueCourse(Versioned):
    """A course of the public-subject catalogue (notice 一(二): set by the province, organised by HR departments)."""

    name = models.CharField("课程名称", max_length=100)
    first_year = models.PositiveSmallIntegerField("起始年度")
    last_year = models.PositiveSmallIntegerField("终止年度", null=True, blank=True, help_text="留空表示至今有效")
    document = models.CharField("依据文件", max_length=100, help_text="省人社厅公布目录的文件名、文号")

    objects = CatalogueCourseQuerySet.as_manager()

    class Meta:
        verbose_name = "公共科目目录"
        ordering = ("name", "first_year")
        constraints = [
            models.UniqueConstraint(fields=["name", "first_year"], name="catalogue_course_once"),
            models.CheckConstraint(
                condition=Q(last_year=None) | Q(last_year__gte=F("first_year")), name="catalogue_years_in_order"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class CourseEntitlementQuerySet(models.QuerySet["CourseEntitlement"]):
    def on(self, first: date, last: date) -> CourseEntitlementQuerySet:
        """Entrustments that were running on at least one day of a span."""
        return self.filter(Q(valid_to=None) | Q(valid_to__gte=first), valid_from__lte=last)


class CourseEntitlement(Versioned):
    """A unit entrusted with organising public courses, by which document and for how long."""

    unit = models.ForeignKey(Unit, models.CASCADE, related_name="entitlements", verbose_name="受委托单位")
    course = models.ForeignKey(
        CatalogueCourse, models.CASCADE, null=True, blank=True, verbose_name="课程", help_text="留空表示全部公共科目"
    )
    document = models.CharField("委托文件", max_length=100, help_text="文件名、文号")
    valid_from = models.DateField("起")
    valid_to = models.DateField("止", null=True, blank=True, help_text="留空表示长期")

    objects = CourseEntitlementQuerySet.as_manager()

    class Meta:
        verbose_name = "公共科目委托"
        ordering = ("unit", "valid_from")
        constraints = [
            models.CheckConstraint(condition=~Q(document=""), name="entitlement_has_document"),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")), name="entitlement_days_in_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit} {self.document}"

    def covers(self, course_id: int, day: date) -> bool:
        """Does it entrust this course on this day?"""
        return (
            self.course_id in (None, course_id)
            and self.valid_from <= day
            and (self.valid_to is None or day <= self.valid_to)
        )

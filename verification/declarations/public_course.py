"""A public subject is a course of the province's catalogue, organised by an HR department (notice 一(二))."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from django.db.models import Q, QuerySet

from luojiang_ce.workdays.text import full
from training.classes.models import CatalogueCourse, CourseEntitlement
from units.models import Unit
from verification.choices import Form, Subject
from verification.declarations.models import Declaration
from verification.declarations.shapes import shape_of

CLAUSE = "（通知 一(二)）"


def organisers() -> QuerySet[Unit]:
    """Who may ever organise a public course: the bureau, and whoever was entrusted."""
    entrusted = CourseEntitlement.objects.values("unit")
    return Unit.objects.filter(Q(is_bureau=True) | Q(pk__in=entrusted))


def wrong_public(declared: Declaration) -> Iterator[tuple[str, str]]:
    """Why a declaration of a public subject does not stand: the field, and the reason. `declared` knows the form of
    learning, the subject, year and days as far as they were typed. What another district has verified (转入) it
    answers for itself. At most one query.
    """
    if declared.subject != Subject.PUBLIC or declared.form == Form.TRANSFER:
        return
    course = declared.catalogue
    if course is None:
        yield "catalogue", f"公共科目须选公共科目目录里的课程{CLAUSE}；目录里没有的请改列专业科目"
    elif said := _left_the_catalogue(course, declared.year):
        yield "catalogue", said
    if "organiser_unit" in shape_of(declared.form).public:
        yield from _wrong_organiser(declared, course)


def _left_the_catalogue(course: CatalogueCourse, year: int | None) -> str:
    if year is None or course.first_year <= year <= (course.last_year or year):
        return ""
    if year < course.first_year:
        return f"“{course}”自 {course.first_year} 年度起才列入公共科目目录，{year} 年度不能按公共科目申报{CLAUSE}"
    return (
        f"“{course}”只到 {course.last_year} 年度，已退出公共科目目录（{course.document}），"
        f"{year} 年度不能再按公共科目申报{CLAUSE}；请选 {year} 年度目录里的课程，或改列专业科目"
    )


def _wrong_organiser(declared: Declaration, course: CatalogueCourse | None) -> Iterator[tuple[str, str]]:
    unit = declared.organiser_unit
    if unit is None:
        said = f"公共科目由人社部门组织实施{CLAUSE}，请选组织单位；名单里没有的，请先由区人社局登记委托文件"
        yield "organiser_unit", said
        return
    if unit.is_bureau or course is None or not (declared.date_from and declared.date_to):
        return
    trusted = list(CourseEntitlement.objects.filter(unit=unit).filter(Q(course=None) | Q(course=course)))
    if missed := _first_without(trusted, course, declared.date_from, declared.date_to):
        spans = "、".join(_span(each) for each in trusted) or "没有"
        said = f"{unit} {full(missed)}没有组织“{course}”的有效委托（委托期：{spans}）{CLAUSE}，请核对学习日期和组织单位"
        yield "organiser_unit", said


def _first_without(trusted: list[CourseEntitlement], course: CatalogueCourse, first: date, last: date) -> date | None:
    """The first day of a span on which none of them entrusts the course; None where each day has one."""
    day = first
    while day <= last:
        ends = [each.valid_to for each in trusted if each.covers(course.pk, day)]
        if not ends:
            return day
        day = max(end or last for end in ends) + timedelta(days=1)
    return None


def _span(entitlement: CourseEntitlement) -> str:
    last = full(entitlement.valid_to) if entitlement.valid_to else "长期"
    return f"{full(entitlement.valid_from)}至{last}"

"""What lecturers taught: the sum of the lessons of classes whose hours were recognised, and nothing else (C7).

Whoever decides on hours (recognition, above this app) says which lessons those are.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, DecimalField, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce, ExtractYear

from training.choices import Subject
from training.classes.models import ClassApplication, Lecturer, TimetableRow
from training.classes.models.timetable import LecturerQuerySet

Lessons = QuerySet[TimetableRow]

_recognised: list[Callable[[Lessons], Lessons]] = []
ZERO = Decimal(0)
NAMED = 3  # classes in a refusal
_HOURS = DecimalField(max_digits=8, decimal_places=1)


def register_recognised(recognised: Callable[[Lessons], Lessons]) -> None:
    """Which of these lessons were recognised; called in `ready()`."""
    _recognised.append(recognised)


def recognised(rows: Lessons) -> Lessons:
    """Of these lessons those that count and were recognised."""
    counting = rows.filter(counts=True)
    for narrow in _recognised:
        counting = narrow(counting)
    return counting if _recognised else counting.none()


@dataclass(frozen=True)
class TaughtYear:
    """What a lecturer taught in a year, in 学时, and in how many classes."""

    year: int
    public: Decimal
    professional: Decimal
    classes: int

    @property
    def hours(self) -> Decimal:
        return self.public + self.professional


def years_of(lecturer: Lecturer) -> list[TaughtYear]:
    """The years in which something that a lecturer taught was recognised, the latest first. One query."""
    lessons = recognised(TimetableRow.objects.filter(lecturer=lecturer)).order_by()
    sums = {
        subject.value: Coalesce(Sum("hours", filter=Q(subject=subject)), ZERO, output_field=_HOURS)
        for subject in Subject
    }
    rows = lessons.annotate(year=ExtractYear("date")).values("year")
    counted: Any = rows.annotate(**sums, classes=Count("application", distinct=True)).order_by("-year")
    return [TaughtYear(row["year"], row["public"], row["professional"], row["classes"]) for row in counted]


def in_year(lecturer: Lecturer, year: int) -> TaughtYear:
    """The same of one year; zeros where nothing was recognised. One query."""
    return next((each for each in years_of(lecturer) if each.year == year), TaughtYear(year, ZERO, ZERO, 0))


def lessons_in(lecturer: Lecturer, year: int) -> list[TimetableRow]:
    """The recognised lessons of a year with their classes, in order. One query."""
    rows = recognised(TimetableRow.objects.filter(lecturer=lecturer, date__year=year))
    return list(rows.select_related("application").order_by("date", "starts_at", "pk"))


def with_hours(rows: LecturerQuerySet, year: int, name: str = "hours") -> LecturerQuerySet:
    """Lecturers, each with the recognised hours of a year under that name. No query of its own."""
    lessons = recognised(TimetableRow.objects.filter(lecturer=OuterRef("pk"), date__year=year)).order_by()
    total = lessons.values("lecturer").annotate(total=Sum("hours")).values("total")
    return rows.annotate(**{name: Coalesce(Subquery(total), ZERO, output_field=_HOURS)})


def hours_by_year(lecturers: Collection[int]) -> dict[tuple[int, int], Decimal]:
    """The recognised hours of these lecturers (keys), by lecturer and year; nothing where none were. One query."""
    lessons = recognised(TimetableRow.objects.filter(lecturer__in=lecturers)).order_by()
    sums: Any = lessons.annotate(year=ExtractYear("date")).values("lecturer", "year").annotate(total=Sum("hours"))
    return {(row["lecturer"], row["year"]): row["total"] for row in sums}


def why_none(lecturer: Lecturer, year: int) -> str:
    """Why nothing can be proved of a lecturer's teaching in a year, class by class. Two queries."""
    lessons = TimetableRow.objects.filter(lecturer=lecturer, date__year=year, counts=True)
    held = ClassApplication.objects.filter(pk__in=lessons.values("application"), state__in=ClassApplication.ALLOWED)
    classes = held.order_by("opens_on")
    said = f"{lecturer.name} {year} 年没有经认定学时的授课，不能出具授课证明"
    if not classes:
        return f"{said}：本单位 {year} 年准予开班的课程表里没有此教师计学时的课程"
    named = "、".join(str(each) for each in classes[:NAMED])
    more = f" 等 {len(classes)} 个班" if len(classes) > NAMED else ""
    return f"{said}：{named}{more}的学时还没有认定，认定以后再申请"

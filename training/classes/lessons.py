"""The timetable of a class as plain values, for the rules of training/half_days.py."""

from __future__ import annotations

from training.classes.models import ClassApplication
from training.half_days import Lesson


def lessons_of(application: ClassApplication) -> list[Lesson]:
    """The rows of a class, in their order. One query, none where they are prefetched."""
    return [
        Lesson(
            date=row.date,
            half_day=row.half_day,
            subject=row.subject,
            hours=row.hours,
            counts=row.counts,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            course=row.course,
            required_course=row.required_course,
        )
        for row in application.timetable.all()
    ]

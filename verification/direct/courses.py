"""A public course of the bureau's own training stands in the catalogue of the year (notice 一(二))."""

from __future__ import annotations

from training.classes.models import CatalogueCourse


def left_the_catalogue(course: CatalogueCourse | None, year: int | None) -> str | None:
    """Why the course cannot be counted as a public one of that year; None where it can, or none is named."""
    if course is None or year is None or course.first_year <= year <= (course.last_year or year):
        return None
    span = f"{course.first_year} 年度至{f' {course.last_year} 年度' if course.last_year else '今'}"
    return f"“{course}”列入公共科目目录的年度是 {span}，不能计入 {year} 年度（通知 一(二)）"

"""How long one absence may last: at most 2 years (notice 二(三)2). Pure functions of dates."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

Span = tuple[date, date]  # first and last day, both included

MOST_YEARS = 2
_DAY = timedelta(days=1)


def whole_absence(span: Span, others: Iterable[Span]) -> Span:
    """The unbroken absence that `span` belongs to: spans that touch or overlap are one (renewed sick leave)."""
    first, last = span
    grown = True
    rest = sorted(others)
    while grown:
        near = [(a, b) for a, b in rest if a <= last + _DAY and b >= first - _DAY]
        grown = any(a < first or b > last for a, b in near)
        first, last = min([first, *(a for a, _ in near)]), max([last, *(b for _, b in near)])
    return first, last


def last_day_allowed(first: date) -> date:
    """The last day of an absence of two years that began on `first`: 2025-03-01 to 2027-02-28."""
    year = first.year + MOST_YEARS
    is_leap_day = (first.month, first.day) == (2, 29)
    return (date(year, 3, 1) if is_leap_day else first.replace(year=year)) - _DAY


def is_too_long(span: Span, others: Iterable[Span] = ()) -> bool:
    """Is the unbroken absence longer than two years?"""
    first, last = whole_absence(span, others)
    return last > last_day_allowed(first)


def overlaps(span: Span, others: Iterable[Span]) -> bool:
    """Does the span share a day with one of the others?"""
    return any(a <= span[1] and span[0] <= b for a, b in others)

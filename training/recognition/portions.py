"""What is recognised, split for the ledger: a 公共必修课 has an entry of its own. Pure: no database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from .decisions import ZERO, Final
from .hours import Slot


@dataclass(frozen=True, slots=True)
class CourseHours:
    """A counting row of the timetable with the 公共必修课 it belongs to, empty for none; hours in 学时."""

    slot: Slot
    subject: str
    hours: Decimal
    required_course: str = ""


@dataclass(frozen=True, slots=True)
class Portion:
    """Hours or credits of one subject in one year, of one 公共必修课 or of none."""

    year: int
    subject: str
    course: str
    amount: Decimal


def portions(finals: Iterable[Final], rows: Collection[CourseHours], counted: Collection[Slot]) -> Iterator[Portion]:
    """Split what is recognised by 公共必修课, as attended.

    Where the handler decided on less, courses are filled in the order of the timetable until the amount is used up;
    where on more, the surplus belongs to no course.
    """
    for final in finals:
        left = final.amount
        for course, hours in _attended(rows, counted, final.year, final.subject).items():
            taken = min(left, hours)
            if taken:
                yield Portion(final.year, final.subject, course, taken)
            left -= taken
        if left:
            yield Portion(final.year, final.subject, "", left)


def _attended(
    rows: Iterable[CourseHours], counted: Collection[tuple[date, str]], year: int, subject: str
) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for row in rows:
        if row.required_course and row.slot in counted and row.slot[0].year == year and row.subject == subject:
            sums[row.required_course] += row.hours
    return sums

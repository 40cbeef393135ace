"""The year ribbon of the start page: twelve months around today with their deadlines."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

MONTHS_BEFORE = 4
MONTHS = 12
WIDTH = 100  # of a month, in the units of the drawing
SHOWN = 4  # marks written out in a month; the rest is counted


@dataclass(frozen=True)
class Mark:
    """A day that matters: a deadline. `meaning` is a meaning of the design."""

    day: date
    label: str
    meaning: str
    provisional: bool = False


@dataclass(frozen=True)
class Month:
    """A month of the ribbon with its marks."""

    label: str
    is_now: bool
    marks: Sequence[Mark]
    more: int = 0


@dataclass(frozen=True)
class Ribbon:
    """The months, and the drawing above them: lines (x, meaning), where today stands."""

    title: str
    months: Sequence[Month]
    lines: Sequence[tuple[str, str]]
    today: str
    width: int = field(default=MONTHS * WIDTH)


def window(today: date) -> tuple[date, date]:
    """First and last day that the ribbon shows."""
    months = _months(today)
    year, month = months[-1]
    return date(*months[0], 1), date(year, month, monthrange(year, month)[1])


def build(today: date, marks: Iterable[Mark]) -> Ribbon:
    """The ribbon around today; what lies outside its twelve months is left out."""
    first, last = window(today)
    shown = sorted((m for m in marks if first <= m.day <= last), key=lambda m: m.day)
    return Ribbon(
        f"{first.year}年{first.month}月至{last.year}年{last.month}月",
        [_month(year, month, today, shown) for year, month in _months(today)],
        [(_at(m.day, first), m.meaning) for m in shown],
        _at(today, first),
    )


def _months(today: date) -> list[tuple[int, int]]:
    start = today.year * 12 + today.month - 1 - MONTHS_BEFORE
    return [(n // 12, n % 12 + 1) for n in range(start, start + MONTHS)]


def _month(year: int, month: int, today: date, marks: Sequence[Mark]) -> Month:
    own = [m for m in marks if (m.day.year, m.day.month) == (year, month)]
    is_now = (year, month) == (today.year, today.month)
    # The month of today says the day beside it, and there is no room for the year.
    label = f"{year}年{month}月" if month == 1 and not is_now else f"{month}月"
    return Month(label, is_now, own[:SHOWN], max(0, len(own) - SHOWN))


def _at(day: date, first: date) -> str:
    months = (day.year - first.year) * 12 + day.month - first.month
    return f"{(months + (day.day - 1) / monthrange(day.year, day.month)[1]) * WIDTH:.1f}"

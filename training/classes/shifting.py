"""The days of a timetable, moved to another opening day. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from luojiang_ce.workdays.calendar import ONE_DAY, Calendar


def moved_days(days: Iterable[date], first: date, opens_on: date, calendar: Calendar) -> dict[date, date]:
    """Each day of a class that opened on `first`, and the day that takes its place when it opens on `opens_on`.

    Days stay as far apart as they were. A day that was worked does not come to lie on a rest day: it goes on to the
    next working day that is free, and the later ones with it where they would meet it. Days of rest (a class at
    weekends) stay where the distance puts them. Raises UnknownYearError.
    """
    found = {first: opens_on}
    free = opens_on + ONE_DAY
    for old in sorted(set(days)):
        new = opens_on + (old - first)
        if old > first:
            new = max(new, free)
            new = calendar.on_or_after(new) if calendar.is_working(old) else new
            free = new + ONE_DAY
        found[old] = new
    return found

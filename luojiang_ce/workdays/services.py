"""The calendar and the rules of deadlines that are in force now, read from the database."""

from collections.abc import Callable

from django.db.models import F, Q

from luojiang_ce.once import once
from luojiang_ce.workdays.calendar import Calendar, Entry
from luojiang_ce.workdays.deadlines import DeadlineSettings, Rules
from luojiang_ce.workdays.models import CalendarDay, DeadlineSetting


@once
def current_calendar() -> Calendar:
    """The official calendar with the bureau's entries on top. One query. Closures win over a year's arrangement."""
    days = list(
        CalendarDay.objects.filter(scope=CalendarDay.Scope.DISTRICT)
        .filter(Q(arrangement=None) | Q(arrangement__confirmed=True))
        .select_related("arrangement")
        .order_by(F("arrangement").asc(nulls_last=True))
    )
    entries = {day.date: Entry(day.day_kind, day.name or day.reason) for day in days}
    return Calendar(entries, frozenset(day.arrangement.year for day in days if day.arrangement))


@once
def current_settings() -> tuple[DeadlineSettings, ...]:
    """Every row of settings, oldest first. One query."""
    return tuple(row.as_value() for row in DeadlineSetting.objects.order_by("valid_from"))


@once
def current_rules() -> Rules:
    """All that a deadline depends on, the same for everybody. Two queries."""
    return Rules(current_calendar(), current_settings())


_with_grants: Callable[[Rules], Rules] | None = None


def register_grants(with_grants: Callable[[Rules], Rules]) -> None:
    """Say how rules become the terms that hold for one filer: with what was granted to some. Called in `ready()`."""
    global _with_grants
    _with_grants = with_grants


def terms_under(rules: Rules) -> Rules:
    """These rules together with what was granted to some of the filers."""
    return _with_grants(rules) if _with_grants else rules


@once
def terms_in_force() -> Rules:
    """The rules in force together with what was granted. Three queries."""
    return terms_under(current_rules())

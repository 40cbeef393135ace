"""The calendar and the rules of deadlines that are in force now, read from the database."""

from django.db.models import F, Q

from luojiang_ce.workdays.calendar import Calendar, Entry
from luojiang_ce.workdays.deadlines import DeadlineSettings, Rules
from luojiang_ce.workdays.models import CalendarDay, DeadlineSetting


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


def current_settings() -> tuple[DeadlineSettings, ...]:
    """Every row of settings, oldest first. One query."""
    return tuple(row.as_value() for row in DeadlineSetting.objects.order_by("valid_from"))


def current_rules() -> Rules:
    """All that a deadline depends on. Two queries: load once per request, not once per row."""
    return Rules(current_calendar(), current_settings())

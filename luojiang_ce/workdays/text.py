"""How dates are written on screen and paper (design: dates carry the weekday, no blanks inside)."""

from datetime import date, datetime, timedelta

from luojiang_ce.clock import local

WEEKDAYS = "一二三四五六日"


def short_weekday(day: date) -> str:
    """周一"""
    return f"周{WEEKDAYS[day.weekday()]}"


def long_weekday(day: date) -> str:
    """星期一"""
    return f"星期{WEEKDAYS[day.weekday()]}"


def month_day(day: date) -> str:
    """11月30日"""
    return f"{day.month}月{day.day}日"


def up_to(moment: datetime) -> str:
    """1月11日 09:30; midnight is the end of a day: 1月7日 24:00. For an aware moment up to which something holds."""
    last = local(moment)
    if f"{last:%H:%M}" == "00:00":
        return f"{month_day(last.date() - timedelta(days=1))} 24:00"
    return f"{month_day(last.date())} {last:%H:%M}"


def full(day: date) -> str:
    """2026年11月30日"""
    return f"{day.year}年{month_day(day)}"


def span(first: date | None, last: date | None) -> str:
    """2026年3月2日, or 2026年3月2日至4日; empty where no day is known."""
    if not first:
        return ""
    said = full(first)
    if not last or last == first:
        return said
    year = f"{last.year}年" if last.year != first.year else ""
    month = f"{last.month}月" if year or last.month != first.month else ""
    return f"{said}至{year}{month}{last.day}日"


def full_with_weekday(day: date) -> str:
    """2026年11月30日 周一"""
    return f"{full(day)} {short_weekday(day)}"


def near(day: date, today: date) -> str:
    """11月30日 周一; with the year where it is not today's year."""
    return f"{month_day(day) if day.year == today.year else full(day)} {short_weekday(day)}"

"""Dates as papers write them."""

from __future__ import annotations

from datetime import date

from luojiang_ce.workdays.text import full


def chinese_day(day: date | None) -> str:
    """2026年11月30日: Arabic digits without leading zeros (GB/T 9704); empty for None."""
    return full(day) if day else ""

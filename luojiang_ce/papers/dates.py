"""Dates as papers write them."""

from __future__ import annotations

from datetime import date


def chinese_day(day: date | None) -> str:
    """2026年11月30日: Arabic digits without leading zeros (GB/T 9704); empty for None."""
    return f"{day.year}年{day.month}月{day.day}日" if day else ""

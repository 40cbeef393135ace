"""Dates and counts as papers write them."""

from __future__ import annotations

from datetime import date

from luojiang_ce.workdays.text import full

_DIGITS = ("", *"一二三四五六七八九")


def chinese_day(day: date | None) -> str:
    """2026年11月30日: Arabic digits without leading zeros (GB/T 9704); empty for None."""
    return full(day) if day else ""


def in_chinese(count: int) -> str:
    """1 to 99 in Chinese: 第一批, 第十二批."""
    tens, ones = divmod(count, 10)
    return f"{_DIGITS[tens] if tens > 1 else ''}{'十' if tens else ''}{_DIGITS[ones]}"

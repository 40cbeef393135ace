"""Half-days in the order of time, for all training apps. Pure: no database, no clock."""

from __future__ import annotations

from datetime import date

# A day and morning, afternoon or evening: the values of `terms.HalfDay`, whose database order is that of the alphabet.
SlotKey = tuple[date, str]
HALF_DAY_ORDER = {"morning": 0, "afternoon": 1, "evening": 2}


def order_of(key: SlotKey) -> tuple[date, int]:
    """Sorts half-days by time."""
    return key[0], HALF_DAY_ORDER[key[1]]

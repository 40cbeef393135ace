"""A timetable is saved whole, and its rows stay the ones they were: what a return says of a row goes with it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]  # by the columns of TimetableRow

# What makes a row the one it was, the surest first; an empty course says nothing.
_SURE = (
    ("date", "starts_at", "ends_at", "course", "lecturer_id", "hours", "room"),
    ("date", "starts_at", "course"),
    ("date", "course", "lecturer_id"),
    ("course", "lecturer_id"),
    ("date", "starts_at"),
)


def ids_of(rows: Sequence[Row], stored: Sequence[Row]) -> list[int | None]:
    """The id that each of these rows has among the stored ones (each with its `id`); None for a new one."""
    found: dict[int, int] = {}
    for columns in _SURE:
        left: dict[tuple[Any, ...], list[int]] = {}
        for row in stored:
            if row["id"] not in found.values():
                left.setdefault(_key(row, columns), []).append(row["id"])
        for place, row in enumerate(rows):
            key = _key(row, columns)
            if place not in found and left.get(key) and ("course" not in columns or row.get("course")):
                found[place] = left[key].pop(0)
    return [found.get(place) for place in range(len(rows))]


def _key(row: Row, columns: Sequence[str]) -> tuple[Any, ...]:
    return tuple(row.get(column) or None for column in columns)

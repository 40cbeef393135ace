"""From the punches of a time clock to sign-ins and sign-outs. Pure: no database, no clock."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, time

from training.half_days import Slot, minutes

from .oddities import EARLY_OR_LATE


def slot_at(day: date, at: time, slots: Iterable[Slot]) -> Slot | None:
    """The half-day of that day to which a punch belongs: the nearest within an hour, None where there is none."""
    near = [(distance, slot) for slot in slots if slot.date == day and (distance := _distance(at, slot)) is not None]
    return min(near, key=lambda found: found[0])[1] if near else None


def pair(punches: Sequence[time], slot: Slot) -> tuple[time | None, time | None]:
    """Sign-in and sign-out of one half-day: the first punch and the last.

    A single one is an *in* in the first half of the half-day and an *out* in the second: nothing is made up.
    """
    first, last = min(punches), max(punches)
    if first != last:
        return first, last
    middle = (minutes(slot.starts_at) + minutes(slot.ends_at)) / 2
    return (first, None) if minutes(first) < middle else (None, first)


def _distance(at: time, slot: Slot) -> int | None:
    """Minutes outside the half-day, 0 inside; None where it is too far off to belong to it."""
    early, late = minutes(slot.starts_at) - minutes(at), minutes(at) - minutes(slot.ends_at)
    distance = max(early, late, 0)
    return distance if distance <= EARLY_OR_LATE else None

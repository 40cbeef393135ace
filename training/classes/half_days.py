"""Half-days of a class: which there are, which are still ahead, which fall together. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time

from luojiang_ce.clock import SHANGHAI
from training.half_days import SlotKey, order_of


@dataclass(frozen=True, slots=True)
class Slot:
    """One half-day of a class and when it begins."""

    day: date
    half_day: str
    begins: time

    @property
    def starts(self) -> datetime:
        return datetime.combine(self.day, self.begins, SHANGHAI)

    @property
    def key(self) -> SlotKey:
        return self.day, self.half_day


def slots(rows: Iterable[tuple[date, str, time]]) -> list[Slot]:
    """The half-days of some timetable rows (day, half-day, beginning), in order, each with its earliest beginning."""
    earliest: dict[SlotKey, time] = {}
    for day, half_day, begins in rows:
        earliest[day, half_day] = min(begins, earliest.get((day, half_day), begins))
    found = [Slot(day, half_day, begins) for (day, half_day), begins in earliest.items()]
    return sorted(found, key=lambda slot: order_of(slot.key))


def ahead(all_slots: Iterable[Slot], moment: datetime) -> list[Slot]:
    """Half-days that have not begun at this (aware) moment."""
    return [slot for slot in all_slots if slot.starts > moment]

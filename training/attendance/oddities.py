"""What looks odd in the signs of a class: pointed out, never punished (product.md A3). Pure: no database, no clock."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from training.half_days import Person, Sign, Slot, SlotKey, minutes, order_of

# Not figures of the notice: when a sign is so far off that somebody should look.
EARLY_OR_LATE = 60  # minutes outside the timetable's half-day
MARGIN = timedelta(minutes=EARLY_OR_LATE)  # what is signed on the spot is signed within it
SAME_MINUTE_FROM = 5  # people


class Kind(StrEnum):
    SAME_MINUTE = "same-minute"
    ONE_DEVICE = "one-device"
    TWO_CLASSES = "two-classes"
    OUTSIDE = "outside"
    NOT_PLANNED = "not-planned"
    AHEAD = "ahead"

    @property
    def label(self) -> str:
        """In words, for the page."""
        return _LABELS[self]


_LABELS = {
    Kind.SAME_MINUTE: "全体同一分钟",
    Kind.ONE_DEVICE: "一台设备多人签到",
    Kind.TWO_CLASSES: "同一半日参加两个班",
    Kind.OUTSIDE: "不在课程表的时间内",
    Kind.NOT_PLANNED: "课程表没有这个半日",
    Kind.AHEAD: "先于签到时间登记",
}


@dataclass(frozen=True, slots=True)
class Oddity:
    """Something to look at: which half-day, whom it concerns, and what it is."""

    kind: Kind
    date: date
    half_day: str
    people: tuple[Person, ...]
    detail: str = ""


def oddities_of(
    slots: Iterable[Slot], signs: Sequence[Sign], elsewhere: Mapping[tuple[Person, SlotKey], str]
) -> list[Oddity]:
    """Everything odd, by half-day. `elsewhere`: the other class in which a person has signed in the same half-day."""
    planned = {slot.key: slot for slot in slots}
    by_slot: dict[SlotKey, list[Sign]] = defaultdict(list)
    for sign in signs:
        by_slot[sign.key].append(sign)
    found = [
        oddity
        for key in sorted(by_slot, key=order_of)
        for oddity in _of_half_day(key, planned.get(key), by_slot[key], elsewhere)
    ]
    return sorted([*found, *_changed_hands(signs)], key=lambda oddity: order_of((oddity.date, oddity.half_day)))


def _of_half_day(
    key: SlotKey, slot: Slot | None, signs: list[Sign], elsewhere: Mapping[tuple[Person, SlotKey], str]
) -> Iterator[Oddity]:
    if slot is None:
        yield Oddity(Kind.NOT_PLANNED, *key, _people(signs))
        return
    yield from _same_minute(key, signs)
    yield from _one_device(key, signs)
    yield from _two_classes(key, signs, elsewhere)
    first, last = minutes(slot.starts_at) - EARLY_OR_LATE, minutes(slot.ends_at) + EARLY_OR_LATE
    if outside := [sign for sign in signs if not first <= minutes(sign.time) <= last]:
        yield Oddity(Kind.OUTSIDE, *key, _people(outside), f"课程表为 {slot.starts_at:%H:%M}–{slot.ends_at:%H:%M}")
    recorded = [(sign, sign.recorded_at.replace(tzinfo=None)) for sign in signs if sign.recorded_at]
    if ahead := [sign for sign, at in recorded if at < datetime.combine(sign.date, sign.time)]:
        yield Oddity(Kind.AHEAD, *key, _people(ahead))


def _same_minute(key: SlotKey, signs: list[Sign]) -> Iterator[Oddity]:
    for is_in, word in ((True, "签到"), (False, "签退")):
        same = [sign for sign in signs if sign.is_in is is_in and not sign.one_time]
        if len(same) >= SAME_MINUTE_FROM and len({minutes(sign.time) for sign in same}) == 1:
            yield Oddity(Kind.SAME_MINUTE, *key, _people(same), f"{word}均为 {same[0].time:%H:%M}")


def _one_device(key: SlotKey, signs: list[Sign]) -> Iterator[Oddity]:
    users: dict[str, dict[Person, None]] = defaultdict(dict)
    for sign in signs:
        if sign.device:
            users[sign.device][sign.person] = None
    for people in users.values():
        if len(people) > 1:
            yield Oddity(Kind.ONE_DEVICE, *key, tuple(people))


def _changed_hands(signs: Iterable[Sign]) -> Iterator[Oddity]:
    """A device that signed for another person in a later half-day, at the half-day where that begins."""
    first: dict[str, Sign] = {}
    told: set[tuple[str, Person]] = set()
    for sign in sorted(signs, key=lambda each: (order_of(each.key), each.time)):
        if not sign.device:
            continue
        before = first.setdefault(sign.device, sign)
        if before.person != sign.person and before.key != sign.key and (sign.device, sign.person) not in told:
            told.add((sign.device, sign.person))
            yield Oddity(Kind.ONE_DEVICE, *sign.key, (before.person, sign.person), "先后在不同的半日")


def _two_classes(key: SlotKey, signs: list[Sign], elsewhere: Mapping[tuple[Person, SlotKey], str]) -> Iterator[Oddity]:
    others: dict[str, dict[Person, None]] = defaultdict(dict)
    for sign in signs:
        if title := elsewhere.get((sign.person, key)):
            others[title][sign.person] = None
    for title, people in others.items():
        yield Oddity(Kind.TWO_CLASSES, *key, tuple(people), f"另一个班：{title}")


def _people(signs: Iterable[Sign]) -> tuple[Person, ...]:
    return tuple(dict.fromkeys(sign.person for sign in signs))

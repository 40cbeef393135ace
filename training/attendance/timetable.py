"""The timetable and the signs of a class as plain values, a query each, however many rows there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time

from luojiang_ce import clock
from training.classes.models import ClassApplication

from .half_days import Lesson, Slot, SlotKey, slots_of
from .models import Sign as SignRow
from .oddities import Oddity, Sign, oddities_of


def slots_of_class(application: ClassApplication) -> list[Slot]:
    """The half-days of a class in which trainees sign, in order of time. One query."""
    fields = ("date", "half_day", "starts_at", "ends_at", "course", "counts", "hours")
    return slots_of(Lesson(*row) for row in application.timetable.values_list(*fields))


def valid_signs(application: ClassApplication, day: date | None = None) -> list[Sign]:
    """The valid signs of a class, of one day or of all; `person` is the enrolment's id. One query."""
    fields = ("enrolment_id", "date", "half_day", "kind", "time", "recorded_at", "device")
    signs = SignRow.objects.of_class(application).valid()
    rows = (signs if day is None else signs.filter(date=day)).values_list(*fields)
    return [
        Sign(person, day, half_day, kind == SignRow.Kind.IN, at, clock.local(recorded), device)
        for person, day, half_day, kind, at, recorded, device in rows
    ]


def signs_elsewhere(application: ClassApplication) -> dict[tuple[int, SlotKey], str]:
    """Where trainees of a class signed in another class in one of its half-days (A3). One query."""
    days = application.timetable.values("date")
    mine = application.enrolments.present().exclude(person=None).values("person")
    rows = (
        SignRow.objects.valid()
        .filter(enrolment__person__in=mine, date__in=days, enrolment__removed_at=None)
        .exclude(enrolment__application=application)
        .values_list("enrolment__person", "date", "half_day", "enrolment__application__title")
        .distinct()
    )
    return {(person, (day, half_day)): title for person, day, half_day, title in rows}


def class_oddities(application: ClassApplication, slots: list[Slot], signs: list[Sign]) -> list[Oddity]:
    """Everything odd in the signs of a class (A3). Two queries."""
    people = dict(application.enrolments.present().exclude(person=None).values_list("person", "pk"))
    elsewhere = {
        (people[person], key): title
        for (person, key), title in signs_elsewhere(application).items()
        if person in people
    }
    return oddities_of(slots, signs, elsewhere)


@dataclass
class Presence:
    """How many trainees have signed in one half-day."""

    signed_in: set[int] = field(default_factory=set)
    signed_out: set[int] = field(default_factory=set)

    @property
    def both(self) -> int:
        return len(self.signed_in & self.signed_out)


def presence(signs: list[Sign]) -> Mapping[SlotKey, Presence]:
    """Who has signed, by half-day."""
    found: dict[SlotKey, Presence] = defaultdict(Presence)
    for sign in signs:
        side = found[sign.key].signed_in if sign.is_in else found[sign.key].signed_out
        side.add(sign.person)
    return found


def minute(at: time) -> time:
    """Signs are kept to the minute: an *out* in the minute of the *in* is none (data/hours)."""
    return at.replace(second=0, microsecond=0)

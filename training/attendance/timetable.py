"""The timetable and the signs of a class as plain values, a query each, however many rows there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import QuerySet

from luojiang_ce import clock
from training.classes.models import ClassApplication, Enrolment
from training.half_days import Person, Sign, Slot, SlotKey, slots_of

from .models import Sign as SignRow
from .oddities import Oddity, oddities_of


def slots_of_class(application: ClassApplication) -> list[Slot]:
    """The half-days of a class in which trainees sign, in order of time. One query, none where it is prefetched."""
    return slots_of(application.lessons())


def signed_half_days(application: ClassApplication) -> set[SlotKey]:
    """The half-days of a class in which anybody has signed, or of which a sheet is kept. One query."""
    signs = SignRow.objects.valid().filter(enrolment__application=application).order_by()
    sheets = application.sheets.order_by().values_list("date", "half_day")
    return set(signs.values_list("date", "half_day").union(sheets))


def valid_signs(application: ClassApplication, day: date | None = None) -> list[Sign]:
    """The valid signs of a class, of one day or of all; `person` is the enrolment's id. One query."""
    return signs_of(application.enrolments.present(), day).get(application.pk, [])


def signs_of(enrolments: QuerySet[Enrolment], day: date | None = None) -> dict[int, list[Sign]]:
    """The valid signs of these trainees, by class id. One query, however many classes."""
    rows = SignRow.objects.valid().filter(enrolment__in=enrolments.order_by().values("pk"))
    if day:
        rows = rows.filter(date=day)
    found: dict[int, list[Sign]] = defaultdict(list)
    for pk, person, on, half_day, kind, at, recorded, device, source in rows.order_by("date", "time").values_list(
        *_FACTS
    ):
        is_in, one_time = kind == SignRow.Kind.IN, source in _ONE_TIME
        found[pk].append(Sign(person, on, half_day, is_in, at, clock.local(recorded), device, one_time))
    return found


_ONE_TIME = (SignRow.Source.PLATFORM, SignRow.Source.SHEET)
_FACTS = (
    "enrolment__application_id", "enrolment_id", "date", "half_day", "kind", "time", "recorded_at", "device", "source",
)  # fmt: skip


def class_oddities(slots: list[Slot], signs: Sequence[Sign], trainees: Iterable[Enrolment]) -> list[Oddity]:
    """Everything odd in the signs of a class (A3); `trainees` are those of the class. One query."""
    members = {trainee.person_id: trainee.pk for trainee in trainees if trainee.person_id}
    return oddities_of(slots, signs, _signs_elsewhere(members, {slot.date for slot in slots}))


def _signs_elsewhere(members: Mapping[int, int], days: Collection[date]) -> dict[tuple[Person, SlotKey], str]:
    """In which other class the trainees (person id: enrolment id) signed in the same half-day."""
    rows = (
        SignRow.objects.valid()
        .filter(enrolment__person__in=list(members), date__in=days, enrolment__removed_at=None)
        .exclude(enrolment__in=list(members.values()))
        .values_list("enrolment__person", "date", "half_day", "enrolment__application__title")
        .order_by()
        .distinct()
    )
    return {(members[person], (day, half_day)): title for person, day, half_day, title in rows}


@dataclass
class Presence:
    """How many trainees have signed in one half-day."""

    signed_in: set[Person] = field(default_factory=set)
    signed_out: set[Person] = field(default_factory=set)

    @property
    def both(self) -> int:
        return len(self.signed_in & self.signed_out)


def presence(signs: Sequence[Sign]) -> Mapping[SlotKey, Presence]:
    """Who has signed, by half-day."""
    found: dict[SlotKey, Presence] = defaultdict(Presence)
    for sign in signs:
        side = found[sign.key].signed_in if sign.is_in else found[sign.key].signed_out
        side.add(sign.person)
    return found

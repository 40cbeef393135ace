"""The list of classes with their attendance: how far each is recorded."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import prefetch_related_objects

from luojiang_ce import clock
from training.classes.models import ClassApplication, Enrolment
from training.half_days import SlotKey

from .models import Sign
from .timetable import slots_of_class


@dataclass(frozen=True)
class ClassRow:
    """A class in the list: trainees, half-days so far, and in how many of those somebody has signed."""

    application: ClassApplication
    trainees: int
    half_days: int
    due: int
    recorded: int
    label: str
    meaning: str

    @property
    def missing(self) -> int:
        """Half-days that are over and in which nobody has signed."""
        return self.due - self.recorded


def class_rows(applications: Sequence[ClassApplication]) -> list[ClassRow]:
    """The lines of a page. Three queries, however many classes."""
    prefetch_related_objects(applications, "timetable")
    trainees = Enrolment.objects.filter(application__in=applications).present().order_by()
    counts = Counter(trainees.values_list("application_id", flat=True))
    signed = _signed(applications)
    return [_class_row(each, signed[each.pk], counts[each.pk]) for each in applications]


def _class_row(application: ClassApplication, signed: set[SlotKey], trainees: int) -> ClassRow:
    slots, today = slots_of_class(application), clock.today()
    due = {slot.key for slot in slots if slot.date <= today}
    label, meaning = ("进行中", "is-turn") if application.has_begun(today) else ("未开班", "is-wait")
    if application.has_ended(today):
        label, meaning = "已结束", "is-idle"
    return ClassRow(application, trainees, len(slots), len(due), len(signed & due), label, meaning)


def _signed(applications: Sequence[ClassApplication]) -> dict[int, set[SlotKey]]:
    rows = Sign.objects.valid().filter(enrolment__application__in=applications, enrolment__removed_at=None)
    found: dict[int, set[SlotKey]] = defaultdict(set)
    fields = ("enrolment__application_id", "date", "half_day")
    for pk, day, half_day in rows.order_by().values_list(*fields).distinct():
        found[pk].add((day, half_day))
    return found

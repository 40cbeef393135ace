"""The printed sign-in sheets of a class (product.md A2), one per half-day, for signatures by hand."""

from __future__ import annotations

from collections.abc import Sequence

from luojiang_ce.papers.printable import Printable
from luojiang_ce.papers.printouts import Args, Printout
from luojiang_ce.papers.signin import signin_printable
from luojiang_ce.workdays.text import full_with_weekday
from training.choices import HalfDay
from training.classes.models import ClassApplication
from training.half_days import Slot, SlotKey

from .timetable import slots_of_class


def sheets_of(application: ClassApplication, args: Args) -> list[Printable]:
    """A sheet for every half-day, or for the one that `args` names."""
    slots = [slot for slot in slots_of_class(application) if args.get("slot") in (None, name_of(slot))]
    people = [
        {"name": trainee.name, "unit": trainee.employer} for trainee in application.enrolments.present().order_by("pk")
    ]
    lecturers = _lecturers(application)
    return [_sheet(application, slot, people, lecturers.get(slot.key, [])) for slot in slots]


def name_of(slot: Slot) -> str:
    """A half-day as an argument of the printout."""
    return f"{slot.date}_{slot.half_day}"


SHEETS_PRINTED = Printout("attendance.sheets", "签到表", ClassApplication, sheets_of)


def _sheet(
    application: ClassApplication, slot: Slot, people: list[dict[str, str]], lecturers: Sequence[str]
) -> Printable:
    head = {
        "training": str(application),
        "date": full_with_weekday(slot.date),
        "half": f"{HalfDay(slot.half_day).label} {slot.starts_at:%H:%M}–{slot.ends_at:%H:%M}",
        "place": application.place,
        "teacher": "、".join(lecturers),
        "keeper": application.class_teacher,
    }
    return signin_printable(head, people)


def _lecturers(application: ClassApplication) -> dict[SlotKey, list[str]]:
    found: dict[SlotKey, list[str]] = {}
    rows = application.timetable.filter(counts=True).exclude(lecturer=None)
    for day, half_day, name in rows.values_list("date", "half_day", "lecturer__name"):
        names = found.setdefault((day, half_day), [])
        if name not in names:
            names.append(name)
    return found

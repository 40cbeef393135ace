"""The printed sign-in sheets of a class (product.md A2), one per half-day, for signatures by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from luojiang_ce.papers.printable import Printable
from luojiang_ce.papers.printouts import Args, Printout
from luojiang_ce.workdays.text import full_with_weekday
from training.choices import HalfDay
from training.classes.models import ClassApplication
from training.half_days import Slot, SlotKey

from .photographs.code import SheetCode
from .photographs.paper import sheet_pages
from .timetable import slots_of_class


def sheets_of(application: ClassApplication, args: Args) -> list[Printable]:
    """The pages of every half-day, or of the one that `args` names."""
    slots = [slot for slot in slots_of_class(application) if args.get("slot") in (None, name_of(slot))]
    people = [
        {"enrolment": trainee.pk, "name": trainee.name, "unit": trainee.employer}
        for trainee in application.enrolments.present().order_by("pk")
    ]
    lecturers = _lecturers(application)
    return [page for slot in slots for page in _pages(application, slot, people, lecturers.get(slot.key, []))]


def name_of(slot: Slot) -> str:
    """A half-day as an argument of the printout."""
    return f"{slot.date}_{slot.half_day}"


SHEETS_PRINTED = Printout("attendance.sheets", "签到表", ClassApplication, sheets_of)


def _pages(
    application: ClassApplication, slot: Slot, people: Sequence[Mapping[str, Any]], lecturers: Sequence[str]
) -> list[Printable]:
    head = {
        "training": str(application),
        "date": full_with_weekday(slot.date),
        "half": f"{HalfDay(slot.half_day).label} {slot.starts_at:%H:%M}–{slot.ends_at:%H:%M}",
        "place": application.place,
        "teacher": "、".join(lecturers),
        "keeper": application.class_teacher,
    }
    return sheet_pages(head, people, SheetCode(application.pk, *slot.key, 1, 1, ()))


def _lecturers(application: ClassApplication) -> dict[SlotKey, list[str]]:
    found: dict[SlotKey, list[str]] = {}
    rows = application.timetable.filter(counts=True).exclude(lecturer=None)
    for day, half_day, name in rows.values_list("date", "half_day", "lecturer__name"):
        names = found.setdefault((day, half_day), [])
        if name not in names:
            names.append(name)
    return found

"""照往期带入: a draft filled from an earlier class of the same unit, its timetable moved to the new days."""

from __future__ import annotations

from datetime import date
from typing import Any

from luojiang_ce.access import Actor
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workdays.calendar import UnknownYearError
from luojiang_ce.workdays.services import current_calendar
from training.classes.models import CatalogueCourse, ClassApplication, TimetableRow
from training.classes.services.applications import COPIED, OrganiserRow, editing, replace_organisers
from training.classes.shifting import moved_days

# What an application says besides the plan.
OWN = (
    *("purpose", "textbooks", "intensive", "assessment", "credits", "credits_basis"),
    *("leader", "class_teacher", "difference_notes"),
)
CELLS = (
    *("half_day", "starts_at", "ends_at", "course", "counts", "subject", "hours", "lecturer_id", "teaching_form"),
    *("room", "catalogue_course_id", "required_course", "note"),
)


def earlier_classes(application: ClassApplication) -> Any:
    """The classes of the same unit with a timetable that a draft may be filled from, newest first."""
    own = ClassApplication.objects.filter(unit=application.unit_id, opens_on__isnull=False, timetable__isnull=False)
    return own.exclude(pk=application.pk).distinct().order_by("-opens_on", "-pk")


def last_one(application: ClassApplication) -> ClassApplication | None:
    """The one before: the last session of the same project, else the last of the same name, else the last of all."""
    earlier = earlier_classes(application)
    ranked = (earlier.filter(project=application.project_id), earlier.filter(title=application.title), earlier)
    return next(filter(None, (rows.first() for rows in ranked)), None)


def repeat(
    *, application: ClassApplication, like: ClassApplication, opens_on: date, version: int | None, actor: Actor
) -> ClassApplication:
    """Fill a draft from an earlier class: the head, the organisers, the timetable on the days that follow `opens_on`.

    Of another project only what its plan does not say is taken. Trainees and files are not: they belong to a class.
    Raises NotPossible, Conflict.
    """
    if not earlier_classes(application).filter(pk=like.pk).exists():
        raise NotPossible(like="只能照本单位有课程表的培训班带入")
    rows, begun = list(like.timetable.all()), like.opens_on
    assert begun is not None  # as all that are offered
    ended = like.ends_on or begun
    try:
        days = moved_days([ended, *(row.date for row in rows)], begun, opens_on, current_calendar())
    except UnknownYearError as unknown:
        raise NotPossible(opens_on=str(unknown)) from unknown
    with editing(application, actor=actor, version=version, step="repeat") as draft:
        for name, value in _head(draft, like).items():
            setattr(draft, name, value)
        draft.opens_on, draft.ends_on = opens_on, days[ended]
        replace_organisers(draft, [OrganiserRow(each.part, each.name) for each in like.organisers.all()])
        draft.timetable.all().delete()
        TimetableRow.objects.bulk_create(_rows(draft, rows, days))
    return draft


def _head(draft: ClassApplication, like: ClassApplication) -> dict[str, Any]:
    """What the draft takes of the class before."""
    same_project = draft.project_id == like.project_id
    planned = [name for name in COPIED if same_project or getattr(draft.project, name) in (None, "")]
    head = {name: getattr(like, name) for name in (*planned, *OWN)}
    # The days were another matter then, and so was everything that another plan had said.
    notes = like.difference_notes if same_project else {}
    return head | {"difference_notes": {key: text for key, text in notes.items() if key != "dates"}}


def _rows(draft: ClassApplication, rows: list[TimetableRow], days: dict[date, date]) -> list[TimetableRow]:
    """The timetable on its new days; a course that the catalogue of that year no longer has is left open."""
    assert draft.opens_on is not None
    known = set(CatalogueCourse.objects.of_year(draft.opens_on.year).values_list("pk", flat=True))
    made = []
    for row in rows:
        cells = {name: getattr(row, name) for name in CELLS}
        if cells["catalogue_course_id"] not in known:
            cells["catalogue_course_id"] = None
        made.append(TimetableRow(application=draft, date=days[row.date], **cells))
    return made

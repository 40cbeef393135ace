"""What may be changed of a class, as plain values: the class as it stands, what differs, the class as it would be.

Of both sides only what differs is kept, as JSON: `head` by field, `rows` whole, each with the `id` that it has in the
timetable (None: a new one). A row that stands in the former part alone is struck out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from luojiang_ce.workdays.calendar import Calendar
from training.classes.facts import rows_of
from training.classes.models import CatalogueCourse, ClassApplication, Lecturer, TimetableRow
from training.classes.models.timetable import resume_of
from training.classes.shifting import moved_days

Row = dict[str, Any]
Part = dict[str, Any]

HEAD = ("opens_on", "ends_on", "days", "place", "people", "minimum", "charges", "fee", "fee_document")
CELLS = tuple(field.attname for field in TimetableRow._meta.concrete_fields if field.name not in ("id", "application"))
_FIELDS: dict[str, Any] = {name: ClassApplication._meta.get_field(name) for name in HEAD}
_COLUMNS = {field.attname: field for field in TimetableRow._meta.concrete_fields if field.attname in CELLS}


@dataclass
class Content:
    """Head and timetable of a class, rows in the order of time; `lecturer` of a row is the name, for reading."""

    head: dict[str, Any]
    rows: list[Row]

    def sorted(self) -> Content:
        return Content(self.head, sorted(self.rows, key=_when))


def _when(row: Row) -> tuple[Any, ...]:
    return row["date"], row["starts_at"], row["id"] is None, row["id"] or 0


def standing(application: ClassApplication) -> Content:
    """The class as it was approved and stands now. One query, none where the timetable is prefetched."""
    head = {name: getattr(application, name) for name in HEAD}
    return Content(head, [_row(row) for row in rows_of(application)]).sorted()


def _row(row: TimetableRow) -> Row:
    cells = {name: getattr(row, name) for name in CELLS}
    return {"id": row.pk, **cells, "lecturer": row.lecturer.name if row.lecturer else ""}


def difference(was: Content, now: Content) -> tuple[Part, Part]:
    """What differs, as the class has it and as it is to be; both empty where nothing does."""
    head = [name for name in HEAD if _tidy(was.head[name]) != _tidy(now.head[name])]
    known = {row["id"]: row for row in was.rows}
    kept = {row["id"] for row in now.rows}
    changed = [row for row in now.rows if row["id"] is None or not _same(row, known[row["id"]])]
    touched = {row["id"] for row in changed}
    former = [row for row in was.rows if row["id"] in touched or row["id"] not in kept]
    return (
        {"head": {name: was.head[name] for name in head}, "rows": former} if head or former or changed else {},
        {"head": {name: now.head[name] for name in head}, "rows": changed} if head or former or changed else {},
    )


def _same(row: Row, other: Row) -> bool:
    return all(_tidy(row[name]) == _tidy(other[name]) for name in CELLS)


def _tidy(value: Any) -> Any:
    return None if value == "" else value


def read(part: Mapping[str, Any]) -> Content:
    """A part as it was kept, with its values as the models have them."""
    head = {name: _FIELDS[name].to_python(value) for name, value in part.get("head", {}).items()}
    rows: list[Row] = [
        {
            "id": row.get("id"),
            **{name: column.to_python(row[name]) if name in row else None for name, column in _COLUMNS.items()},
            "lecturer": row.get("lecturer", ""),
        }
        for row in part.get("rows", ())
    ]
    return Content(head, rows).sorted()


def merged(was: Content, former: Mapping[str, Any], proposed: Mapping[str, Any]) -> Content:
    """The class as it would be with what is proposed."""
    gone = {row["id"] for row in former.get("rows", ())}
    new = read(proposed)
    return Content(was.head | new.head, [row for row in was.rows if row["id"] not in gone] + new.rows).sorted()


def as_class(application: ClassApplication, content: Content) -> ClassApplication:
    """The class with this content, for checks and papers to look at. It is never saved. Two queries at most."""
    values = {field.attname: getattr(application, field.attname) for field in application._meta.concrete_fields}
    made = ClassApplication(**values | content.head)
    made.unit, made.project = application.unit, application.project
    made._state.adding = False
    rows = TimetableRow.objects.none()
    rows._result_cache = _as_rows(made, content.rows, rows_of(application))  # as a prefetch leaves it
    known = getattr(application, "_prefetched_objects_cache", {})
    made._prefetched_objects_cache = known | {"timetable": rows}  # type: ignore[attr-defined]
    return made


def _as_rows(application: ClassApplication, rows: Sequence[Row], stored: Sequence[TimetableRow]) -> list[TimetableRow]:
    """The rows with lecturers and courses; of those that the class has already nothing is asked again."""
    lecturers: dict[int | None, Any] = {row.lecturer_id: row.lecturer for row in stored}
    resumes = {row.lecturer_id: row.lecturer_has_resume for row in stored}
    for pk, lecturer in lecturers_of(row for row in rows if row["lecturer_id"] not in lecturers).items():
        lecturers[pk], resumes[pk] = lecturer, lecturer.has_resume  # type: ignore[attr-defined]
    courses = CatalogueCourse.objects.in_bulk({row["catalogue_course_id"] for row in rows} - {None})
    made = []
    for row in rows:
        one = TimetableRow(pk=row["id"], application=application, **{name: row[name] for name in CELLS})
        one.lecturer, one.catalogue_course = lecturers.get(one.lecturer_id), courses.get(row["catalogue_course_id"])
        one.lecturer_has_resume = resumes.get(one.lecturer_id, False)
        made.append(one)
    return made


def lecturers_of(rows: Iterable[Mapping[str, Any]]) -> dict[int, Lecturer]:
    """The lecturers of these rows by id, each with `has_resume`. One query."""
    wanted = {row["lecturer_id"] for row in rows} - {None}
    found: Iterable[Any] = Lecturer.objects.filter(pk__in=wanted).annotate(has_resume=resume_of("pk")) if wanted else []
    return {lecturer.pk: lecturer for lecturer in found}


def moved(was: Content, now: Content, opens_on: date, calendar: Calendar) -> Content:
    """The content `now` of a class that stands as `was`, moved to another opening day with all its sessions.

    A timetable that differs from the approved one by its days alone is moved from the approved days anew, so that
    moving there and back changes nothing. Raises UnknownYearError.
    """
    if now.rows != was.rows and now == shifted(was, now.head["opens_on"], calendar, now.head):
        return shifted(was, opens_on, calendar, now.head)
    return shifted(now, opens_on, calendar, now.head)


def shifted(content: Content, opens_on: date, calendar: Calendar, head: Mapping[str, Any]) -> Content:
    """The rows, first and last day of a content on the days that follow another opening day; the rest from `head`."""
    begun, ended = content.head["opens_on"], content.head["ends_on"]
    days = moved_days([ended, *(row["date"] for row in content.rows)], begun, opens_on, calendar)
    rows = [row | {"date": days[row["date"]]} for row in content.rows]
    return Content({**head, "opens_on": opens_on, "ends_on": days[ended]}, rows).sorted()

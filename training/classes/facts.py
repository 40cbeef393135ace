"""From the rows of the database to the plain values that the checks of a class take."""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from decimal import Decimal

from django.db.models import Q

from luojiang_ce.workflow.events import history
from luojiang_ce.workflow.models import Event
from training.classes import timetable
from training.classes.differences import Comparison, Facts, compare, names_in
from training.classes.models import ClassApplication, CourseEntitlement, TimetableRow
from training.plans.changing import put_into
from training.plans.models import PlanItem, ProjectChange
from verification.choices import Measure


def rows_of(application: ClassApplication) -> list[TimetableRow]:
    """The timetable with lecturers and catalogue courses; uses what was prefetched."""
    if "timetable" in getattr(application, "_prefetched_objects_cache", {}):
        return list(application.timetable.all())
    return list(TimetableRow.objects.filter(application=application).with_details())


def as_values(rows: Iterable[TimetableRow]) -> list[timetable.Row]:
    """Timetable rows as plain values, numbered as they are shown."""
    return [as_value(number, row) for number, row in enumerate(rows, 1)]


def as_value(number: int, row: TimetableRow) -> timetable.Row:
    """One timetable row as a plain value."""
    course = row.catalogue_course
    return timetable.Row(
        number=number,
        date=row.date,
        half_day=row.half_day,
        starts=row.starts_at,
        ends=row.ends_at,
        course=row.course,
        counts=row.counts,
        subject=row.subject,
        hours=row.hours,
        lecturer=row.lecturer_id,
        lecturer_name=row.lecturer.name if row.lecturer else "",
        room=row.room,
        catalogue=timetable.Course(course.pk, course.name, course.first_year, course.last_year) if course else None,
    )


def timetable_problems(application: ClassApplication, rows: list[TimetableRow]) -> list[timetable.Problem]:
    """Everything wrong with the application's timetable, also against other filed or approved classes."""
    values = as_values(rows)
    return timetable.check(
        values,
        opens=application.opens_on,
        ends=application.ends_on,
        rules=application.timetable_rules,
        entitled=entitled_of(application, values),
        elsewhere=elsewhere(application, rows),
    )


def entitled_of(application: ClassApplication, rows: list[timetable.Row]) -> timetable.Entitled:
    """Who may organise public courses: the bureau, or a unit entrusted with a document on that day (notice 一(二))."""
    public = [row for row in rows if row.counts and row.catalogue]
    if not public:
        return lambda row: False
    organisers = list(application.organisers.select_related("unit"))
    units = {application.unit, *(o.unit for o in organisers if o.unit)}
    if any(unit.is_bureau for unit in units):
        return lambda row: True
    days = [row.date for row in public]
    trusted = list(CourseEntitlement.objects.on(min(days), max(days)).filter(unit__in=units))
    return lambda row: row.catalogue is not None and any(e.covers(row.catalogue.pk, row.date) for e in trusted)


def elsewhere(application: ClassApplication, rows: list[TimetableRow]) -> list[timetable.Elsewhere]:
    """Rows of the unit's other filed or approved classes with the same lecturers, or the same rooms at one place.

    Of other units' classes nothing is compared: “单位会议室” is another room in each of them.
    """
    lecturers = {row.lecturer_id for row in rows if row.lecturer_id}
    rooms = {row.room for row in rows if row.room} if application.place else set()
    if not lecturers and not rooms:
        return []
    shared = Q(lecturer__in=lecturers) | Q(room__in=rooms, application__place=application.place)
    taken = (
        TimetableRow.objects.filter(shared, date__in={row.date for row in rows})
        .filter(application__in=ClassApplication.objects.standing().filter(unit=application.unit_id))
        .exclude(application=application)
        .select_related("application")
    )
    return [
        timetable.Elsewhere(
            date=row.date,
            starts=row.starts_at,
            ends=row.ends_at,
            title=str(row.application),
            lecturer=row.lecturer_id,
            room=row.room if row.application.place == application.place else "",
        )
        for row in taken
    ]


def comparison(application: ClassApplication, rows: list[TimetableRow]) -> Comparison:
    """The application against the published project (C1)."""
    applied = _applied(application, rows)
    return compare(_planned(project_of(application), application), applied, application.difference_notes)


def project_of(application: ClassApplication) -> PlanItem:
    """The project as it stood when the class was approved, whatever was changed of it or became of the class since; of
    one that never was, as it stands. One query (none of rows loaded `with_project_changed`), one more where it was
    changed."""
    project = application.project
    if not application.project_changed:
        return project
    approved = history(application).filter(name="approve").values_list("at")[:1]
    since = Event.objects.filter(case_type=ProjectChange._meta.label_lower, name="decide", at__gt=approved)
    then = copy(project)
    for change in project.changes.decided().filter(pk__in=since.values("case_id")).reverse():
        put_into(then, change.before)
    return then


def _planned(project: PlanItem, application: ClassApplication) -> Facts:
    first = application.session == 1  # 拟定起止时间 of the plan is that of its first session
    return Facts(
        people=project.people,
        days=project.days,
        starts_on=project.starts_on if first else None,
        ends_on=project.ends_on if first else None,
        place=project.place,
        audience=project.audience,
        form=project.get_form_display(),
        measure=project.get_measure_display(),
        amounts=_amounts(project.measure, project.public_amount, project.professional_amount),
        charges=project.charges,
        fee=project.fee,
        budget=project.budget,
        funding=project.get_funding_display() if project.funding else "",
        lecturers=names_in(project.lecturers),
        organisers=names_in(f"{project.organiser}、{project.co_organiser}"),
    )


def _applied(application: ClassApplication, rows: list[TimetableRow]) -> Facts:
    summed = timetable.sums(as_values(rows))
    total = sum(application.credit_amounts.values(), Decimal(0))
    credits = application.measure == Measure.CREDITS
    return Facts(
        people=application.people,
        days=application.days,
        starts_on=application.opens_on,
        ends_on=application.ends_on,
        place=application.place,
        audience=application.audience,
        form=application.get_form_display(),
        measure=application.get_measure_display(),
        amounts=_amounts(
            application.measure, *((total, Decimal(0)) if credits else (summed.public, summed.professional))
        ),
        charges=application.charges,
        fee=application.fee,
        budget=application.budget,
        funding=application.get_funding_display() if application.funding else "",
        lecturers=frozenset(row.lecturer.name for row in rows if row.lecturer and row.counts),
        organisers=frozenset(organiser.name for organiser in application.organisers.all()),
    )


def _amounts(measure: str, first: Decimal, second: Decimal) -> tuple[tuple[str, Decimal], ...]:
    if measure == Measure.CREDITS:
        return (("学分", first + second),)
    return (("公共", first), ("专业", second))

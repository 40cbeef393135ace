"""Published projects, approved classes with a timetable and trainees, signs: what the training apps' tests stand on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, time, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import factory
from django.core.files.uploadedfile import SimpleUploadedFile

from luojiang_ce import clock
from luojiang_ce.files.services import attach
from tests.documents import PDF
from training.attendance.models import Sign
from training.classes.models import ClassApplication, Enrolment, Lecturer, TimetableRow
from training.plans.models import Plan, PlanItem
from training.recognition.materials import checklist_of
from training.recognition.models import Recognition
from units.identity import id_numbers
from units.models import Account, Person, Unit

_serial = count(5001)  # below lie the numbers that the system itself gives
# From, to, hours: the usual half-days of a class.
HALF_DAYS = {
    "morning": (time(8, 30), time(11, 30), Decimal("4.0")),
    "afternoon": (time(14, 0), time(17, 0), Decimal("4.0")),
    "evening": (time(19, 0), time(20, 30), Decimal("2.0")),
}


class PlanFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Plan

    year = 2026
    state = Plan.State.CHECKED


def project_of(unit: Unit, **kwargs: Any) -> PlanItem:
    """A published project of the unit."""
    plan = Plan.objects.filter(unit=unit, year=2026, supplement=0).first() or PlanFactory(unit=unit)
    values: dict[str, Any] = {
        "state": PlanItem.State.PUBLISHED,
        "number": f"2026-JH-{next(_serial):04d}",
        "organiser": unit.name,
        "title": "农产品质量安全检测技术培训班",
        "basis": "年度培训计划",
        "content": "检测技术",
        "category": "professional",
        "audience": "农业技术人员",
        "sessions": 20,
        "people": 50,
        "starts_on": date(2026, 5, 1),
        "ends_on": date(2026, 12, 31),
        "days": Decimal("2"),
        "place": "区农业农村综合楼",
        "funding": "budget",
        "contact": "岳临川",
        "phone": "0595-0000-0001",
    }
    return PlanItem.objects.create(plan=plan, unit=unit, **{**values, **kwargs})


def class_of(
    unit: Unit,
    *,
    opens_on: date = date(2026, 5, 11),
    days: int = 2,
    half_days: Sequence[str] = ("morning", "afternoon"),
    project: PlanItem | None = None,
    **kwargs: Any,
) -> ClassApplication:
    """An approved class of the unit with a timetable: `days` days in a row, each with these half-days."""
    project = project or project_of(unit)
    values: dict[str, Any] = {
        "state": ClassApplication.State.APPROVED,
        "number": f"2026-C-{next(_serial):04d}",
        "title": project.title,
        "session": project.classes.count() + 1,
        "ends_on": opens_on + timedelta(days=days - 1),
        "days": Decimal(days),
        "people": 50,
        "place": project.place,
        "class_teacher": "顾清和",
        "first_submitted_at": clock.now(),
        "submitted_at": clock.now(),
    }
    made = ClassApplication.objects.create(unit=unit, project=project, opens_on=opens_on, **{**values, **kwargs})
    add_lessons(made, [(opens_on + timedelta(days=day), half_day) for day in range(days) for half_day in half_days])
    return made


def add_lessons(application: ClassApplication, keys: Iterable[tuple[date, str]], **kwargs: Any) -> None:
    """A professional lesson for each of these half-days."""
    for number, (day, half_day) in enumerate(keys, 1):
        starts_at, ends_at, hours = HALF_DAYS[half_day]
        values = {
            "course": f"检测技术（{number}）",
            "hours": hours,
            "starts_at": starts_at,
            "ends_at": ends_at,
            **kwargs,
        }
        TimetableRow.objects.create(application=application, date=day, half_day=half_day, **values)


def enrol(application: ClassApplication, person: Person, **kwargs: Any) -> Enrolment:
    """A trainee of the district, agreed to by the unit in which the person works."""
    unit = person.employments.get(ended_on=None).unit
    values: dict[str, Any] = {
        "unit": unit,
        "name": person.name,
        "employer": unit.name,
        "masked_id": person.masked_id,
        "id_hash": person.id_hash,
        "last_six_hash": id_numbers.lookup_hash(person.id_number[-6:]),
        "agreement": Enrolment.Agreement.AGREED,
    }
    return Enrolment.objects.create(application=application, person=person, **{**values, **kwargs})


def stranger(application: ClassApplication, name: str = "外区学员", **kwargs: Any) -> Enrolment:
    """A trainee who belongs to no unit of the district."""
    return Enrolment.objects.create(application=application, name=name, employer="外区某单位", **kwargs)


def sign(enrolment: Enrolment, day: date, half_day: str, *, time_in: time | None, time_out: time | None) -> None:
    """The signs of a trainee in one half-day."""
    for kind, at in (("in", time_in), ("out", time_out)):
        if at:
            Sign.objects.create(
                enrolment=enrolment, date=day, half_day=half_day, kind=kind, time=at, source=Sign.Source.LIST
            )


def sign_all(application: ClassApplication, enrolments: Iterable[Enrolment]) -> None:
    """Everybody in and out in every half-day of the timetable."""
    keys = list(application.timetable.values_list("date", "half_day").distinct())
    signs = []
    for enrolment in enrolments:
        for day, half_day in keys:
            starts_at, ends_at, _ = HALF_DAYS[half_day]
            facts = {"enrolment": enrolment, "date": day, "half_day": half_day, "source": Sign.Source.LIST}
            signs += [Sign(kind="in", time=starts_at, **facts), Sign(kind="out", time=ends_at, **facts)]
    Sign.objects.bulk_create(signs)


def recognition_of(application: ClassApplication, **kwargs: Any) -> Recognition:
    """The recognition of a class; numbered and filed where it is past the draft."""
    values: dict[str, Any] = {}
    if kwargs.get("state", Recognition.State.DRAFT) != Recognition.State.DRAFT:
        filed = clock.now()
        values = {"first_submitted_at": filed, "submitted_at": filed, "number": f"2026-R-{next(_serial):04d}"}
    return Recognition.objects.create(application=application, unit=application.unit, **{**values, **kwargs})


def with_package(recognition: Recognition, actor: Account) -> None:
    """Every required material of a recognition, as files."""
    # A row of its own: what a page has gathered stays with the row that it loaded.
    for row in checklist_of(Recognition.objects.get(pk=recognition.pk)):
        if row.missing:
            content = PDF + row.material.code.encode()
            attach(
                case=recognition,
                material=row.material.code,
                upload=SimpleUploadedFile(f"{row.material.code}.pdf", content),
                actor=actor,
            )


def taught(lecturer: Lecturer, *, state: str = "recognised", **kwargs: Any) -> ClassApplication:
    """A class of the lecturer's unit in which all lessons are the lecturer's; its hours were recognised."""
    made = class_of(lecturer.unit, **kwargs)
    made.timetable.update(lecturer=lecturer)
    recognition_of(made, state=state)
    return made

"""Applications for tests, complete enough to be filed, approved or held; days lie in the next year unless told."""

from __future__ import annotations

from datetime import date, time, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from luojiang_ce import clock
from luojiang_ce.files.services import attach
from tests.training.plans.factories import a_project, a_scan
from training.choices import Category
from training.classes.models import (
    CatalogueCourse,
    ClassApplication,
    ClassOrganiser,
    Enrolment,
    Lecturer,
    TimetableRow,
)
from training.plans.models import PlanItem
from units.identity import id_numbers
from units.models import Account, Person, ProviderScope, Unit

_serial = count(1)
State = ClassApplication.State
FILED = tuple(state for state in State if state != State.DRAFT)


def far_monday() -> date:
    """A Monday in June of next year: well after any deadline of today."""
    day = date(clock.today().year + 1, 6, 1)
    return day + timedelta(days=-day.weekday() % 7)


def project_for(unit: Unit, year: int, **kwargs: Any) -> PlanItem:
    """A published project of the unit, with as many sessions as tests may ask for."""
    facts: dict[str, Any] = {"sessions": 60, "people": 40, "days": Decimal(1), "professional_amount": Decimal(4)}
    return a_project(unit, year, f"{year}-JH-{next(_serial):04d}", **{**facts, **kwargs})


def a_lecturer(unit: Unit, name: str = "温如故", *, resume_by: Account | None = None, **kwargs: Any) -> Lecturer:
    """A lecturer of the unit, with a résumé where somebody attached one."""
    lecturer, _ = Lecturer.objects.get_or_create(
        unit=unit, name=name, employer="市农业科学研究所", defaults={"title": "研究员", **kwargs}
    )
    if resume_by:
        attach(case=lecturer, material="resume", upload=a_scan(), actor=resume_by)
    return lecturer


def a_row(application: ClassApplication, **kwargs: Any) -> TimetableRow:
    """A sound row on the opening morning."""
    facts: dict[str, Any] = {
        "date": application.opens_on,
        "half_day": "morning",
        "starts_at": time(9),
        "ends_at": time(12),
        "course": "采后生理与品质控制",
        "hours": Decimal("4.0"),
        "room": "4A",
    }
    return TimetableRow.objects.create(application=application, **{**facts, **kwargs})


def an_application(
    unit: Unit,
    state: str = State.DRAFT,
    *,
    opens_on: date | None = None,
    project: PlanItem | None = None,
    actor: Account | None = None,
    **kwargs: Any,
) -> ClassApplication:
    """An application that equals its plan and lacks nothing but, without `actor`, the résumé."""
    opens = opens_on or far_monday()
    project = project or project_for(unit, opens.year, starts_on=opens, ends_on=opens)
    now = clock.now() if state in FILED else None
    copied = ("title", "days", "place", "audience", "people", "content", "form", "measure", "funding", "budget")
    facts: dict[str, Any] = {
        **{name: getattr(project, name) for name in copied},
        "session": project.classes.count() + 1,
        "opens_on": opens,
        "ends_on": opens,
        "purpose": "提高检测能力",
        "leader": "岳临川",
        "class_teacher": "顾清和",
        "contact": "林知秋",
        "phone": "0595-0000-0126",
        "number": f"{opens.year}-C-{next(_serial):04d}" if now else None,
        "first_submitted_at": now,
        "submitted_at": now,
        "filed_for": opens if now else None,
    }
    made = ClassApplication.objects.create(unit=unit, project=project, state=state, **{**facts, **kwargs})
    scope_of(unit)
    ClassOrganiser.objects.create(application=made, part="host", name=project.organiser, unit=unit)
    lecturer = a_lecturer(unit, resume_by=actor)
    if not lecturer.rows.filter(date=opens).exists():
        a_row(made, lecturer=lecturer)
    else:  # the same lecturer cannot be in two classes at once
        a_row(made, lecturer=a_lecturer(unit, f"教师{next(_serial)}号".replace("号", ""), resume_by=actor), room="")
    return made


def scope_of(unit: Unit) -> ProviderScope:
    """The unit's approved scope, which holds every kind of subject unless it was registered otherwise."""
    facts = {"subject": "专业技术人员培训", "categories": Category.values, "valid_from": date(2017, 3, 3)}
    return unit.scopes.first() or ProviderScope.objects.create(unit=unit, **facts)


def a_course(name: str = "职业道德", **kwargs: Any) -> CatalogueCourse:
    return CatalogueCourse.objects.create(
        name=name, **{"first_year": 2017, "document": "闽人社文〔2017〕1号", **kwargs}
    )


def enrolled(application: ClassApplication, person: Person, **kwargs: Any) -> Enrolment:
    """A person on the list of a class, agreed to by the unit."""
    unit = person.employments.get(ended_on=None).unit
    facts: dict[str, Any] = {
        "unit": unit,
        "name": person.name,
        "employer": unit.name,
        "masked_id": person.masked_id,
        "id_hash": person.id_hash,
        "last_six_hash": id_numbers.lookup_hash(person.id_number[-6:]),
        "agreement": Enrolment.Agreement.AGREED,
    }
    return Enrolment.objects.create(application=application, person=person, **{**facts, **kwargs})

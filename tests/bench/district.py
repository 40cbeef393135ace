"""A big district for the benches: invented people, units and open classes, the same at every load, in bulk."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from functools import cache
from random import Random

from luojiang_ce import clock
from luojiang_ce.access import Role
from tests.factories import id_number
from training.classes.models import ClassApplication, Enrolment, Lecturer, TimetableRow
from training.plans.models import Plan, PlanBatch, PlanItem
from units.identity.names import readings
from units.models import Account, Assignment, Employment, Person, Title, Unit

SURNAMES = "王李张刘陈杨黄赵周吴徐孙朱马胡郭林何高罗"
GIVEN = "清和临川青麓禾山文博思远雨晨子涵佳宁志诚海峰雪梅建业"
# Open ones: each has a clock, the unit's or the bureau's.
STATES = (ClassApplication.State.DRAFT, ClassApplication.State.SUBMITTED, ClassApplication.State.CHECKED)
HALF_DAYS = (("morning", time(8, 30), time(11, 30)), ("afternoon", time(14, 0), time(17, 0)))


@dataclass(frozen=True)
class Size:
    """How much of everything; `rows`: of the timetable, and trainees, of the class that is looked at."""

    units: int = 200
    people: int = 20_000
    classes: int = 3_000
    rows: int = 30


@dataclass(frozen=True)
class District:
    """Whose pages are asked for, and the class that has a timetable and trainees."""

    handler: Account
    clerk: Account
    full_class: ClassApplication


def load(size: Size) -> District:
    """Fill an empty, migrated database. Not for one that is in use."""
    bureau = Unit.objects.create(code="BENCH", name="洛江区试算人社局", is_bureau=True, nature=Unit.Nature.DISTRICT)
    units = Unit.objects.bulk_create(
        Unit(code=f"B{n:04d}", name=f"洛江区试算单位{n:04d}", is_provider=True, nature=Unit.Nature.DISTRICT)
        for n in range(size.units)
    )
    accounts = Account.objects.bulk_create(
        Account(username=f"bench{n}", name=f"试算{n}", must_change_password=False) for n in range(size.units + 1)
    )
    Assignment.objects.bulk_create(
        Assignment(
            account=account,
            unit=unit,
            role=Role.BUREAU_HANDLER if unit.is_bureau else Role.UNIT_CLERK,
            valid_from=date(2017, 1, 1),
        )
        for account, unit in zip(accounts, [bureau, *units], strict=True)
    )
    people = _people(size.people, units)
    classes = _classes(size.classes, units)
    full = next(each for each in classes if each.state == ClassApplication.State.SUBMITTED and each.unit == units[1])
    _fill(full, people[: size.rows], size.rows)
    _publish(size.units)
    return District(accounts[0], accounts[2], full)


def _people(count: int, units: list[Unit]) -> list[Person]:
    """Everybody with a post and a title, spread over the units."""
    people = Person.objects.bulk_create(_persons(count), batch_size=2000)
    Employment.objects.bulk_create(
        (
            Employment(person=person, unit=units[n % len(units)], department="业务科", started_on=date(2017, 1, 1))
            for n, person in enumerate(people)
        ),
        batch_size=2000,
    )
    levels = list(Title.Level)
    Title.objects.bulk_create(
        (Title(person=person, name="工程师", level=levels[n % len(levels)]) for n, person in enumerate(people)),
        batch_size=2000,
    )
    return people


def _persons(count: int) -> Iterator[Person]:
    chance, categories = Random(2017), list(Person.Category)
    for n in range(count):
        name = chance.choice(SURNAMES) + "".join(chance.choices(GIVEN, k=2))
        pinyin, initials = _readings(name)
        person = Person(name=name, pinyin=pinyin, initials=initials, category=categories[n % len(categories)])
        person.seal_id(id_number(n))
        yield person


_readings = cache(readings)


def _classes(count: int, units: list[Unit]) -> list[ClassApplication]:
    """Open applications, each a session of its unit's one project, opening in three weeks to seven months."""
    today, now = clock.today(), clock.now()
    plans = Plan.objects.bulk_create(
        Plan(unit=unit, year=today.year, state=Plan.State.CHECKED, first_submitted_at=now) for unit in units
    )
    projects = PlanItem.objects.bulk_create(
        PlanItem(
            plan=plan,
            unit=plan.unit,
            state=PlanItem.State.PUBLISHED,
            number=f"{today.year}-JH-{n:04d}",
            title="农产品质量安全检测技术培训班",
            sessions=count // len(units) + 1,
        )
        for n, plan in enumerate(plans)
    )
    return ClassApplication.objects.bulk_create(
        (_application(n, projects[n % len(units)], n // len(units) + 1) for n in range(count)), batch_size=1000
    )


def _application(n: int, project: PlanItem, session: int) -> ClassApplication:
    state, opens_on = STATES[n % len(STATES)], clock.today() + timedelta(days=21 + n % 200)
    filed = None if state == ClassApplication.State.DRAFT else clock.now() - timedelta(days=n % 5)
    return ClassApplication(
        project=project,
        unit=project.unit,
        session=session,
        state=state,
        title=project.title,
        number=f"{opens_on.year}-C-{n:05d}" if filed else None,
        opens_on=opens_on,
        ends_on=opens_on + timedelta(days=14),
        people=50,
        place="区农业农村综合楼",
        first_submitted_at=filed,
        submitted_at=filed,
    )


def _publish(count: int) -> None:
    """A batch of published projects of one provider more, each with two approved sessions ahead."""
    day = clock.today()
    provider = Unit.objects.create(code="BP", name="洛江区试算培训基地", is_provider=True, nature=Unit.Nature.DISTRICT)
    plan = Plan.objects.create(unit=provider, year=day.year, state=Plan.State.CHECKED, first_submitted_at=clock.now())
    batch = PlanBatch.objects.create(
        year=day.year, title="试算汇总", state=PlanBatch.State.PUBLISHED, published_on=day, document_number="试算1号"
    )
    items = PlanItem.objects.bulk_create(
        PlanItem(
            plan=plan,
            unit=provider,
            batch=batch,
            state=PlanItem.State.PUBLISHED,
            number=f"{day.year}-JH-P{n:04d}",
            title="水肥一体化技术培训班",
            people=50,
            starts_on=day,
            ends_on=day + timedelta(days=30),
        )
        for n in range(count)
    )
    approved = [_application(n, item, session) for n, item in enumerate(items) for session in (1, 2)]
    for n, each in enumerate(approved):
        each.state, each.number = ClassApplication.State.APPROVED, f"{day.year}-P-{n:05d}"
    ClassApplication.objects.bulk_create(approved, batch_size=1000)


def _fill(full: ClassApplication, people: list[Person], rows: int) -> None:
    """A timetable of half-days by five lecturers, and trainees."""
    lecturers = Lecturer.objects.bulk_create(Lecturer(unit=full.unit, name=f"试算教师{n}") for n in range(5))
    TimetableRow.objects.bulk_create(
        TimetableRow(
            application=full,
            date=full.opens_on + timedelta(days=n // 2),
            half_day=half_day,
            starts_at=starts_at,
            ends_at=ends_at,
            course=f"检测技术（{n + 1}）",
            hours=Decimal(4),
            lecturer=lecturers[n % len(lecturers)],
            room="一楼报告厅",
        )
        for n, (half_day, starts_at, ends_at) in ((n, HALF_DAYS[n % 2]) for n in range(rows))
    )
    Enrolment.objects.bulk_create(
        Enrolment(application=full, person=person, unit=full.unit, name=person.name, employer=full.unit.name)
        for person in people
    )

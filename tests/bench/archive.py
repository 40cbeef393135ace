"""`python -m tests.bench.archive [PEOPLE [CLASSES]]`: a closed year is packed, in how much memory, and how long it
takes to say what came later.

A declaration of everybody, and classes of 300 trainees with twelve signs each: the rows of a class are what fills the
memory. In a database of its own. Judged by the memory that packing adds: seconds say what the machine was doing.
"""

from __future__ import annotations

import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import django
from django.core.management import call_command

PEOPLE, CLASSES = 20_000, 50
TRAINEES, DAYS = 300, 6  # signs in and out a day
MOST = 500  # megabytes that packing may add, however many classes there are


@dataclass(frozen=True)
class Measured:
    """Cases that were packed, megabytes that packing added, seconds of packing and of looking for what came later."""

    cases: int
    added: int
    packing: float
    later: float

    def table(self) -> str:
        return "\n".join(
            f"{name:<44}{value:>10}"
            for name, value in (
                ("cases", self.cases), ("megabytes added", self.added), ("seconds, packed", f"{self.packing:.0f}"),
                ("seconds, what came later", f"{self.later:.2f}"),
            )
        )  # fmt: skip


def load(people: int, classes: int, trainees: int = TRAINEES) -> Any:
    """A closed year in an empty, migrated database; returns whoever packs it."""
    from luojiang_ce import clock
    from units.models import Person, Unit

    from .district import Size
    from .district import load as load_district

    year = clock.today().year - 1
    with clock.at(clock.now().replace(year=year, month=3, day=1)):
        district = load_district(Size(units=max(2, classes), people=max(people, trainees), classes=classes or 1))
        everybody = list(Person.objects.order_by("pk"))
        _declared(everybody[:people], list(Unit.objects.filter(is_bureau=False)), year)
        _held(everybody[:trainees], classes)
    return district.handler


def _declared(people: list[Any], units: list[Any], year: int) -> None:
    from luojiang_ce import clock
    from verification.declarations.models import Declaration

    facts = {
        "form": "remote", "title": "试算网络课程", "organiser": "试算学院", "year": year, "subject": "professional",
        "measure": "hours", "amount": Decimal(12), "state": "accepted", "first_submitted_at": clock.now(),
        "date_from": date(year, 2, 1), "date_to": date(year, 2, 20),
    }  # fmt: skip
    rows = (Declaration(person=person, unit=units[n % len(units)], **facts) for n, person in enumerate(people))
    Declaration.objects.bulk_create(rows, batch_size=1000)


def _held(people: list[Any], classes: int) -> None:
    """Approved classes in which everybody signed in and out every day."""
    from training.attendance.models import Sign
    from training.classes.models import ClassApplication, Enrolment

    Enrolment.objects.all().delete()
    ClassApplication.objects.update(state=ClassApplication.State.APPROVED)
    for application in ClassApplication.objects.order_by("pk")[:classes]:
        trainees = Enrolment.objects.bulk_create(
            Enrolment(application=application, person=each, unit=application.unit, name=each.name, employer="试算")
            for each in people
        )
        Sign.objects.bulk_create(
            (sign for trainee in trainees for sign in _signs(Sign, trainee, application.opens_on)), batch_size=1000
        )


def _signs(model: Any, trainee: Any, first: date) -> list[Any]:
    return [
        model(
            enrolment=trainee, date=first + timedelta(days=n), half_day="morning", kind=kind, time=at, source="list"
        )
        for n in range(DAYS)
        for kind, at in (("in", "08:30"), ("out", "11:30"))
    ]  # fmt: skip


def measure(handler: Any) -> Measured:
    """Pack the year, then ask what came later."""
    from luojiang_ce import clock
    from luojiang_ce.jobs.services import run
    from units.archive import services
    from units.archive.later import later_of

    year = clock.today().year - 1
    package = services.ask(year=year, actor=handler, without_open=True, anyway=True, why="量时间")
    before = _peak()
    packing = _seconds(lambda: run(package.job.pk))
    added = _peak() - before
    package.refresh_from_db()
    assert package.is_made, package.job
    return Measured(package.packed, added, packing, _seconds(lambda: later_of(year)))


def _peak() -> int:
    """Megabytes that this process has had at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _seconds(work: Callable[[], Any]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def main() -> int:
    people, classes = (*map(int, sys.argv[1:3]), *(PEOPLE, CLASSES)[len(sys.argv) - 1 :])
    with tempfile.TemporaryDirectory(prefix="luojiang-ce-bench-") as name:
        os.environ |= {"DJANGO_SETTINGS_MODULE": "tests.settings", "DATABASE_URL": f"sqlite:///{name}/bench.sqlite3"}
        django.setup()
        from django.conf import settings

        settings.VAR_DIR, settings.MEDIA_ROOT = Path(name), Path(name) / "files"
        call_command("migrate", verbosity=0)
        measured = measure(load(people, classes))
    sys.stdout.write(f"{measured.table()}\n")
    return 0 if measured.added <= MOST else 1


if __name__ == "__main__":
    sys.exit(main())

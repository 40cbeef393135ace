"""A class of two days on its first morning, with a few trainees."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any

import pytest

from luojiang_ce.clock import SHANGHAI
from tests.factories import person_in
from tests.training.attendance.phone.phones import slot_of
from tests.training.factories import class_of, enrol
from training.classes.models import ClassApplication
from training.half_days import Slot
from units.models import Person

DAY = date(2026, 5, 11)


@pytest.fixture(autouse=True)
def it_is(time_machine: Any) -> Callable[..., None]:
    """Sets the clock; it is before the first lesson."""

    def at(hour: int, minute: int = 0, second: int = 0, *, day: date = DAY) -> None:
        time_machine.move_to(datetime.combine(day, time(hour, minute, second), SHANGHAI), tick=False)

    at(8, 21)
    return at


@pytest.fixture
def course(district: Any) -> ClassApplication:
    return class_of(district.unit)


@pytest.fixture
def morning(course: ClassApplication) -> Slot:
    return slot_of(course, DAY)


@pytest.fixture
def people(district: Any, course: ClassApplication) -> list[Person]:
    found = [person_in(district.neighbour_unit, name) for name in ("温知故", "李晓红")]
    for person in found:
        enrol(course, person)
    return found

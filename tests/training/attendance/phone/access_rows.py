"""Trainees sign without an account; the screen and the requests are the provider's."""

from __future__ import annotations

from datetime import time
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from luojiang_ce import clock
from tests.conftest import District
from tests.luojiang_ce.access.matrix import CLERKS, DISTRICT_WIDE, EVERYONE, OWN_UNIT, REVIEWERS, Row
from tests.training.attendance.phone.cases import a_request
from tests.training.factories import class_of
from training.attendance.phone.screen import address_of
from training.attendance.timetable import slots_of_class
from training.classes.models import ClassApplication, TimetableRow


def _class(district: District) -> ClassApplication:
    """With one half-day, from the beginning of today to its end."""
    course = class_of(district.unit, opens_on=clock.today(), days=1, half_days=())
    facts = {"course": "检测技术", "hours": Decimal(4), "starts_at": time(0, 1), "ends_at": time(23, 58)}
    TimetableRow.objects.create(application=course, date=clock.today(), half_day="morning", **facts)
    return course


def a_class(district: District) -> list[Any]:
    return [_class(district).pk]


def a_half_day(district: District) -> list[Any]:
    return [_class(district).pk, clock.today(), "morning"]


def a_code(district: District) -> list[Any]:
    """What the screen shows now."""
    course = _class(district)
    address = urlsplit(address_of(course, slots_of_class(course)[0], "in", clock.now())).path
    return [course.pk, address.split("/")[-2]]


def a_sign(district: District) -> list[Any]:
    return [_class(district).pk, clock.today(), "morning", "out"]


def asked(district: District) -> list[Any]:
    return [a_request(district).pk]


ROWS = [
    Row("phone:scan", EVERYONE, a_code, public=True),
    Row("phone:sign", EVERYONE, a_class, method="post", status=422, public=True),
    # A phone that nobody has signed with sees nothing of any class.
    Row("phone:mine", EVERYONE, a_class, status=422, public=True),
    Row("phone:ask", EVERYONE, a_sign, status=422, public=True),
    Row("phone:screen", OWN_UNIT, a_half_day),
    Row("phone:list", CLERKS | DISTRICT_WIDE | REVIEWERS),
    Row("phone:export", CLERKS | DISTRICT_WIDE | REVIEWERS),
    Row("phone:correctionrequest", OWN_UNIT | DISTRICT_WIDE, asked),
]

"""Links are kept by the clerks of the unit that holds the class; what one opens is for whoever has its address."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from uuid import uuid4

from luojiang_ce import clock
from tests.conftest import District
from tests.factories import person_in
from tests.luojiang_ce.access.matrix import EVERYONE, OWN_UNIT, Row
from tests.training.attendance.teacher.links import link_of, tick
from tests.training.factories import class_of, enrol
from training.attendance.teacher.models import TeacherLink
from training.attendance.teacher.taking import take


def _link(district: District) -> tuple[TeacherLink, str]:
    """Of a class that began yesterday: somebody is there, somebody is not, a tick was refused."""
    today = clock.today()
    course = class_of(district.unit, opens_on=today - timedelta(days=1), half_days=("morning", "afternoon"))
    people = [enrol(course, person_in(district.neighbour_unit, name)) for name in ("王小明", "李晓红", "陈大文")]
    link, token = link_of(course, district.owner)
    then = datetime.combine(today - timedelta(days=1), time(8, 25), clock.SHANGHAI)
    for person, when in ((people[0], then), (people[1], then - timedelta(days=1))):
        take(link=link, ticks=[tick(person, when, client_id=uuid4(), date=then.date())])
    return link, token


def a_class(district: District) -> list[Any]:
    return [_link(district)[0].application_id]


def a_link(district: District) -> list[Any]:
    link, _ = _link(district)
    return [link.application_id, link.pk]


def a_token(district: District) -> list[Any]:
    return [_link(district)[1]]


def a_half_day(district: District) -> list[Any]:
    link, token = _link(district)
    return [token, link.application.opens_on, "morning"]


def an_ended_token(district: District) -> list[Any]:
    link, token = _link(district)
    TeacherLink.objects.filter(pk=link.pk).update(revoked_at=clock.now(), revoked_by=district.owner)
    return [token]


ROWS = [
    Row("teacher:links", OWN_UNIT, a_class),
    Row("teacher:links", OWN_UNIT, a_class, method="post", data={"holder": "温如故"}),
    Row("teacher:revoke", OWN_UNIT, a_link, method="post", status=302),
    Row("teacher:today", EVERYONE, a_token, public=True),
    Row("teacher:today", EVERYONE, an_ended_token, status=410, public=True),
    Row("teacher:half_day", EVERYONE, a_half_day, public=True),
    Row("teacher:half_day", EVERYONE, a_half_day, method="post", status=302, public=True),
    Row("teacher:screen", EVERYONE, a_half_day, public=True),
    Row("teacher:live", EVERYONE, a_half_day, public=True),
    Row("teacher:worker", EVERYONE, a_token, public=True),
    Row("teacher:send", EVERYONE, a_token, method="post", data={"ticks": "x"}, status=400, public=True),
]

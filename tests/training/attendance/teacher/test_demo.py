"""The demo's links: one opens, one was revoked; a tick is there to look at where a half-day is over."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from tests.factories import person_in
from tests.training.attendance.teacher.links import DAY, at
from tests.training.factories import class_of, enrol
from training.attendance.teacher.demo import build
from training.attendance.teacher.models import TeacherLink, TeacherTick


@pytest.mark.parametrize(("days_on", "refused"), [(-1, 0), (0, 0), (1, 1)])
def test_it_opens_before_on_and_after_the_first_day(client, district, time_machine, days_on, refused):
    time_machine.move_to(at(9, 30, DAY + timedelta(days=days_on)), tick=False)
    enrol(class_of(district.unit), person_in(district.neighbour_unit))
    address = urlsplit(build()).path
    assert client.get(address).status_code == 200
    assert [bool(link.revoked_at) for link in TeacherLink.objects.all()] == [True, False]
    assert TeacherTick.objects.filter(outcome="refused").count() == refused
    assert build() == "演示班主任链接已有，未改动"

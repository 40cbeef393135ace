"""Two at the same moment: one reminder a day, one place for one person, one line for each."""

from __future__ import annotations

from datetime import timedelta

import pytest

from luojiang_ce import clock
from luojiang_ce.notices.models import Notice
from tests.conftest import in_parallel
from tests.factories import person_in
from tests.training.factories import class_of
from tests.verification.ledger.entries import a_source, hours, posted
from training.classes.models import Enrolment, Waiting
from verification.shortfalls import overview, services
from verification.shortfalls.models import Reminder, StandingLine

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.real_services]


def test_two_officers_remind_one_unit(district):
    year = clock.today().year
    posted(a_source(), district.handler, hours(person_in(district.unit), "44", year))
    actors = (district.handler, district.approver)
    done = in_parallel([lambda by=by: services.remind(units=[district.unit], year=year, actor=by) for by in actors])
    assert sorted(len(each.sent) for each in done) == [0, 1]
    assert sorted(len(each.today_already) for each in done) == [0, 1]
    assert (Reminder.objects.count(), Notice.objects.filter(title__startswith="催办").count()) == (1, 2)


def test_two_clerks_want_the_last_place(district):
    course = class_of(district.unit, opens_on=clock.today() + timedelta(days=7), people=1)
    sides = ((district.owner, district.unit), (district.neighbour, district.neighbour_unit))
    people = [person_in(unit) for _, unit in sides]
    picks = [{course.pk: [person.pk]} for person in people]
    done = in_parallel(
        [
            lambda by=by, pick=pick: services.enrol(picks=pick, actor=by, late_reason="")
            for (by, _), pick in zip(sides, picks, strict=True)
        ]
    )
    assert sorted((each.places, each.in_line) for each in done) == [(0, 1), (1, 0)]
    assert (Enrolment.objects.count(), Waiting.objects.count()) == (1, 1)


def test_two_workers_count_the_same_people(district):
    year = clock.today().year
    for _ in range(3):
        person_in(district.unit)
    assert in_parallel([lambda: overview.count_all(year)] * 2) == [3, 3]
    assert StandingLine.objects.count() == 3

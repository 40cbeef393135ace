"""What a row notes of its own making is the clock's, which drills and the demo's past set."""

from __future__ import annotations

from datetime import datetime

from luojiang_ce import clock
from tests.factories import person_in
from tests.training.classes.factories import a_lecturer, an_application, enrolled
from training.classes.models import ClassApplication

LONG_AGO = datetime(2025, 3, 2, 9, 30, tzinfo=clock.SHANGHAI)


def test_trainees_and_lecturers_are_added_when_the_clock_says(district):
    with clock.at(LONG_AGO):
        application = an_application(district.unit, ClassApplication.State.APPROVED)
        trainee, lecturer = enrolled(application, person_in(district.unit)), a_lecturer(district.unit)
    assert (trainee.added_at, lecturer.created_at) == (LONG_AGO, LONG_AGO)

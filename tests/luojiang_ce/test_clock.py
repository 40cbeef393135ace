"""One clock, in Beijing's time."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.apps import apps

from luojiang_ce import clock
from luojiang_ce.jobs.models import Job
from tests.factories import AccountFactory, UnitFactory, person_in


def test_midnight_in_beijing_is_a_new_day_while_the_server_still_has_yesterday():
    with time_machine.travel(datetime(2026, 2, 28, 16, 0, tzinfo=UTC), tick=False):
        assert clock.today() == date(2026, 3, 1)
    with time_machine.travel(datetime(2026, 2, 28, 15, 59, 59, tzinfo=UTC), tick=False):
        assert clock.today() == date(2026, 2, 28)


def test_a_set_clock_is_put_back():
    with clock.at(datetime(2020, 1, 1, tzinfo=UTC)):
        assert clock.today() == date(2020, 1, 1)
    assert clock.today().year > 2020


@pytest.mark.django_db
def test_what_is_written_under_a_set_clock_bears_its_time(district):
    moment = datetime(2020, 1, 1, 9, tzinfo=clock.SHANGHAI)
    with clock.at(moment):
        unit, account, person = UnitFactory(), AccountFactory(), person_in(district.unit)
        job = Job.objects.create(kind="x", title="x")
    assert {row.created_at for row in (unit, account, person, job)} == {moment}


def test_no_model_takes_its_time_from_elsewhere():
    """`auto_now` stays: it tells two people who edit at once apart, and is no date of the procedure."""
    ours = ("luojiang_ce", "units", "training", "verification")
    fields = [field for model in apps.get_models() if model.__module__.startswith(ours) for field in model._meta.fields]
    assert [str(field) for field in fields if getattr(field, "auto_now_add", False)] == []

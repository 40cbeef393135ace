"""The broker is stopped during fifty submissions: all are accepted, every notice is delivered once after it is back.

With a real Redis, a real mail server, and worker and beat as processes of their own.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from celery import Celery
from django.db import connection

from luojiang_ce import clock
from luojiang_ce.access import Role
from luojiang_ce.jobs import services
from luojiang_ce.jobs.models import TaskRun
from luojiang_ce.notices.models import Delivery
from luojiang_ce.notices.services import SEND_TASK
from luojiang_ce.workflow.engine import fire
from tests.conftest import District
from tests.factories import UnitFactory, account_with
from tests.processes import environment, worker_and_beat
from tests.training.plans.factories import a_plan, an_item, with_scheme
from training.plans.models import Plan

pytestmark = [pytest.mark.thorough, pytest.mark.real_services, pytest.mark.django_db(transaction=True)]
NUMBER = 50
State = Delivery.State


def a_filing(number: int) -> tuple[Plan, Any]:
    """A plan ready to be filed, and its clerk."""
    unit = UnitFactory(name=f"洛江区第{number}农业技术推广站", is_provider=True)
    clerk = account_with(Role.UNIT_CLERK, unit)
    plan = a_plan(unit)
    an_item(plan)
    return with_scheme(plan, clerk), clerk


def submit(filings: list[tuple[Plan, Any]]) -> None:
    with clock.at(datetime(2026, 2, 25, 9, 0, tzinfo=clock.SHANGHAI)):
        for plan, clerk in filings:
            fire(plan, "submit", actor=clerk)


def test_nothing_is_refused_and_nothing_is_lost(
    post_office: Any, redis: Any, district: District, settings: Any, monkeypatch: Any, tmp_path: Path
) -> None:
    district.handler.email = "handler@example.org"
    district.handler.save()
    app = Celery("test", broker=redis.url, set_as_current=False)
    app.conf.broker_transport_options = settings.BROKER_PATIENCE
    monkeypatch.setattr(services, "current_app", app)
    filings = [a_filing(number) for number in range(NUMBER + 1)]

    server = redis()
    submit(filings[:1])  # the bell is heard, and the connection is one that breaks
    server.terminate()
    server.wait()
    submit(filings[1:])
    assert set(Plan.objects.values_list("state", flat=True)) == {Plan.State.SUBMITTED}
    assert Delivery.objects.filter(state=State.WAITING).count() == NUMBER + 1

    redis()
    env = environment(connection, tmp_path, "tests.luojiang_ce.jobs.quick_settings")
    mail = f"smtp://127.0.0.1:{settings.EMAIL_PORT}"
    with worker_and_beat({**env, "BROKER_URL": redis.url, "EMAIL_URL": mail}) as running:
        running.until(lambda: not Delivery.objects.exclude(state=State.SENT).exists())
        done = clock.now()
        running.until(lambda: TaskRun.objects.filter(task=SEND_TASK, quiet=True, started_at__gt=done).exists())
    assert len({mail["subject"] for mail in post_office.taken}) == len(post_office.taken) == NUMBER + 1
    assert {mail["to"] for mail in post_office.taken} == {"handler@example.org"}

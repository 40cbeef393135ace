"""A job is held as long as its process lives and works, and no longer: by a lease that is renewed beside the work."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from luojiang_ce import clock
from luojiang_ce.jobs import alive, services
from luojiang_ce.jobs.models import Job
from luojiang_ce.jobs.services import LEASE, enqueue, register_job, run, sweep
from luojiang_ce.schedule import SCHEDULE

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.real_services]
SECOND = timedelta(seconds=1)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lease of a second, renewed ten times in it."""
    monkeypatch.setattr(services, "_handlers", {})
    monkeypatch.setattr(services, "LEASE", SECOND)
    monkeypatch.setattr(alive, "BEAT", 0.1)


def leases_during(job: Job, seconds: float) -> list[Any]:
    found = []
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        found.append(Job.objects.values_list("leased_until", flat=True).get(pk=job.pk))
        time.sleep(0.2)
    return found


def test_work_that_reports_nothing_for_longer_than_a_lease_is_not_given_away(quick: None, district: Any) -> None:
    taken_up: list[int] = []

    def handler(job: Job, progress: Any) -> tuple[str, str]:
        leases_during(job, 2)
        taken_up.extend(sweep())
        return "办完了", ""

    register_job("long", handler)
    job = enqueue("long", title="导出", owner=district.owner)
    assert run(job.pk)
    job.refresh_from_db()
    assert (taken_up, job.state, job.attempts) == ([], "done", 1)


def test_what_hangs_is_given_away(quick: None, district: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "QUIET", timedelta(seconds=0.3))
    leases: list[Any] = []

    def handler(job: Job, progress: Any) -> tuple[str, str]:
        leases.extend(leases_during(job, 1.2))
        return "", ""

    register_job("hanging", handler)
    run(enqueue("hanging", title="导出", owner=district.owner).pk)
    assert leases[-1] == leases[-3], "no longer renewed"


def test_a_killed_workers_job_is_taken_up_within_a_minute(district: Any) -> None:
    """Its lease, and the sweep that comes after it."""
    every = next(when for _, task, when in SCHEDULE.values() if task == "luojiang_ce.jobs.tasks.sweep_jobs")
    assert LEASE + timedelta(seconds=every) < timedelta(minutes=1)
    assert LEASE.total_seconds() > alive.BEAT * 3, "one that was missed ends no lease"


@pytest.mark.parametrize(("back", "taken"), [(timedelta(seconds=30), False), (timedelta(hours=2), True)])
def test_a_clock_that_is_set_back_holds_no_job_for_hours(
    quick: None, district: Any, monkeypatch: pytest.MonkeyPatch, back: timedelta, taken: bool
) -> None:
    """Clocks of two machines differ by seconds; by hours only one that was set."""
    monkeypatch.setattr(services, "LEASE", LEASE)
    register_job("test", lambda job, progress: ("", ""))
    job = enqueue("test", title="导出", owner=district.owner)
    services._take(job.pk)  # whose worker is killed
    with time_machine.travel(clock.now() - back):
        assert sweep() == ([job.pk] if taken else [])

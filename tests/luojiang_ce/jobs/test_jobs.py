"""Long work survives a dead broker, a killed worker and two workers at once."""

from __future__ import annotations

import errno
import threading
from datetime import timedelta

import pytest
from celery import current_app
from django.db import connection, transaction
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.jobs import services
from luojiang_ce.jobs.models import Job
from luojiang_ce.jobs.services import (
    GIVEN_UP,
    LEASE,
    MAX_ATTEMPTS,
    OUTAGE,
    JobFailed,
    LeaseLost,
    TooManyWaiting,
    ask_for,
    enqueue,
    register_job,
    run,
    sweep,
)
from tests.training.plans.factories import a_plan
from tests.units.views.helpers import browser
from verification.shortfalls import overview


@pytest.fixture
def work(monkeypatch):
    """A kind of work whose runs are counted and whose behaviour the test decides."""
    done = []

    def handler(job, progress):
        done.append(job.pk)
        progress(1, 2)
        outcome = job.args.get("outcome", "done")
        if outcome == "refuse":
            raise JobFailed("花名册已被删除")
        if outcome == "break":
            raise RuntimeError("a fault of ours")
        if outcome == "no room":
            raise OSError(errno.ENOSPC, "No space left on device")
        return "办完了", "/done/"

    monkeypatch.setattr(services, "_handlers", {})
    register_job("test", handler)
    return done


@pytest.fixture
def queued(district, work):
    return enqueue("test", title="导出名册", owner=district.owner)


def test_a_job_is_done_once(queued, work):
    assert [run(queued.pk), run(queued.pk)] == [True, False]
    queued.refresh_from_db()
    assert (queued.state, queued.message, queued.result_url) == ("done", "办完了", "/done/")
    assert (queued.done, queued.total) == (1, 2)
    assert work == [queued.pk]


def test_a_job_that_cannot_go_on_says_why_and_is_not_tried_again(district, work):
    job = enqueue("test", title="x", owner=district.owner, args={"outcome": "refuse"})
    run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.message) == ("failed", "花名册已被删除")
    assert sweep() == []


def test_a_job_that_breaks_is_tried_again_and_given_up(district, work):
    job = enqueue("test", title="x", owner=district.owner, args={"outcome": "break"})
    for _ in range(MAX_ATTEMPTS):
        assert sweep() == [job.pk]
    job.refresh_from_db()
    assert job.state == "failed"
    assert "联系系统管理员" in job.message
    assert sweep() == []


def test_a_full_disk_is_no_attempt_for_a_day(district, work):
    job = enqueue("test", title="x", owner=district.owner, args={"outcome": "no room"})
    for _ in range(MAX_ATTEMPTS * 2):
        assert sweep() == [job.pk]
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("queued", 0)
    Job.objects.update(created_at=clock.now() - OUTAGE - timedelta(minutes=1))
    for _ in range(MAX_ATTEMPTS):
        assert sweep() == [job.pk]
    job.refresh_from_db()
    assert (job.state, job.message) == ("failed", GIVEN_UP)


def test_a_killed_workers_job_is_taken_up_when_its_lease_is_over(queued):
    services._take(queued.pk)  # the worker that took it is killed here
    assert sweep() == []
    Job.objects.filter(pk=queued.pk).update(leased_until=clock.now() - timedelta(seconds=1))
    assert sweep() == [queued.pk]


def lose(job: Job) -> None:
    """The lease runs out."""
    Job.objects.filter(pk=job.pk).update(leased_until=clock.now() - timedelta(seconds=1))


def test_a_job_that_kills_its_worker_every_time_is_given_up(queued, work):
    for _ in range(MAX_ATTEMPTS):
        assert services._take(queued.pk)  # the worker that took it is killed here
        lose(queued)
    assert services._take(queued.pk) is None
    assert sweep() == []
    queued.refresh_from_db()
    assert (queued.state, queued.attempts) == ("failed", MAX_ATTEMPTS)
    assert "联系系统管理员" in queued.message
    assert work == []


class TestASlowWorker:
    """It lost its lease, another worker has the job: what it still does must not be seen."""

    @pytest.fixture
    def slow(self, queued):
        slow = services._take(queued.pk)
        lose(queued)
        return slow

    def test_its_result_does_not_overwrite_the_others(self, slow, queued):
        run(queued.pk)
        services._end(slow, Job.State.FAILED, "迟到的结果")
        queued.refresh_from_db()
        assert (queued.state, queued.message) == ("done", "办完了")

    def test_it_neither_gives_the_job_back_nor_renews_the_lease(self, slow, queued):
        quick = services._take(queued.pk)
        services._give_back(slow, counts=True)
        with pytest.raises(LeaseLost):
            services.report(slow, 1, 2)
        queued.refresh_from_db()
        assert (queued.state, queued.attempts, queued.done) == ("running", quick.attempts, 0)

    def test_it_stops_at_its_next_report(self, district, work, monkeypatch):
        def handler(job, progress):
            lose(job)
            services._take(job.pk)
            progress(1, 2)
            work.append("went on")
            return "", ""

        register_job("slow", handler)
        job = enqueue("slow", title="x", owner=district.owner)
        assert run(job.pk)
        job.refresh_from_db()
        assert (job.state, job.attempts, work) == ("running", 2, [])


def test_progress_renews_the_lease(queued):
    job = services._take(queued.pk)
    Job.objects.filter(pk=job.pk).update(leased_until=clock.now())
    services.report(job, 5, 10)
    job.refresh_from_db()
    assert job.leased_until > clock.now() + LEASE / 2


def test_a_dead_broker_delays_but_fails_nothing(district, work, monkeypatch, django_capture_on_commit_callbacks):
    monkeypatch.setattr(current_app, "send_task", lambda *a, **k: (_ for _ in ()).throw(ConnectionError("no broker")))
    with django_capture_on_commit_callbacks(execute=True):
        job = enqueue("test", title="x", owner=district.owner)
    assert sweep() == [job.pk]


def test_the_bell_rings_a_task_that_exists():
    current_app.loader.import_default_modules()  # as a worker does when it starts
    assert services.RUN_TASK in current_app.tasks


def test_a_rolled_back_act_leaves_no_job(district, work):
    with transaction.atomic():
        enqueue("test", title="x", owner=district.owner)
        transaction.set_rollback(True)
    assert not Job.objects.exists()


def test_only_the_owner_sees_a_job(client, queued, district):
    address = f"/jobs/{queued.uid}/"
    for account, status in ((district.owner, 200), (district.colleague, 404), (district.neighbour, 404)):
        client.force_login(account)
        assert client.get(address).status_code == status


@pytest.mark.real_services
@pytest.mark.django_db(transaction=True)
def test_of_two_workers_one_gets_the_job(district, work):
    job = enqueue("test", title="x", owner=district.owner)
    results, start = [], threading.Barrier(4)

    def worker():
        start.wait()
        results.append(run(job.pk))
        connection.close()

    threads = [threading.Thread(target=worker) for _ in range(4)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    assert sorted(results) == [False, False, False, True]
    assert work == [job.pk]


class TestAskingAgain:
    def ask(self, district, **args):
        return ask_for("test", title="导出名册", owner=district.owner, args=args)

    def test_the_same_is_asked_for_once_until_it_has_begun(self, district, work):
        assert self.ask(district, year=2026) == self.ask(district, year=2026)
        run(Job.objects.get().pk)
        self.ask(district, year=2026)
        assert Job.objects.count() == 2

    def test_nobody_keeps_the_worker_from_the_others(self, district, work):
        for year in range(services.MOST_WAITING):
            self.ask(district, year=year)
        with pytest.raises(TooManyWaiting, match="10 个同类任务还在排队，“导出名册”没有再排"):
            self.ask(district, year=2026)
        assert Job.objects.count() == services.MOST_WAITING
        ask_for("test", title="导出名册", owner=district.colleague, args={"year": 2026})
        sweep()
        assert self.ask(district, year=2026)

    def test_the_page_says_so(self, district):
        client = browser(district.owner)
        kind, year = overview.KIND, clock.today().year
        for number in range(services.MOST_WAITING):
            enqueue(kind, title="计算", owner=district.owner, args={"number": number})
        address = reverse("shortfalls:count")
        answer = client.post(address, {"unit": district.unit.pk, "year": year}, follow=True)
        assert answer.redirect_chain[-1][0] == reverse("jobs:list")
        assert "同类任务还在排队" in answer.content.decode()
        assert Job.objects.count() == services.MOST_WAITING


def test_work_on_a_case_leads_back_to_it_and_on_to_its_result(client, district, work):
    plan = a_plan(district.unit)
    job = enqueue("test", title="试算", owner=district.owner, case=plan)
    client.force_login(district.owner)
    url = reverse("jobs:progress", args=[job.uid])
    page = client.get(url).content.decode()
    assert f'<a href="{plan.get_absolute_url()}">{plan}</a> / <span>试算</span>' in page
    run(job.pk)
    watched = client.get(url, headers={"HX-Request": "true"})
    assert (watched.status_code, 'href="/done/" data-go-on' in watched.content.decode()) == (286, True)
    later = client.get(url).content.decode()  # come back to, it stays
    assert "data-go-on" not in later
    assert f"返回{plan}" in later

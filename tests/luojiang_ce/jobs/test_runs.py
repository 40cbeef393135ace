"""Runs of scheduled tasks on record, the heartbeat, its banner, check_worker (product.md S1, S6)."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.jobs import heartbeat
from luojiang_ce.jobs.models import TaskRun
from luojiang_ce.jobs.recording import STARTED, record_run, scheduled
from luojiang_ce.jobs.tasks import purge_runs, run_job
from tests.conftest import District, in_parallel
from tests.processes import environment
from units.lapses.tasks import record_lapses

pytestmark = pytest.mark.django_db
LAPSES = "units.lapses.tasks.record_lapses"
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=clock.SHANGHAI)
BANNER = "后台程序没有在运行"


def everything_ran(when: datetime = NOW) -> None:
    TaskRun.objects.bulk_create(TaskRun(task=task, started_at=when, ended_at=when, quiet=True) for task in scheduled())


def test_a_fresh_worker_knows_every_scheduled_task(tmp_path: Path) -> None:
    """In a process of its own: here the tests themselves have imported what a worker might miss."""
    ask = "from luojiang_ce.celery import app; app.loader.import_default_modules(); print(*app.tasks, sep='\\n')"
    command = [sys.executable, "-c", ask]
    env = environment(connection, tmp_path)
    known = subprocess.run(command, env=env, cwd=settings.BASE_DIR, capture_output=True, text=True, check=True)
    assert set(scheduled()) <= set(known.stdout.split())


def test_a_scheduled_task_is_recorded_when_called() -> None:
    record_lapses()
    assert TaskRun.objects.get().task == LAPSES


def test_a_task_outside_the_schedule_is_not_recorded() -> None:
    run_job(0)
    assert not TaskRun.objects.exists()


def test_what_was_done_is_kept_and_nothing_shares_one_row() -> None:
    for answer in ("登记逾期 2 件", "", 0, [1, 2], ""):
        record_run(LAPSES, lambda answer=answer: answer)
    assert sorted(TaskRun.objects.values_list("did", "quiet")) == [
        ("", True),
        ("2 项", False),
        ("登记逾期 2 件", False),
    ]


def test_a_failure_is_kept_without_its_words_even_if_the_work_is_rolled_back() -> None:
    def work() -> None:
        with transaction.atomic():
            TaskRun.objects.create(task="x", started_at=NOW, ended_at=NOW)
            raise ValueError("350504199001011234")

    with pytest.raises(ValueError, match="3505"):
        record_run(LAPSES, work)
    assert TaskRun.objects.get().error == "ValueError，详见服务器日志"


@pytest.mark.real_services
@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_leave_true_records() -> None:
    """Each that did something has its own record; of those that found nothing, one stands for both."""
    for answer, left in (("", 1), ("登记逾期 2 件", 3)):
        in_parallel([lambda answer=answer: record_run(LAPSES, lambda: answer)] * 2)
        assert TaskRun.objects.count() == left
    assert all(run.started_at <= run.ended_at for run in TaskRun.objects.all())


def test_the_heartbeat_is_looked_up_once_in_half_a_minute(client, district: District, monkeypatch) -> None:
    monkeypatch.setattr(heartbeat, "LOOK_EVERY", 30)
    client.force_login(district.handler)
    looked = []
    with time_machine.travel(NOW, tick=False) as now:
        everything_ran()
        for seconds in (0, 1, 28, 2):
            now.shift(seconds)
            with CaptureQueriesContext(connection) as captured:
                client.get(reverse("jobs:list"))
            looked.append(sum("jobs_taskrun" in query["sql"] for query in captured))
    assert looked == [1, 0, 0, 1]


def test_every_scheduled_task_says_what_it_is_for(client, district: District) -> None:
    client.force_login(district.handler)
    page = client.get(reverse("jobs:runs")).content.decode()
    assert all(purpose and purpose in page for purpose, _, _ in settings.SCHEDULE.values())


@pytest.mark.parametrize(("seconds", "words"), [(0.4, "不到 1 秒"), (12, "12 秒"), (185, "3 分 5 秒")])
def test_a_run_says_how_long_it_took(client, district: District, seconds: float, words: str) -> None:
    TaskRun.objects.create(task=LAPSES, started_at=NOW, ended_at=NOW + timedelta(seconds=seconds), did="x")
    client.force_login(district.handler)
    assert words in client.get(reverse("jobs:task_runs", args=[LAPSES])).content.decode()


def test_old_runs_go() -> None:
    with clock.at(NOW):
        for days in (401, 399):
            then = NOW - timedelta(days=days)
            TaskRun.objects.create(task=LAPSES, started_at=then, ended_at=then, did="x")
        purge_runs()
        assert TaskRun.objects.filter(task=LAPSES).count() == 1


@pytest.mark.parametrize(("minutes", "silent"), [(4, False), (6, True)])
def test_silence_begins_after_five_minutes(client, district: District, minutes: int, silent: bool) -> None:
    everything_ran(NOW - timedelta(minutes=minutes))
    with clock.at(NOW):
        for person, told in ((district.handler, silent), (district.approver, silent), (district.owner, False)):
            client.force_login(person)
            assert (BANNER in client.get(reverse("jobs:list")).content.decode()) is told


def test_a_worker_that_has_just_begun_is_late_with_nothing() -> None:
    TaskRun.objects.create(task=STARTED, started_at=NOW, ended_at=NOW, did="后台程序已启动")
    with clock.at(NOW + timedelta(seconds=50)):
        assert [each.name for each in heartbeat.standings() if each.late] == []
    with clock.at(NOW + timedelta(minutes=40)):
        late = {each.task for each in heartbeat.standings() if each.late}
        assert LAPSES in late
        assert late < {each.task for each in heartbeat.standings()}


def test_runs_of_a_clock_that_was_ahead_hide_nothing_once_it_is_right() -> None:
    """They stay on record for a year. A row that several runs share is right again after the next of them."""
    ahead = NOW + timedelta(days=300)
    TaskRun.objects.bulk_create(
        TaskRun(task=task, started_at=ahead, ended_at=ahead, did="1 项") for task in (*scheduled(), STARTED)
    )
    with clock.at(NOW):
        assert heartbeat.last_heartbeat() is heartbeat.last_ended(LAPSES) is None
        everything_ran()
        assert heartbeat.last_heartbeat() == heartbeat.last_ended(LAPSES) == NOW
        call_command("check_worker", stdout=StringIO())
    with clock.at(NOW + timedelta(hours=1)):
        assert heartbeat.is_silent(heartbeat.last_heartbeat())
        assert LAPSES in {each.task for each in heartbeat.standings() if each.late}
        with pytest.raises(CommandError, match="登记逾期：没有按时运行"):
            call_command("check_worker", stdout=StringIO())


def test_check_worker(capsys) -> None:
    with clock.at(NOW):
        with pytest.raises(CommandError, match="从未运行") as never:
            call_command("check_worker")
        assert never.value.returncode == 1
        everything_ran()
        call_command("check_worker")
        assert "正常" in capsys.readouterr().out
        TaskRun.objects.filter(task=LAPSES).update(ended_at=NOW - timedelta(hours=1))
        with pytest.raises(CommandError, match="登记逾期：没有按时运行（每 10 分钟）"):
            call_command("check_worker")
        TaskRun.objects.create(task=LAPSES, started_at=NOW, ended_at=NOW, error="ValueError，详见服务器日志")
        with pytest.raises(CommandError, match="登记逾期：上次出错"):
            call_command("check_worker")


def test_the_page_puts_trouble_first_and_asks_no_more_for_many_runs(
    client, district, django_assert_max_num_queries
) -> None:
    client.force_login(district.handler)
    counted = []
    with clock.at(NOW):
        everything_ran()
        for number in (3, 30):
            TaskRun.objects.bulk_create(
                TaskRun(task=LAPSES, started_at=NOW, ended_at=NOW, did=f"{n} 件") for n in range(number)
            )
            with django_assert_max_num_queries(12) as captured:
                page = client.get(reverse("jobs:runs"))
            counted.append(len(captured))
        assert counted[0] == counted[1]
        TaskRun.objects.create(task=LAPSES, started_at=NOW, ended_at=NOW + timedelta(seconds=1), error="ValueError")
        page = client.get(reverse("jobs:runs"))
        assert page.context["standings"][0].name == "登记逾期"
        assert client.get(reverse("jobs:task_runs", args=[LAPSES])).status_code == 200


def test_the_schedule_is_in_beijing_time_and_says_so_in_words() -> None:
    assert settings.CELERY_TIMEZONE == "Asia/Shanghai"
    words = {standing.name: standing.schedule for standing in heartbeat.standings()}
    assert (words["登记逾期"], words["提醒快到期的事"]) == ("每 10 分钟", "7–21 时，每 30 分钟")


def test_after_a_pause_nothing_is_late_before_its_time() -> None:
    everything_ran(NOW - timedelta(days=3))
    TaskRun.objects.create(task=STARTED, started_at=NOW, ended_at=NOW, did="后台程序已启动")
    with clock.at(NOW + timedelta(seconds=50)):
        assert [each.name for each in heartbeat.standings() if each.late] == []
        call_command("check_worker", stdout=StringIO())
    with clock.at(NOW + timedelta(minutes=40)), pytest.raises(CommandError):
        call_command("check_worker", stdout=StringIO())

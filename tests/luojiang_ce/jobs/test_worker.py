"""The worker and its clock as processes of their own, started as deploy/Procfile starts them, and killed."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from luojiang_ce.jobs.models import Job, TaskRun
from luojiang_ce.jobs.services import enqueue
from tests.conftest import District
from tests.luojiang_ce.jobs import quick_settings
from tests.processes import environment
from units import audit

pytestmark = [pytest.mark.real_services, pytest.mark.django_db(transaction=True)]
TASKS = {"luojiang_ce.jobs.tasks.sweep_jobs", "luojiang_ce.notices.tasks.send_waiting"}
PATIENCE = 60  # seconds; it takes three or four


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    return environment(connection, tmp_path, "tests.luojiang_ce.jobs.quick_settings")


@pytest.fixture
def processes(env: dict[str, str]) -> Iterator[Callable[[], None]]:
    """Worker and beat run; what is given kills both at once, as a power cut does."""
    running = [
        subprocess.Popen(command, env=env, cwd=settings.BASE_DIR, start_new_session=True)
        for command in (_command("worker"), _command("beat"))
    ]

    def kill() -> None:
        for process in running:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    yield kill
    kill()


def _command(name: str) -> list[str]:
    lines = (Path(settings.BASE_DIR) / "deploy" / "Procfile").read_text().splitlines()
    line = next(line for line in lines if line.startswith(f"{name}:"))
    program, *options = shlex.split(line.partition(":")[2])
    assert program.endswith("/celery")
    return [sys.executable, "-m", "celery", *options]


def wait_for(what: Callable[[], Any]) -> None:
    until = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < until, "it never came"
        time.sleep(0.2)


def complaints() -> str:
    """What check_worker complains about; nothing where all is well."""
    try:
        call_command("check_worker", stdout=StringIO())
    except CommandError as trouble:
        return str(trouble)
    return ""


def test_what_the_worker_does_is_on_record_and_its_death_is_noticed(
    env: dict[str, str], processes: Callable[[], None], district: District, settings: Any
) -> None:
    settings.CELERY_BEAT_SCHEDULE = quick_settings.CELERY_BEAT_SCHEDULE
    settings.WORKER_SILENCE = quick_settings.WORKER_SILENCE
    job = enqueue(audit.CHECK, title="查验操作记录是否被改动", owner=district.audit_admin)
    wait_for(lambda: set(TaskRun.objects.values_list("task", flat=True)) >= TASKS)
    wait_for(lambda: Job.objects.get(pk=job.pk).state == Job.State.DONE)
    assert TaskRun.objects.filter(task="worker", did="后台程序已启动").count() == 1
    swept = TaskRun.objects.filter(task="luojiang_ce.jobs.tasks.sweep_jobs", quiet=False)
    assert [run.did for run in swept] == ["1 项"]
    assert all(run.started_at <= run.ended_at for run in TaskRun.objects.all())
    wait_for(lambda: not complaints())
    processes()
    wait_for(lambda: "没有按时运行（每 1 秒）" in complaints())
    command = [sys.executable, "manage.py", "check_worker"]
    asked = subprocess.run(command, env=env, cwd=settings.BASE_DIR, capture_output=True, text=True, check=False)
    assert asked.returncode == 1
    assert "没有按时运行" in asked.stderr

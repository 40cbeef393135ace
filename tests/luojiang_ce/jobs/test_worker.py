"""The worker and its clock as processes of their own, started as deploy/Procfile starts them, and killed."""

from __future__ import annotations

import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from luojiang_ce.jobs import services
from luojiang_ce.jobs.models import Job, TaskRun
from luojiang_ce.jobs.services import enqueue
from tests.conftest import District
from tests.luojiang_ce.jobs import quick_settings
from tests.processes import environment, wait_for, worker_and_beat
from units import audit

pytestmark = [pytest.mark.thorough, pytest.mark.real_services, pytest.mark.django_db(transaction=True)]
TASKS = {"luojiang_ce.jobs.tasks.sweep_jobs", "luojiang_ce.notices.tasks.send_waiting"}


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    return environment(connection, tmp_path, "tests.luojiang_ce.jobs.quick_settings")


def complaints() -> str:
    """What check_worker complains about; nothing where all is well."""
    try:
        call_command("check_worker", stdout=StringIO())
    except CommandError as trouble:
        return str(trouble)
    return ""


def test_what_the_worker_does_is_on_record_and_its_death_is_noticed(
    env: dict[str, str], district: District, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The ring for the job is lost, as when the broker is away: the sweep finds what waits."""
    settings.CELERY_BEAT_SCHEDULE = quick_settings.CELERY_BEAT_SCHEDULE
    settings.WORKER_SILENCE = quick_settings.WORKER_SILENCE
    monkeypatch.setattr(services, "ring", lambda task, *args: None)
    job = enqueue(audit.CHECK, title="查验操作记录是否被改动", owner=district.audit_admin)
    with worker_and_beat(env) as running:
        running.until(lambda: set(TaskRun.objects.values_list("task", flat=True)) >= TASKS)
        running.until(lambda: Job.objects.get(pk=job.pk).state == Job.State.DONE)
        assert TaskRun.objects.filter(task="worker", did="后台程序已启动").count() == 1
        swept = TaskRun.objects.filter(task="luojiang_ce.jobs.tasks.sweep_jobs", quiet=False)
        assert [run.did for run in swept] == ["1 项"]
        assert all(run.started_at <= run.ended_at for run in TaskRun.objects.all())
        running.until(lambda: not complaints())
        running.kill()
        wait_for(lambda: "没有按时运行（每 1 秒）" in complaints())
    command = [sys.executable, "manage.py", "check_worker"]
    asked = subprocess.run(command, env=env, cwd=settings.BASE_DIR, capture_output=True, text=True, check=False)
    assert asked.returncode == 1
    assert "没有按时运行" in asked.stderr

"""The Celery application; tasks are found in each app's tasks.py."""

import os
from typing import Any

from celery import Celery
from celery.signals import worker_ready

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "luojiang_ce.settings")

app = Celery("luojiang_ce", task_cls="luojiang_ce.jobs.recording:RecordedTask")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_ready.connect
def note_start(**kwargs: Any) -> None:
    """The first beat comes after a minute; a worker that has just started is not silent."""
    from luojiang_ce.jobs.recording import STARTED, record_run

    record_run(STARTED, lambda: "后台程序已启动")

"""Every run of a scheduled task is on record, without anybody having to remember it: when, what it did, what failed."""

from __future__ import annotations

from collections.abc import Callable, Sized
from datetime import timedelta
from typing import Any

from celery import Task
from django.conf import settings

from luojiang_ce import clock
from luojiang_ce.one_piece import in_one_piece

KEEP = timedelta(days=400)
STARTED = "worker"  # what the start of a worker is recorded under


class RecordedTask(Task):  # type: ignore[type-arg]  # the base of all tasks (luojiang_ce.celery)
    """A task; if it stands in settings.CELERY_BEAT_SCHEDULE its runs are recorded."""

    @in_one_piece
    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self.name not in scheduled():
            return super().__call__(*args, **kwargs)
        return record_run(self.name, lambda: super(RecordedTask, self).__call__(*args, **kwargs))


def scheduled() -> dict[str, str]:
    """The scheduled tasks and their names on the page."""
    return {str(entry["task"]): name for name, entry in settings.CELERY_BEAT_SCHEDULE.items()}


def record_run(task: str, work: Callable[[], Any]) -> Any:
    """Do the work and write its run, also when it fails; the error goes on to the caller.

    Only the kind of an error is kept: its words may hold what somebody typed. They are in the log.
    """
    from .models import TaskRun  # the tasks' base class is loaded before the models

    started = clock.now()
    try:
        answer = work()
    except Exception as error:
        said = f"{type(error).__name__}，详见服务器日志"
        TaskRun.objects.create(task=task, started_at=started, ended_at=clock.now(), error=said)
        raise
    if did := in_words(answer):
        TaskRun.objects.create(task=task, started_at=started, ended_at=clock.now(), did=did[:300])
    else:
        when = {"started_at": started, "ended_at": clock.now()}
        TaskRun.objects.update_or_create(task=task, quiet=True, defaults=when)
    return answer


def in_words(answer: Any) -> str:
    """What a task says it did: a sentence, a number of things, the things themselves; empty for nothing."""
    if isinstance(answer, str):
        return answer
    number = len(answer) if isinstance(answer, Sized) else int(answer or 0)
    return f"{number} 项" if number else ""

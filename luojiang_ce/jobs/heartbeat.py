"""Does the worker live, and does it do what the schedule says?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db.models import Max, QuerySet

from luojiang_ce import clock

from .models import TaskRun
from .recording import STARTED

LOOK_EVERY = 30  # seconds
GRACE = 3  # intervals that may pass without a run
# Tasks at hours of the day run at least daily, those of a day of the week weekly.
DAILY, WEEKLY = timedelta(hours=25), timedelta(days=7, hours=1)
EVERY_DAY = 7
WEEK = "日一二三四五六"


@dataclass(frozen=True)
class Standing:
    """A scheduled task as the page shows it; `late`: no run for too long; `failed`: the last run broke off."""

    name: str
    purpose: str
    task: str
    schedule: str
    last: TaskRun | None
    late: bool

    @property
    def failed(self) -> bool:
        return bool(self.last and self.last.error)


def _over() -> QuerySet[TaskRun]:
    """The runs that are over by this clock: what one that was ahead wrote stays on record, and tells nothing until
    then."""
    return TaskRun.objects.filter(ended_at__lte=clock.now() + clock.MAY_DIFFER)


def last_heartbeat() -> datetime | None:
    """When any scheduled task last ended; every minute one does. One query."""
    latest: datetime | None = _over().aggregate(latest=Max("ended_at"))["latest"]
    return latest


def last_ended(task: str) -> datetime | None:
    """When a scheduled task last ended without an error; None if it never did. One query."""
    ended: datetime | None = _over().filter(task=task, error="").aggregate(latest=Max("ended_at"))["latest"]
    return ended


def ended_ahead(watcher: str) -> datetime | None:
    """When the newest run ended that a clock ahead of this one wrote; None where there is none, and once the task
    `watcher`, which tells of it, has done something since by this clock. Two queries.

    Runs that found nothing share a row, whose id says nothing of when it was written: in doubt they are left out.
    """
    told = _over().filter(task=watcher, error="").aggregate(newest=Max("pk"))["newest"] or 0
    since = TaskRun.objects.filter(pk__gt=told, ended_at__gt=clock.now() + clock.MAY_DIFFER)
    return since.order_by("-pk").values_list("ended_at", flat=True).first()


def heartbeat_for_banner() -> datetime | None:
    """The last heartbeat, looked up at most once in LOOK_EVERY seconds by each process: every page asks for it."""
    found: datetime | None = cache.get_or_set("jobs.heartbeat", last_heartbeat, LOOK_EVERY)
    return found


def is_silent(heartbeat: datetime | None) -> bool:
    """Is it so long ago that the worker must be taken for stopped?"""
    return heartbeat is None or clock.now() - heartbeat > timedelta(minutes=settings.WORKER_SILENCE)


def standings() -> list[Standing]:
    """Every scheduled task, those in trouble first. Two queries, whatever the number of runs."""
    newest = _over().order_by().values("task").annotate(newest=Max("ended_at"))
    ends = {row["task"]: row["newest"] for row in newest}
    rows = TaskRun.objects.filter(ended_at__in=ends.values()).order_by("pk")
    latest = {row.task: row for row in rows if ends[row.task] == row.ended_at}
    found = [_standing(name, entry, latest) for name, entry in settings.CELERY_BEAT_SCHEDULE.items()]
    return sorted(found, key=lambda standing: not (standing.failed or standing.late))


def _standing(name: str, entry: dict[str, Any], latest: dict[str, TaskRun]) -> Standing:
    last = latest.get(entry["task"])
    # What has not run since the worker began is waited for since then: after a pause nothing is late at once.
    since = max((run.ended_at for run in (last, latest.get(STARTED)) if run), default=None)
    late = since is None or clock.now() - since > _patience(entry["schedule"])
    purpose = settings.SCHEDULE[name][0]
    return Standing(name, purpose, entry["task"], _in_words(entry["schedule"]), last, late)


def _interval(when: Any) -> timedelta | None:
    """The interval of a task that runs at intervals; None where it runs at hours of the day."""
    return timedelta(seconds=when) if isinstance(when, (int, float)) else None


def _patience(when: Any) -> timedelta:
    """How long a task may not have ended before it is missed. At intervals none is before the worker itself would be:
    both hands may be full."""
    if (every := _interval(when)) is not None:
        return max(GRACE * every, timedelta(minutes=settings.WORKER_SILENCE))
    return DAILY if len(when.day_of_week) == EVERY_DAY else WEEKLY


def _in_words(when: Any) -> str:
    if (every := _interval(when)) is not None:
        seconds = int(every.total_seconds())
        sizes = ((3600, "小时"), (60, "分钟"), (1, "秒"))
        return next(f"每 {seconds // size} {word}" for size, word in sizes if seconds >= size)
    hour, minute = str(when._orig_hour), str(when._orig_minute)
    if minute.startswith("*/"):
        return f"{hour.replace('-', '–')} 时，每 {minute.removeprefix('*/')} 分钟"
    days = "" if len(when.day_of_week) == EVERY_DAY else "、".join(WEEK[day] for day in sorted(when.day_of_week))
    return f"{f'每周{days}' if days else '每日'} {hour}:{minute:0>2}"

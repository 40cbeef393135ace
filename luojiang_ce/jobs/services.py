"""Queueing and running jobs: leases by compare-and-set, so that a killed worker's job is taken up again once.

The doorbell tells the workers that something waits in the database. It may fail; the sweep finds what waits.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from celery import current_app
from django.db import models, transaction
from django.db.models import F, Q

from luojiang_ce import clock
from luojiang_ce.access import Actor
from luojiang_ce.outages import is_away
from luojiang_ce.refusals import NotPossible

from .alive import renewed
from .models import Job, JobQuerySet

log = logging.getLogger(__name__)

# A worker lives as long as it renews its leases: with every progress report, and beside the work (alive.py).
LEASE = timedelta(seconds=40)
QUIET = timedelta(minutes=10)  # a handler that has reported nothing for so long hangs: it keeps no lease
MAX_ATTEMPTS = 3
OUTAGE = timedelta(days=1)  # so long a job is tried again and again, where the disk is full or the database is away
KEEP = timedelta(days=180)  # jobs that ended; what they made goes long before, or belongs to its case
MOST_WAITING = 10  # jobs of a kind that one account has asked for and none of which has begun
RUN_TASK = "luojiang_ce.jobs.tasks.run_job"
Progress = Callable[[int, int], None]
# A handler does the work and returns (message, address of the result).
Handler = Callable[[Job, Progress], tuple[str, str]]

_handlers: dict[str, Handler] = {}


GIVEN_UP = "多次尝试未能完成，已停止；请联系系统管理员，或稍后重新发起"


class TooManyWaiting(NotPossible):
    """One account has asked for as much of a kind as the worker is given at a time; the message is for it."""


class LeaseLost(Exception):
    """The job was taken for lost and given to another worker, or given up: whoever still works on it stops."""


class JobFailed(Exception):
    """Raised by a handler that cannot go on; the message is shown to the owner, and the job is not tried again."""


def register_job(kind: str, handler: Handler) -> None:
    """Make a kind of work known; called in the app's `ready()`."""
    _handlers[kind] = handler


def enqueue(
    kind: str,
    *,
    title: str,
    owner: Actor,
    args: dict[str, Any] | None = None,
    case: models.Model | None = None,
    uid: UUID | None = None,
) -> Job:
    """Write the job and ring the bell after commit; a broker that is down delays it, never fails the request.

    `uid`: under which files were kept for it beforehand."""
    key = {"case_type": case._meta.label_lower, "case_id": case.pk} if case else {}
    job = Job.objects.create(kind=kind, title=title, owner_id=owner.pk, args=args or {}, uid=uid or uuid4(), **key)
    ring_after_commit(RUN_TASK, job.pk)
    return job


def ask_for(
    kind: str, *, title: str, owner: Actor, args: dict[str, Any] | None = None, case: models.Model | None = None
) -> Job:
    """The same for what somebody asks for on a page, where it may be clicked again and again: the job that waits for
    the same already, or a new one. Raises TooManyWaiting."""
    key = {"case_type": case._meta.label_lower, "case_id": case.pk} if case else {"case_id": None}
    waiting = Job.objects.filter(owner_id=owner.pk, kind=kind, state=Job.State.QUEUED)
    if same := waiting.filter(args=args or {}, **key).first():
        return same
    if waiting.count() >= MOST_WAITING:
        raise TooManyWaiting(f"您有 {MOST_WAITING} 个同类任务还在排队，“{title}”没有再排；请等前面的完成后再试")
    return enqueue(kind, title=title, owner=owner, args=args, case=case)


def run(job_id: int) -> bool:
    """Run one job, if its lease can be had; returns whether it was run here."""
    job = _take(job_id)
    if job is None:
        return False
    try:
        with renewed(partial(_renew, job), QUIET.total_seconds()) as pulse:
            message, url = _handlers[job.kind](job, pulse.after(partial(report, job)))
    except JobFailed as failed:
        _end(job, Job.State.FAILED, str(failed))
    except LeaseLost:
        log.warning("job %s (%s) was slower than its lease, attempt %s", job.pk, job.kind, job.attempts)
    except Exception as fault:
        log.exception("job %s (%s) broke off", job.pk, job.kind)
        _give_back(job, counts=not is_away(fault) or job.created_at < clock.now() - OUTAGE)
    else:
        _end(job, Job.State.DONE, message, url)
    return True


def report(job: Job, done: int, total: int) -> None:
    """Progress of a running job; renews its lease. Raises LeaseLost where another worker has the job by now."""
    if not _held(job).update(done=done, total=total, leased_until=clock.now() + LEASE):
        raise LeaseLost


def _renew(job: Job) -> None:
    _held(job).update(leased_until=clock.now() + LEASE)


def sweep() -> list[int]:
    """Run every job that waits or whose worker died; returns the ids of those run here.

    One that took its worker down with it every time is given up.
    """
    Job.objects.filter(_lost(), attempts__gte=MAX_ATTEMPTS).update(
        state=Job.State.FAILED, message=GIVEN_UP, ended_at=clock.now(), leased_until=None
    )
    waiting = Job.objects.filter(_takeable()).order_by("pk").values_list("pk", flat=True)
    return [pk for pk in list(waiting) if run(pk)]


def _lost() -> Q:
    """Jobs whose worker died or hangs. A lease that ends much later than any can is of a clock that was set back."""
    now = clock.now()
    return Q(state=Job.State.RUNNING) & (Q(leased_until__lt=now) | Q(leased_until__gt=now + 2 * LEASE))


def _takeable() -> Q:
    return Q(state=Job.State.QUEUED) | _lost() & Q(attempts__lt=MAX_ATTEMPTS)


def _held(job: Job) -> JobQuerySet:
    """The job's row, as long as the lease is that of this attempt: each taking counts the attempts up."""
    rows: JobQuerySet = Job.objects.filter(pk=job.pk, state=Job.State.RUNNING, attempts=job.attempts)
    return rows


def _take(job_id: int) -> Job | None:
    now = clock.now()
    taken = Job.objects.filter(_takeable(), pk=job_id).update(
        state=Job.State.RUNNING, leased_until=now + LEASE, started_at=now, attempts=F("attempts") + 1
    )
    return Job.objects.get(pk=job_id) if taken else None


def _give_back(job: Job, *, counts: bool) -> None:
    """`counts`: as an attempt; not where the machine lacked what the job needs."""
    if counts and job.attempts >= MAX_ATTEMPTS:
        _end(job, Job.State.FAILED, GIVEN_UP)
    else:
        attempts = job.attempts if counts else job.attempts - 1
        _held(job).update(state=Job.State.QUEUED, leased_until=None, attempts=attempts)


def _end(job: Job, state: str, message: str, url: str = "") -> None:
    _held(job).update(state=state, message=message[:300], result_url=url, ended_at=clock.now(), leased_until=None)


# --- the doorbell -----------------------------------------------------------------------------------------------------


def ring(task: str, *args: int) -> None:
    """Send a task to the broker. If it cannot be reached nothing is lost: the rows wait for the next sweep."""
    try:
        current_app.send_task(task, args, retry=False)
    except Exception:  # whatever the broker's library raises, the row is safe and the sweep will find it
        log.warning("broker not reached; %s %s waits for the sweep", task, args, exc_info=True)


def ring_after_commit(task: str, *args: int) -> None:
    """Ring once when the present transaction is committed, however often it is asked for; at once outside of one."""
    wanted = _Ring(task, args)
    if all(callback[1] != wanted for callback in transaction.get_connection().run_on_commit):
        transaction.on_commit(wanted)


@dataclass(frozen=True)
class _Ring:
    """A ring that waits for the commit. Two of the same are equal, and a savepoint rolled back takes its own along."""

    task: str
    args: tuple[int, ...]

    def __call__(self) -> None:
        ring(self.task, *self.args)

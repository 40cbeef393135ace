"""Reading and writing big rosters in the background."""

from __future__ import annotations

from typing import cast

from django.urls import reverse

from luojiang_ce.jobs.models import Job
from luojiang_ce.jobs.services import JobFailed, Progress, register_job
from luojiang_ce.sheets.models import ImportBatch
from luojiang_ce.sheets.services import ImportGone

from . import services


def register() -> None:
    """Make both kinds of work known; called when the app is ready."""
    register_job(services.READ_JOB, read)
    register_job(services.CONFIRM_JOB, confirm)


def read(job: Job, progress: Progress) -> tuple[str, str]:
    """Read a staged roster; done again after an interruption, it comes to the same preview."""
    batch = _batch(job)
    try:
        batch = services.read_staged(batch=batch)
    except ImportGone as gone:
        raise JobFailed(str(gone)) from gone
    return f"已读取 {batch.name}", reverse("roster:batch", args=[batch.token])


def confirm(job: Job, progress: Progress) -> tuple[str, str]:
    """Write a confirmed roster; done again after an interruption, it goes on where it stopped."""
    batch = _batch(job)
    try:
        batch = services.confirm_roster(batch=batch, actor=batch.owner, progress=progress)
    except ImportGone as gone:
        raise JobFailed(str(gone)) from gone
    written = batch.result.get("new", 0) + batch.result.get("changed", 0)
    return f"已导入 {written} 人", reverse("roster:batch", args=[batch.token])


def _batch(job: Job) -> ImportBatch:
    return ImportBatch.objects.select_related("owner").get(pk=cast(int, job.case_id))

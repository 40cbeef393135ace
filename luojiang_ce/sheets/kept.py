"""Files that the worker makes for one account: sealed, found again for some days, then deleted.

The job says for whom; what the account might do when it was made it must still be able to do when it fetches it.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from luojiang_ce import clock
from luojiang_ce.access import reach_of, still_reaches
from luojiang_ce.jobs.models import Job, uid_of

FOLDER = "made"


def keep(job: Job, content: bytes, owner: Any, folder: str = FOLDER) -> None:
    """Keep what a job made, once; of a job that was taken up again what it made last."""
    forget(job, folder)
    job.args["reach"] = reach_of(owner)
    job.save(update_fields=["args"])
    default_storage.save(_path(job, folder), ContentFile(content))


def still_has_rights(job: Job, account: Any) -> bool:
    """What a job made is what the account saw then; a role lost since takes it along."""
    return still_reaches(account, job.args.get("reach"))


def kept(job: Job, account: Any, folder: str = FOLDER) -> bytes | None:
    """What a job made, for its owner; None when it is deleted, or the owner has lost a role since."""
    if not default_storage.exists(_path(job, folder)) or not still_has_rights(job, account):
        return None
    with default_storage.open(_path(job, folder)) as made:
        return bytes(made.read())


def forget(job: Job, folder: str = FOLDER) -> bool:
    """Delete what a job made; whether there was anything."""
    there = default_storage.exists(_path(job, folder))
    if there:
        default_storage.delete(_path(job, folder))
    return there


def purge(kind: str, after: timedelta, said: str, folder: str = FOLDER) -> int:
    """Delete what jobs of this kind made longer ago, also of those that failed when it lay there already; `said`: what
    the page of a finished one says then. Returns how many went."""
    old = Job.objects.filter(kind=kind, ended_at__lt=clock.now() - after)
    gone = [job for job in old.filter(uid__in=_kept_in(folder)) if forget(job, folder)]
    old.exclude(result_url="").update(result_url="", message=said)
    return len(gone)


def _kept_in(folder: str) -> list[UUID]:
    """The jobs of which a folder holds something."""
    with suppress(FileNotFoundError):
        return [uid for name in default_storage.listdir(folder)[1] if (uid := uid_of(name))]
    return []


def _path(job: Job, folder: str) -> str:
    return f"{folder}/{job.uid.hex}"

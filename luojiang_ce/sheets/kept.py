"""Files that the worker makes for one account: sealed, found again for some days, then deleted.

The job says for whom; what the account might do when it was made it must still be able to do when it fetches it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from luojiang_ce import clock
from luojiang_ce.access import reach_of, still_reaches
from luojiang_ce.jobs.models import Job

from .vault import seal, unseal

FOLDER = "made"


def keep(job: Job, content: bytes, owner: Any) -> None:
    """Keep what a job made, once; of a job that was taken up again what it made last."""
    forget(job)
    job.args["reach"] = reach_of(owner)
    job.save(update_fields=["args"])
    default_storage.save(_path(job), ContentFile(seal(content, job.uid)))


def kept(job: Job, account: Any) -> bytes | None:
    """What a job made, for its owner; None when it is deleted, or the owner has lost a role since."""
    if not default_storage.exists(_path(job)) or not still_reaches(account, job.args.get("reach")):
        return None
    with default_storage.open(_path(job)) as sealed:
        return unseal(sealed.read(), job.uid)


def forget(job: Job) -> None:
    """Delete what a job made."""
    if default_storage.exists(_path(job)):
        default_storage.delete(_path(job))


def purge(kind: str, after: timedelta, said: str) -> int:
    """Delete what jobs of this kind made longer ago; `said`: what their page says then. Returns how many went."""
    old = Job.objects.filter(kind=kind, ended_at__lt=clock.now() - after).exclude(result_url="")
    gone = list(old)
    for job in gone:
        forget(job)
    old.update(result_url="", message=said)
    return len(gone)


def _path(job: Job) -> str:
    return f"{FOLDER}/{job.uid.hex}"

"""Uploads of evidence, sealed until the worker has sorted them (`evidence.py`): kept, read, deleted."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile

from luojiang_ce import clock
from luojiang_ce.id_shapes import mask_ids
from luojiang_ce.jobs.models import Job, uid_of

FOLDER, NAMES = "evidence", "names"
KEEP = timedelta(days=1)  # what nobody sorts: jobs that were given up, uploads that never got one
MOST_ZIP = 100 * 1024 * 1024
MOST_IN_ALL = 300 * 1024 * 1024  # of one upload
MOST_AT_ONCE = 200  # uploads, each a file or a ZIP


def what_is_wrong(uploads: Sequence[UploadedFile[Any]]) -> list[str]:
    """Everything for which these cannot be taken, in Chinese."""
    return [*_too_many(uploads), *(said for each in uploads if (said := _too_large(each)))]


def _too_many(uploads: Sequence[UploadedFile[Any]]) -> Iterator[str]:
    if not uploads:
        yield "还没有选择文件，请先选择再上传"
    if len(uploads) > MOST_AT_ONCE:
        yield f"一次最多选 {MOST_AT_ONCE} 个文件，现在有 {len(uploads)} 个；请打成 ZIP 压缩包，或分几次上传"
    if (size := sum(each.size or 0 for each in uploads)) > MOST_IN_ALL:
        yield f"一次上传合计最多 {megabytes(MOST_IN_ALL)} MB，现在是 {megabytes(size)} MB；请分几次上传"


def _too_large(upload: UploadedFile[Any]) -> str:
    zipped = (upload.name or "").lower().endswith(".zip")
    most = MOST_ZIP if zipped else settings.UPLOAD_LIMIT_BYTES
    if (upload.size or 0) <= most:
        return ""
    return f"“{upload.name}”超过 {megabytes(most)} MB，请{'分几个压缩包' if zipped else '压缩或拆分后'}上传"


def megabytes(size: int) -> int:
    """Bytes as they are said, rounded up."""
    return -(-size // 1024 // 1024)


def keep(uploads: Sequence[UploadedFile[Any]], uid: UUID) -> None:
    """Keep them sealed for the job that is to have this uid, with what they are called, which often has ID numbers in
    it; not within a transaction, for it takes seconds."""
    names = json.dumps([each.name for each in uploads])
    default_storage.save(_path(uid, NAMES), ContentFile(names.encode()))
    for number, upload in enumerate(uploads):
        default_storage.save(_path(uid, number), upload)


def read(job: Job) -> Iterator[tuple[str, bytes]]:
    """One upload after the other: its name, its content; those that a run which broke off had finished with are not
    there any more."""
    for number, name in enumerate(_names_of(job)):
        if default_storage.exists(_path(job.uid, number)):
            with default_storage.open(_path(job.uid, number)) as stored:
                yield name, stored.read()


def _names_of(job: Job) -> list[str]:
    """Jobs of before have them among their arguments."""
    if not default_storage.exists(_path(job.uid, NAMES)):
        return list(job.args["files"])
    with default_storage.open(_path(job.uid, NAMES)) as stored:
        return list(json.loads(stored.read()))


def forget(job: Job) -> None:
    """Nothing of the uploads is kept, and no ID number that stood in their names."""
    _delete(job.uid.hex)
    job.args["files"] = [mask_ids(name) for name in job.args["files"]]
    job.save(update_fields=["args"])


def purge() -> int:
    """Delete what nobody will sort any more; returns how many uploads' folders went."""
    named = {name: uid for name in _listed(FOLDER)[0] if (uid := uid_of(name))}
    jobs = {job.uid.hex: job for job in Job.objects.filter(uid__in=named.values())}
    old = [name for name in named if (name not in jobs or jobs[name].is_over) and _is_old(name)]
    for name in old:
        forget(jobs[name]) if name in jobs else _delete(name)
    return len(old)


def _is_old(name: str) -> bool:
    at = [default_storage.get_modified_time(f"{FOLDER}/{name}/{each}") for each in _listed(f"{FOLDER}/{name}")[1]]
    return max(at, default=clock.now() - KEEP) <= clock.now() - KEEP


def _listed(folder: str) -> tuple[list[str], list[str]]:
    """Its folders and its files."""
    with suppress(FileNotFoundError):
        return default_storage.listdir(folder)
    return [], []


def _delete(name: str) -> None:
    for each in _listed(f"{FOLDER}/{name}")[1]:
        default_storage.delete(f"{FOLDER}/{name}/{each}")
    default_storage.delete(f"{FOLDER}/{name}")


def _path(uid: UUID, number: int | str) -> str:
    return f"{FOLDER}/{uid.hex}/{number}"

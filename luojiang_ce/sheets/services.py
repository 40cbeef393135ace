"""Imports in two steps, for every kind of sheet: staged with a preview, then confirmed in chunks, each chunk once."""

from __future__ import annotations

import hashlib
import io
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Any, BinaryIO, TypeVar, cast

from django.core.files.base import ContentFile
from django.db import IntegrityError, models, transaction

from luojiang_ce import clock
from luojiang_ce.access import Actor, case_key
from luojiang_ce.refusals import NotPossible
from luojiang_ce.sealing.storage import own_content

from .masking import mask_text
from .models import KEEP, ImportBatch
from .problems import FileProblem
from .reading import MAX_FILE_BYTES
from .rows import ReadRow

State = ImportBatch.State
T = TypeVar("T")

CHUNK_ROWS = 500
_ATTEMPTS = 3


class ImportGone(NotPossible):
    """The import was given up, or its file has been deleted; the message is for the user."""


def stage_import(
    *, kind: str, owner: Actor, scope: models.Model, name: str, file: BinaryIO, pasted: bool = False
) -> ImportBatch:
    """Keep an uploaded file, encrypted, as an import that is yet to be read. Writes nothing else.

    Of a file beyond the size limit only the beginning is kept: reading it will say that it is too large.
    """
    file.seek(0)
    content = file.read(MAX_FILE_BYTES + 1)
    scope_type, scope_id = case_key(scope)
    batch = ImportBatch(
        kind=kind,
        owner_id=cast(int, owner.pk),
        scope_type=scope_type,
        scope_id=scope_id,
        name=(name or "未命名")[-200:],
        pasted=pasted,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
    )
    batch.file.save("file", ContentFile(content), save=False)
    batch.save()
    return batch


def staged_file(batch: ImportBatch) -> BinaryIO:
    """The uploaded file; raises ImportGone once it has been deleted."""
    return io.BytesIO(_content(batch, batch.file))


def pasted_text(batch: ImportBatch) -> str:
    """What was pasted, to be mended and read again; raises ImportGone once it has been deleted."""
    return _content(batch, batch.file).decode("utf-8-sig")


def returned_file(batch: ImportBatch) -> bytes:
    """The workbook of wrong rows with their reasons; raises ImportGone if there is none, or no longer."""
    return _content(batch, batch.returned)


def keep_preview(
    batch: ImportBatch, *, plan: Mapping[str, Any], counts: Mapping[str, int], returned: bytes | None = None
) -> bool:
    """Put the preview beside the file; False (and nothing kept) if the import was given up meanwhile."""
    if returned is not None:
        batch.returned.save("returned.xlsx", ContentFile(returned), save=False)
    kept = _move(
        batch, State.READING, State.PREVIEWED, plan=dict(plan), counts=dict(counts), returned=batch.returned.name
    )
    if not kept and returned is not None:
        batch.returned.delete(save=False)
    return kept


def note_left_out(batch: ImportBatch, rows: Sequence[ReadRow[Any]]) -> None:
    """Put beside the preview which of these rows are not written although it found no fault with them."""
    wrong = {row["row"] for row in batch.plan["rows"] if row["problems"]}
    left = [
        {"row": row.number, "name": mask_text(row.name), "code": row.problems[0].code}
        for row in rows
        if row.problems and row.number not in wrong
    ]
    if left:
        plan = batch.plan | {"left_out": [*batch.plan.get("left_out", ()), *left]}
        ImportBatch.objects.filter(pk=batch.pk).update(plan=plan)


def keep_returned(batch: ImportBatch, returned: bytes) -> None:
    """Keep the workbook of the rows that were not written, in place of that of the preview."""
    batch.returned.delete(save=False)
    batch.returned.save("returned.xlsx", ContentFile(returned), save=False)
    ImportBatch.objects.filter(pk=batch.pk).update(returned=batch.returned.name)


def keep_refusal(batch: ImportBatch, problem: FileProblem) -> bool:
    """Note why the file as a whole cannot be used."""
    plan = {"problem": problem.code, "message": problem.message}
    return _move(batch, State.READING, State.REFUSED, plan=plan)


def discard_import(batch: ImportBatch) -> bool:
    """Give up an import that was not confirmed, and delete its files; False if it was already confirmed."""
    waiting = (State.READING, State.REFUSED, State.PREVIEWED)
    if not any(_move(batch, state, State.DISCARDED) for state in waiting):
        return False
    _delete_contents(batch)
    return True


def begin_confirmation(batch: ImportBatch) -> bool:
    """Take the import from its preview into confirmation; True for the one caller that did it."""
    return _move(batch, State.PREVIEWED, State.CONFIRMING)


def back_to_preview(batch: ImportBatch) -> bool:
    """Take an import of which nothing was written out of its confirmation."""
    return _move(batch, State.CONFIRMING, State.PREVIEWED)


def confirm_chunk(
    batch: ImportBatch, rows: Sequence[T], write: Callable[[Sequence[T]], Mapping[str, int]]
) -> ImportBatch:
    """Write the next chunk of rows and count it, in one transaction; returns the import as it is then.

    `write` gets rows that nobody has written yet, under the lock of the import, checks them against current data and
    returns how many had which outcome. Safe to call from two places at once and after any interruption: each row is
    passed to a committed `write` exactly once. Raises ImportGone for an import that is not being confirmed.
    """
    return write_apart(lambda: _confirm_chunk(batch, rows, write))


def write_apart(write: Callable[[], T]) -> T:
    """Run a write that checks against current data in a transaction of its own, again if another came in between.

    Two imports may bring in the same person at the same moment; looked at again, that person is known.
    """
    for _ in range(_ATTEMPTS - 1):
        with suppress(IntegrityError), transaction.atomic():
            return write()
    with transaction.atomic():
        return write()


def purge_imports(now: datetime | None = None) -> int:
    """Delete the files and plans of imports older than KEEP; the counts stay. Returns how many were purged."""
    overdue = ImportBatch.objects.filter(purged_at=None, created_at__lt=(now or clock.now()) - KEEP)
    purged = 0
    for batch in list(overdue):
        for state in (State.READING, State.PREVIEWED, State.CONFIRMING):
            _move(batch, state, State.DISCARDED)
        _delete_contents(batch)
        purged += 1
    return purged


def _confirm_chunk(
    batch: ImportBatch, rows: Sequence[T], write: Callable[[Sequence[T]], Mapping[str, int]]
) -> ImportBatch:
    locked = ImportBatch.objects.select_for_update().get(pk=batch.pk)
    if locked.state == State.CONFIRMED:
        return locked
    if locked.state != State.CONFIRMING:
        raise ImportGone("这次导入已经放弃，请重新上传文件")
    chunk = rows[locked.done : locked.done + CHUNK_ROWS]
    outcomes = Counter(locked.result) + Counter(write(chunk) if chunk else {})
    ImportBatch.objects.filter(pk=locked.pk).update(result=dict(outcomes), done=locked.done + len(chunk))
    if locked.done + len(chunk) >= len(rows):
        _move(locked, State.CONFIRMING, State.CONFIRMED, confirmed_at=clock.now())
    locked.refresh_from_db()
    return locked


def _move(batch: ImportBatch, source: str, target: str, **values: Any) -> bool:
    """Compare and set: of two at once only one gets through."""
    moved = ImportBatch.objects.filter(pk=batch.pk, state=source).update(state=target, **values)
    if moved:
        batch.refresh_from_db()
    return bool(moved)


def _content(batch: ImportBatch, stored: Any) -> bytes:
    if not stored:
        raise ImportGone("文件已按期删除，请重新上传")
    return own_content(stored, batch.token)


def _delete_contents(batch: ImportBatch) -> None:
    """The row first: a file left behind by a crash is found again, a row that points nowhere would be an error."""
    names = [str(stored.name) for stored in (batch.file, batch.returned) if stored]
    storage = batch.file.storage
    ImportBatch.objects.filter(pk=batch.pk).update(file="", returned="", plan={}, purged_at=clock.now())
    for name in names:
        transaction.on_commit(partial(storage.delete, name))
    batch.refresh_from_db()

"""Roster import in two steps, the same for the browser and the command line (product.md U4)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import BinaryIO

from django.core.exceptions import ValidationError

from luojiang_ce.access.cases import case_key
from luojiang_ce.access.roles import Actor
from luojiang_ce.jobs.models import Job
from luojiang_ce.jobs.services import enqueue
from luojiang_ce.sheets.models import ImportBatch
from luojiang_ce.sheets.problems import FileProblem
from luojiang_ce.sheets.reading import declared_size
from luojiang_ce.sheets.services import (
    CHUNK_ROWS,
    begin_confirmation,
    confirm_chunk,
    keep_preview,
    keep_refusal,
    stage_import,
    staged_file,
    write_apart,
)
from luojiang_ce.workflow.events import record
from units.models import Unit
from units.suspension import why_not

from .checks import Problem
from .outcome import RowPlan
from .planning import Roster, outcomes, plan_roster, read_roster
from .report import preview
from .returning import excerpts, returned_workbook
from .rows import RosterRow
from .writes import usual_category, write_rows

KIND = "roster"
READ_JOB, CONFIRM_JOB = "roster_read", "roster_confirm"
# What is answered within the request: about 2,000 people (S6: small files answer at once).
SMALL_ROWS = 2000
SMALL_BYTES = 400_000
SMALL_INFLATED_BYTES = 2_000_000
Progress = Callable[[int, int], None]
Checked = tuple[RosterRow, list[Problem]]


def stage_roster(*, file: BinaryIO, name: str, unit: Unit, actor: Actor) -> ImportBatch:
    """Keep an uploaded roster, to be read by `read_staged` at once or by a job."""
    return stage_import(kind=KIND, owner=actor, scope=unit, name=name, file=file)


def read_staged(*, batch: ImportBatch) -> ImportBatch:
    """Read a staged roster and keep its preview. Writes the import alone: no person, no employment, no event."""
    file = staged_file(batch)
    unit = Unit.objects.get(pk=batch.scope_id)
    try:
        plan = plan_roster(read_roster(file), unit)
    except FileProblem as problem:
        keep_refusal(batch, problem)
        return batch
    shown = {
        **preview(plan),
        "excerpts": excerpts(file, plan),
        "usual_category": usual_category(unit).label,
    }
    counts = plan.counts
    keep_preview(batch, plan=shown, counts=counts, returned=returned_workbook(file, plan) if counts["wrong"] else None)
    return batch


def submit_roster(*, file: BinaryIO, name: str, size: int, unit: Unit, actor: Actor) -> ImportBatch:
    """Keep an uploaded roster and read it: a small one at once, a big one in the background."""
    batch = stage_roster(file=file, name=name, unit=unit, actor=actor)
    if size <= SMALL_BYTES and declared_size(file) <= SMALL_INFLATED_BYTES:
        return read_staged(batch=batch)
    enqueue(READ_JOB, title=f"读取花名册：{batch.name}", owner=actor, case=batch)
    return batch


def confirm_staged(*, batch: ImportBatch, actor: Actor) -> ImportBatch:
    """Take an import into confirmation and write it: a small one at once, a big one in the background.

    Asked again, a small one goes on where it stopped and a big one whose job is still to be done is left to it.
    Raises ImportGone if it was given up or its file deleted, ValidationError while the unit is suspended.
    """
    if refused := why_not(Unit.objects.get(pk=batch.scope_id), "导入花名册"):
        raise ValidationError(refused)
    begin_confirmation(batch)
    if batch.counts.get("rows", 0) <= SMALL_ROWS:
        return confirm_roster(batch=batch, actor=actor)
    if batch.state == ImportBatch.State.CONFIRMING and not unfinished_job(batch):
        enqueue(CONFIRM_JOB, title=f"导入花名册：{batch.name}", owner=actor, case=batch)
    return batch


def latest_job(batch: ImportBatch) -> Job | None:
    """The job that reads or writes this import, if there is or was one."""
    case_type, case_id = case_key(batch)
    return Job.objects.filter(case_type=case_type, case_id=case_id).first()


def unfinished_job(batch: ImportBatch) -> Job | None:
    """The job that still has this import in hand."""
    job = latest_job(batch)
    return job if job and not job.is_over else None


def confirm_roster(*, batch: ImportBatch, actor: Actor, progress: Progress | None = None) -> ImportBatch:
    """Write the new and changed rows of an import that was taken into confirmation, checked against current data.

    In chunks, each in its own transaction: can be called again after any interruption, or twice at once, and writes
    each row once. Raises ImportGone if the import was given up or its file deleted.
    """
    if batch.state == ImportBatch.State.CONFIRMED:
        return batch
    unit = Unit.objects.get(pk=batch.scope_id)
    rows = read_roster(staged_file(batch)).checked()
    write = partial(_write, batch_id=batch.pk, unit=unit, actor=actor)
    while batch.state != ImportBatch.State.CONFIRMED:
        batch = confirm_chunk(batch, rows, write)
        if progress:
            progress(batch.done, len(rows))
    return batch


def import_roster(*, roster: Roster, unit: Unit, actor: Actor) -> list[RowPlan]:
    """Write the new and changed rows of a roster at once, in chunks; returns what became of each row."""
    plans: list[RowPlan] = []
    for chunk in _chunks(roster.checked()):
        plans += write_apart(partial(_write_and_record, chunk, unit=unit, actor=actor))
    return plans


def _write(rows: Sequence[Checked], *, batch_id: int, unit: Unit, actor: Actor) -> dict[str, int]:
    return outcomes(_write_and_record(rows, unit=unit, actor=actor, batch_id=batch_id))


def _write_and_record(
    rows: Sequence[Checked], *, unit: Unit, actor: Actor, batch_id: int | None = None
) -> list[RowPlan]:
    """Write rows, with an event on the unit where anything changed."""
    plans = write_rows(rows, unit)
    counts = outcomes(plans)
    if counts["new"] or counts["changed"]:
        data = {"import": batch_id, "new": counts["new"], "changed": counts["changed"]}
        record(unit, "roster_imported", actor=actor, data=data)
    return plans


def _chunks(rows: Sequence[Checked]) -> Iterator[Sequence[Checked]]:
    return (rows[start : start + CHUNK_ROWS] for start in range(0, len(rows), CHUNK_ROWS))

"""Roster import in two steps, the same for the browser and the command line (product.md U4)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import BinaryIO

from luojiang_ce.access.roles import Actor
from luojiang_ce.sheets.models import ImportBatch
from luojiang_ce.sheets.problems import FileProblem
from luojiang_ce.sheets.services import (
    CHUNK_ROWS,
    confirm_chunk,
    keep_preview,
    keep_refusal,
    stage_import,
    staged_file,
    write_apart,
)
from luojiang_ce.workflow.events import record
from units.models import Unit

from .checks import Problem
from .outcome import RowPlan
from .planning import Roster, outcomes, plan_roster, read_roster
from .report import preview
from .returning import excerpts, returned_workbook
from .rows import RosterRow
from .writes import usual_category, write_rows

KIND = "roster"
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


def preview_roster(*, file: BinaryIO, name: str, unit: Unit, actor: Actor) -> ImportBatch:
    """Keep an uploaded roster and its preview. Writes the import alone: no person, no employment, no event."""
    return read_staged(batch=stage_roster(file=file, name=name, unit=unit, actor=actor))


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

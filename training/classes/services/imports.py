"""Imports in two steps: staged with a preview, then written once against the data as they are then."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, BinaryIO

from luojiang_ce.access.roles import Actor
from luojiang_ce.sheets.models import ImportBatch
from luojiang_ce.sheets.problems import FileProblem
from luojiang_ce.sheets.services import (
    begin_confirmation,
    confirm_chunk,
    keep_preview,
    keep_refusal,
    stage_import,
    staged_file,
)
from training.classes.importers.roster import read_roster
from training.classes.importers.timetable import read_timetable, with_lecturers
from training.classes.models import ClassApplication
from training.classes.services.lecturers import register_lecturers
from training.classes.services.timetables import replace_timetable
from training.classes.services.trainees import enrol_roster

TIMETABLE, ROSTER = "class_timetable", "class_roster"


def stage_timetable(*, application: ClassApplication, file: BinaryIO, name: str, actor: Actor) -> ImportBatch:
    """Keep a timetable's file with its preview. Writes the import alone."""
    batch = stage_import(kind=TIMETABLE, owner=actor, scope=application, name=name, file=file)
    try:
        read = read_timetable(staged_file(batch), application)
    except FileProblem as problem:
        keep_refusal(batch, problem)
        return batch
    plan = {
        "sheet": read.sheet,
        "rows": read.shown,
        "problems": [asdict(problem) for problem in read.problems],
        "new_lecturers": read.new_lecturers,
    }
    keep_preview(batch, plan=plan, counts={"rows": len(read.shown), "wrong": len(read.shown) - len(read.rows)})
    return batch


def confirm_timetable(*, batch: ImportBatch, application: ClassApplication, actor: Actor) -> int:
    """Put the file's rows in place of the timetable, new lecturers registered first; returns how many rows.

    Once, whatever is clicked twice. Raises NotPossible (not editable, or saved by a colleague meanwhile), ImportGone.
    """

    def write(chunk: Sequence[Any]) -> Mapping[str, int]:
        read = read_timetable(staged_file(batch), application)
        facts = [fact for fact in read.lecturers if fact]
        ids = register_lecturers(unit_id=application.unit_id, facts=facts, actor=actor)
        rows = list(with_lecturers(read, ids))
        version = ClassApplication.objects.values_list("version", flat=True).get(pk=application.pk)
        replace_timetable(application=application, rows=rows, version=version, actor=actor)
        return {"rows": len(rows)}

    return int(_confirm(batch, write).result.get("rows", 0))


def stage_roster(*, application: ClassApplication, file: BinaryIO, name: str, actor: Actor) -> ImportBatch:
    """Keep a roster's file, encrypted, with its preview. Writes the import alone: nobody is enrolled."""
    batch = stage_import(kind=ROSTER, owner=actor, scope=application, name=name, file=file)
    try:
        read = read_roster(staged_file(batch), application)
    except FileProblem as problem:
        keep_refusal(batch, problem)
        return batch
    plan = {
        "sheet": read.sheet,
        "problems": [asdict(problem) for problem in read.problems],
        "people": [
            {
                "row": row.row,
                "name": row.trainee.name,
                "employer": row.trainee.employer,
                "masked_id": row.trainee.masked_id,
                "stranger": row.trainee.person_id is None,
                "outcome": row.outcome,
            }
            for row in read.trainees
        ],
    }
    keep_preview(batch, plan=plan, counts=read.counts)
    return batch


def confirm_roster(*, batch: ImportBatch, application: ClassApplication, actor: Actor, late_reason: str = "") -> int:
    """Enrol the sound rows of the file, checked against current data; returns how many were added.

    Once, whatever is clicked twice. Raises NotPossible (nothing is written; try again), ImportGone.
    """

    def write(chunk: Sequence[Any]) -> Mapping[str, int]:
        read = read_roster(staged_file(batch), application)
        added = enrol_roster(application=application, trainees=read.new, actor=actor, late_reason=late_reason)
        return {"added": len(added)}

    return int(_confirm(batch, write).result.get("added", 0))


def _confirm(batch: ImportBatch, write: Callable[[Sequence[Any]], Mapping[str, int]]) -> ImportBatch:
    """The whole file is one piece: all of it is written, in one transaction, or nothing."""
    begin_confirmation(batch)
    return confirm_chunk(batch, ["file"], write)

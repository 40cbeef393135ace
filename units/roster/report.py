"""The document that `import_roster --format json` prints, all masked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from luojiang_ce.sheets.entries import Sheet
from luojiang_ce.sheets.masking import mask_id, mask_text
from luojiang_ce.sheets.problems import FileProblem
from luojiang_ce.sheets.rows import Reading

from .rows import RowPlan

OUTCOMES = ("new", "changed", "unchanged", "wrong")


def report_json(sheet: Sheet, plans: Sequence[RowPlan]) -> dict[str, Any]:
    """What would become, or became, of each row."""
    reading = Reading(sheet, [*plans])
    outcomes = [plan.outcome for plan in plans]
    counts = {"rows": len(plans)} | {outcome: outcomes.count(outcome) for outcome in OUTCOMES}
    rows = [
        {
            "row": plan.number,
            "outcome": plan.outcome,
            "name": mask_text(plan.name),
            "id_number": None if plan.row.id_is_number or not plan.row.id_number else mask_id(plan.row.id_number),
            "problems": [
                {"column": each.column, "cell": each.cell, "code": each.code, "message": each.message}
                for each in reading.located(plan)
            ],
        }
        for plan in plans
    ]
    return {"file": _file(sheet.name, sheet.header.first_row), "counts": counts, "rows": rows}


def problem_json(problem: FileProblem) -> dict[str, Any]:
    """The same document for a file that cannot be used as a whole."""
    file = _file(problem.sheet, problem.header_row, problem.code, problem.message)
    return {"file": file, "counts": dict.fromkeys(("rows", *OUTCOMES), 0), "rows": []}


def _file(sheet: str, header_row: int, problem: str | None = None, message: str = "") -> dict[str, Any]:
    return {"problem": problem, "message": message, "sheet": mask_text(sheet), "header_row": header_row}

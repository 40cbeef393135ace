"""A plan as plain data, all masked: the contract's JSON for the command line, the preview for the pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from luojiang_ce.sheets.problems import FileProblem

from .columns import ROSTER
from .masking import mask_id, mask_text, shown_value
from .outcome import RowPlan
from .planning import OUTCOMES, Roster, RosterPlan, counts_of


def report_json(roster: Roster, rows: Sequence[RowPlan]) -> dict[str, Any]:
    """The document that `import_roster --format json` prints."""
    file = {
        "problem": None,
        "message": "",
        "sheet": mask_text(roster.sheet.name),
        "header_row": roster.sheet.header.first_row,
    }
    return {"file": file, "counts": counts_of(rows), "rows": [_row_json(roster, plan) for plan in rows]}


def problem_json(problem: FileProblem) -> dict[str, Any]:
    """The same document for a file that cannot be used as a whole."""
    file = {
        "problem": problem.code,
        "message": problem.message,
        "sheet": mask_text(problem.sheet),
        "header_row": problem.header_row,
    }
    return {"file": file, "counts": dict.fromkeys(("rows", *OUTCOMES), 0), "rows": []}


def preview(plan: RosterPlan) -> dict[str, Any]:
    """What the preview page shows, to be kept with the import."""
    roster = plan.roster
    values = {entry.row: entry.values for entry in roster.sheet.entries}
    rows = []
    for row in plan.rows:
        shown = _row_json(roster, row)
        for problem, given in zip(shown["problems"], row.problems, strict=True):
            is_id = given.key == "id_number"
            problem["value"] = shown_value(values[row.row.number].get(given.key), is_id=is_id)
            problem["what"], problem["remedy"] = given.what, given.remedy
        changes = [{"column": c.column, "old": mask_text(c.old), "new": mask_text(c.new)} for c in row.changes]
        rows.append({**shown, "changes": changes} if changes else shown)
    missing = [{**person, "started_on": str(person["started_on"] or "未设定")} for person in plan.missing]
    return {
        "sheet": mask_text(roster.sheet.name),
        "header_row": roster.sheet.header.first_row,
        "titles": _titles_read(roster),
        "rows": rows,
        "missing": missing,
    }


def _row_json(roster: Roster, plan: RowPlan) -> dict[str, Any]:
    row = plan.row
    hidden = row.id_is_number or not row.id_number
    return {
        "row": row.number,
        "outcome": plan.outcome,
        "name": mask_text(row.name),
        "id_number": None if hidden else mask_id(row.id_number),
        "problems": [
            {
                "column": problem.column,
                "cell": roster.sheet.cell(row.number, problem.key),
                "code": problem.code,
                "message": problem.message,
            }
            for problem in plan.problems
        ],
    }


def _titles_read(roster: Roster) -> list[tuple[str, str]]:
    """Titles of the sheet that we call otherwise, with our name for them."""
    header = roster.sheet.header
    read = []
    for key, place in header.columns.items():
        theirs = next((line[place] for line in reversed(header.lines) if line.get(place) in ROSTER.by_title), "")
        if theirs != ROSTER.column(key).title:
            read.append((theirs, ROSTER.column(key).title))
    return read

"""What importing a file would do, as plain data kept with the import, all masked; and what the page shows of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, NamedTuple

from django.core.paginator import Paginator
from django.http import QueryDict

from .masking import mask_text
from .models import ImportBatch
from .returning import excerpts
from .rows import WRONG, Reading, ReadRow

if TYPE_CHECKING:
    from .imports import Kind

_PER_PAGE = 50
_RUNNING = ("序号", "编号", "行号", "No", "NO", "no", "№")


class Outcome(NamedTuple):
    """What may become of a row: a tab of the preview and the state of a row in it, with a note on such rows."""

    code: str
    label: str
    meaning: str = "turn"
    note: str = ""


class Shown(NamedTuple):
    """A column of the preview: its title, and how it words what was understood."""

    title: str
    of: Callable[[Any], str]


def preview_of(reading: Reading[Any], shows: Sequence[Shown]) -> dict[str, Any]:
    """What was understood, row by row, in the columns in which anything was; the problems; where they stand."""
    texts = {
        row.number: [mask_text(column.of(row.value)) for column in shows]
        for row in reading.rows
        if row.value is not None and not row.problems
    }
    filled = [place for place in range(len(shows)) if any(cells[place] for cells in texts.values())]
    header = reading.sheet.header
    return {
        "sheet": mask_text(reading.sheet.name),
        "header_row": header.first_row,
        "titles": _titles_read(reading),
        "unread": _titles_unread(reading),
        "shown": [shows[place].title for place in filled],
        "rows": [
            _row(row, reading)
            | {"shown": [texts[row.number][place] if row.number in texts else "" for place in filled]}
            for row in reading.rows
        ],
        "excerpts": excerpts(reading),
    }


def page_context(kind: Kind, batch: ImportBatch, query: QueryDict) -> dict[str, Any]:
    """The context of the preview for one tab, one page of it, and one excerpt."""
    outcomes = {outcome.code: outcome for outcome in (_wrong(kind), *kind.outcomes, _ALL)}
    tab = query.get("show", "")
    if tab not in outcomes:
        # What asks for attention first.
        tab = next((code for code in outcomes if batch.counts.get(code)), _ALL.code)
    rows = [row for row in batch.plan["rows"] if tab in (_ALL.code, row["outcome"])]
    parts = "problems" if tab == WRONG else "changes" if rows and all("changes" in row for row in rows) else ""
    lines = [{**row, **part} for row in rows for part in row[parts]] if parts else rows
    page = Paginator(lines, _PER_PAGE).get_page(query.get("page"))
    titles = batch.plan["shown"]
    for line in page:
        line["state"] = outcomes[line["outcome"]]
        line["shown"] = list(zip(titles, line["shown"], strict=True))
    return {
        "tab": tab,
        "tab_label": outcomes[tab].label,
        "note": batch.plan.get("notes", {}).get(tab, outcomes[tab].note),
        "counts": [_count(outcome, batch.counts, tab) for outcome in outcomes.values()],
        "row_count": len(rows),
        "line_count": len(lines),
        "parts": parts,
        "page_obj": page,
        "excerpt": _excerpt(batch.plan["excerpts"], query.get("row", "")) if tab == WRONG else None,
        "button": "" if kind.all_or_nothing and batch.counts[WRONG] else kind.button(batch.counts),
    }


_ALL = Outcome("all", "全部数据行", "")


def _wrong(kind: Kind) -> Outcome:
    left_out = "改好后重新上传" if kind.all_or_nothing else "改好后重新导入，已导入的行不会重复"
    return Outcome(WRONG, "有误", "late", f"一次列全。{left_out}")


def _count(outcome: Outcome, counts: Mapping[str, int], current: str) -> dict[str, Any]:
    """A tab: how many rows, and where they are listed."""
    number = counts["rows" if outcome is _ALL else outcome.code]
    return {
        "number": number,
        "label": outcome.label,
        "url": f"?show={outcome.code}",
        "current": outcome.code == current,
        "meaning": outcome.meaning if outcome.code == WRONG and number else "",
    }


def _row(row: ReadRow[Any], reading: Reading[Any]) -> dict[str, Any]:
    title = reading.sheet.form.column
    changes = [
        {"column": title(change.key).title, "old": mask_text(change.old), "new": mask_text(change.new)}
        for change in row.changes
    ]
    return {
        "row": row.number,
        "outcome": row.outcome,
        "name": mask_text(row.name),
        "problems": [asdict(problem) for problem in reading.located(row)],
        **({"changes": changes} if changes else {}),
    }


def _titles_read(reading: Reading[Any]) -> list[tuple[str, str]]:
    """Titles of the sheet that we call otherwise, with our name for them."""
    form, header = reading.sheet.form, reading.sheet.header
    read = []
    for key, place in header.columns.items():
        theirs = next((line[place] for line in reversed(header.lines) if line.get(place) in form.by_title), "")
        if theirs != form.column(key).title:
            read.append((theirs, form.column(key).title))
    return read


def _titles_unread(reading: Reading[Any]) -> list[str]:
    """Titles of the sheet's columns of which nothing is read, as they stand there; running numbers are no loss."""
    header = reading.sheet.header
    titles = {place: title for line in header.lines for place, title in line.items()}
    places = set(titles) - set(header.columns.values())
    return [mask_text(titles[place]) for place in sorted(places) if titles[place] not in _RUNNING]


def _excerpt(kept: Mapping[str, Any], row: str) -> dict[str, Any] | None:
    """The rows around an error as they stand in the sheet, of the first one unless another is asked for."""
    if not kept:
        return None
    wanted = row if row in kept["around"] else next(iter(kept["around"]))
    header = min(kept["rows"], key=int)
    numbers = [header, *(str(number) for number in kept["around"][wanted])]
    return {
        "row": int(wanted),
        "letters": kept["letters"],
        "lines": [
            {
                "number": number,
                "is_header": number == header,
                "cells": [
                    (text, number == wanted and letter in kept["bad"][wanted])
                    for letter, text in zip(kept["letters"], kept["rows"][number], strict=True)
                ],
            }
            for number in dict.fromkeys(numbers)
        ],
    }

"""What the preview page shows of an import: counts as tabs, the rows of a tab, an error's place in the sheet."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.core.paginator import Paginator
from django.http import QueryDict

from luojiang_ce.home.lists import Count
from luojiang_ce.sheets.models import ImportBatch

_PER_PAGE = 50
_MISSING_SHOWN = 100
_TABS = {
    "wrong": ("有误，不导入", "late"),
    "new": ("新增", ""),
    "changed": ("变动", ""),
    "unchanged": ("无变化", ""),
    "all": ("全部数据行", ""),
}

Lines = list[dict[str, Any]]


def preview_context(batch: ImportBatch, query: QueryDict) -> dict[str, Any]:
    """The context of the preview template for one tab, one page of it, and one excerpt."""
    tab = query.get("show", "")
    tab = tab if tab in _TABS else _first_tab(batch.counts)
    rows = [row for row in batch.plan["rows"] if tab in ("all", row["outcome"])]
    lines = _LINES.get(tab, _plain)(rows)
    missing = batch.plan["missing"]
    return {
        "tab": tab,
        "tab_label": _TABS[tab][0].partition("，")[0],
        "counts": _counts(batch.counts, tab),
        "row_count": len(rows),
        "line_count": len(lines),
        "page_obj": Paginator(lines, _PER_PAGE).get_page(query.get("page")),
        "excerpt": excerpt(batch.plan["excerpts"], query.get("row", "")),
        "missing": missing[:_MISSING_SHOWN],
        "missing_count": len(missing),
        "to_import": batch.counts["new"] + batch.counts["changed"],
    }


def excerpt(excerpts: Mapping[str, Any], row: str) -> dict[str, Any] | None:
    """The rows around an error as they stand in the sheet, of the first one unless another is asked for."""
    if not excerpts:
        return None
    wanted = row if row in excerpts["around"] else next(iter(excerpts["around"]))
    header = min(excerpts["rows"], key=int)
    numbers = [header, *(str(number) for number in excerpts["around"][wanted])]
    return {
        "row": int(wanted),
        "letters": excerpts["letters"],
        "lines": [
            {
                "number": number,
                "is_header": number == header,
                "cells": [
                    (text, number == wanted and letter in excerpts["bad"][wanted])
                    for letter, text in zip(excerpts["letters"], excerpts["rows"][number], strict=True)
                ],
            }
            for number in dict.fromkeys(numbers)
        ],
    }


def _first_tab(counts: Mapping[str, int]) -> str:
    """What asks for attention first."""
    return next((tab for tab in ("wrong", "new", "changed") if counts[tab]), "all")


def _counts(counts: Mapping[str, int], current: str) -> list[Count]:
    numbers = {**counts, "all": counts["rows"]}
    return [
        Count(numbers[tab], label, f"?show={tab}", tab == current, meaning if numbers[tab] else "")
        for tab, (label, meaning) in _TABS.items()
    ]


def _problems(rows: Lines) -> Lines:
    return [{**row, **problem} for row in rows for problem in row["problems"]]


def _changes(rows: Lines) -> Lines:
    return [{**row, **change} for row in rows for change in row["changes"]]


def _plain(rows: Lines) -> Lines:
    return rows


_LINES: dict[str, Callable[[Lines], Lines]] = {"wrong": _problems, "changed": _changes}

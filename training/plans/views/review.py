"""One table for whoever checks a plan: all classes with every field, what to look at, and remarks for a return."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode

from luojiang_ce.access import DO_BUREAU_WORK, Role, can, get_visible_or_404
from luojiang_ce.home.lists import HeadLink
from luojiang_ce.sheets.definitions import Column
from luojiang_ce.sheets.exports import export_view
from luojiang_ce.workflow.phrases import phrases_for
from training.plans.form1 import FORM1, cell_text, row_of
from training.plans.marks import Mark
from training.plans.models import Plan, PlanItem
from training.plans.review import reviewed

LONG = 14  # a column of that many characters holds sentences
PLACE = 90  # characters of a row's name that fit into the place of a return


@can(DO_BUREAU_WORK)
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """All rows of a filed plan side by side; what is typed beside them goes along with the return."""
    case = get_visible_or_404(Plan.objects.select_related("unit"), request, pk=pk)
    items = list(case.items.all())
    marks = reviewed(case, items)
    returns = case.state == Plan.State.SUBMITTED and request.user.holds(Role.BUREAU_HANDLER)
    export = f"{reverse('plans:review_export')}?{urlencode({'plan': case.pk})}"
    context = {
        "case": case,
        "title": f"逐项审核：{case}",
        "columns": COLUMNS,
        "rows": [_row(item, marked) for item, marked in zip(items, marks, strict=True)],
        "marked": sum(bool(each) for each in marks),
        "returns": returns,
        "phrases": phrases_for(case) if returns else (),
        "links": [HeadLink("导出 .xlsx", export, "download")],
    }
    return render(request, "training_plans/review.html", context)


review_export = export_view(DO_BUREAU_WORK, "plan_review")

COLUMNS = [column for column in FORM1.columns if column.key != "title"]


def _row(item: PlanItem, marks: Sequence[Mark]) -> dict[str, Any]:
    """A class: its cells in the order of the columns, each with whether it is marked; what is said of it."""
    facts, marked = row_of(item), {mark.key for mark in marks}
    return {
        "item": item,
        "place": f"第 {item.position} 行 {item.title}"[:PLACE],
        "cells": [
            (column, cell_text(facts[column.key]), column.key in marked, _class_of(column)) for column in COLUMNS
        ],
        "named": "title" in marked,
        "marks": [(FORM1.column(mark.key), mark.text) for mark in marks],
    }


def _class_of(column: Column) -> str:
    if column.kind in ("number", "integer"):
        return "num"
    return "long" if column.width >= LONG else ""

"""Teachers' cycles as pages: the board, and who is not to be appointed or promoted in the next year."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from luojiang_ce.access import READ_PEOPLE, can
from luojiang_ce.home.lists import Count, HeadLink, export_link, list_context
from luojiang_ce.sheets.exports import export_view
from units.access import sees_many_units

from .board import STATES, counted, rows_of
from .exports import flagged as flagged_of
from .exports import seen
from .filters import CycleFilter


@can(READ_PEOPLE)
def board(request: HttpRequest) -> HttpResponse:
    """Each person's five years (notice 一(三)3)."""
    context = list_context(request, seen(request.user), filterset=CycleFilter)
    page = {
        "title": "教师周期",
        "lead": "每 5 年一个周期：一次集中脱产或远程培训，公共必修课 2 门以上；学时总数由区人社局会同教育局设定",
        "links": [
            HeadLink("不予评聘名单", reverse("cycles:flagged"), "user-x"),
            export_link(request, "cycles:export"),
        ],
        "counts": _counts(request),
        "rows": rows_of(list(context["page_obj"])),
        "unit": "人",
        "unit_shown": sees_many_units(request.user),
        "empty": {"text": "还没有登记教师周期。周期随花名册导入，或在人员页登记"},
    }
    return render(request, "cycles/board.html", {**context, **page})


@can(READ_PEOPLE)
def flagged(request: HttpRequest) -> HttpResponse:
    """Who has not completed the hours of a cycle: not to be appointed or promoted in the year after (notice 二(一))."""
    context = list_context(request, flagged_of(request.user), filterset=CycleFilter)
    unset = counted(seen(request.user))["unset"]
    page = {
        "title": "次年度不予评聘名单",
        "lead": "在 5 年周期内未完成规定学时数的中小学教师，下一年度不予评聘、晋升（通知 二(一)）",
        "links": [export_link(request, "cycles:export_flagged")],
        "crumbs": [("教师周期", reverse("cycles:board")), ("不予评聘名单", "")],
        "rows": rows_of(list(context["page_obj"])),
        "unset": unset,
        "unit": "人",
        "unit_shown": sees_many_units(request.user),
        "empty": {"text": "没有人"},
    }
    return render(request, "cycles/flagged.html", {**context, **page})


export = export_view(READ_PEOPLE, "cycles")
export_flagged = export_view(READ_PEOPLE, "cycles_flagged")


def _counts(request: HttpRequest) -> list[Count]:
    """How many stand how, of those that the other filters leave; each leads to its rows."""
    query: Any = request.GET.copy()
    for key in ("state", "page"):
        query.pop(key, None)
    rows = CycleFilter(query, queryset=seen(request.user), request=request).qs
    chosen = request.GET.get("state", "")

    def url(state: str) -> str:
        asked = query.copy()
        asked["state"] = state
        return f"?{asked.urlencode()}"

    numbers = counted(rows)
    shown = [Count(sum(numbers.values()), "全部", f"?{query.urlencode()}", not chosen)]
    return shown + [
        Count(numbers[key], label, url(key), chosen == key, meaning) for key, (label, meaning) in STATES.items()
    ]

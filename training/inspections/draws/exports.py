"""The lists of draws and of originals as workbooks: the columns of their pages, in words."""

from __future__ import annotations

from luojiang_ce import clock
from luojiang_ce.sheets.exports import ListExport, Told, register_export

from .filters import CheckFilter, DrawFilter
from .models import Draw, OriginalsCheck

DRAWS = ListExport(
    "随机抽查",
    lambda account: Draw.objects.visible_to(account).defer("listed", "result").order_by("-pk"),
    DrawFilter,
    (
        Told("编号", "number", width=18),
        Told("抽查事项", "get_of_display", width=20),
        Told("名单", "size", "integer", 8),
        Told("抽取", "count", "integer", 8),
        Told("名单公布", lambda case: clock.day_of(case.created_at), "date"),
        Told("名单摘要", "digest", width=68),
        Told("种子怎样产生", "get_seed_from_display", width=16),
        Told("公开号码的来源", "source", width=40),
        Told("种子", "seed", width=68),
        Told("抽取日期", lambda case: clock.day_of(case.drawn_at), "date"),
        Told("状态", "get_state_display", width=12),
    ),
)
CHECKS = ListExport(
    "原件核查",
    lambda account: (
        OriginalsCheck.objects.visible_to(account).select_related("unit", "declaration__person").order_by("-pk")
    ),
    CheckFilter,
    (
        Told("编号", "number", width=18),
        Told("项目", "declaration.title", width=40),
        Told("人员", "declaration.person.name", width=12),
        Told("单位", "unit.name", width=36),
        Told("请在何日以前提供", "wanted_on", "date", 18),
        Told("提供方式", "get_how_display", width=28),
        Told("状态", "get_state_display", width=12),
    ),
)


def register() -> None:
    """Make the lists known to luojiang_ce.sheets.exports."""
    register_export("draws", DRAWS)
    register_export("originals", CHECKS)

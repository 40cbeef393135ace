"""The list of objections as a workbook."""

from __future__ import annotations

from luojiang_ce.sheets.exports import ListExport, Told, register_export

from .filters import ObjectionFilter
from .models import Objection

NAME = "objections"
OBJECTIONS = ListExport(
    "本人异议",
    lambda account: Objection.objects.visible_to(account).select_related("person", "unit").order_by("-pk"),
    ObjectionFilter,
    (
        Told("姓名", "person.name", "name"),
        Told("单位", "unit.name", width=30),
        Told("年度", "year"),
        Told("对哪一条", "about", width=40),
        Told("说明", "text", width=50),
        Told("提出日期", "filed_on", "date"),
        Told("状态", "get_state_display", width=16),
        Told("结论", "get_result_display", width=18),
        Told("答复", "answer", width=50),
        Told("答复日期", "answered_on", "date"),
    ),
)


def register() -> None:
    """Make the list known to luojiang_ce.sheets.exports."""
    register_export(NAME, OBJECTIONS)

"""The list of visits as a workbook: the columns of its page, in words."""

from __future__ import annotations

from luojiang_ce import clock
from luojiang_ce.sheets.exports import ListExport, Told, register_export

from .filters import InspectionFilter
from .models import Inspection


def found_in_words(case: Inspection) -> str:
    """What was found; empty before the visit, as long as nobody knows."""
    if case.recorded_at is None:
        return ""
    return "、".join(dict.fromkeys(each.get_kind_display() for each in case.findings.all())) or "未发现问题"


INSPECTIONS = ListExport(
    "监督检查",
    lambda account: (
        Inspection.objects.visible_to(account)
        .select_related("application", "unit")
        .prefetch_related("inspectors", "findings", "sheet")
        .order_by("-planned_on", "-pk")
    ),
    InspectionFilter,
    (
        Told("编号", "number", width=18),
        Told("检查对象", "subject", width=40),
        Told("被检查单位", "provider", width=36),
        Told("地点", "place", width=30),
        Told("检查日期", "planned_on", "date"),
        Told("时段", "get_planned_half_day_display", width=8),
        Told("检查人", lambda case: "、".join(each.name for each in case.inspectors.all()), width=20),
        Told("记录", lambda case: clock.day_of(case.recorded_at), "date"),
        Told("实到", lambda case: case.sheet.present if case.recorded_at else None, "integer", 8),
        Told("问题", found_in_words, width=40),
        Told("状态", "get_state_display", width=12),
    ),
)


def register() -> None:
    """Make the list known to luojiang_ce.sheets.exports."""
    register_export("inspections", INSPECTIONS)

"""Interpretations as a workbook: the columns of their page, in words."""

from __future__ import annotations

from luojiang_ce.sheets.exports import ListExport, Told, register_export
from units.interpretations.filters import InterpretationFilter
from units.interpretations.models import Interpretation

INTERPRETATIONS = ListExport(
    "条款解释",
    lambda account: Interpretation.objects.visible_to(account).order_by("-holds_from", "-pk"),
    InterpretationFilter,
    (
        Told("编号", "number", width=16),
        Told("条款", "clause"),
        Told("问题", "question", width=40),
        Told("解释", "answer", width=80),
        Told("依据文件", "document", width=30),
        Told("自何日起", "holds_from", "date"),
        Told("撤销日期", "withdrawn_on", "date"),
        Told("状态", "get_state_display"),
    ),
)


def register() -> None:
    """Make the list known to luojiang_ce.sheets.exports."""
    register_export("interpretations", INTERPRETATIONS)

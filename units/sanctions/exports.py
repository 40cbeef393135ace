"""Sanctions as a workbook: the columns of their page, in words."""

from __future__ import annotations

from luojiang_ce.sheets.exports import ListExport, Told, register_export

from .filters import SanctionFilter
from .models import Sanction

SANCTIONS = ListExport(
    "个人违规处理",
    lambda account: Sanction.objects.visible_to(account).select_related("person", "unit").order_by("-decided_on", "pk"),
    SanctionFilter,
    (
        Told("编号", "number", width=16),
        Told("姓名", "person.name", "name"),
        Told("单位", "unit.name", width=30),
        Told("违规情况", "what", width=40),
        Told("所涉学习活动", "learning", width=36),
        Told("发生日期", "happened_on", "date"),
        Told("处理", "measures", width=36),
        Told("决定日期", "decided_on", "date"),
        Told("处理文件文号", "document", width=24),
        Told("最后一日", "ends_on", "date"),
        Told("撤销日期", "withdrawn_on", "date"),
        Told("状态", "get_state_display"),
    ),
)


def register() -> None:
    """Make the list known to luojiang_ce.sheets.exports."""
    register_export("sanctions", SANCTIONS)

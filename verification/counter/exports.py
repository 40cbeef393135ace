"""The slots as a workbook: the columns of their page, in words."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from luojiang_ce.access import DO_BUREAU_WORK
from luojiang_ce.sheets.exports import ListExport, Told, register_export
from verification.batches.models import Slot

from .forms import SlotFilter


def _slots(account: Any) -> QuerySet[Slot]:
    seen = Slot.objects.with_taken()
    return seen if account.holds(*DO_BUREAU_WORK.roles) else seen.none()


SLOTS = ListExport(
    "预约时段",
    _slots,
    SlotFilter,
    (
        Told("日期", "date", "date"),
        Told("开始", lambda slot: f"{slot.starts_at:%H:%M}", width=8),
        Told("结束", lambda slot: f"{slot.ends_at:%H:%M}", width=8),
        Told("地点", "place", width=30),
        Told("已约", "taken", "integer", 8),
        Told("可约", "capacity", "integer", 8),
        Told("情况", lambda slot: "已停用" if slot.closed else "已约满" if slot.taken >= slot.capacity else "可预约"),
    ),
)


def register() -> None:
    """Make the list known to luojiang_ce.sheets.exports."""
    register_export("slots", SLOTS)

"""Slots and bookings as workbooks: the columns of their pages, in words."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from luojiang_ce.access import DO_BUREAU_WORK
from luojiang_ce.sheets.exports import ListExport, Told, register_export
from verification.batches.models import Appointment, Slot

from .bookings import bookings_of, numbers_of, people_of
from .forms import BookingFilter, SlotFilter


def _slots(account: Any) -> QuerySet[Slot]:
    seen = Slot.objects.with_taken()
    return seen if account.holds(*DO_BUREAU_WORK.roles) else seen.none()


def _bookings(account: Any) -> QuerySet[Appointment]:
    return bookings_of(account) if account.holds(*DO_BUREAU_WORK.roles) else Appointment.objects.none()


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
BOOKINGS = ListExport(
    "预约登记",
    _bookings,
    BookingFilter,
    (
        Told("日期", "slot.date", "date"),
        Told("开始", lambda each: f"{each.slot.starts_at:%H:%M}", width=8),
        Told("结束", lambda each: f"{each.slot.ends_at:%H:%M}", width=8),
        Told("地点", "slot.place", width=26),
        Told("号", "seat", "integer", 6),
        Told("单位", "unit.name", width=30),
        Told("批次", numbers_of, width=24),
        Told("人数", people_of, "integer", 8),
        Told("状态", "state_said", width=26),
    ),
)


def register() -> None:
    """Make the lists known to luojiang_ce.sheets.exports."""
    register_export("slots", SLOTS)
    register_export("bookings", BOOKINGS)

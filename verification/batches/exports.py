"""The list of batches as a workbook: the columns of its page, in words."""

from __future__ import annotations

from luojiang_ce import clock
from luojiang_ce.sheets.exports import ListExport, Told, register_export

from .filters import BatchFilter
from .models import Appointment, Batch


def _seat(batch: Batch) -> str:
    """The appointment; of one that does not stand how it does."""
    seat = batch.appointment
    if seat is None or seat.state == Appointment.State.BOOKED:
        return str(seat or "")
    return f"{seat}（{seat.state_said}）"


BATCHES = ListExport(
    "年度验证",
    lambda account: (
        Batch.objects.visible_to(account).with_counts().select_related("unit", "appointment__slot").order_by("-pk")
    ),
    BatchFilter,
    (
        Told("编号", "number", width=18),
        Told("单位", "unit.name", width=36),
        Told("年度", "year", "integer", 8),
        Told("批次", "sequence", "integer", 8),
        Told("类别", "get_path_display", width=12),
        Told("人数", "people", "integer", 8),
        Told("已办", "settled", "integer", 8),
        Told("首次报送", lambda batch: clock.day_of(batch.first_submitted_at), "date"),
        Told("预约", _seat, width=24),
        Told("状态", "get_state_display", width=14),
    ),
)


def register() -> None:
    """Make the list known to luojiang_ce.sheets.exports."""
    register_export("batches", BATCHES)

"""Extensions and lapses as workbooks: the columns of their pages, in words."""

from __future__ import annotations

from luojiang_ce import clock
from luojiang_ce.sheets.exports import ListExport, Told, register_export
from units.lapses.filters import LapseFilter

from .forms import ExtensionFilter
from .models import Extension, Lapse

EXTENSIONS = ListExport(
    "延期",
    lambda account: Extension.objects.visible_to(account).select_related("unit").order_by("-pk"),
    ExtensionFilter,
    (
        Told("编号", "number", width=18),
        Told("事项", "title", width=40),
        Told("期限", "kind_label", width=16),
        Told("对谁", "whom", width=30),
        Told("申请延至", "asked_due", "date"),
        Told("准予延至", "due", "date"),
        Told("依据", "document", width=30),
        Told("状态", "get_state_display", width=14),
    ),
)
LAPSES = ListExport(
    "逾期记录",
    lambda account: Lapse.objects.visible_to(account).select_related("unit").order_by("-pk"),
    LapseFilter,
    (
        Told("事项", "title", width=40),
        Told("期限", "kind_label", width=16),
        Told("单位", "unit.name", width=36),
        Told("最后一日", "due", "date"),
        Told("登记", lambda lapse: clock.day_of(lapse.recorded_at), "date"),
        Told("状态", "get_state_display", width=20),
    ),
)


def register() -> None:
    """Make the lists known to luojiang_ce.sheets.exports."""
    register_export("extensions", EXTENSIONS)
    register_export("lapses", LAPSES)

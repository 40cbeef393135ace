"""The list of recognitions as a workbook: the columns of its page, in words."""

from __future__ import annotations

from luojiang_ce import clock
from luojiang_ce.sheets.exports import ListExport, Told, register_export

from .filters import RecognitionFilter
from .models import Recognition

RECOGNITIONS = ListExport(
    "学时认定",
    lambda account: (
        Recognition.objects.visible_to(account)
        .select_related("unit", "application")
        .order_by("-application__ends_on", "pk")
    ),
    RecognitionFilter,
    (
        Told("编号", "number", width=18),
        Told("培训班", "application.title", width=40),
        Told("期次", "application.session", "integer", 8),
        Told("开班编号", "application.number", width=18),
        Told("施教机构", "unit.name", width=36),
        Told("培训结束", "application.ends_on", "date"),
        Told("提交", lambda case: clock.day_of(case.first_submitted_at), "date"),
        Told("状态", "get_state_display", width=14),
    ),
)


def register() -> None:
    """Make the list known to luojiang_ce.sheets.exports."""
    register_export("recognitions", RECOGNITIONS)

"""The list of requests for a correction as a workbook."""

from __future__ import annotations

from luojiang_ce import clock
from luojiang_ce.sheets.exports import ListExport, Told, register_export

from .filters import RequestFilter
from .models import CorrectionRequest

NAME = "correction_requests"
REQUESTS = ListExport(
    "签到更正申请",
    lambda account: CorrectionRequest.objects.visible_to(account).select_related("enrolment__application", "unit"),
    RequestFilter,
    (
        Told("培训班", lambda request: str(request.enrolment.application), width=40),
        Told("学员", "enrolment.name", width=12),
        Told("单位", "enrolment.employer", width=36),
        Told("更正", "place", width=24),
        Told("时间", lambda request: f"{request.time:%H:%M}", width=10),
        Told("原因", "reason", width=40),
        Told("申请日期", lambda request: clock.day_of(request.created_at), "date"),
        Told("状态", "get_state_display", width=12),
        Told("答复", "answer", width=40),
    ),
)


def register() -> None:
    """Make the list known to luojiang_ce.sheets.exports."""
    register_export(NAME, REQUESTS)

"""The lists of recognitions and of their corrections as workbooks: the columns of their pages, in words."""

from __future__ import annotations

from luojiang_ce import clock
from luojiang_ce.sheets.exports import ListExport, Told, register_export

from .corrections.forms import CorrectionFilter
from .filters import RecognitionFilter
from .models import Recognition, RecognitionCorrection

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
CORRECTIONS = ListExport(
    "学时更正",
    lambda account: (
        RecognitionCorrection.objects.visible_to(account)
        .select_related("unit", "recognition__application")
        .order_by("-pk")
    ),
    CorrectionFilter,
    (
        Told("编号", "number", width=18),
        Told("培训班", lambda case: str(case.recognition.application), width=40),
        Told("认定编号", "recognition.number", width=18),
        Told("施教机构", "unit.name", width=36),
        Told("提出", lambda case: "区人社局" if case.by_bureau else "施教机构", width=12),
        Told("更正理由", "reason", width=60),
        Told("提交", lambda case: clock.day_of(case.submitted_at), "date"),
        Told("更正", lambda case: clock.day_of(case.decided_at), "date"),
        Told("状态", "get_state_display", width=14),
    ),
)


def register() -> None:
    """Make the lists known to luojiang_ce.sheets.exports."""
    register_export("recognitions", RECOGNITIONS)
    register_export("corrections", CORRECTIONS)

"""The list of filings as a workbook: the columns of its page, in words."""

from __future__ import annotations

from luojiang_ce import clock
from luojiang_ce.sheets.exports import ListExport, Told, register_export

from .forms import SelfStudyFilter
from .models import SelfStudy

SELF_STUDIES = ListExport(
    "自学备案",
    lambda account: SelfStudy.objects.visible_to(account).select_related("unit").prefetch_related("people"),
    SelfStudyFilter,
    (
        Told("编号", "number", width=18),
        Told("自学主题", "title", width=40),
        Told("单位", "unit.name", width=36),
        Told("人员", lambda case: "、".join(person.name for person in case.people.all()), width=40),
        Told("起", "date_from", "date"),
        Told("止", "date_to", "date"),
        Told("指导人", "guide", width=24),
        Told("考核方式", "assessment", width=30),
        Told("科目", "get_subject_display", width=12),
        Told("每人拟计学时（学分）", "amount", "number", 12),
        Told("计量", "get_measure_display", width=8),
        Told("首次提交", lambda case: clock.day_of(case.first_submitted_at), "date"),
        Told("核准", lambda case: clock.day_of(case.approved_at), "date"),
        Told("状态", "get_state_display", width=14),
    ),
)


def register() -> None:
    """Make the list known to luojiang_ce.sheets.exports."""
    register_export("self_studies", SELF_STUDIES)

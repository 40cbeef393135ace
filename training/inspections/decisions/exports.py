"""The list of decisions as a workbook: the columns of its page, in words."""

from __future__ import annotations

from luojiang_ce import clock
from luojiang_ce.sheets.exports import ListExport, Told, register_export

from .forms import DecisionFilter
from .models import Decision

DECISIONS = ListExport(
    "检查处理",
    lambda account: (
        Decision.objects.visible_to(account)
        .select_related("unit", "inspection__unit", "inspection__application__project")
        .prefetch_related("findings")
        .order_by("-pk")
    ),
    DecisionFilter,
    (
        Told("编号", "number", width=18),
        Told("监督检查", "inspection.number", width=18),
        Told("培训班", "inspection.subject", width=40),
        Told("被检查单位", "inspection.provider", width=36),
        Told("认定的问题", lambda case: "、".join(dict.fromkeys(map(str, case.findings.all()))), width=30),
        Told("处理", lambda case: "；".join(case.consequences), width=40),
        Told("告知", lambda case: clock.day_of(case.told_at), "date"),
        Told("决定", lambda case: clock.day_of(case.decided_at), "date"),
        Told("状态", "get_state_display", width=14),
    ),
)


def register() -> None:
    """Make the list known to luojiang_ce.sheets.exports."""
    register_export("decisions", DECISIONS)

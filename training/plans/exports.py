"""The lists of plans and of planned classes as workbooks: the columns of their pages, in words."""

from __future__ import annotations

from luojiang_ce import clock
from luojiang_ce.sheets.exports import ListExport, Told, register_export

from .filters import ChangeFilter, ItemFilter, PlanFilter
from .models import Plan, PlanItem, ProjectChange

PLANS = ListExport(
    "培训计划",
    lambda account: Plan.objects.visible_to(account).select_related("unit"),
    PlanFilter,
    (
        Told("单位", "unit.name", width=36),
        Told("年度", "year", "integer", 8),
        Told("计划", lambda plan: f"第 {plan.supplement} 次增补" if plan.supplement else "年度计划", width=14),
        Told("首次报送", lambda plan: clock.day_of(plan.first_submitted_at), "date"),
        Told("状态", "get_state_display", width=14),
    ),
)
ITEMS = ListExport(
    "计划项目",
    lambda account: PlanItem.objects.visible_to(account).select_related("unit", "plan", "batch"),
    ItemFilter,
    (
        Told("项目编号", "number", width=18),
        Told("培训班", "title", width=40),
        Told("单位", "unit.name", width=36),
        Told("年度", "plan.year", "integer", 8),
        Told("拟定开始", "starts_on", "date"),
        Told("拟定结束", "ends_on", "date"),
        Told("期数", "sessions", "integer", 8),
        Told("每期人数", "people", "integer", 10),
        Told("公共学时", "public_amount", "number", 10),
        Told("专业学时", "professional_amount", "number", 10),
        Told("公布文号", "batch.document_number", width=24),
        Told("状态", "get_state_display", width=14),
    ),
)
CHANGES = ListExport(
    "公布项目变更",
    lambda account: ProjectChange.objects.visible_to(account).select_related("unit", "item"),
    ChangeFilter,
    (
        Told("编号", "number", width=18),
        Told("事项", "get_what_display", width=8),
        Told("项目编号", "item.number", width=18),
        Told("培训班", "item.title", width=40),
        Told("单位", "unit.name", width=36),
        Told("决定", "decision", width=24),
        Told("决定日期", "decided_on", "date"),
        Told("公布文号", "document_number", width=24),
        Told("状态", "get_state_display", width=14),
    ),
)


def register() -> None:
    """Make the lists known to luojiang_ce.sheets.exports."""
    register_export("plans", PLANS)
    register_export("plan_items", ITEMS)
    register_export("project_changes", CHANGES)

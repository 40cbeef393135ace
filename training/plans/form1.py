"""附件1 as one definition: the screen table, the workbook and the PDF are made from it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from luojiang_ce import clock
from luojiang_ce.sheets.definitions import Column, HeadField, SheetForm
from luojiang_ce.workdays.text import full

from .models import Plan, PlanItem

FORM1 = SheetForm(
    code="附件1",
    title="区直机关事业单位培训办班计划登记表",
    orientation="landscape",
    head=(HeadField("year", "计划年度"),),
    columns=(
        Column("organiser", "主办单位", width=14),
        Column("co_organiser", "承办（协办）单位", width=12),
        Column("title", "培训班名称", width=18),
        Column("basis", "办班依据（文件名、文号）", width=16),
        Column("content", "培训内容（主要课程）", width=20),
        Column("category", "科目类别", width=6),
        Column("audience", "培训对象", width=12),
        Column("sessions", "期数", kind="integer", width=4),
        Column("people", "每期人数", kind="integer", width=5),
        Column("period", "拟定起止时间", width=14),
        Column("days", "天数", kind="number", width=4),
        Column("place", "地点", width=10),
        Column("form", "培训形式", width=6),
        Column("public_amount", "公共", kind="number", width=5, group="拟授学时（学分）"),
        Column("professional_amount", "专业", kind="number", width=5, group="拟授学时（学分）"),
        Column("funding", "经费来源", width=8),
        Column("budget", "经费预算（元）", kind="number", width=8),
        Column("fee", "是否收费、标准（元/人）、批准文号", width=12),
        Column("lecturers", "拟请师资", width=10),
        Column("contact", "联系人、电话", width=12),
        Column("note", "备注", width=8),
    ),
    foot=(
        HeadField("unit", "填报单位（盖章）"),
        HeadField("leader", "单位负责人"),
        HeadField("filler", "填表人"),
        HeadField("phone", "电话"),
        HeadField("date", "填报日期"),
    ),
)

# The boxes for opinions on paper; notice 一(五)1: 区人社局审核，两家同意后公布
OPINIONS = ("单位意见", "区人社局审核意见", "协调小组意见", "反腐败领导小组办公室意见")


def row_of(item: PlanItem) -> dict[str, Any]:
    """One item as the columns of 附件1; choices as their Chinese words."""
    row: dict[str, Any] = {column.key: getattr(item, column.key, "") for column in FORM1.columns}
    for key in ("category", "form", "funding"):
        row[key] = getattr(item, f"get_{key}_display")()
    row["period"] = f"{full(item.starts_on)}至{full(item.ends_on)}" if item.starts_on and item.ends_on else ""
    row["fee"] = f"收费 {item.fee} 元/人，{item.fee_document}" if item.charges else "不收费"
    row["contact"] = f"{item.contact} {item.phone}".strip()
    return row


def rows_of(items: Iterable[PlanItem]) -> list[dict[str, Any]]:
    """Items as rows of 附件1, in the order given."""
    return [row_of(item) for item in items]


def head_of(plan: Plan) -> dict[str, Any]:
    """The values of the head and foot fields."""
    filed = plan.first_submitted_at
    return {
        "year": plan.year,
        "unit": plan.unit.name,
        "leader": plan.leader,
        "filler": plan.filler,
        "phone": plan.phone,
        "date": clock.local(filed).date() if filed else "",
    }

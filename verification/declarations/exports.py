"""The list of declarations as a workbook: the columns of its page, in words."""

from __future__ import annotations

from luojiang_ce import clock
from luojiang_ce.sheets.exports import ListExport, Told, register_export

from .forms import DeclarationFilter
from .models import Declaration
from .shapes import told

DECLARATIONS = ListExport(
    "学时申报",
    lambda account: (
        Declaration.objects.visible_to(account)
        .select_related("person", "unit", "catalogue", "organiser_unit", "filing")
        .order_by("-pk")
    ),
    DeclarationFilter,
    (
        Told("编号", "number", width=18),
        Told("项目", "title", width=40),
        Told("姓名", "person.name", "name"),
        Told("单位", "unit.name", width=36),
        Told("形式", "get_form_display", width=20),
        Told("年度", "year", "integer", 8),
        Told("学时（学分）", "amount", "number", 12),
        Told("计量", "get_measure_display", width=8),
        Told("主办单位", "organiser", width=30),
        Told("起", "date_from", "date"),
        Told("止", "date_to", "date"),
        Told("折算依据", "basis", width=40),
        Told("自学备案", "filing.number", width=18),
        Told("该形式的事项", lambda case: "；".join(f"{label}：{said}" for label, said in told(case)), width=60),
        Told("首次提交", lambda case: clock.day_of(case.first_submitted_at), "date"),
        Told("状态", "get_state_display", width=14),
    ),
)


def register() -> None:
    """Make the list known to luojiang_ce.sheets.exports."""
    register_export("declarations", DECLARATIONS)

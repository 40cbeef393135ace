"""The people of the bureau's own trainings as a workbook: the columns of the page, in words."""

from __future__ import annotations

from luojiang_ce.sheets.exports import ListExport, Told, register_export

from .forms import PassedFilter
from .models import Passed

PASSED = ListExport(
    "调训合格人员",
    lambda account: Passed.objects.visible_to(account).select_related("person", "unit", "training__catalogue"),
    PassedFilter,
    (
        Told("姓名", "person.name", width=12),
        Told("证件号码", "person.masked_id", width=22),
        Told("单位", "unit.name", width=36),
        Told("编号", "training.number", width=18),
        Told("培训名称", "training.title", width=40),
        Told("起", "training.date_from", "date"),
        Told("止", "training.date_to", "date"),
        Told("计入年度", "training.year", "integer", 10),
        Told("科目", "training.what", width=24),
        Told("学时", "training.amount", "number", 10),
        Told("状态", "stands_as", width=14),
        Told("撤回理由", "withdrawn_why", width=40),
    ),
)


def register() -> None:
    """Make the list known to luojiang_ce.sheets.exports."""
    register_export("direct_passed", PASSED)

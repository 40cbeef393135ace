"""The people with their sums of a year as a workbook: the columns of the page, in words."""

from __future__ import annotations

from luojiang_ce.sheets.exports import ListExport, Told, register_export

from .forms import PeopleFilter, year_of
from .lines import rows_of, working_people

LEDGER = ListExport(
    "学时记录",
    lambda account: working_people(account).order_by("person__pinyin", "pk"),
    PeopleFilter,
    (
        Told("年度", "year", "integer", 8),
        Told("姓名", "employment.person.name", "name"),
        Told("证件号码（已遮盖）", "employment.person.masked_id", "id", 22),
        Told("单位", "employment.unit.name", width=36),
        Told("类别", "employment.person.get_category_display", width=10),
        Told("公共学时", "public", "number"),
        Told("专业学时", "professional", "number"),
        Told("学时合计", "hours", "number"),
        Told("学分合计", "credits", "number"),
        Told("达标情况", "verdict.label", width=16),
    ),
    dress=lambda rows, query, account: rows_of(rows, year_of(query.get("year", ""))),
)


def register() -> None:
    """Make the list known to luojiang_ce.sheets.exports."""
    register_export("ledger", LEDGER)

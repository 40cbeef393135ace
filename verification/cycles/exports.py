"""The board and the list of 次年度不予评聘 as workbooks: the columns of their pages, in words."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict

from luojiang_ce.access import Actor
from luojiang_ce.sheets.exports import ListExport, Told, register_export
from units.models import Person, StudyPeriod
from verification.requirements.display import said

from .board import CycleRow, cycles_of, rows_of
from .entries import entries_of, lines_of
from .filters import CycleFilter, EntryFilter, FlaggedFilter

YEARS = 5  # notice 一(三)3


def seen(account: Any) -> QuerySet[StudyPeriod]:
    """The cycles of the people whom the account sees, the next to end last."""
    rows = cycles_of(Person.objects.visible_to(account)).select_related("person")
    return rows.order_by("-last_year", "-first_year", "person__pinyin", "pk")


def _dressed(rows: list[StudyPeriod], query: QueryDict, account: Actor) -> list[CycleRow]:
    return rows_of(rows)


def _year(number: int) -> Told:
    def says(row: CycleRow) -> str:
        cell = row.cells[number] if number < len(row.cells) else None
        return f"{cell.year}：{cell.text}{f'（{cell.said}）' if cell.said else ''}" if cell else ""

    return Told(f"第 {number + 1} 年", says, width=18)


HEAD = (
    Told("姓名", "person.name", "name"),
    Told("证件号码（已遮盖）", "person.masked_id", "id", 22),
    Told("单位", "unit", width=36),
    Told("职务", "title", width=14),
    Told("周期", lambda row: str(row.period), width=12),
)
TAIL = (
    Told("集中学时", "intensive", "number"),
    Told("远程学时", "remote", "number"),
    Told("公共必修课", "courses.counted", "number"),
    Told("学时累计", "hours", "number"),
    Told("学时总数", lambda row: "未设定" if row.asked is None else said(row.asked)),
    Told("还差", lambda row: "不判定" if row.asked is None else said(row.missing)),
    Told("缺什么", "lacks", width=36),
    Told("评聘", "label", width=24),
)
BOARD = ListExport("教师周期", seen, CycleFilter, (*HEAD, *map(_year, range(YEARS)), *TAIL), dress=_dressed)
FLAGGED = ListExport("不予评聘名单", seen, FlaggedFilter, (*HEAD, *TAIL), dress=_dressed)


ENTRIES = ListExport(
    "教师年度登记",
    lambda account: entries_of(account).select_related("person").order_by("-year", "person__pinyin", "date_from", "pk"),
    EntryFilter,
    (
        Told("年度", "entry.year", "integer", 8),
        Told("姓名", "entry.person.name", "name"),
        Told("证件号码（已遮盖）", "entry.person.masked_id", "id", 22),
        Told("单位", "unit", width=36),
        Told("学习内容", "entry.title", width=40),
        Told("公共必修课", "entry.course", width=20),
        Told("时间", "days", width=26),
        Told("培训机构", "entry.organiser", width=30),
        Told("科目", "entry.get_subject_display"),
        Told("学时", "entry.amount", "number"),
        Told("考核成绩", "result"),
    ),
    dress=lambda rows, query, account: lines_of(rows),
)


def register() -> None:
    """Make both known to luojiang_ce.sheets.exports."""
    register_export("cycles", BOARD)
    register_export("cycles_flagged", FLAGGED)
    register_export("cycles_entries", ENTRIES)

"""Rows without a header, in the order of a form; titles that stand over several columns."""

from __future__ import annotations

from io import BytesIO

import pytest

from luojiang_ce.sheets.definitions import Column, SheetForm
from luojiang_ce.sheets.entries import read_sheet
from luojiang_ce.sheets.problems import NoHeader

FORM = SheetForm(
    code="表",
    title="表",
    columns=(
        Column("name", "名称", required=True),
        Column("when", "时间"),
        Column("public", "公共", group="学时"),
        Column("note", "备注"),
        Column("starts", "开始"),
        Column("ends", "结束"),
    ),
    parts={"when": ("starts", "ends")},
)
ORDER = ("name", "when", "public", "note")


def values(text: str, order: tuple[str, ...] = ORDER) -> list[dict[str, object]]:
    sheet = read_sheet(BytesIO(text.encode("utf-8-sig")), FORM, max_entries=10, order=order)
    return [entry.values for entry in sheet.entries]


def test_rows_without_a_header_are_read_in_order() -> None:
    assert values("甲\t今天\t8\t无\n乙\t明天") == [
        {"name": "甲", "when": "今天", "public": "8", "note": "无"},
        {"name": "乙", "when": "明天"},
    ]


def test_running_numbers_before_them_are_told() -> None:
    assert values("1\t甲\t今天\t8\n2\t乙\t明天\n合计\t\t\t8") == [
        {"name": "甲", "when": "今天", "public": "8"},
        {"name": "乙", "when": "明天"},
    ]


def test_a_line_of_a_header_without_the_rest_is_no_row() -> None:
    assert values("\t\t公共\t\n甲\t今天\t8\t无") == [{"name": "甲", "when": "今天", "public": "8", "note": "无"}]


def test_a_header_wins_over_the_order() -> None:
    assert values("备注\t名称\n无\t甲") == [{"note": "无", "name": "甲"}]


@pytest.mark.parametrize("text", ["甲", "甲\t今天\t8\t无\tx\ty\tz", "没有分列的一行，逗号，很多"])
def test_other_tables_are_refused_with_the_order(text: str) -> None:
    with pytest.raises(NoHeader, match="名称、时间、公共、备注"):
        values(text)


def test_an_upload_without_a_header_is_not_guessed() -> None:
    with pytest.raises(NoHeader, match="没有找到表头"):
        values("甲\t今天\t8\t无", order=())


def test_a_title_over_two_columns_holds_both_parts() -> None:
    assert values("名称\t时间\t\t备注\n甲\t今天\t明天\t无") == [
        {"name": "甲", "starts": "今天", "ends": "明天", "note": "无"}
    ]
    assert values("名称\t时间\t备注\n甲\t今天\t无") == [{"name": "甲", "when": "今天", "note": "无"}]

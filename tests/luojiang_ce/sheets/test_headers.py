"""Where a form's header stands, and which rows below it are entries."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luojiang_ce.sheets.cells import Row
from luojiang_ce.sheets.definitions import Column, SheetForm
from luojiang_ce.sheets.entries import Header, find_header, read_sheet
from luojiang_ce.sheets.problems import NoHeader, NoRows, TooLarge
from tests.luojiang_ce.sheets.workbooks import text_row, workbook

FORM = SheetForm(
    code="staff",
    title="名单",
    columns=(
        Column("name", "姓名", ("名字",), kind="name", required=True),
        Column("number", "编号", ("工号",), kind="id", required=True),
        Column("post", "职务", ("职务名称",)),
        Column("level", "级别", kind="choice", choices=("高", "低")),
    ),
    is_entry=lambda cells: len(str(cells.get("number", ""))) >= 5,
)


def header(*lines: str, first: int = 1) -> Header | None:
    rows = [
        Row(first + place, {column: text for column, text in enumerate(line.split("|"), 1) if text})
        for place, line in enumerate(lines)
    ]
    return find_header(rows, FORM)


def found(*lines: str, first: int = 1) -> tuple[int, int, dict[str, int]]:
    where = header(*lines, first=first)
    assert where is not None
    return where.first_row, where.last_row, where.columns


def test_the_first_row_with_all_required_titles() -> None:
    assert found("名单", "", "序号|姓 名|工号：|职务", "1|王|1") == (3, 3, {"name": 2, "number": 3, "post": 4})


def test_of_two_columns_of_a_kind_the_leftmost_counts() -> None:
    assert found("名字|编号|姓名|工号") == (1, 1, {"name": 1, "number": 2})


def test_titles_may_go_on_in_the_row_below() -> None:
    lines = ("姓名|编号|职务||备注", "||名称|级别|", "王|1|a|b|c")
    assert found(*lines) == (1, 2, {"name": 1, "number": 2, "post": 3, "level": 4})


def test_the_lower_title_counts_where_it_is_known() -> None:
    assert found("姓名|编号|职务", "||级别") == (1, 2, {"name": 1, "number": 2, "level": 3})


@pytest.mark.parametrize("below", ["王|1|职务", "||其他", "", "|1|级别"])
def test_a_row_below_that_does_not_go_on(below: str) -> None:
    assert found("姓名|编号|职务", below)[1] == 1


def test_two_rows_together() -> None:
    assert found("人员||职务", "姓名|编号|") == (2, 2, {"name": 1, "number": 2})
    assert found("姓名||职务", "|编号|级别") == (1, 2, {"name": 1, "number": 2, "level": 3})


def test_a_single_row_is_preferred_to_two() -> None:
    assert found("姓名|", "|编号", "姓名|编号")[:2] == (3, 3)


def test_rows_that_are_not_adjacent_do_not_go_together() -> None:
    assert header("姓名|", "", "|编号") is None


@pytest.mark.parametrize(("first", "there"), [(20, True), (21, False)])
def test_only_the_first_twenty_rows_are_searched(first: int, there: bool) -> None:
    assert (header("姓名|编号", first=first) is not None) is there


@pytest.mark.parametrize(("first", "there"), [(19, True), (20, False)])
def test_two_rows_lie_both_within_the_first_twenty(first: int, there: bool) -> None:
    assert (header("姓名|", "|编号", first=first) is not None) is there


def read(*lines: str, most: int = 100) -> dict[int, str]:
    data = workbook("".join(text_row(*line.split("|")) for line in lines))
    return {
        entry.row: entry.text(FORM.column("name"))
        for entry in read_sheet(io.BytesIO(data), FORM, max_entries=most).entries
    }


def test_rows_that_are_no_entries_are_skipped() -> None:
    lines = ["姓名|编号|级别|序号", "王|1", "|||4", " |\u3000|\u200b", "名字|工号", "李|2", "合　计|2", "张|3", "'|'"]
    assert read(*lines) == {2: "王", 6: "李", 8: "张"}


@pytest.mark.parametrize(
    "foot",
    [
        "合计",
        "总 计：3",
        "填表人：王",
        "审核人",
        "单位负责人（签字）",
        "联系电话12345",
        "注：以上",
        "说明",
        "备注：无",
        "小计",
    ],
)
def test_foot_rows_in_any_column(foot: str) -> None:
    assert read("姓名|编号|职务|其他", f"||||{foot}|x", f"{foot}|12", "王|1") == {4: "王"}


def test_an_entry_that_begins_like_a_foot_row() -> None:
    assert read("其他|姓名|编号", "负责人|王|12345", "负责人|李|1234") == {2: "王"}


def test_both_lines_of_a_header_are_skipped_where_they_are_repeated() -> None:
    assert read("姓名|编号|职务", "||级别", "王|1|高", "姓名|编号|职务", "||级别", "李|2|低") == {3: "王", 6: "李"}


def test_lines_of_a_split_header_are_skipped_where_they_are_repeated() -> None:
    assert read("姓名||职务", "|编号|级别", "王|1|高", "姓名||职务", "|编号|级别", "李|2|低") == {3: "王", 6: "李"}


def test_the_first_visible_sheet_with_a_header() -> None:
    names = ["隐", "空", "甲", "乙"]
    sheets = [text_row("姓名", "编号") + text_row(name, "1") for name in names]
    sheets[1] = text_row("封面")
    data = workbook(*sheets, names=names, states=["hidden", "visible", "visible", "visible"])
    sheet = read_sheet(io.BytesIO(data), FORM, max_entries=9)
    assert sheet.name == "甲"
    assert [dict(row.cells) for row in sheet.table.rows()][1] == {1: "甲", 2: "1"}


def test_a_hidden_sheet_only_if_no_visible_one_has_a_header() -> None:
    sheets = [text_row("封面"), text_row("姓名", "编号") + text_row("王", "1")]
    data = workbook(*sheets, names=["封面", "隐"], states=["visible", "veryHidden"])
    assert read_sheet(io.BytesIO(data), FORM, max_entries=9).name == "隐"


def test_problems_of_the_whole_file() -> None:
    with pytest.raises(NoHeader, match="“姓名”、“编号”"):
        read("姓名|号", "王|1")
    with pytest.raises(NoRows) as empty:
        read("名单", "姓名|编号", "合计|0")
    assert (empty.value.sheet, empty.value.header_row) == ("表1", 2)
    assert len(read("姓名|编号", "王|1", "李|2", most=2)) == 2
    with pytest.raises(TooLarge, match="2 行"):
        read("姓名|编号", "王|1", "李|2", "张|3", most=2)


def test_commas_and_tabs_are_both_tried() -> None:
    for separator in ",\t":
        text = f"名单{separator}\n姓名{separator}编号\n王明{separator}00012\n"
        sheet = read_sheet(io.BytesIO(text.encode()), FORM, max_entries=9)
        assert [(entry.row, entry.values) for entry in sheet.entries] == [(3, {"name": "王明", "number": "00012"})]


PEOPLE = st.lists(st.tuples(st.sampled_from("王李张"), st.integers(1, 99_999)), min_size=1, max_size=6)
TITLES = {"name": "姓名：", "number": "*工号", "post": "职务", "other": "序号"}
BLANKS: tuple[dict[str, str], ...] = ({}, {"other": "7"}, {"name": "\u3000", "number": "\u200b"})
FOOTS: tuple[dict[str, str], ...] = ({"name": "合 计"}, {"name": "填表人：王"}, TITLES)
ABOVE = st.lists(st.sampled_from([*BLANKS, {"name": "名单"}]), max_size=4)
NOISE = st.lists(st.sampled_from([*BLANKS, *FOOTS]), max_size=3)


@given(PEOPLE, ABOVE, st.lists(NOISE, min_size=6, max_size=6), st.permutations(list(TITLES)))
def test_any_layout_gives_the_same_entries(people, above, between, order) -> None:
    lines = [*above, TITLES]
    for (name, number), noise in zip(people, between, strict=False):
        lines += [*noise, {"name": name, "number": str(number), "other": "1"}]
    data = workbook("".join(text_row(*(line.get(key, "") for key in order)) for line in lines))
    entries = read_sheet(io.BytesIO(data), FORM, max_entries=100).entries
    assert [(entry.values["name"], entry.values["number"]) for entry in entries] == [(n, str(i)) for n, i in people]

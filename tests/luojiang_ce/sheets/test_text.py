"""Delimited text in every encoding of the contract, and what is no text at all."""

import codecs
import csv
import io

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from luojiang_ce.sheets.problems import Unreadable
from tests.luojiang_ce.sheets.reading import cells

COMMA, TAB = 0, 1


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (b"", "utf-8"),
        (codecs.BOM_UTF8, "utf-8"),
        (b"", "gb18030"),
        ("\ufeff".encode("gb18030"), "gb18030"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ],
)
def test_encodings(mark: bytes, encoding: str) -> None:
    text = '"姓名",职称\r\n李𬭎,工程师\r\n䶮㛃,\r\n'
    assert cells(mark + text.encode(encoding)) == {
        1: {1: "姓名", 2: "职称"},
        2: {1: "李𬭎", 2: "工程师"},
        3: {1: "䶮㛃"},
    }


def test_characters_that_gb18030_once_kept_in_the_private_area() -> None:
    assert cells("姓名\n李".encode("gb18030") + b"\xfe\x59\xfe\x51\n") == {1: {1: "姓名"}, 2: {1: "李\u9fb4\U00020087"}}


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_an_empty_line_is_a_row_and_a_quoted_line_break_is_none(ending: str) -> None:
    text = ending.join(["甲,乙", "", '"多行', '文字",x', ",,", '"a,b","说""好"""'])
    assert cells(text.encode()) == {
        1: {1: "甲", 2: "乙"},
        3: {1: f"多行{ending}文字", 2: "x"},
        5: {1: "a,b", 2: '说"好"'},
    }


def test_tabs() -> None:
    assert cells("姓名\t职称\n王明\t工程师, 教师\n".encode(), TAB) == {
        1: {1: "姓名", 2: "职称"},
        2: {1: "王明", 2: "工程师, 教师"},
    }


def test_formulas_that_keep_text_as_text() -> None:
    text = '="999999198503120120","=""99""",="a""b" ,="",=1+1\n'
    assert cells(text.encode()) == {1: {1: "999999198503120120", 2: "99", 3: 'a"b', 5: "=1+1"}}


NAMES = ("王明", "李明", "张明", "陈明", "林明", "黄明", "吴明")


@given(
    st.lists(
        st.sampled_from(['"', '"借调', '"返聘"人员', '返聘"', '"返聘"', '"a""', '5"管', "", "无"]),
        min_size=7,
        max_size=7,
    ),
    st.sampled_from([",", "\t"]),
    st.booleans(),
    st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_marks_of_a_system_that_quotes_nothing_swallow_nobody(
    notes: list[str], delimiter: str, first: bool, ending: str
) -> None:
    """Whatever begins or ends with a mark, each line is a row and its names and numbers are its own."""
    columns = ("备注", "姓名", "号码") if first else ("姓名", "号码", "备注")
    lines = [
        columns,
        *(
            (note, name, str(n)) if first else (name, str(n), note)
            for n, (name, note) in enumerate(zip(NAMES, notes, strict=True))
        ),
    ]
    text = ending.join(delimiter.join(line) for line in lines)
    read = cells(text.encode("gb18030"), COMMA if delimiter == "," else TAB)
    at = 2 if first else 1
    assert [(row[at], row[at + 1]) for row in list(read.values())[1:]] == [
        (name, str(n)) for n, name in enumerate(NAMES)
    ]


@given(
    st.lists(st.text(st.sampled_from('甲乙,"\n\r\t 1'), max_size=8), min_size=1, max_size=6),
    st.sampled_from([",", "\t"]),
)
@example([",\r", "\r,\r", "\r,\r"], ",")  # more lines within cells than records
def test_what_is_quoted_as_it_should_be_comes_back(texts: list[str], delimiter: str) -> None:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter)
    # With all columns in the first of its lines it would be taken for a record of its own.
    assume(all(text.count(delimiter) < 4 for text in texts))
    writer.writerows([("姓名", "备注", "x", "y", "z"), *((text, "好", "x", "y", "z") for text in texts)])
    read = cells(out.getvalue().encode(), COMMA if delimiter == "," else TAB)
    assert [row.get(1, "") for row in list(read.values())[1:]] == texts


def test_a_mark_that_opens_the_last_cell_and_never_closes_is_refused_where_nothing_tells_what_was_meant() -> None:
    with pytest.raises(Unreadable, match="第 3 行有一处引号"):
        cells('姓名,部门,备注\n李明,好,\n王明,x,"没写\n完\n'.encode())


def test_a_mark_that_never_closes_swallows_nobody() -> None:
    assert cells('姓名,备注\n王明,"没写完\n李明,好\n'.encode()) == {
        1: {1: "姓名", 2: "备注"},
        2: {1: "王明", 2: '"没写完'},
        3: {1: "李明", 2: "好"},
    }


def test_a_quote_inside_a_field_is_a_character() -> None:
    assert cells('姓名,备注\n王明,5"管\n'.encode()) == {1: {1: "姓名", 2: "备注"}, 2: {1: "王明", 2: '5"管'}}


def test_an_endless_field_is_refused() -> None:
    with pytest.raises(Unreadable, match="引号"):
        cells(('姓名\n"' + "长" * 200_000 + '"\n').encode())


def test_a_file_of_marks_that_never_close_is_read_in_one_go() -> None:
    """Were it read to its end for each of its lines, this would take minutes."""
    read = cells(("姓名,身份证号\n" * 2 + 'a","c\n' * 60_000).encode())
    assert len(read) == 60_002


def test_columns_beyond_the_last_of_excel_are_left_out() -> None:
    assert max(cells(b"a," * 20_000)[1]) == 16_384


TEXT = "姓名,职称,备注\n" + "".join(f"{name},工程师,在岗\n" for name in NAMES)


@given(st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"]), st.integers(0, 3), st.data())
def test_a_stray_byte_spoils_its_cell_and_not_the_file(encoding: str, column: int, data: st.DataObject) -> None:
    stray = data.draw(st.sampled_from([b"\xff", b"\xfe\xff", b"\x80"])) if encoding != "utf-16" else b"\x00\xd8"
    before, after = TEXT.split("张明,", 1)
    spoilt = (
        f"{before}张明,".encode(encoding)
        + stray
        + after.encode("utf-16-le" if encoding == "utf-16" else encoding.replace("-sig", ""))
    )
    read = cells(spoilt)
    assert "\ufffd" in str(read[4][2])
    sound = {1: {1: "姓名", 2: "职称", 3: "备注"}} | {
        number: {1: name, 2: "工程师", 3: "在岗"} for number, name in enumerate(NAMES, 2) if number != 4
    }
    assert {number: row for number, row in read.items() if number != 4} == sound
    assert (read[4][1], read[4][3]) == ("张明", "在岗")


@pytest.mark.parametrize("end", [b"\x1a", b"\x00", b"\x1a\x1a\r\n"])
def test_the_end_of_file_mark_of_old_systems_is_no_text(end: bytes) -> None:
    assert list(cells(TEXT.encode("gb18030") + end)) == [1, *range(2, 9)]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"a,b\x00c\n",
        bytes(range(256)) * 4,
        "姓名,职称".encode("utf-16-le"),
        codecs.BOM_UTF8 + "姓名".encode()[:-1],
        codecs.BOM_UTF16_LE + "姓名".encode("utf-16-le")[:-1],
        "姓名,职称\n王明".encode()[:-1],
        "姓名,职称\n王明".encode("gb18030")[:-1],
    ],
)
def test_what_is_no_text_or_was_cut_off(data: bytes) -> None:
    with pytest.raises(Unreadable):
        cells(data)

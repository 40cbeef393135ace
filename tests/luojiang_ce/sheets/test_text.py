"""Delimited text in every encoding of the contract, and what is no text at all."""

import codecs

import pytest

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


def test_a_quote_that_is_not_closed_would_swallow_the_rest() -> None:
    with pytest.raises(Unreadable, match="引号"):
        cells('姓名,备注\n王明,"没写完\n李明,好\n'.encode())


def test_a_quote_inside_a_field_is_a_character() -> None:
    assert cells('姓名,备注\n王明,5"管\n'.encode()) == {1: {1: "姓名", 2: "备注"}, 2: {1: "王明", 2: '5"管'}}


def test_an_endless_field_is_refused() -> None:
    with pytest.raises(Unreadable, match="引号"):
        cells(('姓名\n"' + "长" * 200_000 + '"\n').encode())


def test_columns_beyond_the_last_of_excel_are_left_out() -> None:
    assert max(cells(b"a," * 20_000)[1]) == 16_384


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

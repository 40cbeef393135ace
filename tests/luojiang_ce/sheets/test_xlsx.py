""".xlsx as Excel, WPS and less careful programs write it, cell by cell."""

import io
import zipfile
from datetime import datetime

import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from luojiang_ce.sheets.problems import Unreadable
from luojiang_ce.sheets.reading import open_tables, package
from luojiang_ce.sheets.reading.xlsx import is_date_format
from tests.luojiang_ce.sheets.reading import cells
from tests.luojiang_ce.sheets.workbooks import (
    STRICT,
    TRANSITIONAL,
    number_cell,
    row,
    styles,
    text_cell,
    text_row,
    workbook,
)

NAMESPACES = pytest.mark.parametrize("namespace", [TRANSITIONAL, STRICT], ids=["transitional", "strict"])


def saved(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@NAMESPACES
def test_every_kind_of_cell(namespace: str) -> None:
    kinds = [
        '<c r="A1" t="s"><v>1</v></c>',
        '<c r="B1" t="str"><f>CONCATENATE("甲","乙")</f><v>甲乙</v></c>',
        '<c r="C1" t="inlineStr"><is><r><t>内</t></r><r><t>联</t></r></is></c>',
        '<c r="D1"><v>3.5050419850312E+17</v></c>',
        '<c r="E1" t="b"><v>1</v></c>',
        '<c r="F1" t="e"><v>#N/A</v></c>',
        '<c r="G1" t="d"><v>2015-03-01T00:00:00</v></c>',
        '<c r="H1" s="1"><v>42064</v></c>',
        '<c r="I1" t="n"><f>1+1</f><v>2</v></c>',
    ]
    data = workbook(
        row(*kinds, number=1),
        strings="<si><t>零</t></si><si><t>一</t></si>",
        style=styles(0, "yyyy-mm"),
        namespace=namespace,
    )
    assert cells(data) == {
        1: {
            1: "一",
            2: "甲乙",
            3: "内联",
            4: 3.5050419850312e17,
            5: "TRUE",
            6: "#N/A",
            7: datetime(2015, 3, 1),
            8: datetime(2015, 3, 1),
            9: 2.0,
        }
    }


def test_a_formula_without_a_stored_result_is_an_empty_cell() -> None:
    data = workbook(row('<c r="A1"><f>B1</f></c>', '<c r="B1" t="str"><f>C1</f><v></v></c>', text_cell("有", "C1")))
    assert cells(data) == {1: {3: "有"}}


def test_formulas_of_openpyxl_have_no_result() -> None:
    book = openpyxl.Workbook()
    book.active.append(["=1+1", "文"])
    assert cells(saved(book)) == {1: {2: "文"}}


def test_phonetic_runs_are_no_text_and_rich_text_is_joined() -> None:
    strings = "<si><r><t>王</t></r><rPh sb='0' eb='1'><t>wang</t></rPh><r><rPr><b/></rPr><t> 明</t></r></si>"
    data = workbook(row('<c r="A1" t="s"><v>0</v></c>'), strings=strings)
    assert cells(data) == {1: {1: "王 明"}}


def test_escaped_characters() -> None:
    strings = "<si><t>甲_x000D__x000A_乙_x005F_x</t></si><si><t>_xD842__xDFB7_</t></si><si><t>_x</t></si>"
    data = workbook(row(*(f'<c t="s"><v>{place}</v></c>' for place in range(3))), strings=strings)
    assert cells(data) == {1: {1: "甲\r\n乙_x", 2: "𠮷", 3: "_x"}}


def test_an_empty_shared_string_keeps_its_number() -> None:
    data = workbook(
        row('<c t="s"><v>2</v></c>', '<c t="s"><v>1</v></c>'), strings="<si><t>a</t></si><si/><si><t>b</t></si>"
    )
    assert cells(data) == {1: {1: "b"}}


def test_rows_and_cells_that_do_not_state_their_place_follow_the_last() -> None:
    sheet = (
        row(text_cell("甲"), "<c/>", text_cell("丙"))
        + row(text_cell("丁", "C5"), text_cell("戊"), number=5)
        + row(text_cell("己"))
    )
    assert cells(workbook(sheet)) == {1: {1: "甲", 3: "丙"}, 5: {3: "丁", 4: "戊"}, 6: {1: "己"}}


def test_a_row_that_does_not_state_its_number_takes_that_of_its_cells() -> None:
    sheet = row(text_cell("甲", "A3")) + row(text_cell("乙")) + row(text_cell("丙", "A2"))
    assert cells(workbook(sheet)) == {3: {1: "甲"}, 4: {1: "乙"}, 5: {1: "丙"}}


def test_leading_blank_rows_and_columns_keep_the_place() -> None:
    book = openpyxl.Workbook()
    book.active["D7"] = "在此"
    assert cells(saved(book)) == {7: {4: "在此"}}


def test_the_last_cell_of_a_sheet() -> None:
    assert cells(workbook(row(text_cell("末", "XFD1048576"), number=1048576))) == {1048576: {16384: "末"}}


def test_merged_cells_hold_their_value_once() -> None:
    book = openpyxl.Workbook()
    book.active["B2"] = "合"
    book.active.merge_cells("B2:D4")
    assert cells(saved(book)) == {2: {2: "合"}}


@pytest.mark.parametrize("epoch_1904", [False, True])
def test_date_cells_of_both_systems(epoch_1904: bool) -> None:
    book = openpyxl.Workbook()
    if epoch_1904:
        book.epoch = CALENDAR_MAC_1904
    book.active.append([datetime(2015, 3, 1), 40602])
    data = saved(book)
    assert cells(data) == {1: {1: datetime(2015, 3, 1), 2: 40602.0}}
    assert open_tables(io.BytesIO(data))[0].epoch_1904 is epoch_1904


@pytest.mark.parametrize(
    "code",
    [
        *("yyyy-mm", "yyyy/m/d", 'yyyy"年"m"月"d"日"', "[$-804]yyyy年m月", "mmm-yy", "[$-F800]dddd", "d.m.", "e年m月"),
        *("[DBNum1][$-804]yyyy年m月;@", "h:mm"),
    ],
)
def test_formats_that_show_a_date(code: str) -> None:
    assert is_date_format(code)


@pytest.mark.parametrize(
    "code",
    [
        "General",
        "G/通用格式",
        "0",
        "0.00E+00",
        "@",
        "#,##0.00",
        '0"day"',
        "[Red]0",
        r"0\d",
        "[红色]0.0",
        "_ * #,##0_ ",
        "0_d",
    ],
)
def test_formats_that_show_none(code: str) -> None:
    assert not is_date_format(code)


def test_styles_that_are_not_there_are_no_dates() -> None:
    assert cells(workbook(row(number_cell(42064, "A1", style=9)))) == {1: {1: 42064.0}}


def test_built_in_formats_of_chinese_excel_are_dates() -> None:
    data = workbook(row(number_cell(42064, style=0), number_cell(42064, style=1)), style=styles(57, 1))
    assert cells(data) == {1: {1: datetime(2015, 3, 1), 2: 42064.0}}


def test_a_number_that_excel_shows_no_date_for_stays_a_number() -> None:
    data = workbook(row(number_cell("3.5E+17", style=0), number_cell(0.5, style=0)), style=styles(14))
    assert cells(data) == {1: {1: 3.5e17, 2: 0.5}}


@pytest.mark.parametrize("value", ["NaN", "inf", "abc", "1e999"])
def test_numbers_that_are_none_are_text(value: str) -> None:
    assert cells(workbook(row(number_cell(value)))) == {1: {1: value}}


def test_sheets_in_tab_order_with_their_visibility() -> None:
    sheet = row(text_cell("a"))
    data = workbook(sheet, sheet, sheet, names=["一", "二", "三"], states=["hidden", "visible", "veryHidden"])
    tables = open_tables(io.BytesIO(data))
    assert [(table.name, table.visible) for table in tables] == [("一", False), ("二", True), ("三", False)]


def test_chart_sheets_are_passed_over() -> None:
    book = openpyxl.Workbook()
    book.create_chartsheet("图", 0)
    book.active = 1
    book.worksheets[0]["A1"] = "x"
    assert [table.name for table in open_tables(io.BytesIO(saved(book)))] == ["Sheet"]


def test_prefixed_elements_and_other_vocabularies() -> None:
    inside = (
        '</sheetData><extLst xmlns:o="urn:other"><o:row><o:c><o:v>9</o:v></o:c></o:row></extLst>'
        '<y:sheetData xmlns:y="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        '<y:row r="3"><y:c r="B3" t="str"><y:v>乙</y:v></y:c></y:row></y:sheetData><sheetData>'
    )
    assert cells(workbook(row(text_cell("甲")) + inside)) == {1: {1: "甲"}, 3: {2: "乙"}}


def test_parts_are_found_without_regard_to_case_and_slashes() -> None:
    source = zipfile.ZipFile(io.BytesIO(workbook(row(text_cell("甲")))))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        for name in source.namelist():
            package.writestr(name.replace("xl/worksheets/", "XL\\Worksheets\\"), source.read(name))
    assert cells(out.getvalue()) == {1: {1: "甲"}}


def test_absolute_targets() -> None:
    source = zipfile.ZipFile(io.BytesIO(workbook(row(text_cell("甲")))))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        for name in source.namelist():
            package.writestr(name, source.read(name).replace(b'Target="worksheets/', b'Target="/xl/worksheets/'))
    assert cells(out.getvalue()) == {1: {1: "甲"}}


@pytest.mark.parametrize(
    "sheet",
    [
        row(text_cell("a"), number=2) + row(text_cell("b"), number=2),
        row(text_cell("a"), number=3) + row(text_cell("b"), number=2),
        '<row r="0"><c><v>1</v></c></row>',
        '<row r="1048577"><c><v>1</v></c></row>',
        '<row r="x"><c><v>1</v></c></row>',
        row(text_cell("a", "XFE1")),
        row(text_cell("a", "1")),
        row(text_cell("a", "A-1")),
        row('<c t="s"><v>7</v></c>'),
        row('<c t="s"><v>-1</v></c>'),
        row('<c s="-1"><v>1</v></c>'),
        "<row><c></row>",
    ],
)
def test_sheets_that_contradict_themselves_are_refused(sheet: str) -> None:
    with pytest.raises(Unreadable):
        cells(workbook(sheet))


FORBIDDEN = ["\uffff", "\ufffe", "\x00", "\x0b", "\x1f", "&#0;", "&#1;", "&#x1F;", "&#xFFFF;", "&#55296;", "&#1114112;"]


@pytest.mark.parametrize("forbidden", FORBIDDEN)
def test_characters_that_xml_forbids_are_left_out_and_the_rest_is_read(forbidden: str) -> None:
    rows = text_row("王明", "MARK备注").replace("MARK", forbidden) + text_row("李明", "好")
    read = {1: {1: "王明", 2: "备注"}, 2: {1: "李明", 2: "好"}}
    assert cells(workbook(rows)) == read
    strings = f"<si><t>{forbidden}备注</t></si>"
    assert cells(workbook('<row><c t="s"><v>0</v></c></row>', strings=strings)) == {1: {1: "备注"}}


def test_a_stray_byte_spoils_its_cell() -> None:
    rows = text_row("王MARK明", "好") + text_row("李明", "好")
    assert cells(workbook(rows.encode().replace(b"MARK", b"\xd0"))) == {
        1: {1: "王\ufffd明", 2: "好"},
        2: {1: "李明", 2: "好"},
    }


@pytest.mark.parametrize("place", range(-14, 6))
def test_what_the_end_of_a_chunk_cuts_in_two_is_one_character(place: int, monkeypatch: pytest.MonkeyPatch) -> None:
    data = workbook(text_row("王明", "MARK备注").replace("MARK", "&#xFFFF;\uffff&amp;&#10;"))
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        cut = parts.read("xl/worksheets/sheet1.xml").index(b"&#xFFFF;")
    monkeypatch.setattr(package, "CHUNK", cut + 12 + place)
    assert cells(data) == {1: {1: "王明", 2: "&\n备注"}}


def test_another_encoding_is_the_parsers_business() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook(text_row("王明")))) as given, zipfile.ZipFile(out, "w") as made:
        for name in given.namelist():
            content = given.read(name)
            made.writestr(name, content.decode().encode("utf-16") if "sheet1.xml" in name else content)
    assert cells(out.getvalue()) == {1: {1: "王明"}}


def test_a_date_cell_keeps_its_time() -> None:
    whole = row(number_cell(46154.3479166667, style=0), number_cell(46154, style=0), number_cell(0.3479166667, style=1))
    data = workbook(whole, style=styles("yyyy/m/d h:mm", "h:mm"))
    times = {1: datetime(2026, 5, 12, 8, 21), 2: datetime(2026, 5, 12), 3: pytest.approx(0.3479166667)}
    assert cells(data) == {1: times}

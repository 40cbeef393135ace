"""Workbooks out: what is written reads back, text stays text, and nothing becomes a formula."""

import io
import zipfile
from datetime import date
from decimal import Decimal

import openpyxl
import pytest

from luojiang_ce.sheets.definitions import Column, HeadField, SheetForm
from luojiang_ce.sheets.entries import read_sheet
from luojiang_ce.sheets.filled import write_form
from luojiang_ce.sheets.writing import ReturnedRow, write_list, write_returned, write_template
from units.roster.columns import ROSTER

GROUPED = SheetForm(
    code="plans",
    title="登记表",
    columns=(
        Column("name", "班名", required=True),
        Column("public", "公共", kind="number", group="拟授学时"),
        Column("special", "专业", kind="number", group="拟授学时"),
        Column("note", "备注"),
    ),
    orientation="landscape",
    head=(HeadField("unit", "填报单位"), HeadField("day", "填报日期")),
    foot=(HeadField("chief", "单位负责人"),),
)


def written(form: SheetForm, rows, **options) -> openpyxl.Workbook:
    out = io.BytesIO()
    write_form(form, rows, out, **options)
    return openpyxl.load_workbook(out)


def listed(form: SheetForm, rows) -> openpyxl.Workbook:
    out = io.BytesIO()
    write_list(form, rows, out)
    return openpyxl.load_workbook(out)


def values(book: openpyxl.Workbook) -> list[tuple[object, ...]]:
    return list(book.active.iter_rows(values_only=True))


@pytest.mark.parametrize("text", ["=1+1", "+86 595", "-1", "@SUM(A1)", "\t=1", '=HYPERLINK("http://x")'])
def test_text_that_looks_like_a_formula_is_text(text: str) -> None:
    cell = listed(ROSTER, [{"note": text}]).active["N2"]
    assert (cell.value, cell.data_type, cell.quotePrefix) == (text, "s", True)


def test_digits_stay_digits_and_dates_dates() -> None:
    sheet = listed(ROSTER, [{"id_number": "00123", "since": date(2015, 3, 1)}]).active
    assert (sheet["D2"].value, sheet["D2"].number_format) == ("00123", "@")
    assert (sheet["H2"].value, sheet["H2"].number_format) == ("2015-03", "@"), "a month is text: a date says its day"


def test_control_characters_are_left_out_and_long_text_is_cut() -> None:
    sheet = listed(ROSTER, [{"note": "a\x01b"}, {"note": "长" * 40_000}]).active
    assert sheet["N2"].value == "ab"
    assert len(sheet["N3"].value) == 32_767


def test_a_form_as_on_paper() -> None:
    rows = [{"name": "甲班", "public": Decimal("4.5"), "special": 8}]
    book = written(GROUPED, rows, head={"unit": "某单位", "day": date(2026, 2, 3)}, foot={"chief": "王"})
    assert values(book) == [
        ("登记表", None, None, None, None),
        ("填报单位：某单位", None, None, "填报日期：2026年2月3日", None),
        ("序号", "班名", "拟授学时", None, "备注"),
        (None, None, "公共", "专业", None),
        (1, "甲班", 4.5, 8, None),
        ("单位负责人：王", None, None, None, None),
    ]
    merged = {str(cells) for cells in book.active.merged_cells.ranges}
    assert merged == {"A1:E1", "A2:C2", "D2:E2", "A3:A4", "B3:B4", "C3:D3", "E3:E4", "A6:E6"}
    assert (book.active.page_setup.orientation, book.active.page_setup.paperSize) == ("landscape", 9)


def test_what_is_exported_reads_back() -> None:
    out = io.BytesIO()
    write_form(ROSTER, [{"name": "王明", "id_number": "99999919850312012X", "birth": date(1985, 3, 12)}], out)
    entry = read_sheet(out, ROSTER, max_entries=9).entries[0]
    assert entry.text(ROSTER.column("id_number")) == "99999919850312012X"


def test_the_template_has_text_columns_drop_downs_and_instructions() -> None:
    out = io.BytesIO()
    write_template(ROSTER, out)
    book = openpyxl.load_workbook(out)
    assert [(sheet.title, sheet.sheet_state) for sheet in book] == [
        ("花名册", "visible"),
        ("填写说明", "visible"),
        ("选项", "hidden"),
    ]
    sheet = book["花名册"]
    assert [cell.value for cell in sheet[1]] == [column.title for column in ROSTER.columns]
    assert sheet.column_dimensions["D"].number_format == "@"
    lists = {str(rule.sqref): rule.formula1 for rule in sheet.data_validations.dataValidation}
    assert lists == {"B2:B1001": "选项!$A$1:$A$2", "E2:E1001": "选项!$B$1:$B$3", "G2:G1001": "选项!$C$1:$C$4"}
    assert [cell.value for cell in book["选项"]["C"]] == ["初级", "中级", "副高级", "正高级"]
    shown = [value for row in book["填写说明"].iter_rows(values_only=True) for value in row if value]
    assert all(text in shown for text in ROSTER.instructions)


def test_the_template_of_a_grouped_form_has_its_lists_below_two_lines() -> None:
    form = SheetForm(
        "x",
        "表",
        (Column("a", "甲", choices=("是", "否"), group="组"), Column("b", "乙", group="组"), Column("c", "丙")),
    )
    out = io.BytesIO()
    write_template(form, out)
    sheet = openpyxl.load_workbook(out).active
    assert str(sheet.data_validations.dataValidation[0].sqref) == "A3:A1002"
    assert sheet.freeze_panes == "A3"


def test_returned_rows_stand_as_they_were_with_their_reasons() -> None:
    header = [{2: "姓名", 3: "身份证号", 5: "备注"}]
    rows = [ReturnedRow(17, {2: "=王", 3: 3.5e17, 5: "x", 9: "外"}, ["C17 坏", "B17 也坏"], frozenset({3}))]
    out = io.BytesIO()
    write_returned(header, rows, out, text_columns=[3])
    sheet = openpyxl.load_workbook(out).active
    assert [cell.value for cell in sheet[1]][:5] == [None, "姓名", "身份证号", None, "备注"]
    assert [cell.value for cell in sheet[2]] == [None, "=王", 3.5e17, None, "x", "原第 17 行：C17 坏\nB17 也坏"]
    assert sheet["B2"].data_type == "s"
    assert sheet["C2"].fill.fgColor.rgb.endswith("FBE3DF")
    assert sheet.column_dimensions["C"].number_format == "@"


@pytest.mark.parametrize("mark", ["\x00", "\x0b", "\x1f", "\ufffe", "\uffff"])
def test_what_no_workbook_can_hold_goes_out_in_none(mark: str) -> None:
    book = written(SheetForm("x", "表", (Column("name", "姓名", required=True),)), [{"name": f"王{mark}明"}])
    assert ("王明",) in [row[-1:] for row in values(book)]


def printed(book: openpyxl.Workbook) -> tuple[str | None, str, bool]:
    sheet = book.worksheets[0]
    return sheet.print_title_rows, sheet.page_setup.orientation, sheet.sheet_properties.pageSetUpPr.fitToPage


def test_every_printed_page_repeats_the_header_and_wide_tables_lie_across() -> None:
    assert printed(written(GROUPED, [], head={"unit": "某单位"})) == ("$3:$4", "landscape", True)
    assert printed(listed(GROUPED, [])) == ("$1:$2", "landscape", True)
    narrow = SheetForm("n", "窄表", (Column("a", "甲", width=30), Column("b", "乙", width=40)))
    wide = SheetForm("w", "宽表", (Column("a", "甲", width=60), Column("b", "乙", width=60)))
    assert printed(written(narrow, [])) == ("$2:$2", "portrait", True)
    assert printed(written(wide, [])) == ("$2:$2", "landscape", True)


def test_templates_and_returned_rows_print_with_their_header_too() -> None:
    template, returned = io.BytesIO(), io.BytesIO()
    write_template(ROSTER, template)
    assert printed(openpyxl.load_workbook(template))[0] == "$1:$1"
    header = [{1: "花名册"}, {1: "姓名", 2: "证件号码"}]
    write_returned(header, [ReturnedRow(3, {1: "王明"}, ["证件号码没有填"])], returned)
    assert printed(openpyxl.load_workbook(returned)) == ("$1:$2", "landscape", True)


def test_a_workbook_says_what_it_is_and_no_program_as_its_author() -> None:
    out = io.BytesIO()
    write_form(GROUPED, [], out)
    said = zipfile.ZipFile(out).read("docProps/core.xml").decode()
    assert "登记表" in said
    assert "creator" not in said

"""The forms of the notice as workbooks: laid out as they lie on paper, and as they come out of a printer."""

from __future__ import annotations

import io
import shutil
import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pikepdf
import pytest
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from luojiang_ce.sheets.definitions import Column, Opinion, SheetForm
from luojiang_ce.sheets.entries import read_sheet
from luojiang_ce.sheets.filled import DIGIT_PX, PAGE_MM, write_form
from tests.luojiang_ce.papers.list_papers import HOSTILE, USUAL, Filling, rows_of
from tests.luojiang_ce.papers.reading import words
from training.classes.form2 import SHEET2
from training.classes.form3 import FORM3
from training.plans.form1 import FORM1, FORM1_READ, OPINIONS
from verification.batches.form4 import FORM4

FORMS = {"附件1": FORM1, "附件2": SHEET2, "附件3": FORM3, "附件4": FORM4}
BOXES = {
    "附件1": OPINIONS,
    "附件2": ("申办单位意见", "业务主管部门意见", "区人社局承办股室意见", "区人社局意见"),
    "附件4": ("单位意见", "主管部门初审意见", "区人社局验证意见"),
}
SOFFICE = shutil.which("soffice")
SIZES = (1, 30, 300)


def filled(name: str, count: int, filling: Filling = USUAL) -> bytes:
    form, out = FORMS[name], io.BytesIO()
    lines = {field.key: filling.unit for field in (*form.head, *form.foot)}
    boxes = [Opinion(title) for title in BOXES.get(name, ())]
    write_form(form, rows_of(form, count, filling), out, head=lines, foot=lines, boxes=boxes)
    return out.getvalue()


def sheet_of(content: bytes) -> Worksheet:
    return openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]


def millimetres(sheet: Worksheet) -> float:
    """How wide its columns are on paper, as a spreadsheet counts them: in digits of the usual font, what lies beside a
    text among them. Neighbours of one width are read as one."""
    dimensions = sheet.column_dimensions.values()
    return sum(each.width * (each.max - each.min + 1) * DIGIT_PX / 96 * 25.4 for each in dimensions)


@pytest.mark.notice("附件1")
@pytest.mark.notice("附件2")
@pytest.mark.notice("附件3")
@pytest.mark.notice("附件4")
@pytest.mark.parametrize("filling", [USUAL, HOSTILE], ids=["usual", "long"])
@pytest.mark.parametrize("name", FORMS)
def test_a_form_is_printed_as_wide_as_its_page_in_type_of_9_points(name: str, filling: Filling) -> None:
    sheet, form = sheet_of(filled(name, 5, filling)), FORMS[name]
    assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (9, form.orientation)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
    margins = (sheet.page_margins.left + sheet.page_margins.right) * 25.4
    share = millimetres(sheet) / (PAGE_MM[form.orientation] - margins)
    assert 0.94 < share < 0.955, "printed without being made smaller"
    assert sheet.parent._named_styles["Normal"].font.name == "Arial"  # or what is as wide as it, in any program
    sizes = {cell.font.size for row in sheet.iter_rows() for cell in row if cell.value is not None}
    assert min(sizes) >= 9
    assert sheet.print_area == f"'{sheet.title}'!$A$1:${get_column_letter(sheet.max_column)}${sheet.max_row}"
    assert sheet.oddFooter.center.text == "第 &P 页，共 &N 页"


@pytest.mark.parametrize("name", FORMS)
def test_a_form_has_its_title_running_numbers_and_a_head_that_repeats(name: str) -> None:
    sheet, form = sheet_of(filled(name, 30)), FORMS[name]
    texts = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert texts[0][0] == name
    assert texts[1][0] == form.title
    first = next(nth for nth, row in enumerate(texts, 1) if row[0] in ("序号", form.columns[0].title))
    assert sheet.print_title_rows == f"${first}:${first + form.has_groups}"
    if form.numbered:
        below = [row[0] for row in texts[first + form.has_groups :]]
        assert below[:30] == list(range(1, 31))


@pytest.mark.parametrize("name", BOXES)
def test_a_form_has_its_boxes_for_opinions_over_its_whole_width(name: str) -> None:
    sheet = sheet_of(filled(name, 3))
    cells = {str(cell.value).split("\n")[0]: cell for row in sheet.iter_rows() for cell in row if cell.value}
    for title in BOXES[name]:
        cell = cells[title]
        assert "（盖章）" in cell.value
        assert "年　　月　　日" in cell.value
        assert sheet.row_dimensions[cell.row].height >= 90
    last = cells[BOXES[name][-1]]  # over several columns, or the last of them alone
    merged = [each.max_col for each in sheet.merged_cells.ranges if last.coordinate in each]
    assert max([last.column, *merged]) == sheet.max_column


def test_what_was_decided_stands_in_its_box() -> None:
    out = io.BytesIO()
    decided = Opinion("区人社局意见", "准予开班。核准学时 公共 4", "岳临川", date(2026, 11, 29))
    write_form(SHEET2, [{"group": "班级", "label": "期次", "value": "第 1 期"}], out, boxes=[decided])
    said = _box(out, "区人社局意见")
    assert "准予开班。核准学时 公共 4" in said
    assert said.split()[-2:] == ["岳临川", "2026年11月29日"]


def _box(out: Any, title: str) -> str:
    rows = sheet_of(out.getvalue()).iter_rows(values_only=True)
    return next(str(cell) for row in rows for cell in row if str(cell).startswith(title))


def test_equal_fields_of_a_group_stand_in_one_cell() -> None:
    out, groups = io.BytesIO(), ("班级", "班级", "班级", "教学", "经费", "经费")
    write_form(SHEET2, [{"group": each, "label": f"{n}", "value": "是"} for n, each in enumerate(groups)], out)
    merged = {str(cells) for cells in sheet_of(out.getvalue()).merged_cells.ranges}
    assert {"A4:A6", "A8:A9"} <= merged


def test_a_group_that_goes_on_overleaf_is_named_there_again() -> None:
    """A cell over two pages has no lower edge on the first, and says nothing on the second."""
    out = io.BytesIO()
    rows = [{"group": "授课教师", "label": f"{n}", "value": "设施蔬菜"} for n in range(30)]
    write_form(SHEET2, rows, out, boxes=[Opinion(title) for title in BOXES["附件2"]])
    sheet = sheet_of(out.getvalue())
    merged = next(cells for cells in sheet.merged_cells.ranges if cells.max_row - cells.min_row > 20)
    (last,) = (each.id for each in sheet.row_breaks.brk)
    assert (merged.max_row, sheet.cell(last + 1, 1).value) == (last, "授课教师")


def test_a_text_that_is_higher_than_any_row_goes_on_in_a_further_one() -> None:
    """No program makes a row higher than 409 points: what a cell says beyond is not printed."""
    text = "".join(f"第{n:03}项，讲授设施蔬菜生产技术。" for n in range(120))
    form = SheetForm("表", "表", (Column("name", "姓名", kind="name", width=8), Column("text", "内容", width=30),
                                Column("hours", "学时", kind="number", width=5)))  # fmt: skip
    out = io.BytesIO()
    write_form(form, [{"name": "温知故", "text": text, "hours": 3}, {"name": "林䶮", "text": "短", "hours": 4}], out)
    sheet = sheet_of(out.getvalue())
    rows = list(sheet.iter_rows(min_row=3, values_only=True))
    assert "".join(row[2] for row in rows[:-1]) == text
    assert len(rows) > 2
    assert [(row[0], row[1], row[3]) for row in rows[:2]] == [(1, "温知故", 3), ("1续", "温知故", None)]
    assert rows[-1] == (2, "林䶮", "短", 4)
    assert all(row[2].endswith("。") for row in rows[:-1])
    for nth, row in enumerate(rows, 3):
        lines = -(-2 * len(row[2]) // int(sheet.column_dimensions["C"].width))
        assert lines * sheet.cell(nth, 3).font.size <= sheet.row_dimensions[nth].height <= 409


@pytest.mark.parametrize(("name", "form"), [("附件1", FORM1_READ), ("附件3", FORM3)])
def test_neither_lines_nor_boxes_are_read_back_as_entries(name: str, form: SheetForm) -> None:
    read = read_sheet(io.BytesIO(filled(name, 30)), form, max_entries=1000)
    assert len(read.entries) == 30


@pytest.mark.parametrize("filling", [USUAL, HOSTILE], ids=["usual", "long"])
@pytest.mark.parametrize("name", FORMS)
def test_every_row_is_as_high_as_its_texts(name: str, filling: Filling) -> None:
    """Not every program makes rows as high as they need, and none makes merged cells so."""
    sheet = sheet_of(filled(name, 5, filling))
    for row in range(1, sheet.max_row + 1):
        height = sheet.row_dimensions[row].height
        assert height, row
        for cell in sheet[row]:
            alone = not any(cell.coordinate in cells for cells in sheet.merged_cells.ranges)
            if alone and isinstance(cell.value, str):
                width = sheet.column_dimensions[cell.column_letter].width * DIGIT_PX / 96 * 72
                lines = -(-len(cell.value.encode("gbk", "replace")) * cell.font.size * 0.5 // width)
                assert height >= min(lines * cell.font.size, 400), (cell.coordinate, cell.value)


@pytest.mark.thorough
@pytest.mark.skipif(SOFFICE is None, reason="LibreOffice (soffice) is not installed: forms are not printed by it")
@pytest.mark.parametrize("name", FORMS)
def test_libreoffice_prints_a_form_whole_with_head_and_page_numbers_and_no_boxes_alone(
    name: str, tmp_path: Path
) -> None:
    files = [tmp_path / f"{count}.xlsx" for count in SIZES]
    for count, file in zip(SIZES, files, strict=True):
        file.write_bytes(filled(name, count))
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    command = [str(SOFFICE), profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), *map(str, files)]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    for count, file in zip(SIZES, files, strict=True):
        content = file.with_suffix(".pdf").read_bytes()
        pages = said_by(content)
        titles = ("序号" if FORMS[name].numbered else "栏目", FORMS[name].columns[-1].title)
        for nth, page in enumerate(pages, 1):
            assert f"第{nth}页，共{len(pages)}页" in page
            assert all(title in page for title in titles)
            assert "行设施蔬菜" in page, (name, count, nth)  # no page of boxes alone
        assert "".join(pages).count("行设施蔬菜") == count
        for title in BOXES.get(name, ()):
            assert title in pages[-1]
        assert min(word.size for page in range(len(pages)) for word in words(content, page)) >= 8.9


def said_by(content: bytes) -> list[str]:
    """What stands on each page, without blanks."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        count = len(pdf.pages)
    return ["".join(w.text for w in words(content, page)).replace(" ", "") for page in range(count)]

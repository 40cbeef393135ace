"""Workbooks out: a form with its rows, a template to fill in, and a user's own rows with the reasons beside them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, BinaryIO, cast

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.datavalidation import DataValidation

from .cells import Value, cell_name, column_letters
from .characters import NOT_IN_XML
from .definitions import Column, SheetForm
from .marks import mark_book

# openpyxl's stubs know neither the columns nor the merged cells of a write-only sheet.
WriteOnlySheet = Any
Plain = str | int | float | Decimal | date | datetime | None

TEMPLATE_ROWS = 1000
UPRIGHT_WIDTH = 100  # characters that A4 upright takes at a size that is read with ease
_CELL_LIMIT = 32_767
_FORMATS = {"id": "@", "month": "@", "date": "yyyy-mm-dd", "text": "@", "name": "@", "choice": "@"}
_THIN = Side(style="thin", color="B5B0A3")
BORDER = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_HEAD_FILL = PatternFill("solid", fgColor="EFEBE1")
_BAD_FILL = PatternFill("solid", fgColor="FBE3DF")
BOLD = Font(bold=True)
CENTRE = Alignment(horizontal="center", vertical="center", wrap_text=True)
WRAP = Alignment(vertical="center", wrap_text=True)
# What a spreadsheet would take for the beginning of a formula.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def write_list(form: SheetForm, rows: Iterable[Mapping[str, Plain]], out: BinaryIO, *, mark: str = "") -> None:
    """A plain list as .xlsx, to be sorted and filtered: rows are mappings by column key; what a row lacks stays empty.
    `mark`: who took it (marks.py). How a form of the notice is written as it lies on paper: `filled.write_form`."""
    book, sheet = _new_sheet(form)
    write_header(sheet, form, 1)
    repeat_on_paper(sheet, 1, header_lines(form))
    for row in rows:
        sheet.append([body_cell(sheet, row.get(column.key), column) for column in form.columns])
    mark_book(book, sheet, mark)
    book.save(out)


def write_template(form: SheetForm, out: BinaryIO) -> None:
    """An empty form to fill in: text format where digits matter, drop-down lists, and a sheet of instructions."""
    book, sheet = _new_sheet(form)
    for number, column in enumerate(form.columns, 1):
        if column.kind in _FORMATS:
            sheet.column_dimensions[column_letters(number)].number_format = "@"
    first = 1 + header_lines(form)
    repeat_on_paper(sheet, 1, header_lines(form))
    for validation in _drop_downs(form, first):
        sheet.data_validations.append(validation)
    sheet.freeze_panes = f"A{first}"
    write_header(sheet, form, 1)
    _write_instructions(book, form)
    _write_choices(book, form)
    book.save(out)


@dataclass(frozen=True)
class ReturnedRow:
    """A row as its owner wrote it, what is wrong with it, and the columns (A is 1) of the wrong cells."""

    number: int
    cells: Mapping[int, Value]
    reasons: Sequence[str]
    bad_columns: frozenset[int] = frozenset()


def write_returned(
    header: Sequence[Mapping[int, Value]],
    rows: Iterable[ReturnedRow],
    out: BinaryIO,
    *,
    text_columns: Iterable[int] = (),
) -> None:
    """Rows of a user's own workbook, cells where they were, with a column of reasons after the last title.

    `header` holds the lines of the user's header; `text_columns` get text format, so that digits typed are kept.
    """
    book = new_book("有误的行")
    sheet = book.create_sheet("有误的行")
    last = max((column for line in header for column in line), default=0)
    sheet.column_dimensions[column_letters(last + 1)].width = 60
    for column in text_columns:
        sheet.column_dimensions[column_letters(column)].number_format = "@"
        sheet.column_dimensions[column_letters(column)].width = 22
    sheet.freeze_panes = f"A{len(header) + 1}"
    lay_on_paper(sheet, wide=True)
    repeat_on_paper(sheet, 1, len(header))
    for number, line in enumerate(header):
        note = "哪里不对，怎么改（改好后可直接重新导入本文件）" if number == 0 else None
        sheet.append([_head_cell(sheet, text) for text in (*_spread(line, last), note)])
    for row in rows:
        sheet.append(_returned_cells(sheet, row, last))
    book.save(out)


def _new_sheet(form: SheetForm) -> tuple[Workbook, WriteOnlySheet]:
    book = new_book(form.title)
    sheet = book.create_sheet(form.sheet_name or form.title[:31])
    lay_on_paper(sheet, wide=lies_across(form))
    for number, column in enumerate(form.columns, 1):
        sheet.column_dimensions[column_letters(number)].width = column.width
    return book, sheet


def lies_across(form: SheetForm) -> bool:
    """Whether its pages are printed across: where it says so, or is too wide for an upright one."""
    return form.orientation == "landscape" or sum(column.width for column in form.columns) > UPRIGHT_WIDTH


def new_book(title: str) -> Workbook:
    """An empty workbook that says of itself what it is, and no program as its author."""
    book = Workbook(write_only=True)
    book.properties.title, book.properties.creator = title, None
    return book


def lay_on_paper(sheet: WriteOnlySheet, *, wide: bool) -> None:
    """How it is printed: A4, across where it is wide, as wide as the page, its pages numbered."""
    sheet.page_setup.orientation = "landscape" if wide else "portrait"
    sheet.page_setup.paperSize = 9  # A4
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.oddFooter.center.text = "第 &P 页，共 &N 页"


def repeat_on_paper(sheet: WriteOnlySheet, first: int, lines: int) -> None:
    """The lines of the header, from this row on, stand on top of every printed page."""
    if lines:
        sheet.print_title_rows = f"{first}:{first + lines - 1}"


def header_lines(form: SheetForm) -> int:
    return 2 if form.has_groups else 1


def write_header(sheet: WriteOnlySheet, form: SheetForm, row: int, *, numbered: bool = False, **styles: object) -> None:
    """The titles, in that row and, where they stand in groups, the one below; with `numbered` 序号 before them."""
    before = ["序号"] if numbered else []
    if not form.has_groups:
        sheet.append([_head_cell(sheet, text, **styles) for text in (*before, *(c.title for c in form.columns))])
        return
    upper = [group or columns[0].title for group, columns in form.groups() for _ in columns]
    sheet.append([_head_cell(sheet, text, **styles) for text in (*before, *upper)])
    _merge_groups(sheet, form, row, len(before))
    lower = [column.title if column.group else None for column in form.columns]
    sheet.append([_head_cell(sheet, text, **styles) for text in (*[None] * len(before), *lower)])


def _merge_groups(sheet: WriteOnlySheet, form: SheetForm, row: int, before: int) -> None:
    if before:
        sheet.merged_cells.add(f"{cell_name(row, 1)}:{cell_name(row + 1, 1)}")
    first = 1 + before
    for group, columns in form.groups():
        last = first + len(columns) - 1
        bottom = row if group else row + 1
        if last > first or not group:
            sheet.merged_cells.add(f"{cell_name(row, first)}:{cell_name(bottom, last)}")
        first = last + 1


def _drop_downs(form: SheetForm, first: int) -> Iterator[DataValidation]:
    listed = [column for column in form.columns if column.choices]
    for number, column in enumerate(form.columns, 1):
        if column.choices:
            source = column_letters(listed.index(column) + 1)
            validation = DataValidation(
                type="list",
                formula1=f"选项!${source}$1:${source}${len(column.choices)}",
                allow_blank=True,
                showErrorMessage=True,
                errorTitle=column.title,
                error=f"请从列表中选：{'、'.join(column.choices)}"[:255],
            )
            letters = column_letters(number)
            validation.add(f"{letters}{first}:{letters}{first + TEMPLATE_ROWS - 1}")
            yield validation


def _write_instructions(book: Workbook, form: SheetForm) -> None:
    sheet = book.create_sheet("填写说明")
    sheet.column_dimensions["A"].width = 24
    sheet.column_dimensions["B"].width = 80
    sheet.append([cell_of(sheet, f"{form.title}填写说明", font=Font(size=14, bold=True))])
    for text in form.instructions:
        sheet.append([None, cell_of(sheet, text, alignment=WRAP)])
    for column in form.columns:
        parts = ["必填" if column.required else "选填", column.help]
        if column.choices:
            parts.append(f"从列表中选：{'、'.join(column.choices)}")
        said = "；".join(filter(None, parts))
        sheet.append([cell_of(sheet, column.title, font=BOLD), cell_of(sheet, said, alignment=WRAP)])


def _write_choices(book: Workbook, form: SheetForm) -> None:
    listed = [column.choices for column in form.columns if column.choices]
    if not listed:
        return
    sheet = book.create_sheet("选项")
    sheet.sheet_state = "hidden"
    for number in range(max(map(len, listed))):
        sheet.append([choices[number] if number < len(choices) else None for choices in listed])


def _returned_cells(sheet: WriteOnlySheet, row: ReturnedRow, last: int) -> list[Cell | None]:
    cells: list[Cell | None] = []
    for column, value in enumerate(_spread(row.cells, last), 1):
        bad = column in row.bad_columns
        cells.append(cell_of(sheet, value, fill=_BAD_FILL if bad else None) if bad or value is not None else None)
    reasons = f"原第 {row.number} 行：" + "\n".join(row.reasons) if row.reasons else None
    return [*cells, cell_of(sheet, reasons, alignment=WRAP)]


def _spread(cells: Mapping[int, Value], last: int) -> list[Value | None]:
    return [cells.get(column) for column in range(1, last + 1)]


def _head_cell(sheet: WriteOnlySheet, value: Plain, **styles: object) -> Cell:
    return cell_of(sheet, value, **{"font": BOLD, "fill": _HEAD_FILL, "alignment": CENTRE, "border": BORDER, **styles})


def body_cell(sheet: WriteOnlySheet, value: Plain, column: Column, **styles: object) -> Cell:
    """A value of a column: months as text, digits that are no figures too."""
    if column.kind == "month" and isinstance(value, date):
        value = f"{value:%Y-%m}"  # text: a date that is formatted as a month still says its day
    cell = cell_of(sheet, value, **{"border": BORDER, "alignment": WRAP, **styles})
    if isinstance(value, str) or column.kind == "date":
        cell.number_format = _FORMATS.get(column.kind, "General")
    return cell


def cell_of(sheet: WriteOnlySheet, value: Plain, **styles: object) -> Cell:
    """A cell in which text stays text: what begins like a formula is none, and what no cell can hold is left out."""
    if isinstance(value, str):
        value = NOT_IN_XML.sub("", value)[:_CELL_LIMIT]
    cell = WriteOnlyCell(sheet, value=cast("str | float | datetime | None", value))
    if isinstance(value, str):
        cell.data_type = "s"
        if value.startswith(_FORMULA_STARTS):
            cell.quotePrefix = True
    if isinstance(value, date):
        has_time = isinstance(value, datetime) and value.time() != time()
        cell.number_format = "yyyy-mm-dd hh:mm:ss" if has_time else "yyyy-mm-dd"
    for name, style in styles.items():
        if style is not None:
            setattr(cell, name, style)
    return cell

""".xls as Excel 97 and WPS write it."""

import io
import struct
from datetime import date, datetime
from pathlib import Path

import pytest
import xlwt

from luojiang_ce.sheets.problems import Unreadable
from luojiang_ce.sheets.reading import open_tables
from tests.luojiang_ce.sheets.reading import cells

LIBRE_OFFICE = Path(__file__).parents[2] / "units/roster/files/old-excel.xls"


def saved(book: xlwt.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_every_kind_of_cell_at_its_place() -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("表")
    sheet.write(2, 1, "王𬭎")
    sheet.write(2, 2, 3.50504198503120e17)
    sheet.write(2, 3, date(2015, 3, 1), xlwt.easyxf(num_format_str="YYYY-MM"))
    sheet.write(2, 4, True)
    sheet.row(2).set_cell_error(5, 0x2A)  # #N/A
    sheet.write(2, 6, None, xlwt.easyxf("pattern: pattern solid, fore_colour red"))
    sheet.write(2, 7, 42064)
    sheet.write(40, 3, "下")
    assert cells(saved(book)) == {
        3: {2: "王𬭎", 3: 3.5050419850312e17, 4: datetime(2015, 3, 1), 5: "TRUE", 6: "#N/A", 8: 42064.0},
        41: {4: "下"},
    }


def test_the_1904_system() -> None:
    book = xlwt.Workbook()
    book.dates_1904 = True
    book.add_sheet("表").write(0, 0, datetime(2015, 3, 1), xlwt.easyxf(num_format_str="YYYY-MM-DD"))
    data = saved(book)
    assert cells(data) == {1: {1: datetime(2015, 3, 1)}}
    assert open_tables(io.BytesIO(data))[0].epoch_1904


def test_sheets_in_tab_order_with_their_visibility() -> None:
    book = xlwt.Workbook()
    for name, visibility in (("一", 1), ("二", 0), ("三", 2)):
        book.add_sheet(name).visibility = visibility
    book.active_sheet = 1
    tables = open_tables(io.BytesIO(saved(book)))
    assert [(table.name, table.visible) for table in tables] == [("一", False), ("二", True), ("三", False)]


def test_nothing_is_written_to_standard_output(capfd: pytest.CaptureFixture[str]) -> None:
    data = LIBRE_OFFICE.read_bytes()
    cells(data + b"rest of an older, longer file")
    assert capfd.readouterr().out == ""


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.7, 0.9, 0.99])
def test_a_file_that_was_cut_off_is_refused(share: float) -> None:
    data = LIBRE_OFFICE.read_bytes()
    with pytest.raises(Unreadable):
        cells(data[: int(len(data) * share)])


def test_a_file_locked_by_a_password_says_so() -> None:
    start = struct.pack("<HHHHHHII", 0x0809, 16, 0x0600, 0x0005, 0, 0, 0, 0)
    locked = start + struct.pack("<HHHHHHI", 0x002F, 10, 1, 1, 1, 0, 0) + struct.pack("<HH", 0x000A, 0)
    with pytest.raises(Unreadable, match="密码"):
        cells(locked)


ROOT_ENTRY = Path(__file__).parents[2] / "data/field/rosters/root-entry.xls"


def test_a_root_entry_that_points_at_the_sectors_of_the_workbook_concerns_nobody() -> None:
    assert cells(ROOT_ENTRY.read_bytes())[1][1] == "姓名"


@pytest.mark.parametrize("sector", range(8))
def test_so_it_is_in_any_workbook_and_wherever_it_points(sector: int) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("表")
    for number in range(200):
        sheet.write(number, 0, f"人员{number}")
    data = bytearray(saved(book))
    directory = 512 + 512 * struct.unpack_from("<i", data, 48)[0]
    struct.pack_into("<ii", data, directory + 116, sector, 512)
    try:
        read = cells(bytes(data))
    except Unreadable:  # at the directory or the allocation table itself: then it is damage
        return
    assert len(read) == 200


def test_a_date_cell_keeps_its_time() -> None:
    book = xlwt.Workbook()
    book.add_sheet("表").write(0, 0, datetime(2026, 5, 12, 8, 21), xlwt.easyxf(num_format_str="YYYY/M/D H:MM"))
    assert cells(saved(book)) == {1: {1: datetime(2026, 5, 12, 8, 21)}}

"""Attendance as schools and time clocks print it (product.md A1): one reading, whatever the shape."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime, time, timedelta
from io import BytesIO

import openpyxl
import pytest
import xlwt
from hypothesis import given
from hypothesis import strategies as st

from luojiang_ce.clock import SHANGHAI
from luojiang_ce.sheets.imports import read_file
from luojiang_ce.sheets.problems import UnreadableCellError
from luojiang_ce.sheets.times import read_day, read_time, read_times
from tests.factories import person_in
from tests.training.factories import class_of, enrol
from training.attendance.importing import SIGNS_IMPORT

DAY = date(2026, 5, 11)
IN, OUT = time(8, 21), time(11, 35)
MORNING = ("morning", "08:21", "11:35")
BOTH = [MORNING, ("afternoon", "14:01", "17:20")]


@pytest.fixture(autouse=True)
def _first_day(time_machine):
    time_machine.move_to(datetime(2026, 5, 11, 20, 0, tzinfo=SHANGHAI), tick=False)


@pytest.fixture
def course(district):
    course = class_of(district.unit)
    enrol(course, person_in(district.neighbour_unit, "王小明"))
    return course


def at(moment: time) -> datetime:
    return datetime.combine(DAY, moment)


def workbook(*rows, date_format="yyyy/m/d h:mm") -> BytesIO:
    """As Excel leaves what a time clock exported: real cells with a date's format."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for cell in (cell for row in book.active.iter_rows(min_row=2) for cell in row):
        if isinstance(cell.value, datetime):
            cell.number_format = date_format
    out = BytesIO()
    book.save(out)
    out.seek(0)
    return out


def signs(file: BytesIO, course) -> list[tuple[str, str, str]]:
    read = read_file(SIGNS_IMPORT, file, course)
    assert [problem.message for problem in read.problems] == []
    return [
        (each.half_day, *(f"{moment:%H:%M}" if moment else "" for moment in (each.time_in, each.time_out)))
        for each in read.values
    ]


def problems(file: BytesIO, course) -> list[tuple[str, str]]:
    return [(problem.cell, problem.what) for problem in read_file(SIGNS_IMPORT, file, course).problems]


DATE_TIME_CELLS = [
    ([["姓名", "打卡时间"], ["王小明", at(IN)], ["王小明", at(OUT)]], [MORNING]),
    ([["姓名", "日期", "时段", "签到时间", "签退时间"], ["王小明", DAY, "上午", at(IN), at(OUT)]], [MORNING]),
    ([["姓名", "日期", "时段", "签到时间"], ["王小明", DAY, "上午", at(IN)]], [("morning", "08:21", "")]),
    ([["姓名", "签到时间", "签退时间"], ["王小明", at(IN), at(OUT)]], [MORNING]),
    ([["姓名", "日期", "签到时间", "签退时间"], ["王小明", DAY, IN, OUT]], [MORNING]),
]


@pytest.mark.parametrize(("rows", "read"), DATE_TIME_CELLS)
@pytest.mark.parametrize("date_format", ["yyyy/m/d h:mm", "yyyy-mm-dd hh:mm:ss", "m/d/yy h:mm", "h:mm"])
def test_a_date_cell_keeps_its_time_of_day(course, rows, read, date_format):
    assert signs(workbook(*rows, date_format=date_format), course) == read


@pytest.mark.parametrize(("rows", "read"), DATE_TIME_CELLS[:3])
def test_so_it_does_in_xls(course, rows, read):
    book = xlwt.Workbook()
    sheet, style = book.add_sheet("表"), xlwt.easyxf(num_format_str="yyyy/m/d h:mm")
    for number, row in enumerate(rows):
        for column, value in enumerate(row):
            sheet.write(number, column, value, style if isinstance(value, date) else xlwt.easyxf())
    out = BytesIO()
    book.save(out)
    assert signs(BytesIO(out.getvalue()), course) == read


def test_a_date_without_a_time_is_no_sign_in_at_midnight(course):
    rows = [["姓名", "日期", "签到时间", "签退时间"], ["王小明", DAY, datetime(2026, 5, 11), at(OUT)]]
    assert problems(workbook(*rows), course) == [("C2", "这一格里只有日期，没有时间")]
    rows = [["姓名", "打卡时间"], ["王小明", datetime(2026, 5, 11)]]
    assert problems(workbook(*rows), course) == [("B2", "这一格里只有日期，没有时间")]


def test_a_time_of_another_day_than_its_row_is_told(course):
    rows = [["姓名", "日期", "签到时间"], ["王小明", DAY, at(IN) + timedelta(days=1)]]
    assert problems(workbook(*rows), course) == [
        ("C2", "这一格的日期是 2026年5月12日，与本行的日期 2026年5月11日 不同")
    ]


@pytest.mark.parametrize(
    "cell",
    [
        "08:21 11:35 14:01 17:20",
        "08:21\n11:35\n14:01\n17:20",
        "08:21\r\n11:35\r\n14:01\r\n17:20",
        "08:21,11:35,14:01,17:20",
        "08:21；11:35；14:01；17:20",
        "08:21、11:35、14:01、17:20",
        "08:2111:3514:0117:20",
        "08:21-11:35 14:01-17:20",
        "8：21 11：35 14：01 17：20",
        "08:21:09 11:35:59 14:01:00 17:20:30",
        "上午8:21 上午11:35 下午2:01 下午5:20",
        "8:21 AM 11:35 AM 2:01 PM 5:20 PM",
        "17:20 14:01 08:21 11:35 09:50 11:35",
    ],
)
@pytest.mark.parametrize("titles", [("日期", "打卡时间"), ("考勤日期", "时间"), ("刷卡日期", "刷卡记录")])
def test_the_punches_of_a_day_in_one_cell(course, cell, titles):
    assert signs(workbook(["姓名", *titles], ["王小明", "2026-05-11", cell]), course) == BOTH


@pytest.mark.parametrize(
    "cell",
    [
        "20260511 08:21",
        "26-05-11 08:21",
        "2026-05-11 星期一 08:21",
        "2026/5/11 8:21 AM",
        "2026-05-11T08:21:00",
        "2026-05-11T00:21:00Z",
        "2026年5月11日 8时21分",
        "5月11日（周一）上午8:21",
        "5月11日 08:21",
        46153.348,
        "2026-05-11 08:21\n2026-05-11 11:20\n08:50",
    ],
)
def test_day_and_time_in_one_cell(course, cell):
    (read,) = read_file(SIGNS_IMPORT, workbook(["姓名", "日期时间"], ["王小明", cell]), course).values
    assert (read.date, read.half_day, f"{read.time_in:%H:%M}") == (DAY, "morning", "08:21")


@pytest.mark.parametrize(
    "titles",
    [
        ("上午签到", "上午签退", "下午签到", "下午签退"),
        ("上班1", "下班1", "上班2", "下班2"),
        ("打卡1", "打卡2", "打卡3", "打卡4"),
        ("第一次打卡", "第二次打卡", "第三次打卡", "第四次打卡"),
        ("打卡时间", "打卡时间2", "打卡时间3", "打卡时间4"),
    ],
)
def test_a_column_for_each_punch_of_the_day(course, titles):
    rows = [["姓名", "日期", *titles], ["王小明", "5月11日（周一）", "08:21", "11:35", time(14, 1), "下午5:20"]]
    assert signs(workbook(*rows), course) == BOTH


@pytest.mark.parametrize(
    "titles",
    [
        [["姓名", "上午", None, "下午", None], [None, "签到", "签退", "签到", "签退"]],
        [["姓名", "部门", "上午", None, "下午", None], [None, None, "上班", "下班", "上班", "下班"]],
    ],
)
def test_a_heading_over_the_columns_of_a_half_day(course, titles):
    row = ["王小明", *([None] if titles[0][1] == "部门" else []), "08:21", "11:35", "14:01", "17:20"]
    title = ["签到表"]
    headed = [[*line, more[0]] for line, more in zip(titles, (["日期"], [None]), strict=True)]
    assert signs(workbook(title, *headed, [*row, "5月11日"]), course) == BOTH


@pytest.mark.parametrize("title", [11, "11", "11日", "5月11日", "5-11", "05-11"])
@pytest.mark.parametrize("cell", ["08:21 11:35 14:01 17:20", "08:21\n11:35\n14:01\n17:20", "8:21;11:35;14:01;17:20"])
def test_a_column_for_each_day_of_the_month(course, title, cell):
    titles = ["姓名", "部门", 10, title, 12]
    rows = ["考勤记录表 2026-05-01 ~ 2026-05-31"], titles, ["王小明", "教研室", "07:55 17:30", cell, None]
    assert signs(workbook(*([row] if isinstance(row, str) else row for row in rows)), course) == BOTH


def test_one_wrong_punch_keeps_the_whole_row_back_and_is_told_once(course):
    file = workbook(["姓名", "日期", "打卡时间"], ["王小明", "2026-05-11", "08:21 22:59 23:10"])
    read = read_file(SIGNS_IMPORT, file, course)
    assert read.values == []
    assert [(problem.cell, problem.what) for problem in read.problems] == [("B2", "课程表里没有对应的半日")]


@pytest.mark.parametrize("cell", ["2", "8", "x", "08:21 x", "25:99", "-", "2026-05-11"])
def test_what_is_no_time_is_told(course, cell):
    assert [where for where, _ in problems(workbook(["姓名", "日期", "打卡时间"], ["王小明", DAY, cell]), course)] == [
        "C2"
    ]


@pytest.mark.parametrize("half_day", ["上午", "早上", "上午班", "上午 8:30-11:30", "上午（8:30-11:30）"])
def test_a_half_day_with_its_times_behind_it(course, half_day):
    rows = [["姓名", "日期", "时段", "签到时间", "签退时间"], ["王小明", DAY, half_day, "8:21", "11:35"]]
    assert signs(workbook(*rows), course) == [MORNING]


@given(
    st.lists(st.times(), min_size=1, max_size=8),
    st.sampled_from([" ", "\n", "  ", ",", "，", "；", "、", " / ", "-", "~", ""]),
    st.sampled_from(["%H:%M", "%H:%M:%S", "%H：%M", "%H时%M分", "%H∶%M"]),
)
def test_all_times_of_a_cell_are_read_in_order(times, between, written):
    cell = between.join(each.strftime(written) for each in times)
    assert read_times(cell) == [each.replace(second=0, microsecond=0) for each in times]


@given(st.text(st.sampled_from("0123456789:： 上午下晚点时分半年月日-./T\n"), max_size=20))
def test_nothing_breaks_the_reading_of_times(text):
    for read in (read_time, read_times, lambda cell: read_day(cell, epoch_1904=False, within=(DAY, DAY))):
        with suppress(UnreadableCellError):
            read(text)


@given(st.dates(date(2020, 1, 1), date(2030, 12, 31)), st.integers(0, 300), st.data())
def test_a_year_that_is_not_written_is_the_one_in_which_the_day_lies_in_the_class(opens, days, data):
    ends = opens + timedelta(days=days)
    day = opens + timedelta(days=data.draw(st.integers(0, days)))
    for written in (f"{day.month}月{day.day}日", f"{day.month}/{day.day}", f"{day:%m-%d}", f"{day:%y-%m-%d}"):
        assert read_day(written, epoch_1904=False, within=(opens, ends)) == day

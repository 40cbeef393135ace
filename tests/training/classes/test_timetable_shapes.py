"""附件3 as schools type it: days, times and hours in the shapes that are in use, and the names of its columns."""

from __future__ import annotations

import json
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luojiang_ce.refusals import NotPossible
from luojiang_ce.sheets.imports import read_file
from luojiang_ce.sheets.problems import NoHeader, UnreadableCellError
from luojiang_ce.sheets.times import read_span
from tests.luojiang_ce.sheets.imports import confirmed, stage
from tests.training.classes.factories import a_lecturer, an_application
from tests.training.classes.test_imports import workbook
from training.classes.importers.timetable import TIMETABLE_IMPORT
from training.classes.models import ClassApplication, Lecturer

pytestmark = pytest.mark.notice("附件3")
HEADER = ["日期", "起止时间", "课程名称", "学时"]
FIELD = json.loads((Path(__file__).parents[2] / "data/field/timetable.json").read_text(encoding="utf-8"))
SPANS, DAYS, HOURS = FIELD.values()


@pytest.fixture
def case(district) -> ClassApplication:
    return an_application(district.unit, opens_on=date(2026, 12, 3), ends_on=date(2027, 1, 8))


def lessons(case: ClassApplication, *rows: list[Any], header: list[str] = HEADER) -> list[dict[str, Any]]:
    read = read_file(TIMETABLE_IMPORT, workbook(*rows, header=header), case)
    assert [problem.message for problem in read.problems] == []
    return [lesson.values for lesson in read.values]


def when(lesson: dict[str, Any]) -> tuple[date, str, str, str]:
    return lesson["date"], lesson["half_day"], f"{lesson['starts_at']:%H:%M}", f"{lesson['ends_at']:%H:%M}"


@pytest.mark.parametrize(
    "cell",
    [
        *SPANS,
        "上午8:30–11:30",
        "上午 8：30 ～ 上午 11：30",
        "8点半至11点半",
        "8.30-11.30",
        "8:30 AM - 11:30 AM",
        "上午八点半至十一点半",
        "八时三十分-十一时三十分",
    ],
)
def test_from_when_to_when(case, cell):
    (lesson,) = lessons(case, ["2026-12-04", cell, "课", 3])
    assert when(lesson) == (date(2026, 12, 4), "morning", "08:30", "11:30")


@pytest.mark.parametrize(
    "cell", ["下午2:30-5:00", "下午2:30—下午5:00", "14:30-17:00", "下午2时30分至5时", "2:30PM-5:00PM"]
)
def test_the_afternoon_is_meant_for_both_ends(case, cell):
    (lesson,) = lessons(case, ["2026-12-04", cell, "课", 3])
    assert when(lesson) == (date(2026, 12, 4), "afternoon", "14:30", "17:00")


@pytest.mark.parametrize(
    "cell", [*DAYS, "12/4", "12.4", "26-12-04", "12月4号 周五", "十二月四日", "星期五 12月4日", datetime(2026, 12, 4)]
)
def test_the_day(case, cell):
    (lesson,) = lessons(case, [cell, "8:30-11:30", "课", 3])
    assert lesson["date"] == date(2026, 12, 4)


@pytest.mark.parametrize("cell", [*HOURS, "4.0学时", "4 个学时", "四学时", "4", 4])
def test_the_hours(case, cell):
    (lesson,) = lessons(case, ["2026-12-04", "8:30-11:30", "课", cell])
    assert lesson["hours"] == Decimal(4)


@pytest.mark.parametrize(
    ("cell", "day"), [("12月31日", date(2026, 12, 31)), ("1月2日", date(2027, 1, 2)), ("2月2日", date(2026, 2, 2))]
)
def test_a_year_is_guessed_so_that_the_day_lies_in_the_class(case, cell, day):
    (lesson,) = lessons(case, [cell, "8:30-11:30", "课", 3])
    assert lesson["date"] == day


@pytest.mark.parametrize(
    ("header", "row"),
    [
        (["时间", "内容", "主讲人", "地点"], ["12月4日（周五）上午8:30–11:30", "课", None, "301"]),
        (["上课时间", "课程内容", "主讲人", "上课地点"], ["2026-12-04 08:30-11:30", "课", None, "301"]),
        (["日期", "时段", "授课内容", "主讲教师", "会场"], ["12月4日", "上午8:30-11:30", "课", None, "301"]),
        (["日期", "时段", "培训内容", "主讲", "培训地点"], ["12月4日", "上午（8:30-11:30）", "课", None, "301"]),
        (["培训日期", "时间", "课程", "授课老师", "场地"], ["12 月 4 日", "8:30-11:30", "课", None, "301"]),
        (["日期", "时段", "时间", "专题名称", "讲师", "教室"], ["12月4日", "早上", "8:30-11:30", "课", None, "301"]),
    ],
)
def test_columns_as_schools_call_and_combine_them(case, header, row):
    (lesson,) = lessons(case, row, header=header)
    assert when(lesson) == (date(2026, 12, 4), "morning", "08:30", "11:30")
    assert (lesson["course"], lesson["room"]) == ("课", "301")


@pytest.mark.parametrize(
    ("starts", "ends"),
    [(time(8, 30), time(11, 30)), ("8:30", "11:30"), (8.5 / 24, 11.5 / 24), ("上午八点半", "十一点半")],
)
def test_from_when_and_until_when_in_two_columns(case, starts, ends):
    header = ["日期", "开始时间", "结束时间", "课程"]
    (lesson,) = lessons(case, ["12月4日", starts, ends, "课"], header=header)
    assert when(lesson) == (date(2026, 12, 4), "morning", "08:30", "11:30")
    (wrong,) = read_file(TIMETABLE_IMPORT, workbook(["12月4日", ends, starts, "课"], header=header), case).problems
    assert (wrong.cell, wrong.what) == ("C2", "结束不晚于开始")


@pytest.mark.parametrize("heading", ["12月4日（星期五）", "2026-12-04", datetime(2026, 12, 4)])
@pytest.mark.parametrize("header", [["序号", "时间", "课程"], ["时间", "课程", "教室"]])
def test_a_day_over_its_lessons_holds_for_them(case, heading, header):
    morning, afternoon = ("8:30-11:30", "14:30-17:00")
    rows = [[1, morning, "甲"], [2, afternoon, "乙"]] if header[0] == "序号" else [[morning, "甲"], [afternoon, "乙"]]
    read = lessons(case, [heading], *rows, ["12月5日"], rows[0], header=header)
    assert [(each["date"].day, each["course"]) for each in read] == [(4, "甲"), (4, "乙"), (5, "甲")]


def test_a_lesson_without_a_day_is_told_with_all_else_that_is_wrong(case):
    problems = read_file(TIMETABLE_IMPORT, workbook([None, "早饭后", "课", "x"], header=HEADER), case).problems
    assert [problem.what for problem in problems] == ["日期没有填", "认不出起止时间", "学时不是数字"]


@pytest.mark.parametrize("course", ["报到", "茶歇", "午休", "午餐、午休", "合影（礼堂前）"])
def test_what_is_no_lesson_does_not_count(case, course):
    rows = [
        ["12月4日", "8:30-9:00", course, None],
        ["12月4日", "9:00-9:45", course, 1],
        ["12月4日", "10:00-10:45", "休息权", None],
    ]
    assert [lesson["counts"] for lesson in lessons(case, *rows)] == [False, True, True]


@pytest.mark.parametrize("cell", ["12月4日（周四）", "2026-12-04 星期六"])
def test_a_weekday_that_does_not_fit_its_day_is_told(case, cell):
    (wrong,) = read_file(TIMETABLE_IMPORT, workbook([cell, "8:30-11:30", "课", 3], header=HEADER), case).problems
    assert wrong.cell == "A2"
    assert wrong.what.startswith("2026年12月4日 周五，表里写的是周")
    header = ["日期", "星期", "起止时间", "课程"]
    (wrong,) = read_file(
        TIMETABLE_IMPORT, workbook(["12月4日", "四", "8:30-11:30", "课"], header=header), case
    ).problems
    assert wrong.cell == "B2"
    assert lessons(case, ["12月4日", "五", "8:30-11:30", "课"], header=header)


def test_without_any_column_for_days_or_times_it_is_no_timetable(case):
    with pytest.raises(NoHeader, match="日期"):
        read_file(TIMETABLE_IMPORT, workbook(["课", 3], header=["课程", "学时"]), case)


def test_what_cannot_be_read_is_told_with_its_cell(case):
    rows = [
        ["十二月", "8:30", "课", "四"],
        ["12月4日", "11:30-8:30", "课", 3],
        ["12月5日", None, "课", 3],
        ["12月40日", "8:30-9:30", "课", 1],
    ]
    problems = read_file(TIMETABLE_IMPORT, workbook(*rows, header=HEADER), case).problems
    assert [problem.cell for problem in problems] == ["A2", "B2", "D2", "B3", "B4", "A5"]


@given(
    st.times(),
    st.integers(1, 300),
    st.sampled_from(["-", "－", "—", "──", "–", "―", "−", "~", "～", "〜", "至", "到", " - "]),
    st.sampled_from(["%H:%M", "%H：%M", "%H∶%M", "%H时%M分", "%H.%M", "%H:%M:00", "%I:%M %p"]),
)
def test_every_way_of_writing_from_when_to_when(starts, minutes, to, written):
    starts = starts.replace(second=0, microsecond=0)
    ends = (datetime.combine(date.min, starts) + timedelta(minutes=minutes)).time()
    cell = starts.strftime(written) + to + ends.strftime(written)
    if ends > starts:
        assert read_span(cell) == (starts, ends)
    else:
        with pytest.raises(UnreadableCellError, match="结束不晚于开始"):
            read_span(cell)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("沈听澜 教授", ("沈听澜", "", "教授")),
        ("温如故（市农业科学研究所 研究员）", ("温如故", "市农业科学研究所", "研究员")),
        ("温如故(市农业科学研究所)", ("温如故", "市农业科学研究所", "")),
        ("温如故（高级农艺师）", ("温如故", "", "高级农艺师")),
        ("沈听澜", ("沈听澜", "", "")),
        ("沈 听澜", ("沈听澜", "", "")),
    ],
)
def test_name_unit_and_title_in_one_cell(case, cell, expected):
    header = ["日期", "起止时间", "课程", "主讲人", "单位"]
    lecturer = expected[0]
    a_lecturer(case.unit, name=lecturer)
    row = ["12月4日", "8:30-11:30", "课", cell, None]
    (lesson,) = read_file(TIMETABLE_IMPORT, workbook(row, header=header), case).values
    assert (lesson.lecturer.name, lesson.lecturer.employer) == (lecturer, "市农业科学研究所")
    row[4] = "新单位"
    if not expected[1]:
        (lesson,) = read_file(TIMETABLE_IMPORT, workbook(row, header=header), case).values
        assert (lesson.lecturer.employer, lesson.lecturer.title) == ("新单位", expected[2])


class TestLecturers:
    """A known lecturer written with another unit is asked; a blank never erases (product.md C4)."""

    header = ("日期", "起止时间", "课程名称", "学时", "主讲人", "工作单位", "职称")

    def file(self, *lecturers: tuple[str | None, ...]):
        times = ("08:30-10:00", "10:10-11:40", "14:00-15:30", "15:40-17:10")
        rows = [["12月4日", at, f"课{at}", 2, *lecturer] for at, lecturer in zip(times, lecturers, strict=False)]
        return workbook(*rows, header=[*self.header])

    def staged(self, district, case, *lecturers):
        file = self.file(*lecturers)
        batch = stage(TIMETABLE_IMPORT, application=case, file=file, name="课程表.xlsx", actor=district.owner)
        assert batch.counts["wrong"] == 0
        return batch

    @pytest.fixture
    def known(self, district, case) -> Lecturer:
        return a_lecturer(district.unit)

    def test_the_unit_and_the_title_that_one_row_gives_hold_for_the_others(self, district, case):
        batch = self.staged(
            district, case, ("新教师", None, None), ("新教师", "某单位", "教授"), ("新教师", None, None)
        )
        assert confirmed(TIMETABLE_IMPORT, batch=batch, application=case, actor=district.owner) == {"rows": 3}
        new = Lecturer.objects.get(name="新教师")
        assert (new.employer, new.title) == ("某单位", "教授")

    def test_a_known_name_with_another_unit_is_asked_and_nothing_written_before(self, district, case, known):
        batch = self.staged(district, case, (known.name, "另一单位", None))
        assert batch.plan["new_lecturers"] == []
        with pytest.raises(NotPossible, match="同名教师"):
            confirmed(TIMETABLE_IMPORT, batch=batch, application=case, actor=district.owner)
        assert Lecturer.objects.filter(name=known.name).count() == 1

    @pytest.mark.parametrize("same", [True, False])
    def test_the_answer_decides_on_the_page(self, client, district, case, known, same):
        batch = self.staged(district, case, (known.name, "另一单位", None))
        client.force_login(district.owner)
        page = f"/classes/{case.pk}/timetable/import/{batch.token}/"
        said = client.get(page).content.decode()
        assert "是另一位同名教师" in said
        assert f"就是教师库里的{known.name}（{known.employer}）" in said
        assert client.post(page, {"do": "confirm"}).status_code == 409
        answer = known.employer if same else "another"
        assert client.post(page, {"do": "confirm", "namesake_0": answer}).status_code == 302
        employers = {row.lecturer.employer for row in case.timetable.select_related("lecturer")}
        assert employers == {known.employer if same else "另一单位"}
        assert Lecturer.objects.filter(name=known.name).count() == (1 if same else 2)

    def test_whose_unit_is_the_known_one_or_not_written_is_not_asked(self, district, case, known):
        batch = self.staged(district, case, (known.name, known.employer, None), (known.name, None, "教授"))
        assert (batch.plan["namesakes"], batch.plan["new_lecturers"]) == ([], [])
        confirmed(TIMETABLE_IMPORT, batch=batch, application=case, actor=district.owner)
        assert Lecturer.objects.get(name=known.name).title == known.title

"""Records of remote platforms (product.md A1): several layouts, the rules of the class, the same record twice."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from io import BytesIO

import openpyxl
import pytest
from django.urls import reverse

from luojiang_ce.clock import SHANGHAI
from luojiang_ce.sheets.imports import read_file
from luojiang_ce.sheets.problems import FileProblem, UnreadableCellError
from tests.factories import person_in
from tests.luojiang_ce.sheets.imports import confirmed, stage
from tests.training.factories import class_of, enrol, sign
from training.attendance.importing import said_of
from training.attendance.models import Sign
from training.attendance.platform_importing import PLATFORM_IMPORT
from training.attendance.platform_records import course_key, figure, read_length, read_passed
from training.attendance.services import strike_signs
from training.attendance.timetable import class_oddities, slots_of_class, valid_signs

stage_records, confirm_records = partial(stage, PLATFORM_IMPORT), partial(confirmed, PLATFORM_IMPORT)
read_records = partial(read_file, PLATFORM_IMPORT)
COURSES = ("农业标准化", "农药残留检测", "检测报告编写", "实验室安全")


@pytest.fixture(autouse=True)
def _after_the_class(time_machine):
    time_machine.move_to(datetime(2026, 5, 20, 9, 0, tzinfo=SHANGHAI), tick=False)


@pytest.fixture
def course(district):
    """Two days of two half-days; each half-day is a course of 4 hours (180 minutes)."""
    made = class_of(district.unit, form="remote")
    for row, name in zip(made.timetable.order_by("date", "starts_at"), COURSES, strict=True):
        row.course = name
        row.save(update_fields=["course"])
    return made


@pytest.fixture
def trainees(district, course):
    return [enrol(course, person_in(district.neighbour_unit, name)) for name in ("王小明", "李晓红")]


def csv(*lines):
    return BytesIO("\n".join(lines).encode("utf-8-sig"))


def half_days(trainee):
    found = trainee.signs.filter(struck_at=None).order_by("date", "time")
    return [(sign.date.day, sign.half_day, sign.kind, f"{sign.time:%H:%M}") for sign in found]


def importing(course, actor, *lines):
    batch = stage_records(application=course, file=csv(*lines), name="学习记录.csv", actor=actor)
    assert batch.state == "previewed", batch.plan
    return batch


FIRST_MORNING = [(11, "morning", "in", "08:30"), (11, "morning", "out", "11:30")]
LAYOUTS = {
    "minutes and passed": ("姓名,课程,学习时长（分钟）,是否通过", "王小明,农业标准化,180,通过"),
    "a platform's own words": ("学员姓名,课程名称,累计学习时长（秒）,完成状态", "王小明,《农业标准化》,10859,已完成"),
    "hours": ("姓名,课程名称,学习时长（小时）,学习进度", "王小明,农业标准化,3.0,100%"),
    "lengths with their unit": ("姓名,培训课程,学习时长", "王小明,农业标准化,3小时5分"),
    "clock": ("姓名,课件名称,观看时长", "王小明,农业标准化,03:00:00"),
    "passed alone": ("姓名,课程,考核结果", "王小明,农业标准化,合格"),
    "sittings": (
        "姓名,课程,开始时间,结束时间",
        "王小明,农业标准化,2026-05-09 20:00:00,2026-05-09 22:00:00",
        "王小明,农业标准化,2026-05-10 20:00:00,2026-05-10 21:00:00",
    ),
}


@pytest.mark.parametrize("lines", LAYOUTS.values(), ids=LAYOUTS)
def test_platforms_write_their_records_in_several_ways(district, course, trainees, lines):
    batch = importing(course, district.owner, *lines)
    assert batch.counts["attended"] == 1
    confirm_records(batch=batch, application=course, actor=district.owner)
    assert half_days(trainees[0]) == FIRST_MORNING
    assert set(Sign.objects.values_list("source", flat=True)) == {"platform"}


def test_the_same_record_twice_does_nothing(district, course, trainees):
    lines = ("姓名,课程,学习时长（分钟）", "王小明,农业标准化,100", "王小明,农业标准化,100")
    assert importing(course, district.owner, *lines).counts["attended"] == 0  # no 200 minutes
    whole = ("姓名,课程,学习时长（分钟）", "王小明,农业标准化,180", "王小明,农业标准化,180")
    for _ in range(2):
        batch = importing(course, district.owner, *whole)
        confirm_records(batch=batch, application=course, actor=district.owner)
    assert half_days(trainees[0]) == FIRST_MORNING
    assert batch.result == {"added": 0, "left": 2, "struck": 0} or Sign.objects.count() == 2


def test_the_same_sitting_twice_counts_once(district, course, trainees):
    sitting = "王小明,农业标准化,2026-05-09 20:00,2026-05-09 21:40"
    batch = importing(course, district.owner, "姓名,课程,开始时间,结束时间", sitting, sitting)
    assert (batch.counts["short"], batch.counts["attended"]) == (2, 0)


def test_what_two_sittings_share_counts_once(district, course, trainees):
    """On two devices at once nobody studies twice as fast."""
    head, day = "姓名,课程,开始时间,结束时间", "王小明,农业标准化,2026-05-09"
    twice = [f"{day} 20:{minute}:00,2026-05-09 21:{minute}:00" for minute in ("00", "30")]  # 90 minutes
    rest = [f"{day} 0{hour}:00:00,2026-05-09 0{hour}:45:00" for hour in (8, 9)]
    batch = importing(course, district.owner, head, *twice, rest[0])
    assert (batch.counts["short"], batch.counts["attended"]) == (3, 0)
    assert importing(course, district.owner, head, *twice, *rest).counts["attended"] == 1


@pytest.mark.parametrize(
    "line", ["王小明,农业标准化,179,通过", "王小明,农业标准化,180,未通过", "王小明,农业标准化,,学习中"]
)
def test_too_short_or_not_passed_earns_nothing(district, course, trainees, line):
    batch = importing(course, district.owner, "姓名,课程,学习时长（分钟）,是否通过", line)
    assert (batch.counts["short"], batch.counts["attended"]) == (1, 0)


def test_a_half_day_asks_for_all_of_its_courses(district, course, trainees):
    """Two courses in one morning: one of them alone is told, and signs nobody in."""
    morning = course.timetable.order_by("date", "starts_at").first()
    morning.ends_at, morning.hours = time(9, 30), Decimal(1)
    morning.save()
    morning.pk, morning.course = None, "农产品追溯"
    morning.starts_at, morning.ends_at, morning.hours = time(9, 30), time(11, 30), Decimal(2)
    morning.save()
    one = ("姓名,课程,学习时长（分钟）", "王小明,农业标准化,45", "李晓红,农业标准化,45", "李晓红,农产品追溯,90")
    batch = importing(course, district.owner, *one)
    assert batch.plan["half_days"][0] | {"label": ""} == {"label": "", "whole": 1, "part": 1, "note": ""}
    confirm_records(batch=batch, application=course, actor=district.owner)
    assert half_days(trainees[0]) == []
    assert half_days(trainees[1]) == FIRST_MORNING


def test_two_people_of_one_name_are_told_apart_by_their_number(district, course, trainees):
    twins = [enrol(course, person_in(unit, "王伟")) for unit in (district.unit, district.neighbour_unit)]
    read = read_records(csv("姓名,课程,是否通过", "王伟,农业标准化,通过"), course)
    assert [problem.what for problem in read.problems] == ["本班有 2 位同名学员"]
    number = twins[1].person.id_number[-6:]
    batch = importing(course, district.owner, "姓名,证件号码,课程,是否通过", f"王伟,{number},农业标准化,通过")
    confirm_records(batch=batch, application=course, actor=district.owner)
    assert (half_days(twins[0]), half_days(twins[1])) == ([], FIRST_MORNING)


def test_everything_wrong_is_told_with_its_cell(district, course, trainees):
    read = read_records(
        csv(
            "姓名,课程,学习时长,是否通过,开始时间,结束时间",
            "没有此人,农业标准化,3小时,通过,,",
            "王小明,别的课,3小时,通过,,",
            "王小明,,3小时,通过,,",
            "王小明,农业标准化,180,通过,,",
            "王小明,农业标准化,很久,通过,,",
            "王小明,农业标准化,3小时,大概,,",
            "王小明,农业标准化,,,,",
            "王小明,农业标准化,,,2026-05-09 21:00,2026-05-09 20:00",
            "王小明,农业标准化,,,21:00,2026-05-09 20:00",
        ),
        course,
    )
    assert read.values == []
    assert [(problem.cell, problem.what) for problem in read.problems] == [
        ("A2", "不在本班学员名单里"),
        ("B3", "课程表里没有这门计学时的课程"),
        ("B4", "课程没有填"),
        ("C5", "时长没有写单位"),
        ("C6", "认不出时长"),
        ("D7", "认不出是否通过"),
        ("B8", "学习时长和是否通过都没有填"),
        ("F9", "结束不晚于开始"),
        ("E10", "没有日期"),
    ]


def test_a_file_that_says_neither_how_long_nor_whether_passed_is_refused(course, trainees):
    with pytest.raises(FileProblem, match="没有“学习时长”"):
        read_records(csv("姓名,课程", "王小明,农业标准化"), course)


def test_a_class_with_one_course_needs_no_column_for_it(district):
    course = class_of(district.unit, form="mixed", days=1, half_days=("morning",))
    trainee = enrol(course, person_in(district.unit, "王小明"))
    batch = importing(course, district.owner, "姓名,是否通过", "王小明,通过")
    confirm_records(batch=batch, application=course, actor=district.owner)
    assert len(half_days(trainee)) == 2


def test_what_has_not_come_yet_waits(district, course, trainees, time_machine):
    time_machine.move_to(datetime(2026, 5, 11, 20, 0, tzinfo=SHANGHAI), tick=False)
    lines = ("姓名,课程,是否通过", "王小明,农业标准化,通过", "王小明,实验室安全,通过")
    batch = importing(course, district.owner, *lines)
    assert [row["note"] for row in batch.plan["half_days"]] == [
        "",
        "",
        "还没有结束，到时再导入一次",
        "还没有结束，到时再导入一次",
    ]
    confirm_records(batch=batch, application=course, actor=district.owner)
    assert half_days(trainees[0]) == FIRST_MORNING
    time_machine.shift(timedelta(days=3))
    batch = importing(course, district.owner, *lines)
    assert confirm_records(batch=batch, application=course, actor=district.owner) == {
        "added": 2,
        "left": 2,
        "struck": 0,
    }


def test_the_rows_are_shown_with_the_days_that_stand_there(client, district, course, trainees):
    """No birth stands in a platform's record, so no day in it is hidden."""
    lines = ("姓名,课程,是否通过,开始时间", "张三,农业标准化,通过,2026-05-11 08:31")
    batch = importing(course, district.owner, *lines)
    client.force_login(district.owner)
    page = client.get(reverse("attendance:platform_preview", args=[course.pk, batch.token])).content.decode()
    assert "2026-05-11 08:31" in page


def test_a_half_day_that_is_on_waits_for_its_end(district, course, trainees, time_machine):
    """No sign-out lies ahead of the clock."""
    time_machine.move_to(datetime(2026, 5, 11, 11, 0, tzinfo=SHANGHAI), tick=False)
    lines = ("姓名,课程,是否通过", "王小明,农业标准化,通过")
    batch = importing(course, district.owner, *lines)
    assert batch.counts["attended"] == 0
    assert batch.plan["half_days"][0]["note"] == "还没有结束，到时再导入一次"
    time_machine.move_to(datetime(2026, 5, 11, 11, 30, tzinfo=SHANGHAI), tick=False)
    assert importing(course, district.owner, *lines).counts["attended"] == 1


def test_what_the_office_struck_is_not_brought_back_by_the_same_record(district, course, trainees):
    lines = ("姓名,课程,是否通过", "王小明,农业标准化,通过", "李晓红,农业标准化,通过")
    confirm_records(batch=importing(course, district.owner, *lines), application=course, actor=district.owner)
    key = (date(2026, 5, 11), "morning")
    strike_signs(application=course, key=key, enrolments=[trainees[0].pk], reason="他人代学", actor=district.owner)
    batch = importing(course, district.owner, *lines)
    done = confirm_records(batch=batch, application=course, actor=district.owner)
    assert done == {"added": 0, "left": 2, "struck": 2}
    assert "2 项导入后作废过，没有恢复" in said_of(done)
    assert half_days(trainees[0]) == []
    sign(trainees[0], *key, time_in=time(8, 40), time_out=time(11, 30))  # by hand it is given back
    assert len(half_days(trainees[0])) == 2


@pytest.mark.parametrize("number", [999999198901010019.0, "9.99999E+17"])
def test_a_number_that_excel_broke_is_told_as_that(district, course, trainees, number):
    book, file = openpyxl.Workbook(), BytesIO()
    for row in (("姓名", "证件号码", "课程", "是否通过"), ("王小明", number, "农业标准化", "通过")):
        book.active.append(row)
    book.save(file)
    file.seek(0)
    batch = stage_records(application=course, file=file, name="学习记录.xlsx", actor=district.owner)
    assert "Excel 把证件号码变成了数字" in str(batch.plan)


def test_what_is_there_already_is_left_alone(district, course, trainees):
    sign(trainees[0], date(2026, 5, 11), "morning", time_in=time(8, 40), time_out=None)
    batch = importing(course, district.owner, "姓名,课程,是否通过", "王小明,农业标准化,通过")
    assert confirm_records(batch=batch, application=course, actor=district.owner) == {
        "added": 1,
        "left": 1,
        "struck": 0,
    }


def test_who_was_added_late_gets_only_later_half_days(district, course, trainees):
    late = enrol(
        course,
        person_in(district.unit, "后来者"),
        late_reason="出差",
        added_at=datetime(2026, 5, 11, 12, 0, tzinfo=SHANGHAI),
    )
    lines = [f"后来者,{name},通过" for name in COURSES]
    batch = importing(course, district.owner, "姓名,课程,是否通过", *lines)
    confirm_records(batch=batch, application=course, actor=district.owner)
    assert {(day, half) for day, half, *_ in half_days(late)} == {(11, "afternoon"), (12, "morning"), (12, "afternoon")}


def test_one_minute_for_all_is_nothing_odd_in_a_platform_record(district, course):
    people = [enrol(course, person_in(district.unit, f"学员{n}")) for n in "甲乙丙丁戊己"]
    lines = [f"{each.name},农业标准化,通过" for each in people]
    batch = importing(course, district.owner, "姓名,课程,是否通过", *lines)
    confirm_records(batch=batch, application=course, actor=district.owner)
    assert class_oddities(slots_of_class(course), valid_signs(course), people) == []


def test_only_a_class_held_remotely_takes_one(client, district):
    client.force_login(district.owner)
    face, remote = class_of(district.unit), class_of(district.unit, form="mixed")
    assert client.get(reverse("attendance:platform", args=[face.pk])).status_code == 404
    assert client.get(reverse("attendance:platform", args=[remote.pk])).status_code == 200
    link = reverse("attendance:platform", args=[remote.pk])
    assert link in client.get(reverse("attendance:class", args=[remote.pk])).text


def test_the_template_has_a_row_per_trainee_and_course(client, district, course, trainees):
    client.force_login(district.owner)
    got = client.get(reverse("attendance:platform_template", args=[course.pk]))
    book = openpyxl.load_workbook(BytesIO(b"".join(got) if got.streaming else got.content))
    text = [[cell.value for cell in row] for row in book.active.iter_rows()]
    assert sum("农药残留检测" in row for row in text) == 2


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        *[("90分钟", 5400), ("1小时30分", 5400), ("1.5小时", 5400), ("01:30:59", 5459), ("100:00:00", 360_000)],
        *[(0.0625, 5400), (datetime(1900, 1, 1, 2, 10, 5), 94_205), ("2分59秒", 179)],
    ],
)
def test_lengths(value, seconds):
    assert read_length(value) == seconds


@pytest.mark.parametrize("value", ["90", 90.0, "01:30", "", "abc", datetime(2026, 5, 1), "-5分钟", "9" * 40 + "分钟"])
def test_lengths_without_a_unit_are_asked_for(value):
    with pytest.raises(UnreadableCellError):
        read_length(value)


def test_figures_and_words():
    assert [figure(value, seconds) for value, seconds in ((90.0, 60), ("5400", 1), (1.5, 3600), ("2小时", 60))] == [
        5400, 5400, 5400, 7200,
    ]  # fmt: skip
    words = ("通过", "未完成", 1.0, 0.999, 0.0, "99.5%", "100 %")
    assert [read_passed(value) for value in words] == [True, False, True, False, False, False, True]
    assert course_key("《农业  标准化》(一)") == course_key("农业标准化（一）")


@pytest.mark.parametrize("value", ["9" * 40, 1e300])
def test_no_figure_is_too_large_to_be_answered(value):
    with pytest.raises(UnreadableCellError):
        figure(value, 60)


@pytest.mark.parametrize("value", [55.0, 85.0, 100.0, "85", "60.5"])
def test_marks_are_not_taken_for_passed(value):
    with pytest.raises(UnreadableCellError, match="只有数字"):
        read_passed(value)


def test_seconds_are_cut_once_when_all_sittings_are_added_up(district, course, trainees):
    """Thirty clips of 5 minutes 59 seconds are 179 minutes, with one more of a minute 180: none is cut by itself."""
    clips = [f"王小明,农业标准化,2026-05-09 {8 + n // 6:02d}:{n % 6 * 10:02d}:03,359" for n in range(30)]
    head = "姓名,课程,开始时间,学习时长（秒）"
    assert importing(course, district.owner, head, *clips).counts["attended"] == 0
    last = "王小明,农业标准化,2026-05-10 20:00:30,30"
    assert importing(course, district.owner, head, *clips, last).counts["attended"] == 1


def test_sittings_told_by_their_ends_are_taken_to_the_second(district, course, trainees):
    first = "王小明,农业标准化,2026-05-09 20:00:50,2026-05-09 22:59:50"
    short = "王小明,农业标准化,2026-05-09 23:00:05,2026-05-09 23:00:{}"
    head = "姓名,课程,开始时间,结束时间"
    assert importing(course, district.owner, head, first, short.format("59")).counts["attended"] == 0
    batch = importing(course, district.owner, head, first, short.format("59"), short.format("59").replace("23:", "19:"))
    assert batch.counts["attended"] == 1


def test_days_without_a_time_are_no_length_of_study(district, course, trainees):
    """The first and the last day of a course would be weeks of minutes."""
    head = "姓名,课程,开始时间,结束时间,是否通过"
    read = read_records(
        csv(
            head,
            "王小明,农业标准化,2026-05-01,2026-05-09,",
            "王小明,农业标准化,2026-05-01 08:00,2026-05-09 17:00,",
            "王小明,农业标准化,2026-05-01,2026-05-09,未通过",
        ),
        course,
    )
    assert [(problem.cell, problem.what) for problem in read.problems] == [
        ("B2", "学习时长和是否通过都没有填"),
        ("D3", "从开始到结束超过一天，不是一次学习的时长"),
    ]
    assert [row.total.minutes for row in read.values] == [None]
    days = [f"王小明,农业标准化,2026-05-0{day},,{minutes}" for day, minutes in ((8, 100), (9, 80))]
    measured = "姓名,课程,开始时间,结束时间,学习时长（分钟）"
    assert importing(course, district.owner, measured, *days).counts["attended"] == 1

"""Signs from a sheet or a time clock (product.md A1): found in the class's own list, previewed, written once."""

from datetime import date, datetime, time
from functools import partial
from io import BytesIO

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from pypdf import PdfReader

from luojiang_ce.clock import SHANGHAI
from luojiang_ce.sheets.imports import read_file
from luojiang_ce.sheets.problems import FileProblem, UnreadableCellError
from luojiang_ce.sheets.times import read_time
from tests.factories import person_in
from tests.luojiang_ce.sheets.imports import confirmed, stage
from tests.training.factories import class_of, enrol, sign
from training.attendance.importing import SIGNS_IMPORT
from training.attendance.models import Sign
from training.attendance.services import strike_signs
from training.attendance.sheet import NTH_PUNCHES, SIGNS

DAY = date(2026, 5, 11)
stage_signs, confirm_signs = partial(stage, SIGNS_IMPORT), partial(confirmed, SIGNS_IMPORT)
read_signs = partial(read_file, SIGNS_IMPORT)


@pytest.fixture(autouse=True)
def _first_day(time_machine):
    time_machine.move_to(datetime(2026, 5, 11, 20, 0, tzinfo=SHANGHAI), tick=False)


@pytest.fixture
def course(district):
    return class_of(district.unit)


@pytest.fixture
def trainees(district, course):
    return [enrol(course, person_in(district.neighbour_unit, name)) for name in ("王小明", "李晓红")]


def csv(*lines):
    return BytesIO("\n".join(lines).encode("utf-8-sig"))


def signs(trainee):
    found = trainee.signs.order_by("date", "time").values_list("half_day", "kind", "time")
    return [(half_day, kind, f"{at:%H:%M}") for half_day, kind, at in found]


def test_a_sheet_with_times_is_previewed_and_then_written_once(district, course, trainees):
    one, two = trainees
    file = csv(
        "姓名,证件号码,日期,时段,签到时间,签退时间",
        f"王小明,{one.person.id_number},2026-05-11,上午,08:21,11:35",
        f"李晓红,{two.person.id_number[-6:]},2026年5月11日,,8：25:40,",
        f"李晓红,{two.masked_id},2026/5/11,下午,下午2:05,17:02",
    )
    batch = stage_signs(application=course, file=file, name="签到.csv", actor=district.owner)
    assert (batch.state, batch.counts) == ("previewed", {"rows": 3, "read": 3, "wrong": 0, "signs": 5})
    assert not Sign.objects.exists()
    assert confirm_signs(batch=batch, application=course, actor=district.owner) == {"added": 5, "left": 0, "struck": 0}
    confirm_signs(batch=batch, application=course, actor=district.owner)
    assert signs(one) == [("morning", "in", "08:21"), ("morning", "out", "11:35")]
    assert signs(two) == [("morning", "in", "08:25"), ("afternoon", "in", "14:05"), ("afternoon", "out", "17:02")]


def test_a_time_clock_has_a_punch_per_row(district, course, trainees):
    file = csv(
        "员工姓名,打卡时间",
        *(f"王小明,2026-05-11 {at}" for at in ("08:20:11", "09:59:00", "11:31:02", "13:55:00", "17:20:00")),
        "李晓红,2026-05-11 08:29:59",
    )
    batch = stage_signs(application=course, file=file, name="打卡.csv", actor=district.owner)
    confirm_signs(batch=batch, application=course, actor=district.owner)
    assert signs(trainees[0]) == [
        ("morning", "in", "08:20"),
        ("morning", "out", "11:31"),
        ("afternoon", "in", "13:55"),
        ("afternoon", "out", "17:20"),
    ]
    assert signs(trainees[1]) == [("morning", "in", "08:29")]
    assert set(Sign.objects.values_list("source", flat=True)) == {"import"}


def test_what_is_there_already_is_left_alone(district, course, trainees):
    sign(trainees[0], DAY, "morning", time_in=time(8, 40), time_out=None)
    file = csv("姓名,日期,时段,签到时间,签退时间", "王小明,2026-05-11,上午,08:21,11:35")
    batch = stage_signs(application=course, file=file, name="签到.csv", actor=district.owner)
    assert confirm_signs(batch=batch, application=course, actor=district.owner) == {"added": 1, "left": 1, "struck": 0}
    assert signs(trainees[0]) == [("morning", "in", "08:40"), ("morning", "out", "11:35")]


def test_what_was_struck_stays_struck_and_other_times_are_taken(district, course, trainees):
    """A clock's export grows, and is imported again; a wrong one is struck and the right one imported."""
    lines = ("姓名,日期,时段,签到时间,签退时间", "王小明,2026-05-11,上午,08:21,11:35")
    confirm_signs(
        batch=stage_signs(application=course, file=csv(*lines), name="签到.csv", actor=district.owner),
        application=course,
        actor=district.owner,
    )
    strike_signs(
        application=course, key=(DAY, "morning"), enrolments=[trainees[0].pk], reason="代打卡", actor=district.owner
    )
    for at, done in (("08:21", {"added": 0, "left": 0, "struck": 2}), ("08:29", {"added": 1, "left": 0, "struck": 1})):
        file = csv(lines[0], f"王小明,2026-05-11,上午,{at},11:35")
        batch = stage_signs(application=course, file=file, name="签到.csv", actor=district.owner)
        assert confirm_signs(batch=batch, application=course, actor=district.owner) == done


def test_everything_wrong_is_told_with_its_cell_and_nothing_is_shown_in_full(district, course, trainees):
    number = trainees[0].person.id_number
    twin = enrol(course, person_in(district.unit, "李晓红"))
    read = read_signs(
        csv(
            "姓名,证件号码,日期,时段,签到时间,签退时间",
            "没有此人,,2026-05-11,上午,08:21,",
            f"王小明,{twin.person.id_number},2026-05-11,上午,08:21,",
            "李晓红,,2026-05-11,上午,08:21,",
            f"王小明,{number},2026-05-11,晚上,19:00,",
            f"王小明,{number},2026-05-12,上午,08:21,",
            f"王小明,{number},2026-05-11,半夜,08:21,",
            f"王小明,{number},2026-05-11,上午,25:99,",
            f"王小明,{number},,上午,08:21,",
            f"王小明,{number},2026-05-11,上午,11:30,08:30",
            f"王小明,{number},2026-05-11,上午,,",
        ),
        course,
    )
    assert read.values == []
    assert [(problem.cell, problem.what) for problem in read.problems] == [
        ("A2", "不在本班学员名单里"),
        ("B3", "证件号码与本班名单不符"),
        ("B4", "本班有 2 位同名学员"),
        ("C5", "课程表里没有对应的半日"),
        ("C6", "这一天还没有到"),
        ("D7", "认不出时段"),
        ("E8", "认不出时间"),
        ("C9", "日期没有填"),
        ("F10", "签退不晚于签到"),
    ]
    assert all(number not in str(problem) for problem in read.problems)


@pytest.mark.parametrize("content", [b"\x00\x01 not a sheet", "姓名,单位\n王小明,甲".encode()])
def test_a_file_of_another_kind_is_refused(course, trainees, content):
    with pytest.raises(FileProblem):
        read_signs(BytesIO(content), course)


@pytest.mark.parametrize(
    ("value", "at"),
    [
        ("8:05", time(8, 5)),
        ("08：05", time(8, 5)),
        ("下午 2:05", time(14, 5)),
        ("14点05分", time(14, 5)),
        (0.5, time(12, 0)),
        (500 / 1440, time(8, 20)),
        ((500 * 60 + 50) / 86400, time(8, 20)),  # seconds are cut off, not rounded
        (86399.9 / 86400, time(23, 59)),
        (datetime(1899, 12, 31, 8, 5, 59), time(8, 5)),
    ],
)
def test_times_as_people_and_excel_write_them(value, at):
    assert read_time(value) == at


@pytest.mark.parametrize("value", ["", "x", "24:00", "8", 8.0, -0.5])
def test_what_is_no_time_is_refused(value):
    with pytest.raises(UnreadableCellError):
        read_time(value)


def test_the_way_through_the_pages(client, district, course, trainees):
    client.force_login(district.owner, backend="django.contrib.auth.backends.ModelBackend")
    response = client.get(reverse("attendance:template", args=[course.pk]))
    book = openpyxl.load_workbook(BytesIO(response.content))
    rows = list(book.active.iter_rows(min_row=2))
    assert len(rows) == 8  # two trainees in four half-days
    titles = [cell.value for cell in book.active[1]]
    for row in rows:
        if row[0].value == "王小明" and row[titles.index("日期")].value.date() == DAY:
            row[titles.index("签到时间")].value = "08:25"
            row[titles.index("签退时间")].value = "17:30"
    out = BytesIO()
    book.save(out)
    upload = SimpleUploadedFile("签到.xlsx", out.getvalue())
    response = client.post(reverse("attendance:import", args=[course.pk]), {"file": upload}, follow=True)
    assert "可以导入 4 项" in response.content.decode()
    preview = response.redirect_chain[-1][0]
    response = client.post(preview, {"do": "confirm"}, follow=True)
    assert "已导入签到、签退 4 项" in response.content.decode()
    assert Sign.objects.count() == 4
    assert "已导入" in client.get(preview).content.decode()


def test_the_page_names_the_columns_and_not_each_day_of_the_year(client, district, course):
    client.force_login(district.owner, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(reverse("attendance:import", args=[course.pk])).content.decode()
    assert page.count('<th scope="row"') == len(SIGNS.columns) + len(NTH_PUNCHES) - 1  # the employer is not read
    assert "也可以每天一列，列名写日期" in page


def test_the_printed_sheet_names_class_half_day_and_trainees(client, district, course, trainees):
    client.force_login(district.owner, backend="django.contrib.auth.backends.ModelBackend")
    address = reverse("attendance:sheet_pdf", args=[course.pk, DAY, "morning"])
    pages = PdfReader(BytesIO(client.get(address).content)).pages
    text = "".join("".join(page.extract_text() for page in pages).split())
    for said in (
        "继续教育培训签到表",
        "农产品质量安全检测技术培训班",
        "2026年5月11日",
        "上午",
        "王小明",
        "李晓红",
        "签到时间",
        "签退时间",
    ):
        assert said in text

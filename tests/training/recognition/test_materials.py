"""The package of a recognition: what is asked for, what is there, what looks odd (notice 一(五)3; product.md R1)."""

from datetime import date, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import ExifTags, Image

from luojiang_ce.clock import SHANGHAI
from luojiang_ce.files.checks import checked
from luojiang_ce.files.services import attach
from luojiang_ce.uploads.places import SCAN
from tests.documents import PDF
from tests.training.factories import add_lessons, class_of, recognition_of, with_package
from training.attendance.services import attach_scan
from training.attendance.timetable import slots_of_class
from training.recognition.materials import checklist_of, courseware_code, odd_photos
from training.recognition.models import Recognition

DAY = date(2026, 5, 11)


@pytest.fixture(autouse=True)
def _a_week_later(time_machine):
    time_machine.move_to(datetime(2026, 5, 18, 9, tzinfo=SHANGHAI), tick=False)


@pytest.fixture
def case(district):
    return recognition_of(class_of(district.unit, days=1))


def rows_of(case):
    return checklist_of(Recognition.objects.get(pk=case.pk))


def missing(case):
    return [row.material.title for row in rows_of(case) if row.missing]


def photo(tmp_path, taken=None, name="现场.jpg"):
    exif = Image.Exif()
    if taken:
        exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = taken
    path = tmp_path / name
    Image.new("RGB", (40, 30), "white").save(path, exif=exif)
    return SimpleUploadedFile(name, path.read_bytes(), content_type="image/jpeg")


@pytest.mark.notice("一(五)3")
def test_the_notice_names_the_materials(case):
    assert missing(case) == [
        "报名通知",
        "参加培训人员花名册（盖章扫描件）",
        "签到表（签字扫描件）",
        "讲义、课件：检测技术（1）",
        "讲义、课件：检测技术（2）",
        "现场照片",
    ]


def test_a_course_is_asked_for_once_and_one_that_does_not_count_never(district):
    course = class_of(district.unit, half_days=())
    add_lessons(course, [(DAY, "morning"), (DAY, "afternoon")], course="快检方法")
    add_lessons(course, [(DAY, "evening")], course="结业考试", counts=False)
    titles = [row.material.title for row in rows_of(recognition_of(course))]
    assert [title for title in titles if title.startswith("讲义")] == ["讲义、课件：快检方法"]


def test_courseware_stays_with_its_course_when_the_timetable_is_made_anew(district, case):
    code = courseware_code("检测技术（1）")
    attach(case=case, material=code, upload=SimpleUploadedFile("a.pdf", PDF), actor=district.owner)
    case.application.timetable.all().delete()
    add_lessons(case.application, [(DAY, "morning")])
    assert "讲义、课件：检测技术（1）" not in missing(case)


@pytest.mark.notice("一(五)3")
def test_scans_of_every_half_day_stand_for_the_sign_in_sheets(district, case):
    scans = [(DAY, "morning"), (DAY, "afternoon")]
    for number, key in enumerate(scans, 1):
        scan = checked(SimpleUploadedFile("签到表.pdf", PDF), SCAN)
        attach_scan(application=case.application, key=key, scan=scan, actor=district.owner)
        row = next(row for row in rows_of(case) if row.material.code == "sheets")
        assert f"已按半日上传 {number} / 2 份" in row.material.help
        assert row.missing is (number < 2)


def test_one_scan_of_the_whole_class_will_do(district, case):
    attach(case=case, material="sheets", upload=SimpleUploadedFile("签到表.pdf", PDF), actor=district.owner)
    assert "签到表（签字扫描件）" not in missing(case)


def test_a_whole_package_misses_nothing(district, case):
    with_package(case, district.owner)
    assert missing(case) == []


@pytest.mark.parametrize(
    ("taken", "why"),
    [
        ("2026:05:11 09:15:00", ""),
        ("2026:05:11 07:30:00", ""),
        ("2026:05:11 07:29:59", "拍摄于 2026年5月11日 07:29，不在培训期间"),
        ("2026:05:12 09:15:00", "拍摄于 2026年5月12日 09:15，不在培训期间"),
        ("2025:05:11 09:15:00", "拍摄于 2025年5月11日 09:15，不在培训期间"),
        (None, "没有拍摄时间"),
    ],
)
def test_a_photograph_from_outside_the_class_is_pointed_out(district, case, tmp_path, taken, why):
    attach(case=case, material="photos", upload=photo(tmp_path, taken), actor=district.owner)
    found = odd_photos(rows_of(case), slots_of_class(case.application))
    assert [each.why for each in found] == ([why] if why else [])


def test_other_pictures_are_no_site_photographs(district, case, tmp_path):
    attach(case=case, material="notice", upload=photo(tmp_path), actor=district.owner)
    assert odd_photos(rows_of(case), slots_of_class(case.application)) == []

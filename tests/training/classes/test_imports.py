"""Timetables and rosters from workbooks: read whole, all that is wrong at once, written once after confirmation."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time
from decimal import Decimal
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook, load_workbook

from luojiang_ce.jobs.services import sweep
from luojiang_ce.notices.models import Notice
from luojiang_ce.refusals import NotPossible
from luojiang_ce.sheets import imports
from luojiang_ce.sheets.filled import write_form
from luojiang_ce.sheets.imports import read_file
from luojiang_ce.sheets.models import ImportBatch
from luojiang_ce.sheets.reading import Limits
from tests.factories import id_number, person_in
from tests.luojiang_ce.sheets.imports import confirmed, stage
from tests.training.classes.factories import a_course, a_lecturer, a_row, an_application
from training.classes import form3
from training.classes.facts import rows_of
from training.classes.importers.roster import TRAINEES_IMPORT
from training.classes.importers.timetable import TIMETABLE_IMPORT
from training.classes.models import ClassApplication, Enrolment, Lecturer
from training.classes.services.trainees import enrol_roster
from units.models import Unit

State = ClassApplication.State
pytestmark = pytest.mark.real_services
HEADER = ["日期", "时段", "起止时间", "课程名称", "计学时", "科目", "学时", "授课教师", "工作单位", "教室"]


def workbook(*rows, header=HEADER) -> BytesIO:
    book = Workbook()
    for row in (header, *rows):
        book.active.append(list(row))
    out = BytesIO()
    book.save(out)
    out.seek(0)
    return out


@pytest.fixture
def case(district) -> ClassApplication:
    return an_application(district.unit, opens_on=date(2026, 12, 14))


@pytest.mark.notice("附件3")
def test_a_timetable_is_pasted_in_the_order_of_the_form(client, district, case) -> None:
    client.force_login(district.owner, backend="django.contrib.auth.backends.ModelBackend")
    line = ["2026年12月14日", "", "上午", "08:30-11:30", "采后生理", "", "专业", "4", "", "", "", "面授", "4A"]
    pasted = "\r\n".join(["\t".join(line), "\t".join([*line[:2], "下午", "14:00-17:00", *line[4:]])])
    page = client.post(f"/classes/{case.pk}/timetable/import/", {"pasted": pasted}, follow=True)
    assert "按表格的列顺序读，数据 2 行" in page.content.decode()
    client.post(TIMETABLE_IMPORT.page(ImportBatch.objects.get()), {"do": "confirm"})
    rows = [(row.half_day, row.course, row.hours, row.room) for row in case.timetable.all()]
    assert rows == [("morning", "采后生理", Decimal("4.0"), "4A"), ("afternoon", "采后生理", Decimal("4.0"), "4A")]


@pytest.mark.notice("附件3")
class TestTimetable:
    def test_is_read_as_people_type_it(self, district, case):
        file = workbook(
            [datetime(2026, 12, 14), "上午", "08:30-09:00", "报到", "否", None, None, None, None, "4A"],
            [None, None, "9：00～12：00", "采后生理", None, "专业科目", 4, "温如故", None, "4A"],
            ["12月15日", "晚上", "19:00—20:30", "研讨", "是", "专业", "2.0", "新教师", "某单位", None],
        )
        read = read_file(TIMETABLE_IMPORT, file, case)
        rows = [lesson.values for lesson in read.values]
        assert read.problems == []
        assert [(r["date"].day, r["half_day"], r["counts"], r["hours"]) for r in rows] == [
            (14, "morning", False, Decimal(0)),
            (14, "morning", True, Decimal("4.0")),
            (15, "evening", True, Decimal("2.0")),
        ]
        assert (rows[1]["starts_at"], rows[1]["ends_at"]) == (time(9), time(12))
        assert TIMETABLE_IMPORT.facts(read, case)["new_lecturers"] == ["新教师（某单位）"]

    def test_a_preview_of_what_was_changed_since_replaces_nothing(self, district, case):
        first, second = (
            workbook(["2026-12-14", "下午", "14:00-17:00", name, "是", "专业", 4, None, None, None])
            for name in ("先传的课", "后传的课")
        )
        stale, fresh = (
            stage(TIMETABLE_IMPORT, application=case, file=file, name="课程表.xlsx", actor=district.owner)
            for file in (first, second)
        )
        confirmed(TIMETABLE_IMPORT, batch=fresh, application=case, actor=district.owner)
        with pytest.raises(NotPossible, match="修改过这里"):
            confirmed(TIMETABLE_IMPORT, batch=stale, application=case, actor=district.owner)
        assert [row.course for row in rows_of(case)] == ["后传的课"]

    def test_what_the_worker_refuses_to_write_is_previewed_again_with_the_reason(
        self, client, district, case, monkeypatch
    ):
        monkeypatch.setattr(imports, "SMALL", replace(imports.SMALL, limits=Limits(inflated_bytes=100, tags=1)))
        client.force_login(district.owner, backend="django.contrib.auth.backends.ModelBackend")
        for name in ("先传的课", "后传的课"):
            file = workbook(["2026-12-14", "下午", "14:00-17:00", name, "是", "专业", 4, None, None, None])
            upload = SimpleUploadedFile("课程表.xlsx", file.read())
            client.post(f"/classes/{case.pk}/timetable/import/", {"file": upload})
        sweep()
        fresh, stale = ImportBatch.objects.order_by("-pk")
        for batch in (fresh, stale):
            shown = client.post(TIMETABLE_IMPORT.page(batch), {"do": "confirm"}, follow=True).content.decode()
            assert "正在导入课程表" in shown
            sweep()
        assert [row.course for row in rows_of(case)] == ["后传的课"]
        page = client.get(TIMETABLE_IMPORT.page(stale))
        assert page.status_code == 200
        assert "没有写入任何数据" in page.content.decode()
        assert "修改过这里" in page.content.decode()

    def test_everything_wrong_is_said_at_once_with_its_cell(self, case):
        file = workbook(
            ["2026-13-01", "中午", "9点", "x" * 101, "是", "其他", "四", "不认识", None, None],
            ["2026-12-14", "上午", "12:00-09:00", "倒着", "是", "专业", 4.25, None, None, None],
        )
        cells = {problem.cell: problem.what for problem in read_file(TIMETABLE_IMPORT, file, case).problems}
        assert set(cells) == {"A2", "B2", "C2", "D2", "F2", "G2", "H2", "C3", "G3"}
        assert cells["H2"] == "本单位教师库里没有不认识"
        assert cells["C3"] == "结束不晚于开始"

    def test_a_course_must_stand_in_the_catalogue(self, case):
        a_course("职业道德")
        row = ["2026-12-14", "上午", "09:00-12:00", "道德", "是", "公共", 4, None, None, None]
        for name, wrong in (("职业道德", 0), ("没有的课", 1)):
            file = workbook([*row, name], header=[*HEADER, "公共科目目录课程"])
            assert len(read_file(TIMETABLE_IMPORT, file, case).problems) == wrong

    def test_nothing_is_written_before_it_is_confirmed_and_then_once(self, district, case):
        file = workbook(["2026-12-14", "下午", "14:00-17:00", "新课", "是", "专业", 4, "新教师", "某单位", None])
        batch = stage(TIMETABLE_IMPORT, application=case, file=file, name="课程表.xlsx", actor=district.owner)
        assert [row.course for row in rows_of(case)] == ["采后生理与品质控制"]
        assert not Lecturer.objects.filter(name="新教师").exists()
        for _ in range(2):
            assert confirmed(TIMETABLE_IMPORT, batch=batch, application=case, actor=district.owner) == {"rows": 1}
        assert [(row.course, row.lecturer.name) for row in rows_of(case)] == [("新课", "新教师")]
        assert ClassApplication.objects.get(pk=case.pk).version == case.version + 1

    def test_what_was_written_out_comes_in_again(self, case):
        a_row(case, half_day="evening", starts_at=time(19), ends_at=time(20), counts=False, hours=0, course="考试")
        out = BytesIO()
        write_form(form3.FORM3, form3.rows(rows_of(case)), out, head=form3.head(case), foot={})
        out.seek(0)
        read = read_file(TIMETABLE_IMPORT, out, case)
        assert read.problems == []
        assert [(r["course"], r["counts"], r["hours"]) for r in (lesson.values for lesson in read.values)] == [
            (row.course, row.counts, row.hours) for row in rows_of(case)
        ]

    @pytest.mark.parametrize("content", [b"", b"not a workbook", b"\xd0\xcf\x11\xe0broken", b"PK\x03\x04broken"])
    def test_a_broken_file_is_refused_in_words(self, client, district, case, content):
        client.force_login(district.owner)
        file = SimpleUploadedFile("课程表.xlsx", content)
        answer = client.post(f"/classes/{case.pk}/timetable/import/", {"file": file}, follow=True)
        assert answer.status_code in (200, 422)
        assert "这个文件用不了" in answer.content.decode() or "空文件" in answer.content.decode()


@pytest.mark.notice("一(五)3")
class TestRoster:
    header = ("姓名", "身份证号", "单位")

    @pytest.fixture
    def case(self, district) -> ClassApplication:
        return an_application(district.unit, State.APPROVED)

    def file(self, *rows) -> BytesIO:
        return workbook(*rows, header=self.header)

    def test_people_are_matched_by_id_and_name_strangers_kept(self, district, case):
        person = person_in(district.neighbour_unit, "王小明")
        file = self.file(["王小明", person.id_number, "随便写的单位"], ["外区人", id_number(), "外区某单位"])
        read = read_file(TRAINEES_IMPORT, file, case)
        assert [(t.person_id, t.employer) for t in read.values] == [
            (person.pk, district.neighbour_unit.name),
            (None, "外区某单位"),
        ]

    @pytest.mark.parametrize(
        "typed",
        ["洛江区禾山水利工作站", "泉州市 洛江区禾山水利工作站", "禾山水利站", "福建省泉州市洛江区禾山水利工作站"],
    )
    def test_nobody_of_a_unit_of_the_district_is_a_stranger(self, district, case, typed):
        """The unit may not have registered them yet: it is asked to, and for its agreement."""
        Unit.objects.filter(pk=district.neighbour_unit.pk).update(short_name="禾山水利站")
        read = read_file(TRAINEES_IMPORT, self.file(["温如故", id_number(), typed]), case)
        (trainee,) = read.values
        assert (trainee.person_id, trainee.unit_id) == (None, district.neighbour_unit.pk)
        (row,) = enrol_roster(application=case, trainees=[trainee], actor=district.owner)
        assert (row.agreement, row.outside) == ("waiting", "所在单位尚未登记此人，登记后入账")
        told = Notice.objects.get(recipient=district.neighbour)
        assert "尚未登记为本单位人员：温如故" in told.text

    def test_a_base_above_the_district_is_none_of_its_units(self, district, case):
        Unit.objects.filter(pk=district.neighbour_unit.pk).update(level="above")
        read = read_file(TRAINEES_IMPORT, self.file(["温如故", id_number(), district.neighbour_unit.name]), case)
        assert read.values[0].unit_id is None

    def test_wrong_rows_say_why_and_never_show_a_full_number(self, district, case):
        person = person_in(district.unit, "王小明")
        number = id_number()
        file = self.file(
            ["张三", person.id_number, ""], ["李四", number, ""], ["", number[:17], "x"], ["赵六", 3.5e17, "x"]
        )
        read = read_file(TRAINEES_IMPORT, file, case)
        assert read.values == []
        assert {(p.cell, p.what) for p in read.problems} >= {
            ("A2", "姓名与证件号码不一致"),
            ("C3", "系统里没有此人，也没有填单位"),
            ("A4", "姓名没有填"),
        }
        assert not any(number in p.value or person.id_number in p.value for p in read.problems)

    def test_the_preview_keeps_no_full_number_and_enrols_nobody(self, district, case):
        person = person_in(district.neighbour_unit)
        batch = stage(
            TRAINEES_IMPORT,
            application=case,
            file=self.file([person.name, person.id_number, ""]),
            name="名册",
            actor=district.owner,
        )
        assert batch.state == ImportBatch.State.PREVIEWED
        assert person.id_number not in str(batch.plan)
        assert not case.enrolments.exists()

    def test_confirming_twice_enrols_once_and_asks_the_unit(self, district, case):
        person = person_in(district.neighbour_unit)
        batch = stage(
            TRAINEES_IMPORT,
            application=case,
            file=self.file([person.name, person.id_number, ""]),
            name="名册",
            actor=district.owner,
        )
        for _ in range(2):
            assert confirmed(TRAINEES_IMPORT, batch=batch, application=case, actor=district.owner) == {"added": 1}
        assert case.enrolments.get().agreement == Enrolment.Agreement.WAITING

    def test_too_many_for_the_places_is_said_and_can_be_tried_again(self, client, district, case):
        ClassApplication.objects.update(people=1)
        rows = [[p.name, p.id_number, ""] for p in (person_in(district.unit), person_in(district.unit))]
        batch = stage(TRAINEES_IMPORT, application=case, file=self.file(*rows), name="名册", actor=district.owner)
        client.force_login(district.owner)
        address = f"/classes/{case.pk}/trainees/import/{batch.token}/"
        answer = client.post(address, {"do": "confirm"})
        assert (answer.status_code, "只剩 1 个名额" in answer.content.decode()) == (409, True)
        ClassApplication.objects.update(people=2)
        assert client.post(address, {"do": "confirm"}).status_code == 302
        assert case.enrolments.count() == 2

    def test_another_class_s_preview_is_not_found(self, client, district, case):
        batch = stage(
            TRAINEES_IMPORT, application=case, file=self.file(["a", "b", ""]), name="名册", actor=district.owner
        )
        other = an_application(district.unit, State.APPROVED)
        client.force_login(district.owner)
        assert client.get(f"/classes/{other.pk}/trainees/import/{batch.token}/").status_code == 404


def test_templates_are_empty_forms(client, district):
    client.force_login(district.owner)
    for name, title in (("form3-template", "日期"), ("trainees-template", "姓名")):
        book = load_workbook(BytesIO(client.get(f"/classes/{name}.xlsx").content))
        assert book.active["A1"].value == title


def test_a_known_name_borne_by_two_asks_for_the_employer(district, case):
    a_lecturer(district.unit)
    Lecturer.objects.create(unit=district.unit, name="温如故", employer="别的单位")
    row = ["2026-12-14", "上午", "09:00-12:00", "课", "是", "专业", 4, "温如故", None, None]
    (problem,) = read_file(TIMETABLE_IMPORT, workbook(row), case).problems
    assert "2 位温如故" in problem.what

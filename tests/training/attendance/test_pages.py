"""The pages of attendance: what they show, what they take, with how many queries."""

import re
from datetime import date, datetime, time, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from luojiang_ce.clock import SHANGHAI
from tests.documents import PDF
from tests.factories import person_in
from tests.todos import todos
from tests.training.factories import class_of, enrol, sign, sign_all
from tests.training.plans.factories import a_plan
from training.attendance.models import Sign

DAY = date(2026, 5, 11)


@pytest.fixture(autouse=True)
def _first_day(time_machine):
    time_machine.move_to(datetime(2026, 5, 11, 18, 0, tzinfo=SHANGHAI), tick=False)


@pytest.fixture
def course(district):
    return class_of(district.unit)


@pytest.fixture
def trainees(district, course):
    return [enrol(course, person_in(district.neighbour_unit, name)) for name in ("王小明", "李晓红", "陈大文")]


@pytest.fixture
def clerk(client, district):
    client.force_login(district.owner, backend="django.contrib.auth.backends.ModelBackend")
    return client


def half_day(course, day=DAY, which="morning", name="half_day", *more):
    return reverse(f"attendance:{name}", args=[course.pk, day, which, *more])


def text(response):
    return response.content.decode()


class TestList:
    def test_the_half_day_starts_with_the_times_of_the_timetable(self, clerk, course, trainees):
        html = text(clerk.get(half_day(course)))
        assert 'value="08:30"' in html
        assert 'value="11:30"' in html
        assert html.count("未到") == 3

    def test_namesakes_stand_with_their_units_or_ends_of_number(self, clerk, course, trainees, district):
        two = [enrol(course, person_in(unit, "王芳")) for unit in (district.unit, district.neighbour_unit)]
        html = text(clerk.get(half_day(course)))
        for each in two:
            called = f"王芳（{each.employer}）"
            assert f'<label for="t{each.pk}">{called}</label>' in html
            assert f'<span class="visually-hidden">：{called}</span>' in html
            assert called in text(clerk.get(half_day(course, DAY, "morning", "correct", each.pk)))
        third = enrol(course, person_in(district.unit, "王芳"))
        ends = [f"王芳（{each.employer}，尾号 {each.masked_id[-2:]}）" for each in (two[0], third)]
        html = text(clerk.get(half_day(course)))
        assert all(f"：{end}</span>" in html for end in ends)

    def test_ticked_trainees_are_signed_in_and_out(self, clerk, course, trainees):
        ticked = [trainee.pk for trainee in trainees[:2]]
        data = {"do": "record", "people": ticked, "time_in": "08:25", "time_out": "11:35"}
        html = text(clerk.post(half_day(course), data, follow=True))
        assert "已登记签到 2 人、签退 2 人" in html
        assert html.count("计入") == 2
        assert Sign.objects.count() == 4

    def test_a_double_click_records_once_and_says_so(self, clerk, course, trainees):
        data = {"do": "record", "people": [trainees[0].pk], "time_in": "08:25", "time_out": "11:35"}
        clerk.post(half_day(course), data)
        assert "2 项原来已有，没有改动" in text(clerk.post(half_day(course), data, follow=True))

    def test_everything_wrong_is_said_at_once_and_the_ticks_stay(self, clerk, course, trainees):
        data = {"do": "record", "people": [trainees[1].pk], "time_in": "11:35", "time_out": "11:35"}
        response = clerk.post(half_day(course), data)
        assert response.status_code == 422
        html = text(response)
        assert "签退时间须晚于签到时间 11:35" in html
        within_a_minute = {**data, "time_in": "11:35:01", "time_out": "11:35:59"}
        assert "签退时间须晚于签到时间 11:35" in text(clerk.post(half_day(course), within_a_minute))
        assert f'value="{trainees[1].pk}" id="t{trainees[1].pk}" data-tick checked' in html
        html = text(clerk.post(half_day(course), {"do": "record", "time_in": "x", "time_out": ""}))
        assert "还没有勾选学员" in html
        assert "请按 08:30 的样子填写时间" in html
        assert "至少填一个" in text(clerk.post(half_day(course), {"do": "record", "people": [trainees[1].pk]}))

    def test_somebody_elses_trainee_is_not_taken(self, clerk, course, trainees, district):
        foreign = enrol(class_of(district.neighbour_unit), person_in(district.unit))
        data = {"do": "record", "people": [foreign.pk], "time_in": "08:25"}
        assert clerk.post(half_day(course), data).status_code == 422
        assert not Sign.objects.exists()

    def test_striking_asks_for_a_reason(self, clerk, course, trainees):
        sign_all(course, trainees)
        data = {"do": "strike", "people": [trainees[0].pk]}
        assert "作废签到记录须写明原因" in text(clerk.post(half_day(course), data))
        html = text(clerk.post(half_day(course), {**data, "reason": "登错半日"}, follow=True))
        assert "已作废 2 条签到记录" in html
        assert "有更正" in html

    def test_all_are_ticked_on_request_without_script(self, clerk, course, trainees):
        assert text(clerk.get(half_day(course) + "?tick=all")).count("data-tick checked") == 3

    def test_a_day_ahead_says_when(self, clerk, course, trainees):
        html = text(clerk.get(half_day(course, DAY + timedelta(days=1))))
        assert "5月12日还没有到，签到从当天起登记" in html
        assert "登记所选学员" not in html

    @pytest.mark.parametrize("address", ["2026-05-11/evening", "2026-05-10/morning", "2026-13-45/morning", "x/morning"])
    def test_a_half_day_that_is_not_in_the_timetable_does_not_exist(self, clerk, course, address):
        assert clerk.get(f"/attendance/{course.pk}/{address}/").status_code == 404

    def test_what_looks_odd_is_pointed_out(self, clerk, course, district):
        everybody = [enrol(course, person_in(district.unit, f"学员{n}")) for n in range(5)]
        sign_all(course, everybody)
        html = text(clerk.get(half_day(course)))
        assert "全体同一分钟：签到均为 08:30" in html

    def test_who_signs_in_two_classes_is_named_with_the_other_class(self, clerk, course, district):
        person = person_in(district.unit, "孟归鸿")
        other = class_of(district.neighbour_unit, title="心理健康讲座班")
        for each in (course, other):
            sign(enrol(each, person), DAY, "morning", time_in=time(8, 30), time_out=time(11, 30))
        html = text(clerk.get(half_day(course)))
        assert "同一半日参加两个班：另一个班：心理健康讲座班" in html
        assert "孟归鸿" in html


class TestCorrection:
    def test_a_correction_keeps_what_was_there(self, clerk, course, trainees):
        sign_all(course, trainees)
        address = half_day(course, DAY, "morning", "correct", trainees[0].pk)
        opened = clerk.get(address)
        assert 'value="08:30"' in text(opened)
        typed = {"time_in": "09:10", "time_out": "11:30", "reason": "签到机时间不准"}
        clerk.post(address, typed | {"version": opened.context["form"].version_shown})
        html = text(clerk.get(address))
        assert "<del>签到 08:30</del>" in html
        assert "签到 09:10" in html
        assert "作废：签到机时间不准" in html
        assert "更正原因：签到机时间不准" in html

    def test_no_correction_without_a_reason(self, clerk, course, trainees):
        address = half_day(course, DAY, "morning", "correct", trainees[0].pk)
        response = clerk.post(address, {"time_in": "09:10"})
        assert response.status_code == 422
        assert "更正签到记录须写明原因" in text(response)

    def test_a_trainee_of_another_class_does_not_exist_here(self, clerk, course, district):
        foreign = enrol(class_of(district.unit), person_in(district.unit))
        assert clerk.get(half_day(course, DAY, "morning", "correct", foreign.pk)).status_code == 404

    def test_the_bureau_reads_and_does_not_write(self, client, course, trainees, district):
        sign_all(course, trainees)
        client.force_login(district.handler, backend="django.contrib.auth.backends.ModelBackend")
        address = half_day(course, DAY, "morning", "correct", trainees[0].pk)
        html = text(client.get(address))
        assert "签到 08:30" in html
        assert "保存更正" not in html
        assert client.post(address, {"reason": "x"}).status_code == 404


def test_a_scan_is_kept_and_shown(clerk, course):
    upload = SimpleUploadedFile("签到表.pdf", PDF, content_type="application/pdf")
    bad = SimpleUploadedFile("签到表.exe", b"MZ\x90", content_type="application/pdf")
    html = text(clerk.post(half_day(course, DAY, "morning", "scan"), {"files": [upload, bad]}, follow=True))
    assert "已上传：签到表.pdf" in html
    assert "不是可以接收的文件" in html
    assert "已上传" in text(clerk.get(reverse("attendance:class", args=[course.pk])))


def test_the_class_shows_each_half_day_with_its_numbers(clerk, course, trainees):
    sign(trainees[0], DAY, "morning", time_in=time(8, 30), time_out=time(11, 30))
    sign(trainees[1], DAY, "morning", time_in=time(8, 30), time_out=None)
    html = text(clerk.get(reverse("attendance:class", args=[course.pk])))
    assert "2 / 3" in html
    assert "1 / 3" in html
    assert html.count("还没有到") == 2


def test_the_list_says_where_signs_are_missing(clerk, course, trainees):
    sign(trainees[0], DAY, "morning", time_in=time(8, 30), time_out=None)
    html = text(clerk.get(reverse("attendance:list")))
    assert "1 / 2" in html
    assert "进行中" in html
    assert "缺记录" in html


def test_what_is_not_over_lacks_nothing(clerk, district, course, trainees, time_machine):
    """At nine in the first morning nobody is absent in the afternoon, and no record of it is missing."""
    time_machine.move_to(datetime(2026, 5, 11, 9, 0, tzinfo=SHANGHAI), tick=False)
    listed = text(clerk.get(reverse("attendance:list")))
    assert "0 / 0" in listed
    assert "缺记录" not in listed
    assert text(clerk.get(reverse("attendance:class", args=[course.pk]))).count("还没有到") == 3
    afternoon = text(clerk.get(half_day(course, DAY, "afternoon")))
    assert (afternoon.count("未开始"), afternoon.count("未到")) == (3, 0)
    assert "签退等下课后再登记" in afternoon
    assert not [todo for todo in todos(district.owner) if "还没有签到记录" in todo.note]
    sign(trainees[0], DAY, "morning", time_in=time(8, 30), time_out=None)
    assert "1 / 1" in text(clerk.get(reverse("attendance:list")))


@pytest.mark.parametrize(("when", "shown"), [("now", True), ("over", False), ("ahead", False), ("", True)])
def test_the_list_is_filtered_by_progress(clerk, course, when, shown):
    assert (str(course) in text(clerk.get(reverse("attendance:list"), {"when": when}))) is shown


def test_the_start_page_asks_for_missing_half_days(district, course, trainees):
    todo = [todo for todo in todos(district.owner) if todo.url == reverse("attendance:class", args=[course.pk])]
    # the half-day that is on has its own line
    assert [each.note for each in todo] == ["1 个半日还没有签到记录，缺签到或签退的半日不计学时"]
    sign_all(course, trainees)
    fresh = district.fresh(district.owner)
    assert not [todo for todo in todos(fresh) if todo.url == reverse("attendance:class", args=[course.pk])]


class TestQueries:
    """As many queries for 30 as for 3 (lists at most 12, pages at most 20)."""

    def counts(self, district, clerk, django_assert_max_num_queries, most, prepare):
        found = []
        for number in (3, 30):
            address = prepare(number)
            with django_assert_max_num_queries(most) as queries:
                assert clerk.get(address).status_code == 200
            found.append(len(queries))
        assert found[0] == found[1]

    def a_class(self, district, number):
        course = class_of(district.unit, days=5)
        sign_all(course, [enrol(course, person_in(district.unit, f"学员{n}")) for n in range(number)])
        return course

    def test_list(self, district, clerk, django_assert_max_num_queries):
        def prepare(number):
            for _ in range(number):
                course = class_of(district.unit)
                sign_all(course, [enrol(course, person_in(district.unit))])
            return reverse("attendance:list")

        self.counts(district, clerk, django_assert_max_num_queries, 12, prepare)

    def test_class(self, district, clerk, django_assert_max_num_queries):
        def prepare(number):
            return reverse("attendance:class", args=[self.a_class(district, number).pk])

        self.counts(district, clerk, django_assert_max_num_queries, 20, prepare)

    def test_half_day(self, district, clerk, django_assert_max_num_queries):
        def prepare(number):
            return half_day(self.a_class(district, number))

        self.counts(district, clerk, django_assert_max_num_queries, 20, prepare)

    def test_recording_a_list(self, district, clerk, django_assert_max_num_queries):
        found = []
        for number in (3, 30):
            course = class_of(district.unit)
            people = [enrol(course, person_in(district.unit, f"学员{n}")).pk for n in range(number)]
            data = {"do": "record", "people": people, "time_in": "08:30", "time_out": "11:30"}
            with django_assert_max_num_queries(40) as queries:
                assert clerk.post(half_day(course), data).status_code == 302
            found.append(len(queries))
        assert found[0] == found[1]


class TestToday:
    """A class that is held today stands first on the start page, with the half-day that is on."""

    @pytest.mark.parametrize(
        ("hour", "which", "title"),
        [
            (8, "morning", "今天上午：登记签到，"),
            (12, "morning", "今天上午：登记签到，"),  # over since 11:30: who is late signs out
            (13, "afternoon", "今天下午：登记签到，"),
            (23, "afternoon", "今天下午：登记签到，"),
        ],
    )
    def test_first_with_the_half_day_that_is_on(self, time_machine, district, course, trainees, hour, which, title):
        time_machine.move_to(datetime(2026, 5, 11, hour, tzinfo=SHANGHAI), tick=False)
        sign(trainees[0], DAY, which, time_in=time(8, 30), time_out=time(17))
        an_overdue_plan = a_plan(district.unit, DAY.year - 1)
        found = todos(district.fresh(district.owner))
        assert found[0].title == f"{title}{course}"
        assert found[0].url == half_day(course, DAY, which)
        assert found[0].note == "学员 3 人，已签到 1 人，已签退 1 人"
        assert an_overdue_plan.get_absolute_url() in [each.url for each in found[1:]]

    def test_not_for_a_neighbour(self, district, course, trainees):
        assert not [each for each in todos(district.fresh(district.neighbour)) if each.now]

    def test_not_on_another_day(self, time_machine, district, course, trainees):
        time_machine.move_to(datetime(2026, 5, 20, 8, tzinfo=SHANGHAI), tick=False)
        assert not [each for each in todos(district.fresh(district.owner)) if each.now]

    def test_the_number_of_queries_does_not_grow(self, district, django_assert_max_num_queries):
        for _ in range(3):
            enrol(class_of(district.unit), person_in(district.neighbour_unit))
        with CaptureQueriesContext(connection) as few:
            todos(district.fresh(district.owner))
        for _ in range(9):
            enrol(class_of(district.unit), person_in(district.neighbour_unit))
        with django_assert_max_num_queries(len(few)):
            todos(district.fresh(district.owner))

    def test_what_is_done_is_said_once(self, clerk, course, trainees):
        html = text(clerk.get("/"))
        assert "正在办班" in html
        assert not re.search(r'>(\w{3,})<span class="visually-hidden">：\1：', html)

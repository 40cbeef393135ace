"""What holds for every import: the preview writes nothing, shows what was understood, and the wrong rows come back."""

from __future__ import annotations

from datetime import date, datetime
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import load_workbook

from luojiang_ce.clock import SHANGHAI
from luojiang_ce.sheets.models import ImportBatch
from luojiang_ce.workflow.models import Event
from tests.conftest import District
from tests.factories import person_in
from tests.luojiang_ce.sheets.imports import stage
from tests.training.classes.factories import an_application
from tests.training.factories import class_of, enrol
from tests.training.plans.factories import a_plan
from tests.units.roster.rosters import number, person, workbook
from tests.units.roster.test_services import only_writes_to
from training.attendance.importing import SIGNS_IMPORT
from training.attendance.models import Sign
from training.attendance.platform_importing import PLATFORM_IMPORT
from training.classes.importers.roster import TRAINEES_IMPORT
from training.classes.importers.timetable import TIMETABLE_IMPORT
from training.classes.models import ClassApplication, Enrolment, TimetableRow
from training.plans.importing import FORM1_IMPORT
from training.plans.models import PlanItem
from units.models import Person
from units.roster.importer import ROSTER_IMPORT

pytestmark = pytest.mark.real_services
LESSONS = ("日期", "时段", "起止时间", "课程名称", "学时")
SIGNED = ("姓名", "日期", "时段", "签到时间")


@pytest.fixture(autouse=True)
def _evening(time_machine: Any) -> None:
    time_machine.move_to(datetime(2026, 5, 11, 20, 0, tzinfo=SHANGHAI), tick=False)


def roster(district: District) -> Any:
    rows = [person(出生年月="1985年3月"), person(姓名="李明", 身份证号=number(2), 级别="x")]
    return ROSTER_IMPORT, district.unit, workbook(*rows), "/people/import/"


def trainees(district: District) -> Any:
    case = an_application(district.unit, ClassApplication.State.APPROVED)
    rows = [["外区人", number(1), "某单位"], [None, number(2), "某单位"]]
    file = workbook(*rows, titles=("姓名", "身份证号", "单位"))
    return TRAINEES_IMPORT, case, file, f"/classes/{case.pk}/trainees/import/"


def timetable(district: District) -> Any:
    case = an_application(district.unit, opens_on=date(2026, 12, 14))
    rows = [["12月14日", None, "9：00～12：00", "采后生理", "4"], [None, "中午", "14:00-17:00", "研讨", 4]]
    return TIMETABLE_IMPORT, case, workbook(*rows, titles=LESSONS), f"/classes/{case.pk}/timetable/import/"


def signs(district: District) -> Any:
    course = class_of(district.unit)
    enrol(course, person_in(district.neighbour_unit, "王小明"))
    rows = [["王小明", "2026年5月11日", "下午", "下午2:05"], ["没有此人", "2026-05-11", "上午", "8:00"]]
    return SIGNS_IMPORT, course, workbook(*rows, titles=SIGNED), f"/attendance/{course.pk}/import/"


def plan_rows(district: District) -> Any:
    plan = a_plan(district.unit)
    rows = [["冷链保鲜班", "3月2日至6日", "50人", "16"], ["快检技术班", "3月中旬", 40, 8]]
    file = workbook(*rows, titles=("培训班名称", "拟定起止时间", "每期人数", "专业学时"))
    return FORM1_IMPORT, plan, file, f"/plans/{plan.pk}/import/"


def record(district: District) -> Any:
    course = class_of(district.unit, form="remote", days=1, half_days=("morning",))
    enrol(course, person_in(district.neighbour_unit, "王小明"))
    rows = [["王小明", course.lessons()[0].course, "3小时", "通过"], ["没有此人", "", "3小时", "通过"]]
    file = workbook(*rows, titles=("姓名", "课程", "学习时长", "是否通过"))
    return PLATFORM_IMPORT, course, file, f"/attendance/{course.pk}/platform/"


KINDS = (ROSTER_IMPORT, TRAINEES_IMPORT, TIMETABLE_IMPORT, SIGNS_IMPORT, PLATFORM_IMPORT, FORM1_IMPORT)
ALL = pytest.mark.parametrize("made", [roster, trainees, timetable, signs, record, plan_rows])


@ALL
def test_the_preview_writes_nothing_but_the_import(district: District, made: Any) -> None:
    kind, scope, file, _ = made(district)
    # Numbers that lead to nobody go on record.
    with only_writes_to("sheets_importbatch", "workflow_event"):
        batch = stage(kind, application=scope, file=file, name="表.xlsx", actor=district.owner)
    assert (batch.state, batch.counts["rows"], batch.counts["wrong"]) == ("previewed", 2, 1)


@pytest.mark.parametrize(
    ("made", "understood"),
    [
        (roster, [("出生年月", "1985-03")]),
        (trainees, [("单位", "某单位")]),
        (timetable, [("日期", "2026年12月14日 周一"), ("时段", "上午"), ("起止时间", "09:00–12:00"), ("学时", "4.0")]),
        (signs, [("日期", "2026年5月11日 周一"), ("时段", "下午"), ("签到", "14:05")]),
        (record, [("课程", "检测技术（1）"), ("合计时长", "180 分钟，须 180 分钟"), ("是否通过", "通过")]),
        (
            plan_rows,
            [
                ("时间、地点", "2026年3月2日至2026年3月6日"),
                ("规模", "1 期，每期 50 人"),
                ("学时（学分）", "专业 16"),
            ],
        ),
    ],
)
def test_the_preview_shows_what_was_understood(district: District, made: Any, understood: Any) -> None:
    kind, scope, file, _ = made(district)
    plan = stage(kind, application=scope, file=file, name="表.xlsx", actor=district.owner).plan
    shown = dict(zip(plan["shown"], plan["rows"][0]["shown"], strict=True))
    assert understood == [(title, shown[title]) for title, _ in understood]


@pytest.mark.parametrize(
    ("made", "titles", "told"),
    [
        (timetable, ("课程名称", "学时"), "表头里没有“日期”，也没有“时间”"),
        (signs, ("姓名", "日期", "时段"), "没有“签到时间”“签退时间”，也没有“打卡时间”"),
        (plan_rows, ("培训班名称",), "表头里只有班名"),
    ],
)
def test_a_file_without_any_of_the_columns_that_say_something_is_refused(
    district: District, made: Any, titles: tuple[str, ...], told: str
) -> None:
    kind, scope, _, _ = made(district)
    file = workbook(["王小明", *[None] * (len(titles) - 1)], titles=titles)
    batch = stage(kind, application=scope, file=file, name="表.xlsx", actor=district.owner)
    assert (batch.state, batch.plan["problem"]) == ("refused", "no-header")
    assert told in batch.plan["message"]


def test_nothing_is_uploaded_into_a_list_that_is_closed(client: Any, district: District) -> None:
    course = an_application(district.unit)
    client.force_login(district.owner)
    answer = client.get(reverse("classes:roster_import", args=[course.pk]), follow=True)
    assert answer.redirect_chain == [(course.get_absolute_url(), 302)]
    assert "准予开班后才能报名" in answer.content.decode()


@ALL
def test_the_wrong_rows_come_back_in_the_users_own_columns(client: Any, district: District, made: Any) -> None:
    kind, _, file, url = made(district)
    client.force_login(district.owner, backend="django.contrib.auth.backends.ModelBackend")
    page = client.post(url, {"file": SimpleUploadedFile("表.xlsx", file.getvalue())}, follow=True)
    batch = ImportBatch.objects.get()
    assert "2 行" in page.content.decode()
    returned = kind.url(kind.urls.returned, batch.scope_id, batch.token)
    assert returned in page.content.decode()
    rows = list(load_workbook(BytesIO(client.get(returned).content)).active.values)
    own = list(load_workbook(file).active.values)
    width = len(own[0])
    # What replaces everything comes back whole, or the mended part would replace it.
    assert [row[:width] for row in rows] == ([*own] if kind.all_or_nothing else [own[0], own[2]])
    assert rows[-1][-1].startswith("原第 3 行：")
    assert Event.objects.filter(name="returned_rows_downloaded", case_id=batch.scope_id).count() == 1


@ALL
def test_nobody_else_finds_an_import_nor_under_another_address(client: Any, district: District, made: Any) -> None:
    kind, scope, file, _ = made(district)
    batch = stage(kind, application=scope, file=file, name="表.xlsx", actor=district.owner)
    others = [each for each in KINDS if each is not kind]
    client.force_login(district.owner, backend="django.contrib.auth.backends.ModelBackend")
    assert [client.get(each.url(each.urls.page, scope.pk, batch.token)).status_code for each in others] == [404] * len(
        others
    )
    client.force_login(district.colleague, backend="django.contrib.auth.backends.ModelBackend")
    for name in (kind.urls.page, kind.urls.returned):
        assert client.get(kind.url(name, scope.pk, batch.token)).status_code == 404


@ALL
def test_wrong_rows_are_left_out_or_forbid_it_all(client: Any, district: District, made: Any) -> None:
    kind, scope, file, _ = made(district)
    batch = stage(kind, application=scope, file=file, name="表.xlsx", actor=district.owner)
    client.force_login(district.owner, backend="django.contrib.auth.backends.ModelBackend")
    models = dict(zip(KINDS, (Person, Enrolment, TimetableRow, Sign, Sign, PlanItem), strict=True))
    before = models[kind].objects.count()
    answer = client.post(kind.page(batch), {"do": "confirm"})
    assert answer.status_code == (409 if kind.all_or_nothing else 302)
    written = 0 if kind.all_or_nothing else 2 if kind is PLATFORM_IMPORT else 1  # in and out
    assert models[kind].objects.count() == before + written
    assert ImportBatch.objects.get().state == ("previewed" if kind.all_or_nothing else "confirmed")


def test_a_refused_confirmation_can_be_given_up(client: Any, district: District) -> None:
    kind, case, file, _ = trainees(district)
    batch = stage(kind, application=case, file=file, name="表.xlsx", actor=district.owner)
    ClassApplication.objects.update(people=0)
    client.force_login(district.owner, backend="django.contrib.auth.backends.ModelBackend")
    answer = client.post(kind.page(batch), {"do": "confirm", "late_reason": "出差刚回"})
    assert (answer.status_code, ImportBatch.objects.get().state) == (409, "previewed")
    assert "出差刚回" in answer.content.decode()
    client.post(kind.page(batch), {"do": "discard"})
    assert ImportBatch.objects.get().state == "discarded"


@ALL
def test_what_could_not_be_read_cannot_be_confirmed(client: Any, district: District, made: Any) -> None:
    kind, scope, _, _ = made(district)
    batch = stage(kind, application=scope, file=BytesIO(b"%PDF-1.7"), name="表.xlsx", actor=district.owner)
    client.force_login(district.owner, backend="django.contrib.auth.backends.ModelBackend")
    answer = client.post(kind.page(batch), {"do": "confirm"})
    assert (answer.status_code, ImportBatch.objects.get().state) == (409, "refused")
    assert "请重新上传" in answer.content.decode()


@ALL
def test_a_preview_of_before_an_upgrade_asks_for_the_file_again(client: Any, district: District, made: Any) -> None:
    kind, scope, file, _ = made(district)
    batch = stage(kind, application=scope, file=file, name="表.xlsx", actor=district.owner)
    ImportBatch.objects.update(plan={"sheet": "Sheet1", "rows": [], "problems": []}, counts={"new": 1})
    client.force_login(district.owner, backend="django.contrib.auth.backends.ModelBackend")
    assert "请重新上传文件" in client.get(kind.page(batch)).content.decode()

"""The pages of an import, as a clerk uses them."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import Role
from luojiang_ce.jobs import services as jobs
from luojiang_ce.jobs.models import Job
from luojiang_ce.sheets import imports
from luojiang_ce.sheets.models import ImportBatch
from luojiang_ce.sheets.reading import Limits
from luojiang_ce.sheets.services import returned_file
from luojiang_ce.workflow.models import Event
from tests.conftest import District
from tests.factories import UnitFactory, account_with, person_in
from tests.units.roster.rosters import number, person, workbook
from units.models import Assignment, Certificate, Employment, Person

State = ImportBatch.State
UPLOAD = "/people/import/"


@pytest.fixture
def client(district: District) -> Client:
    return signed_in(district.owner)


def signed_in(account: Any) -> Client:
    browser = Client()
    browser.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return browser


def send(client: Client, *rows: Any, content: bytes | None = None, **data: Any) -> Any:
    content = workbook(*rows).getvalue() if content is None else content
    file = SimpleUploadedFile("我的名单.xlsx", content)
    return client.post(UPLOAD, {"file": file, **data}, follow=True)


def page(client: Client, **query: str) -> str:
    return client.get(reverse("roster:batch", args=[ImportBatch.objects.get().token]), query).content.decode()


def act(client: Client, name: str) -> Any:
    return client.post(reverse(f"roster:{name}", args=[ImportBatch.objects.get().token]), follow=True)


def test_from_upload_to_result(client: Client, district: District) -> None:
    preview = send(client, person(), person(姓名="李明", 身份证号=number(2), 级别="中职")).content.decode()
    assert "还没有写入任何数据" in preview
    assert "导入 1 人：新增 1、变动 0" in preview
    assert not Person.objects.exists()
    result = act(client, "confirm").content.decode()
    assert "已导入花名册" in result
    assert Employment.objects.get().unit == district.unit
    assert "没有导入" in result


def test_errors_are_shown_in_place_with_what_to_do(client: Client) -> None:
    rows = [
        person(姓名="王明"),
        person(姓名="李明", 身份证号=3.50504198503120e17),
        person(姓名="张明", 身份证号=number(3), 级别="中职"),
    ]
    shown = send(client, *rows).content.decode()
    for text in (
        "有误 2 行，2 处",
        "B3",
        "3.50504E+17",
        "Excel 把身份证号变成了数字",
        "请把该列设为“文本”格式",
        "G4",
        "中职",
    ):
        assert text in shown
    assert 'class="bad"' in shown
    assert "第 3 行前后" in shown
    assert "第 4 行前后" in page(client, row="4")


def test_no_page_shows_a_full_number(client: Client, district: District) -> None:
    person_in(district.unit, "缺席", number=number(9))
    send(client, person(), person(姓名=number(5), 身份证号=number(2)[:17] + "Z", 备注=number(6)))
    for tab in ("wrong", "new", "changed", "unchanged", "all"):
        shown = page(client, show=tab)
        assert not any(number(n)[:17] in shown for n in (1, 2, 5, 6, 9))


def test_tabs_list_their_rows(client: Client, district: District) -> None:
    person_in(district.unit, "李明", number=number(2))
    person_in(district.unit, "缺席", number=number(9))
    person_in(district.unit, "张明", number=number(3))
    send(
        client,
        person(),
        person(姓名="李明", 身份证号=number(2), 职称="工程师"),
        person(姓名="张明", 身份证号=number(3)),
    )
    assert "（空）</del> → <ins" in page(client, show="changed")
    assert "王明" in page(client, show="new")
    assert "张明" in page(client, show="unchanged")
    assert "系统里有、表里没有：1 人" in page(client)
    assert "缺席" in page(client)


@pytest.mark.parametrize(
    "query", [{"show": "x"}, {"page": "999"}, {"page": "x"}, {"row": "x"}, {"row": "-1"}, {"show": "wrong"}]
)
def test_senseless_queries_do_no_harm(client: Client, query: dict[str, str]) -> None:
    send(client, person())
    assert "导入预览" in page(client, **query)


def test_a_file_that_cannot_be_used_says_why(client: Client) -> None:
    shown = send(client, content=b"%PDF-1.7").content.decode()
    assert "这个文件不能导入" in shown
    assert "这是 PDF 文件" in shown
    assert "换一个文件" in shown
    assert "confirm" not in shown


def test_an_empty_file_and_no_file(client: Client) -> None:
    assert "0 字节" in send(client, content=b"").content.decode()
    assert "请选择花名册文件" in client.post(UPLOAD, {}).content.decode()


def test_a_file_above_the_limit_is_refused_at_the_field(client: Client) -> None:
    shown = send(client, content=b"a" * (20 * 1024 * 1024 + 1)).content.decode()
    assert "超过 20 MB" in shown
    assert not ImportBatch.objects.exists()


def test_confirming_twice_is_done_once(client: Client) -> None:
    send(client, person())
    for _ in range(2):
        assert "已导入花名册" in act(client, "confirm").content.decode()
    assert (Person.objects.count(), Event.objects.filter(name="roster_imported").count()) == (1, 1)


def test_two_tabs_confirm_their_own_files(client: Client) -> None:
    send(client, person())
    first = ImportBatch.objects.get()
    send(client, person(姓名="李明", 身份证号=number(2)))
    client.post(reverse("roster:confirm", args=[first.token]))
    assert [one.name for one in Person.objects.all()] == ["王明"]


def test_discarding(client: Client) -> None:
    send(client, person())
    assert "已放弃导入" in act(client, "discard").content.decode()
    assert "已经放弃" in page(client)
    assert "请重新上传" in act(client, "confirm").content.decode()
    assert not Person.objects.exists()


def test_what_was_imported_cannot_be_discarded(client: Client) -> None:
    send(client, person())
    act(client, "confirm")
    assert "不能放弃" in act(client, "discard").content.decode()


def test_without_anything_to_import_the_button_says_why(client: Client, district: District) -> None:
    person_in(district.unit, "王明", number=number(1))
    shown = send(client, person()).content.decode()
    assert "没有新增或变动的行" in shown
    assert "confirm/" not in shown


def test_the_wrong_rows_come_back_once_asked_and_it_is_on_record(client: Client, district: District) -> None:
    send(client, person(姓名=""))
    response = client.get(reverse("roster:returned", args=[ImportBatch.objects.get().token]))
    sheet = openpyxl.load_workbook(io.BytesIO(response.getvalue())).active
    assert sheet["B2"].value == number(1)
    assert "attachment" in response["Content-Disposition"]
    assert "no-store" in response["Cache-Control"]
    event = Event.objects.get(name="returned_rows_downloaded")
    assert (event.actor_id, event.case_id) == (district.owner.pk, district.unit.pk)


def test_without_wrong_rows_there_is_nothing_to_download(client: Client) -> None:
    send(client, person())
    assert client.get(reverse("roster:returned", args=[ImportBatch.objects.get().token])).status_code == 404


def test_the_template(client: Client) -> None:
    response = client.get(reverse("roster:template"))
    assert openpyxl.load_workbook(io.BytesIO(response.getvalue())).sheetnames == ["花名册", "填写说明", "选项"]


def test_a_clerk_of_two_units_chooses_one(district: District) -> None:
    second = UnitFactory()
    Assignment.objects.create(account=district.owner, role=Role.UNIT_CLERK, unit=second, valid_from="2017-01-01")
    client = signed_in(district.fresh(district.owner))
    assert "导入到" in client.get(UPLOAD).content.decode()
    send(client, person())
    assert not ImportBatch.objects.exists()
    send(client, person(), unit=second.pk)
    assert ImportBatch.objects.get().scope_id == second.pk
    act(client, "confirm")
    assert Employment.objects.get().unit == second


def test_nobody_imports_into_a_neighbours_unit(client: Client, district: District) -> None:
    send(client, person(), unit=district.neighbour_unit.pk)
    assert not ImportBatch.objects.filter(scope_id=district.neighbour_unit.pk).exists()


def test_who_is_no_clerk_any_more_loses_the_import(client: Client, district: District) -> None:
    send(client, person())
    Assignment.objects.filter(account=district.owner).update(valid_to="2017-12-31")
    account_with(Role.UNIT_CLERK, UnitFactory())
    Assignment.objects.create(account=district.owner, role=Role.UNIT_CLERK, unit=UnitFactory(), valid_from="2017-01-01")
    token = ImportBatch.objects.get().token
    assert client.get(reverse("roster:batch", args=[token])).status_code == 404
    assert client.post(reverse("roster:confirm", args=[token])).status_code == 404


def test_unfinished_imports_are_found_again(client: Client) -> None:
    send(client, person())
    assert "我的名单.xlsx" in client.get(UPLOAD).content.decode()
    act(client, "confirm")
    assert "我的名单.xlsx" not in client.get(UPLOAD).content.decode()


class TestBig:
    """What is too big for a request goes to the worker."""

    @pytest.fixture(autouse=True)
    def small_limits(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(imports, "SMALL_BYTES", 100)
        monkeypatch.setattr(imports, "SMALL_ROWS", 1)

    def test_the_whole_way_in_the_background(self, client: Client) -> None:
        shown = send(client, person(), person(姓名="李明", 身份证号=number(2))).content.decode()
        assert "正在读取花名册" in shown
        assert "读取花名册：我的名单.xlsx" in shown
        assert jobs.run(Job.objects.get().pk)
        assert Job.objects.get().result_url in shown
        assert "导入 2 人" in page(client)
        assert "正在导入" in act(client, "confirm").content.decode()
        act(client, "confirm")
        job = Job.objects.get(kind="roster_confirm")
        assert jobs.run(job.pk)
        assert "已导入花名册" in page(client)
        job.refresh_from_db()
        assert (job.state, job.done, job.total, job.message) == ("done", 2, 2, "已导入 2 人")

    def test_jobs_that_come_too_late_say_so(self, client: Client) -> None:
        send(client, person(), person(姓名="李明", 身份证号=number(2)))
        act(client, "discard")
        jobs.run(Job.objects.get().pk)
        job = Job.objects.get()
        assert (job.state, ImportBatch.objects.get().state) == ("failed", State.DISCARDED)

    def test_a_job_done_twice_writes_once(self, client: Client) -> None:
        send(client, person(), person(姓名="李明", 身份证号=number(2)))
        jobs.sweep()
        act(client, "confirm")
        job = Job.objects.get(kind="roster_confirm")
        jobs.run(job.pk)
        Job.objects.filter(pk=job.pk).update(state="queued")
        jobs.run(job.pk)
        assert (Person.objects.count(), ImportBatch.objects.get().result) == (2, {"new": 2})

    def test_a_confirmation_comes_before_the_job_that_read_it_is_over(self, client: Client) -> None:
        """The preview is there a moment before, or for a minute where the worker was killed in that moment."""
        send(client, person(), person(姓名="李明", 身份证号=number(2)))
        jobs.sweep()
        Job.objects.update(state="running", leased_until=clock.now() + jobs.LEASE)
        act(client, "confirm")
        jobs.sweep()
        assert Person.objects.count() == 2

    def test_a_confirmation_that_broke_off_can_be_taken_up(self, client: Client) -> None:
        send(client, person(), person(姓名="李明", 身份证号=number(2)))
        jobs.sweep()
        act(client, "confirm")
        Job.objects.filter(kind="roster_confirm").update(state="failed")
        assert "接着导入" in page(client)
        act(client, "confirm")
        jobs.sweep()
        assert Person.objects.count() == 2


def test_what_lies_about_its_size_is_left_to_the_worker(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Eighty kilobytes hold a minute's work: what comes out counts, not what the file says of it."""
    monkeypatch.setattr(imports, "SMALL", replace(imports.SMALL, limits=Limits(inflated_bytes=2_000_000, tags=100)))
    send(client, person(), person(姓名="李明", 身份证号=number(2)))
    assert ImportBatch.objects.get().state == State.READING
    jobs.sweep()
    assert "导入 2 人" in page(client)
    assert "正在导入" in act(client, "confirm").content.decode(), "it is read once more"
    jobs.sweep()
    assert Person.objects.count() == 2


def test_an_interrupted_reading_says_what_to_do(client: Client) -> None:
    send(client, person())
    ImportBatch.objects.update(state=State.READING)
    assert "读取中断了" in page(client)


@pytest.mark.parametrize("tab", ["wrong", "new", "changed", "all"])
def test_queries_do_not_grow_with_the_rows(
    client: Client, district: District, tab: str, django_assert_max_num_queries: Any
) -> None:
    counts = []
    for size in (3, 30):
        ImportBatch.objects.all().delete()
        rows = [person(姓名="王", 身份证号=number(size * 100 + n), 级别="x" if n % 2 else "") for n in range(size)]
        send(client, *rows)
        with django_assert_max_num_queries(12) as context:
            page(client, show=tab)
        counts.append(len(context))
    assert counts[0] == counts[1]


def test_who_was_left_out_when_the_others_were_written_is_named_with_the_reason(
    client: Client, district: District
) -> None:
    person_in(district.neighbour_unit, "王明", number=number(1))
    send(client, person(), person(姓名="李明", 身份证号=number(2), 级别="x"), person(姓名="陈明", 身份证号=number(3)))
    said = act(client, "confirm").content.decode()
    assert "没有写入的 1 行" in said
    assert "第 2 行　王明" in said
    assert "这个证件号码已登记在其他单位，或登记的是另一个姓名" in said
    assert "陈明" not in said
    batch = ImportBatch.objects.latest("pk")
    back = openpyxl.load_workbook(io.BytesIO(returned_file(batch))).active
    told = [[str(cell) for cell in row if cell] for row in back.iter_rows(min_row=2, values_only=True)]
    assert [row[0] for row in told] == ["王明", "李明"]
    assert "已登记在其他单位" in told[0][-1]
    assert "没有这个级别" in told[1][-1]


def test_what_changed_between_preview_and_confirmation_is_said(client: Client, district: District) -> None:
    taken = person_in(district.neighbour_unit, "赵六", number=number(5))
    send(client, person(证书编号="0526-77"))
    Certificate.objects.create(person=taken, kind="general", number="0526-77")
    said = act(client, "confirm").content.decode()
    assert "没有写入的 1 行" in said
    assert "系统里的内容有变动" in said

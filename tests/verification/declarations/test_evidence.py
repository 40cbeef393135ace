"""Evidence of many at once: nothing is lost, nothing goes to somebody else, nothing breaks the server."""

from __future__ import annotations

import io
import re
import struct
import zipfile
from datetime import timedelta
from os import walk
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.files.models import Attachment
from luojiang_ce.jobs.models import Job
from luojiang_ce.jobs.services import MAX_ATTEMPTS, run, sweep
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.models import Event
from tests.conftest import District
from tests.documents import PDF
from tests.factories import id_number, person_in
from tests.verification.declarations.cases import declaration_of
from units.models import Assignment, Person
from verification.declarations import evidence, unpacking, uploads
from verification.declarations.models import Declaration, LooseFile
from verification.declarations.tasks import purge_uploads

pytestmark = pytest.mark.django_db


class OfOldWindows(zipfile.ZipInfo):
    """Writes its name in GBK, and does not say so."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:
        return self.filename.encode("gbk"), self.flag_bits & ~0x800


def a_file(name: str, content: bytes = b"") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content or PDF + name.encode())


def a_zip(name: str = "材料.zip", *, gbk: bool = False, **files: bytes) -> SimpleUploadedFile:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            archive.writestr((OfOldWindows if gbk else zipfile.ZipInfo)(path), content)
    return SimpleUploadedFile(name, out.getvalue())


def browser(account: Any) -> Client:
    client = Client()
    client.force_login(account)
    return client


def send(client: Client, *files: Any, **more: Any) -> Any:
    return client.post(reverse("declarations:evidence_upload"), {"files": list(files), **more})


def text(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", response.content.decode()))


def named(case: Declaration) -> list[str]:
    return [each.name for each in Attachment.objects.of(case)]


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def people(district: District) -> list[Person]:
    return [person_in(district.unit, name) for name in ("温知故", "岳临川", "王芳", "王芳")]


@pytest.fixture
def cases(district: District, people: list[Person]) -> list[Declaration]:
    return [declaration_of(district.unit, person) for person in people]


def test_files_and_a_zip_go_to_whom_their_names_speak_of(district, people, cases):
    client = browser(district.owner)
    end = people[2].id_number[-4:]
    zipped = a_zip(
        **{"岳临川/学时证明.pdf": PDF, f"王芳{end}.pdf": PDF + b"2", "__MACOSX/x": b"x", "a/.DS_Store": b"x"}
    )
    assert send(client, a_file("温知故 结业证书.pdf"), zipped).status_code == 302
    sweep()
    assert [named(case) for case in cases] == [["温知故 结业证书.pdf"], ["学时证明.pdf"], [f"王芳{end}.pdf"], []]
    assert Attachment.objects.of(cases[0]).get().material == "proof"
    job = Job.objects.latest("pk")
    assert job.message == "已归入 3 个，待指定 0 个，不能接收 0 个"
    page = text(client.get(job.result_url))
    assert "温知故 结业证书.pdf" in page
    assert not any(default_storage.exists(f"evidence/{job.uid.hex}/{n}") for n in range(2))


def test_names_that_a_chinese_windows_wrote_are_read(district, people, cases):
    send(browser(district.owner), a_zip(gbk=True, **{"温知故/证明.pdf": PDF}))
    sweep()
    assert named(cases[0]) == ["证明.pdf"]


def test_what_several_or_nobody_is_meant_by_waits_and_is_settled_on_the_page(district, people, cases):
    client = browser(district.owner)
    send(client, a_file("王芳 证明.pdf"), a_file("扫描件.pdf"))
    sweep()
    assert LooseFile.objects.count() == 2
    page = client.get(reverse("declarations:evidence"))
    assert "可能是：" in text(page)
    first, second = LooseFile.objects.order_by("pk")
    typed = {f"to_{first.pk}": "王芳", f"to_{second.pk}": "温知故"}
    answer = client.post(reverse("declarations:evidence_sort"), typed)
    assert answer.status_code == 422
    assert "“王芳”有 2 件申报，请选带编号的一件" in text(answer)
    assert 'value="王芳"' in answer.content.decode()  # what was typed stays
    assert named(cases[0]) == ["扫描件.pdf"]
    typed = {f"to_{first.pk}": evidence.label_of(cases[3])}
    assert client.post(reverse("declarations:evidence_sort"), typed).status_code == 302
    assert named(cases[3]) == ["王芳 证明.pdf"]
    with Attachment.objects.of(cases[3]).get().file.open() as file:
        assert file.read() == PDF + "王芳 证明.pdf".encode()
    assert not LooseFile.objects.exists()


def test_of_two_declarations_of_one_person_the_one_named_gets_it(district, people, cases):
    other = declaration_of(district.unit, people[0], title="茶叶加工高级研修班")
    send(browser(district.owner), a_file("温知故 茶叶加工高级研修班.pdf"), a_file("温知故.pdf"))
    sweep()
    assert named(other) == ["温知故 茶叶加工高级研修班.pdf"]
    assert [each.path for each in LooseFile.objects.all()] == ["温知故.pdf"]


def test_only_among_those_of_the_same_learning_where_it_began_there(district, people, cases):
    other = declaration_of(district.unit, people[0], title="茶叶加工高级研修班")
    send(browser(district.owner), a_file("温知故.pdf"), of=cases[0].pk)
    sweep()
    assert (named(cases[0]), named(other)) == (["温知故.pdf"], [])


def test_what_cannot_be_kept_is_named_with_the_reason_and_the_rest_is_kept(district, people, cases):
    client = browser(district.owner)
    bad = a_zip(**{"温知故.exe": b"MZ" * 20, "岳临川.pdf": PDF, "空.pdf": b""})
    send(client, bad, SimpleUploadedFile("坏的.zip", b"PK\x03\x04broken"))
    sweep()
    job = Job.objects.latest("pk")
    assert named(cases[1]) == ["岳临川.pdf"]
    said = dict(job.args["problems"])
    assert set(said) == {"温知故.exe", "空.pdf", "坏的.zip"}
    assert "不是可以接收的文件" in said["温知故.exe"]
    assert "打不开" in said["坏的.zip"]
    assert "温知故.exe" in text(client.get(job.result_url))


def test_the_same_files_sent_twice_are_there_once(district, people, cases):
    for _ in range(2):
        send(browser(district.owner), a_file("温知故.pdf"), a_file("扫描件.pdf"))
        sweep()
    assert named(cases[0]) == ["温知故.pdf"]
    assert LooseFile.objects.count() == 1


def test_a_job_that_is_taken_up_again_gives_nothing_twice(district, people, cases):
    send(browser(district.owner), a_file("温知故.pdf"))
    job = Job.objects.latest("pk")
    evidence.sort_evidence(job, lambda done, of: None)
    evidence.sort_evidence(Job.objects.get(pk=job.pk), lambda done, of: None)
    assert named(cases[0]) == ["温知故.pdf"]


def test_nothing_goes_to_another_unit_nor_to_what_is_filed(district, people, cases):
    stranger = declaration_of(district.neighbour_unit, person_in(district.neighbour_unit, "外人"))
    Declaration.objects.filter(pk=cases[0].pk).update(state="submitted")
    send(browser(district.owner), a_file("外人.pdf"), a_file("温知故.pdf"))
    sweep()
    assert (named(stranger), named(cases[0])) == ([], [])
    assert LooseFile.objects.count() == 2
    assert not LooseFile.objects.visible_to(district.neighbour).exists()
    loose = LooseFile.objects.first()
    response = browser(district.neighbour).post(reverse("declarations:evidence_sort"), {"drop": loose.pk})
    assert response.status_code == 404


@pytest.mark.parametrize("name", ["unit", "of"])
def test_files_for_a_unit_that_is_none_of_mine_go_nowhere(district, people, cases, name):
    """Not to my own first unit either: the role there may just have ended."""
    case = declaration_of(district.neighbour_unit)
    of = {"unit": district.neighbour_unit.pk, "of": case.pk}[name]
    client, sent = browser(district.owner), {"files": a_file("材料.pdf"), name: of}
    assert client.post(reverse("declarations:evidence_upload"), sent).status_code == 404
    assert client.get(reverse("declarations:evidence"), {name: of}).status_code == 404
    assert client.post(reverse("declarations:evidence_sort"), {name: of, "to_1": "某人"}).status_code == 404
    assert not Job.objects.exists()


def test_a_clerk_whose_role_has_ended_gives_nothing_any_more(district, people, cases):
    send(browser(district.owner), a_file("温知故.pdf"))
    Assignment.objects.filter(account=district.owner).delete()
    sweep()
    job = Job.objects.latest("pk")
    assert job.state == Job.State.FAILED
    assert named(cases[0]) == []
    assert not default_storage.exists(f"evidence/{job.uid.hex}/0")


def test_no_whole_number_stays_in_what_is_told(district, people, cases):
    number = people[0].id_number
    send(browser(district.owner), a_file(f"{number}.pdf"), a_file(f"{number}.exe", b"MZ"))
    assert number not in str(Job.objects.latest("pk").args)
    sweep()
    assert named(cases[0])
    assert number not in str(Job.objects.latest("pk").args)


@pytest.mark.parametrize("typed", ["to_007", "to_７", "to_٣", "to_99999999999999999999", "to_-1", "to_"])
def test_numbers_of_no_row_are_answered(district, people, cases, typed):
    client = browser(district.owner)
    assert client.post(reverse("declarations:evidence_sort"), {typed: "温知故"}).status_code == 302
    assert client.get(reverse("declarations:evidence"), {"job": "abc"}).status_code == 200


def test_thrown_away_it_is_gone_with_its_content(district, people, cases, django_capture_on_commit_callbacks):
    client = browser(district.owner)
    send(client, a_file("扫描件.pdf"))
    sweep()
    loose = LooseFile.objects.get()
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("declarations:evidence_sort"), {"drop": loose.pk})
    assert not LooseFile.objects.exists()
    assert not default_storage.exists(loose.file.name)
    with pytest.raises(NotPossible, match="已经办理过了"):
        evidence.discard(loose=loose, actor=district.owner)


def test_what_was_thrown_away_is_on_record_with_the_unit(district, people, cases):
    number = id_number()
    send(browser(district.owner), a_file(f"没有人的 {number}.pdf"))
    sweep()
    evidence.discard(loose=LooseFile.objects.get(), actor=district.owner)
    event = Event.objects.get(name=evidence.DISCARDED, case_id=district.unit.pk)
    assert event.actor == district.owner
    assert "没有人的" in event.note_row.text
    assert number not in event.note_row.text


def test_what_was_typed_for_the_others_outlives_throwing_one_away(district, people, cases):
    client = browser(district.owner)
    send(client, a_file("扫描件1.pdf"), a_file("扫描件2.pdf"))
    sweep()
    first, second = LooseFile.objects.order_by("pk")
    sent = {"drop": first.pk, f"to_{first.pk}": "", f"to_{second.pk}": "温知"}
    answer = client.post(reverse("declarations:evidence_sort"), sent)
    assert [each.pk for each in LooseFile.objects.all()] == [second.pk]
    assert 'value="温知"' in answer.content.decode()
    again = client.post(reverse("declarations:evidence_sort"), sent)  # the page loaded anew
    assert "刚才已经办理过了" in text(again)
    assert 'value="温知"' in again.content.decode()


def test_a_neighbour_throws_nothing_away_beside_what_is_typed(district, people, cases):
    send(browser(district.owner), a_file("扫描件.pdf"))
    sweep()
    loose = LooseFile.objects.get()
    sent = {"drop": loose.pk, f"to_{loose.pk + 1}": "外人"}
    assert "刚才已经办理过了" in text(browser(district.neighbour).post(reverse("declarations:evidence_sort"), sent))
    assert LooseFile.objects.filter(pk=loose.pk).exists()


def test_of_two_jobs_with_the_same_loose_file_the_slower_says_so(district, people, cases, monkeypatch):
    """Both have looked before either has written."""
    client = browser(district.owner)
    for _ in range(2):
        send(client, a_file("扫描件.pdf"))
    first, second = Job.objects.order_by("pk")
    found = LooseFile.objects.filter

    def seen_too_early(**facts: Any) -> Any:
        rows = found(**facts)
        return rows.none() if "sha256" in facts else rows

    monkeypatch.setattr(LooseFile.objects, "filter", seen_too_early)
    assert run(first.pk)
    assert run(second.pk)
    second.refresh_from_db()
    assert second.state == Job.State.DONE
    assert second.message == "已归入 0 个，待指定 0 个，已经在待指定里 1 个，不能接收 0 个"
    assert "没有再留一份" in text(client.get(second.result_url))
    assert LooseFile.objects.count() == 1
    assert len([name for _, _, files in walk(default_storage.path("loose")) for name in files]) == 1


class TestWhatNobodySorts:
    def test_uploads_of_a_job_that_was_given_up_go_after_their_day(self, district, people, cases):
        number = people[0].id_number
        send(browser(district.owner), a_file(f"{number}.pdf"))
        job = Job.objects.latest("pk")
        Job.objects.filter(pk=job.pk).update(
            state="running", attempts=MAX_ATTEMPTS, leased_until=clock.now() - timedelta(hours=1)
        )
        sweep()
        assert uploads.purge() == 0
        with clock.at(clock.now() + uploads.KEEP + timedelta(minutes=1)):
            assert purge_uploads() == "没有整理的上传 1 次"
            assert purge_uploads() == ""
        assert not default_storage.exists(f"evidence/{job.uid.hex}")
        assert number not in str(Job.objects.get(pk=job.pk).args)

    def test_what_waits_for_its_job_stays_and_what_never_got_one_goes(self, district, people, cases, monkeypatch):
        send(browser(district.owner), a_file("温知故.pdf"))
        monkeypatch.setattr(evidence, "enqueue", lambda *args, **kwargs: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            send(browser(district.owner), a_file("岳临川.pdf"))
        with clock.at(clock.now() + uploads.KEEP + timedelta(minutes=1)):
            assert uploads.purge() == 1
        sweep()
        assert named(cases[0]) == ["温知故.pdf"]


def test_nothing_is_sealed_within_a_transaction(district, monkeypatch):
    seen = []

    def saved(name: str, content: Any) -> str:
        seen.append(len(connection.savepoint_ids))
        return name

    monkeypatch.setattr(uploads.default_storage, "save", saved)
    before = len(connection.savepoint_ids)
    send(browser(district.owner), a_file("温知故.pdf"), once="the key of a page")
    assert set(seen) == {before}


def test_all_of_an_upload_together_has_a_limit_that_is_said_before(district, monkeypatch):
    monkeypatch.setattr(uploads, "MOST_IN_ALL", 2_500_000)
    client = browser(district.owner)
    both = [a_file("甲.pdf", PDF + b"0" * 2_000_000), a_file("乙.pdf", PDF + b"0" * 2_000_000)]
    answer = client.post(reverse("declarations:evidence_upload"), {"files": both}, follow=True)
    assert "一次上传合计最多 3 MB，现在是 4 MB；请分几次上传" in text(answer)
    assert not Job.objects.exists()
    assert "一次上传合计 300 MB 以内" in text(client.get(reverse("declarations:evidence")))


def test_what_waits_lies_sealed(district, people, cases):
    send(browser(district.owner), a_file("扫描件.pdf"))
    sweep()
    assert b"PDF" not in Path(LooseFile.objects.get().file.path).read_bytes()


def test_nothing_chosen_and_too_large_are_said(district, monkeypatch, settings):
    client = browser(district.owner)
    assert "还没有选择文件" in text(client.post(reverse("declarations:evidence_upload"), {}, follow=True))
    settings.UPLOAD_LIMIT_BYTES = 10
    answer = client.post(reverse("declarations:evidence_upload"), {"files": [a_file("大.pdf")]}, follow=True)
    assert "“大.pdf”超过" in text(answer)
    assert not Job.objects.exists()


class TestHostileZips:
    def test_nothing_in_a_name_breaks_or_turns_its_line(self):
        names = ["\u202efdp.exe.pdf", "a\x07b\x1b[31m.pdf", "二\n\r行/乙\u2066.pdf"]
        found = self.unpacked(a_zip(**dict.fromkeys(names, PDF)))
        assert [each.path for each in found] == ["fdp.exe.pdf", "ab[31m.pdf", "二  行/乙.pdf"]

    def unpacked(self, upload: Any, limit: int = 1_000_000) -> list[Any]:
        return list(unpacking.unpacked(upload, upload.name, limit))

    def test_too_many_files_are_refused_before_any_is_read(self, monkeypatch):
        monkeypatch.setattr(unpacking, "MOST_FILES", 3)
        with pytest.raises(NotPossible, match="一次最多 3 个"):
            self.unpacked(a_zip(**{f"{n}.pdf": PDF for n in range(4)}))

    def ended(self, end: bytes) -> SimpleUploadedFile:
        return SimpleUploadedFile("多.zip", a_zip(**{"甲.pdf": PDF}).read()[:-22] + end)

    @pytest.mark.parametrize(("says", "long"), [(30_000, 50), (1, 5_000_000)])
    def test_a_directory_of_many_entries_is_not_read(self, monkeypatch, says, long):
        """However many its end says that there are: zipfile reads them by their length."""
        end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, says, says, long, 0, 0)
        whole = self.ended(end)
        monkeypatch.setattr(zipfile, "ZipFile", lambda *args: pytest.fail("it was read"))
        with pytest.raises(NotPossible, match="文件和文件夹过多，一次最多 500 个文件"):
            self.unpacked(whole)

    def test_nor_where_the_number_stands_in_a_larger_record(self, monkeypatch):
        large = struct.pack("<4sQHHLLQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, 3_000_000, 3_000_000, 50, 0)
        before = a_zip(**{"甲.pdf": PDF}).size - 22
        locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, before, 1)
        end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
        whole = self.ended(large + locator + end)
        monkeypatch.setattr(zipfile, "ZipFile", lambda *args: pytest.fail("it was read"))
        with pytest.raises(NotPossible, match="文件和文件夹过多"):
            self.unpacked(whole)

    def test_a_bomb_is_refused_by_what_it_says_of_itself(self, monkeypatch):
        monkeypatch.setattr(unpacking, "MOST_BYTES", 1_000_000)
        with pytest.raises(NotPossible, match="解压后超过 1 MB"):
            self.unpacked(a_zip(**{"零.pdf": b"\0" * 2_000_000}))

    def test_one_that_lies_about_its_size_is_read_no_further_than_its_limit(self):
        whole = bytearray(a_zip(**{"零.pdf": b"\0" * 200_000}).read())
        for at in [found.start() for found in re.finditer(rb"PK\x01\x02", whole)]:
            whole[at + 24 : at + 28] = (100).to_bytes(4, "little")
        [found] = self.unpacked(SimpleUploadedFile("谎.zip", bytes(whole)), limit=50_000)
        assert len(found.content) <= 50_000
        assert found.problem or len(found.content) <= 100

    def test_a_file_larger_than_one_may_be_is_named_and_the_others_come(self):
        found = self.unpacked(a_zip(**{"大.pdf": b"\0" * 2000, "小.pdf": PDF}), limit=1000)
        assert [(each.path, bool(each.problem)) for each in found] == [("大.pdf", True), ("小.pdf", False)]

    def test_a_zip_within_is_not_taken_apart(self, district, people, cases):
        inner = a_zip(**{"温知故.pdf": PDF}).read()
        send(browser(district.owner), a_zip(**{"里面.zip": inner}))
        sweep()
        assert [path for path, _ in Job.objects.latest("pk").args["problems"]] == ["里面.zip"]

    def test_paths_lead_nowhere(self, district, people, cases):
        send(browser(district.owner), a_zip(**{"温知故/..": PDF, "../../温知故.pdf": PDF + b"2"}))
        sweep()
        assert "未命名.pdf" in named(cases[0])
        Attachment.objects.of(cases[0]).filter(name="未命名.pdf").delete()
        assert named(cases[0]) == ["温知故.pdf"]
        assert ".." not in Attachment.objects.of(cases[0]).get().file.name

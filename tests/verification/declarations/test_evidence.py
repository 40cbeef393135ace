"""Evidence of many at once: nothing is lost, nothing goes to somebody else, nothing breaks the server."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from luojiang_ce.files.models import Attachment
from luojiang_ce.jobs.models import Job
from luojiang_ce.jobs.services import sweep
from luojiang_ce.refusals import NotPossible
from tests.conftest import District
from tests.factories import person_in
from tests.verification.declarations.cases import declaration_of
from units.models import Assignment, Person
from verification.declarations import evidence, unpacking
from verification.declarations.models import Declaration, LooseFile

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7\n%invented\n"


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


def test_what_waits_lies_sealed(district, people, cases):
    send(browser(district.owner), a_file("扫描件.pdf"))
    sweep()
    with LooseFile.objects.get().file.open() as file:
        assert b"PDF" not in file.read()


def test_nothing_chosen_and_too_large_are_said(district, monkeypatch, settings):
    client = browser(district.owner)
    assert "还没有选择文件" in text(client.post(reverse("declarations:evidence_upload"), {}, follow=True))
    settings.UPLOAD_LIMIT_BYTES = 10
    answer = client.post(reverse("declarations:evidence_upload"), {"files": [a_file("大.pdf")]}, follow=True)
    assert "“大.pdf”超过" in text(answer)
    assert not Job.objects.exists()


class TestHostileZips:
    def unpacked(self, upload: Any, limit: int = 1_000_000) -> list[Any]:
        return list(unpacking.unpacked(upload, upload.name, limit))

    def test_too_many_files_are_refused_before_any_is_read(self, monkeypatch):
        monkeypatch.setattr(unpacking, "MOST_FILES", 3)
        with pytest.raises(NotPossible, match="一次最多 3 个"):
            self.unpacked(a_zip(**{f"{n}.pdf": PDF for n in range(4)}))

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
        assert "未命名" in named(cases[0])
        Attachment.objects.of(cases[0]).filter(name="未命名").delete()
        assert named(cases[0]) == ["温知故.pdf"]
        assert ".." not in Attachment.objects.of(cases[0]).get().file.name

"""The evidence and the papers of a batch as ZIPs: everything that the account sees, in parts, and nothing else."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.files.services import attach
from luojiang_ce.jobs.models import Job
from luojiang_ce.jobs.services import GIVEN_UP, sweep
from luojiang_ce.refusals import NotPossible
from luojiang_ce.sheets import kept
from luojiang_ce.workflow.events import history
from tests.conftest import District
from tests.documents import PDF
from tests.factories import person_in
from tests.queries import statements
from tests.verification.batches.samples import YEAR, a_draft, staff, stamped
from tests.verification.declarations.cases import declaration_of
from units.models import Assignment
from verification.batches import taking_away
from verification.batches.models import Batch
from verification.batches.tasks import purge_zips

pytestmark = pytest.mark.django_db


def browser(account: Any) -> Client:
    client = Client()
    client.force_login(account)
    return client


def proof(case: Any, material: str, name: str, actor: Any) -> None:
    attach(case=case, material=material, upload=SimpleUploadedFile(name, PDF + name.encode()), actor=actor)


def names_in(job: Job) -> list[str]:
    content = kept.kept(job, job.owner)
    assert content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return sorted(archive.namelist())


def test_materials_evidence_and_papers_lie_in_their_folders(district: District) -> None:
    people = staff(district.unit, 2)
    batch = stamped(district, people)
    proof(batch, "announcement", "通知.pdf", district.owner)
    mine = declaration_of(district.unit, people[0], year=YEAR, title="网络课程")
    for name in ("证明.hta", "截图.pdf"):
        proof(mine, "proof", name, district.owner)
    other_year = declaration_of(district.unit, people[0], year=YEAR - 1)
    proof(other_year, "proof", "去年.pdf", district.owner)
    stranger = declaration_of(district.unit, person_in(district.unit), year=YEAR)
    proof(stranger, "proof", "别人.pdf", district.owner)
    client = browser(district.owner)
    assert client.post(reverse("batches:take_away", args=[batch.pk])).status_code == 302
    sweep()
    job = Job.objects.latest("pk")
    found = names_in(job)
    whose = f"{people[0].name}（{people[0].masked_id[-4:]}）"
    assert [each for each in found if not each.startswith("文书/")] == sorted(
        [
            f"个人材料/{whose}/{mine.number} 网络课程/截图.pdf",
            f"个人材料/{whose}/{mine.number} 网络课程/证明.hta.pdf",
            "批次材料/2. 相关培训通知文件/通知.pdf",
            "目录.txt",
        ]
    )
    assert sum(each.startswith("文书/") for each in found) == 3  # two pages and the roster
    assert client.get(job.result_url)["Content-Type"] == "application/zip"
    assert history(batch).filter(name="taken_away", data__count=6).exists()


def test_two_files_of_one_name_are_both_there(district: District) -> None:
    batch = a_draft(district)
    for content in (b"1", b"2"):
        upload = SimpleUploadedFile("通知.pdf", PDF + content)
        attach(case=batch, material="announcement", upload=upload, actor=district.owner)
    taking_away.take_away(batch=batch, actor=district.owner)
    sweep()
    folder = "批次材料/2. 相关培训通知文件"
    assert names_in(Job.objects.latest("pk"))[:2] == [f"{folder}/通知.pdf", f"{folder}/通知（2）.pdf"]


def test_much_comes_in_several_parts_with_each_file_once(district: District, monkeypatch: Any) -> None:
    batch = a_draft(district)
    for n in range(5):
        proof(batch, "announcement", f"{n}.pdf", district.owner)
    monkeypatch.setattr(taking_away, "MOST_BYTES", 60)
    jobs = taking_away.take_away(batch=batch, actor=district.owner)
    sweep()
    found = [name for job in jobs for name in names_in(Job.objects.get(pk=job.pk)) if name.endswith(".pdf")]
    assert len(jobs) > 1
    assert len(found) == len(set(found)) == 5


def test_there_is_nothing_is_said(district: District) -> None:
    with pytest.raises(NotPossible, match="还没有材料"):
        taking_away.take_away(batch=a_draft(district), actor=district.owner)


def test_who_lost_the_role_meanwhile_gets_nothing(district: District) -> None:
    batch = a_draft(district)
    proof(batch, "announcement", "通知.pdf", district.owner)
    taking_away.take_away(batch=batch, actor=district.owner)
    Assignment.objects.filter(account=district.owner).delete()
    sweep()
    assert Job.objects.latest("pk").state == Job.State.FAILED


def test_it_is_gone_after_its_days(district: District) -> None:
    batch = a_draft(district)
    proof(batch, "announcement", "通知.pdf", district.owner)
    taking_away.take_away(batch=batch, actor=district.owner)
    sweep()
    with clock.at(clock.now() + taking_away.KEEP + timedelta(minutes=1)):
        assert purge_zips() == "压缩包 1 个"
    assert kept.kept(Job.objects.latest("pk"), district.owner) is None


def test_what_a_job_kept_before_it_failed_goes_with_the_others(district: District) -> None:
    batch = a_draft(district)
    proof(batch, "announcement", "通知.pdf", district.owner)
    taking_away.take_away(batch=batch, actor=district.owner)
    sweep()
    failed = Job.objects.latest("pk")
    Job.objects.filter(pk=failed.pk).update(state=Job.State.FAILED, result_url="", message=GIVEN_UP)
    with clock.at(clock.now() + taking_away.KEEP + timedelta(minutes=1)):
        assert purge_zips() == "压缩包 1 个"
        assert purge_zips() == ""
    failed.refresh_from_db()
    assert failed.message == GIVEN_UP
    assert kept.kept(failed, district.owner) is None


def test_queries_do_not_grow_with_the_people(district: District) -> None:
    asked = []
    for number in (3, 27):
        people = staff(district.unit, number)
        batch = a_draft(district, people)
        for person in people:
            proof(declaration_of(district.unit, person, year=YEAR), "proof", "证明.pdf", district.owner)
        fresh = Batch.objects.select_related("unit").get(pk=batch.pk)
        account = district.fresh(district.owner)
        with statements() as found:
            taking_away.items_of(fresh, account)
        asked.append(len(found))
    assert asked[0] == asked[1] <= 8

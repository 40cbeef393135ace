"""A closed year becomes a package that says what it holds, what it lacks and what was left out."""

from __future__ import annotations

import hashlib
import html
import posixpath
import re
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from uuid import uuid4

import pytest
from django.core.management import call_command
from lxml import etree
from openpyxl import load_workbook

from luojiang_ce import clock
from luojiang_ce.papers.codes import new_code
from luojiang_ce.papers.models import Paper
from luojiang_ce.proof import tree
from luojiang_ce.proof.models import note_of
from luojiang_ce.proof.notes import read_note
from luojiang_ce.workflow.engine import fire
from luojiang_ce.workflow.events import history
from tests.conftest import District
from tests.luojiang_ce.proof.cases import countersign
from tests.luojiang_ce.proof.papers import publish
from tests.toy.models import RoomRequest
from tests.units.archive.years import YEAR, Year, a_year, inside, next_year, packed
from units.archive import packing, services
from units.archive.checking import PROOF_ENDING
from units.archive.models import Package, Retention
from units.archive.records import paper_name
from units.archive.year import archived_kinds, belonging, folder_name
from units.models import Leave, Person

pytestmark = pytest.mark.django_db
# As GB 11643 writes them: a birth date in the middle of eighteen.
WHOLE_ID = re.compile(rb"[1-9][0-9]{5}(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])[0-3][0-9][0-9]{3}[0-9Xx]")


def folder_of(files: dict[str, bytes], kind: str) -> str:
    return next(name.rpartition("/")[0] for name in files if f"/{kind}/" in name)


def dead_links(files: dict[str, bytes]) -> list[tuple[str, str]]:
    """Where readable pages lead to no file of the package."""
    pages = {name: content.decode() for name, content in files.items() if name.endswith("/查阅.html")}
    found = [(at, link) for at, page in pages.items() for link in re.findall(r'href="([^"]+)"', page)]
    links = [(at, unquote(html.unescape(link))) for at, link in found]
    assert links
    to = {(at, link): posixpath.normpath(posixpath.join(posixpath.dirname(at), link)) for at, link in links}
    return [each for each, path in to.items() if path not in files]


def pages_of(files: dict[str, bytes], kind: str) -> list[str]:
    return [files[each].decode() for each in files if f"/{kind}/" in each and each.endswith("/查阅.html")]


def test_a_paper_that_could_not_be_read_is_linked_nowhere(district: District, year: Year) -> None:
    [gone, _] = [each for each in year.papers if each.subject_type]
    Path(gone.file.path).unlink()
    files = inside(packed(district, checked=False))
    assert dead_links(files) == []
    assert any(f"{gone.number}" in page and "未归档" not in page for page in pages_of(files, "年度验证记录"))


def test_a_paper_revoked_before_it_was_made_is_in_no_archive(district: District, year: Year) -> None:
    paper = next(each for each in year.papers if each.subject_type)
    paper.pk, paper.uid, paper.number, paper.issued_at, paper.code = None, uuid4(), None, None, new_code()
    paper.state, paper.revoked_at, paper.revoke_reason = Paper.State.REVOKED, clock.now(), "填错"
    paper.save(force_insert=True)
    files = inside(packed(district, checked=False))
    assert dead_links(files) == []
    assert [page for page in pages_of(files, "年度验证记录") if paper.code in page or paper.standing in page] == []


def test_where_a_paper_lies_is_said_as_it_is_known(district: District, year: Year, monkeypatch: Any) -> None:
    first = packed(district, checked=False)
    kind = year.batch._meta.label_lower
    chosen, batch = packing.select, {"case_type": kind, "case_id": year.batch.pk}

    def without_the_batch(package: Package, progress: Any) -> None:
        chosen(package, progress)
        package.items.filter(**batch).update(number=0, reason="状态是“已报送”，等经办人办理")

    monkeypatch.setattr(packing, "select", without_the_batch)
    files = inside(packed(district, checked=False))
    assert dead_links(files) == []
    assert all("（在归档包 2026-01 里）" in page for page in pages_of(files, "年度验证记录"))
    first.items.filter(**batch).delete()
    files = inside(packed(district, checked=False))
    assert all("（未归档，见“其他/未归档.xlsx”）" in page for page in pages_of(files, "年度验证记录"))


@pytest.mark.parametrize("letters", [1, 20, 60])
def test_no_name_is_longer_than_file_systems_take(letters: int) -> None:
    number = "泉洛政人社继续教育函〔2026〕00018号"
    name = paper_name(Paper(number=number, code="7K3Q-WD82-MX4P"), "温" * letters)
    assert name.startswith(f"文书-{number}-温")
    assert len(f"{name.removesuffix('.pdf')}{PROOF_ENDING}".encode()) <= 255


def test_a_yearly_record_leads_to_the_paper_of_its_person(district: District, year: Year) -> None:
    """Its sheet lies with the batch, under a name that says number and person, whatever characters that has."""
    Person.objects.filter(pk=year.batch.records.first().person_id).update(name="王\U00031350")
    package = packed(district)
    files = inside(package)
    assert package.passed
    assert dead_links(files) == []
    [paper] = [each for each in year.papers if each.subject_id == (record := year.batch.records.first()).pk]
    [name] = [each for each in files if f"文书-{paper.number}-{record.person.name}.pdf" in each]
    pages = {each: files[each].decode() for each in files if "/年度验证记录/" in each and each.endswith("/查阅.html")}
    [(at, page)] = [(at, page) for at, page in pages.items() if str(paper.number) in page]
    assert record.person.name in page
    links = re.findall(r'href="(\.\./[^"]+)"', page)
    assert [posixpath.normpath(posixpath.join(posixpath.dirname(at), each)) for each in links] == [name]


def test_folders_are_called_as_people_call_the_kind() -> None:
    names = [folder_name(kind.key) for kind in archived_kinds()]
    assert len(set(names)) == len(names)
    assert [name for name in names if re.search(r"[^\u4e00-\u9fff（）]", name)] == []


def xml(content: bytes) -> Any:
    return etree.fromstring(content)


def test_a_year_is_packed_whole_and_its_check_says_so(district: District, year: Year) -> None:
    package = packed(district)
    assert (package.state, package.problems, package.passed) == ("complete", [], True)
    files = inside(package)
    batch, leave = folder_of(files, "验证批次"), folder_of(files, "长期外出或病假")
    for paper in year.papers:
        [name] = [each for each in files if each.startswith(f"{batch}/文书-{paper.number}") and each.endswith(".pdf")]
        assert hashlib.sha256(files[name]).hexdigest() == paper.sha256
        assert f"{name.removesuffix('.pdf')}.收录证明.txt" in files
    assert hashlib.sha256(files[f"{leave}/材料-001.pdf"]).hexdigest() == year.evidence.sha256
    records = [name for name in files if name.endswith("/元数据.xml")]
    assert len(records) == package.items.packed().count() == len(xml(files["文件目录.XML"]).findall("文件"))
    assert load_workbook(BytesIO(files["目录.xlsx"])).active.max_row == len(records) + 1
    assert "归档包 2026-01" in files["说明文件.TXT"].decode()
    assert (package.packed, package.left) == (len(records), package.items.left_out().count())


def test_metadata_has_the_elements_of_the_standard_and_invents_nothing(district: District, year: Year) -> None:
    type(district.unit).objects.filter(pk=district.unit.pk).update(uscc="12350504MB0000000X")
    files = inside(packed(district))
    told = xml(files[f"{folder_of(files, '长期外出或病假')}/元数据.xml"])
    entity = told.find("文件实体")
    assert [entity.findtext(f"档号/{name}") for name in ("全宗号", "类别号", "室编件号")] == ["未设定"] * 3
    assert told.findtext("机构人员实体/组织机构代码") == "12350504MB0000000X"
    assert entity.findtext("来源/立档单位名称") == district.bureau.name
    assert (entity.findtext("档号/年度"), entity.findtext("档号/保管期限")) == (str(YEAR), "未设定")
    assert entity.findtext("来源/全宗名称") == "未设定"
    assert entity.findtext("电子属性/计算机文件名") == "材料-001.pdf"
    assert told.findtext("机构人员实体/机构人员名称") == district.unit.name
    acts = [(each.findtext("业务行为"), each.findtext("业务状态")) for each in told.findall("业务实体")]
    assert ("批准", "历史行为") in acts


def test_who_acted_is_named_with_the_offices_of_that_day(district: District, year: Year) -> None:
    files = inside(packed(district))
    page = files[f"{folder_of(files, '长期外出或病假')}/查阅.html"].decode()
    assert f"{district.owner.name}（{district.unit.name} 单位专办员）" in page
    assert ">version<" not in page
    assert "version" in files[f"{folder_of(files, '长期外出或病假')}/表单.xml"].decode()
    agents = xml(files["其他/责任者.xml"])
    told = {each.findtext("机构人员名称"): each.findtext("个人职位") for each in agents.findall("责任者")}
    assert told[district.approver.name] == f"{district.bureau.name} 区人社局 审批"


def test_what_is_open_is_left_out_with_the_reason(district: District, year: Year) -> None:
    package = packed(district)
    left = package.items.left_out().get()
    assert left.case_id == year.open.pk
    assert left.reason == f"状态是“{year.open.get_state_display()}”，等区人社局办理；办结后归入办结的年度"
    rows = list(load_workbook(BytesIO(inside(package)["其他/未归档.xlsx"])).active.values)
    assert any(left.reason in row for row in rows)


def test_a_draft_that_nobody_handed_over_is_nobodys_record(district: District, year: Year) -> None:
    Leave.objects.filter(pk=year.open.pk).update(state="draft", first_submitted_at=None)
    kind = next(each for each in archived_kinds() if each.model is Leave)
    assert [each.case.pk for each in belonging(kind, YEAR)] == [year.closed.pk]


def test_no_whole_id_number_and_nothing_that_opens_a_door(district: District, year: Year) -> None:
    number = year.closed.person.id_number
    Leave.objects.filter(pk=year.closed.pk).update(detail=f"证件 {number} 的人住院")
    files = inside(packed(district))
    told = {name: each for name, each in files.items() if not name.endswith((".pdf", ".xlsx", ".bin", ".cose"))}
    assert [name for name, content in told.items() if WHOLE_ID.search(content)] == []
    assert [name for name, content in told.items() if b"id_hash" in content] == []


def test_a_new_kind_is_archived_without_a_line_of_code(district: District, year: Year) -> None:
    request = RoomRequest.objects.create(unit=district.unit, created_by=district.owner)
    fire(request, "submit", actor=district.owner)
    fire(request, "grant", actor=district.handler)
    files = inside(packed(district))
    form = xml(files[f"{folder_of(files, folder_name('toy.roomrequest'))}/表单.xml"])
    assert {each.get("名称"): each.text for each in form.iter("项")}["哪一天"] == request.day.isoformat()


def test_a_paper_is_verified_with_what_lies_in_the_package(district: District, year: Year, tmp_path: Path) -> None:
    files = inside(packed(district))
    batch = folder_of(files, "验证批次")
    paper = next(name for name in files if name.startswith(f"{batch}/文书-") and name.endswith(".pdf"))
    wanted = {"paper.pdf": paper, "proof.txt": f"{paper.removesuffix('.pdf')}.收录证明.txt"}
    wanted |= {"keys.json": "其他/公钥.json", "list.bin": "其他/撤销清单.bin"}
    for name, path in wanted.items():
        (tmp_path / name).write_bytes(files[path])
    said = StringIO()
    with next_year():
        call_command(
            "verify_paper", str(tmp_path / "paper.pdf"), proof=tmp_path / "proof.txt", keys=tmp_path / "keys.json",
            list=tmp_path / "list.bin", stdout=said,
        )  # fmt: skip
    assert said.getvalue().startswith("文件是真的")
    assert "文件没有改过" in said.getvalue()


class TestHeads:
    def test_proofs_lead_to_the_last_head_that_others_have_signed(self, district: District, year: Year) -> None:
        countersign()
        signed = tree.latest()
        assert signed
        publish()  # a later one, which nobody has signed yet
        package = packed(district)
        note = read_note(inside(package)["其他/树根.txt"].decode())
        assert str(note) == str(note_of(signed))
        assert len(note.signatures) == 3  # the log's two, and one of the other body
        assert (package.head, package.passed) == (str(signed), True)

    def test_younger_papers_are_proved_by_the_latest(self, district: District) -> None:
        tree.publish_head()
        countersign()
        year = a_year(district)
        package = packed(district)
        files = inside(package)
        latest, proof = (
            files["其他/树根-最新.txt"].decode(),
            next(name for name in files if name.endswith("收录证明.txt")),
        )
        assert files[proof].decode().endswith(latest)
        assert len([name for name in files if name.endswith("收录证明.txt")]) == len(year.papers)
        assert "树根-最新.txt" in files["说明文件.TXT"].decode()
        assert package.passed

    def test_a_signature_that_comes_while_a_year_is_packed_spoils_nothing(
        self, district: District, year: Year, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        prove, proofs = packing.proof_of, []

        def signed_meanwhile(*args: Any) -> bytes:
            proofs.append(prove(*args))
            if len(proofs) == 1:
                countersign()
            return proofs[-1]

        monkeypatch.setattr(packing, "proof_of", signed_meanwhile)
        assert packed(district).passed
        assert len(proofs) == len(year.papers) > 1


def test_how_long_records_are_kept_is_said_as_it_was_set(district: District, year: Year) -> None:
    services.set_retention(
        case_types=["units.leave"], period="30年", valid_from=clock.today(), document="洛人社〔2026〕9号",
        actor=district.approver,
    )  # fmt: skip
    files = inside(packed(district))
    kept = {
        kind: xml(files[f"{folder_of(files, kind)}/元数据.xml"]).findtext("文件实体/档号/保管期限")
        for kind in ("长期外出或病假", "验证批次")
    }
    assert (
        history(Retention.objects.get()).get(name="retention_set").note_row.text.startswith("长期外出或病假 30年，自")
    )
    assert kept == {"长期外出或病假": "30年", "验证批次": "未设定"}

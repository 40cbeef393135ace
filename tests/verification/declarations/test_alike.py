"""Evidence that was handed in before is pointed out to the reviewer, and to nobody who filed it (product.md V12)."""

from __future__ import annotations

import io
import random
import time
from contextlib import suppress
from typing import Any

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from PIL import Image
from weasyprint import HTML

from luojiang_ce import clock
from luojiang_ce.access import Role
from luojiang_ce.files import apart, fingerprints, inside
from luojiang_ce.files.fingerprints import alike_for, catch_up, pointed_out, purge_unused
from luojiang_ce.files.inside import numbers_of
from luojiang_ce.files.models import Attachment, Fingerprint, Likeness, Look
from luojiang_ce.files.services import attach, attach_to_all
from luojiang_ce.files.tasks import fingerprint
from luojiang_ce.home.templatetags.home import tick
from tests.conftest import District
from tests.documents import PDF
from tests.factories import UnitFactory, account_with, id_number
from tests.luojiang_ce.files.bombs import drawn_often
from tests.luojiang_ce.files.pictures import copies, form, jpeg, photograph
from tests.queries import statements
from tests.stored import store_anew
from tests.training.factories import class_of, recognition_of
from tests.units.views.helpers import browser
from tests.verification.declarations.cases import declaration_of
from units.models import Unit
from verification.declarations.models import Declaration
from verification.declarations.same_code import same_code

pytestmark = pytest.mark.django_db


def pdf(text: str) -> bytes:
    return HTML(string=f"<html lang='zh'><body>{text}</body></html>").write_pdf() or b""


def filed(unit: Unit, **facts: Any) -> Declaration:
    now = clock.now()
    return declaration_of(unit, state=Declaration.State.SUBMITTED, first_submitted_at=now, submitted_at=now, **facts)


def give(case: Any, content: bytes, name: str = "证明.jpg", material: str = "proof") -> None:
    clerk = account_with(Role.UNIT_CLERK, case.unit)
    attach(case=case, material=material, upload=SimpleUploadedFile(name, content), actor=clerk)


def two(district: District, one: bytes, other: bytes, name: str = "证明.jpg") -> tuple[Declaration, Declaration]:
    """Two units declare, each with its file; the worker has seen both."""
    cases = filed(district.unit), filed(district.neighbour_unit)
    for case, content in zip(cases, (one, other), strict=True):
        give(case, content, name)
    catch_up()
    return cases


def said(case: Any, account: Any) -> list[tuple[str, Any]]:
    found = alike_for(case, account)
    return [(each.how, each.case) for each in found.shown] if found else []


def test_the_same_certificate_declared_by_two_units(district: District) -> None:
    content = jpeg(photograph(1))
    mine, theirs = two(district, content, content)
    assert said(mine, district.handler) == [("同一文件", theirs)]
    assert said(theirs, district.handler) == [("同一文件", mine)]
    page = browser(district.handler).get(mine.get_absolute_url()).content.decode()
    assert theirs.get_absolute_url() in page
    assert theirs.state == Declaration.State.SUBMITTED  # never punished


def test_the_same_certificate_number_in_two_files(district: District) -> None:
    mine, theirs = two(district, *(pdf(f"{n}　证书编号：LJ-2026-00871") for n in "甲乙"), name="证书.pdf")
    assert said(mine, district.handler) == [("同一证书编号 LJ-2026-00871", theirs)]


def test_the_same_check_code_typed_twice(district: District) -> None:
    mine, theirs = (
        filed(district.unit, check_code="LJ-20260871"),
        filed(district.neighbour_unit, check_code="lj-20260871"),
    )
    filed(district.neighbour_unit, check_code="https://check.example.cn/")
    declaration_of(district.neighbour_unit, check_code="LJ-20260871")  # a draft
    page = browser(district.handler).get(mine.get_absolute_url()).content.decode()
    assert "同一核验码 LJ-20260871" in page
    found = alike_for(mine, district.handler, same_code(mine))
    assert found
    assert [each.case for each in found.shown] == [theirs]
    site = filed(district.unit, check_code="https://check.example.cn/")
    assert not list(same_code(site))


def test_an_invoice_used_twice(district: District) -> None:
    number = "26352000000012345678"
    mine, theirs = two(district, *(pdf(f"{n} 电子发票　发票号码：{number}") for n in "甲乙"), name="发票.pdf")
    assert said(theirs, district.handler) == [(f"同一发票号码 {number}", mine)]


@pytest.mark.parametrize("how", range(9))
def test_nearly_the_same_photograph(district: District, how: int) -> None:
    original = photograph(7)
    copy = list(copies(original, random.Random(3)))[how][1]
    mine, theirs = two(district, jpeg(original), jpeg(copy.convert("RGB"), 60))
    assert said(mine, district.handler) == [("几乎相同的图片", theirs)]


def test_other_photographs_and_a_form_filled_differently_are_not(district: District) -> None:
    assert said(two(district, jpeg(photograph(1)), jpeg(photograph(2)))[0], district.handler) == []
    assert said(two(district, jpeg(form(1)), jpeg(form(2)))[0], district.handler) == []


def test_a_picture_that_is_all_one_shading_is_like_no_other(district: District) -> None:
    shading = Image.linear_gradient("L").resize((400, 300))
    assert said(two(district, jpeg(photograph(1)), jpeg(shading))[1], district.handler) == []
    assert not Likeness.objects.exists()


def test_the_scan_inside_a_pdf(district: District) -> None:
    mine, theirs = filed(district.unit), filed(district.neighbour_unit)
    give(mine, jpeg(photograph(5)))
    give(theirs, _scanned(jpeg(photograph(5), 60)), "扫描.pdf")
    catch_up()
    assert said(mine, district.handler) == [("几乎相同的图片", theirs)]


def _scanned(picture: bytes) -> bytes:
    book = pikepdf.new()
    page = book.add_blank_page(page_size=(595, 842))
    image = pikepdf.Stream(book, picture)
    image.Type, image.Subtype, image.Filter = pikepdf.Name.XObject, pikepdf.Name.Image, pikepdf.Name.DCTDecode
    image.Width, image.Height, image.ColorSpace, image.BitsPerComponent = 640, 480, pikepdf.Name.DeviceRGB, 8
    page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im0=image))
    page.Contents = pikepdf.Stream(book, b"q 500 0 0 375 40 300 cm /Im0 Do Q")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_number_that_is_its_holders_id_is_none_and_a_text_of_numbers_has_so_many(district: District) -> None:
    assert list(numbers_of(f"证书编号：{id_number()} 证书编号：JX2026-0007")) == [("certificate", "JX2026-0007")]
    rows = "".join(f"<p style='font-size: 4px; margin: 0'>发票号码：{number:020d}</p>" for number in range(300))
    mine = filed(district.unit)
    give(mine, pdf(rows), "发票.pdf")
    catch_up()
    assert Fingerprint.objects.get().numbers.count() == 200


class TestWhoIsTold:
    def test_whoever_filed_it_never(self, district: District) -> None:
        content = jpeg(photograph(1))
        mine, theirs = two(district, content, content)
        assert alike_for(mine, district.owner) is None
        page = browser(district.owner).get(mine.get_absolute_url()).content.decode()
        assert "相同或相近" not in page
        assert district.neighbour_unit.name not in page
        assert theirs.number not in page

    def test_a_reviewer_who_may_not_see_the_other_case_learns_only_that_there_is_one(self, district: District) -> None:
        Unit.objects.filter(pk=district.unit.pk).update(supervisor=district.education)
        content = jpeg(photograph(1))
        mine, theirs = two(district, content, content)
        found = alike_for(mine, district.fresh(district.education_reviewer))
        assert found
        assert (list(found.shown), found.hidden) == ([], 1)
        page = browser(district.education_reviewer).get(mine.get_absolute_url()).content.decode()
        assert "另有 1 件不在您的查看范围" in page
        assert district.neighbour_unit.name not in page
        assert theirs.person.name not in page.replace(mine.person.name, "")

    def test_of_a_draft_nobody_learns(self, district: District) -> None:
        content = jpeg(photograph(1))
        mine = filed(district.unit)
        give(mine, content)
        give(declaration_of(district.neighbour_unit), content)
        catch_up()
        assert not alike_for(mine, district.handler)
        Unit.objects.filter(pk=district.unit.pk).update(supervisor=district.education)
        assert not alike_for(mine, district.fresh(district.education_reviewer))

    def test_recognitions_and_classes_are_looked_at_too(self, district: District) -> None:
        content = jpeg(photograph(1))
        mine = recognition_of(class_of(district.unit), state="submitted")
        theirs = recognition_of(class_of(district.neighbour_unit), state="submitted")
        for case in (mine, theirs):
            give(case, content, "现场.jpg", "photos")
        catch_up()
        assert said(mine, district.handler) == [("同一文件", theirs)]
        page = browser(district.handler).get(mine.get_absolute_url()).content.decode()
        assert theirs.get_absolute_url() in page


def test_what_was_attached_to_many_in_one_act_is_meant_to_be_the_same(district: District) -> None:
    cases = [filed(district.unit), filed(district.unit)]
    upload = SimpleUploadedFile("证明.jpg", jpeg(photograph(1)))
    attach_to_all(cases=cases, material="proof", upload=upload, actor=district.owner)
    catch_up()
    assert not alike_for(cases[0], district.handler)


def test_what_was_removed_is_not_compared(district: District) -> None:
    content = jpeg(photograph(1))
    mine, theirs = two(district, content, content)
    Attachment.objects.filter(case_id=theirs.pk).update(removed_at=theirs.created_at)
    assert not alike_for(mine, district.handler)


class TestMaking:
    def test_each_content_once_and_a_second_run_does_nothing(self, district: District) -> None:
        content = jpeg(photograph(1))
        two(district, content, content)
        assert Fingerprint.objects.count() == 1
        assert Look.objects.count() == 6
        assert catch_up() == 0
        assert not Likeness.objects.exists()

    def test_what_was_uploaded_now_does_not_wait_for_what_an_upgrade_found(self, district: District) -> None:
        for seed in range(3):
            give(filed(district.unit), jpeg(photograph(seed)))
        assert fingerprint(1) == "识别 1 份材料"
        newest = Attachment.objects.order_by("-pk").first()
        assert newest
        assert Fingerprint.objects.get().sha256 == newest.sha256

    def test_what_was_there_before_is_caught_up_by_the_command(self, district: District, capsys: Any) -> None:
        give(filed(district.unit), jpeg(photograph(1)))
        assert not Fingerprint.objects.exists()
        call_command("fingerprint_files")
        assert Fingerprint.objects.count() == 1
        assert "共 1 份" in capsys.readouterr().out

    @pytest.mark.parametrize(
        ("name", "content"),
        [
            ("坏.pdf", b"%PDF-1.7\n%broken"),
            ("空.pdf", b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer<</Root 1 0 R>>\n%%EOF"),
        ],
    )
    def test_a_broken_file_stops_nothing(self, district: District, name: str, content: bytes) -> None:
        """As it was stored before such ones were refused."""
        give(filed(district.unit), PDF, name)
        file = Attachment.objects.get()
        store_anew(file.file, content)
        give(filed(district.neighbour_unit), jpeg(photograph(1)))
        assert catch_up() == 2
        assert Fingerprint.objects.filter(thumb=None).count() == 1

    def test_a_picture_made_to_take_hours_keeps_nobody_waiting(self, district: District) -> None:
        """As it was stored before such ones were refused."""
        give(filed(district.unit), jpeg(photograph(1)))
        give(filed(district.neighbour_unit), jpeg(photograph(2)))
        file = Attachment.objects.latest("pk")
        store_anew(file.file, drawn_often(150))
        began = time.process_time()
        assert catch_up() == 2
        assert time.process_time() - began < 1, "nothing is unpacked by the worker itself"
        assert Fingerprint.objects.exclude(made_at=None).count() == 2

    def test_what_ended_a_worker_waits_behind_the_others_and_is_given_up(
        self, district: District, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for seed in range(2):
            give(filed(district.unit), jpeg(photograph(seed)))
        deadly = Attachment.objects.latest("pk").sha256
        read = []

        def killed(file: Attachment, *readers: Any) -> Any:
            read.append(file.sha256)
            if file.sha256 == deadly:
                raise SystemExit
            return inside.read(file, *readers)

        monkeypatch.setattr(fingerprints, "read", killed)
        for _ in range(fingerprints.MOST_TRIES):
            with suppress(SystemExit):
                catch_up()
        assert [each == deadly for each in read] == [True, False, True, True]
        assert catch_up() == 0
        assert read.count(deadly) == fingerprints.MOST_TRIES
        assert Fingerprint.objects.get(made_at=None).sha256 == deadly

    def test_what_was_being_read_when_the_service_stopped_is_read_again(
        self, district: District, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        give(filed(district.unit), jpeg(photograph(1)))
        begun = apart.begun

        def stopped_at_once() -> Any:
            process = begun()
            process.terminate()
            return process

        monkeypatch.setattr(apart, "begun", stopped_at_once)
        assert catch_up() == 0
        assert Fingerprint.objects.get().made_at is None
        monkeypatch.undo()
        assert catch_up() == 1
        assert Fingerprint.objects.get().thumb

    def test_a_file_that_is_gone_stops_nothing(self, district: District) -> None:
        give(filed(district.unit), jpeg(photograph(1)))
        file = Attachment.objects.get()
        file.file.storage.delete(file.file.name)
        give(filed(district.neighbour_unit), jpeg(photograph(2)))
        assert catch_up() == 1
        assert [catch_up() for _ in range(fingerprints.MOST_TRIES)] == [0] * fingerprints.MOST_TRIES

    def test_nothing_is_kept_of_what_is_attached_to_nothing(self, district: District) -> None:
        two(district, jpeg(photograph(1)), jpeg(photograph(2)))
        gone = Declaration.objects.filter(unit=district.neighbour_unit)
        Attachment.objects.filter(case_id__in=gone.values("pk")).delete()
        assert purge_unused() == 1
        assert Fingerprint.objects.count() == 1


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("发票号码：26352000000012345678", ["26352000000012345678"]),
        ("发 票 号 码 : 26352000000012345678 开票日期", ["26352000000012345678"]),
        ("发票代码 035002100111 发票号码 12345678", ["035002100111 12345678"]),
        ("发票号码 12345678", []),  # many invoices have it: only with its 代码
        ("发票号码：263520000000123456789", []),
        ("证书编号：LJ2026-00871", ["LJ2026-00871"]),
        ("证书号 闽继教〔2026〕0087号", []),
        ("证书编号：见附件", []),
        ("电话 05952263", []),
    ],
)
def test_numbers_that_a_text_names(text: str, numbers: list[str]) -> None:
    assert [number for _, number in numbers_of(text)] == numbers


def test_queries_do_not_grow_with_cases(district: District) -> None:
    content, counts = jpeg(photograph(1)), []
    mine = filed(district.unit)
    give(mine, content)
    client = browser(district.handler)
    for number in (3, 30):
        for _ in range(number):
            give(filed(UnitFactory()), content)
        catch_up()
        client.get(mine.get_absolute_url())
        with statements() as asked:
            page = client.get(mine.get_absolute_url())
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 26
    assert "另有 25 处" in page.content.decode()


def _handed_in_for_many(district: District, upload: bytes) -> list[Declaration]:
    cases = [filed(district.unit, title="全省农技推广年会") for _ in range(3)]
    attach_to_all(cases=cases, material="proof", upload=SimpleUploadedFile("证明.jpg", upload), actor=district.owner)
    return cases


def test_a_conference_of_many_is_one_line_and_hides_nothing(district: District) -> None:
    conference, photo = jpeg(photograph(1)), jpeg(photograph(2))
    cases = _handed_in_for_many(district, conference)
    mine, other = filed(district.neighbour_unit), filed(district.unit, title="另一个培训")
    give(mine, conference, "通知.jpg", "notice")
    give(mine, photo)
    give(other, photo)
    catch_up()
    found = alike_for(mine, district.handler)
    assert found
    assert sorted((each.where, each.number) for each in found.shown) == [("证明.jpg", 1), ("通知.jpg", 3)]
    page = browser(district.handler).get(mine.get_absolute_url()).content.decode()
    assert "等 3 件" in page
    assert other.get_absolute_url() in page
    again = alike_for(cases[0], district.handler)
    assert again
    assert [(each.case, each.number) for each in again.shown] == [(mine, 1)]


class TestManyAtOnce:
    """Whoever accepts many that are ticked is told of which the files stand elsewhere too."""

    def test_what_another_case_has_too_is_marked(self, district: District) -> None:
        content = jpeg(photograph(1))
        mine, theirs = two(district, content, content)
        alone = filed(district.unit)
        assert pointed_out([mine, theirs, alone], district.handler) == {mine.pk, theirs.pk}
        page = browser(district.handler).post(
            "/many/verification_declarations.declaration/accept/", {"cases": [tick(each) for each in (mine, alone)]}
        )
        assert page.content.decode().count("材料与其他业务相同或相近") == 1

    def test_what_was_handed_in_for_many_is_not(self, district: District) -> None:
        cases = _handed_in_for_many(district, jpeg(photograph(1)))
        catch_up()
        assert pointed_out(cases, district.handler) == set()

    def test_a_draft_of_another_unit_and_the_filer_s_own_are_not(self, district: District) -> None:
        content = jpeg(photograph(1))
        mine, _ = two(district, content, content)
        assert pointed_out([mine], district.owner) == set()
        lone = filed(district.unit)
        give(lone, jpeg(photograph(9)))
        give(declaration_of(district.neighbour_unit), jpeg(photograph(9)))
        catch_up()
        assert pointed_out([lone], district.handler) == set()

    def test_no_more_queries_for_more(self, district: District) -> None:
        cases = []
        for seed in range(6):
            cases += two(district, *[jpeg(photograph(seed))] * 2)
        pointed_out(cases[:3], district.handler)  # what is kept for the process
        with statements() as few:
            pointed_out(cases[:3], district.handler)
        with statements() as all_of_them:
            pointed_out(cases, district.handler)
        assert len(all_of_them) == len(few)

"""The on-site sheet: kept, signed, sent once (product.md I2); by form and by the phone's own requests."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import ExifTags, Image, ImageDraw

from luojiang_ce import clock
from luojiang_ce.files.models import Attachment
from luojiang_ce.papers.dates import chinese_day
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.engine import fire
from luojiang_ce.workflow.events import history
from tests.conftest import District
from tests.factories import person_in
from tests.luojiang_ce.papers.reading import text_of
from tests.queries import statements
from tests.training.classes.factories import enrolled
from tests.training.inspections.factories import (
    a_class,
    a_finding,
    a_picture,
    a_visit,
    posted,
    recorded,
    second_inspector,
    seen,
    sign,
)
from training.inspections.case import PHOTO, PROVIDER, sign_code
from training.inspections.models import Inspection, OnSiteSheet
from training.inspections.on_site import as_filed
from training.inspections.pictures import as_printed
from training.inspections.recording import Found, keep_picture, save_sheet, send_sheet

pytestmark = pytest.mark.django_db
JSON = {"HTTP_ACCEPT": "application/json"}


@pytest.fixture
def phone(client: Client, district: District) -> Client:
    client.force_login(district.inspector)
    return client


def sheet_at(case: Inspection) -> str:
    return reverse("inspections:sheet", args=[case.pk])


def state_of(case: Inspection) -> str:
    return Inspection.objects.get(pk=case.pk).state


@pytest.mark.notice("一(五)4")
def test_a_record_is_sent_once_whatever_the_network_does(district: District) -> None:
    """The answer got lost, so the phone sends it again."""
    case, typed = a_visit(district), seen(a_finding())
    sign(case, district.inspector)
    first = send_sheet(case=case, seen=typed, actor=district.inspector)
    again = send_sheet(case=case, seen=typed, actor=district.inspector)
    assert first.pk == again.pk
    assert [event.name for event in history(case)].count("record") == 1
    assert case.findings.count() == 1
    assert state_of(case) == "recorded"


def test_a_second_phone_is_told_who_has_sent_it(district: District) -> None:
    case = recorded(district, note="第一份")
    with pytest.raises(NotPossible, match=f"已由{district.inspector.name}于"):
        send_sheet(case=case, seen=seen(note="第二份"), actor=second_inspector(district))
    assert OnSiteSheet.objects.get(inspection=case).note == "第一份"


def test_both_inspectors_and_the_unit_must_sign(district: District) -> None:
    case, mate = a_visit(district), second_inspector(district)
    sign(case, district.inspector, without=(sign_code(mate), PROVIDER))
    with pytest.raises(NotPossible, match=f"还差签名：{mate.name}、单位负责人"):
        send_sheet(case=case, seen=seen(), actor=district.inspector)
    assert not OnSiteSheet.objects.exists()
    keep_picture(case=case, material=sign_code(mate), upload=a_picture(), actor=district.inspector)
    refusal = {"refused": True, "refusal": "负责人称须请示后再签", "signer": "", "signer_post": ""}
    send_sheet(case=case, seen=seen(**refusal), actor=district.inspector)
    assert state_of(case) == "recorded"


def test_a_blank_signature_is_none_and_a_new_one_takes_the_place_of_the_old(district: District) -> None:
    case, to = a_visit(district), {"material": sign_code(district.inspector), "actor": district.inspector}
    with pytest.raises(NotPossible, match="签名是空白的"):
        keep_picture(case=case, upload=a_picture(blank=True), **to)
    keep_picture(case=case, upload=a_picture(), **to)
    last = keep_picture(case=case, upload=a_picture(), **to)
    assert list(Attachment.objects.of(case)) == [last]


@pytest.mark.parametrize("content", [b"", b"hello", b"%PDF-1.4 x", b"\x89PNG\r\n\x1a\nbroken"])
def test_what_is_no_picture_is_no_signature(district: District, content: bytes) -> None:
    case = a_visit(district)
    upload = SimpleUploadedFile("签名.png", content)
    with pytest.raises(NotPossible):
        keep_picture(case=case, material=PROVIDER, upload=upload, actor=district.inspector)
    assert not Attachment.objects.of(case).exists()


def test_a_signature_that_unpacks_to_a_gigabyte_is_refused_by_its_size(district: District) -> None:
    """It is looked at in the web process, beside everybody's pages."""
    case, out = a_visit(district), io.BytesIO()
    Image.new("1", (7600, 7600), 1).save(out, "PNG")
    assert len(out.getvalue()) < 30_000
    with pytest.raises(NotPossible, match="7600×7600 像素，太大了"):
        keep_picture(
            case=case,
            material=PROVIDER,
            upload=SimpleUploadedFile("签名.png", out.getvalue()),
            actor=district.inspector,
        )


def test_a_signature_on_paper_is_taken_from_a_large_photograph(district: District) -> None:
    case, out = a_visit(district), io.BytesIO()
    paper = Image.new("RGB", (6000, 4500), "white")
    ImageDraw.Draw(paper).line([(2000, 2000), (2400, 2300)], fill="black", width=9)
    paper.save(out, "JPEG")
    upload = SimpleUploadedFile("签名.jpg", out.getvalue())
    kept = keep_picture(case=case, material=PROVIDER, upload=upload, actor=district.inspector)
    assert kept.content_type == "image/jpeg"


def test_a_photographed_signature_is_printed_small_and_upright(district: District) -> None:
    paper, exif = Image.new("RGB", (4000, 3000), "white"), Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    out = io.BytesIO()
    paper.save(out, "JPEG", exif=exif)
    printed = as_printed(out.getvalue())
    assert Image.open(io.BytesIO(printed)).size == (1200, 1600)
    drawn = a_picture().read()
    assert Image.open(io.BytesIO(as_printed(drawn))).size == (300, 120)


def test_the_same_photograph_sent_twice_is_kept_once(district: District) -> None:
    case, picture = a_visit(district), a_picture(kind="JPEG")
    for _ in range(2):
        picture.seek(0)
        keep_picture(case=case, material=PHOTO, upload=picture, actor=district.inspector)
    assert Attachment.objects.of(case).count() == 1


def test_a_half_filled_sheet_is_kept_and_asks_for_nothing(district: District) -> None:
    case = a_visit(district)
    save_sheet(case=case, seen=seen(Found("other", "", "校规"), present=None), actor=district.inspector)
    save_sheet(case=case, seen=seen(a_finding(), present=12), actor=second_inspector(district))
    sheet = OnSiteSheet.objects.get()
    assert (sheet.present, sheet.sent_at, state_of(case)) == (12, None, "assigned")
    assert [each.kind for each in case.findings.all()] == ["false"]


def test_what_was_filed_is_frozen_in_the_record(district: District) -> None:
    course = a_class(district)
    enrolled(course, person_in(district.unit))
    case = recorded(district, a_finding(), Found("other", "门口张贴收费标准", "省办法"), case=a_visit(district, course))
    row = course.timetable.get()
    row.course = "改过的课"
    row.save()
    assert (case.sheet.filed["course"], case.sheet.filed["enrolled"]) == ("采后生理与品质控制", 1)
    assert case.sheet.filed["inspectors"] == [each.name for each in case.inspectors.all()]
    assert [(each.clause, each.half_day) for each in case.findings.all()] == [
        ("通知 一(五)4", "morning"),
        ("省办法", "morning"),
    ]


def test_a_finding_in_the_whole_class_has_no_half_day(district: District) -> None:
    case = recorded(district, Found("fees", "每人收 200 元", whole=True))
    found = case.findings.get()
    assert (found.date, found.half_day, found.clause) == (None, "", "通知 三2")


def test_the_half_day_is_that_of_the_timetable_or_the_hour(district: District) -> None:
    case, today = a_visit(district), clock.today()
    filed = as_filed(case, today)
    at = clock.now().replace(hour=20)
    assert [each.times for each in filed.lessons] == ["09:00–12:00"]
    assert filed.half_day_at(at) == "morning"
    assert as_filed(a_visit(district, None, place="3 楼"), today).half_day_at(at) == "evening"


# --- the page ---------------------------------------------------------------------------------------------------------


def test_by_plain_forms_a_visit_is_kept_then_signed_by_photograph_and_sent(phone: Client, district: District) -> None:
    case = a_visit(district)
    saved = phone.post(sheet_at(case), posted(action="save", present="", note="刚到"))
    assert saved.headers["Location"] == sheet_at(case)
    assert "刚到" in phone.get(sheet_at(case)).content.decode()
    signatures = {code: a_picture(kind="JPEG") for code in (*map(sign_code, case.inspectors.all()), PROVIDER)}
    sent = phone.post(sheet_at(case), {**posted(note="正常"), **signatures, "photo": a_picture(kind="JPEG")})
    assert sent.headers["Location"] == case.get_absolute_url()
    assert (state_of(case), Attachment.objects.of(case).count()) == ("recorded", 4)
    assert phone.get(sheet_at(case)).status_code == 302


def test_a_form_with_errors_keeps_the_pictures_and_tells_everything_at_once(phone: Client, district: District) -> None:
    case = a_visit(district)
    wrong = posted(present="", course="differs", found_false="on", signer="", note="", photo=a_picture(kind="JPEG"))
    page = phone.post(sheet_at(case), wrong)
    text = page.content.decode()
    assert page.status_code == 422
    for said in ("请填写当场清点的实到人数", "勾选了“弄虚作假”，请写明情况", "请填写单位签名人的姓名"):
        assert said in text
    assert Attachment.objects.of(case).count() == 1
    assert state_of(case) == "assigned"


def test_a_difference_without_a_word_is_asked_about(phone: Client, district: District) -> None:
    case = a_visit(district)
    page = phone.post(sheet_at(case), posted(lecturer="differs", note=""))
    assert "有与申报不一致的，请写明情况" in page.content.decode()


def test_a_phone_whose_clock_is_a_day_ahead_is_told_so(phone: Client, district: District) -> None:
    case = a_visit(district)
    ahead = (clock.now() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    page = phone.post(sheet_at(case), posted(visited_at=ahead))
    assert "到场时间在现在以后" in page.content.decode()


@pytest.mark.parametrize("moment", ["0001-01-01T00:00", "1899-12-31T08:00", "2026-01-01T08:30"])
def test_nobody_was_there_before_anybody_was_sent(district: District, phone: Client, moment: str) -> None:
    """A phone whose clock lost its date, which no database can keep either."""
    answer = phone.post(sheet_at(a_visit(district)), posted(visited_at=moment, action="save"), **JSON)
    assert "早于安排检查的" in answer.json()["fields"]["visited_at"][0]
    assert not OnSiteSheet.objects.exists()


def test_the_phone_sends_each_thing_by_itself(phone: Client, district: District) -> None:
    case = a_visit(district)
    assert phone.get(reverse("inspections:standing", args=[case.pk])).json()["open"] is True
    picture = reverse("inspections:picture", args=[case.pk])
    assert phone.post(picture, {PROVIDER: a_picture(blank=True)}).json()["errors"] == ["签名是空白的，请签名后再保存"]
    typed = posted()
    refused = phone.post(sheet_at(case), typed, **JSON)
    assert refused.status_code == 409
    assert "还差签名" in refused.json()["errors"][0]
    for code in (*map(sign_code, case.inspectors.all()), PROVIDER):
        assert phone.post(picture, {code: a_picture()}).status_code == 200
    for _ in range(2):
        assert phone.post(sheet_at(case), typed, **JSON).json() == {"done": case.get_absolute_url()}
    other = phone.post(sheet_at(case), posted(), **JSON)
    assert other.status_code == 409
    assert "已由" in other.json()["errors"][0]


def test_a_visit_that_was_cancelled_meanwhile_is_refused_with_a_way_on(phone: Client, district: District) -> None:
    case = a_visit(district)
    sign(case, district.inspector)
    fire(case, "cancel", actor=district.handler, note="改期")
    answer = phone.post(sheet_at(case), posted(), **JSON)
    assert answer.status_code == 409
    assert "已取消" in answer.json()["errors"][0]


@pytest.mark.parametrize("value", ["-1", "10000", "99999999999999999999", "四十"])
def test_numbers_that_are_none_are_pointed_out(phone: Client, district: District, value: str) -> None:
    case = a_visit(district)
    answer = phone.post(sheet_at(case), posted(present=value), **JSON)
    assert answer.status_code == 422
    assert "present" in answer.json()["fields"]


def test_a_strange_material_or_number_of_the_sheet_does_no_harm(phone: Client, district: District) -> None:
    case, other = a_visit(district), recorded(district)
    picture = reverse("inspections:picture", args=[case.pk])
    phone.post(picture, {"document": a_picture()})
    assert not Attachment.objects.of(case).exists()
    used = str(OnSiteSheet.objects.get(inspection=other).client_id)
    sign(case, district.inspector)
    assert phone.post(sheet_at(case), posted(client_id=used), **JSON).status_code == 409
    assert phone.post(sheet_at(case), posted(client_id="x"), **JSON).status_code == 422


def test_who_is_no_inspector_of_this_visit_finds_nothing(client: Client, district: District) -> None:
    case = a_visit(district)
    mate = second_inspector(district)
    third = type(mate).objects.get(pk=district.inspector.pk)
    case.inspectors.remove(third)
    client.force_login(third)
    for name in ("sheet", "standing"):
        assert client.get(reverse(f"inspections:{name}", args=[case.pk])).status_code == 404


def test_the_page_of_the_unit_says_nothing_of_why_it_was_visited(client: Client, district: District) -> None:
    case = a_visit(district, focus="是否点名后即散", origin="report")
    recorded(district, a_finding(), case=case)
    client.force_login(district.owner)
    text = client.get(case.get_absolute_url()).content.decode()
    assert "弄虚作假" in text
    for hidden in ("检查重点", "是否点名后即散", "举报"):
        assert hidden not in text


def test_the_record_is_printed_with_its_signatures(phone: Client, district: District) -> None:
    case = recorded(district, a_finding(), statement="三人因急事离场")
    answer: Any = phone.get(reverse("inspections:record_pdf", args=[case.pk]))
    said = text_of(answer.content)
    assert "三人因急事离场" in said
    assert f"提交：{chinese_day(clock.today())}" in said, "the year is not known by itself in five years"
    assert "“通知”指泉洛政人社〔2017〕27号文件" in said


def test_queries_do_not_grow(client: Client, district: District) -> None:
    """List, case and start page, with 3 visits and with 30."""
    case = recorded(district, a_finding())
    counts = []
    for more in (2, 27):
        for _ in range(more):
            a_visit(district)
        counts.append([queries(client, *each) for each in (
            (district.handler, reverse("inspections:list")),
            (district.inspector, reverse("inspections:list")),
            (district.inspector, "/"),
            (district.handler, reverse("inspections:inspection", args=[case.pk])),
            (district.inspector, sheet_at(Inspection.objects.filter(state="assigned").first())),
        )])  # fmt: skip
    assert counts[0] == counts[1]
    assert max(counts[0][:2]) <= 12
    assert max(counts[0][3:]) <= 20


def queries(client: Client, account: Any, address: str) -> int:
    client.force_login(account)
    client.get(address)
    with statements() as asked:
        assert client.get(address).status_code == 200
    return len(asked)


def test_a_photograph_that_was_not_meant_is_taken_away_until_the_record_is_sent(
    phone: Client, district: District
) -> None:
    case = a_visit(district)
    picture = reverse("inspections:picture", args=[case.pk])
    phone.post(picture, {"photo": a_picture(kind="JPEG", name="1.jpg")})
    assert phone.post(picture, {"remove": "1.jpg"}).headers["Location"] == sheet_at(case)
    assert not Attachment.objects.of(case).exists()
    done = recorded(district, case=a_visit(district))
    name = Attachment.objects.of(done).get(material=PHOTO).name
    phone.post(reverse("inspections:picture", args=[done.pk]), {"remove": name})
    assert Attachment.objects.of(done).filter(material=PHOTO).count() == 1


def test_pictures_come_through_the_sheet_alone(phone: Client, district: District) -> None:
    """The common way of files would take a document for a signature."""
    case = a_visit(district)
    key = ["training_inspections.inspection", case.pk, PROVIDER]
    address = reverse("files:upload", args=key)
    assert phone.post(address, {"files": SimpleUploadedFile("a.pdf", b"%PDF-1.4 x")}).status_code == 404
    assert not Attachment.objects.of(case).exists()

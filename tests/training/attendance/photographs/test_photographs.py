"""From a photograph to signs: proposals, and nothing recorded that no person has confirmed."""

from __future__ import annotations

import io
import re
from dataclasses import asdict
from datetime import time, timedelta
from threading import Thread
from typing import Any

import cv2
import numpy as np
import pikepdf
import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse
from PIL import Image

from luojiang_ce import clock
from luojiang_ce.files.models import Attachment
from luojiang_ce.jobs.models import Job
from luojiang_ce.jobs.services import run, sweep
from luojiang_ce.papers.rendering import render_joined
from luojiang_ce.refusals import NotPossible
from luojiang_ce.uploads.reader import Answer
from luojiang_ce.versions import Conflict
from tests.conftest import District
from tests.factories import person_in
from tests.queries import statements
from tests.stored import as_it_lies
from tests.training.attendance.photographs.drawing import as_jpeg
from tests.training.attendance.photographs.signed_sheets import (
    DAY,
    DRAWN,
    NAMES,
    a_class,
    photograph,
    printed,
    proposals,
    signed,
    take_in,
)
from tests.training.factories import class_of, enrol, recognition_of
from training.attendance.models import Sign
from training.attendance.photographs import services
from training.attendance.photographs.models import KEEP, Photograph
from training.attendance.photographs.proposals import Fault, Reading
from training.attendance.photographs.reader import SheetReader
from training.attendance.printing import sheets_of
from training.attendance.services import Wanted, correct_signs, record_signs, strike_signs
from training.attendance.timetable import class_oddities, slots_of_class, valid_signs
from training.classes.models import ClassApplication, Enrolment

pytestmark = pytest.mark.django_db
KEY = (DAY, "morning")


def client_of(account: Any) -> Client:
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def text_of(answer: Any) -> str:
    return re.sub(r"\s+", "", re.sub(r"<[^>]*>", "", answer.content.decode()))


def fields_of(html: str) -> dict[str, str]:
    """What a browser sends of the page as it stands: ticked boxes, the chosen of radios, the times, the version."""
    found = {}
    for tag in re.findall(r"<input[^>]*>", html):
        facts = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if "name" not in facts or facts["name"] == "csrfmiddlewaretoken" or facts.get("type") == "file":
            continue
        if facts.get("type") in ("checkbox", "radio") and " checked" not in tag:
            continue
        found[facts["name"]] = facts.get("value", "on")
    return found


@pytest.fixture
def confirmed(district: District) -> tuple[ClassApplication, list[Enrolment], Photograph]:
    """A class, its trainees, and a photograph that was read."""
    course, trainees = a_class(district)
    row = take_in(course, district.owner, photograph(signed(printed(course))))[0]
    return course, trainees, row


Made = tuple[ClassApplication, list[Enrolment], Photograph]


@pytest.mark.notice("一(五)3")
def test_a_photograph_becomes_proposals_and_nothing_is_recorded(confirmed: Made) -> None:
    _, trainees, row = confirmed
    assert (row.stage, row.key, row.page, row.pages, row.fault) == ("read", KEY, 1, 1, "")
    expected = [
        tuple({"empty": "empty", "struck": "doubtful", "dot": "doubtful"}.get(what, "signed") for what in pair)
        for pair in DRAWN
    ]
    assert proposals(row) == dict(zip([each.pk for each in trainees], expected, strict=True))
    assert not Sign.objects.exists()
    assert not Attachment.objects.exists()


def test_the_page_ticks_what_is_clear_and_asks_what_is_doubtful(confirmed: Made, district: District) -> None:
    course, trainees, row = confirmed
    client = client_of(district.owner)
    page = client.get(row.get_absolute_url())
    sent = fields_of(page.content.decode())
    doubtful = [f"in_{trainees[4].pk}", f"in_{trainees[5].pk}"]
    assert not {*doubtful} & sent.keys()
    assert {name for name in sent if name.startswith("in_")} == {f"in_{trainees[nth].pk}" for nth in (0, 1, 2)}
    assert {name for name in sent if name.startswith("out_")} == {f"out_{trainees[nth].pk}" for nth in (0, 2, 4, 5)}
    assert page.content.count(b"data:image/jpeg;base64,") == 2 * len(NAMES)
    refused = client.post(row.get_absolute_url(), sent)
    assert refused.status_code == 422
    assert "顾清和签到：有划线或涂抹" in text_of(refused)
    assert "宁致远签到：只有一点笔迹" in text_of(refused)
    assert not Sign.objects.exists()
    done = client.post(row.get_absolute_url(), {**sent, doubtful[0]: "empty", doubtful[1]: "signed"}, follow=True)
    assert "已登记签到4人、签退4人" in text_of(done)
    signs = Sign.objects.valid().values_list("enrolment", "kind", "time", "source")
    assert {(pk, kind) for pk, kind, _, _ in signs} == {
        *((trainees[nth].pk, "in") for nth in (0, 1, 2, 5)),
        *((trainees[nth].pk, "out") for nth in (0, 2, 4, 5)),
    }
    assert {(kind, at, source) for _, kind, at, source in signs} == {
        ("in", time(8, 30), "sheet"),
        ("out", time(11, 30), "sheet"),
    }
    kept = Attachment.objects.of(course.sheets.get()).get()
    assert (kept.material, kept.name) == ("scan", "IMG_1.jpg")


def decide_all(row: Photograph, trainees: list[Enrolment], actor: Any, **kwargs: Any) -> Any:
    pks = [each.pk for each in trainees]
    facts = {"time_in": time(8, 30), "time_out": time(11, 30), "signed": {"in": pks, "out": pks}, **kwargs}
    return services.confirm(photograph=row, actor=actor, **facts)


@pytest.mark.django_db(transaction=True)
def test_a_photograph_given_up_while_others_are_read_stops_none(district: District, monkeypatch: Any) -> None:
    course, _ = a_class(district)
    sheet = signed(printed(course))
    uploads = [SimpleUploadedFile(f"{n}.jpg", photograph(sheet, quality=80 + n)) for n in range(2)]
    job = services.take_in(application=course, uploads=uploads, actor=district.owner).job
    assert job is not None
    _, second = Photograph.objects.order_by("pk")
    keep = services.keep_readings

    def meanwhile(row: Photograph, readings: Any) -> None:
        keep(row, readings)
        services.discard(photograph=second, actor=district.owner)

    monkeypatch.setattr(services, "keep_readings", meanwhile)
    run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("done", 1)
    assert [row.stage for row in Photograph.objects.order_by("pk")] == ["read", "discarded"]


@pytest.mark.real_services
@pytest.mark.django_db(transaction=True)
def test_no_correction_comes_between_the_look_and_the_signs(
    confirmed: Made, district: District, monkeypatch: Any
) -> None:
    """Whoever corrects at that moment waits, and corrects what was confirmed."""
    _, trainees, row = confirmed
    look, waited = services.corrections_of, []

    def correct() -> None:
        try:
            correct_signs(
                enrolment=trainees[0], key=KEY, time_in=None, time_out=None, reason="代签", actor=district.colleague
            )
        finally:
            connection.close()

    office = Thread(target=correct)

    def meanwhile(seen: Photograph) -> Any:
        found = look(seen)
        office.start()
        office.join(2)
        waited.append(office.is_alive())
        return found

    monkeypatch.setattr(services, "corrections_of", meanwhile)
    decide_all(row, trainees, district.owner)
    office.join()
    assert waited == [True]
    assert not Sign.objects.valid().filter(enrolment=trainees[0]).exists()
    assert Sign.objects.filter(enrolment=trainees[0], struck_reason="代签").count() == 2


def test_confirming_twice_does_nothing_twice(confirmed: Made, district: District) -> None:
    course, trainees, row = confirmed
    done = decide_all(row, trainees, district.owner)
    assert (done.signed_in, done.signed_out) == (6, 6)
    # That all have one time comes of the page, which asks for one.
    assert class_oddities(slots_of_class(course), valid_signs(course), trainees) == []
    with pytest.raises(NotPossible, match="已登记"):
        decide_all(row, trainees, district.colleague)
    answer = client_of(district.owner).post(row.get_absolute_url(), {"do": "submit"}, follow=True)
    assert "没有重复办理" in text_of(answer)
    assert Sign.objects.count() == 12
    assert Attachment.objects.count() == 1


def test_two_photographs_of_the_same_page_record_once(district: District) -> None:
    course, trainees = a_class(district)
    sheet = signed(printed(course))
    one, other = take_in(course, district.owner, photograph(sheet, 1), photograph(sheet, 2))
    page = client_of(district.owner).get(reverse("photographs:class", args=[course.pk]))
    assert "同一页有几张照片" in text_of(page)
    decide_all(one, trainees[:2], district.owner)
    assert "已登记08:30" in text_of(client_of(district.owner).get(other.get_absolute_url()))
    done = decide_all(other, trainees[:2], district.owner)
    assert (done.signed_in, done.signed_out, done.left_alone) == (0, 0, 4)
    assert Sign.objects.count() == 4


def test_the_same_file_is_taken_in_once(district: District) -> None:
    course, _ = a_class(district)
    content = photograph(signed(printed(course)))
    take_in(course, district.owner, content)
    again = services.take_in(application=course, uploads=[SimpleUploadedFile("b.jpg", content)], actor=district.owner)
    assert again.job is None
    assert "已经上传过" in again.refused[0]
    assert course.photographs.count() == 1


@pytest.mark.parametrize("turned", [90, 180, 270])
def test_a_sheet_upside_down_or_across_is_turned(district: District, turned: int) -> None:
    course, trainees = a_class(district)
    content = photograph(signed(printed(course)), turned=turned)
    row = take_in(course, district.owner, content)[0]
    assert proposals(row)[trainees[0].pk] == ("signed", "signed")
    assert proposals(row)[trainees[3].pk] == ("empty", "empty")
    assert "自动转正" in text_of(client_of(district.owner).get(row.get_absolute_url()))


def test_a_pdf_that_was_written_and_not_scanned_is_told_as_that(district: District) -> None:
    """The sheet as it comes from here, not signed by anybody."""
    course, _ = a_class(district)
    content = render_joined(sheets_of(course, {"slot": f"{DAY}_morning"}), "签到表").content
    (row,) = take_in(course, district.owner, content, name="签到表.pdf")
    assert row.fault == Fault.NO_PICTURE
    assert "不是扫描件" in text_of(client_of(district.owner).get(reverse("photographs:class", args=[course.pk])))


def test_pages_come_in_any_order_and_a_pdf_is_as_many_as_it_has_pages(district: District) -> None:
    course, trainees = a_class(district, [f"温知{chr(0x4E00 + nth)}" for nth in range(30)])
    scans = [signed(printed(course, f"{DAY}_{half}", page)) for half, page in (("afternoon", 2), ("morning", 1))]
    pictures = [Image.open(io.BytesIO(photograph(scan, tilt=0.5))) for scan in scans]
    out = io.BytesIO()
    pictures[0].save(out, format="PDF", save_all=True, append_images=pictures[1:])
    rows = take_in(course, district.owner, out.getvalue(), name="扫描.pdf")
    assert [(row.key, row.page, row.part, row.stage) for row in rows] == [
        ((DAY, "afternoon"), 2, 1, "read"),
        (KEY, 1, 2, "read"),
    ]
    assert list(proposals(rows[0])) == [each.pk for each in trainees[23:]]
    decide_all(rows[0], trainees[23:25], district.owner)
    kept = Attachment.objects.get()
    assert (kept.name, kept.content_type) == ("扫描 第1页.jpg", "image/jpeg")


class Ending(SheetReader):
    """Its process ends over every page but the first of ten."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[int] = []

    def ask(self, content: bytes, **told: Any) -> Answer | None:
        self.asked.append(told["page"])
        return None if told["page"] else Answer(asdict(Reading(Fault.NO_PICTURE, pages=10)), b"")


def test_a_file_that_goes_on_asking_for_too_much_is_given_up() -> None:
    reader = Ending()
    found = list(reader.read(b"%PDF-1.7", is_pdf=True))
    assert [each.fault for each in found] == [Fault.NO_PICTURE, *[Fault.BROKEN] * 9]
    assert reader.asked == [0, 1, 2]


def test_the_owner_hears_of_every_page(district: District) -> None:
    """Of one that hears nothing for minutes the job is taken for dead, and done twice."""
    course, _ = a_class(district)
    row = take_in(course, district.owner, photograph(signed(printed(course))))[0]
    heard: list[int] = []
    with Ending() as reader:
        services._read(reader, row, lambda: heard.append(1))
    assert len(heard) == 10


def test_a_pdf_whose_pages_hold_no_pictures_is_told_page_by_page_and_stops_no_other(district: District) -> None:
    """The sheet itself as it was printed into a file, instead of its scan; pages of text between scans."""
    course, _ = a_class(district)
    empty, out = pikepdf.new(), io.BytesIO()
    for _ in range(3):
        empty.add_blank_page()
    empty.save(out)
    *pages, good = take_in(course, district.owner, out.getvalue(), photograph(signed(printed(course))))[:4]
    rows = {(row.part, row.stage, row.fault) for row in course.photographs.all()}
    assert {(number, "unread", "no-picture") for number in (1, 2, 3)} <= rows
    assert (0, "read", "") in rows
    owner = client_of(district.owner)
    assert "还没有签字的签到表" in text_of(owner.get(reverse("photographs:class", args=[course.pk])))
    assert all(owner.get(row.get_absolute_url()).status_code == 200 for row in (*pages, good))


def test_a_sheet_of_another_class_is_said_to_be_one(district: District) -> None:
    course, _ = a_class(district)
    mine = a_class(district, NAMES[:1], title="果蔬冷链保鲜技术培训班")[0]
    content = photograph(signed(printed(mine), DRAWN[:1]))
    row = take_in(course, district.owner, content)[0]
    assert (row.stage, row.fault) == ("unread", "other-class")
    said = text_of(client_of(district.owner).get(row.get_absolute_url()))
    assert "另一个班的签到表" in said
    assert "果蔬冷链保鲜技术培训班" in said


def test_nothing_is_said_of_a_neighbours_class(district: District) -> None:
    course, _ = a_class(district)
    theirs = class_of(district.neighbour_unit, opens_on=DAY, days=1, title="邻家的班")
    enrol(theirs, person_in(district.neighbour_unit, "莫知之"))
    row = take_in(course, district.owner, photograph(signed(printed(theirs), DRAWN[:1])))[0]
    said = text_of(client_of(district.owner).get(row.get_absolute_url()))
    assert "另一个班的签到表" in said
    assert "邻家的班" not in said


def test_a_print_of_an_older_roster_goes_by_its_own_lines(district: District) -> None:
    course, trainees = a_class(district)
    sheet = signed(printed(course))
    gone = trainees[0]
    gone.removed_at, gone.removed_reason = clock.now(), "退出"
    gone.save()
    added = enrol(course, person_in(district.unit, "裴南枝"))
    row = take_in(course, district.owner, photograph(sheet))[0]
    page = client_of(district.owner).get(row.get_absolute_url())
    said = text_of(page)
    assert "打印以后已不在名单的，不登记：温知故" in said
    assert "打印以后才加入名单的，不在这张表上，请另行登记：裴南枝" in said
    sent = fields_of(page.content.decode())
    assert f"in_{trainees[1].pk}" in sent
    assert not {f"in_{gone.pk}", f"in_{added.pk}"} & sent.keys()


def test_who_was_added_late_is_not_proposed(district: District) -> None:
    course, trainees = a_class(district)
    trainees[0].late_reason = "补报"
    trainees[0].save()
    row = take_in(course, district.owner, photograph(signed(printed(course))))[0]
    page = client_of(district.owner).get(row.get_absolute_url())
    assert "才补报的，从下一个半日起计学时，不登记：温知故" in text_of(page)
    assert f"in_{trainees[0].pk}" not in fields_of(page.content.decode())


def test_signatures_below_the_list_are_told(district: District) -> None:
    course, _ = a_class(district, NAMES[:2])
    row = take_in(course, district.owner, photograph(signed(printed(course), [DRAWN[0]] * 4)))[0]
    assert "空行里有2行笔迹" in text_of(client_of(district.owner).get(row.get_absolute_url()))


def unread(course: ClassApplication, district: District, content: bytes) -> tuple[str, str]:
    row = take_in(course, district.owner, content)[0]
    assert row.stage == "unread"
    assert not Sign.objects.exists()
    said = text_of(client_of(district.owner).get(row.get_absolute_url()))
    listed = text_of(client_of(district.owner).get(reverse("photographs:class", args=[course.pk])))
    assert "没有读出" in listed
    return row.fault, said


def test_not_a_sheet_at_all(district: District) -> None:
    course, _ = a_class(district)
    noise = np.random.default_rng(1).integers(0, 255, (900, 1200, 3), np.uint8)
    fault, said = unread(course, district, as_jpeg(noise))
    assert fault == "no-sheet"
    assert "没有找到签到表" in said


def test_a_blurred_photograph(district: District) -> None:
    course, _ = a_class(district)
    picture = cv2.GaussianBlur(signed(printed(course)).picture, (0, 0), 30)
    assert unread(course, district, as_jpeg(picture))[0] == "blurred"


def test_a_corner_that_was_cut_off_is_named(district: District) -> None:
    course, _ = a_class(district)
    picture = signed(printed(course)).picture
    picture[-400:, :400] = 90
    fault, said = unread(course, district, as_jpeg(picture))
    assert fault == "corners"
    assert "左下角的方块没有拍到" in said


def test_a_photograph_without_the_code(district: District) -> None:
    course, _ = a_class(district)
    picture = signed(printed(course)).picture
    picture[100:400, 1900:2230] = 255
    fault, said = unread(course, district, as_jpeg(picture))
    assert fault == "no-code"
    assert "读不出右上角的二维码" in said


def test_a_sheet_that_is_too_small_in_the_picture(district: District) -> None:
    course, _ = a_class(district)
    picture = np.full((2600, 3400, 3), 120, np.uint8)
    small = cv2.resize(signed(printed(course)).picture, (660, 934), interpolation=cv2.INTER_AREA)
    picture[300:1234, 500:1160] = small
    assert unread(course, district, as_jpeg(picture, 95))[0] in ("small", "no-code", "corners")


def test_a_damaged_picture_is_refused_at_once(district: District) -> None:
    course, _ = a_class(district)
    cut_off = photograph(signed(printed(course)))[:300] + b"\x00" * 200
    upload = SimpleUploadedFile("IMG_1.jpg", cut_off)
    taken = services.take_in(application=course, uploads=[upload], actor=district.owner)
    assert "没有传完整" in taken.refused[0]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("IMG.HEIC", b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00", "HEIC"),
        ("表.docx", b"PK\x03\x04 nothing", "不是照片或扫描件"),
        ("空.jpg", b"", "空文件"),
        ("断.jpg", b"\xff\xd8\xff\xe0", "打不开"),
    ],
)
def test_what_is_no_picture_is_refused_at_once(district: District, name: str, content: bytes, said: str) -> None:
    course, _ = a_class(district)
    taken = services.take_in(application=course, uploads=[SimpleUploadedFile(name, content)], actor=district.owner)
    assert said in taken.refused[0]
    assert not Job.objects.exists()


def test_a_hundred_megapixels_are_refused_without_being_unpacked(district: District) -> None:
    course, _ = a_class(district)
    out = io.BytesIO()
    Image.new("1", (10_000, 10_000)).save(out, format="PNG")
    huge = SimpleUploadedFile("大.png", out.getvalue())
    taken = services.take_in(application=course, uploads=[huge], actor=district.owner)
    assert "有 10000×10000 像素，太大了" in taken.refused[0]


def test_good_files_are_kept_beside_bad_ones(district: District) -> None:
    course, _ = a_class(district)
    good = SimpleUploadedFile("好.jpg", photograph(signed(printed(course))))
    client = client_of(district.owner)
    files = [good, SimpleUploadedFile("坏.txt", b"text")]
    answer = client.post(reverse("photographs:class", args=[course.pk]), {"files": files})
    job = Job.objects.get()
    assert answer.headers["Location"] == reverse("jobs:progress", args=[job.uid])
    assert "坏.txt" in text_of(client.get(answer.headers["Location"]))
    sweep()
    job.refresh_from_db()
    assert (job.state, job.message) == ("done", "1 页待您确认")
    assert job.result_url == reverse("photographs:class", args=[course.pk])


@pytest.mark.parametrize("count", [0, 41])
def test_no_files_or_too_many(district: District, count: int) -> None:
    course, _ = a_class(district)
    with pytest.raises(NotPossible):
        services.take_in(application=course, uploads=[SimpleUploadedFile("a.jpg", b"x")] * count, actor=district.owner)


def test_a_half_day_that_was_frozen_meanwhile(confirmed: Made, district: District) -> None:
    course, trainees, row = confirmed
    client = client_of(district.owner)
    sent = fields_of(client.get(row.get_absolute_url()).content.decode())
    recognition_of(course, state="submitted")
    doubtful = {f"in_{trainees[nth].pk}": "signed" for nth in (4, 5)}
    answer = client.post(row.get_absolute_url(), {**sent, **doubtful})
    assert answer.status_code == 422
    assert "学时认定" in text_of(answer)
    assert "现在不能登记" in text_of(client.get(row.get_absolute_url()))
    assert not Sign.objects.exists()


def test_a_correction_of_the_office_meanwhile_is_laid_before_whoever_confirms(
    confirmed: Made, district: District
) -> None:
    course, trainees, row = confirmed
    first = trainees[0]
    record_signs(
        application=course, wanted=[Wanted(first.pk, *KEY, time(8, 0), time(11, 0))], source="list",
        actor=district.owner,
    )  # fmt: skip
    client = client_of(district.owner)
    sent = fields_of(client.get(row.get_absolute_url()).content.decode())
    strike_signs(application=course, key=KEY, enrolments=[first.pk], reason="没有到课", actor=district.colleague)
    doubtful = {f"in_{trainees[nth].pk}": "signed" for nth in (4, 5)}
    answer = client.post(row.get_absolute_url(), {**sent, **doubtful})
    assert answer.status_code == 422
    assert "温知故签到：这个半日的记录已更正过" in text_of(answer)
    assert f"in_{first.pk}" not in fields_of(answer.content.decode())  # asked, whatever the sheet shows
    assert not Sign.objects.valid().exists()


def test_a_correction_between_reading_the_page_and_writing_it_is_a_conflict(
    confirmed: Made, district: District
) -> None:
    _, trainees, row = confirmed
    version = services.corrections_of(row).version
    correct_signs(
        enrolment=trainees[0], key=KEY, time_in=time(9, 0), time_out=None, reason="早退", actor=district.colleague
    )
    with pytest.raises(Conflict, match=district.colleague.name):
        decide_all(row, trainees, district.owner, version=version)
    assert Sign.objects.count() == 1


def test_what_was_recorded_meanwhile_stays_as_it_is(confirmed: Made, district: District) -> None:
    course, trainees, row = confirmed
    record_signs(
        application=course, wanted=[Wanted(trainees[0].pk, *KEY, time(8, 12), None)], source="list",
        actor=district.owner,
    )  # fmt: skip
    done = decide_all(row, trainees[:1], district.owner)
    assert (done.signed_in, done.signed_out, done.left_alone) == (0, 1, 1)
    assert trainees[0].signs.get(kind="in").time == time(8, 12)


def test_a_correction_after_the_confirmation_keeps_its_trace(confirmed: Made, district: District) -> None:
    _, trainees, row = confirmed
    decide_all(row, trainees[:1], district.owner)
    correct_signs(
        enrolment=trainees[0], key=KEY, time_in=time(9, 10), time_out=time(11, 30), reason="迟到", actor=district.owner
    )
    assert trainees[0].signs.count() == 3


def test_times_are_asked_for_where_somebody_signed(confirmed: Made, district: District) -> None:
    _, trainees, row = confirmed
    client = client_of(district.owner)
    sent = fields_of(client.get(row.get_absolute_url()).content.decode())
    doubtful = {f"in_{trainees[nth].pk}": "signed" for nth in (4, 5)}
    answer = client.post(row.get_absolute_url(), {**sent, **doubtful, "time_out": ""})
    assert "有4人定为已签，请填写签退时间" in text_of(answer)
    answer = client.post(row.get_absolute_url(), {**sent, **doubtful, "time_out": "08:00"})
    assert "签退时间须晚于签到时间" in text_of(answer)
    assert not Sign.objects.exists()


def test_a_half_day_that_left_the_timetable(confirmed: Made, district: District) -> None:
    course, _, row = confirmed
    course.timetable.filter(half_day="morning").delete()
    client = client_of(district.owner)
    assert "已没有计学时的课程" in text_of(client.get(row.get_absolute_url()))
    client.post(row.get_absolute_url(), {"do": "submit"})
    assert not Sign.objects.exists()


def test_the_start_page_names_what_waits_for_its_clerk(confirmed: Made, district: District) -> None:
    _, trainees, row = confirmed
    assert "1页已识别，确认以后才登记签到" in text_of(client_of(district.colleague).get("/"))
    assert "页已识别" not in text_of(client_of(district.neighbour).get("/"))
    decide_all(row, trainees[:1], district.owner)
    assert "页已识别" not in text_of(client_of(district.colleague).get("/"))


def test_who_may_see_it(confirmed: Made, district: District) -> None:
    _, _, row = confirmed
    for url in ("photograph", "picture"):
        address = reverse(f"photographs:{url}", args=[row.uid])
        found = {
            name: client_of(getattr(district, name)).get(address).status_code
            for name in ("owner", "colleague", "neighbour", "handler")
        }
        assert found == {"owner": 200, "colleague": 200, "neighbour": 404, "handler": 404}


def test_the_photograph_lies_encrypted_and_goes_once_it_is_decided(confirmed: Made, district: District) -> None:
    _, trainees, row = confirmed
    names = [row.content.name, row.cuts.name]
    assert not [name for name in names if b"\xff\xd8\xff" in as_it_lies(name)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.db.transaction.on_commit", lambda act, *args, **kwargs: act())
        decide_all(row, trainees[:1], district.owner)
    assert not any(default_storage.exists(name) for name in names)
    with Attachment.objects.get().file.open() as kept:
        assert kept.read(3) == b"\xff\xd8\xff"


def test_a_discarded_photograph_records_nothing_and_may_come_again(district: District) -> None:
    course, trainees = a_class(district)
    content = photograph(signed(printed(course)))
    row = take_in(course, district.owner, content)[0]
    client = client_of(district.colleague)
    answer = client.post(reverse("photographs:discard", args=[row.uid]), follow=True)
    assert "没有登记任何签到" in text_of(answer)
    with pytest.raises(NotPossible, match="已放弃"):
        decide_all(row, trainees, district.owner)
    assert take_in(course, district.owner, content)[-1].stage == "read"


def test_what_nobody_confirms_is_deleted_after_its_time(confirmed: Made) -> None:
    _, _, row = confirmed
    assert services.purge() == 0
    with clock.at(clock.now() + KEEP + timedelta(minutes=1)):
        assert services.purge() == 1
        assert services.purge() == 0
    row.refresh_from_db()
    assert (row.stage, row.content.name, row.cuts.name) == ("discarded", "", "")


def test_a_job_that_is_run_again_reads_nothing_twice(confirmed: Made) -> None:
    course, _, row = confirmed
    job = Job.objects.get()
    services.read_photographs(job, lambda done, total: None)
    assert course.photographs.count() == 1
    row.refresh_from_db()
    assert row.stage == "read"


def test_queries_do_not_grow_with_lines_or_photographs(district: District) -> None:
    course, _ = a_class(district, [f"温知{chr(0x4E00 + nth)}" for nth in range(20)])
    row = take_in(course, district.owner, photograph(signed(printed(course))))[0]
    client = client_of(district.owner)
    here = reverse("photographs:class", args=[course.pk])
    client.get(here)
    with statements() as few:
        client.get(here)
    for nth in range(30):
        Photograph.objects.create(
            application=course, name="x.jpg", sha256=str(nth), uploaded_by=district.owner, stage="unread",
            fault="no-sheet",
        )  # fmt: skip
    with statements() as many:
        client.get(here)
    assert len(many) == len(few) <= 20
    with statements() as asked:
        assert client.get(row.get_absolute_url()).status_code == 200
    assert len(asked) <= 20

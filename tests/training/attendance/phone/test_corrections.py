"""A trainee asks for a sign that is missing, the provider decides, all of it is marked (product.md A2)."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from luojiang_ce.files.models import Attachment
from luojiang_ce.workflow.engine import Refused, fire
from luojiang_ce.workflow.models import Event
from tests.factories import person_in
from tests.training.attendance.phone.phones import Phone, said, shown, slot_of, who
from tests.training.factories import enrol, recognition_of
from training.attendance.models import Sign
from training.attendance.phone.models import CorrectionRequest
from training.attendance.phone.services import MOST_ASKED

pytestmark = pytest.mark.django_db


def a_picture(colour="red"):
    file = BytesIO()
    Image.new("RGB", (60, 40), colour).save(file, "JPEG")
    return SimpleUploadedFile("课堂.jpg", file.getvalue(), "image/jpeg")


@pytest.fixture
def phone(course, morning, people, it_is):
    """It signed in; now it is evening."""
    made = Phone(course)
    made.scan_and_sign(shown(course, morning), **who(people[0]))
    it_is(18, 0)
    return made


@pytest.fixture
def request_(phone, morning):
    phone.ask(morning)
    return CorrectionRequest.objects.get()


@pytest.mark.notice("一(五)3")
def test_asked_and_granted_it_counts_and_is_marked(client, district, course, phone, morning):
    assert "申请更正签退" in said(phone.mine())
    answer = phone.ask(morning, reason="手机没电，李老师可以证明", picture=a_picture())
    assert answer.status_code == 302
    asked = CorrectionRequest.objects.get()
    assert (asked.unit, asked.kind, asked.state) == (district.unit, "out", "waiting")
    assert Attachment.objects.of(asked).count() == 1
    assert "待答复" in said(phone.mine())
    client.force_login(district.owner)
    assert "答复签到更正申请" in client.get("/").content.decode()
    page = client.get(asked.get_absolute_url()).content.decode()
    assert "手机没电，李老师可以证明" in page
    assert "课堂.jpg" in page
    fire(asked, "approve", actor=district.owner, note="情况属实")
    made = Sign.objects.get(kind="out")
    assert made.reason == "学员申请更正：手机没电，李老师可以证明"
    assert made.recorded_by == district.owner
    assert [event.name for event in Event.objects.filter(case_type="training_phone.correctionrequest")] == [
        "asked",
        "file_added",
        "approve",
    ]
    mine = said(phone.mine())
    assert "已计 4.0 学时" in mine
    assert "情况属实" in mine


def test_a_picture_that_went_with_a_refused_form_is_asked_for_again(phone, morning):
    """No browser gives a chosen file back."""
    answer = phone.ask(morning, reason="", picture=a_picture())
    assert answer.status_code == 422
    assert "图片：选好的文件没有留下，请再选一次" in said(answer)
    assert "没有留下" not in said(phone.ask(morning, reason=""))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"\0\0\0\x18ftypheic" + b"0" * 400, "兼容性最佳"),
        (b"%PDF-1.7 a paper", "不是照片"),
        (b"\xff\xd8\xff broken", "打不开"),
        (b"", "空"),
    ],
)
def test_what_is_no_photograph_is_refused_beside_its_field(phone, morning, content, why):
    answer = phone.ask(morning, picture=SimpleUploadedFile("IMG_2.jpg", content))
    assert answer.status_code == 422
    assert any(why in text for text in answer.context["form"].errors["picture"])
    assert "Word" not in said(answer)
    assert not CorrectionRequest.objects.exists()


def test_what_is_said_with_a_yes_stands_on_the_phone_and_fits_there(client, district, phone, request_):
    client.force_login(district.owner)
    address = reverse("workflow:act", args=["training_phone.correctionrequest", request_.pk, "approve"])
    assert "学员会在手机上看到" in said(client.get(address))
    assert client.post(address, {"note": "核" * 301}).status_code == 422  # what is kept of it takes no more
    assert client.post(address, {"note": "核" * 300}).status_code == 302
    assert "核" * 300 in said(phone.mine())


def test_refused_it_says_why_on_the_phone(district, phone, request_):
    fire(request_, "refuse", actor=district.owner, note="中途离开")
    assert "不予更正，中途离开" in said(phone.mine())
    assert not Sign.objects.filter(kind="out").exists()


def test_only_the_providers_clerk_decides(district, request_):
    for account in (district.neighbour, district.handler, district.approver):
        with pytest.raises(Refused):
            fire(request_, "approve", actor=account)
    assert CorrectionRequest.objects.visible_to(district.colleague).exists()
    assert not CorrectionRequest.objects.visible_to(district.neighbour).exists()


def test_asked_twice_it_is_asked_once(phone, morning):
    for _ in range(2):
        assert phone.ask(morning).status_code == 302
    assert CorrectionRequest.objects.count() == 1


def test_asked_again_in_other_words_it_says_that_it_is_asked_already(phone, morning, request_):
    answer = phone.ask(morning, reason="再补充一句")
    assert answer.status_code == 422
    assert "已经申请过，正在等办班单位答复" in said(answer)
    assert CorrectionRequest.objects.get().reason == request_.reason


def test_who_left_the_class_leads_to_no_page_that_is_not_there(client, district, course, request_):
    client.force_login(district.owner)
    signs = reverse("attendance:correct", args=[course.pk, *request_.key, request_.enrolment_id])
    assert signs in client.get(request_.get_absolute_url()).text
    request_.enrolment.removed_at, request_.enrolment.removed_reason = request_.created_at, "报错了"
    request_.enrolment.save()
    page = client.get(request_.get_absolute_url()).text
    assert signs not in page
    assert "已不在本班学员名单里" in page


def test_when_the_hours_are_handed_in_nothing_is_corrected_any_more(district, course, phone, morning, request_):
    recognition_of(course, state="submitted")
    with pytest.raises(Refused, match="学时认定"):
        fire(request_, "approve", actor=district.owner)
    fire(request_, "refuse", actor=district.owner, note="学时已报送认定，请由单位另报学时更正")
    answer = phone.ask(morning)
    assert "现在不能申请" in said(answer)
    assert "学时认定" in said(answer)
    assert CorrectionRequest.objects.count() == 1


def test_what_the_class_teacher_did_meanwhile_is_not_doubled(district, course, phone, morning, request_):
    from tests.training.factories import sign

    sign(request_.enrolment, morning.date, "morning", time_in=None, time_out=morning.ends_at)
    fire(request_, "approve", actor=district.owner)
    assert Sign.objects.valid().filter(kind="out").count() == 1


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"time": "08:00"}, "签退须晚于签到（08:21）"),
        ({"time": "18:30"}, "这个时间还没有到"),
        ({"time": "昨天"}, "请按 08:30 的样子填写时间"),
        ({"reason": ""}, "请写明原因"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(phone, morning, typed, says):
    answer = phone.ask(morning, **typed)
    assert answer.status_code == 422
    assert says in said(answer)
    if "reason" not in typed:
        assert "手机没电" in said(answer)
    assert not CorrectionRequest.objects.exists()


def test_a_file_that_is_no_picture_says_so_and_asks_nothing(phone, morning):
    answer = phone.ask(morning, picture=SimpleUploadedFile("x.jpg", b"MZ\x90\x00"))
    assert answer.status_code == 422
    assert not CorrectionRequest.objects.exists()
    assert not Attachment.objects.exists()


def test_there_is_nothing_to_ask_for_what_is_there_or_ahead(course, phone, morning, it_is):
    assert "已经签到，不用更正" in said(phone.ask(morning, "in"))
    tomorrow = slot_of(course, morning.date + timedelta(days=1))
    assert "以后才能申请" in said(phone.ask(tomorrow))


def test_it_is_refused_three_times_at_most(district, phone, morning):
    for _ in range(MOST_ASKED):
        phone.ask(morning)
        fire(CorrectionRequest.objects.get(state="waiting"), "refuse", actor=district.owner, note="不在场")
    assert "已申请过 3 次" in said(phone.ask(morning))
    assert CorrectionRequest.objects.count() == MOST_ASKED


def test_a_phone_that_is_not_known_asks_nothing(course, morning, it_is):
    it_is(18, 0)
    address = reverse("phone:ask", args=[course.pk, *morning.key, "out"])
    client = Phone(course).client
    assert client.get(address).status_code == 422
    assert client.post(address, {"time": "11:30", "reason": "x"}).status_code == 422
    assert not CorrectionRequest.objects.exists()


def test_a_form_of_another_page_is_not_taken(course, phone, morning):
    """Somebody else's page cannot make the phone ask."""
    address = reverse("phone:ask", args=[course.pk, *morning.key, "out"])
    assert "请再点一次提交" in said(phone.client.post(address, {"time": "11:30", "reason": "x", "ticket": "forged"}))
    assert not CorrectionRequest.objects.exists()


@pytest.mark.parametrize(
    "place", [("2026-05-11", "night", "out"), ("2026-05-12", "evening", "out"), ("2026-05-11", "morning", "up")]
)
def test_an_address_that_was_made_up_is_not_there(course, phone, place):
    assert phone.client.get(f"/s/{course.pk}/ask/{'/'.join(place)}/").status_code == 404


def test_many_are_granted_at_once(client, district, phone, request_):
    client.force_login(district.owner)
    page = client.get(reverse("phone:list")).content.decode()
    assert "同意更正" in page
    assert "温知故" in page


@pytest.mark.parametrize("rows", [3, 30])
def test_the_list_makes_no_more_queries_for_more_rows(client, district, rows, django_assert_max_num_queries):
    from tests.training.attendance.phone.cases import a_request

    for _ in range(rows):
        a_request(district)
    client.force_login(district.owner)
    with django_assert_max_num_queries(12):
        client.get(reverse("phone:list"))


def test_the_case_page_is_bounded(client, district, request_, django_assert_max_num_queries):
    client.force_login(district.owner)
    with django_assert_max_num_queries(20):
        client.get(request_.get_absolute_url())


def test_of_two_of_one_name_the_provider_sees_which_one_asks(client, district, course, request_):
    enrol(course, person_in(district.unit, "温知故"))
    client.force_login(district.owner)
    page = client.get(request_.get_absolute_url()).content.decode()
    assert f"温知故（{request_.enrolment.employer}）" in page

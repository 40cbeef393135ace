"""A trainee signs by phone (product.md A1): who is known, what is refused, and what nobody sees."""

from datetime import date, datetime, time, timedelta

import pytest
from django.urls import reverse

from luojiang_ce.clock import SHANGHAI
from luojiang_ce.workflow.models import Event
from tests.factories import id_number, person_in
from tests.training.attendance.phone.phones import Phone, said, shown, slot_of, who
from tests.training.factories import class_of, enrol, stranger
from training.attendance.models import Sign
from training.attendance.pages import sheet_history
from training.classes.models import ClassApplication
from units.identity import id_numbers

pytestmark = pytest.mark.django_db
DAY = date(2026, 5, 11)


def signs(course):
    rows = Sign.objects.valid().filter(enrolment__application=course).order_by("pk")
    return [(sign.enrolment.name, sign.kind, f"{sign.time:%H:%M}", sign.source) for sign in rows]


@pytest.mark.notice("一(五)3")
def test_a_trainee_signs_in_and_out_and_is_asked_once(course, morning, people, it_is):
    phone = Phone(course)
    first = phone.scan_and_sign(shown(course, morning), **who(people[0]))
    assert "签到成功" in said(first)
    assert "还要签退才计学时" in said(first)
    it_is(11, 32)
    scanned = phone.scan(shown(course, morning))
    assert scanned.context["form"] is None  # known: nothing is asked
    assert "温*故" in said(scanned)  # and nothing done before whoever holds it has seen for whom
    out = phone.sign(scanned)
    assert "已签退" in said(out)
    assert "已计 4.0 学时" in said(out)
    assert signs(course) == [("温知故", "in", "08:21", "phone"), ("温知故", "out", "11:32", "phone")]
    assert Event.objects.filter(name="signs_recorded", actor=None).count() == 2
    assert [event.by for event in sheet_history(course.sheets.get())] == ["学员扫码"]  # not the system


def test_a_class_that_gives_credits_speaks_of_no_hours(district, people, it_is):
    """Credits are given whole, for all half-days."""
    course = class_of(district.unit, measure="credits", credits={"class_2": "5"})
    enrol(course, people[0])
    morning, phone = slot_of(course, DAY), Phone(course)
    first = said(phone.scan_and_sign(shown(course, morning), **who(people[0])))
    it_is(11, 32)
    second = said(phone.scan_and_sign(shown(course, morning)))
    assert "还要签退才计入" in first
    assert "已计 1 / 4 个半日，学分以认定为准" in second
    assert "学时" not in first + second


def test_one_cookie_for_one_class_and_no_other(course, morning, people):
    phone = Phone(course)
    phone.scan_and_sign(shown(course, morning), **who(people[0]))
    assert [(each.key, each["path"]) for each in phone.client.cookies.values()] == [
        ("trainee", reverse("phone:mine", args=[course.pk]))
    ]
    assert phone.client.cookies["trainee"]["httponly"]
    assert people[0].id_number[-6:] not in phone.client.cookies["trainee"].value


def test_a_double_tap_and_a_repeated_request_sign_once(course, morning, people, it_is):
    phone = Phone(course)
    scanned = phone.scan(shown(course, morning))
    for minute in (21, 21, 23):
        it_is(8, minute)
        assert "08:21" in said(phone.sign(scanned, **who(people[0])))
    assert signs(course) == [("温知故", "in", "08:21", "phone")]
    assert "已签到" in said(phone.scan_and_sign(shown(course, morning)))


def test_a_code_photographed_and_used_a_minute_later(course, morning, people, it_is):
    address = shown(course, morning)
    it_is(8, 22)
    answer = Phone(course).scan(address)
    assert answer.status_code == 410
    assert "5月11日 上午 签到的二维码，已经过期" in said(answer)
    assert signs(course) == []


def test_a_page_opened_in_time_is_sent_from_another_phone(course, morning, people):
    """The page that a code opens in the class room, passed on to another town."""
    here, there = Phone(course), Phone(course)
    scanned = here.scan(shown(course, morning))
    assert "没有记住" in said(there.sign(scanned, **who(people[0])))
    there.scan(shown(course, morning))
    assert "不是这部手机扫的码" in said(there.sign(scanned, **who(people[0])))
    assert signs(course) == []


def test_a_poor_network_may_take_minutes_but_not_more(course, morning, people, it_is):
    phone = Phone(course)
    scanned = phone.scan(shown(course, morning))
    it_is(8, 32)
    assert "超过 10 分钟" in said(phone.sign(scanned, **who(people[0])))
    scanned = phone.scan(shown(course, morning))
    it_is(8, 40)
    assert "签到成功" in said(phone.sign(scanned, **who(people[0])))
    assert signs(course) == [("温知故", "in", "08:40", "phone")]


def test_a_scan_before_midnight_signs_nobody_out_after_it(district, people, it_is):
    """The time would be one of the next day, and 00:02 comes before the sign-in."""
    course = class_of(district.unit, half_days=("evening",))
    enrol(course, people[0])
    course.timetable.filter(date=DAY).update(ends_at=time(23, 30))
    evening, phone = slot_of(course, DAY, "evening"), Phone(course)
    it_is(19, 0)
    phone.scan_and_sign(shown(course, evening), **who(people[0]))
    it_is(23, 58)
    scanned = phone.scan(shown(course, evening))
    it_is(0, 2, day=DAY + timedelta(days=1))
    assert "已过零点" in said(phone.sign(scanned))
    assert signs(course) == [("温知故", "in", "19:00", "phone")]


def test_one_phone_for_two_people(course, morning, people, it_is):
    phone = Phone(course)
    phone.scan_and_sign(shown(course, morning), **who(people[0]))
    refused = phone.scan_and_sign(shown(course, morning), **who(people[1]))
    assert "这部手机本半日已为另一位学员签过" in said(refused)
    assert "温" not in said(refused)
    assert len(signs(course)) == 1
    it_is(14, 0)
    afternoon = slot_of(course, DAY, "afternoon")
    assert "签到成功" in said(phone.scan_and_sign(shown(course, afternoon), **who(people[1])))


def test_two_phones_for_one(course, morning, people, it_is):
    Phone(course).scan_and_sign(shown(course, morning), **who(people[0]))
    it_is(11, 31)
    other = Phone(course)
    refused = other.scan_and_sign(shown(course, morning), **who(people[0]))
    assert "您本半日已用另一部手机" in said(refused)
    assert len(signs(course)) == 1
    it_is(14, 0)
    assert "签到成功" in said(other.scan_and_sign(shown(course, slot_of(course, DAY, "afternoon")), **who(people[0])))


def test_a_phone_whose_clock_is_a_day_off(course, morning, people):
    """What a phone says of the time is never read."""
    phone = Phone(course)
    yesterday = {
        "HTTP_DATE": "Sun, 10 May 2026 00:21:00 GMT",
        "HTTP_IF_MODIFIED_SINCE": "Sun, 10 May 2026 00:21:00 GMT",
    }
    scanned = phone.client.get(shown(course, morning), **yesterday)
    phone.client.post(
        reverse("phone:sign", args=[course.pk]), {"ticket": scanned.context["ticket"], **who(people[0])}, **yesterday
    )
    assert signs(course) == [("温知故", "in", "08:21", "phone")]


def test_two_of_one_name_are_told_apart_by_their_numbers(district, course, morning):
    two = [person_in(district.neighbour_unit, "王伟") for _ in range(2)]
    rows = [enrol(course, person) for person in two]
    for person in two:
        Phone(course).scan_and_sign(shown(course, morning), **who(person))
    assert list(Sign.objects.values_list("enrolment", flat=True).order_by("pk")) == [row.pk for row in rows]


def test_two_of_one_name_whose_numbers_end_alike_give_the_whole_number(district, course, morning):
    numbers = [id_number(7, birth=date(1985, 3, 12)), id_number(7, birth=date(1985, 3, 12), area="999998")]
    body = next(
        made
        for made in (id_number(7, birth=date(1980, 1, 1) + timedelta(days=31 * n), area="999998") for n in range(4000))
        if made[-6:] == numbers[0][-6:]
    )
    first, second = (person_in(district.neighbour_unit, "王伟", number=each) for each in (numbers[0], body))
    enrol(course, first)
    row = enrol(course, second)
    phone = Phone(course)
    asked = phone.scan_and_sign(shown(course, morning), **who(second))
    assert "完整的证件号码" in said(asked)
    assert signs(course) == []
    phone.scan_and_sign(shown(course, morning), name="王伟", number=second.id_number)
    assert Sign.objects.get().enrolment == row


@pytest.mark.parametrize("ending", ["x", "X", "×", "Ｘ"])
def test_an_x_however_it_is_typed(district, course, morning, ending):
    number = next(made for made in map(id_number, range(1000, 1100)) if made.endswith("X"))
    enrol(course, person_in(district.neighbour_unit, "温知故", number=number))
    answer = Phone(course).scan_and_sign(shown(course, morning), name="温知故", number=number[-6:-1] + ending)
    assert "签到成功" in said(answer)


@pytest.mark.parametrize(
    ("kept", "typed"),
    [
        ("温知故", " 温 知　故 "),
        ("阿依古丽·买买提", "阿依古丽买买提"),
        ("阿依古丽·买买提", "阿依古丽•买买提"),
        ("阿依古丽·买买提", "阿依古丽.买买提"),
        ("Anna Müller", "anna müller"),
    ],
)
def test_a_name_however_it_is_typed(district, course, morning, kept, typed):
    person = person_in(district.neighbour_unit, kept)
    enrol(course, person)
    wide = person.id_number[-6:].translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    answer = Phone(course).scan_and_sign(shown(course, morning), name=typed, number=f" {wide} ")
    assert "签到成功" in said(answer)


def test_a_stranger_to_the_district_signs_too(course, morning):
    number = id_number()
    hashed = {"id_hash": id_numbers.lookup_hash(number), "last_six_hash": id_numbers.lookup_hash(number[-6:])}
    stranger(course, "外区学员", masked_id=id_numbers.mask(number), **hashed)
    assert "签到成功" in said(Phone(course).scan_and_sign(shown(course, morning), name="外区学员", number=number[-6:]))


def test_a_wrong_name_and_a_wrong_number_are_answered_alike(course, morning, people):
    """Nobody learns who is in the class."""
    there, nobody = (
        Phone(course).scan_and_sign(shown(course, morning), name=name, number="000000") for name in ("温知故", "无此人")
    )
    assert there.status_code == nobody.status_code == 422
    assert there.context["errors"] == nobody.context["errors"]
    assert 'value="温知故"' in said(there)  # nothing typed is lost


def test_what_is_missing_is_said_at_once(course, morning, people):
    answer = Phone(course).scan_and_sign(shown(course, morning), name="", number="12")
    assert [error.text for error in answer.context["errors"]] == [
        "请填写姓名",
        "证件号码后六位：请填写证件号码的后 6 位，现在太短",
    ]


def test_who_is_not_the_one_the_phone_knows_is_told_whom_it_knows_and_finds_back(course, morning, people):
    phone = Phone(course)
    assert "第一次在本班扫码" in said(phone.scan(shown(course, morning)))
    phone.scan_and_sign(shown(course, morning), **who(people[0]))
    page = said(phone.scan(shown(course, morning), other="1"))
    assert "这部手机在本班记着 温*故" in page
    assert "第一次在本班扫码" not in page
    assert reverse("phone:mine", args=[course.pk]) in page


def test_nothing_of_others_is_shown(course, morning, people):
    Phone(course).scan_and_sign(shown(course, morning), **who(people[1]))
    phone = Phone(course)
    pages = [phone.scan(shown(course, morning)), phone.scan_and_sign(shown(course, morning), **who(people[0]))]
    pages += [phone.mine(), phone.scan(shown(course, morning), other="")]
    for page in pages:
        assert "晓红" not in said(page)
        assert people[0].name not in said(page)  # the own name is masked: 温*故
        for person in people:
            assert person.id_number[-6:] not in said(page)


def test_a_phone_that_is_not_known_sees_no_class(course):
    answer = Phone(course).mine()
    assert answer.status_code == 422
    assert course.title not in said(answer)


def test_a_cookie_of_another_class_opens_nothing(district, course, morning, people):
    other = class_of(district.unit, title="另一个班")
    phone = Phone(course)
    phone.scan_and_sign(shown(course, morning), **who(people[0]))
    phone.client.cookies["trainee"]["path"] = "/"
    assert Phone(other).mine().status_code == 422
    assert phone.client.get(reverse("phone:mine", args=[other.pk])).status_code == 422


@pytest.mark.parametrize(
    ("at", "kind", "says"),
    [
        ((7, 29), "in", "从 07:30 开始，现在还没有到"),
        ((11, 31), "in", "到 11:30 为止，已经结束"),
        ((8, 29), "out", "从 08:30 开始，现在还没有到"),
        ((12, 31), "out", "到 12:30 为止，已经结束"),
    ],
)
def test_too_early_and_too_late_are_said_with_the_time(course, morning, it_is, at, kind, says):
    from training.attendance.phone.screen import screen_of

    it_is(*at)
    screen = screen_of(course, morning, kind)
    assert says in screen.closed
    assert screen.url == ""


def test_a_code_scanned_as_the_class_is_called_off(course, morning, people):
    address = shown(course, morning)
    ClassApplication.objects.filter(pk=course.pk).update(state="cancelled")
    assert Phone(course).scan(address).status_code == 404


def test_signing_out_without_having_signed_in_says_what_it_is_worth(course, morning, people, it_is):
    it_is(11, 31)
    answer = Phone(course).scan_and_sign(shown(course, morning), **who(people[0]))
    assert "没有签到记录" in said(answer)


def test_who_signed_out_by_mistake_signs_out_again(course, morning, people, it_is):
    it_is(8, 31)
    phone = Phone(course)
    phone.scan_and_sign(shown(course, morning, "out"), **who(people[0]))
    it_is(8, 33)
    phone.scan_and_sign(shown(course, morning, "in"))
    it_is(11, 31)
    assert "已计 4.0 学时" in said(phone.scan_and_sign(shown(course, morning, "out")))


def test_who_was_taken_off_the_list_is_asked_again(course, morning, people):
    phone = Phone(course)
    phone.scan_and_sign(shown(course, morning), **who(people[0]))
    course.enrolments.filter(name="温知故").update(
        removed_at=datetime(2026, 5, 11, tzinfo=SHANGHAI), removed_reason="退班"
    )
    assert phone.scan(shown(course, morning)).context["own"] is None
    assert "对不上" in said(phone.scan_and_sign(shown(course, morning), **who(people[0])))


def test_a_forged_cookie_is_none(course, morning, people):
    phone = Phone(course)
    phone.scan_and_sign(shown(course, morning), **who(people[0]))
    mine = phone.client.cookies["trainee"].value
    row = course.enrolments.get(name="李晓红")
    phone.client.cookies["trainee"] = mine.replace(f".{course.enrolments.get(name='温知故').pk}:", f".{row.pk}:")
    assert phone.mine().status_code == 422


@pytest.mark.parametrize("ticket", ["", "x", "x" * 5000, "\x00"])
def test_a_ticket_that_is_none(course, morning, people, ticket):
    phone = Phone(course)
    phone.scan(shown(course, morning))
    answer = phone.client.post(reverse("phone:sign", args=[course.pk]), {"ticket": ticket, **who(people[0])})
    assert answer.status_code == 422
    assert signs(course) == []

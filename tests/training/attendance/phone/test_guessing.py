"""The last six cannot be guessed, and whoever tries locks nobody out (product.md A1)."""

from datetime import timedelta

import pytest

from luojiang_ce.notices.models import Notice
from tests.factories import person_in
from tests.training.attendance.phone.phones import Phone, said, shown, who
from tests.training.factories import enrol, stranger
from training.attendance.models import Sign
from training.attendance.phone import guessing
from training.attendance.phone.models import Misses
from training.attendance.phone.tasks import purge_misses
from units.identity import id_numbers

pytestmark = pytest.mark.django_db
RIGHT = "签到成功"


def wrong(number: str, n: int) -> str:
    """Six digits that are not the end of the number."""
    return next(f"{m:06d}" for m in range(n * 7, n * 7 + 7) if f"{m:06d}" != number[-6:])


def guess(course, morning, name, number, *, phone=None, address="198.51.100.7"):
    return (phone or Phone(course, address)).scan_and_sign(shown(course, morning), name=name, number=number)


def test_a_phone_that_missed_five_times_is_told_to_stop(course, morning, people):
    phone = Phone(course)
    for n in range(guessing.OF_A_PHONE):
        assert "对不上" in said(guess(course, morning, f"某人{n}", "000000", phone=phone))
    closed = phone.scan_and_sign(shown(course, morning), **who(people[0]))
    assert "不再受理" in said(closed)
    assert "改好才能提交" not in said(closed)  # nothing that is typed there helps
    assert RIGHT in said(Phone(course).scan_and_sign(shown(course, morning), **who(people[0])))


def test_it_may_try_again_in_the_next_half_day(course, morning, people, it_is):
    from tests.training.attendance.phone.phones import slot_of

    phone = Phone(course)
    for _ in range(guessing.OF_A_PHONE):
        guess(course, morning, "温知故", "000000", phone=phone)
    it_is(14, 0)
    afternoon = slot_of(course, morning.date, "afternoon")
    assert RIGHT in said(phone.scan_and_sign(shown(course, afternoon), name=people[0].name, number=people[0].id_number))


def test_a_name_that_was_missed_five_times_needs_its_whole_number(course, morning, people):
    """The right end is not taken any more: it might be the sixth guess."""
    number = people[0].id_number
    for n in range(guessing.OF_A_NAME):
        guess(course, morning, people[0].name, wrong(number, n))
    asked = guess(course, morning, people[0].name, number[-6:])
    assert "请填写完整的证件号码" in said(asked)
    assert "证件号码后六位" not in said(asked)  # the field asks for what the sentence says
    assert not Sign.objects.exists()
    assert RIGHT in said(guess(course, morning, people[0].name, number))
    assert RIGHT in said(Phone(course).scan_and_sign(shown(course, morning), **who(people[1])))


def test_an_address_that_missed_often_gives_whole_numbers_and_others_do_not(course, morning, people):
    for n in range(guessing.OF_AN_ADDRESS):
        guess(course, morning, f"某人{n}", "000000")
    assert "请填写完整的证件号码" in said(guess(course, morning, people[0].name, people[0].id_number[-6:]))
    opened = Phone(course, "198.51.100.7").scan(shown(course, morning))
    assert "完整的证件号码" in said(opened)  # said before anything is typed
    elsewhere = guess(course, morning, people[0].name, people[0].id_number[-6:], address="203.0.113.9")
    assert RIGHT in said(elsewhere)


def test_in_a_class_that_is_being_guessed_whole_numbers_are_asked_of_new_phones(course, morning, people):
    known = Phone(course, "203.0.113.1")
    known.scan_and_sign(shown(course, morning), **who(people[1]))
    for n in range(guessing.OF_A_CLASS + len(people)):
        guess(course, morning, f"某人{n}", "000000", address=f"198.51.100.{n}")
    new = guess(course, morning, people[0].name, people[0].id_number[-6:], address="203.0.113.9")
    assert "请填写完整的证件号码" in said(new)
    assert RIGHT in said(guess(course, morning, people[0].name, people[0].id_number, address="203.0.113.9"))
    assert "已签到" in said(known.scan_and_sign(shown(course, morning)))  # never asked again


def test_whole_numbers_that_are_far_off_close_nobody(course, morning, people):
    for n in range(40):
        guess(course, morning, people[0].name, f"35050419{n:02d}0101{n:04d}", address=f"198.51.100.{n}")
    assert RIGHT in said(guess(course, morning, people[0].name, people[0].id_number))


def test_whoever_knows_all_but_the_end_has_five_tries_for_one_trainee(course, morning, people):
    number = people[0].id_number
    for n in range(guessing.NEAR):
        guess(course, morning, people[0].name, number[:-4] + f"{n:03d}0", address=f"198.51.100.{n}")
    assert "对不上" in said(guess(course, morning, people[0].name, number))
    assert RIGHT in said(Phone(course).scan_and_sign(shown(course, morning), **who(people[1])))


def test_of_a_stranger_to_the_district_any_whole_number_may_be_near(course, morning):
    person = {"id_hash": id_numbers.lookup_hash("A" * 12 + "123456"), "last_six_hash": id_numbers.lookup_hash("123456")}
    stranger(course, "外区学员", **person)
    for n in range(guessing.NEAR):
        guess(course, morning, "外区学员", f"3505041980010{n:05d}")
    assert "对不上" in said(guess(course, morning, "外区学员", "A" * 12 + "123456"))


def test_a_trainee_without_a_number_on_the_list_is_sent_to_the_class_teacher(course, morning):
    stranger(course, "外区学员")
    for number in ("123456", "", "999999198001010017"):
        assert RIGHT not in said(guess(course, morning, "外区学员", number))


def test_misses_keep_no_name_no_number_and_no_address(district, course, morning):
    person = person_in(district.neighbour_unit, "温知故")
    enrol(course, person)
    guess(course, morning, "温知故", "000000")
    kept = " ".join(Misses.objects.values_list("of", flat=True))
    assert "温" not in kept
    assert "000000" not in kept
    assert "198.51" not in kept
    assert Misses.objects.count() == 4


def alarms(account):
    return list(Notice.objects.filter(recipient=account).values_list("title", "text"))


def test_the_provider_is_told_once_that_a_class_is_guessed_at(district, course, morning, people):
    for n in range(guessing.OF_A_CLASS + len(people) - 1):
        guess(course, morning, f"某人{n}", "000000", address=f"198.51.100.{n}")
    assert alarms(district.owner) == []
    for n in range(5):
        guess(course, morning, "再一人", "000000", address=f"203.0.113.{n}")
    (title, text), *others = alarms(district.owner)
    assert (title, others) == (f"可能有人在猜学员的证件号码：{course}", [])
    assert "完整的证件号码" in text
    assert alarms(district.colleague) == alarms(district.owner)
    assert alarms(district.neighbour) == []


def test_so_it_is_of_many_misses_from_one_address(district, course, morning, people):
    for n in range(guessing.OF_AN_ADDRESS):
        guess(course, morning, f"某人{n}", "000000")
    assert len(alarms(district.owner)) == 1


def test_it_is_told_of_a_trainee_whom_no_new_phone_is_known_as(district, course, morning, people):
    number = people[0].id_number
    for n in range(guessing.NEAR + 2):
        guess(course, morning, people[0].name, number[:-4] + f"{n:03d}0")
    ((title, text),) = alarms(district.owner)
    assert title.startswith("有一名学员不能再用新手机扫码签到")
    assert text.startswith("温*故：")
    assert number[-6:] not in text


def test_misses_go_when_the_class_is_over_and_not_before(course, morning, people, it_is):
    guess(course, morning, "某人", "000000")
    it_is(23, 50, day=course.ends_on)
    assert purge_misses() == 0
    it_is(0, 10, day=course.ends_on + timedelta(days=1))
    assert purge_misses() == Misses.objects.count() + 4 == 4


def test_the_number_of_queries_does_not_grow_with_the_class(district, course, morning, django_assert_max_num_queries):
    phone = Phone(course)
    for n in range(30):
        enrol(course, person_in(district.neighbour_unit, f"学员{'一二三四五六七八九十'[n % 10]}{'甲乙丙'[n // 10]}"))
    trainee = person_in(district.neighbour_unit, "温知故")
    enrol(course, trainee)
    with django_assert_max_num_queries(12):
        scanned = phone.scan(shown(course, morning))
    with django_assert_max_num_queries(40):
        assert RIGHT in said(phone.sign(scanned, **who(trainee)))

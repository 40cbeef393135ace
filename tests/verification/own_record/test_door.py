"""A slip opens one person's record for some minutes, and neither a guess nor a stranger's hand does (product.md U6)."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.notices.models import Notice
from luojiang_ce.workflow.events import history
from tests.conftest import District
from tests.factories import person_in
from tests.verification.own_record.slips import door, knock, opened, slip_of, token_of
from units.models import Person
from verification.own_record import guessing
from verification.own_record.models import Misses, Slip
from verification.own_record.slips import make_slips, withdraw_slips
from verification.own_record.tasks import purge

pytestmark = pytest.mark.django_db
NOWHERE = "7K3QWD82MX4P0000"


@pytest.fixture
def person(district: District) -> Person:
    return person_in(district.unit, "温知故")


def text(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", response.content.decode()))


def page(response) -> str:
    """What stands there, without what differs by the request (the keys of its form, its address)."""
    return re.sub(r'value="([A-Za-z0-9]{64}|[\w-]{16})"|/own/[A-Z0-9]+/', "", response.content.decode())


def test_code_and_the_end_of_the_own_number_open_it_and_it_is_on_record(district, person, client):
    told = slip_of(person, district.owner)
    response = knock(client, told, person, slip_code=told.code.lower().replace("-", " "))
    assert (response.status_code, response.url) == (302, f"{door(token_of(told))}record/")
    shown = client.get(response.url)
    assert "温*故" in text(shown)
    assert "不接受个人申请" in text(shown)
    assert person.id_number not in shown.content.decode()
    assert shown.headers["Cache-Control"].startswith("max-age=0, no-cache, no-store")
    event = history(person).first()
    assert (event.name, event.actor, event.data) == ("own_record_opened", None, {"slip": told.slip.pk})


def test_neither_address_nor_code_is_kept_as_it_was_printed(district, person):
    told = slip_of(person, district.owner)
    kept = str(Slip.objects.values().get())
    assert token_of(told) not in kept
    assert told.code not in kept
    assert told.code.replace("-", "") not in kept


@pytest.mark.parametrize("number", ["000000", "", "12", "11111119850312111X"])
def test_in_somebody_elses_hand_it_opens_nothing_without_the_number(district, person, client, number):
    told = slip_of(person, district.owner)
    response = knock(client, told, person, number=number)
    assert response.status_code == 422
    assert "own" not in client.cookies
    assert client.get(f"{door(token_of(told))}record/").status_code == 302


def test_another_persons_number_does_not_open_it(district, person, client):
    other = person_in(district.unit, "岳临川")
    told = slip_of(person, district.owner)
    slip_of(other, district.owner)
    assert knock(client, told, other).status_code == 422


def test_a_wrong_code_a_wrong_number_and_an_address_that_is_none_are_answered_alike(district, person):
    told = slip_of(person, district.owner)
    for _ in range(guessing.OF_A_SLIP + 1):  # and so when there were too many
        wrong_code = knock(Client(), told, person, slip_code="0000-0000")
        typed = {"slip_code": "0000-0000", "number": person.id_number[-6:]}
        nowhere = Client().post(door(NOWHERE), typed)
        assert (wrong_code.status_code, nowhere.status_code) == (422, 422)
        assert page(wrong_code) == page(nowhere)
    assert page(Client().get(door(token_of(told)))) == page(Client().get(door(NOWHERE)))
    other = person_in(district.unit, "岳临川")
    wrong_number = knock(Client(), slip_of(other, district.owner), other, slip_code="0000-0000", number="000000")
    again = Client().post(door("0000000000000000"), {"slip_code": "0000-0000", "number": "000000"})
    assert page(wrong_number) == page(again)


def test_whoever_knows_the_address_alone_shuts_nobody_out(district, person, client):
    told = slip_of(person, district.owner)
    for n in range(3 * guessing.OF_A_SLIP):
        guess = "000000" if n % 2 else f"11111119850312{n:04d}"
        knock(Client(), told, person, slip_code="0000-0000", number=guess)
    for n in range(3 * guessing.NEAR):  # and knows the number besides
        knock(Client(), told, person, slip_code="0000-0000", number=f"{person.id_number[:-4]}{n:04d}")
    assert "请填写完整的证件号码" in text(knock(client, told, person))
    assert "完整的证件号码" in text(client.get(door(token_of(told))))
    assert knock(client, told, person, number=person.id_number).status_code == 302


def test_three_misses_in_its_life_ask_for_the_whole_number_and_the_clerk_is_told_once(district, person, client):
    """Waiting for the next day, or for its person to open it, gives whoever found the slip no more tries."""
    told = slip_of(person, district.owner)
    titles = Notice.objects.filter(recipient=district.owner, title__contains="多次填错")
    for n in range(guessing.OF_A_SLIP):
        assert titles.count() == 0
        with clock.at(clock.now() + timedelta(days=n)):
            assert "对不上" in text(knock(Client(), told, person, number="000000"))
            if n < guessing.OF_A_SLIP - 1:
                assert knock(Client(), told, person).status_code == 302
    purge()
    with clock.at(clock.now() + timedelta(days=9)):
        purge()
        for _ in range(2):
            assert "请填写完整的证件号码" in text(knock(client, told, person))
        knock(Client(), told, person, number="11111119850312111X")
        assert knock(client, told, person, number=person.id_number).status_code == 302
    assert titles.count() == 1
    client.force_login(district.owner)
    assert "填错 4 次" in text(client.get(reverse("own_record:person", args=[person.pk])))


def test_whoever_holds_a_slip_and_knows_most_of_the_number_does_not_try_the_rest_of_it(district, person, client):
    told = slip_of(person, district.owner)
    wrong = [f"{person.id_number[:-4]}{n:04d}" for n in range(guessing.NEAR + 1)]
    for number in [each for each in wrong if each != person.id_number][: guessing.NEAR]:
        assert "对不上" in text(knock(Client(), told, person, number=number))
    # The right one is answered as a wrong one: nothing tells him that he has found it.
    assert "对不上" in text(knock(client, told, person, number=person.id_number))
    assert Notice.objects.filter(recipient=district.owner, title__contains="已停用").count() == 1
    again = slip_of(person, district.owner)
    assert knock(client, again, person).status_code == 302


def test_an_address_that_is_none_asks_for_no_whole_number_elsewhere(district, person, monkeypatch):
    monkeypatch.setattr(guessing, "OF_ALL", 6)
    told = slip_of(person, district.owner)
    client = Client()
    for n in range(guessing.OF_A_NETWORK + 1):
        client.post(door(f"{n:016d}"), {"slip_code": "0000-0000", "number": "000000"})
        knock(client, told, person, slip_code="0000-0000", number="11111119850312111X")
    other = person_in(district.unit, "岳临川")
    assert knock(client, slip_of(other, district.owner), other).status_code == 302
    assert Notice.objects.filter(recipient=district.security_admin, title__contains="填错").count() == 1


def test_one_slip_in_hand_asks_for_no_whole_number_elsewhere(district, person, monkeypatch):
    monkeypatch.setattr(guessing, "OF_A_NETWORK", guessing.OF_A_SLIP + 1)
    told, other = slip_of(person, district.owner), person_in(district.unit, "岳临川")
    client = Client()
    for n in range(9):
        knock(client, told, person, number=f"{n:06d}")
        knock(client, told, person, number=f"11111119850312{n:04d}")
    assert knock(client, slip_of(other, district.owner), other).status_code == 302


def test_addresses_that_are_made_up_fill_no_table(district, client, monkeypatch):
    monkeypatch.setattr(guessing, "hash_of", lambda *said: "abc" + said[0])
    for n in range(9):
        client.post(door(f"{n:016d}"), {"slip_code": "0000-0000", "number": "000000"})
    assert Misses.objects.count() == 2


def test_many_ends_from_one_network_beside_right_codes_ask_it_for_whole_numbers(district, person, client, monkeypatch):
    """Somebody has a pile of slips."""
    monkeypatch.setattr(guessing, "OF_A_NETWORK", 6)
    told = slip_of(person, district.owner)
    for each in [person_in(district.unit) for _ in range(3)]:
        slip = slip_of(each, district.owner)
        for number in ("000000", "000001"):
            knock(client, slip, each, number=number)
    asked = knock(client, told, person)
    assert "请填写完整的证件号码" in text(asked)
    assert "完整的证件号码" in text(client.get(door(token_of(told))))
    elsewhere = Client(REMOTE_ADDR="198.51.100.9")
    assert "证件号码后六位" in text(elsewhere.get(door(token_of(told))))
    assert knock(elsewhere, told, person).status_code == 302
    assert knock(client, told, person, number=person.id_number).status_code == 302


def test_many_ends_everywhere_beside_right_codes_ask_everybody_and_tell_the_security_officer(
    district, person, monkeypatch
):
    monkeypatch.setattr(guessing, "OF_ALL", 6)
    told = slip_of(person, district.owner)
    for n in range(6):
        each = person_in(district.unit)
        knock(Client(REMOTE_ADDR=f"198.51.100.{n}"), slip_of(each, district.owner), each, number="000000")
    fresh = Client(REMOTE_ADDR="203.0.113.5")
    assert "请填写完整的证件号码" in text(knock(fresh, told, person))
    assert knock(fresh, told, person, number=person.id_number).status_code == 302
    assert Notice.objects.filter(recipient=district.security_admin, title__contains="填错").count() == 1


def test_over_or_withdrawn_it_says_so_to_its_holder_alone_and_closes_what_is_open(district, person, client):
    told = slip_of(person, district.owner, days=3)
    phone = opened(told, person)
    withdraw_slips(people=[person], actor=district.owner)
    assert phone.get(f"{door(token_of(told))}record/").status_code == 302
    assert "已收回" in text(knock(client, told, person))
    assert "对不上" in text(knock(client, told, person, slip_code="0000-0000"))
    again = slip_of(person, district.owner, days=3)
    with clock.at(clock.now() + timedelta(days=3)):
        assert knock(client, again, person).status_code == 302
    with clock.at(clock.now() + timedelta(days=4)):
        assert "已过有效期" in text(knock(Client(), again, person))


def test_a_new_slip_takes_the_place_of_the_old_one(district, person, client):
    old, new = slip_of(person, district.owner), slip_of(person, district.colleague)
    assert "已收回" in text(knock(client, old, person))
    assert knock(client, new, person).status_code == 302
    assert Slip.objects.standing().count() == 1


def test_what_is_open_closes_after_a_quarter_of_an_hour(district, person):
    told = slip_of(person, district.owner)
    phone = opened(told, person)
    with clock.at(clock.now() + timedelta(minutes=14)):
        assert phone.get(f"{door(token_of(told))}record/").status_code == 200
    with clock.at(clock.now() + timedelta(minutes=16)):
        assert phone.get(f"{door(token_of(told))}record/").status_code == 302


def test_it_can_be_closed_before(district, person):
    told = slip_of(person, district.owner)
    phone = opened(told, person)
    assert phone.post(f"{door(token_of(told))}close/").status_code == 302
    assert phone.get(f"{door(token_of(told))}record/").status_code == 302


def test_the_cookie_of_one_slip_opens_no_other(district, person):
    other = person_in(district.unit, "岳临川")
    told, theirs = slip_of(person, district.owner), slip_of(other, district.owner)
    phone = opened(told, person)
    value = phone.cookies["own"].value
    thief = Client()
    thief.cookies["own"] = value
    assert thief.get(f"{door(token_of(theirs))}record/").status_code == 302
    assert phone.cookies["own"]["path"] == door(token_of(told))
    assert phone.cookies["own"]["httponly"]


def test_a_person_who_moved_opens_the_own_record_with_the_old_slip(district, person, client):
    told = slip_of(person, district.owner)
    person.employments.update(ended_on=clock.today(), end_reason="moved")
    person.employments.create(unit=district.neighbour_unit)
    assert knock(client, told, person).status_code == 302
    assert district.neighbour_unit.name in text(client.get(f"{door(token_of(told))}record/"))
    # The old unit keeps the record no more: it neither sees nor withdraws the slip, the new one does.
    assert not Slip.objects.visible_to(district.owner).exists()
    assert Slip.objects.visible_to(district.neighbour).exists()


def test_many_slips_take_a_bounded_number_of_queries(district, django_assert_max_num_queries):
    few, many = ([person_in(district.unit) for _ in range(n)] for n in (3, 30))
    last_day = clock.today()
    for people in (few, many):
        with django_assert_max_num_queries(12):
            assert len(make_slips(people=people, last_day=last_day, actor=district.owner)) == len(people)
    assert len({each.token for each in Slip.objects.all()}) == 33


def test_counted_misses_are_forgotten_after_the_day(district, person):
    told = slip_of(person, district.owner)
    knock(Client(), told, person, number="000000")
    purge()
    assert Misses.objects.exists()
    with clock.at(clock.now() + timedelta(days=1)):
        assert "填错次数 3 条" in purge()
    assert not Misses.objects.exists()
    assert Slip.objects.get().misses == 1

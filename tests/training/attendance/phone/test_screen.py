"""The class's screen: the code as it is now, how many are there, and nothing else of anybody."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.urls import reverse

from tests.factories import person_in
from tests.training.attendance.phone.phones import Phone, shown, slot_of, who
from tests.training.factories import enrol, recognition_of
from training.attendance.phone.screen import screen_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def screen(client, district, course, morning):
    def get(kind="", **headers):
        client.force_login(district.owner)
        return client.get(reverse("phone:screen", args=[course.pk, *morning.key]), {"kind": kind}, **headers)

    return get


def test_it_shows_the_code_and_how_many_are_there(screen, course, morning, people):
    page = screen().content.decode()
    assert "<svg" in page
    assert '已签到 <b class="num">0</b> / 2 人' in page
    Phone(course).scan_and_sign(shown(course, morning), **who(people[0]))
    assert '已签到 <b class="num">1</b> / 2 人' in screen().content.decode()
    for person in people:
        assert person.name not in page


def test_the_code_changes_every_thirty_seconds(course, morning, it_is):
    seen = set()
    for second in range(0, 60, 5):
        it_is(8, 21, second)
        seen.add(shown(course, morning))
    assert len(seen) == 2


def test_htmx_gets_the_part_alone(screen):
    part = screen(headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert "<svg" in part


def test_signing_out_is_shown_when_asked_and_near_the_end(screen, it_is):
    it_is(9, 0)
    assert "已签退" in screen("out").content.decode()
    assert "已签到" in screen().content.decode()
    it_is(11, 25)
    assert "已签退" in screen().content.decode()


@pytest.mark.parametrize(("minute", "half_day"), [(29, "morning"), (30, "afternoon")])
def test_the_class_leads_to_the_half_day_that_people_sign_out_of(client, district, course, it_is, minute, half_day):
    """The morning is over at 11:30, and phones sign out of it for an hour."""
    it_is(12, minute)
    client.force_login(district.owner)
    page = client.get(reverse("attendance:class", args=[course.pk])).content.decode()
    address = reverse("phone:screen", args=[course.pk, "2026-05-11", half_day])
    assert f'href="{address}"' in page


def test_a_screen_for_another_day_says_why_there_is_no_code(client, district, course, morning):
    client.force_login(district.owner)
    tomorrow = morning.date + timedelta(days=1)
    page = client.get(reverse("phone:screen", args=[course.pk, tomorrow, "morning"])).content.decode()
    assert "还没有到" in page
    assert '<svg class="lj-qr' not in page
    assert client.get(reverse("phone:screen", args=[course.pk, tomorrow, "evening"])).status_code == 404


def test_no_code_once_the_hours_are_handed_in(course, morning):
    recognition_of(course, state="submitted")
    assert "学时认定" in screen_of(course, morning).closed


def test_screen_and_phone_say_which_session_it_is(client, district, course, morning):
    """Two sessions of one project may be on at once, next door."""
    client.force_login(district.owner)
    page = client.get(reverse("phone:screen", args=[course.pk, *morning.key]))
    assert f"<h1>{course}</h1>" in page.content.decode()
    assert f"<b>{course}</b>" in client.get(shown(course, morning)).content.decode()


def test_the_picture_holds_the_address_of_this_installation(course, morning, settings):
    settings.PUBLIC_URL = "https://jxjy.example"
    url = screen_of(course, morning).url
    assert urlsplit(url).netloc == "jxjy.example"
    assert len(url) < 90  # a coarse picture


def test_queries_do_not_grow_with_the_class(district, course, morning, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counts = []
    for _ in range(2):
        enrol(course, person_in(district.neighbour_unit))
        with CaptureQueriesContext(
            connection,
        ) as made:
            screen_of(course, slot_of(course, morning.date))
        counts.append(len(made))
    assert counts[0] == counts[1]


def test_the_sheet_tells_what_phones_brought_in_one_line(client, district, course, morning, people):
    for person in people:
        Phone(course).scan_and_sign(shown(course, morning), **who(person))
    client.force_login(district.owner)
    page = client.get(reverse("attendance:half_day", args=[course.pk, *morning.key])).content.decode()
    assert page.count("登记：签到 2 人") == 1
    assert "登记：签到 1 人" not in page

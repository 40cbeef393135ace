"""The clerk's side: slips for one, for those ticked, for the whole unit; the sheet is for whoever had it made."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from luojiang_ce import clock
from luojiang_ce.jobs.models import Job
from luojiang_ce.jobs.services import sweep
from luojiang_ce.sheets import kept
from luojiang_ce.workflow.events import history
from tests.conftest import District
from tests.factories import person_in
from tests.verification.own_record.slips import slip_of
from units.models import Assignment
from verification.own_record.models import Slip
from verification.own_record.printing import GONE, KEEP
from verification.own_record.slips import make_slips
from verification.own_record.tasks import purge

pytestmark = pytest.mark.django_db


def browser(account) -> Client:
    client = Client()
    client.force_login(account)
    return client


def until(days: int = 10) -> dict[str, str]:
    return {"last_day": (clock.today() + timedelta(days=days)).isoformat(), "do": "submit"}


def printed() -> tuple[Job, str]:
    """The last job, and what its sheet says."""
    job = Job.objects.latest("pk")
    content = kept.kept(job, job.owner)
    assert content
    pages = PdfReader(io.BytesIO(content)).pages
    return job, re.sub(r"\s", "", "".join(page.extract_text() for page in pages))


def test_seven_ticked_people_get_seven_slips_on_two_pages(district: District) -> None:
    people = [
        person_in(district.unit, name)
        for name in ("温知故", "岳临川", "顾清和", "傅以宁", "沈听澜", "夏知远", "裴南枝")
    ]
    client = browser(district.owner)
    asked = client.post(reverse("own_record:many"), {"cases": [each.pk for each in people]})
    assert "给 7 人打印本人查阅条" in asked.content.decode()
    ticked = re.findall(r'name="people" value="(\d+)"', asked.content.decode())
    assert sorted(map(int, ticked)) == [each.pk for each in people]
    assert client.post(reverse("own_record:many"), {"people": ticked, **until()}).status_code == 302
    sweep()
    _, said = printed()
    assert said.count("本人查阅条") == 7
    assert all(each.name in said for each in people)
    assert not any(each.id_number in said for each in people)
    assert "*" not in said  # not even its end, which the page asks for
    assert len(set(re.findall(r"/own/([0-9A-Z]{16})/", said))) == 7


def test_the_whole_unit_and_nobody_of_another(district: District) -> None:
    own = [person_in(district.unit, name) for name in ("温知故", "岳临川")]
    person_in(district.neighbour_unit, "外人")
    gone = person_in(district.unit, "已离开")
    gone.employments.update(ended_on=clock.today(), end_reason="left")
    assert browser(district.owner).post(reverse("own_record:everybody"), until()).status_code == 302
    sweep()
    assert set(Slip.objects.values_list("person", flat=True)) == {each.pk for each in own}


def test_how_many_slips_are_replaced_is_said_before(district: District) -> None:
    people = [person_in(district.unit, name) for name in ("温知故", "岳临川", "白若谷")]
    address = reverse("own_record:everybody")
    assert "随即作废；" not in browser(district.owner).get(address).content.decode()
    make_slips(people=people[:2], last_day=clock.today() + timedelta(days=30), actor=district.owner)
    assert "其中 2 人有现行的查阅条，生成后那 2 张随即作废" in browser(district.owner).get(address).content.decode()


def test_nobody_ticked_is_said(district: District) -> None:
    response = browser(district.owner).post(reverse("own_record:many"), {"back": "/people/"}, follow=True)
    assert "还没有勾选" in response.content.decode()


def test_people_of_another_unit_are_no_choice(district: District) -> None:
    other = person_in(district.neighbour_unit)
    response = browser(district.owner).post(reverse("own_record:many"), {"people": [other.pk], **until()})
    assert response.status_code == 422
    assert not Job.objects.exists()


@pytest.mark.parametrize("days", [-1, 181])
def test_a_day_in_the_past_or_too_far_is_refused_with_what_may_be_chosen(district: District, days: int) -> None:
    person = person_in(district.unit)
    address = reverse("own_record:person", args=[person.pk])
    response = browser(district.owner).post(address, {"people": [person.pk], **until(days)})
    assert response.status_code == 422
    assert "之间的一天" in response.content.decode()


def test_who_left_before_the_worker_came_gets_none(district: District) -> None:
    people = [person_in(district.unit, name) for name in ("温知故", "岳临川")]
    typed = {"people": [each.pk for each in people], **until()}
    browser(district.owner).post(reverse("own_record:many"), typed)
    people[0].employments.update(ended_on=clock.today(), end_reason="moved")
    sweep()
    assert list(Slip.objects.values_list("person", flat=True)) == [people[1].pk]
    assert "另 1 人已不由您管理" in Job.objects.latest("pk").message


def test_the_former_slip_is_on_record_as_replaced(district: District) -> None:
    person = person_in(district.unit)
    first, second = slip_of(person, district.owner), slip_of(person, district.colleague)
    found = [(event.name, event.data["slip"], event.actor) for event in history(person)]
    assert found[:2] == [
        ("slip_made", second.slip.pk, district.colleague),
        ("slip_replaced", first.slip.pk, district.colleague),
    ]
    assert found[2:] == [("slip_made", first.slip.pk, district.owner)]


def test_taken_up_again_by_another_worker_the_last_sheet_is_the_one_that_opens(district: District) -> None:
    from verification.own_record.printing import print_slips

    person = person_in(district.unit)
    address = reverse("own_record:person", args=[person.pk])
    browser(district.owner).post(address, {"people": [person.pk], **until()})
    sweep()
    first = printed()[1]
    print_slips(Job.objects.latest("pk"), lambda done, of: None)
    assert printed()[1] != first
    assert Slip.objects.standing().count() == 1


def test_the_sheet_is_its_owners_alone_and_gone_after_a_day(district: District) -> None:
    person = person_in(district.unit)
    address = reverse("own_record:person", args=[person.pk])
    client = browser(district.owner)
    client.post(address, {"people": [person.pk], **until()})
    sweep()
    job, _ = printed()
    sheet = reverse("own_record:printed", args=[job.uid])
    assert client.get(sheet)["Content-Type"] == "application/pdf"
    assert browser(district.colleague).get(sheet).status_code == 404
    with clock.at(clock.now() + KEEP + timedelta(minutes=1)):
        purge()
        next_day = browser(district.owner)  # no session lasts as long
        assert GONE in next_day.get(sheet, follow=True).content.decode()


def test_a_clerk_whose_role_has_ended_opens_it_no_more(district: District) -> None:
    person = person_in(district.unit)
    browser(district.owner).post(reverse("own_record:person", args=[person.pk]), {"people": [person.pk], **until()})
    sweep()
    job, _ = printed()
    Assignment.objects.filter(account=district.owner).delete()
    assert kept.kept(job, district.fresh(district.owner)) is None


def test_the_list_asks_as_often_for_thirty_as_for_three(district: District, django_assert_max_num_queries) -> None:

    client = browser(district.owner)
    for number in (3, 27):
        people = [person_in(district.unit) for _ in range(number)]
        make_slips(people=people, last_day=clock.today(), actor=district.owner)
        with django_assert_max_num_queries(12):
            assert client.get(reverse("own_record:slips")).status_code == 200

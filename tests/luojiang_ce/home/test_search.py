"""The search box: people, units, classes, papers and case numbers, each only to whom they are visible."""

from __future__ import annotations

import pytest
from django.urls import reverse

from tests.factories import person_in
from tests.queries import statements
from tests.training.classes.factories import an_application
from training.classes.models import ClassApplication

pytestmark = pytest.mark.django_db
URL = reverse("home:search")


def html(client, account, words, **options):
    client.force_login(account)
    return client.get(URL, {"q": words}, **options)


def test_classes_are_found_by_words_of_their_name(client, district):
    mine = an_application(district.unit, title="果蔬冷链保鲜技术培训班")
    an_application(district.unit, title="果蔬冷链物流培训班")
    found = html(client, district.owner, "冷链 果蔬").content.decode()
    assert str(mine) in found
    assert found.count("果蔬冷链") >= 2


def test_a_number_leads_straight_to_its_case(client, district):
    case = an_application(district.unit, ClassApplication.State.SUBMITTED)
    assert html(client, district.handler, case.number).url == case.get_absolute_url()


def test_a_draft_and_a_neighbours_case_are_not_found(client, district):
    draft = an_application(district.unit, title="只有本单位知道的班")
    filed = an_application(district.unit, ClassApplication.State.SUBMITTED)
    assert html(client, district.owner, "只有本单位知道").url == draft.get_absolute_url()
    for account in (district.neighbour, district.handler):
        assert "没有找到" in html(client, account, "只有本单位知道").content.decode()
    assert html(client, district.neighbour, filed.number).status_code == 200  # nothing to go to


def test_people_are_found_as_in_their_list_by_who_reads_people(client, district):
    person = person_in(district.unit, "王小明")
    assert html(client, district.owner, "wxm").url == person.get_absolute_url()
    assert html(client, district.neighbour, "王小明").status_code == 200
    assert html(client, district.system_admin, "王小明").status_code == 200


def test_a_unit_is_found_by_each_of_its_names(client, district):
    unit = district.neighbour_unit
    assert html(client, district.handler, unit.name).url == unit.get_absolute_url()


def test_nothing_typed_and_nothing_found(client, district):
    assert "请写要找的" in html(client, district.owner, "  ").content.decode()
    assert "没有找到" in html(client, district.owner, "没有这回事%_'\"<b>" * 9).content.decode()


def test_more_than_fits_leads_into_the_list(client, district):
    for _ in range(10):
        an_application(district.unit, title="同名 & 培训班")
    found = html(client, district.owner, "同名 &").content.decode()
    assert f"{reverse('classes:list')}?q=%E5%90%8C%E5%90%8D+%26" in found


def test_queries_do_not_grow_with_the_hits(client, district):
    an_application(district.unit, title="同名培训班")
    an_application(district.unit, title="同名培训班")
    with statements() as few:
        html(client, district.owner, "同名")
    for _ in range(8):
        an_application(district.unit, title="同名培训班")
    with statements() as many:
        html(client, district.owner, "同名")
    assert len(many) <= len(few)


def test_the_board_knows_the_full_name_of_a_unit(client, district):
    district.unit.short_name = "青麓"
    district.unit.save()
    case = an_application(district.unit, ClassApplication.State.SUBMITTED)
    an_application(district.neighbour_unit, ClassApplication.State.SUBMITTED, title="邻单位的班")
    client.force_login(district.handler)
    found = client.get(reverse("deadlines:board"), {"q": district.unit.name}).content.decode()
    assert case.title in found
    assert "邻单位的班" not in found

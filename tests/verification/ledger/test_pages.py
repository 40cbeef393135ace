"""The pages of the ledger: what they show, to whom, and with how many queries."""

from datetime import date, datetime
from decimal import Decimal

import pytest
import time_machine

from luojiang_ce.clock import SHANGHAI
from tests.factories import person_in
from tests.queries import statements
from units.models import Employment, StudyPeriod
from verification.ledger import registry
from verification.ledger.services import counter

from .entries import a_source, hours, posted

pytestmark = pytest.mark.django_db
PEOPLE = "/ledger/"


@pytest.fixture(autouse=True)
def _in_november():
    with time_machine.travel(datetime(2026, 11, 24, 9, tzinfo=SHANGHAI), tick=False):
        yield


@pytest.fixture
def person(district):
    return person_in(district.unit)


def get(client, account, address, **query) -> str:
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return read(client, address, **query)


def read(client, address, **query) -> str:
    answer = client.get(address, query)
    assert answer.status_code == 200
    return answer.content.decode()


class TestPeople:
    def test_shows_the_sums_of_the_year(self, client, district, person):
        entries = [hours(person, "60"), hours(person, "30.5", subject="public"), hours(person, "8", 2025)]
        posted(a_source(), district.handler, *entries)
        html = get(client, district.owner, PEOPLE)
        for amount in ("60.0", "30.5", "90.5"):
            assert f">{amount}</td>" in html
        assert ">8.0</td>" not in html
        assert ">8.0</td>" in get(client, district.owner, PEOPLE, year="2025")

    def test_a_clerk_sees_nobody_of_another_unit(self, client, district, person):
        person_in(district.neighbour_unit, "孟归鸿")
        html = get(client, district.owner, PEOPLE)
        assert person.name in html
        assert "孟归鸿" not in html
        assert "全部单位" not in html

    def test_who_has_left_is_not_listed(self, client, district, person):
        Employment.objects.filter(person=person).update(ended_on=date(2026, 6, 30))
        assert person.name not in get(client, district.owner, PEOPLE)

    def test_filters_by_name_pinyin_category_and_unit(self, client, district, person):
        other = person_in(district.neighbour_unit, "孟归鸿", category="teacher")
        for query in ({"q": "孟归"}, {"q": "MGH"}, {"category": "teacher"}, {"unit": str(district.neighbour_unit.pk)}):
            html = get(client, district.handler, PEOPLE, **query)
            assert other.name in html
            assert person.name not in html

    @pytest.mark.parametrize("query", ["year=x", "year=9999", "unit=0", "category=x", "page=-1", "sort=x"])
    def test_a_query_that_makes_no_sense_does_no_harm(self, client, district, person, query):
        assert "学时记录" in get(client, district.handler, f"{PEOPLE}?{query}")

    def test_masks_the_id_number(self, client, district, person):
        html = get(client, district.owner, PEOPLE)
        assert person.masked_id in html
        assert person.id_number not in html

    @pytest.mark.parametrize("who", ["owner", "handler"])
    def test_as_many_queries_for_30_as_for_3(self, client, district, who):
        counts = []
        for number in (3, 27):
            people = [
                person_in(district.unit, category=kind)
                for kind in ("general", "medical", "teacher")
                for _ in range(number // 3)
            ]
            posted(a_source(), district.handler, *(hours(each) for each in people))
            for each in people:
                StudyPeriod.objects.create(person=each, kind="cycle", first_year=2022, last_year=2026)
            client.force_login(getattr(district, who), backend="django.contrib.auth.backends.ModelBackend")
            with statements() as queries:
                read(client, PEOPLE)
            assert len(queries) <= 12, queries
            counts.append(len(queries))
        assert counts[0] == counts[1]


class TestPerson:
    def address(self, person) -> str:
        return f"/ledger/people/{person.pk}/"

    def test_shows_entries_and_their_state(self, client, district, person):
        kept, gone = posted(
            a_source(),
            district.handler,
            hours(person, "4.5", title="在岗培训", organiser="洛江区测试培训中心", date_from=date(2026, 5, 11)),
            hours(person, "3", subject="public", title="公共课", course="师德修养"),
        )
        counter(entry=gone, reason="监督检查：签到不实", actor=district.approver)
        html = get(client, district.owner, self.address(person))
        for text in (
            kept.title,
            kept.organiser,
            "2026年5月11日",
            "4.5 学时",
            "已冲销",
            "冲销",
            "签到不实",
            "师德修养",
            "-3.0",
        ):
            assert text in html
        assert "专业科目 4.5" in html

    def test_a_year_of_its_own(self, client, district, person):
        posted(a_source(), district.handler, hours(person, year=2018))
        assert "这一年度还没有入账的学时" in get(client, district.owner, self.address(person))
        html = get(client, district.owner, self.address(person), year="2018")
        assert "果蔬冷链保鲜技术培训班" in html

    def test_the_bureau_keeps_sight_of_who_has_left(self, client, district, person):
        Employment.objects.filter(person=person).update(ended_on=date(2026, 6, 30))
        assert "不在岗" in get(client, district.handler, self.address(person))
        client.force_login(district.owner, backend="django.contrib.auth.backends.ModelBackend")
        assert client.get(self.address(person)).status_code == 404

    def test_shows_what_is_still_on_its_way(self, client, district, person, monkeypatch):
        awaited = registry.OnItsWay(person.pk, "远程教育", "待审核", "turn", "hours", Decimal("12"))
        monkeypatch.setattr(registry, "_awaited", [lambda people, year: [awaited] if year == 2026 else []])
        html = get(client, district.owner, self.address(person))
        assert "远程教育" in html
        assert "12.0 学时" in html
        assert "没有在途的学时" in get(client, district.owner, self.address(person), year="2025")

    def test_as_many_queries_for_30_entries_as_for_3(self, client, district, person):
        counts = []
        for number in (3, 27):
            for _ in range(number):
                posted(a_source(), district.handler, hours(person))
            client.force_login(district.owner, backend="django.contrib.auth.backends.ModelBackend")
            with statements() as queries:
                read(client, self.address(person))
            assert len(queries) <= 20, queries
            counts.append(len(queries))
        assert counts[0] == counts[1]


def test_the_page_of_a_person_leads_to_their_hours(client, district, person):
    address = f"/ledger/people/{person.pk}/"
    assert address in get(client, district.owner, person.get_absolute_url())
    assert read(client, address)

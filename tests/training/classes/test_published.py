"""The public page of published projects and their sessions: no log-in, no personal data, calendars."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from icalendar import Calendar

from luojiang_ce import clock
from luojiang_ce.papers.models import Paper
from luojiang_ce.workflow.engine import fire
from tests.conftest import District
from tests.factories import UnitFactory
from tests.training.classes.changes.factories import a_change, later
from tests.training.factories import class_of
from tests.training.plans.factories import a_project
from training.classes.models import ClassApplication, Enrolment, TimetableRow
from training.classes.papers import request_opening_notice
from training.plans.models import PlanItem

pytestmark = pytest.mark.django_db
LIST = "/published/"


def session(project: PlanItem, days: int, number: int = 1, state: str = "approved", **facts: Any) -> ClassApplication:
    """A session that opens so many days from today and lasts four."""
    day = clock.today() + timedelta(days=days)
    facts = {"opens_on": day, "ends_on": day + timedelta(days=3), "people": 2, "place": "区党校", **facts}
    return class_of(project.unit, project=project, state=state, session=number, **facts)


@pytest.fixture
def project(district: District) -> PlanItem:
    facts = {"title": "果蔬冷链保鲜技术培训班", "contact": "林知秋", "phone": "0595-0000-0101", "lecturers": "温如故"}
    return a_project(district.unit, **facts)


def page(client: Any, address: str = LIST) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    html: str = answer.content.decode()
    return html


def states(client: Any) -> list[str]:
    return [each.state for found in client.get(LIST).context["projects"] for each in found.sessions]


def test_a_month_shows_the_sessions_that_open_in_it(client: Any, project: PlanItem) -> None:
    facts = {"ends_on": date(2026, 9, 30)}
    shown = session(project, 0, 1, opens_on=date(2026, 9, 1), **facts)
    session(project, 0, 2, opens_on=date(2026, 5, 1), **facts)
    (found,) = client.get(f"{LIST}?month=9").context["projects"]
    assert [each.case for each in found.sessions] == [shown]
    assert len(client.get(LIST).context["projects"][0].sessions) == 2


def test_this_year_comes_before_what_is_planned_for_the_next(
    client: Any, district: District, time_machine: Any
) -> None:
    years = (2026, 2027, 2025)
    for year in years:
        a_project(district.unit, year, number=f"{year}-JH-001")
    for now, order in ((2026, [2026, 2027, 2025]), (2027, [2027, 2026, 2025])):
        time_machine.move_to(f"{now}-06-01T10:00:00+08:00", tick=False)
        assert [each.item.plan.year for each in client.get(LIST).context["projects"]] == order


def test_approved_sessions_are_shown_with_what_a_trainee_asks(client: Any, project: PlanItem) -> None:
    fee = {"charges": True, "fee": Decimal("300"), "fee_document": "泉价〔2026〕1号", "audience": "农业技术人员"}
    shown = session(project, 20, **fee)
    TimetableRow.objects.filter(application=shown).delete()
    day = {"date": shown.opens_on, "half_day": "morning", "starts_at": "08:30", "ends_at": "11:30"}
    TimetableRow.objects.create(application=shown, hours=Decimal("4.5"), **day)
    TimetableRow.objects.create(application=shown, hours=Decimal("2"), counts=False, **day)
    html = page(client)
    for text in (str(shown), "2026-JH-001", project.unit.name, "区党校", "农业技术人员", "4.5 学时", "报名中"):
        assert text in html
    assert "300.00 元/人（泉价〔2026〕1号）" in html
    assert 'content="noindex' in html


def test_a_state_is_told_from_dates_places_and_decisions(client: Any, project: PlanItem, district: District) -> None:
    full = session(project, 20, 1)
    for name in ("甲", "乙"):
        Enrolment.objects.create(application=full, unit=district.unit, name=name, employer="单位")
    session(project, 21, 2)
    session(project, 0, 3)
    session(project, -9, 4)
    gone = session(project, 22, 5)
    request_opening_notice(gone, district.approver)
    fire(gone, "cancel", actor=district.owner, note="改期")
    assert sorted(states(client)) == sorted(["名额已满", "报名中", "进行中", "已结束", "已取消"])
    PlanItem.objects.filter(pk=project.pk).update(state="withdrawn")
    assert "已撤销" in states(client)
    assert "项目已撤销" in page(client, reverse("published:project", args=[project.pk]))


@pytest.mark.parametrize("state", ["reported", "proposed"])
def test_nobody_can_enrol_in_a_class_of_which_it_is_asked_whether_it_was_held(
    client: Any, project: PlanItem, state: str
) -> None:
    ClassApplication.objects.filter(pk=session(project, -9, 1).pk).update(state=state)
    assert states(client) == ["已结束"]


@pytest.mark.parametrize("state", ["draft", "submitted", "returned", "checked", "refused", "cancelled"])
def test_what_was_not_approved_is_shown_to_nobody(client: Any, project: PlanItem, state: str) -> None:
    hidden = session(project, 20, state=state)
    assert states(client) == []
    assert client.get(reverse("published:session", args=[hidden.pk])).status_code == 404
    assert b"BEGIN:VEVENT" not in client.get(reverse("published:calendar")).content


@pytest.mark.parametrize("state", ["listed", "checked", "batched", "struck", "refused"])
def test_what_was_not_published_is_shown_to_nobody(client: Any, project: PlanItem, state: str) -> None:
    shown = session(project, 20)
    PlanItem.objects.filter(pk=project.pk).update(state=state)
    assert project.title not in page(client)
    for name, pk in (("project", project.pk), ("session", shown.pk)):
        assert client.get(reverse(f"published:{name}", args=[pk])).status_code == 404


def test_no_person_is_named_anywhere(client: Any, project: PlanItem, district: District) -> None:
    people = {"leader": "岳临川", "class_teacher": "沈听澜", "contact": "宁致远", "phone": "0595-0000-0199"}
    shown = session(project, 20, **people)
    Enrolment.objects.create(application=shown, unit=district.unit, name="欧阳清和", employer="单位")
    addresses = [LIST, reverse("published:project", args=[project.pk]), reverse("published:calendar")]
    for address in (*addresses, reverse("published:session", args=[shown.pk])):
        text = page(client, address).replace("\r\n ", "")
        for name in (*people.values(), "欧阳清和", "林知秋", "0595-0000-0101", "温如故"):
            assert name not in text


def test_the_list_is_searched_and_filtered(client: Any, project: PlanItem) -> None:
    other_unit = UnitFactory(name="洛江区鹤影职业学校", is_provider=True)
    other = a_project(other_unit, 2025, "2025-JH-007", title="水肥一体化技术培训班")
    session(project, 0, opens_on=date(2026, 5, 11), ends_on=date(2026, 5, 13))
    session(other, 0, opens_on=date(2025, 9, 1), ends_on=date(2025, 9, 2))

    def found(query: str) -> list[str]:
        return [each.item.number for each in client.get(f"{LIST}?{query}").context["projects"]]

    assert found("") == ["2026-JH-001", "2025-JH-007"]
    assert found("q=水肥") == found("q=鹤影") == found("year=2025") == found("month=9") == ["2025-JH-007"]
    assert found(f"provider={other_unit.pk}") == found("q=2025-JH-007") == ["2025-JH-007"]
    assert found("month=5&year=2026") == ["2026-JH-001"]
    assert found("q=没有的班") == []
    for bad in ("year=abc", "month=13", "provider=999999999999999999999", "page=99", "q=%00"):
        assert client.get(f"{LIST}?{bad}").status_code == 200
        assert client.get(f"{reverse('published:calendar')}?{bad}").status_code == 200


def test_it_is_paged_and_asks_the_database_as_often_for_many(client: Any, district: District) -> None:
    batch = a_project(district.unit).batch
    counted = []
    for numbers in (range(3), range(3, 33)):
        for n in numbers:
            values = PlanItem.objects.values().first() | {"number": f"N{n:03d}", "batch_id": batch.pk}
            values.pop("id")
            session(PlanItem.objects.create(**values), 20)
        counts = []
        one = PlanItem.objects.get(number="N001")
        for address in (LIST, reverse("published:project", args=[one.pk]), reverse("published:calendar")):
            with CaptureQueriesContext(connection) as captured:
                page(client, address)
            counts.append(len(captured))
        counted.append(counts)
    assert counted[0] == counted[1]
    assert max(counted[0]) <= 12
    assert len(client.get(LIST).context["projects"]) == 20
    assert len(client.get(f"{LIST}?page=2").context["projects"]) == 14


def events(content: bytes) -> list[Any]:
    return list(Calendar.from_ical(content).walk("VEVENT"))


def strictly(content: bytes) -> None:
    """RFC 5545 3.1: lines of at most 75 octets that end in CRLF, folded between characters."""
    assert content.endswith(b"\r\n")
    lines = content[:-2].split(b"\r\n")
    assert not any(b"\n" in line or b"\r" in line for line in lines)
    assert all(len(line) <= 75 for line in lines)
    for line in lines:
        line.decode()  # no character is torn apart
    assert (lines[0], lines[-1]) == (b"BEGIN:VCALENDAR", b"END:VCALENDAR")


def test_a_calendar_program_reads_the_sessions(client: Any, project: PlanItem, district: District) -> None:
    first = session(project, 20, 1, place="区党校；一楼,报告厅\\东侧", audience="农业技术人员，" * 20)
    gone = session(project, 30, 2)
    request_opening_notice(gone, district.approver)
    fire(gone, "cancel", actor=district.owner, note="改期")
    answer = client.get(reverse("published:calendar"))
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    strictly(answer.content)
    one, other = events(answer.content)
    assert one["dtstart"].dt == first.opens_on
    assert one["dtend"].dt == first.ends_on + timedelta(days=1)  # the first day that is none of it
    assert (str(one["summary"]), str(one["location"])) == (str(first), first.place)
    assert (str(one["status"]), int(one["sequence"])) == ("CONFIRMED", first.version)
    assert str(other["status"]) == "CANCELLED"
    assert int(other["sequence"]) > gone.version
    assert str(other["summary"]).startswith("已取消：")
    assert all(each["dtstamp"] and str(each["uid"]).endswith("@luojiang-ce") for each in (one, other))
    assert one["uid"] != other["uid"]
    assert str(one["url"]).endswith(reverse("published:project", args=[project.pk]))
    (alone,) = events(client.get(reverse("published:session", args=[first.pk])).content)
    assert alone["uid"] == one["uid"]


def test_whoever_took_a_session_that_was_moved_is_told_by_a_higher_number(
    client: Any, project: PlanItem, district: District
) -> None:
    made = session(project, 20)
    request_opening_notice(made, district.approver)

    def number() -> int:
        (event,) = events(client.get(reverse("published:session", args=[made.pk])).content)
        return int(event["sequence"])

    before = number()
    change = a_change(district, "checked", application=made, **later(made, 7))
    fire(change, "approve", actor=district.approver)
    moved = number()
    made.refresh_from_db()
    fire(made, "cancel", actor=district.owner, note="改期")
    assert before < moved < number()


def test_the_calendar_is_that_of_the_filtered_list(client: Any, project: PlanItem) -> None:
    may = session(project, 0, 1, opens_on=date(2026, 5, 11), ends_on=date(2026, 5, 13))
    session(project, 0, 2, opens_on=date(2026, 9, 1), ends_on=date(2026, 9, 3))
    address = client.get(f"{LIST}?month=5&page=1").context["calendar"]
    (event,) = events(client.get(address).content)
    assert event["dtstart"].dt == may.opens_on


def test_the_sign_in_page_and_the_public_check_lead_there(client: Any) -> None:
    for name in ("home:sign_in", "papers:check"):
        assert f'href="{LIST}"' in page(client, reverse(name))


def test_the_page_names_the_document_and_leads_to_its_check(client: Any, project: PlanItem, district: District) -> None:
    from training.plans.papers import request_publication

    assert "核验这份文件" not in page(client, reverse("published:project", args=[project.pk]))
    paper = request_publication(project.batch, district.approver)
    Paper.objects.filter(pk=paper.pk).update(state="issued", sha256="0" * 64, issued_at=clock.now())
    assert reverse("papers:check_code", args=[paper.code]) in page(
        client, reverse("published:project", args=[project.pk])
    )

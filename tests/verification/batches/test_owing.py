"""A unit's clock runs until everybody who owes a year is filed, waived, on leave or gone; whoever is left is named."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.deadlines import feed
from luojiang_ce.deadlines.owed import Asked, Owed, running
from luojiang_ce.notices.models import Notice
from luojiang_ce.workdays.services import terms_in_force
from luojiang_ce.workflow.engine import fire
from tests.conftest import District
from tests.factories import UnitFactory, account_with, person_in
from tests.luojiang_ce.deadlines.one_source import contradictions
from tests.queries import statements
from tests.todos import todos
from tests.units.cases import leave_of
from tests.verification.batches.samples import YEAR, a_draft, staff
from units.extensions.models import Lapse
from units.extensions.services import duties_of
from units.lapses import lapsing
from units.lapses.reminding import remind
from units.models import Employment, Leave, Person, Unit
from verification.batches import services
from verification.batches.forfeits import record_given_up
from verification.batches.in_time import VERIFICATION
from verification.batches.models import AnnualRecord, Batch

pytestmark = [pytest.mark.django_db, pytest.mark.notice("二(一)", "二(三)2")]
LAST_DAY = date(2027, 3, 1)
LEFT = f"报送 {YEAR} 年度验证花名册：还有 {{}} 人未列入"


def clocks(unit: Unit, year: int = YEAR) -> list[Owed]:
    """What runs of the unit's verification of a year."""
    found = running(Asked(terms_in_force(), units=frozenset([unit.pk])))
    return [each for each in found if each.clock.kind == VERIFICATION and each.subject == str(year)]


def filed(district: District, people: list[Person]) -> Batch:
    batch = a_draft(district, people)
    fire(batch, "submit", actor=district.owner)
    return batch


def forty(unit: Unit) -> list[Person]:
    """People who have met the requirements, each with a name of their own."""
    people = staff(unit, 40)
    for person, name in zip(people, product("甲乙丙丁戊己庚辛壬癸", "子丑寅卯"), strict=True):
        person.name = "".join(name)
    Person.objects.bulk_update(people, ["name"])
    return people


def day(moment: date, hour: int = 8) -> datetime:
    return datetime(moment.year, moment.month, moment.day, hour, tzinfo=clock.SHANGHAI)


def test_a_unit_of_forty_with_eight_filed_keeps_its_clock_and_names_the_rest(district: District, at: Any) -> None:
    people = forty(district.unit)
    filed(district, people[:8])
    (left,) = clocks(district.unit)
    assert (left.title, left.clock.due) == (LEFT.format(32), LAST_DAY)
    assert sorted(left.names) == sorted(person.name for person in people[8:])
    (todo,) = [todo for todo in todos(district.owner) if "花名册" in todo.title and todo.due == LAST_DAY]
    assert (todo.title, todo.mine) == (LEFT.format(32), True)
    client = Client()
    client.force_login(district.owner)
    assert LEFT.format(32) in client.get(reverse("deadlines:board")).content.decode()
    assert LEFT.format(32) in feed.as_calendar(district.owner, "http://localhost").decode().replace("\r\n ", "")
    at(day(date(2027, 2, 26)))  # one working day is left
    assert list(contradictions()) == []
    remind()
    (told,) = Notice.objects.filter(recipient=district.owner, key__startswith="reminder")
    assert LEFT.format(32) in told.text
    assert all(person.name in told.text for person in people[8:])
    filed(district, people[8:])
    assert clocks(district.unit) == []


def test_nobody_gives_a_year_up_who_was_not_named_three_times(district: District, at: Any) -> None:
    """Whoever joins a roster half way, and whoever is in none, is told of alike."""
    people = forty(district.unit)
    filed(district, people[:8])
    a_draft(district, people[8:11])  # a draft that nobody files: its own line is reminded of
    moment = day(date(2027, 1, 25))
    while moment.date() <= LAST_DAY:
        at(moment)
        remind()
        moment += timedelta(days=1)
    at(moment)
    assert record_given_up() == (32, 0)
    told = Notice.objects.filter(recipient=district.owner, key__startswith="reminder")
    texts = list(told.values_list("text", flat=True))
    assert len(texts) == 3
    given_up = AnnualRecord.objects.filter(state="given_up").select_related("person", "batch")
    for record in given_up:
        said = f"报送 {YEAR} 年度验证花名册：2027年" if record.batch else record.person.name
        assert all(said in text for text in texts), record.person.name


def excused(person: Person) -> None:
    span = {"starts_on": date(2026, 6, 1), "ends_on": date(2027, 8, 31)}
    unit = person.employments.get().unit
    Leave.objects.create(person=person, unit=unit, reason="sickness", state="approved", **span)


def gone(person: Person) -> None:
    person.employments.update(ended_on=date(2026, 12, 30), end_reason=Employment.End.RETIRED)


def newly_begun(person: Person) -> None:
    person.employments.update(started_on=date(2027, 1, 1))


@pytest.mark.parametrize("end", [excused, gone, newly_begun])
def test_who_is_on_leave_or_gone_or_has_nothing_to_verify_ends_it(district: District, end: Any) -> None:
    (here, other) = staff(district.unit, 2)
    filed(district, [here])
    assert [each.title for each in clocks(district.unit)] == [LEFT.format(1)]
    end(other)
    assert clocks(district.unit) == []


def test_who_was_verified_although_unmet_or_failed_was_filed(district: District) -> None:
    batch = filed(district, staff(district.unit, 3))
    for state in ("verified", "failed", "supplement", "stamped"):
        batch.records.update(state=state)
        assert clocks(district.unit) == []


def test_a_draft_has_the_clock_of_those_in_it_and_the_others_have_theirs(district: District) -> None:
    people = staff(district.unit, 5)
    assert [each.title for each in clocks(district.unit)] == [f"报送 {YEAR} 年度验证花名册"]
    a_draft(district, people[:2])
    assert sorted(each.title for each in clocks(district.unit)) == [f"报送 {YEAR} 年度验证花名册", LEFT.format(3)]
    seen = running(Asked(terms_in_force(), account=district.handler))
    said = {each.title for each in seen if each.unit_id == district.unit.pk and each.subject == str(YEAR)}
    assert said == {f"报送 {YEAR} 年度验证花名册"}, "a draft is the unit's own business"
    services.add_people(batch=Batch.objects.get(), people=[each.pk for each in people], actor=district.owner)
    assert [each.title for each in clocks(district.unit)] == [f"报送 {YEAR} 年度验证花名册"]
    assert list(contradictions()) == []


def test_what_was_taken_back_or_taken_out_runs_again(district: District, at: Any) -> None:
    people = staff(district.unit, 3)
    batch = filed(district, people)
    fire(batch, "take_back", actor=district.owner)
    services.remove_people(batch=batch, records=[batch.records.first().pk], actor=district.owner)
    assert LEFT.format(1) in {each.title for each in clocks(district.unit)}


def test_who_was_taken_out_of_a_returned_roster_has_the_days_of_mending(district: District, at: Any) -> None:
    people = staff(district.unit, 3)
    at(day(LAST_DAY, 12))
    batch = filed(district, people)
    items = [{"where": "", "wrong": "证书编号有误", "mend": ""}]
    fire(batch, "return", actor=district.handler, data={"items": items})
    out = batch.records.get(person=people[0])
    services.remove_people(batch=batch, records=[out.pk], actor=district.owner)
    found = running(Asked(terms_in_force(), units=frozenset([district.unit.pk])))
    (left,) = [each for each in found if each.names]
    # The days of mending, and those that three reminders take.
    assert (left.title, left.clock.due, left.names) == (LEFT.format(1), date(2027, 3, 16), (people[0].name,))
    assert list(contradictions()) == []


def test_whom_the_approver_let_in_again_stays_to_be_done_without_a_day(district: District, at: Any) -> None:
    (person,) = staff(district.unit, 1)
    at(day(LAST_DAY + timedelta(days=1)))
    record_given_up()
    fire(AnnualRecord.objects.get(), "restore", actor=district.approver, note="单位漏报")
    (todo,) = [todo for todo in todos(district.owner) if str(YEAR) in todo.title]
    assert (todo.title, todo.due, person.name in todo.note) == (LEFT.format(1), None, True)
    filed(district, [person])
    assert not [todo for todo in todos(district.owner) if str(YEAR) in todo.title and todo.mine and todo.due]


def test_after_the_last_day_it_is_on_record_for_who_is_left_and_can_be_extended(district: District, at: Any) -> None:
    """Lateness is decided person by person: a unit that has filed one of three has missed the year for two."""
    people = staff(district.unit, 3)
    filed(district, people[:1])
    at(day(LAST_DAY + timedelta(days=1)))
    assert [(each.title, each.is_late(clock.now())) for each in clocks(district.unit)] == [(LEFT.format(2), True)]
    lapsing.record_overdue()
    lapse = Lapse.objects.get(kind=VERIFICATION.code, subject=str(YEAR))
    assert (lapse.unit, lapse.title, lapse.state) == (district.unit, LEFT.format(2), "recorded")
    lapsing.record_overdue()
    assert Lapse.objects.filter(kind=VERIFICATION.code, subject=str(YEAR)).count() == 1
    asked = [each.key for each in duties_of(frozenset([district.unit.pk]))]
    assert f"verification-{district.unit.pk}-{YEAR}" in asked
    assert len(asked) == len(set(asked))


def test_whoever_has_filed_everybody_has_missed_nothing_whatever_empty_draft_lies_there(
    district: District, at: Any
) -> None:
    filed(district, staff(district.unit, 3))
    a_draft(district, [])
    at(day(LAST_DAY + timedelta(days=1)))
    lapsing.record_overdue()
    assert not Lapse.objects.filter(unit=district.unit, kind=VERIFICATION.code, subject=str(YEAR)).exists()


def test_what_came_into_the_system_or_the_unit_after_the_last_day_is_not_overdue(district: District, at: Any) -> None:
    here, imported, moved = staff(district.unit, 3)
    filed(district, [here])
    at(day(LAST_DAY + timedelta(days=1)))
    Person.objects.filter(pk=imported.pk).update(created_at=clock.now())
    elsewhere = UnitFactory(code="ELSE")
    Employment.objects.create(person=moved, unit=elsewhere, started_on=date(2020, 1, 1), ended_on=clock.today())
    moved.employments.filter(unit=district.unit).update(started_on=clock.today())
    assert clocks(district.unit) == []


def test_the_line_leads_to_the_page_where_they_are_added(district: District, client: Client) -> None:
    people = staff(district.unit, 3)
    (left,) = clocks(district.unit)
    client.force_login(district.owner)
    page = client.get(left.url)
    assert (page.status_code, page.context["form"]["path"].value()) == (200, "general")
    draft = a_draft(district, people[:1])
    assert client.get(left.url).headers["location"] == reverse("batches:choose", args=[draft.pk])
    fire(draft, "submit", actor=district.owner)
    Person.objects.filter(pk__in=[each.pk for each in people]).update(category="medical")
    page = client.get(left.url)
    assert page.context["form"]["path"].value() == "medical"
    stranger = Client()
    stranger.force_login(district.neighbour)
    named, plain = (stranger.get(url).context["form"] for url in (left.url, reverse("batches:new")))
    assert named.initial == plain.initial


@pytest.mark.parametrize("state", ["draft", "submitted"])
def test_the_page_of_a_roster_names_who_is_in_none(district: District, client: Client, state: str) -> None:
    people = staff(district.unit, 3)
    batch = a_draft(district, people[:1])
    if state == "submitted":
        fire(batch, "submit", actor=district.owner)
    client.force_login(district.owner)
    text = client.get(batch.get_absolute_url()).content.decode()
    assert "还有 2 人未列入" in text
    assert all(person.name in text for person in people[1:])
    assert f"{reverse('batches:new')}?unit={district.unit.pk}" in text


def test_where_people_are_chosen_it_says_who_is_not_counted_and_why(district: District, client: Client) -> None:
    """The number beside the link and the people on the page behind it differ only by who is named there."""
    people = staff(district.unit, 5)
    for person, name in zip(people, ("甲甲", "乙乙", "丙丙", "丁丁", "戊戊"), strict=True):
        Person.objects.filter(pk=person.pk).update(name=name)
    Person.objects.filter(pk=people[4].pk).update(category="medical")
    batch = a_draft(district, people[:1])
    away = leave_of(district, Leave.State.APPROVED, person=people[1])
    Leave.objects.filter(pk=away.pk).update(starts_on=LAST_DAY - timedelta(days=9), ends_on=LAST_DAY)
    client.force_login(district.owner)
    assert "还有 3 人未列入" in client.get(batch.get_absolute_url()).content.decode()
    page = client.get(reverse("batches:choose", args=[batch.pk])).content.decode()
    assert "报送截止日在长期离岗，可以不列入，不算在“还有几人未列入”里：乙乙<" in page
    assert "按其他路径验证的，不能混在这一批" in page
    assert "“卫生系列”的花名册</a>里列入：戊戊<" in page
    away.delete()
    assert "可以不列入" not in client.get(reverse("batches:choose", args=[batch.pk])).content.decode()


def test_it_asks_as_often_for_thirty_people_and_units_as_for_three(district: District) -> None:
    counted = []
    for number in (3, 27):
        staff(district.unit, number)
        for n in range(number):
            unit = UnitFactory(code=f"M{number}-{n}")
            person_in(unit)
            account_with("unit_clerk", unit)
        running(Asked(terms_in_force()))  # what is loaded once is there
        with statements() as found:
            running(Asked(terms_in_force()))
        counted.append(len(found))
    assert counted[0] == counted[1]

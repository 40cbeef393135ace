"""The supervising unit files 卫生系列 of its units (notice 二(一); product.md V3): whose rows, and who sees them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.deadlines.owed import Asked, running
from luojiang_ce.notices.models import Notice
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workdays.services import terms_in_force
from luojiang_ce.workflow.engine import Refused, fire
from luojiang_ce.workflow.models import Event
from tests.conftest import District, in_parallel
from tests.factories import UnitFactory, account_with, person_in
from tests.luojiang_ce.deadlines.dead_ends import dead_ends
from tests.luojiang_ce.deadlines.one_source import contradictions
from tests.todos import todos
from tests.verification.batches.samples import YEAR, a_draft, staff
from units.extensions.models import Extension
from units.extensions.reading import current_terms
from units.lapses.reminding import remind
from units.models import Account, Employment, Person, Unit
from units.notify import whose_turn
from verification.batches import services
from verification.batches.completeness import missing_of
from verification.batches.forfeits import record_given_up
from verification.batches.form4 import rows_of
from verification.batches.models import AnnualRecord, Batch
from verification.batches.owing import Missing
from verification.batches.routing import authority_of
from verification.batches.seasons import set_season
from verification.counter.deciding import decide

pytestmark = [pytest.mark.django_db, pytest.mark.notice("二(一)卫生", "二(三)1")]
At = Callable[[datetime], None]


class Hospital:
    """The own unit supervises two clinics; each has a clerk and medical staff."""

    def __init__(self, district: District) -> None:
        self.district = district
        Unit.objects.filter(pk=district.unit.pk).update(nature="medical", supervisor=district.health)
        facts = {"nature": "medical", "supervisor": district.unit, "medical_level": "first"}
        self.first = UnitFactory(code="C1", name="洛江区双溪卫生院", **facts)
        self.second = UnitFactory(code="C2", name="洛江区河市卫生院", **facts)
        self.clerk = account_with("unit_clerk", self.first)
        self.own = staff(district.unit, 1, category="medical")
        self.of_first = staff(self.first, 2, category="medical")
        self.of_second = staff(self.second, 2, category="medical")

    def drafted(self, people: list[Person]) -> Batch:
        """A draft of the supervising unit with these people, ready to be sent."""
        batch = a_draft(self.district, people, path="medical")
        batch.records.update(unmet_reason="学分未修满")
        batch.refresh_from_db()
        return batch

    def sent(self, people: list[Person]) -> Batch:
        batch = self.drafted(people)
        fire(batch, "send", actor=self.district.owner)
        return batch


@pytest.fixture
def hospital(district: District) -> Hospital:
    return Hospital(district)


def names(rows: list[AnnualRecord]) -> set[str]:
    return {row.person.name for row in rows}


def test_the_rows_are_of_the_units_that_employ_the_people(hospital: Hospital) -> None:
    people = [*hospital.own, *hospital.of_first, *hospital.of_second]
    batch = hospital.sent(people)
    assert batch.unit == hospital.district.unit
    assert batch.authority == hospital.district.health
    found = {row.person_id: (row.unit_id, row.state) for row in batch.records.all()}
    assert found == {
        **{person.pk: (hospital.district.unit.pk, "filed") for person in hospital.own},
        **{person.pk: (hospital.first.pk, "filed") for person in hospital.of_first},
        **{person.pk: (hospital.second.pk, "filed") for person in hospital.of_second},
    }
    printed = {row["department"] for row in rows_of(batch.records.select_related("person"))}
    assert printed == {"", "洛江区双溪卫生院", "洛江区河市卫生院"}


def test_nobody_of_it_owes_anything_any_more_in_whichever_unit(hospital: Hospital) -> None:
    batch = hospital.sent(hospital.of_first)
    units = {unit.pk: unit for unit in (hospital.first, hospital.second)}
    left = Missing(units, YEAR, current_terms(), clock.now())
    assert {group.unit_id: group.count for group in left.groups} == {hospital.second.pk: 2}
    assert batch.records.exclude(first_submitted_at=None).count() == 2


def test_a_unit_sees_its_own_rows_and_a_neighbour_nothing(hospital: Hospital, client: Client) -> None:
    batch = hospital.sent([*hospital.of_first, *hospital.of_second])
    theirs = batch.records.filter(unit=hospital.second)
    own = batch.records.filter(unit=hospital.first)
    client.force_login(hospital.clerk)
    answer = client.get(batch.get_absolute_url())
    assert (answer.status_code, answer["Location"]) == (302, reverse("batches:for_us"))
    page = client.get(answer["Location"]).content.decode()
    assert all(f'href="{row.get_absolute_url()}"' in page for row in own)
    assert not any(f'href="{row.get_absolute_url()}"' in page for row in theirs)
    assert {client.get(row.get_absolute_url()).status_code for row in own} == {200}
    assert {client.get(row.get_absolute_url()).status_code for row in theirs} == {404}
    assert reverse("batches:for_us") in client.get(reverse("batches:list")).content.decode()
    for name in ("sheet", "pdf", "choose", "rows", "head"):
        assert client.get(reverse(f"batches:{name}", args=[batch.pk])).status_code == 404
    assert client.post(reverse("batches:remove", args=[batch.pk]), {"rows": own[0].pk}).status_code == 404
    client.force_login(hospital.district.neighbour)
    assert client.get(batch.get_absolute_url()).status_code == 404
    assert {client.get(row.get_absolute_url()).status_code for row in batch.records.all()} == {404}
    assert client.get(reverse("batches:for_us")).content.decode().count("/records/") == 0


def test_the_supervising_unit_sees_of_its_units_only_what_it_files(hospital: Hospital, client: Client) -> None:
    """Filed by the clinic itself it is the clinic's own business."""
    batch = services.open_batch(unit=hospital.first, year=YEAR, path="medical", actor=hospital.clerk)
    services.add_people(batch=batch, people=[each.pk for each in hospital.of_first], actor=hospital.clerk)
    client.force_login(hospital.district.owner)
    assert client.get(batch.get_absolute_url()).status_code == 404
    assert {client.get(row.get_absolute_url()).status_code for row in batch.records.all()} == {404}
    assert client.get(reverse("ledger:person", args=[hospital.of_first[0].pk])).status_code == 404
    with pytest.raises(PermissionDenied):
        services.open_batch(unit=hospital.first, year=YEAR, path="medical", actor=hospital.district.owner)


def test_people_are_chosen_by_unit(hospital: Hospital, client: Client) -> None:
    batch = hospital.drafted([])
    client.force_login(hospital.district.owner)
    url = reverse("batches:choose", args=[batch.pk])
    page = client.get(url).content.decode()
    assert f'value="{hospital.own[0].pk}"' in page  # first the own people
    assert f'value="{hospital.of_first[0].pk}"' not in page
    assert "洛江区双溪卫生院" in page
    only = client.get(url, {"of": hospital.first.pk}).content.decode()
    assert all(f'value="{each.pk}"' in only for each in hospital.of_first)
    assert not any(f'value="{each.pk}"' in only for each in [*hospital.own, *hospital.of_second])
    client.post(f"{url}?of={hospital.first.pk}", {"everybody": "open"})
    assert set(batch.records.values_list("person", flat=True)) == {each.pk for each in hospital.of_first}
    assert "全部单位" in client.get(url, {"of": "999999"}).content.decode()


def test_only_the_medical_staff_of_its_units(hospital: Hospital, client: Client) -> None:
    """notice 二(一) says it of 卫生系列 alone; and never of units that are not under it."""
    batch = hospital.drafted([])
    office = staff(hospital.first, 1)[0]
    stranger = person_in(hospital.district.neighbour_unit, "不相识", category="medical")
    client.force_login(hospital.district.owner)
    people = [office.pk, stranger.pk, hospital.of_first[0].pk]
    answer = client.post(reverse("batches:choose", args=[batch.pk]), {"people": people}, follow=True)
    assert [row.person_id for row in batch.records.all()] == [hospital.of_first[0].pk]
    html = answer.content.decode()
    assert "2 人不在本单位应验证的人员里" in html
    assert stranger.name not in html


def test_of_two_units_at_once_the_second_is_told(hospital: Hospital, client: Client) -> None:
    """Bad input: a person of two units in two batches."""
    first = hospital.of_first[0]
    mine = services.open_batch(unit=hospital.first, year=YEAR, path="medical", actor=hospital.clerk)
    services.add_people(batch=mine, people=[first.pk], actor=hospital.clerk)
    batch = hospital.drafted([])
    client.force_login(hospital.district.owner)
    page = client.post(reverse("batches:choose", args=[batch.pk]), {"people": [first.pk]}, follow=True).content.decode()
    assert f"{first.name}已列入其他单位报送的批次，每人每年只验证一次，没有列入" in page
    assert not batch.records.exists()
    assert AnnualRecord.objects.filter(person=first, year=YEAR).count() == 1


def test_a_draft_of_another_unit_keeps_nobody_from_the_own_one(hospital: Hospital, client: Client) -> None:
    """The own unit's claim wins; who drafted is told, and its open page does not write over that."""
    first, second = hospital.of_first
    draft = hospital.drafted(hospital.of_first)
    opened, rows = draft.version, list(draft.records.all())
    mine = services.open_batch(unit=hospital.first, year=YEAR, path="medical", actor=hospital.clerk)
    client.force_login(hospital.clerk)
    url = reverse("batches:choose", args=[mine.pk])
    page = client.get(url).content.decode()
    assert f'value="{first.pk}"' in page
    assert "在另一单位的草稿里，列入后从那里移出" in page
    assert first.name in client.get(reverse("batches:unlisted"), {"year": YEAR}).content.decode()
    client.post(url, {"people": [first.pk]})
    assert [row.person for row in mine.records.all()] == [first]
    assert [row.person for row in draft.records.all()] == [second]
    told = Notice.objects.get(recipient=hospital.district.owner, title__contains="1 人已由本人所在单位列入，从草稿移出")
    assert told.text == first.name
    assert Event.objects.filter(case_id=draft.pk, name="edited", data={"removed": [first.pk]}).exists()
    with pytest.raises(NotPossible):
        services.save_rows(batch=draft, version=opened, rows=rows, actor=hospital.district.owner)
    assert [row.person for row in draft.records.all()] == [second]


def test_who_supervises_no_more_files_none_of_them(hospital: Hospital) -> None:
    """Told by the place in the roster: whose they are is none of its business any more."""
    batch = hospital.drafted([*hospital.own, *hospital.of_first])
    assert missing_of(Batch.objects.get(pk=batch.pk)) == []
    Unit.objects.filter(pk=hospital.first.pk).update(supervisor=hospital.district.health)
    batch.records.filter(unit=hospital.first).update(certificate_number="")  # what else they lack is not told by name
    found = missing_of(Batch.objects.get(pk=batch.pk))
    assert [problem.text for problem in found] == ["本单位已不代其所在单位报送，请移出花名册，由其所在单位申报"] * 2
    with pytest.raises(Refused) as refused:
        fire(Batch.objects.get(pk=batch.pk), "send", actor=hospital.district.owner)
    assert "第 " in str(refused.value)
    assert not any(person.name in str(refused.value) for person in hospital.of_first)
    foreign = [problem.record.pk for problem in found if problem.record]
    services.remove_people(batch=batch, records=foreign, actor=hospital.district.owner)
    fire(Batch.objects.get(pk=batch.pk), "send", actor=hospital.district.owner)
    assert [row.person for row in batch.records.all()] == hospital.own


def test_what_was_handed_over_stays_with_who_filed_it(hospital: Hospital) -> None:
    batch = hospital.sent(hospital.of_first)
    mine = services.open_batch(unit=hospital.first, year=YEAR, path="medical", actor=hospital.clerk)
    assert services.add_people(batch=mine, people=[each.pk for each in hospital.of_first], actor=hospital.clerk) == 0
    assert batch.records.count() == 2


def test_whoever_moved_is_claimed_by_the_unit_where_they_work_now(district: District) -> None:
    """Stuck in the draft of the unit they have left."""
    (moved,) = staff(district.unit, 1)
    draft = a_draft(district, [moved])
    Employment.objects.filter(person=moved).update(ended_on=date(2027, 1, 2), end_reason="moved")
    Employment.objects.create(person=moved, unit=district.neighbour_unit, started_on=date(2027, 1, 3))
    here = services.open_batch(unit=district.neighbour_unit, year=YEAR, path="general", actor=district.neighbour)
    assert services.add_people(batch=here, people=[moved.pk], actor=district.neighbour) == 1
    assert here.records.get().unit == district.neighbour_unit
    assert not draft.records.exists()


def test_a_leaver_is_taken_out_before_it_is_sent(hospital: Hospital) -> None:
    batch = hospital.drafted(hospital.of_first)
    left = hospital.of_first[0]
    Employment.objects.filter(person=left).update(ended_on=date(2027, 1, 2), end_reason="left")
    with pytest.raises(Refused, match="已离开洛江区双溪卫生院，请移出花名册"):
        fire(batch, "send", actor=hospital.district.owner)
    services.remove_people(batch=batch, records=[batch.records.get(person=left).pk], actor=hospital.district.owner)
    fire(batch, "send", actor=hospital.district.owner)
    assert [row.person for row in batch.records.all()] == [hospital.of_first[1]]


def test_who_moved_to_another_of_its_units_is_filed_anew_by_that(hospital: Hospital) -> None:
    batch = hospital.drafted(hospital.of_first)
    moved = hospital.of_first[0]
    Employment.objects.filter(person=moved).update(ended_on=date(2027, 1, 2), end_reason="moved")
    Employment.objects.create(person=moved, unit=hospital.second, started_on=date(2027, 1, 3))
    with pytest.raises(Refused, match="已不在洛江区双溪卫生院（洛江区河市卫生院）"):
        fire(batch, "send", actor=hospital.district.owner)
    row = batch.records.get(person=moved)
    services.remove_people(batch=batch, records=[row.pk], actor=hospital.district.owner)
    services.add_people(batch=batch, people=[moved.pk], actor=hospital.district.owner)
    row = batch.records.get(person=moved)
    assert row.unit == hospital.second
    row.unmet_reason = "学分未修满"
    row.save()
    assert missing_of(Batch.objects.get(pk=batch.pk)) == []


def test_the_health_authority_files_for_its_units_and_reviews_by_another_person(hospital: Hospital) -> None:
    district = hospital.district
    clerk = account_with("unit_clerk", district.health, name="沈知微")
    clinic = UnitFactory(code="C3", nature="medical", supervisor=district.health, medical_level="first")
    people = staff(clinic, 2, category="medical")
    batch = services.open_batch(unit=district.health, year=YEAR, path="medical", actor=clerk)
    Batch.objects.filter(pk=batch.pk).update(filler="沈知微", phone="0595-0000-0126")
    assert services.add_people(batch=batch, people=[each.pk for each in people], actor=clerk) == 2
    batch.records.update(unmet_reason="学分未修满")
    assert authority_of(district.health, "medical") == district.health
    fire(batch, "send", actor=clerk)
    assert batch.authority == district.health
    fire(batch, "health_pass", actor=district.health_reviewer)
    assert batch.state == "submitted"


def test_who_filed_for_the_units_does_not_review(hospital: Hospital) -> None:
    district = hospital.district
    clerk: Account = account_with("unit_clerk", district.health, name="同一人")
    reviewer = account_with("health_reviewer", district.health, name="同一人")
    people = staff(UnitFactory(code="C3", nature="medical", supervisor=district.health), 1, category="medical")
    batch = services.open_batch(unit=district.health, year=YEAR, path="medical", actor=clerk)
    Batch.objects.filter(pk=batch.pk).update(filler="同一人", phone="0595-0000-0126")
    services.add_people(batch=batch, people=[people[0].pk], actor=clerk)
    batch.records.update(unmet_reason="学分未修满")
    fire(batch, "send", actor=clerk)
    with pytest.raises(Refused, match="报送和办理须为两人"):
        fire(batch, "health_pass", actor=reviewer)


def test_each_unit_hears_of_its_own_people(hospital: Hospital) -> None:
    batch = hospital.sent([*hospital.of_first, *hospital.of_second])
    fire(batch, "health_pass", actor=hospital.district.health_reviewer)
    keys = list(batch.records.values_list("pk", flat=True))
    decide(batch=batch, records=keys, name="supplement", actor=hospital.district.handler, reason="缺学分证明")
    [all_of_it] = Notice.objects.filter(recipient=hospital.district.owner, title__contains="4 人待补材料")
    [own] = Notice.objects.filter(recipient=hospital.clerk, title__contains="2 人待补材料")
    for person in hospital.of_first:
        assert person.name in all_of_it.text
        assert person.name in own.text
    assert not [person.name for person in hospital.of_second if person.name in own.text]
    assert own.url == reverse("batches:for_us")


def test_what_the_counter_asks_for_may_be_brought_by_either_unit(hospital: Hospital) -> None:
    """A clinic may have no clerk: then the unit that filed for it is left, and is reminded as well."""
    batch = hospital.sent([*hospital.of_first, *hospital.of_second])
    fire(batch, "health_pass", actor=hospital.district.health_reviewer)
    keys = list(batch.records.values_list("pk", flat=True))
    decide(batch=batch, records=keys, name="supplement", actor=hospital.district.handler, reason="缺学分证明")
    owner, clerk = (hospital.district.fresh(each) for each in (hospital.district.owner, hospital.clerk))
    brought = [[todo.title for todo in todos(each) if todo.mine and "补材料" in todo.title] for each in (owner, clerk)]
    assert [len(each) for each in brought] == [4, 2]
    owed = [each for each in running(Asked(terms_in_force())) if each.turn.act == "补材料"]
    told = [{account.pk for account in accounts} for accounts in whose_turn(owed)]
    of_first = {owner.pk, clerk.pk, hospital.district.colleague.pk}
    assert sorted(told, key=len) == [*([of_first - {clerk.pk}] * 2), *([of_first] * 2)]


class TestAClinicWithoutAClerk:
    """Nobody gives a year up without anybody having been told: who supervises it, and may file for it, is."""

    def lines(self, account: Account, unit: Unit) -> list[str]:
        return [todo.title for todo in todos(account) if todo.mine and unit.short in todo.title]

    def test_its_supervisor_has_it_to_do_and_is_reminded_by_name(self, hospital: Hospital, client: Client, at) -> None:
        owner = hospital.district.owner
        [line] = [todo for todo in todos(owner) if todo.mine and hospital.second.short in todo.title]
        assert line.title == f"代{hospital.second.short}报送 2026 年度验证花名册"
        client.force_login(owner)
        assert client.get(line.url).context["form"]["path"].value() == "medical"
        assert self.lines(owner, hospital.first) == []  # that one has a clerk
        assert self.lines(hospital.clerk, hospital.second) == []
        assert list(contradictions()) == []
        assert list(dead_ends()) == []
        at(datetime(2027, 2, 24, 10, 0, tzinfo=clock.SHANGHAI))
        remind()
        text = "".join(Notice.objects.filter(recipient=owner, key="reminder-2027-02-24").values_list("text", flat=True))
        assert all(each.name in text for each in hospital.of_second)
        batch = hospital.sent(hospital.of_second)
        assert batch.state == Batch.State.IN_REVIEW
        assert self.lines(hospital.district.fresh(owner), hospital.second) == []

    def test_its_supervisor_files_whoever_else_works_there(self, hospital: Hospital, client: Client, at) -> None:
        """Nobody else could: the office of a clinic without a clerk is filed as the general staff it is."""
        owner, clinic = hospital.district.owner, hospital.second
        hospital.sent(hospital.of_second)
        office = staff(clinic, 1)[0]
        [line] = [todo for todo in todos(owner) if todo.mine and clinic.short in todo.title]
        client.force_login(owner)
        assert client.get(line.url).context["form"]["path"].value() == "general"
        plain = client.get(f"{reverse('batches:new')}?unit={hospital.district.unit.pk}&year={YEAR}")
        assert ("general", 1) in [(path, number) for path, number, *_ in plain.context["proposed"]]
        listed = client.get(reverse("batches:unlisted"), {"year": YEAR}).content.decode()
        assert office.name in listed
        ledger = reverse("ledger:person", args=[office.pk])
        assert ledger in listed
        assert client.get(ledger).status_code == 200
        batch = a_draft(hospital.district, [])
        page = client.get(reverse("batches:choose", args=[batch.pk]), {"of": clinic.pk}).content.decode()
        assert f'value="{office.pk}"' in page
        client.post(reverse("batches:choose", args=[batch.pk]), {"people": [office.pk]})
        fire(batch, "submit", actor=owner)
        assert batch.records.get().unit == clinic
        assert self.lines(hospital.district.fresh(owner), clinic) == []
        assert list(contradictions()) == []

    def test_with_a_clerk_of_its_own_it_is_its_own_again(self, hospital: Hospital, client: Client) -> None:
        owner, clinic = hospital.district.owner, hospital.second
        office = staff(clinic, 1)[0]
        clerk = account_with("unit_clerk", clinic)
        assert self.lines(owner, clinic) == []
        assert [todo.mine for todo in todos(clerk) if "2026 年度验证花名册" in todo.title] == [True]
        batch = a_draft(hospital.district, [])
        assert services.add_people(batch=batch, people=[office.pk], actor=owner) == 0
        client.force_login(owner)
        assert clinic.name not in client.get(reverse("batches:unlisted"), {"year": YEAR}).content.decode()

    def test_time_that_its_supervisor_was_granted_is_its_time_too(self, hospital: Hospital, at) -> None:
        facts = {"kind": "verification", "subject": str(YEAR), "state": "granted", "reason": "台风停工"}
        due = date(2027, 3, 10)
        Extension.objects.create(unit=hospital.district.unit, asked_due=due, due=due, **facts)
        owed = running(Asked(terms_in_force(), units=frozenset([hospital.second.pk])))
        assert {each.clock.due for each in owed if str(YEAR) in each.title} == {due}
        at(datetime(2027, 3, 2, 10, 0, tzinfo=clock.SHANGHAI))
        record_given_up()
        assert not AnnualRecord.objects.filter(unit=hospital.second, state="given_up").exists()

    def test_what_its_supervisor_sent_and_got_back_comes_back_with_its_supervisors_season(
        self, hospital: Hospital, at: At
    ) -> None:
        district, owner = hospital.district, hospital.district.owner
        batch = hospital.sent(hospital.of_first)  # of the clinic that has a clerk
        set_season(year=YEAR, last_day=date(2027, 5, 28), document="集中验证通知", actor=district.approver)
        items = [{"where": "", "wrong": "证书编号有误", "mend": ""}]
        fire(batch, "health_return", actor=district.health_reviewer, data={"items": items})
        at(datetime(2027, 5, 29, 10, 0, tzinfo=clock.SHANGHAI))
        record_given_up()
        facts = {"kind": "season", "subject": str(YEAR), "state": "granted", "reason": "台风停工"}
        due = date(2027, 6, 9)
        Extension.objects.create(unit=district.unit, asked_due=due, due=due, **facts)
        record_given_up()
        rows = AnnualRecord.objects.filter(person__in=hospital.of_first)
        assert set(rows.values_list("state", "mend_by")) == {("listed", due)}
        again = hospital.drafted(hospital.of_first)
        fire(again, "send", actor=owner)
        assert again.state == Batch.State.IN_REVIEW

    def test_its_supervisor_hears_what_became_of_it(self, hospital: Hospital, at) -> None:
        at(datetime(2027, 3, 2, 10, 0, tzinfo=clock.SHANGHAI))
        record_given_up()
        told = Notice.objects.filter(recipient=hospital.district.owner, title__contains="2 人未申报，视同放弃")
        assert told.count() == 1

    def test_a_school_without_one_is_no_business_of_a_clerk_above_it(self, district: District) -> None:
        """notice 二(一) lets 卫生系列 alone be filed from above."""
        school = UnitFactory(code="S1", name="洛江区测试小学", nature="school", supervisor=district.unit)
        staff(school, 1, category="teacher")
        assert self.lines(district.owner, school) == []


@pytest.mark.real_services
@pytest.mark.django_db(transaction=True)
def test_a_unit_and_its_supervisor_list_the_same_people_at_the_same_moment(district: District) -> None:
    """Each person stands in one roster, that of the own unit, whoever was quicker."""
    hospital = Hospital(district)
    wanted = [each.pk for each in hospital.of_first]
    clerks = (district.owner, hospital.clerk)
    drafts = [
        services.open_batch(unit=unit, year=YEAR, path="medical", actor=clerk)
        for unit, clerk in zip((district.unit, hospital.first), clerks, strict=True)
    ]

    def list_them(draft: Batch, clerk: Account) -> Callable[[], int]:
        return lambda: services.add_people(batch=draft, people=wanted, actor=clerk)

    added = in_parallel([list_them(draft, clerk) for draft, clerk in zip(drafts, clerks, strict=True)])
    assert added[1] == len(wanted)  # the own unit's claim wins, before or after
    assert set(AnnualRecord.objects.filter(person__in=wanted).values_list("batch", flat=True)) == {drafts[1].pk}
    assert AnnualRecord.objects.filter(person__in=wanted, year=YEAR).count() == len(wanted)
    assert set(AnnualRecord.objects.values_list("unit", flat=True)) == {hospital.first.pk}


@pytest.mark.real_services
@pytest.mark.django_db(transaction=True)
def test_it_is_taken_back_or_passed_on_and_never_both(district: District) -> None:
    hospital = Hospital(district)
    batch = hospital.sent(hospital.of_first)

    def take(name: str, actor: Account) -> Callable[[], str]:
        def one() -> str:
            try:
                fire(Batch.objects.get(pk=batch.pk), name, actor=actor)
            except Refused:
                return "refused"
            return name

        return one

    done = in_parallel([take("take_back", district.owner), take("health_pass", district.health_reviewer)])
    state = Batch.objects.get(pk=batch.pk).state
    # Taken back after it was passed on it is the unit's again; passed on after it was taken back it never is.
    assert state in ("draft", "submitted")
    assert ("take_back" in done) is (state == "draft")
    rows = set(batch.records.values_list("state", flat=True))
    assert rows == ({"listed"} if state == "draft" else {"filed"})

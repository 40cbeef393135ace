"""Making a batch, choosing people, freezing what decides, filing in time."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from luojiang_ce import clock
from luojiang_ce.notices.models import Notice
from luojiang_ce.refusals import NotPossible
from luojiang_ce.versions import Conflict
from luojiang_ce.workflow.engine import Refused, fire
from luojiang_ce.workflow.models import Event
from tests.conftest import District
from tests.factories import person_in
from tests.verification.batches.samples import YEAR, a_batch, a_draft, learned, staff
from units.models import Certificate, Employment, Leave, Title, Unit
from verification.batches import services
from verification.batches.candidates import candidates, people_of, unlisted
from verification.batches.models import AnnualRecord, Batch

pytestmark = pytest.mark.django_db
LATE = datetime(2027, 3, 2, 0, 0, 1, tzinfo=clock.SHANGHAI)
LAST_DAY = datetime(2027, 3, 1, 10, 0, tzinfo=clock.SHANGHAI)


@pytest.mark.notice("二(三)1")
def test_a_unit_has_one_draft_of_a_year_and_path_however_often_it_begins(district: District) -> None:
    first = services.open_batch(unit=district.unit, year=YEAR, path="general", actor=district.owner)
    again = services.open_batch(unit=district.unit, year=YEAR, path="general", actor=district.colleague)
    medical = services.open_batch(unit=district.unit, year=YEAR, path="medical", actor=district.owner)
    assert first == again
    assert (first.sequence, medical.sequence) == (1, 2)


@pytest.mark.notice("二(三)1")
def test_who_is_listed_worked_in_the_district_in_the_year_and_works_in_the_unit_now(district: District) -> None:
    unit, today = district.unit, date(2027, 1, 6)
    stays = person_in(unit, "温如故")
    left = person_in(unit, "岳临川")
    left.employments.update(ended_on=date(2027, 1, 5), end_reason=Employment.End.LEFT)
    leaves_today = person_in(unit, "顾清和")
    leaves_today.employments.update(ended_on=today, end_reason=Employment.End.RETIRED)
    came = person_in(district.neighbour_unit, "傅以宁")
    came.employments.update(ended_on=date(2026, 12, 31), end_reason=Employment.End.MOVED)
    Employment.objects.create(person=came, unit=unit, started_on=date(2027, 1, 1))
    person_in(unit, "沈听澜", since=date(2027, 1, 1))
    person_in(district.neighbour_unit, "夏知远")
    assert set(people_of(unit, YEAR, today)) == {stays, leaves_today, came}


def test_everybody_stands_with_sum_verdict_booklet_and_record(district: District) -> None:
    (met,) = staff(district.unit, 1)
    (short,) = staff(district.unit, 1, met=False, booklet=False)
    batch = a_draft(district, [met])
    found = {each.person: each for each in candidates(district.unit, YEAR, clock.today())}
    assert found[met].now.verdict.label == "达标"
    assert found[met].now.sums["total"] == "96.00"
    assert found[met].record is not None
    assert found[met].record.batch == batch
    assert found[short].now.verdict.label == "未达标"
    assert found[short].booklet is None
    assert unlisted(found.values()) == [found[short]]


def test_listing_people_freezes_how_they_stand_and_is_done_once(district: District) -> None:
    people = staff(district.unit, 3)
    batch = a_draft(district, people)
    assert services.add_people(batch=batch, people=[p.pk for p in people], actor=district.owner) == 0
    record = batch.records.get(person=people[0])
    assert (record.facts["sums"]["public"], record.facts["sums"]["professional"]) == ("24.00", "72.00")
    assert (record.facts["title"], record.facts["unit"]) == ("农艺师", district.unit.name)
    assert record.verdict["outcome"] == "met"
    assert record.verifies
    assert not record.issues


def test_who_has_no_booklet_is_listed_for_one(district: District) -> None:
    batch = a_draft(district, staff(district.unit, 1, booklet=False))
    assert batch.records.get().kinds == "发证、验证"


def test_strangers_and_people_of_another_path_are_not_listed(district: District) -> None:
    stranger = person_in(district.neighbour_unit, "夏知远")
    nurse = person_in(district.unit, "裴南枝", category="medical")
    batch = a_draft(district, [stranger, nurse])
    assert batch.records.count() == 0


@pytest.mark.notice("附件4")
def test_one_record_per_person_and_year_across_batches(district: District) -> None:
    people = staff(district.unit, 1)
    a_batch(district, people=people)
    second = a_draft(district, people)
    assert second.records.count() == 0


@pytest.mark.notice("二(一)")
def test_filing_numbers_the_batch_freezes_its_rows_and_tells_the_bureau(district: District, at) -> None:
    batch = a_draft(district)
    learned(batch.records.first().person, "0", "4")
    fire(batch, "submit", actor=district.owner)
    assert batch.state == Batch.State.SUBMITTED
    assert batch.number == f"{YEAR}-V-0001"
    assert {record.state for record in batch.records.all()} == {AnnualRecord.State.FILED}
    assert {record.facts["sums"]["total"] for record in batch.records.all()} == {"96.00", "100.00"}
    assert Notice.objects.filter(recipient=district.handler, title__startswith="收到").count() == 1


@pytest.mark.notice("二(一)")
@pytest.mark.parametrize(("moment", "passes"), [(datetime(2027, 3, 1, 23, 59, 59), True), (LATE, False)])
def test_the_last_moment_is_the_end_of_february_rolled_over_a_sunday(
    district: District, at, moment: datetime, passes: bool
) -> None:
    batch = a_draft(district)
    at(moment.replace(tzinfo=clock.SHANGHAI))
    if passes:
        fire(batch, "submit", actor=district.owner)
        return
    with pytest.raises(Refused, match="已过年度验证报送期限"):
        fire(batch, "submit", actor=district.owner)


@pytest.mark.notice("二(三)2")
def test_who_was_on_approved_leave_on_the_last_day_may_be_made_up_for_afterwards(district: District, at) -> None:
    (person,) = staff(district.unit, 1)
    batch = a_draft(district, [person])
    batch.records.update(makes_up=True, verifies=False)
    at(datetime(2027, 9, 1, 9, 0, tzinfo=clock.SHANGHAI))
    with pytest.raises(Refused, match="已过年度验证报送期限"):
        fire(batch, "submit", actor=district.owner)
    Leave.objects.create(
        person=person,
        unit=district.unit,
        reason=Leave.Reason.SICKNESS,
        starts_on=date(2026, 6, 1),
        ends_on=date(2027, 8, 31),
        state=Leave.State.APPROVED,
    )
    fire(batch, "submit", actor=district.owner)
    assert batch.state == Batch.State.SUBMITTED


def test_everything_that_is_missing_is_said_at_once(district: District) -> None:
    short = staff(district.unit, 1, met=False)
    bare = staff(district.unit, 1, booklet=False)
    batch = a_draft(district, [*short, *bare])
    batch.records.filter(person=bare[0]).update(issues=False)
    Batch.objects.filter(pk=batch.pk).update(phone="")
    with pytest.raises(Refused) as refused:
        fire(batch, "submit", actor=district.owner)
    said = str(refused.value)
    assert "没有填电话" in said
    assert "没有写未达标原因" in said
    assert "没有证书编号" in said


def test_an_empty_batch_is_not_filed(district: District) -> None:
    with pytest.raises(Refused, match="还没有人"):
        fire(a_draft(district, []), "submit", actor=district.owner)


def test_a_stale_save_is_refused_and_nothing_written(district: District) -> None:
    batch = a_draft(district)
    batch.refresh_from_db()
    seen = batch.version
    values = {"filler": "林知秋", "phone": "1", "note": ""}
    services.save_head(batch=batch, version=seen, values=values, actor=district.owner)
    with pytest.raises(Conflict):
        services.save_head(batch=batch, version=seen, values={**values, "phone": "2"}, actor=district.colleague)
    batch.refresh_from_db()
    assert batch.phone == "1"


def test_what_was_filed_cannot_be_edited(district: District) -> None:
    batch = a_batch(district)
    with pytest.raises(NotPossible, match="不能修改"):
        services.remove_people(batch=batch, records=[batch.records.first().pk], actor=district.owner)


def test_rows_of_another_batch_are_not_saved(district: District) -> None:
    batch = a_draft(district)
    foreign = a_batch(district, "draft", people=staff(district.unit, 1))
    row = AnnualRecord.objects.exclude(batch=batch).first() or foreign.records.first()
    row.note = "x"
    before = row.batch_id
    services.save_rows(batch=batch, version=Batch.objects.get(pk=batch.pk).version, rows=[row], actor=district.owner)
    row.refresh_from_db()
    assert before == batch.pk or row.note == ""


def test_taking_back_before_the_deadline_lets_it_be_mended(district: District, at) -> None:
    batch = a_draft(district)
    fire(batch, "submit", actor=district.owner)
    fire(batch, "take_back", actor=district.owner)
    assert batch.state == Batch.State.DRAFT
    assert {record.state for record in batch.records.all()} == {AnnualRecord.State.LISTED}
    number = batch.number
    fire(batch, "submit", actor=district.owner)
    assert batch.number == number


def test_what_was_taken_back_was_not_filed(district: District, at) -> None:
    batch = a_draft(district)
    fire(batch, "submit", actor=district.owner)
    fire(batch, "take_back", actor=district.owner)
    at(LATE)
    with pytest.raises(Refused, match="已过年度验证报送期限"):
        fire(batch, "submit", actor=district.owner)


def test_after_the_deadline_it_is_not_taken_back(district: District, at) -> None:
    batch = a_batch(district)
    at(LATE)
    with pytest.raises(Refused, match="不能再撤回"):
        fire(batch, "take_back", actor=district.owner)


def test_mending_ends_after_five_working_days(district: District, at) -> None:
    at(LAST_DAY)
    batch = a_draft(district)
    fire(batch, "submit", actor=district.owner)
    fire(batch, "return", actor=district.handler, data={"items": [{"where": "", "wrong": "证书编号有误", "mend": ""}]})
    at(LAST_DAY + timedelta(days=8))
    with pytest.raises(Refused, match="已过补正期限"):
        fire(batch, "resubmit", actor=district.owner, data={"answers": {}})


def test_a_return_tells_everything_and_mending_may_run_past_the_deadline(district: District, at) -> None:
    at(LAST_DAY)
    batch = a_draft(district)
    fire(batch, "submit", actor=district.owner)
    items = [{"where": "温如故", "wrong": "证书编号有误", "mend": "按原件更正"}]
    fire(batch, "return", actor=district.handler, data={"items": items})
    at(LATE)
    fire(batch, "resubmit", actor=district.owner, data={"answers": {}})
    assert batch.state == Batch.State.SUBMITTED
    names = list(
        Event.objects.filter(case_id=batch.pk, case_type="verification_batches.batch").values_list("name", flat=True)
    )
    assert names[-3:] == ["submit", "return", "resubmit"]


@pytest.mark.notice("二(一)卫生")
def test_medical_staff_go_to_the_health_bureau_first(district: District, at) -> None:
    Unit.objects.filter(pk=district.unit.pk).update(supervisor=district.health)
    nurse = person_in(district.unit, "裴南枝", category="medical")
    Certificate.objects.create(person=nurse, number="YX-1", kind="medical")
    Title.objects.create(person=nurse, series="卫生", name="护师")
    batch = a_draft(district, [nurse], path="medical")
    batch.records.update(unmet_reason="级别未登记")
    fire(batch, "send", actor=district.owner)
    assert batch.state == Batch.State.IN_REVIEW
    with pytest.raises(Refused, match="只有教育局审核"):
        fire(batch, "education_return", actor=district.health_reviewer, data={"items": []})
    fire(batch, "health_pass", actor=district.health_reviewer)
    assert batch.state == Batch.State.SUBMITTED

"""P2: the first submission decides, for each person; what is new in a returned batch is late."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from luojiang_ce import clock
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.engine import Refused, fire
from tests.conftest import District
from tests.verification.batches.samples import YEAR, a_draft, staff
from units.models import Employment, Person
from verification.batches import services
from verification.batches.candidates import candidates, unlisted
from verification.batches.models import AnnualRecord, Batch

pytestmark = pytest.mark.django_db
LAST_DAY = datetime(2027, 3, 1, 10, 0, tzinfo=clock.SHANGHAI)
LATE = LAST_DAY + timedelta(days=2)
ITEMS = [{"where": "", "wrong": "证书编号有误", "mend": ""}]


def returned(district: District, people: list[Person], at) -> Batch:
    """Filed and sent back on the last day; it is two days later."""
    at(LAST_DAY)
    batch = a_draft(district, people)
    fire(batch, "submit", actor=district.owner)
    fire(batch, "return", actor=district.handler, data={"items": ITEMS})
    at(LATE)
    return batch


@pytest.mark.notice("二(一)")
def test_who_is_added_while_a_late_batch_is_mended_is_late(district: District, at) -> None:
    old, new = staff(district.unit, 2)
    batch = returned(district, [old], at)
    services.add_people(batch=batch, people=[new.pk], actor=district.owner)
    with pytest.raises(Refused, match=f"{new.name}是期限（3月1日）以后新列入的"):
        fire(batch, "resubmit", actor=district.owner, data={"answers": {}})
    services.remove_people(batch=batch, records=[batch.records.get(person=new).pk], actor=district.owner)
    fire(batch, "resubmit", actor=district.owner, data={"answers": {}})
    assert batch.state == Batch.State.SUBMITTED


def test_who_was_taken_out_by_mistake_was_filed_in_time_all_the_same(district: District, at) -> None:
    stays, out = staff(district.unit, 2)
    batch = returned(district, [stays, out], at)
    record = batch.records.get(person=out)
    services.remove_people(batch=batch, records=[record.pk], actor=district.owner)
    assert [each.person for each in unlisted(candidates(district.unit, YEAR, clock.today()))] == [out]
    assert services.add_people(batch=batch, people=[out.pk], actor=district.owner) == 1
    assert batch.records.get(person=out).pk == record.pk
    fire(batch, "resubmit", actor=district.owner, data={"answers": {}})
    assert set(batch.records.values_list("state", flat=True)) == {AnnualRecord.State.FILED}


def test_a_mistaken_path_is_mended_in_another_batch_after_the_deadline(district: District, at) -> None:
    """Filed among the general staff in time, but a nurse: she goes to the health bureau first, and is not late."""
    nurse, clerk = staff(district.unit, 2)
    batch = returned(district, [nurse, clerk], at)
    type(district.unit).objects.filter(pk=district.unit.pk).update(supervisor=district.health)
    Person.objects.filter(pk=nurse.pk).update(category="medical")
    with pytest.raises(Refused, match=f"{nurse.name}：现应走“卫生系列”"):
        fire(batch, "resubmit", actor=district.owner, data={"answers": {}})
    batch.refresh_from_db()
    services.remove_people(batch=batch, records=[batch.records.get(person=nurse).pk], actor=district.owner)
    medical = a_draft(district, [nurse], path="medical")
    medical.records.update(unmet_reason="学分未登记")
    fire(medical, "send", actor=district.owner)
    assert medical.records.get().path == "medical"


def test_who_has_moved_since_being_listed_is_filed_by_the_new_unit(district: District) -> None:
    stays, moved = staff(district.unit, 2)
    batch = a_draft(district, [stays, moved])
    moved.employments.update(ended_on=date(2027, 1, 5), end_reason=Employment.End.MOVED)
    Employment.objects.create(person=moved, unit=district.neighbour_unit, started_on=date(2027, 1, 6))
    with pytest.raises(Refused, match=f"{moved.name}：已不在本单位（{district.neighbour_unit.name}）"):
        fire(batch, "submit", actor=district.owner)


def test_who_moved_after_being_filed_stays_with_the_unit_that_filed(district: District, at) -> None:
    (moved,) = staff(district.unit, 1)
    batch = returned(district, [moved], at)
    moved.employments.update(ended_on=date(2027, 3, 2), end_reason=Employment.End.MOVED)
    Employment.objects.create(person=moved, unit=district.neighbour_unit, started_on=date(2027, 3, 3))
    fire(batch, "resubmit", actor=district.owner, data={"answers": {}})
    assert batch.state == Batch.State.SUBMITTED


def test_what_was_taken_back_was_not_filed_person_by_person(district: District, at) -> None:
    batch = a_draft(district)
    fire(batch, "submit", actor=district.owner)
    assert not batch.records.filter(first_submitted_at=None).exists()
    fire(batch, "take_back", actor=district.owner)
    assert not batch.records.exclude(first_submitted_at=None).exists()


def test_who_is_listed_elsewhere_at_the_same_moment_is_not_counted(district: District) -> None:
    first, second = staff(district.unit, 2)
    a_draft(district, [first], path="general")
    batch = a_draft(district, [first, second])
    assert services.add_people(batch=batch, people=[first.pk, second.pk], actor=district.owner) == 0


@pytest.mark.notice("二(一)")
def test_a_mending_period_that_is_over_is_not_begun_anew_in_another_batch(district: District, at) -> None:
    (person,) = staff(district.unit, 1)
    batch = returned(district, [person], at)
    at(LAST_DAY + timedelta(days=30))
    with pytest.raises(Refused, match="已过补正期限"):
        fire(batch, "resubmit", actor=district.owner, data={"answers": {}})
    with pytest.raises(NotPossible, match="已过补正期限，移出的人不能再报送"):
        services.remove_people(batch=batch, records=[batch.records.get().pk], actor=district.owner)
    assert batch.records.get().person == person


def test_who_was_taken_out_and_not_filed_again_in_time_is_late_in_another_batch(district: District, at) -> None:
    (person,) = staff(district.unit, 1)
    batch = returned(district, [person], at)
    services.remove_people(batch=batch, records=[batch.records.get().pk], actor=district.owner)
    at(LAST_DAY + timedelta(days=30))
    again = a_draft(district, [person])
    assert again != batch
    with pytest.raises(Refused, match="已过年度验证报送期限"):
        fire(again, "submit", actor=district.owner)


def test_who_is_taken_out_may_be_filed_elsewhere_for_as_long_as_three_reminders_take(district: District, at) -> None:
    """At least until the mending period ends, on 8 March."""
    (person,) = staff(district.unit, 1)
    batch = returned(district, [person], at)
    services.remove_people(batch=batch, records=[batch.records.get().pk], actor=district.owner)
    assert AnnualRecord.objects.get(person=person).mend_by == date(2027, 3, 18)
    again = a_draft(district, [person])
    at(datetime(2027, 3, 18, 23, 59, 59, tzinfo=clock.SHANGHAI))
    fire(again, "submit", actor=district.owner)
    assert AnnualRecord.objects.get(person=person).mend_by is None


def test_who_left_is_to_be_taken_out(district: District) -> None:
    (person,) = staff(district.unit, 1)
    batch = a_draft(district, [person])
    person.employments.update(ended_on=date(2027, 1, 5), end_reason=Employment.End.RETIRED)
    with pytest.raises(Refused, match=f"{person.name}：已离开本单位，请移出花名册"):
        fire(batch, "submit", actor=district.owner)

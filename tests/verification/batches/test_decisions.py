"""A decision on an inspection of a class half of whose people are stamped: the stamped ones are looked at again, the
public check says so, and the withdrawal leaves their papers right."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from luojiang_ce.workflow.engine import fire
from tests.conftest import District
from tests.todos import todos
from tests.training.factories import class_of, enrol, recognition_of, sign_all
from tests.training.inspections.decisions.factories import WAY, a_draft, moved, withdrawn
from tests.training.recognition.corrections import decided
from tests.verification.batches.conftest import SEASON, At
from tests.verification.batches.samples import staff
from tests.verification.batches.test_corrections import checked, page_of, stamped
from training.inspections.decisions.reach import reach_of
from training.recognition.models import Recognition
from verification.ledger.models import LedgerEntry

pytestmark = [pytest.mark.django_db, pytest.mark.notice("一(五)4")]


@pytest.fixture
def case(district: District, at: At) -> Recognition:
    """Of four trainees two are stamped later; without the class each has 86 of 90 hours of the year."""
    course = class_of(district.unit, opens_on=date(2026, 12, 22))
    sign_all(course, [enrol(course, person) for person in staff(district.unit, 4, met=False)])
    made = decided(district, recognition_of(course))
    at(SEASON + timedelta(hours=1))
    return made


def test_who_is_stamped_is_looked_at_again_and_who_is_not_just_has_less(
    district: District, case: Recognition, at: At, monkeypatch: pytest.MonkeyPatch
) -> None:
    everybody = [each.person for each in case.application.enrolments.order_by("pk").select_related("person")]
    monkeypatch.setattr("tests.verification.batches.test_corrections.people", lambda case: everybody[:2])
    batch = stamped(district, case, at)
    papers = [page_of(batch, record) for record in batch.records.all()]
    draft = a_draft(district, case.application)
    found = reach_of(draft).rest
    assert sorted(name for name, _ in found.resting) == sorted(person.name for person in everybody[:2])
    assert found.papers == 2
    assert len(found.worse) == 4, "also who has filed nothing yet would not reach the year any more"

    made = moved(district, draft, *WAY)
    assert all("复核中" in checked(paper) for paper in papers)
    owed = [todo.title for todo in todos(district.fresh(district.approver)) if "被冲销" in todo.title]
    assert owed == [f"复核：{batch}，2 人盖章后学时被冲销"]

    at(SEASON + timedelta(hours=3))
    withdrawn(district, made)
    sums = LedgerEntry.objects.filter(person__in=everybody, year=2026).sums()
    assert {sum(each.values()) for each in sums.values()} == {102}
    at(SEASON + timedelta(hours=4))
    for record in batch.records.all():
        fire(record, "stands", actor=district.approver, note="处理决定已撤回，学时不变")
    assert not any("复核中" in checked(paper) for paper in papers)

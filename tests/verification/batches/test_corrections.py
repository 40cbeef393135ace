"""A correction of recognised hours under the yearly verification: before the stamp, and of hours already stamped."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from luojiang_ce.papers.models import Paper
from luojiang_ce.workflow.engine import Refused, fire
from tests.conftest import District
from tests.todos import todos
from tests.training.factories import class_of, enrol, recognition_of, sign_all
from tests.training.recognition.corrections import amounts, begun, corrected, decided
from tests.units.views.helpers import browser
from tests.verification.batches import samples
from tests.verification.batches.conftest import SEASON, At
from tests.verification.batches.samples import a_batch, staff
from training.recognition.corrections import services
from training.recognition.corrections.reach import rest_of
from training.recognition.models import Recognition, RecognitionCorrection
from verification.batches.models import AnnualRecord, Batch
from verification.batches.services import refreeze
from verification.batches.tasks import tell_of_second_looks

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(district: District, at: At) -> Recognition:
    """A recognised class of 16 hours, without which its two trainees had 86 of 90 hours of the year."""
    course = class_of(district.unit, opens_on=date(2026, 12, 22))
    people = staff(district.unit, 2, met=False)
    sign_all(course, [enrol(course, person) for person in people])
    made = decided(district, recognition_of(course))
    at(SEASON + timedelta(hours=1))
    return made


def people(case: Recognition) -> list[Any]:
    return [each.person for each in case.application.enrolments.order_by("pk").select_related("person")]


def stamped(district: District, case: Recognition, at: At) -> Batch:
    batch = samples.stamped(district, people(case))
    at(SEASON + timedelta(hours=2))
    return batch


def taken_down(district: District, case: Recognition, hours: Any = 0) -> RecognitionCorrection:
    made = begun(district, case)
    amounts(made, 0, hours, district.handler)
    return RecognitionCorrection.objects.get(pk=made.pk)


def checked(paper: Paper) -> str:
    return Client().get(reverse("papers:check_code", args=[paper.code])).content.decode()


def page_of(batch: Batch, record: AnnualRecord) -> Paper:
    return Paper.objects.of(batch).get(kind="verification_person", subject_id=record.pk)


def test_before_it_is_decided_its_reach_is_shown(district: District, case: Recognition, at: At) -> None:
    batch = stamped(district, case, at)
    one, other = (batch.records.get(person=person) for person in people(case))
    found = rest_of(taken_down(district, case))
    (name, resting), = found.resting  # fmt: skip
    assert (name, resting.title, resting.state) == (one.person.name, "2026 年度验证", "已盖章")
    assert resting.papers == [page_of(batch, one).number]
    assert found.worse == [(one.person.name, 2026, "达标", "未达标")]
    assert other.person.name not in {name for name, *_ in found.worse}


def test_of_hours_already_stamped_the_papers_are_in_review_until_decided_again(
    district: District, case: Recognition, at: At
) -> None:
    batch = stamped(district, case, at)
    one, other = (batch.records.get(person=person) for person in people(case))
    assert "复核中" not in checked(page_of(batch, one))
    corrected(district, taken_down(district, case))
    assert "复核中" in checked(page_of(batch, one))
    assert "复核中" in browser(district.handler).get(page_of(batch, one).get_absolute_url()).content.decode()
    assert "复核中" not in checked(page_of(batch, other))
    owed = [todo.title for todo in todos(district.fresh(district.approver)) if "被冲销" in todo.title]
    assert owed == [f"复核：{batch}，1 人盖章后学时被冲销"]
    assert tell_of_second_looks()
    with pytest.raises(Refused, match=r"合计 102.*现为 86"):
        fire(one, "stands", actor=district.approver, note="已核对")
    fire(one, "revoke", actor=district.approver, note="学时更正")
    assert "已撤销" in checked(page_of(batch, one))


def test_one_that_was_undone_leaves_the_paper_right_which_is_confirmed(
    district: District, case: Recognition, at: At
) -> None:
    batch = stamped(district, case, at)
    one = batch.records.get(person=people(case)[0])
    first = corrected(district, taken_down(district, case))
    at(SEASON + timedelta(hours=3))
    back = begun(district, case)
    services.undo(correction=back, earlier=first, actor=district.handler)
    corrected(district, back)
    assert "复核中" in checked(page_of(batch, one))
    at(SEASON + timedelta(hours=4))
    fire(one, "stands", actor=district.approver, note="更正已撤回，学时不变")
    assert "复核中" not in checked(page_of(batch, one))


def test_while_the_year_is_being_filed_its_verdict_is_made_anew_before_it_is_relied_on(
    district: District, case: Recognition
) -> None:
    batch = a_batch(district, "submitted", people=people(case))
    refreeze(batch=batch, actor=district.handler)
    one = batch.records.get(person=people(case)[0])
    assert one.verdict["outcome"] == "met"
    corrected(district, taken_down(district, case))
    with pytest.raises(Refused, match="学时有变动，请先按现有学时重新核算"):
        fire(one, "verify", actor=district.handler)
    refreeze(batch=batch, actor=district.handler)
    one.refresh_from_db()
    assert one.verdict["outcome"] == "unmet"


def test_a_year_without_a_difference_is_not_looked_at_again(district: District, at: At) -> None:
    """Of a class over New Year only the part of the other year is corrected: the stamped year stays as it is."""
    course = class_of(district.unit, opens_on=date(2026, 12, 31))
    person = staff(district.unit, 1)[0]
    sign_all(course, [enrol(course, person)])
    case = decided(district, recognition_of(course))
    at(SEASON + timedelta(hours=1))
    batch = stamped(district, case, at)
    made = begun(district, case)
    hours = {(2026, "professional"): Decimal(8), (2027, "professional"): Decimal(2)}
    who = case.application.enrolments.get()
    services.set_amounts(correction=made, enrolment=who, amounts=hours, reason="代签", actor=district.handler)
    corrected(district, made)
    assert "复核中" not in checked(page_of(batch, batch.records.get()))

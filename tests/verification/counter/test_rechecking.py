"""Hours that change between 办结 and the seal: whose turn it is, who is told, and the one act that mends it."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from luojiang_ce.notices.models import Notice
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.engine import actions_for, fire
from luojiang_ce.workflow.models import Event
from tests.conftest import District
from tests.todos import todos
from tests.verification.batches.samples import a_batch, learned, refrozen, staff
from tests.verification.batches.test_pages import browser
from verification.batches.models import AnnualRecord, Batch, Path
from verification.batches.tasks import tell_of_second_looks
from verification.counter.deciding import decide, recheck
from verification.ledger.models import LedgerEntry
from verification.ledger.services import counter as counter_entry

pytestmark = pytest.mark.django_db
R = AnnualRecord.State
SAYS = "重新核对："


def passed(district: District, number: int = 3, state: str = "decided") -> Batch:
    """Everybody is passed, on the hours of now."""
    batch = refrozen(a_batch(district, people=staff(district.unit, number)))
    rows = list(batch.records.values_list("pk", flat=True))
    decide(batch=batch, records=rows, name="verify", actor=district.handler)
    Batch.objects.filter(pk=batch.pk).update(state=state)
    return Batch.objects.get(pk=batch.pk)


def more_hours(batch: Batch) -> None:
    for row in batch.records.select_related("person"):
        learned(row.person, "12", "0")


def said(account: object) -> list[str]:
    return [each.title for each in todos(account, Batch)]


@pytest.mark.notice("二(一)")
def test_changed_hours_before_the_seal_are_the_handlers_turn_and_not_the_keepers(district: District) -> None:
    batch = passed(district)
    assert not [each for each in said(district.handler) if SAYS in each]
    more_hours(batch)
    assert [each for each in said(district.handler) if SAYS in each]
    page = browser(district.handler).get(batch.get_absolute_url()).content.decode()
    assert "现在由您重新核对" in page
    seen = browser(district.keeper).get(batch.get_absolute_url()).content.decode()
    assert "用印" not in seen.split("lj-path")[0].split("现在等", 1)[1].split("</p>")[0]
    listed = browser(district.keeper).get(reverse("batches:list")).content.decode()
    assert "3 人学时有变动，等重新核对" in listed


def test_both_are_told_once(district: District) -> None:
    batch = passed(district)
    assert not tell_of_second_looks()
    more_hours(batch)
    assert "等待重新核对" in tell_of_second_looks()
    tell_of_second_looks()
    about = Notice.objects.filter(title__contains="须重新核对")
    assert district.handler.pk in about.values_list("recipient", flat=True)
    assert about.filter(recipient=district.handler).count() == 1
    learned(batch.records.first().person, "1", "0")  # type: ignore[union-attr]
    tell_of_second_looks()
    assert about.filter(recipient=district.handler).count() == 2


@pytest.mark.notice("一(三)1")
def test_all_changed_rows_are_decided_anew_in_one_act_each_with_its_events(district: District) -> None:
    batch = passed(district, state="submitted")
    more_hours(batch)
    unlucky = batch.records.order_by("pk").first()
    assert unlucky is not None
    for entry in LedgerEntry.objects.filter(person=unlucky.person, subject="professional"):
        counter_entry(entry, actor=district.handler, reason="班次不予认定")
    done = recheck(batch=Batch.objects.get(pk=batch.pk), actor=district.handler)
    assert (done.passed, done.open) == (2, [unlucky.person.name])
    assert unlucky.person.name in str(done)
    states = dict(batch.records.values_list("pk", "state"))
    assert states.pop(unlucky.pk) == R.FILED
    assert set(states.values()) == {R.VERIFIED}
    names = Event.objects.filter(case_type="verification_batches.annualrecord", name="withdraw")
    assert names.count() == 3
    assert all(row.facts["sums"]["public"].startswith("36") for row in batch.records.all())
    with pytest.raises(NotPossible, match="没有改动"):
        recheck(batch=Batch.objects.get(pk=batch.pk), actor=district.handler)


def test_the_page_offers_the_act_and_says_what_became(district: District) -> None:
    batch = passed(district, state="submitted")
    address, client = reverse("batches:counter", args=[batch.pk]), browser(district.handler)
    assert "重新核对 3 人" not in client.get(address).content.decode()
    more_hours(batch)
    assert "重新核对 3 人" in client.get(address).content.decode()
    page = client.post(reverse("batches:recheck", args=[batch.pk]), follow=True).content.decode()
    assert "已按现有学时重新核对 3 人：3 人照原结论通过" in page


def queries_of_rechecking(district: District, number: int) -> int:
    batch = passed(district, number, state="submitted")
    more_hours(batch)
    with CaptureQueriesContext(connection) as asked:
        recheck(batch=Batch.objects.get(pk=batch.pk), actor=district.handler)
    return len(asked)


def test_thirty_are_rechecked_with_as_many_queries_as_three(district: District) -> None:
    assert queries_of_rechecking(district, 30) <= queries_of_rechecking(district, 3) + 2


def test_the_education_bureaus_button_says_beforehand_that_hours_changed(district: District) -> None:
    batch = refrozen(a_batch(district, "in_review", path=Path.TEACHER))
    more_hours(batch)
    (action,) = actions_for(Batch.objects.get(pk=batch.pk), district.education_reviewer, "validate")
    assert any("请先按现有学时重新核算" in reason for reason in action.reasons)


def test_a_batch_of_teachers_goes_back_to_the_education_bureau(district: District) -> None:
    batch = refrozen(a_batch(district, "in_review", path=Path.TEACHER))
    batch.records.update(state=R.VERIFIED)
    Batch.objects.filter(pk=batch.pk).update(state="decided")
    more_hours(batch)
    assert [each for each in said(district.education_reviewer) if SAYS in each]
    assert not [each for each in said(district.handler) if SAYS in each]
    fire(Batch.objects.get(pk=batch.pk), "unvalidate", actor=district.education_reviewer, note="学时有变动")
    assert set(batch.records.values_list("state", flat=True)) == {R.FILED}

"""Hours reversed under a stamped paper: who is told, who has to act, what the public reads, how it ends (I3, V11)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.notices.models import Notice
from luojiang_ce.papers.models import Paper
from luojiang_ce.workflow.engine import Refused, fire
from tests.conftest import District
from tests.todos import todos
from tests.verification.batches.conftest import SEASON, At
from tests.verification.batches.samples import a_batch, a_seal, learned, staff
from tests.verification.batches.test_stamping import pages, roster, stamped
from units.models import Unit
from verification.batches import services
from verification.batches.models import AnnualRecord, Batch
from verification.batches.second_look import to_look_at_again
from verification.batches.tasks import tell_of_second_looks
from verification.counter.deciding import decide
from verification.ledger.models import LedgerEntry
from verification.ledger.services import NewEntry, counter, post

pytestmark = pytest.mark.django_db
R = AnnualRecord.State


@pytest.fixture
def batch(district: District, at: At) -> Batch:
    """Stamped; the clock goes on, so that what follows comes after it."""
    batch = stamped(district)
    at(SEASON + timedelta(hours=1))
    return batch


def reverse_of(record: AnnualRecord, district: District, subject: str = "professional") -> LedgerEntry:
    entry = LedgerEntry.objects.standing().get(person=record.person, subject=subject)
    return counter(entry=entry, reason="检查发现代签", actor=district.approver)


def checked(paper: Paper) -> str:
    return Client().get(reverse("papers:check_code", args=[paper.code])).content.decode()


def owed(account: Any) -> list[str]:
    return [todo.title for todo in todos(account) if "被冲销" in todo.title]


def test_the_public_check_says_so_on_the_page_and_the_roster_and_of_nobody_else(
    batch: Batch, district: District
) -> None:
    one, other = batch.records.order_by("pk")
    assert all("复核中" not in checked(paper) for paper in [*pages(batch), roster(batch)])
    reverse_of(one, district)
    said = {paper.subject_id: checked(paper) for paper in pages(batch)}
    assert "复核中" in said[one.pk]
    assert "复核中" not in said[other.pk]
    assert "复核中" in checked(roster(batch))
    assert one.person.name not in checked(roster(batch))


def test_a_reversal_that_was_itself_taken_back_asks_for_nothing(batch: Batch, district: District) -> None:
    record = batch.records.order_by("pk").first()
    countered = reverse_of(record, district)
    counter(entry=countered, reason="处理决定撤销", actor=district.approver)
    assert not to_look_at_again().exists()
    assert "复核中" not in checked(pages(batch)[0])


def test_hours_that_are_added_or_of_another_year_ask_for_nothing(batch: Batch, district: District) -> None:
    record = batch.records.order_by("pk").first()
    learned(record.person, "0", "4")
    learned(record.person, "0", "8", year=record.year + 1)
    entry = LedgerEntry.objects.get(person=record.person, year=record.year + 1)
    counter(entry=entry, reason="有误", actor=district.approver)
    assert not to_look_at_again().exists()


def test_the_approver_has_it_to_do_and_the_unit_is_told_once(batch: Batch, district: District) -> None:
    one, other = batch.records.order_by("pk")
    assert owed(district.approver) == []
    reverse_of(one, district)
    assert owed(district.approver) == [f"复核：{batch}，1 人盖章后学时被冲销"]
    assert owed(district.handler) == owed(district.owner) == owed(district.neighbour) == []
    for _ in range(2):
        tell_of_second_looks()
    told = Notice.objects.filter(title__contains="正在复核")
    assert set(told.values_list("recipient", flat=True)) == {
        district.owner.pk,
        district.colleague.pk,
        district.approver.pk,
    }
    assert told.count() == 3
    assert all(one.person.name in notice.text and one.person.name not in notice.title for notice in told)
    reverse_of(other, district)
    tell_of_second_looks()
    assert Notice.objects.filter(recipient=district.owner, title__contains="2 人盖章后").count() == 1


def test_what_is_reversed_of_other_years_or_before_the_decision_tells_nobody_again(
    batch: Batch, district: District, at: At
) -> None:
    """Of one person two years may be stamped: what concerns one is nothing new about the other."""
    one, other = batch.records.order_by("pk")
    learned(other.person, "0", "8")
    counter(entry=LedgerEntry.objects.standing().filter(person=other.person).latest("pk"), reason="有误",
            actor=district.approver)  # fmt: skip
    AnnualRecord.objects.filter(pk=other.pk).update(decided_at=clock.now() + timedelta(minutes=1))
    reverse_of(one, district)
    tell_of_second_looks()
    told = Notice.objects.filter(title__contains="正在复核").count()
    at(SEASON + timedelta(hours=2))
    for year in (one.year - 1, one.year + 1):
        learned(one.person, "0", "8", year=year)
        counter(entry=LedgerEntry.objects.get(person=one.person, year=year), reason="有误", actor=district.approver)
    later = counter(entry=LedgerEntry.objects.standing().filter(person=other.person).latest("pk"), reason="有误",
                    actor=district.approver)  # fmt: skip
    counter(entry=later, reason="处理决定撤销", actor=district.approver)
    tell_of_second_looks()
    assert Notice.objects.filter(title__contains="正在复核").count() == told


def test_it_ends_when_the_result_is_revoked_and_made_anew(batch: Batch, district: District) -> None:
    record = batch.records.order_by("pk").first()
    reverse_of(record, district)
    fire(record, "revoke", actor=district.approver, note="学时被冲销")
    assert owed(district.approver) == []
    assert "已撤销" in checked(next(paper for paper in pages(batch) if paper.subject_id == record.pk))
    learned(record.person, "0", "80")
    batch.refresh_from_db()
    services.refreeze(batch=batch, actor=district.handler)
    decide(batch=batch, records=[record.pk], name="verify", actor=district.handler)
    record.refresh_from_db()
    assert record.state == R.VERIFIED


def test_it_is_confirmed_only_where_the_paper_still_says_what_the_ledger_holds(
    batch: Batch, district: District, at: At
) -> None:
    record = batch.records.order_by("pk").first()
    with pytest.raises(Refused, match="不需要复核"):
        fire(record, "stands", actor=district.approver, note="无")
    countered = reverse_of(record, district)
    with pytest.raises(Refused, match=r"合计 96.*现为 24"):
        fire(record, "stands", actor=district.approver, note="已核对")
    with pytest.raises(Refused, match="只有区人社局审批"):
        fire(record, "stands", actor=district.handler, note="已核对")
    again = countered.counter_of
    entry = NewEntry(person_id=record.person_id, year=record.year, subject="professional", amount=Decimal(72),
                     measure="hours", form="class", title=again.title, course="重报")  # fmt: skip
    post(entries=[entry], source=Unit.objects.get(pk=record.unit_id), actor=district.approver)
    with pytest.raises(Refused, match="写明理由"):
        fire(record, "stands", actor=district.approver)
    at(SEASON + timedelta(hours=2))
    fire(record, "stands", actor=district.approver, note="更正入账，学时不变")
    assert owed(district.approver) == []
    assert all("复核中" not in checked(paper) for paper in pages(batch))
    assert record.state == R.STAMPED


def test_the_education_bureau_looks_again_at_a_year_that_it_stamped_alone(batch: Batch, district: District) -> None:
    Unit.objects.filter(pk=batch.unit_id).update(supervisor=district.education)
    Batch.objects.filter(pk=batch.pk).update(path="teacher")
    batch.records.update(path="teacher")
    reverse_of(batch.records.order_by("pk").first(), district)
    assert owed(district.approver) == []
    assert len(owed(district.education_reviewer)) == 1


def test_the_page_of_the_person_says_what_to_do(batch: Batch, district: District) -> None:
    record = batch.records.order_by("pk").first()
    reverse_of(record, district)
    client = Client()
    client.force_login(district.approver, backend="django.contrib.auth.backends.ModelBackend")
    html = client.get(record.get_absolute_url()).content.decode()
    assert "盖章后学时被冲销，正在复核" in html


def test_many_people_cost_no_more_than_few(district: District, django_assert_max_num_queries: Any) -> None:
    asked = []
    seal = a_seal(district.bureau)
    for size in (3, 30):
        batch = a_batch(district, "decided", people=staff(district.unit, size))
        hour = clock.now()
        batch.records.update(state="verified", decided_at=hour)
        fire(batch, "stamp", actor=district.keeper, data={"seal": seal})
        for record in batch.records.all():
            reverse_of(record, district)
        AnnualRecord.objects.filter(batch=batch).update(decided_at=batch.created_at)
        with django_assert_max_num_queries(12) as queries:
            list(to_look_at_again().select_related("person", "batch__unit"))
        asked.append(len(queries))
    assert asked == [1, 1]

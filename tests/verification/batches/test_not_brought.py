"""待补 past its date: told, then decided as the bureau has set (notice 二(一))."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from luojiang_ce import clock
from luojiang_ce.deadlines.owed import Asked, everything_owed, running
from luojiang_ce.notices.models import Notice
from luojiang_ce.papers.models import Paper
from luojiang_ce.workdays.models import DeadlineSetting
from luojiang_ce.workdays.services import terms_in_force
from luojiang_ce.workflow.engine import fire
from tests.conftest import District
from tests.verification.batches.conftest import At
from tests.verification.batches.samples import a_draft
from verification.batches.models import AnnualRecord, Batch
from verification.batches.supplements import settle_supplements
from verification.counter.deciding import decide

pytestmark = [pytest.mark.django_db, pytest.mark.notice("二(一)")]


@pytest.fixture
def row(district: District) -> AnnualRecord:
    """Somebody who is to bring a voucher."""
    batch = a_draft(district)
    fire(batch, "submit", actor=district.owner)
    batch = Batch.objects.get(pk=batch.pk)
    first = batch.records.order_by("pk")[0]
    decide(batch=batch, records=[first.pk], name="supplement", actor=district.handler, reason="缺缴费凭证")
    return AnnualRecord.objects.select_related("person", "batch").get(pk=first.pk)


def days_after(row: AnnualRecord, days: int) -> datetime:
    assert row.supplement_by
    return datetime.combine(row.supplement_by + timedelta(days=days), datetime.min.time(), clock.SHANGHAI).replace(
        hour=9
    )


def told() -> set[int]:
    return set(Notice.objects.filter(title__contains="没有补交材料").values_list("recipient", flat=True))


def test_nobody_is_told_before_the_day_is_over(row: AnnualRecord, at: At) -> None:
    at(days_after(row, 0))
    settle_supplements()
    assert not told()


def test_without_a_setting_unit_and_counter_are_told_once_and_the_counter_decides(
    district: District, row: AnnualRecord, at: At
) -> None:
    at(days_after(row, 60))
    assert settle_supplements() == settle_supplements() == 0
    assert told() == {district.owner.pk, district.colleague.pk, district.handler.pk} - {0}
    assert Notice.objects.filter(recipient=district.handler, title__contains="没有补交材料").count() == 1
    row.refresh_from_db()
    assert row.state == "supplement"
    acts = {each.turn.act for each in everything_owed(Asked(terms_in_force())) if each.case and each.about == row}
    assert acts == {"补材料", "办理逾期未补材料的人"}
    decide(batch=row.batch, records=[row.pk], name="verify", actor=district.handler)


def test_with_a_setting_the_year_fails_so_many_working_days_later(row: AnnualRecord, at: At) -> None:
    DeadlineSetting.objects.update(supplement_days=3)
    at(days_after(row, 1))
    assert settle_supplements() == 0
    assert [
        each.clock.kind.code for each in running(Asked(terms_in_force())) if each.turn.act.startswith("办理逾期")
    ] == ["not_brought"]
    at(days_after(row, 8))
    assert settle_supplements() == 1
    assert Paper.objects.get(kind="verification_failed").subject_id == row.pk
    assert settle_supplements() == 0
    row.refresh_from_db()
    assert row.state == "failed"
    assert "没有补交" in row.reason

"""Filed, and never brought to the counter in the season that the bureau has set (notice 二(三)2, V8)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from luojiang_ce import clock
from luojiang_ce.deadlines.owed import Asked, running
from luojiang_ce.notices.models import Notice
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workdays.services import terms_in_force
from luojiang_ce.workflow.engine import fire
from tests.conftest import District
from tests.verification.batches.conftest import At
from tests.verification.batches.samples import YEAR, a_draft, a_slot
from units.lapses.reminding import remind
from verification.batches.forfeits import record_given_up
from verification.batches.models import AnnualRecord, Appointment, Batch
from verification.batches.seasons import set_season
from verification.counter.deciding import NothingDecided, decide
from verification.counter.seats import book

pytestmark = [pytest.mark.django_db, pytest.mark.notice("二(三)2")]
LAST = date(2027, 5, 28)


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=clock.SHANGHAI)


def a_season(district: District, last: date | None = LAST) -> None:
    set_season(year=YEAR, last_day=last, document="集中验证通知", actor=district.approver)


def filed(district: District) -> Batch:
    batch = a_draft(district)
    fire(batch, "submit", actor=district.owner)
    return Batch.objects.get(pk=batch.pk)


def states(batch: Batch) -> set[str]:
    return set(batch.records.values_list("state", flat=True))


def seasonal(batch: Batch) -> list[Any]:
    return [each for each in running(Asked(terms_in_force())) if each.case and each.about == batch]


class TestTheLastDay:
    def test_every_unit_is_told(self, district: District) -> None:
        a_season(district)
        told = Notice.objects.filter(title__contains="集中验证到 2027年5月28日")
        assert {district.owner.pk, district.neighbour.pk} <= set(told.values_list("recipient", flat=True))

    @pytest.mark.parametrize(
        ("last", "why"),
        [
            (date(2027, 5, 29), "休息日"),
            (date(2027, 1, 14), "最早只能定在"),
            (date(2027, 2, 24), "须在这以后结束"),
        ],
        ids=["a rest day", "too near for three reminders", "before the year is filed"],
    )
    def test_a_day_that_cannot_be_is_refused_with_the_reason(self, district: District, last: date, why: str) -> None:
        with pytest.raises(NotPossible, match=why):
            a_season(district, last)


def test_while_no_day_is_set_nobody_gives_up(district: District, at: At) -> None:
    batch = filed(district)
    at(noon(date(2027, 12, 1)))
    record_given_up()
    assert states(batch) == {"filed"}
    assert not seasonal(batch)


def test_who_never_came_gives_up_on_the_day_after_and_not_before(district: District, at: At) -> None:
    batch = filed(district)
    a_season(district)
    at(noon(LAST))
    record_given_up()
    assert states(batch) == {"filed"}
    at(noon(LAST + timedelta(days=1)))
    assert record_given_up()[0] == 3
    assert record_given_up() == (0, 0)
    batch.refresh_from_db()
    assert (states(batch), batch.state) == ({"given_up"}, "never_came")
    assert Notice.objects.filter(recipient=district.owner, title__contains="3 人未到柜台，视同放弃").exists()


def test_they_were_named_three_times_before(district: District, at: At) -> None:
    batch = filed(district)
    a_season(district)
    day = date(2027, 5, 1)
    while day <= LAST:
        at(noon(day))
        remind()
        day += timedelta(days=1)
    told = Notice.objects.filter(recipient=district.owner, key__startswith="reminder-2027-05")
    names = list(batch.records.values_list("person__name", flat=True))
    assert [all(name in each.text for name in names) and "3 人：" in each.text for each in told] == [True] * 3


def test_late_at_the_counter_is_refused_though_the_worker_sleeps(district: District, at: At) -> None:
    batch = filed(district)
    a_season(district)
    at(noon(LAST + timedelta(days=1)))
    with pytest.raises(NothingDecided, match="集中验证到 2027年5月28日"):
        decide(batch=batch, records=[batch.records.all()[0].pk], name="verify", actor=district.handler)


def test_whom_the_counter_has_left_gives_up_alone(district: District, at: At) -> None:
    batch = filed(district)
    a_season(district)
    first, second, third = batch.records.order_by("pk")
    decide(batch=batch, records=[first.pk], name="verify", actor=district.handler)
    decide(batch=batch, records=[second.pk], name="supplement", actor=district.handler, reason="缺凭证")
    owed = [each for each in seasonal(batch) if each.of_unit]
    assert [(each.turn.act, each.clock.due, each.names) for each in owed] == [
        ("带未办的人到柜台", LAST, (third.person.name,))
    ]
    at(noon(LAST + timedelta(days=1)))
    record_given_up()
    assert [row.state for row in batch.records.order_by("pk")] == ["verified", "supplement", "given_up"]
    batch.refresh_from_db()
    assert batch.state == Batch.State.SUBMITTED


def test_a_seat_of_a_later_day_keeps_the_right_until_it_is_missed(district: District, at: At) -> None:
    batch = filed(district)
    a_season(district)
    at(noon(LAST))
    seat = book(batches=[batch], slot=a_slot(days=3), unit=district.unit, actor=district.owner)
    at(noon(LAST + timedelta(days=1)))
    record_given_up()
    assert states(batch) == {"filed"}
    at(noon(LAST + timedelta(days=4)))
    fire(Appointment.objects.get(pk=seat.pk), "miss", actor=district.handler)
    record_given_up()
    assert states(batch) == {"given_up"}


def test_whose_decision_is_withdrawn_afterwards_had_come(district: District, at: At) -> None:
    batch = filed(district)
    a_season(district)
    row = batch.records.order_by("pk")[0]
    decide(batch=batch, records=[row.pk], name="verify", actor=district.handler)
    at(noon(LAST + timedelta(days=1)))
    decide(batch=batch, records=[row.pk], name="withdraw", actor=district.handler, reason="看错了人")
    record_given_up()
    row.refresh_from_db()
    assert row.state == "filed"


def test_what_came_late_has_its_own_days(district: District, at: At) -> None:
    a_season(district)
    at(noon(LAST - timedelta(days=1)))
    batch = a_draft(district)
    AnnualRecord.objects.filter(batch=batch).update(restored_at=clock.now())
    fire(batch, "submit", actor=district.owner)
    at(noon(LAST + timedelta(days=1)))
    record_given_up()
    assert states(batch) == {"filed"}
    at(noon(LAST + timedelta(days=30)))
    record_given_up()
    assert states(batch) == {"given_up"}


class TestUndoing:
    @pytest.fixture
    def gone(self, district: District, at: At) -> Batch:
        batch = filed(district)
        a_season(district)
        at(noon(LAST + timedelta(days=1)))
        record_given_up()
        return Batch.objects.get(pk=batch.pk)

    def test_a_later_last_day_opens_all_of_them(self, district: District, gone: Batch) -> None:
        a_season(district, date(2027, 6, 30))
        assert record_given_up() == (0, 3)
        gone.refresh_from_db()
        assert (states(gone), gone.state) == ({"filed"}, "submitted")

    def test_the_approver_lets_one_come_with_a_reason_and_it_stays(self, district: District, gone: Batch) -> None:
        row = gone.records.order_by("pk")[0]
        fire(row, "let_come", actor=district.approver, note="住院，有证明")
        record_given_up()
        row.refresh_from_db()
        gone.refresh_from_db()
        assert (row.state, gone.state) == ("filed", "submitted")
        decide(batch=gone, records=[row.pk], name="verify", actor=district.handler)

    def test_an_extension_of_filing_does_not_unlist_them(self, district: District, gone: Batch) -> None:
        """They were filed; what they missed is the counter."""
        record_given_up()
        assert states(gone) == {"given_up"}
        assert gone.records.count() == 3

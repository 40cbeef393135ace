"""What was sent back and never filed again ends with the season (notice 二(三)2, V8), told three times before."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from luojiang_ce import clock
from luojiang_ce.deadlines.owed import Asked, running
from luojiang_ce.notices.models import Notice
from luojiang_ce.workdays.services import terms_in_force
from luojiang_ce.workflow.engine import Refused, fire
from tests.conftest import District
from tests.luojiang_ce.deadlines.dead_ends import dead_ends
from tests.luojiang_ce.deadlines.one_source import contradictions
from tests.verification.batches.conftest import At
from tests.verification.batches.samples import YEAR, a_draft, staff
from units.extensions.models import Extension
from units.lapses.reminding import remind
from units.models import Leave
from verification.batches import services
from verification.batches.forfeits import record_given_up
from verification.batches.models import AnnualRecord, Batch
from verification.batches.seasons import set_season

pytestmark = [pytest.mark.django_db, pytest.mark.notice("二(三)2")]
LAST = date(2027, 5, 28)
ITEMS = [{"where": "", "wrong": "证书编号有误", "mend": ""}]


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=clock.SHANGHAI)


def returned(district: District, at: At, on: date = date(2027, 2, 25), number: int = 2) -> Batch:
    """Filed in time and sent back on a day; the season is set."""
    batch = a_draft(district, staff(district.unit, number))
    fire(batch, "submit", actor=district.owner)
    set_season(year=YEAR, last_day=LAST, document="集中验证通知", actor=district.approver)
    at(noon(on))
    fire(batch, "return", actor=district.handler, data={"items": ITEMS})
    return Batch.objects.get(pk=batch.pk)


def owed(batch: Batch) -> list[tuple[str, date]]:
    found = running(Asked(terms_in_force()))
    return [(each.turn.act, each.clock.due) for each in found if each.case and each.about == batch]


def test_while_it_may_be_mended_its_clock_is_that_of_mending(district: District, at: At) -> None:
    batch = returned(district, at)
    assert owed(batch) == [("补正", date(2027, 3, 4))]
    at(noon(date(2027, 3, 5)))
    assert owed(batch) == [("补正", LAST)]
    assert list(contradictions()) == []
    assert list(dead_ends()) == []


def test_everybody_is_named_three_times_and_gives_up_after_the_season(district: District, at: At) -> None:
    batch = returned(district, at)
    names = list(batch.records.values_list("person__name", flat=True))
    day = date(2027, 5, 1)
    while day <= LAST:
        at(noon(day))
        remind()
        assert record_given_up() == (0, 0)
        day += timedelta(days=1)
    told = Notice.objects.filter(recipient=district.owner, key__startswith="reminder-2027-05")
    assert [all(name in each.text for name in names) for each in told] == [True] * 3
    at(noon(LAST + timedelta(days=1)))
    assert record_given_up() == (2, 0)
    assert record_given_up() == (0, 0)
    batch.refresh_from_db()
    assert batch.state == Batch.State.NEVER_CAME
    found = AnnualRecord.objects.filter(year=YEAR, person__name__in=names)
    assert set(found.values_list("state", "batch")) == {("given_up", None)}
    assert Notice.objects.filter(recipient=district.owner, title__contains="2 人退回后没有再报送，视同放弃").exists()
    assert owed(batch) == []


def test_sent_back_near_the_end_it_has_the_days_of_three_reminders(district: District, at: At) -> None:
    batch = returned(district, at, on=date(2027, 5, 27))
    at(noon(date(2027, 6, 10)))
    assert owed(batch) == [("补正", date(2027, 6, 14))]
    assert record_given_up() == (0, 0)
    at(noon(date(2027, 6, 15)))
    assert record_given_up() == (2, 0)


def test_while_the_bureau_has_set_no_day_nobody_gives_up(district: District, at: At) -> None:
    batch = a_draft(district, staff(district.unit, 2))
    fire(batch, "submit", actor=district.owner)
    fire(batch, "return", actor=district.handler, data={"items": ITEMS})
    at(noon(date(2027, 12, 1)))
    assert record_given_up() == (0, 0)
    assert batch.records.filter(state="listed").count() == 2


def test_until_the_season_ends_it_may_still_be_filed_again(district: District, at: At) -> None:
    batch = returned(district, at)
    at(noon(LAST))
    fire(batch, "resubmit", actor=district.owner, data={"answers": {}})
    assert batch.state == Batch.State.SUBMITTED


def test_afterwards_it_is_refused_though_the_worker_sleeps_and_opened_by_more_time(district: District, at: At) -> None:
    batch = returned(district, at)
    at(noon(LAST + timedelta(days=1)))
    with pytest.raises(Refused, match="已过集中验证期限"):
        fire(batch, "resubmit", actor=district.owner, data={"answers": {}})
    facts = {"kind": "season", "subject": str(YEAR), "state": "granted", "reason": "台风停工"}
    Extension.objects.create(unit=district.unit, asked_due=date(2027, 6, 9), due=date(2027, 6, 9), **facts)
    assert record_given_up() == (0, 0)
    fire(batch, "resubmit", actor=district.owner, data={"answers": {}})
    assert batch.state == Batch.State.SUBMITTED


def test_whoever_the_approver_lets_in_again_is_filed_in_a_new_batch(district: District, at: At) -> None:
    batch = returned(district, at)
    person = batch.records.order_by("pk")[0].person
    at(noon(LAST + timedelta(days=1)))
    record_given_up()
    record = AnnualRecord.objects.get(person=person, year=YEAR)
    fire(record, "restore", actor=district.approver, note="经办人住院")
    record_given_up()
    again = a_draft(district, [person])
    fire(again, "submit", actor=district.owner)
    assert (again.state, again.records.get().pk) == (Batch.State.SUBMITTED, record.pk)


def test_who_was_taken_out_and_is_let_in_again_may_be_filed_though_the_days_to_mend_are_over(
    district: District, at: At
) -> None:
    batch = returned(district, at)
    row = batch.records.order_by("pk")[0]
    services.remove_people(batch=batch, records=[row.pk], actor=district.owner)
    at(noon(date(2027, 3, 9)))
    record_given_up()
    fire(AnnualRecord.objects.get(pk=row.pk), "restore", actor=district.approver, note="经办人住院")
    again = a_draft(district, [row.person])
    fire(again, "submit", actor=district.owner)
    assert again.state == Batch.State.SUBMITTED


def test_who_is_on_leave_on_the_last_day_gives_nothing_up(district: District, at: At) -> None:
    batch = returned(district, at)
    person: Any = batch.records.order_by("pk")[0].person
    span = {"starts_on": date(2027, 3, 1), "ends_on": date(2027, 8, 31)}
    Leave.objects.create(person=person, unit=district.unit, reason="sickness", state="approved", **span)
    at(noon(LAST + timedelta(days=1)))
    assert record_given_up() == (1, 0)
    batch.refresh_from_db()
    assert (batch.state, batch.records.get().person) == (Batch.State.RETURNED, person)

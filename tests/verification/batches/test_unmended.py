"""What was sent back and never filed again ends with the season (notice 二(三)2, V8), told three times before."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from luojiang_ce import clock
from luojiang_ce.deadlines.owed import Asked, running
from luojiang_ce.notices.models import Notice
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workdays.services import terms_in_force
from luojiang_ce.workflow.engine import Refused, fire
from luojiang_ce.workflow.models import Event
from tests.conftest import District
from tests.luojiang_ce.deadlines.dead_ends import dead_ends
from tests.luojiang_ce.deadlines.one_source import contradictions
from tests.todos import todos
from tests.verification.batches.conftest import At
from tests.verification.batches.samples import YEAR, a_draft, staff
from units.extensions.models import Extension
from units.lapses.reminding import remind
from units.models import Leave
from verification.batches import services
from verification.batches.forfeits import record_given_up
from verification.batches.models import AnnualRecord, Batch
from verification.batches.seasons import set_season
from verification.batches.views.shared import why_given_up

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
    at(noon(LAST + timedelta(days=1)))
    record_given_up()
    fire(AnnualRecord.objects.get(pk=row.pk), "restore", actor=district.approver, note="经办人住院")
    again = a_draft(district, [row.person])
    fire(again, "submit", actor=district.owner)
    assert again.state == Batch.State.SUBMITTED


def on_leave(person: Any, district: District) -> None:
    span = {"starts_on": date(2027, 5, 1), "ends_on": date(2027, 8, 31)}
    Leave.objects.create(person=person, unit=district.unit, reason="sickness", state="approved", **span)


class TestWhoWasOnLeaveOnTheLastDay:
    """A batch with somebody excused in it is no dead end, and nobody gives up without a day that could be kept."""

    @pytest.fixture
    def batch(self, district: District, at: At) -> Batch:
        batch = returned(district, at)
        on_leave(batch.records.order_by("pk")[0].person, district)
        at(noon(LAST + timedelta(days=30)))
        return batch

    def test_is_filed_again_once_the_others_are_written_down(self, district: District, batch: Batch) -> None:
        record_given_up()
        assert owed(batch) == []  # no clock runs
        assert list(contradictions()) == []
        assert list(dead_ends()) == []
        fire(batch, "resubmit", actor=district.owner, data={"answers": {}})
        assert batch.state == Batch.State.SUBMITTED
        assert record_given_up() == (0, 0)

    def test_is_filed_again_when_the_others_are_taken_out_though_the_worker_sleeps(
        self, district: District, batch: Batch
    ) -> None:
        away, gone = batch.records.order_by("pk")
        with pytest.raises(Refused, match=f"{gone.person.name}没有在集中验证截止前报送，请移出.*已过集中验证期限"):
            fire(batch, "resubmit", actor=district.owner, data={"answers": {}})
        services.remove_people(batch=batch, records=[gone.pk], actor=district.owner)
        fire(batch, "resubmit", actor=district.owner, data={"answers": {}})
        assert record_given_up() == (1, 0)
        gone.refresh_from_db()
        away.refresh_from_db()
        assert (gone.state, away.state) == ("given_up", "filed")

    def test_taken_out_gives_nothing_up_and_is_filed_in_another(self, district: District, batch: Batch) -> None:
        away = batch.records.order_by("pk")[0]
        services.remove_people(batch=batch, records=[away.pk], actor=district.owner)
        record_given_up()
        away.refresh_from_db()
        assert (away.state, away.mend_by) == ("listed", None)
        lines = [todo for todo in todos(district.owner) if f"{YEAR} 年度验证花名册" in todo.title]
        assert [away.person.name in line.note for line in lines if line.due is None] == [True]
        again = a_draft(district, [away.person])
        fire(again, "submit", actor=district.owner)
        assert again.state == Batch.State.SUBMITTED


class TestTakenOut:
    """Whoever is taken out has the days of those who stay, and those of three reminders."""

    def test_of_a_season_until_it_ends(self, district: District, at: At) -> None:
        batch = returned(district, at)
        row = batch.records.order_by("pk")[0]
        services.remove_people(batch=batch, records=[row.pk], actor=district.owner)
        at(noon(LAST))
        assert record_given_up() == (0, 0)
        again = a_draft(district, [row.person])
        fire(again, "submit", actor=district.owner)
        assert again.state == Batch.State.SUBMITTED

    def test_near_its_end_they_are_named_three_times(self, district: District, at: At) -> None:
        batch = returned(district, at)
        row = batch.records.order_by("pk")[0]
        at(noon(LAST))
        services.remove_people(batch=batch, records=[row.pk], actor=district.owner)
        row.refresh_from_db()
        day = LAST + timedelta(days=1)
        while row.mend_by and day <= row.mend_by:
            at(noon(day))
            remind()
            record_given_up()
            row.refresh_from_db()
            assert row.state == "listed"
            day += timedelta(days=1)
        told = Notice.objects.filter(recipient=district.owner, key__startswith="reminder-2027-0")
        assert len([each for each in told if row.person.name in each.text and "未列入" in each.text]) == 3
        at(noon(day))
        record_given_up()
        row.refresh_from_db()
        assert row.state == "given_up"

    def test_when_no_day_is_left_nobody_is_taken_out(self, district: District, at: At) -> None:
        """No season ends, and the days of mending are over: in no roster the year would be gone in a night."""
        batch = a_draft(district, staff(district.unit, 1))
        fire(batch, "submit", actor=district.owner)
        fire(batch, "return", actor=district.handler, data={"items": ITEMS})
        at(noon(date(2027, 4, 1)))
        with pytest.raises(NotPossible, match="移出的人不能再报送；请先申请延期"):
            services.remove_people(batch=batch, records=[batch.records.get().pk], actor=district.owner)
        assert batch.records.count() == 1


class TestASeasonThatGoesOn:
    """What was given up in a batch that was sent back, or by who was taken out of it, comes back by itself."""

    @pytest.fixture
    def rows(self, district: District, at: At) -> list[AnnualRecord]:
        batch = returned(district, at, number=3)
        rows = list(batch.records.order_by("pk"))
        services.remove_people(batch=batch, records=[rows[0].pk], actor=district.owner)
        at(noon(LAST + timedelta(days=1)))
        assert record_given_up() == (3, 0)
        return rows

    def states(self, rows: list[AnnualRecord]) -> set[Any]:
        found = AnnualRecord.objects.filter(pk__in=[row.pk for row in rows])
        return set(found.values_list("state", "batch", "mend_by"))

    def filed_again(self, district: District, rows: list[AnnualRecord]) -> None:
        again = a_draft(district, [row.person for row in rows])
        fire(again, "submit", actor=district.owner)
        assert again.records.filter(state="filed").count() == 3

    def test_moved(self, district: District, rows: list[AnnualRecord], at: At) -> None:
        later = date(2027, 6, 30)
        set_season(year=YEAR, last_day=later, document="延长通知", actor=district.approver)
        assert record_given_up() == (0, 3)
        assert record_given_up() == (0, 0)
        assert self.states(rows) == {("listed", None, later)}
        assert Notice.objects.filter(recipient=district.owner, title__contains="3 人恢复验证权利").count() == 1
        assert Event.objects.filter(case_id__in=[row.pk for row in rows], name="list_again").count() == 3
        assert list(contradictions()) == []
        at(noon(later))
        self.filed_again(district, rows)

    def test_moved_and_over_again(self, district: District, rows: list[AnnualRecord], at: At) -> None:
        set_season(year=YEAR, last_day=date(2027, 6, 30), document="延长通知", actor=district.approver)
        record_given_up()
        at(noon(date(2027, 7, 1)))
        assert record_given_up() == (3, 0)

    def test_extended_for_the_unit_and_filed_though_the_worker_sleeps(
        self, district: District, rows: list[AnnualRecord]
    ) -> None:
        facts = {"kind": "season", "subject": str(YEAR), "state": "granted", "reason": "台风停工"}
        due = date(2027, 6, 9)
        Extension.objects.create(unit=district.unit, asked_due=due, due=due, **facts)
        self.filed_again(district, rows)

    def test_unset(self, district: District, at: At) -> None:
        batch = returned(district, at)
        at(noon(LAST + timedelta(days=1)))
        assert record_given_up() == (2, 0)
        set_season(year=YEAR, last_day=None, document="取消", actor=district.approver)
        assert record_given_up() == (0, 2)
        assert AnnualRecord.objects.filter(year=YEAR, state="listed", batch=None).count() == 2
        at(noon(date(2027, 12, 1)))
        assert record_given_up() == (0, 0)
        assert batch.records.count() == 0


def test_who_is_on_leave_on_the_last_day_gives_nothing_up(district: District, at: At) -> None:
    batch = returned(district, at)
    person: Any = batch.records.order_by("pk")[0].person
    on_leave(person, district)
    at(noon(LAST + timedelta(days=1)))
    assert record_given_up() == (1, 0)
    batch.refresh_from_db()
    assert (batch.state, batch.records.get().person) == (Batch.State.RETURNED, person)


def test_whoever_was_taken_out_and_waits_in_a_new_draft_gives_up_too_and_is_filed_again_with_more_time(
    district: District, at: At
) -> None:
    batch = returned(district, at)
    row = batch.records.order_by("pk")[0]
    services.remove_people(batch=batch, records=[row.pk], actor=district.owner)
    draft = a_draft(district, [row.person])
    at(noon(LAST + timedelta(days=1)))
    assert record_given_up() == (2, 0)
    row.refresh_from_db()
    assert (row.state, row.batch_id) == ("given_up", None)
    assert not draft.records.exists()
    assert list(dead_ends()) == []
    facts = {"kind": "season", "subject": str(YEAR), "state": "granted", "reason": "台风停工"}
    Extension.objects.create(unit=district.unit, asked_due=date(2027, 6, 9), due=date(2027, 6, 9), **facts)
    assert record_given_up()[0] == 0
    services.add_people(batch=draft, people=[row.person_id], actor=district.owner)
    fire(draft, "submit", actor=district.owner)
    row.refresh_from_db()
    assert (row.state, row.batch_id) == ("filed", draft.pk)


def test_what_was_filed_and_sent_back_is_not_called_unfiled(district: District, at: At) -> None:
    returned(district, at)
    at(noon(LAST + timedelta(days=1)))
    record_given_up()
    row = AnnualRecord.objects.filter(year=YEAR, state="given_up").order_by("pk")[0]
    said, counted = why_given_up(row)
    assert "到期未再报送" in said
    assert "2027 年 5 月 28 日" in counted.replace("2027年5月28日", "2027 年 5 月 28 日")

"""Filed, and never brought to the counter in the season that the bureau has set (notice 二(三)2, V8)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.deadlines.owed import Asked, running
from luojiang_ce.notices.models import Notice
from luojiang_ce.papers.models import Paper
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workdays.services import terms_in_force
from luojiang_ce.workflow.engine import SYSTEM, Refused, fire
from luojiang_ce.workflow.models import Event
from tests.conftest import District
from tests.queries import statements
from tests.verification.batches.conftest import At
from tests.verification.batches.samples import YEAR, a_draft, a_slot, quick_batch, quick_record, staff, stamped
from units.extensions.models import Extension
from units.lapses.reminding import remind
from verification.batches.coming_back import bring_back
from verification.batches.forfeits import record_given_up
from verification.batches.models import AnnualRecord, Appointment, Batch, CounterSeason
from verification.batches.seasons import UNSET, set_season
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
    def test_that_was_told_is_moved_to_a_later_one_alone(self, district: District) -> None:
        """Nobody gives up before the day that they were told."""
        a_season(district)
        with pytest.raises(NotPossible, match="已告知各单位到 2027年5月28日 周五 为止，只能延后或改为未设定"):
            a_season(district, LAST - timedelta(days=7))
        a_season(district, date(2027, 6, 30))

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


def test_the_approver_sets_it_on_its_page_and_the_counter_reads_it(district: District) -> None:
    client = Client()
    client.force_login(district.approver)
    typed = {"year": YEAR, "last_day": LAST.isoformat(), "document": "集中验证通知", "version": UNSET.version}
    assert client.post(reverse("batches:season"), typed).status_code == 302
    page = client.get(reverse("batches:slots")).content.decode()
    assert "2026 年度集中验证到 2027年5月28日" in page
    assert "2027 年度集中验证截止日未设定" in page
    client.post(reverse("batches:season"), typed | {"last_day": "2027-06-30"})  # opened before the first was saved
    assert CounterSeason.objects.get(year=YEAR).last_day == LAST


def test_a_page_that_lost_its_version_is_never_told_that_the_same_was_saved(district: District) -> None:
    client = Client()
    client.force_login(district.approver)
    for name, more in (("batches:season", {"last_day": LAST.isoformat()}), ("cycles:flags", {})):
        sent = {"year": YEAR, "document": "集中验证通知", "version": "77", **more}
        answer = client.post(reverse(name), sent)
        assert answer.status_code == 422
        assert [each.stored for each in answer.context["form"].conflict.differences][-1] == "未填"
        assert "已保存了相同的内容" not in answer.content.decode()
    assert not CounterSeason.objects.exists()


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


def test_the_list_and_the_board_ask_as_often_for_thirty_batches_as_for_three(district: District) -> None:
    a_season(district)
    for address in ("batches:list", "deadlines:board"):
        counted = []
        for _ in range(2):
            for _ in range(3 if not counted else 27):
                quick_batch(district)
            client = Client()
            client.force_login(district.fresh(district.handler))
            with statements() as found:
                assert client.get(reverse(address)).status_code == 200
            counted.append(len(found))
        assert counted[0] == counted[1]


class TestInABatchThatIsStamped:
    """The others were stamped: who comes back is filed in a batch of stragglers, and the page says so."""

    @pytest.fixture
    def row(self, district: District, at: At) -> AnnualRecord:
        a_season(district)
        people = staff(district.unit, 2)
        batch = stamped(district, people)
        Batch.objects.filter(pk=batch.pk).update(number=f"{YEAR}-V-9999")
        row = batch.records.get(person=people[0])
        AnnualRecord.objects.filter(pk=row.pk).update(state="given_up")
        at(noon(LAST + timedelta(days=1)))
        return AnnualRecord.objects.get(pk=row.pk)

    def test_the_approver_lets_them_be_filed_again(self, district: District, row: AnnualRecord) -> None:
        batch = row.batch
        fire(row, "restore", actor=district.approver, note="住院，有证明")
        assert (row.state, row.batch) == ("listed", None)
        client = Client()
        client.force_login(district.owner)
        page = client.get(row.get_absolute_url()).content.decode()
        assert "还没有列入花名册" in page
        assert reverse("batches:new") + "?unit=" in page
        again = a_draft(district, [row.person])
        fire(again, "submit", actor=district.owner)
        decide(batch=again, records=[row.pk], name="verify", actor=district.handler)
        batch.refresh_from_db()
        row.refresh_from_db()
        assert (batch.state, row.state, row.batch) == ("stamped", "verified", again)
        assert record_given_up() == (0, 0)

    def test_what_cannot_go_on_is_not_offered(self, district: District, row: AnnualRecord) -> None:
        with pytest.raises(Refused, match="只有区人社局审批"):
            fire(row, "let_come", actor=district.approver, note="住院，有证明")

    def test_a_later_last_day_opens_it_too(self, district: District, row: AnnualRecord) -> None:
        a_season(district, date(2027, 6, 30))
        assert record_given_up() == (0, 1)
        row.refresh_from_db()
        assert (row.state, row.batch, row.mend_by) == ("listed", None, date(2027, 6, 30))
        assert Notice.objects.filter(recipient=district.owner, title__contains="1 人恢复验证权利，请另列一批").exists()


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

    def test_who_it_opens_is_told_on_record_and_unset_it_opens_them_too(self, district: District, gone: Batch) -> None:
        a_season(district, None)
        assert record_given_up() == (0, 3)
        assert states(gone) == {"filed"}
        assert Notice.objects.filter(recipient=district.owner, title__contains="3 人恢复到柜台办理").count() == 1
        keys = gone.records.values_list("pk", flat=True)
        assert Event.objects.filter(name="present_again", case_id__in=keys).count() == 3

    def test_an_extension_of_the_season_opens_them(self, district: District, gone: Batch) -> None:
        facts = {"kind": "season", "subject": str(YEAR), "state": "granted", "reason": "台风停工"}
        due = date(2027, 6, 9)
        Extension.objects.create(unit=district.unit, asked_due=due, due=due, **facts)
        assert record_given_up() == (0, 3)
        assert states(gone) == {"filed"}

    def test_the_letter_that_refused_one_is_withdrawn_with_the_reason(self, district: District, gone: Batch) -> None:
        row = gone.records.order_by("pk")[0]
        fire(row, "decline", actor=district.handler, note="没有到柜台")
        paper = Paper.objects.get(kind="verification_refusal")
        a_season(district, date(2027, 6, 30))
        record_given_up()
        paper.refresh_from_db()
        assert (paper.state, paper.revoke_reason) == ("revoked", "已恢复验证权利，本通知书作废")
        assert Event.objects.filter(case_id=paper.pk, name="revoke", actor=None).exists()

    def test_letters_are_withdrawn_with_as_few_queries_of_many_as_of_three(self, district: District, at: At) -> None:
        counted = []
        for number in (3, 30):
            rows = [quick_record(district, "given_up") for _ in range(number)]
            with statements() as found:
                bring_back(rows, "list_again", actor=SYSTEM)
            counted.append(len(found))
        assert counted[0] == counted[1]

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

"""notice 二(三)2, V8: who was not filed in time gives the year up, unless on leave; how that is undone."""

from __future__ import annotations

import threading
from datetime import date, datetime, timedelta

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.home.templatetags.home import act_url
from luojiang_ce.notices.models import Notice
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.case_kind import workflow_of
from luojiang_ce.workflow.engine import Refused, fire
from luojiang_ce.workflow.models import Event
from tests.conftest import District, in_parallel
from tests.factories import UnitFactory, account_with
from tests.verification.batches.samples import YEAR, a_draft, staff
from units.extensions.models import Extension
from units.models import Employment, Leave, Person, Unit
from verification.batches import services
from verification.batches.candidates import candidates
from verification.batches.forfeits import record_given_up
from verification.batches.models import AnnualRecord, Batch

pytestmark = [pytest.mark.django_db, pytest.mark.notice("二(三)2")]
State = AnnualRecord.State
LAST_MOMENT = datetime(2027, 3, 1, 23, 59, 59, tzinfo=clock.SHANGHAI)
AFTER = datetime(2027, 3, 2, 0, 0, tzinfo=clock.SHANGHAI)


def on_leave(person: Person, unit: Unit) -> Leave:
    span = {"starts_on": date(2026, 6, 1), "ends_on": date(2027, 8, 31)}
    return Leave.objects.create(person=person, unit=unit, reason="sickness", state="approved", **span)


def extended(unit: Unit, due: date) -> None:
    facts = {"kind": "verification", "subject": str(YEAR), "state": "granted", "reason": "台风停工"}
    Extension.objects.create(unit=unit, asked_due=due, due=due, **facts)


def states() -> dict[str, str]:
    return dict(AnnualRecord.objects.values_list("person__name", "state"))


def test_who_is_in_no_batch_or_only_in_a_draft_gives_the_year_up(district: District, at) -> None:
    filed, drafted, nowhere, ill = staff(district.unit, 4)
    fire(a_draft(district, [filed]), "submit", actor=district.owner)
    a_draft(district, [drafted])
    on_leave(ill, district.unit)
    at(LAST_MOMENT)
    assert record_given_up() == (0, 0)
    at(AFTER)
    assert record_given_up() == (2, 0)
    found = dict(AnnualRecord.objects.values_list("person", "state"))
    assert found == {filed.pk: State.FILED, drafted.pk: State.GIVEN_UP, nowhere.pk: State.GIVEN_UP}
    assert record_given_up() == (0, 0)
    told = Notice.objects.filter(recipient=district.owner, title__contains="视同放弃")
    assert [notice.title for notice in told] == ["2026 年度验证：2 人未申报，视同放弃"]
    events = Event.objects.filter(case_type="verification_batches.annualrecord", name="give_up", actor=None)
    assert events.count() == 2


def test_who_came_into_the_system_after_the_last_day_may_have_been_verified_on_paper(district: District, at) -> None:
    people = staff(district.unit, 2)
    Person.objects.filter(pk__in=[each.pk for each in people]).update(created_at=AFTER)
    at(AFTER)
    assert record_given_up() == (0, 0)
    assert not AnnualRecord.objects.exists()


@pytest.mark.parametrize(("began", "given_up"), [(date(2026, 12, 31), 1), (date(2027, 1, 1), 0), (None, 0)])
def test_of_newcomers_only_who_is_known_to_have_worked_in_the_year(
    district: District, at, began: date | None, given_up: int
) -> None:
    """A roster does not say when somebody began: who came with one in January may have come from elsewhere."""
    (person,) = staff(district.unit, 1)
    Person.objects.update(created_at=datetime(2027, 1, 20, tzinfo=clock.SHANGHAI))
    person.employments.update(started_on=began)
    at(AFTER)
    assert record_given_up() == (given_up, 0)


def test_who_has_left_gives_nothing_up(district: District, at) -> None:
    """U3: leavers never count in a unit's affairs after they left."""
    (retired,) = staff(district.unit, 1)
    a_draft(district, [retired])
    retired.employments.update(ended_on=date(2027, 2, 1), end_reason=Employment.End.RETIRED)
    at(AFTER)
    assert record_given_up() == (0, 0)


def test_what_was_returned_and_never_filed_again_is_given_up_when_its_time_to_mend_is_over(
    district: District, at
) -> None:
    (person,) = staff(district.unit, 1)
    at(LAST_MOMENT - timedelta(hours=12))
    batch = a_draft(district, [person])
    fire(batch, "submit", actor=district.owner)
    items = [{"where": "", "wrong": "证书编号有误", "mend": ""}]
    fire(batch, "return", actor=district.handler, data={"items": items})
    services.remove_people(batch=batch, records=[batch.records.get().pk], actor=district.owner)
    at(datetime(2027, 3, 16, 23, 59, tzinfo=clock.SHANGHAI))  # the days of mending, and those of three reminders
    assert record_given_up() == (0, 0)
    at(datetime(2027, 3, 17, tzinfo=clock.SHANGHAI))
    assert record_given_up() == (1, 0)


def test_an_extension_opens_the_year_again(district: District, at) -> None:
    drafted, nowhere = staff(district.unit, 2)
    batch = a_draft(district, [drafted])
    at(AFTER)
    assert record_given_up() == (2, 0)
    with pytest.raises(Refused, match="已过年度验证报送期限"):
        fire(batch, "submit", actor=district.owner)
    with pytest.raises(NotPossible, match=f"{nowhere.name}：2026 年度未在期限内申报，已登记视同放弃"):
        services.add_people(batch=batch, people=[nowhere.pk], actor=district.owner)
    extended(district.unit, date(2027, 3, 31))
    assert services.add_people(batch=batch, people=[nowhere.pk], actor=district.owner) == 1
    assert states()[nowhere.name] == State.LISTED
    fire(batch, "submit", actor=district.owner)
    assert set(states().values()) == {State.FILED}


def test_what_was_extended_is_opened_by_the_worker_too(district: District, at) -> None:
    staff(district.unit, 2)
    at(AFTER)
    record_given_up()
    extended(district.unit, date(2027, 3, 31))
    assert record_given_up() == (0, 2)
    at(AFTER + timedelta(days=30))
    assert record_given_up() == (2, 0)


def test_a_leave_that_is_proved_afterwards_opens_it(district: District, at) -> None:
    (ill,) = staff(district.unit, 1)
    at(AFTER)
    record_given_up()
    on_leave(ill, district.unit)
    assert record_given_up() == (0, 1)
    batch = a_draft(district, [ill])
    batch.records.update(makes_up=True, verifies=False)
    fire(batch, "submit", actor=district.owner)
    assert batch.state == Batch.State.SUBMITTED


def test_the_approver_lets_somebody_in_again_with_a_reason_on_record(district: District, at) -> None:
    one, other = staff(district.unit, 2)
    at(AFTER)
    record_given_up()
    record = AnnualRecord.objects.get(person=one)
    with pytest.raises(Refused, match="只有区人社局审批"):
        fire(record, "restore", actor=district.handler, note="单位漏报，本人无过错")
    with pytest.raises(Refused, match="请写明理由"):
        fire(record, "restore", actor=district.approver)
    fire(record, "restore", actor=district.approver, note="单位漏报，本人无过错")
    batch = a_draft(district, [one])
    with pytest.raises(NotPossible, match=other.name):
        services.add_people(batch=batch, people=[other.pk], actor=district.owner)
    fire(batch, "submit", actor=district.owner)
    assert states() == {one.name: State.FILED, other.name: State.GIVEN_UP}
    assert record_given_up() == (0, 0)


def test_it_says_so_on_the_page_of_the_person_and_in_the_choice(district: District, at, client: Client) -> None:
    (person,) = staff(district.unit, 1)
    at(AFTER)
    record_given_up()
    record = AnnualRecord.objects.get(person=person)
    client.force_login(district.owner)
    assert "视同放弃" in client.get(record.get_absolute_url()).content.decode()
    client.force_login(district.handler)
    listed = client.get(f"{reverse('batches:unlisted')}?year={YEAR}&given_up=yes").content.decode()
    assert record.get_absolute_url() in listed
    client.force_login(district.owner)
    batch = a_draft(district, [])
    choice = client.get(reverse("batches:choose", args=[batch.pk])).content.decode()
    assert f'<a href="{record.get_absolute_url()}">视同放弃</a>' in choice
    (candidate,) = candidates(district.unit, YEAR, clock.today())
    assert not candidate.is_listed


@pytest.mark.parametrize("in_a_draft", [True, False])
def test_the_approver_finds_the_person_and_restores_on_the_page(
    district: District, at, client: Client, in_a_draft: bool
) -> None:
    (person,) = staff(district.unit, 1)
    if in_a_draft:
        a_draft(district, [person])
    at(AFTER)
    record_given_up()
    record = AnnualRecord.objects.get(person=person)
    seen = {}
    for who in ("approver", "handler", "owner", "neighbour", "inspector"):
        client.force_login(getattr(district, who))
        seen[who] = client.get(record.get_absolute_url()).status_code
    assert seen == {"approver": 200, "handler": 200, "owner": 200, "neighbour": 404, "inspector": 404}
    client.force_login(district.approver)
    assert record.get_absolute_url() in client.get(f"{reverse('batches:unlisted')}?year={YEAR}").content.decode()
    page = client.get(record.get_absolute_url()).content.decode()
    assert "视同放弃验证权利（通知 二(三)2）" in page
    assert "2027年3月1日" in page
    assert not in_a_draft or f'href="{record.batch.get_absolute_url()}"' not in page  # a draft is the unit's own
    assert not in_a_draft or record.batch.get_absolute_url() not in page  # a draft is the unit's own
    act = act_url(record, workflow_of(record).transition("restore"))
    assert act in client.get(record.get_absolute_url()).content.decode()
    client.post(act, {"note": "单位漏报，本人无过错"})
    record.refresh_from_db()
    assert record.state == State.LISTED
    title = Notice.objects.filter(recipient=district.owner).latest("pk").title
    about = f"{record.batch}" if in_a_draft else "2026 年度验证"
    assert title == f"{about}：1 人恢复验证权利"


@pytest.mark.real_services
@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_write_it_once(district: District, at) -> None:
    staff(district.unit, 3)

    def work() -> tuple[int, int]:
        with clock.at(AFTER):
            return record_given_up()

    done = in_parallel([work, work])
    assert sorted(done) == [(0, 0), (3, 0)]
    assert Event.objects.filter(name="give_up").count() == 3


@pytest.mark.real_services
@pytest.mark.django_db(transaction=True)
def test_who_lists_people_while_it_is_written_down_waits_for_nobody(district: District) -> None:
    """Both hold what the other wants if the unit is locked against being pointed at."""
    batch, late = a_draft(district, staff(district.unit, 1)), staff(district.unit, 2)
    has_listed, may_end = threading.Event(), threading.Event()

    def list_them() -> int:
        with transaction.atomic():
            services._lock_with_holders(batch, [each.pk for each in late])
            has_listed.set()
            may_end.wait(2)  # the other has the unit by then, and waits for the batch
            return services.add_people(batch=batch, people=[each.pk for each in late], actor=district.owner)

    def write_down() -> tuple[int, int]:
        has_listed.wait(10)
        with clock.at(AFTER):
            return record_given_up()

    assert in_parallel([list_them, write_down]) == [2, (3, 0)]


class TestInTheDraftOfASupervisingUnit:
    """V3: whoever files for the unit may have been granted more time; the later of the two last days counts."""

    @pytest.fixture
    def clinic(self, district: District) -> Unit:
        Unit.objects.filter(pk=district.unit.pk).update(nature="medical", supervisor=district.health)
        return UnitFactory(code="C1", nature="medical", supervisor=district.unit)

    def drafted(self, district: District, clinic: Unit) -> Batch:
        batch = a_draft(district, staff(clinic, 1, category="medical"), path="medical")
        batch.records.update(unmet_reason="学分未修满")
        batch.refresh_from_db()
        return batch

    def test_it_gives_the_year_up_by_name_as_its_own_unit_does(self, district: District, clinic: Unit, at) -> None:
        batch = self.drafted(district, clinic)
        clerk = account_with("unit_clerk", clinic)
        at(AFTER)
        with pytest.raises(Refused, match="已过年度验证报送期限"):
            fire(batch, "send", actor=district.owner)
        assert record_given_up() == (1, 0)
        assert Notice.objects.filter(recipient=clerk, title__contains="1 人未申报，视同放弃").exists()

    @pytest.mark.parametrize("granted", ["the clinic", "its supervisor"])
    def test_of_two_last_days_the_later_counts(self, district: District, clinic: Unit, at, granted: str) -> None:
        batch = self.drafted(district, clinic)
        extended(clinic if granted == "the clinic" else district.unit, date(2027, 3, 10))
        at(AFTER)
        assert record_given_up() == (0, 0)
        fire(batch, "send", actor=district.owner)
        assert batch.state == Batch.State.IN_REVIEW

    @pytest.mark.parametrize("granted", ["the clinic", "its supervisor"])
    def test_more_time_opens_it_again(self, district: District, clinic: Unit, at, granted: str) -> None:
        batch = self.drafted(district, clinic)
        at(AFTER)
        assert record_given_up() == (1, 0)
        extended(clinic if granted == "the clinic" else district.unit, date(2027, 3, 10))
        assert record_given_up() == (0, 1)
        assert record_given_up() == (0, 0)
        fire(batch, "send", actor=district.owner)
        assert batch.records.get().state == State.FILED

    def test_who_gave_up_in_no_batch_is_listed_once_the_supervisor_has_time(
        self, district: District, clinic: Unit, at
    ) -> None:
        (person,) = staff(clinic, 1, category="medical")
        at(AFTER)
        record_given_up()
        batch = a_draft(district, [], path="medical")
        with pytest.raises(NotPossible, match="已登记视同放弃"):
            services.add_people(batch=batch, people=[person.pk], actor=district.owner)
        extended(district.unit, date(2027, 3, 10))
        assert services.add_people(batch=batch, people=[person.pk], actor=district.owner) == 1
        row = batch.records.get()
        assert (row.unit, row.state) == (clinic, State.LISTED)

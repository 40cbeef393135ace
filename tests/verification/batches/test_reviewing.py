"""An authority sends many units' batches on together and books one time for them (notice 二(一)卫生; product.md V4)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.deadlines.owed import Asked, everything_owed
from luojiang_ce.notices.models import Notice
from luojiang_ce.workdays.models import DeadlineSetting
from luojiang_ce.workdays.services import terms_in_force
from luojiang_ce.workflow.engine import fire
from luojiang_ce.workflow.models import Event
from tests.conftest import District
from tests.factories import UnitFactory, account_with
from tests.luojiang_ce.deadlines.one_source import contradictions
from tests.queries import statements
from tests.verification.batches.samples import YEAR, a_slot, staff
from units.lapses.reminding import remind
from units.models import Unit
from verification.batches import services
from verification.batches.in_time import filed_on, late_rows
from verification.batches.models import Appointment, Batch

pytestmark = [pytest.mark.django_db, pytest.mark.notice("二(一)卫生")]
At = Callable[[datetime], None]
S = Batch.State
STEP = ["verification_batches.batch", "health_pass"]


def sent(unit: Unit, *, people: int = 1) -> Batch:
    """A batch of a unit's medical staff, sent for review by its clerk."""
    clerk = account_with("unit_clerk", unit)
    batch = services.open_batch(unit=unit, year=YEAR, path="medical", actor=clerk)
    Batch.objects.filter(pk=batch.pk).update(filler=clerk.name, phone="0595-0000-0126")
    chosen = staff(unit, people, category="medical")
    services.add_people(batch=batch, people=[each.pk for each in chosen], actor=clerk)
    batch.records.update(unmet_reason="学分未修满")
    batch.refresh_from_db()
    fire(batch, "send", actor=clerk)
    return batch


@pytest.fixture
def batches(district: District) -> list[Batch]:
    """Of four clinics."""
    facts = {"nature": "medical", "supervisor": district.health}
    return [sent(UnitFactory(code=f"C{n}", name=f"洛江区测试卫生院{n}", **facts)) for n in range(4)]


class TestHowLongItLies:
    """notice 二(一) gives the authority no days: none are made up; how long it lies is said in any case."""

    @pytest.fixture
    def batch(self, batches: list[Batch], at: At) -> Batch:
        at(datetime(2027, 1, 13, 10, 0, tzinfo=clock.SHANGHAI))
        return batches[0]

    def lying(self, batch: Batch) -> Any:
        [owed] = [each for each in everything_owed(Asked(terms_in_force())) if each.case and each.about == batch]
        return owed

    def test_unset_no_clock_runs_and_the_days_are_said(self, district: District, batch: Batch) -> None:
        owed = self.lying(batch)
        assert owed.deadline is None
        assert owed.note == "卫生系列；1月6日送到，已 5 个工作日"
        client = Client()
        for reader in (district.health_reviewer, district.handler):
            client.force_login(reader)
            listed = client.get(reverse("batches:list")).content.decode()
            assert listed.count("1月6日送到，已 5 个工作日") == 4

    def test_set_it_has_a_day_and_is_reminded_of(self, district: District, batch: Batch) -> None:
        DeadlineSetting.objects.update(review_days=6)
        owed = self.lying(batch)
        assert (owed.clock.due, owed.clock.kind.label) == (date(2027, 1, 14), "主管部门审核")
        assert list(contradictions()) == []
        client = Client()
        client.force_login(district.handler)
        assert "主管部门审核" in client.get(reverse("deadlines:board")).content.decode()
        remind()
        [told] = Notice.objects.filter(recipient=district.health_reviewer, key__startswith="reminder")
        assert "2027年1月14日" in told.text


def ticks(batches: list[Batch]) -> list[str]:
    return [f"verification_batches.batch:{each.pk}" for each in batches]


def states(batches: list[Batch]) -> list[str]:
    return [Batch.objects.get(pk=each.pk).state for each in batches]


def test_all_that_wait_are_passed_on_in_one_act_and_booked_together(
    district: District, client: Client, batches: list[Batch]
) -> None:
    slot = a_slot()
    client.force_login(district.health_reviewer)
    page = client.get(reverse("batches:list")).content.decode()
    assert "卫生系列：4 批等着初审" in page
    assert all(f'<input type="hidden" name="cases" value="{tick}">' in page for tick in ticks(batches))
    url, back = reverse("home:many", args=STEP), reverse("batches:list")
    assert "勾选的 4 件" in client.post(url, {"cases": ticks(batches), "back": back}).content.decode()
    assert states(batches) == [S.IN_REVIEW] * 4  # shown first
    client.post(url, {"cases": ticks(batches), "back": back, "do": "1", "note": ""})
    assert states(batches) == [S.SUBMITTED] * 4
    page = client.get(back).content.decode()
    assert "4 批初审已通过，还没有预约" in page
    together = f"{reverse('batches:book')}?batch={','.join(str(each.pk) for each in batches)}"
    assert together in page
    assert client.get(together).content.decode().count("checked") == 4
    client.post(together, {"batches": [each.pk for each in batches], "slot": slot.pk})
    [seat] = Appointment.objects.all()
    assert set(seat.batches.all()) == set(batches)
    assert seat.unit == district.health
    assert "还没有预约" not in client.get(back).content.decode()


def test_those_that_are_refused_are_named_with_why_and_the_others_go_on(
    district: District, client: Client, batches: list[Batch]
) -> None:
    """One was taken back meanwhile, one was filed by the reviewer's own person under another account."""
    same = account_with("unit_clerk", batches[0].unit, name=district.health_reviewer.name)
    taken = Batch.objects.get(pk=batches[1].pk)
    fire(taken, "take_back", actor=account_with("unit_clerk", taken.unit))
    own = Batch.objects.get(pk=batches[0].pk)
    fire(own, "take_back", actor=same)
    fire(Batch.objects.get(pk=own.pk), "send", actor=district.fresh(same))
    client.force_login(district.health_reviewer)
    sent_on: dict[str, Any] = {"cases": ticks(batches), "back": reverse("batches:list"), "do": "1", "note": ""}
    page = client.post(reverse("home:many", args=STEP), sent_on, follow=True).content.decode()
    assert states(batches) == [S.IN_REVIEW, S.DRAFT, S.SUBMITTED, S.SUBMITTED]
    assert "已初审通过 2 件" in page
    assert "报送和办理须为两人" in page
    assert "有 1 件您已看不到，没有办理" in page  # a draft is its unit's own again


@pytest.mark.parametrize("who", ["education_reviewer", "owner", "neighbour", "handler"])
def test_nobody_else_passes_them_on(district: District, client: Client, batches: list[Batch], who: str) -> None:
    client.force_login(getattr(district, who))
    url = reverse("home:many", args=STEP)
    assert client.post(url, {"cases": ticks(batches), "do": "1", "note": ""}).status_code == 404
    assert states(batches) == [S.IN_REVIEW] * 4
    assert "等着初审" not in client.get(reverse("batches:list")).content.decode()


def test_the_list_asks_as_often_for_thirty_batches_as_for_three(district: District, client: Client) -> None:
    client.force_login(district.health_reviewer)
    counted = []
    for start, number in ((0, 3), (3, 27)):
        for n in range(start, start + number):
            sent(UnitFactory(code=f"D{n}", nature="medical", supervisor=district.health))
        with statements() as found:
            client.get(reverse("batches:list"))
        counted.append(len(found))
    assert counted[0] == counted[1] <= 12


def test_no_clock_of_the_bureau_runs_while_health_holds_it(district: District, batches: list[Batch], at: At) -> None:
    """product.md V4: neither its five working days nor anything else; the unit was in time with its first filing."""
    batch = batches[0]
    at(datetime(2027, 4, 20, 10, 0, tzinfo=clock.SHANGHAI))  # long after the last day, and after every reply clock
    mine = [each for each in everything_owed(Asked(terms_in_force())) if each.case and each.about.pk == batch.pk]
    assert [(each.turn.act, each.deadline) for each in mine] == [("审核", None)]
    assert not Event.objects.filter(case_type="verification_batches.batch", name__contains="received").exists()
    person = batch.records.get().person_id
    assert filed_on(person, YEAR) == datetime(2027, 1, 6).date()
    assert late_rows(Batch.objects.get(pk=batch.pk), clock.now()) == []
    items = [{"where": "", "wrong": "证书编号有误", "mend": ""}]
    fire(batch, "health_return", actor=district.health_reviewer, data={"items": items})
    clerk = account_with("unit_clerk", batch.unit)
    at(clock.now() + timedelta(days=2))
    fire(batch, "resend", actor=clerk, data={"answers": {}})
    assert filed_on(person, YEAR) == datetime(2027, 1, 6).date()
    fire(batch, "health_pass", actor=district.health_reviewer)
    mine = [each for each in everything_owed(Asked(terms_in_force())) if each.case and each.about.pk == batch.pk]
    assert [(each.turn.act, each.deadline) for each in mine] == [("预约办理时间", None)]

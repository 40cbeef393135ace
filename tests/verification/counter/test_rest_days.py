"""Days that become rest days: their slots are closed, and whoever booked one is told (V5); slots stand by day."""

from __future__ import annotations

import re
from datetime import date, time

import pytest
from django.test import Client
from django.urls import reverse

from luojiang_ce.notices.models import Notice
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.models import Event
from tests.conftest import District
from tests.verification.batches.samples import quick_batch
from verification.batches.models import Appointment, Slot
from verification.counter.rest_days import close_on_rest_days
from verification.counter.seats import book, change_slot, open_slots

pytestmark = [pytest.mark.django_db, pytest.mark.notice("二(一)")]
STORM, BEFORE = date(2027, 1, 12), date(2027, 1, 11)
CLOSURE = {
    "first": "2027-01-12", "last": "2027-01-12", "scope": "district", "reason": "台风停工", "source": "通告 1 号",
}  # fmt: skip


def slots(district: District) -> dict[date, Slot]:
    facts = {"times": [(time(9), time(10))], "capacity": 3, "places": ["2 号窗口"]}
    made, _ = open_slots(days=[BEFORE, STORM], actor=district.handler, **facts)
    return {slot.date: slot for slot in made}


def booked(district: District, slot: Slot) -> Appointment:
    return book(batches=[quick_batch(district)], slot=slot, unit=district.unit, actor=district.owner)


def as_handler(district: District) -> Client:
    client = Client()
    client.force_login(district.handler)
    return client


def declared(district: District) -> str:
    """The closure entered, looked at and confirmed; what the preview said."""
    client, here = as_handler(district), reverse("terms:closure_new")
    shown = client.post(here, {**CLOSURE, "do": "preview"}).content.decode()
    seen = re.search(r'name="seen" value="(\w+)"', shown)
    assert seen
    assert client.post(here, {**CLOSURE, "do": "confirm", "seen": seen[1]}).status_code == 302
    return shown


def test_a_new_rest_day_closes_its_slots_and_tells_who_booked(district: District) -> None:
    by_day = slots(district)
    lost, kept = booked(district, by_day[STORM]), booked(district, by_day[BEFORE])
    shown = declared(district)
    assert "1月12日：停用 1 个预约时段，取消 1 个预约并通知预约单位" in shown
    for row in (*by_day.values(), lost, kept):
        row.refresh_from_db()
    assert (by_day[STORM].closed, by_day[BEFORE].closed) == (True, False)
    assert (lost.state, kept.state) == ("cancelled", "booked")
    told = Notice.objects.get(recipient=district.owner, title__startswith="预约已取消")
    assert "台风停工" in told.text
    assert "请重新预约" in told.text
    assert Event.objects.filter(name="slot_changed", actor=district.handler).count() == 1
    batch = lost.batches.get()
    assert not batch.has_seat
    assert close_on_rest_days(district.handler, "再来一次") == []


def test_the_preview_alone_closes_nothing_and_tells_nobody(district: District) -> None:
    by_day = slots(district)
    appointment = booked(district, by_day[STORM])
    as_handler(district).post(reverse("terms:closure_new"), {**CLOSURE, "do": "preview"})
    appointment.refresh_from_db()
    assert appointment.state == "booked"
    assert not Slot.objects.filter(closed=True).exists()
    assert not Notice.objects.filter(title__startswith="预约已取消").exists()


def test_it_is_not_opened_again_while_the_day_is_none(district: District) -> None:
    slot = slots(district)[STORM]
    declared(district)
    with pytest.raises(NotPossible, match="这一天是休息日"):
        change_slot(slot=slot, capacity=3, closed=False, actor=district.handler)


def test_slots_are_listed_by_day_for_the_bureau_and_for_who_books(district: District) -> None:
    slots(district)
    facts = {"times": [(time(14), time(15))], "capacity": 3, "places": ["2 号窗口"]}
    open_slots(days=[BEFORE], actor=district.handler, **facts)
    listed = as_handler(district).get(reverse("batches:slots")).content.decode()
    assert listed.count("<b>2027年1月11日 周一</b>") + listed.count("<b>1月11日 周一</b>") == 1
    assert listed.index("09:00–10:00") < listed.index("14:00–15:00")
    quick_batch(district)
    client = Client()
    client.force_login(district.owner)
    offered = client.get(reverse("batches:book")).content.decode()
    for day, of_day in (("1月11日 周一", 2), ("1月12日 周二", 1)):
        assert offered.count(f'aria-hidden="true">{day}</p>') == 1
        assert offered.count(f'<span class="visually-hidden">{day} </span>') == of_day

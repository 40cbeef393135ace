"""Bookings listed by date, exported, and the sheet of a day."""

from __future__ import annotations

from datetime import date, datetime, time
from io import BytesIO

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from luojiang_ce import clock
from luojiang_ce.notices.models import Notice
from luojiang_ce.workflow.engine import fire
from tests.conftest import District
from tests.queries import statements
from tests.verification.batches.conftest import At
from tests.verification.batches.samples import a_slot, quick_batch
from tests.verification.batches.test_pages import browser
from units.lapses.reminding import remind
from verification.batches.models import Appointment, Slot
from verification.counter.bookings import day_sheet
from verification.counter.forms import span_of
from verification.counter.seats import book, change_slot

pytestmark = [pytest.mark.django_db, pytest.mark.notice("二(一)")]


def booked(district: District, slot: Slot) -> Appointment:
    return book(batches=[quick_batch(district)], slot=slot, unit=district.unit, actor=district.owner)


def listed(district: District, **query: str) -> str:
    return browser(district.handler).get(reverse("batches:bookings"), query).content.decode()


def test_bookings_stand_by_date_and_are_narrowed_by_day_state_and_unit(district: District, at: At) -> None:
    early, late = booked(district, a_slot(days=1)), booked(district, a_slot(days=5))
    fire(late, "cancel", actor=district.owner, note="人员出差")
    numbers = [each.batches.first().number for each in (early, late)]
    assert numbers[0] in listed(district)
    assert numbers[1] not in listed(district)  # those that stand
    assert numbers[1] in listed(district, state="cancelled")
    again = booked(district, a_slot(days=6))
    page = listed(district)
    assert page.index(numbers[0]) < page.index(again.batches.first().number)
    assert numbers[1] not in listed(district, until="2027-01-07")
    assert numbers[0] not in listed(district, since="2027-01-08")
    assert numbers[0] not in listed(district, state="cancelled")
    assert numbers[1] not in listed(district, q=numbers[0])
    at(datetime(2027, 1, 9, 9, tzinfo=clock.SHANGHAI))
    assert numbers[0] not in listed(district)  # from today on
    assert numbers[0] in listed(district, since="2027-01-01")
    assert browser(district.handler).get(reverse("batches:bookings"), {"since": "x"}).status_code == 200


def test_the_list_goes_away_as_a_workbook(district: District) -> None:
    made = booked(district, a_slot())
    answer = browser(district.handler).get(reverse("batches:export_bookings"))
    rows = list(load_workbook(BytesIO(answer.content)).active.values)
    said = [str(cell) for row in rows for cell in row if cell is not None]
    for words in (made.unit.name, made.batches.first().number, made.slot.place, "已预约"):
        assert words in said


def test_the_day_sheet_names_who_comes_in_order_and_nobody_who_cancelled(district: District) -> None:
    afternoon = booked(district, a_slot(days=1, starts_at=time(14), ends_at=time(15)))
    morning, gone = booked(district, a_slot(days=1)), booked(district, a_slot(days=1, place="3 号窗口"))
    fire(gone, "cancel", actor=district.owner, note="人员出差")
    (sheet,) = day_sheet(district.bureau, {"label": "2027-01-07"})
    html = sheet.html()
    assert html.index("09:30–10:00") < html.index("14:00–15:00")
    for each in (afternoon, morning):
        assert each.batches.first().number in html
    assert gone.batches.first().number not in html
    for words in ("2027年1月7日 周四", "2个", "林知秋", "0595-0000-0126"):
        assert words in html
    answer = browser(district.handler).get(reverse("batches:day_sheet", args=[date(2027, 1, 7)]))
    assert answer["Content-Type"] == "application/pdf"
    (empty,) = day_sheet(district.bureau, {"label": "2027-01-08"})
    assert "这一天没有预约" in empty.html()


def test_the_list_asks_as_often_for_thirty_as_for_three(district: District) -> None:
    counts, slot = [], a_slot(capacity=40)
    for number in (3, 27):
        for _ in range(number):
            booked(district, slot)
        client = browser(district.handler)
        with statements() as found:
            client.get(reverse("batches:bookings"))
        counts.append(len(found))
    assert counts[0] == counts[1] <= 12


@pytest.mark.parametrize("page", ["slot", "slots", "book", "sheet"])
def test_the_pages_of_a_day_ask_as_often_for_thirty_as_for_three(district: District, page: str) -> None:
    counts, slot = [], a_slot(capacity=50)
    addresses = {"slot": slot.get_absolute_url(), "slots": reverse("batches:slots"), "book": reverse("batches:book")}
    for number in (3, 27):
        for _ in range(number):
            booked(district, slot)
            quick_batch(district)
            a_slot(place=f"{Slot.objects.count() + 3} 号窗口")
        client = browser(district.handler)
        with statements() as found:
            if page == "sheet":
                assert len(day_sheet(district.bureau, {"label": slot.date.isoformat()})) == 1
            else:
                assert client.get(addresses[page]).status_code == 200
        counts.append(len(found))
    assert counts[0] == counts[1] <= 20


def test_a_second_click_books_once_and_a_slot_that_was_closed_meanwhile_takes_nobody(district: District) -> None:
    slot, batch, client = a_slot(), quick_batch(district), browser(district.owner)
    typed = {"batches": [batch.pk], "slot": slot.pk}
    for _ in range(2):
        client.post(reverse("batches:book"), typed)
    assert Appointment.objects.filter(slot=slot).count() == 1
    late = quick_batch(district)
    change_slot(slot=slot, capacity=slot.capacity, closed=True, actor=district.handler)
    answer = client.post(reverse("batches:book"), {"batches": [late.pk], "slot": slot.pk})
    assert answer.status_code in (409, 422)
    assert not Appointment.objects.filter(batches=late).exists()


def test_the_unit_is_reminded_on_the_working_day_before(district: District, at: At) -> None:
    """Booked for Monday the 11th: Friday the 8th, with time and place."""
    made = booked(district, a_slot(days=5))
    at(datetime(2027, 1, 8, 8, tzinfo=clock.SHANGHAI))
    remind()
    told = Notice.objects.get(recipient=district.owner, title__startswith="还剩")
    assert "还剩 1 个工作日" in told.title + told.text
    assert "09:30–10:00 1 号" in told.text
    assert made.slot.place in told.text


def test_a_no_show_is_recorded_and_told_with_what_follows(district: District, at: At) -> None:
    made = booked(district, a_slot())
    at(datetime(2027, 1, 9, 10, tzinfo=clock.SHANGHAI))
    fire(made, "miss", actor=district.handler)
    told = Notice.objects.get(recipient=district.owner, title__startswith="未按预约到场")
    for words in ("重新预约", "不预约也可以到柜台排队", "视同放弃"):
        assert words in told.text
    batch = made.batches.get()
    assert (made.state, batch.has_seat, batch.state) == ("missed", False, "submitted")
    again = book(batches=[batch], slot=a_slot(days=6), unit=district.unit, actor=district.owner)
    assert again.seat == 1


@pytest.mark.parametrize(
    ("line", "begins", "ends"),
    [
        ("09:00-11:30", time(9), time(11, 30)),
        ("９：００－１１：３０", time(9), time(11, 30)),
        ("9点半至11点", time(9, 30), time(11)),
        ("９点３０分—１１点半", time(9, 30), time(11, 30)),
    ],
)
def test_times_are_read_as_a_chinese_input_method_types_them(line: str, begins: time, ends: time) -> None:
    assert span_of(line) == (begins, ends)


@pytest.mark.parametrize("line", ["9点61分-10点", "25:00-26:00", "11:00-9:00", "9-10", "上午"])
def test_what_says_no_time_is_none(line: str) -> None:
    assert span_of(line) is None

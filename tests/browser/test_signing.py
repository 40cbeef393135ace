"""A two-day class with 40 trainees who sign on their phones; what the ledger says of each of them in the end.

Four half-days of four hours. Everybody signs in the first half-day in a window of a phone; afterwards the first six go
on in theirs, the others through the same addresses without a window. By hand:

| trainees | what happened                                             | hours |
| 0-29     | in and out each half-day                                  | 16    |
| 30-34    | forgot to sign out on the second afternoon, never asked   | 12    |
| 35, 36   | the same, asked for it, granted                           | 16    |
| 37       | the same, asked for it, refused                           | 12    |
| 38       | away on the second day                                    | 8     |
| 39       | signed out of the first morning only                      | 0     |
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from luojiang_ce import clock
from luojiang_ce.workflow.engine import fire
from tests.browser.conftest import PHONE, assert_accessible, assert_fits
from tests.browser.way import Office, act, stands
from tests.factories import person_in
from tests.training.attendance.phone.phones import Phone, said, shown, slot_of, who
from tests.training.factories import class_of, enrol, recognition_of, with_package
from training.attendance.models import Sign
from training.attendance.phone.models import CorrectionRequest
from training.classes.models import ClassApplication
from training.half_days import Slot
from training.recognition.models import Recognition
from units.models import Person
from verification.ledger.models import LedgerEntry

pytestmark = pytest.mark.django_db(transaction=True)
TRAINEES, WINDOWS = 40, 6
FORGOT, GRANTED, REFUSED, AWAY, OUT_ONLY = range(30, 38), (35, 36), 37, 38, 39
HOURS = {**dict.fromkeys(range(30), 16), **dict.fromkeys(range(30, 35), 12), 35: 16, 36: 16, 37: 12, 38: 8, 39: 0}
DAYS = ("2026-05-11", "2026-05-12")
FAMILY, GIVEN = "赵钱孙李", "一二三四五六七八九十"


@pytest.fixture
def office(page_for: Any, tmp_path: Any, monkeypatch: Any) -> Iterator[Office]:
    office = Office(page_for, tmp_path)
    monkeypatch.setattr(clock, "now", lambda: office.now)
    yield office
    if office.page:
        sys.stdout.write(f"{office.page.url}\n{office.page.inner_text('main')}\n")


@pytest.fixture
def people(district: Any) -> list[Person]:
    names = [f"{family}{given}" for family in FAMILY for given in GIVEN]
    return [person_in(district.neighbour_unit, name) for name in names[: TRAINEES - 1]] + [
        person_in(district.neighbour_unit, names[0])  # two of one name
    ]


@pytest.mark.notice("一(五)3")
def test_a_two_day_class_with_forty_trainees(
    office: Office, open_page: Any, site: str, district: Any, people: Any
) -> None:
    office.at(DAYS[0], "08:10")
    course = class_of(district.unit)
    for person in people:
        enrol(course, person)
    windows = first_morning(office, open_page, site, district, course, people)
    phones = phones_of(windows, course, people)
    for day in DAYS:
        for half_day, hours in (("morning", ("08:10", "11:35")), ("afternoon", ("13:50", "17:05"))):
            slot = slot_of(course, office.at(day, hours[0]).now.date(), half_day)
            for kind, hour in zip(("in", "out"), hours, strict=True):
                office.at(day, hour)
                sign_all(course, slot, kind, windows, phones, who_signs(slot, kind))
    corrections(office, district, course, windows, phones)
    assert hours_in_the_ledger(office, district, course, people) == {n: Decimal(h) for n, h in HOURS.items() if h}


def first_morning(
    office: Office, open_page: Any, site: str, district: Any, course: ClassApplication, people: list[Person]
) -> list[Page]:
    """The clerk shows the screen; everybody scans it with a phone of their own and says who they are."""
    slot = slot_of(course, office.now.date())
    screen = office.sit(district.owner, reverse("attendance:class", args=[course.pk]))
    screen.get_by_role("link", name="课堂二维码").click()
    expect(screen.get_by_text("签到 0 / 40 人")).to_be_visible()
    windows = []
    for number, person in enumerate(people):
        if number == OUT_ONLY:
            continue
        page = open_page(on_screen(screen), size=PHONE)
        page.get_by_label("姓名").fill(person.name)
        page.get_by_label("证件号码后六位").fill(person.id_number[-6:].lower())
        if number == 0:
            assert_accessible(page)
            assert_fits(page)
        page.get_by_role("button", name="签到").click()
        expect(page.get_by_text("签到成功")).to_be_visible()
        if number == 0:
            assert_accessible(page)
            assert_fits(page)
        windows.append(page)
    assert Sign.objects.filter(source="phone", date=slot.date, kind="in").count() == TRAINEES - 1
    expect(screen.get_by_text("签到 39 / 40 人")).to_be_visible()  # by itself, within seconds
    return windows


def on_screen(screen: Page) -> str:
    """What a phone reads from the picture: the code that the screen shows now."""
    address = screen.locator("[data-code]").get_attribute("data-code")
    assert address
    return urlsplit(address).path


def phones_of(windows: list[Page], course: ClassApplication, people: list[Person]) -> list[Phone]:
    """The same phones without their windows: each with the cookie that its window was given."""
    phones = []
    for number in range(TRAINEES):
        phone = Phone(course)
        if number != OUT_ONLY:
            kept = next(each for each in windows[number].context.cookies() if each["name"] == "trainee")
            phone.client.cookies["trainee"] = kept["value"]
        phones.append(phone)
    for page in windows[WINDOWS:]:
        if windows.index(page) not in (*GRANTED, REFUSED):
            page.context.close()
    return phones


def who_signs(slot: Slot, kind: str) -> list[int]:
    """Who signs then, as the table above says."""
    is_second, is_afternoon = slot.date.isoformat() == DAYS[1], slot.half_day == "afternoon"
    signing = set(range(TRAINEES - 1))
    if is_second:
        signing.discard(AWAY)
        if is_afternoon and kind == "out":
            signing -= set(FORGOT)
    elif not is_afternoon and kind == "out":
        signing.add(OUT_ONLY)
    return sorted(signing)


def sign_all(
    course: ClassApplication, slot: Slot, kind: str, windows: list[Page], phones: list[Phone], signing: list[int]
) -> None:
    """Everybody scans: the first six in their windows, with an impatient tap."""
    word = {"in": re.compile("签到成功|已签到"), "out": re.compile("已签退")}[kind]
    for number in signing:
        address = shown(course, slot, kind)
        if number < WINDOWS:
            page = windows[number]
            page.goto(urlsplit(page.url)._replace(path=address, query="").geturl())
            page.get_by_role("button", name={"in": "签到", "out": "签退"}[kind]).dblclick()
            expect(page.locator(".lj-result").get_by_text(word)).to_be_visible()
        else:
            typed = who(course.enrolments.order_by("pk")[number].person) if number == OUT_ONLY else {}
            assert word.search(said(phones[number].scan_and_sign(address, **typed)))


def corrections(
    office: Office, district: Any, course: ClassApplication, windows: list[Page], phones: list[Phone]
) -> None:
    """Three who forgot ask from their phones that evening; the provider grants two the next morning."""
    office.at(DAYS[1], "19:00")
    for number in (*GRANTED, REFUSED):
        page = windows[number]
        page.goto(urlsplit(page.url)._replace(path=reverse("phone:mine", args=[course.pk]), query="").geturl())
        page.get_by_role("link", name="申请更正签退").click()
        page.get_by_label("离开的时间").fill("17:00")
        page.get_by_label("原因").fill("手机没电，同组学员可以证明")
        page.get_by_label("图片").set_input_files(str(office.scan))
        if number == GRANTED[0]:
            assert_accessible(page)
            assert_fits(page)
        page.get_by_role("button", name="提交申请").click()
        expect(page.get_by_text("申请更正签退 17:00：待答复")).to_be_visible()
    office.at("2026-05-13", "09:00")
    for request in CorrectionRequest.objects.order_by("pk"):
        page = office.sit(district.owner, request.get_absolute_url())
        is_refused = request.enrolment == course.enrolments.order_by("pk")[REFUSED]
        act(page, "不予更正" if is_refused else "同意更正", note="中途离开" if is_refused else "情况属实")
        stands(page, "不予更正" if is_refused else "已更正")
    windows[REFUSED].reload()
    expect(windows[REFUSED].get_by_text("不予更正，中途离开")).to_be_visible()
    assert CorrectionRequest.objects.filter(state="approved").count() == len(GRANTED)


def hours_in_the_ledger(
    office: Office, district: Any, course: ClassApplication, people: list[Person]
) -> dict[int, Decimal]:
    """What the recognition of the class posts, by trainee."""
    office.at("2026-05-20")
    case = recognition_of(course, state=Recognition.State.DRAFT)
    with_package(case, district.owner)
    fire(case, "submit", actor=district.owner)
    fire(case, "check", actor=district.handler)
    fire(case, "recognise", actor=district.approver)
    number_of = {person.pk: number for number, person in enumerate(people)}
    found: dict[int, Decimal] = {}
    for entry in LedgerEntry.objects.all():
        found[number_of[entry.person_id]] = found.get(number_of[entry.person_id], Decimal(0)) + entry.amount
    return found

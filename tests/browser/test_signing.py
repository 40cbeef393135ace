"""A two-day class with 40 trainees who sign on their phones; what the ledger says of each of them in the end.

Four half-days of four hours. Everybody signs in the first half-day in a window of a phone; afterwards the first six go
on in theirs, the others through the same addresses without a window. On the second morning there is no network: the
class teacher ticks who comes and who leaves, over a closed browser, and the phone sends it at noon. By hand:

| trainees | what happened                                                         | hours |
| 0-27     | in and out each half-day                                              | 16    |
| 28       | left the second morning without a tick, asked for it, granted         | 16    |
| 29       | the same, never asked                                                 | 12    |
| 30-34    | forgot to sign out on the second afternoon, never asked               | 12    |
| 35, 36   | the same, asked for it, granted                                       | 16    |
| 37       | the same, asked for it, refused                                       | 12    |
| 38       | away on the second day                                                | 8     |
| 39       | signed out of the first morning only                                  | 0     |
"""

from __future__ import annotations

import re
from datetime import date, time
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page, expect

from luojiang_ce.workflow.engine import fire
from tests.browser.conftest import PHONE, assert_accessible, assert_fits
from tests.browser.teacher_steps import kept_for_later, opened, show, touch, wait_for
from tests.browser.way import Office, act, stands
from tests.factories import person_in
from tests.training.attendance.phone.phones import Phone, said, shown, slot_of, who
from tests.training.factories import class_of, enrol, recognition_of, with_package
from training.attendance.models import Sign
from training.attendance.phone.models import CorrectionRequest
from training.classes.models import ClassApplication
from training.classes.models.enrolment import names_apart
from training.half_days import Slot
from training.recognition.models import Recognition
from units.models import Person
from verification.ledger.models import LedgerEntry

pytestmark = pytest.mark.django_db(transaction=True)
TRAINEES, WINDOWS = 40, 6
NO_TICK, FORGOT, REFUSED, AWAY, OUT_ONLY = (28, 29), range(30, 38), 37, 38, 39
ASKED = {28: "11:30", 35: "17:00", 36: "17:00", REFUSED: "17:00"}  # and when they say that they left
HOURS = {**dict.fromkeys(range(40), 16), **dict.fromkeys((29, *range(30, 35), 37), 12), 38: 8, 39: 0}
DAYS = ("2026-05-11", "2026-05-12")
HALF_DAYS = {"morning": ("08:10", "11:35"), "afternoon": ("13:50", "17:05")}
WITHOUT_NETWORK = (DAYS[1], "morning")
FAMILY, GIVEN = "赵钱孙李", "一二三四五六七八九十"


@pytest.fixture
def people(district: Any) -> list[Person]:
    names = [f"{family}{given}" for family in FAMILY for given in GIVEN]
    return [person_in(district.neighbour_unit, name) for name in names[: TRAINEES - 1]] + [
        person_in(district.neighbour_unit, names[0])  # two of one name
    ]


@pytest.mark.notice("一(五)3")
def test_a_two_day_class_with_forty_trainees(
    office: Office, open_page: Any, phone_of: Any, site: str, district: Any, people: Any
) -> None:
    office.at(DAYS[0], "08:10")
    course = class_of(district.unit)
    for person in people:
        enrol(course, person)
    windows = first_morning(office, open_page, site, district, course, people)
    phones = phones_of(windows, course, people)
    for day, half_day in ((day, half_day) for day in DAYS for half_day in HALF_DAYS):
        if (day, half_day) == WITHOUT_NETWORK:
            ticked_without_network(office, phone_of, district, course)
            continue
        slot = slot_of(course, date.fromisoformat(day), half_day)
        for kind, hour in zip(("in", "out"), HALF_DAYS[half_day], strict=True):
            office.at(day, hour)
            sign_all(course, slot, kind, windows, phones, who_signs(slot, kind))
    corrections(office, district, course, windows)
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
        if windows.index(page) not in ASKED:
            page.context.close()
    return phones


def who_signs(slot: Slot, kind: str) -> list[int]:
    """Who signs then, as the table above says."""
    is_second, is_afternoon = slot.date.isoformat() == DAYS[1], slot.half_day == "afternoon"
    signing = set(range(TRAINEES - 1))
    if is_second:
        signing.discard(AWAY)
        if kind == "out":
            signing -= set(FORGOT if is_afternoon else NO_TICK)
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


def ticked_without_network(office: Office, phone_of: Any, district: Any, course: ClassApplication) -> None:
    """The class teacher opens the link at home; in the class room nothing but the phone knows who was there."""
    page = office.at(DAYS[0], "19:00").sit(district.owner, reverse("teacher:links", args=[course.pk]))
    page.get_by_role("button", name="生成链接").click()
    address = page.locator("#address").inner_text()
    page = at_this_hour(office, phone_of(), address)
    kept_for_later(page)
    for kind, hour in zip(("in", "out"), HALF_DAYS["morning"], strict=True):
        office.at(DAYS[1], hour)
        page.context.close()
        page = at_this_hour(office, phone_of(offline=True), address)
        tick_all(page, course, kind)
    assert not Sign.objects.filter(date=DAYS[1]).exists()
    office.at(DAYS[1], "12:20")
    page.context.clock.set_fixed_time(office.now)
    page.context.set_offline(False)
    morning = Sign.objects.valid().filter(date=DAYS[1], half_day="morning", source="list")
    wait_for(morning.count, 38 + 36, page)
    expect(page.locator("[data-net]")).to_be_hidden()
    times = set(morning.values_list("kind", "time"))
    assert times == {("in", time(8, 10)), ("out", time(11, 35))}, "when they were ticked, not when it was sent"


def at_this_hour(office: Office, context: BrowserContext, address: str) -> Page:
    """The link's page on a phone that is switched on now."""
    context.clock.set_fixed_time(office.now)
    return opened(context, address)


def tick_all(page: Page, course: ClassApplication, kind: str) -> None:
    """One touch beside the name of each who comes or leaves, as the table above says."""
    show(page, kind)
    called = list(names_apart(course.enrolments.order_by("pk")).values())
    signing = who_signs(slot_of(course, date.fromisoformat(DAYS[1])), kind)
    for number in signing:
        touch(page, called[number], {"in": "到了", "out": "签退"}[kind])
    expect(page.locator(f"#live .is-{kind} [data-list=kept] > li")).to_have_count(len(signing))


def corrections(office: Office, district: Any, course: ClassApplication, windows: list[Page]) -> None:
    """Four who lack a sign-out ask from their phones that evening; the provider grants three the next morning."""
    office.at(DAYS[1], "19:00")
    for number, left in ASKED.items():
        page = windows[number]
        page.goto(urlsplit(page.url)._replace(path=reverse("phone:mine", args=[course.pk]), query="").geturl())
        page.get_by_role("link", name="申请更正签退").click()
        page.get_by_label("离开的时间").fill(left)
        page.get_by_label("原因").fill("手机没电，同组学员可以证明")
        page.get_by_label("图片").set_input_files(str(office.scan))
        if number == REFUSED:
            assert_accessible(page)
            assert_fits(page)
        page.get_by_role("button", name="提交申请").click()
        expect(page.get_by_text(f"申请更正签退 {left}：待答复")).to_be_visible()
    office.at("2026-05-13", "09:00")
    for request in CorrectionRequest.objects.order_by("pk"):
        page = office.sit(district.owner, request.get_absolute_url())
        is_refused = request.enrolment == course.enrolments.order_by("pk")[REFUSED]
        act(page, "不予更正" if is_refused else "同意更正", note="中途离开" if is_refused else "情况属实")
        stands(page, "不予更正" if is_refused else "已更正")
    windows[REFUSED].reload()
    expect(windows[REFUSED].get_by_text("不予更正，中途离开")).to_be_visible()
    assert CorrectionRequest.objects.filter(state="approved").count() == len(ASKED) - 1


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

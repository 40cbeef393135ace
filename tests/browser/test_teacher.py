"""The class teacher's page in the real Chromium: one thumb, no network for a half-day, the browser closed and opened
again, everything sent once; what is refused or can no longer be sent stays to be seen.

Server and phones are in the middle of a morning; clocks go on from there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import time, timedelta

import pytest
from playwright.sync_api import BrowserContext, Route, expect

from luojiang_ce import clock
from tests.browser.conftest import DESKTOP, PHONE, assert_accessible, assert_fits
from tests.browser.teacher_steps import kept_for_later, opened, show, touch, wait_for
from tests.browser.test_shell import keep
from tests.factories import person_in
from tests.training.attendance.teacher.links import DAY, at, link_of, tick
from tests.training.factories import class_of, enrol
from training.attendance.models import Sign
from training.attendance.services import correct_signs, strike_signs
from training.attendance.teacher.models import TeacherLink, TeacherTick
from training.attendance.teacher.services import revoke_link
from training.attendance.teacher.taking import take

NAMES = ("王小明", "李晓红", "陈大文", "沈听澜")


@pytest.fixture(autouse=True)
def _class_is_on(time_machine):
    time_machine.move_to(at(9), tick=True)


@pytest.fixture
def course(district):
    return class_of(district.unit)


@pytest.fixture
def trainees(course, district):
    return {name: enrol(course, person_in(district.neighbour_unit, name)) for name in NAMES}


@pytest.fixture
def made(course, district, trainees):
    return link_of(course, district.owner)


@pytest.fixture
def phone(phone_of: Callable[..., BrowserContext]) -> Callable[..., BrowserContext]:
    """The teacher's phone, its clock so much ahead."""

    def switch_on(ahead: timedelta = timedelta(), **where: str) -> BrowserContext:
        context = phone_of(**where)
        context.clock.install(time=clock.now() + ahead)
        return context

    return switch_on


def signs() -> set[tuple[str, str]]:
    return set(Sign.objects.valid().values_list("enrolment__name", "kind"))


def test_a_half_day_without_network_and_the_browser_closed(site, phone, made, trainees, district):
    link, token = made
    address = f"{site}/teacher/{token}/"
    context = phone()
    page = opened(context, address)
    touch(page, "王小明")
    expect(page.locator("#live .is-in [data-list=signed]")).to_contain_text("王小明")
    wait_for(signs, {("王小明", "in")}, page)
    kept_for_later(page)

    context.set_offline(True)
    touch(page, "李晓红")
    touch(page, "陈大文")
    show(page, "out")
    touch(page, "王小明", "签退")
    expect(page.locator("[data-net]")).to_contain_text("没有网络，已存在本机 3 条")
    show(page, "in")
    expect(page.get_by_role("heading", name="已签到 3 / 应到 4")).to_be_visible()
    assert_fits(page)
    keep(page, "teacher-without-network")
    context.close()

    TeacherLink.objects.filter(pk=link.pk).update(holder="温如故")  # whoever hears from the server would show it
    context = phone(zone="America/New_York")  # a phone that thinks it is elsewhere
    context.set_offline(True)
    page = opened(context, address)
    expect(page.locator(".lj-bar-top")).to_contain_text("班主任 顾清和")
    expect(page.locator("#live .is-in [data-list=kept]")).to_contain_text("09:0")
    expect(page.locator("[data-net]")).to_contain_text("没有网络，已存在本机 3 条")
    expect(page.locator("#live .is-in [data-list=kept]")).to_contain_text("陈大文")
    # Who has signed since the page was kept is not asked for again.
    expect(page.locator("#live .is-in [data-list=signed]")).to_contain_text("王小明")
    expect(page.get_by_role("heading", name="已签到 3 / 应到 4")).to_be_visible()
    touch(page, "沈听澜")
    page.get_by_role("button", name="陈大文 已点，点一下取消").click()  # it has never left the phone
    expect(page.get_by_role("button", name="陈大文 到了")).to_be_visible()
    assert signs() == {("王小明", "in")}

    context.set_offline(False)
    wanted = {("王小明", "in"), ("王小明", "out"), ("李晓红", "in"), ("沈听澜", "in")}
    wait_for(signs, wanted, page)
    expect(page.locator("[data-net]")).to_be_hidden()
    page.reload()
    kept_for_later(page)
    assert signs() == wanted
    assert TeacherTick.objects.count() == Sign.objects.count() == 4
    assert_accessible(page)


def test_the_next_day_still_without_network(site, phone, made, trainees, time_machine):
    _, token = made
    address = f"{site}/teacher/{token}/"
    context = phone()
    kept_for_later(opened(context, address))
    context.close()
    time_machine.move_to(at(9, day=DAY + timedelta(days=1)), tick=True)
    context = phone()
    context.set_offline(True)
    page = opened(context, address)
    expect(page.locator(".lj-bar-top")).to_contain_text("5月12日")
    expect(page.get_by_text("这个半日还没有到")).to_be_hidden()
    touch(page, "王小明")
    page.get_by_role("link", name="5月12日 下午").click()
    expect(page.get_by_text("这个半日还没有到")).to_be_visible()
    expect(page.get_by_role("button", name="王小明 到了")).to_be_hidden()
    page.get_by_role("link", name="5月12日 上午").click()
    expect(page.locator("#live .is-in [data-list=kept]")).to_contain_text("王小明")
    context.set_offline(False)
    wait_for(signs, {("王小明", "in")}, page)
    assert Sign.objects.get().date == DAY + timedelta(days=1)


def test_an_answer_that_was_lost_and_a_correction_meanwhile(site, phone, made, trainees, course, district):
    _, token = made
    page = opened(phone(), f"{site}/teacher/{token}/")
    kept_for_later(page)
    lost: list[int] = []

    def lose(route: Route) -> None:
        """The server hears it; its answer does not come back, the first time that there is something in it."""
        if lost or not json.loads(route.request.post_data or "{}")["ticks"]:
            route.continue_()
        else:
            lost.append(route.fetch().status)
            route.abort()

    page.route("**/take/", lose)
    touch(page, "王小明")
    wait_for(signs, {("王小明", "in")}, page)
    expect(page.locator("[data-net]")).to_contain_text("已存在本机 1 条")
    # Of what may have arrived a cancelling is sent as well.
    page.get_by_role("button", name="王小明 已点，点一下取消").click()
    wait_for(signs, set(), page)
    expect(page.locator("[data-net]")).to_be_hidden()
    assert lost == [200]
    assert list(TeacherTick.objects.values_list("do", "outcome")) == [("tick", "recorded"), ("undo", "undone")]

    page.context.set_offline(True)
    touch(page, "李晓红")
    touch(page, "陈大文")
    sheet, one = (DAY, "morning"), trainees["李晓红"]
    correct_signs(enrolment=one, key=sheet, time_in=time(8, 30), time_out=None, reason="误登", actor=district.owner)
    strike_signs(application=course, key=sheet, enrolments=[one.pk], reason="本人未到", actor=district.owner)
    page.context.set_offline(False)
    wait_for(signs, {("陈大文", "in")}, page)
    refused = page.get_by_role("region", name="没有记上的 1 条")
    expect(refused).to_contain_text("李晓红")
    expect(refused).to_contain_text("作废：本人未到")
    assert_accessible(page)
    keep(page, "teacher-refused")


def test_a_link_that_was_revoked_leaves_what_was_not_sent_to_be_handed_over(site, phone, made, district):
    link, token = made
    address = f"{site}/teacher/{token}/"
    page = opened(phone(), address)
    kept_for_later(page)
    page.context.set_offline(True)
    touch(page, "王小明")
    touch(page, "李晓红")
    expect(page.locator("[data-net]")).to_contain_text("已存在本机 2 条")
    revoke_link(link=link, actor=district.owner)
    page.context.set_offline(False)
    expect(page.get_by_role("heading", name="本机还有 2 条没有送出")).to_be_visible()
    text = page.locator("#left-text").input_value()
    assert re.search(r"^\d+月\d+日 上午 签到 王小明 \d\d:\d\d$", text, re.M)
    assert "李晓红" in text
    assert_accessible(page)
    assert_fits(page)
    keep(page, "teacher-ended")
    page.reload()
    expect(page.get_by_role("heading", name="本机还有 2 条没有送出")).to_be_visible()
    page.get_by_text("已交给专办员").click()
    page.get_by_role("button", name="清除本机的记录").click()
    expect(page.get_by_text("本机没有未送出的点名记录")).to_be_visible()
    wait_for(lambda: page.evaluate("caches.keys().then(all => all.length)"), 0, page)
    assert signs() == set()


def test_the_list_follows_what_others_do(site, phone, made, trainees, district):
    link, token = made
    context, answers = phone(), []
    context.on("response", lambda answer: answers.append(answer.status) if answer.url.endswith("/live/") else None)
    page = opened(context, f"{site}/teacher/{token}/")
    kept_for_later(page)
    wait_for(lambda: {200, 204} <= set(answers), True, page)  # the list, and that it has not changed
    take(link=link, ticks=[tick(trainees["陈大文"], clock.now())])
    expect(page.locator("#live .is-in [data-list=signed]")).to_contain_text("陈大文")
    page.reload()
    kept_for_later(page)


def test_taking_back_asks_why_and_waits_while_it_is_chosen(site, phone, made):
    _, token = made
    page = opened(phone(), f"{site}/teacher/{token}/")
    touch(page, "王小明")
    page.locator(".is-in").get_by_text("取消", exact=True).click()
    page.get_by_label("原因").select_option("其实没有到")
    keep(page, "teacher-taking-back")
    with page.expect_response(lambda answer: answer.url.endswith("/live/")):  # the list is asked for meanwhile
        pass
    page.get_by_role("button", name="取消签到").click()
    wait_for(signs, set(), page)
    assert Sign.objects.get().struck_reason == "其实没有到"
    expect(page.get_by_role("button", name="王小明 到了")).to_be_visible()


def test_a_phone_whose_clock_is_a_day_ahead(site, phone, made):
    _, token = made
    page = opened(phone(timedelta(days=1)), f"{site}/teacher/{token}/")
    kept_for_later(page)
    page.context.set_offline(True)
    touch(page, "王小明")
    expect(page.locator("#live .is-in [data-list=kept]")).to_contain_text("09:0")
    page.context.set_offline(False)
    wait_for(signs, {("王小明", "in")}, page)
    assert Sign.objects.get().time.hour == 9
    assert TeacherTick.objects.get().doubt == "本机时钟快 1 天，已按服务器时间更正"


def test_without_script_every_touch_is_a_form(open_page, made):
    _, token = made
    page = open_page(f"/teacher/{token}/", size=PHONE, script=False)
    touch(page, "王小明")
    expect(page.get_by_text("已登记签到")).to_be_visible()
    show(page, "out")
    touch(page, "王小明", "签退")
    expect(page.get_by_text("已登记签退")).to_be_visible()
    page.locator(".is-out").get_by_text("取消", exact=True).click()
    page.get_by_role("button", name="取消签退").click()
    expect(page.get_by_text("已取消签退")).to_be_visible()
    assert signs() == {("王小明", "in")}


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=str)
def test_a_new_link_is_handed_over_once(page_for, site, course, trainees, district, size):
    page = page_for(district.owner, f"/teacher/class/{course.pk}/", size=size)
    page.get_by_role("button", name="生成链接").click()
    address = page.locator("#address").inner_text()
    assert_accessible(page)
    assert_fits(page)
    keep(page, "teacher-made")
    page.goto(address)
    expect(page.get_by_role("button", name="王小明 到了")).to_be_visible()
    page.get_by_role("link", name="给全班出示二维码").click()
    expect(page.locator("[data-code]")).to_be_visible()
    keep(page, "teacher-screen")

"""Classes beside the straight path in the browser: one that never took place, a waiting list that moves up (C7)."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from luojiang_ce import clock
from luojiang_ce.jobs.services import sweep
from luojiang_ce.papers.models import Paper
from luojiang_ce.workflow.engine import fire
from tests.browser.conftest import DESKTOP, PHONE, assert_accessible, assert_fits
from tests.browser.test_shell import keep
from tests.browser.way import act, stands
from tests.factories import person_in
from tests.training.classes.factories import an_application, enrolled
from training.classes.models import ClassApplication
from training.classes.services.applications import free_sessions

State = ClassApplication.State


@pytest.mark.notice("一(五)3")
def test_a_class_that_never_took_place(office, open_page, district):
    office.at("2026-09-21")
    case = an_application(district.unit, State.CHECKED, opens_on=clock.today().replace(month=10, day=12))
    fire(case, "approve", actor=district.approver)
    enrolled(case, person_in(district.neighbour_unit, "王小明"))
    sweep()
    notice = Paper.objects.of(case).get(kind="opening_notice")
    page = office.at("2026-10-15").sit(district.owner, case.get_absolute_url())
    act(page, "报告未举办", note="报名不足，当天没有开班")
    stands(page, "已报告未举办")
    page = office.sit(district.handler, "/")
    expect(page.get_by_text("核实未举办").first).to_be_visible()
    page = office.sit(district.handler, case.get_absolute_url())
    assert_accessible(page)
    act(page, "核实未举办，结案")
    stands(page, "未举办")
    sweep()
    page.reload()
    keep(page, "class-never-held")
    expect(page.get_by_role("link", name="办班的通知")).to_be_visible()
    page = office.sit(district.neighbour, reverse("classes:own_trainees"))
    expect(page.get_by_text("未举办").first).to_be_visible()
    page = open_page(f"/check/{notice.code}/")
    expect(page.get_by_text("培训班未举办，已结案").first).to_be_visible()
    page = office.at("2026-12-01").sit(district.owner, reverse("deadlines:board"))
    expect(page.get_by_text(str(case))).to_have_count(0)
    assert case.session in free_sessions(case.project)


@pytest.mark.notice("二(一)3")
def test_a_waiting_list_moves_up(office, district):
    office.at("2026-11-20")
    case = an_application(
        district.unit, State.APPROVED, opens_on=clock.today().replace(month=12, day=14), people=1, minimum=1
    )
    enrolled(case, person_in(district.unit, "王小明"))
    waiting = person_in(district.neighbour_unit, "李晓红")
    page = office.sit(district.neighbour, reverse("classes:enrol", args=[case.pk]))
    expect(page.get_by_text("名额已满，可列入候补")).to_be_visible()
    page.get_by_label(waiting.name, exact=True).check()
    page.get_by_role("button", name="勾选的人员列入候补").click()
    expect(page.get_by_text("候补第 1 位")).to_be_visible()
    for size in (DESKTOP, PHONE):
        own = office.sit(district.neighbour, reverse("classes:own_trainees"), size=size)
        expect(own.get_by_text("候补第 1 位")).to_be_visible()
        assert_fits(own)
        assert_accessible(own)
        keep(own, "own-trainees-waiting")
    page = office.sit(district.owner, reverse("classes:trainees", args=[case.pk]))
    expect(page.get_by_role("cell", name="李晓红").or_(page.get_by_role("rowheader", name="李晓红"))).to_be_visible()
    assert_accessible(page)
    keep(page, "trainees-waiting")
    page.get_by_label("王小明", exact=False).check()
    page.get_by_label("移出原因").fill("工作需要")
    page.get_by_role("button", name="移出勾选的学员").click()
    expect(page.get_by_text("已移出 1 人")).to_be_visible()
    expect(page.get_by_role("rowheader", name="李晓红")).to_be_visible()
    page = office.sit(district.neighbour, reverse("notices:inbox"))
    expect(page.get_by_text("由候补转为正式报名").first).to_be_visible()
    assert list(case.enrolments.present().values_list("name", flat=True)) == ["李晓红"]

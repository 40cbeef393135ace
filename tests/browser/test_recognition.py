"""Attendance and recognition in the real browser: a list is recorded; pages fit, are accessible, log no error."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from luojiang_ce import clock
from tests.browser.conftest import DESKTOP, PHONE, assert_accessible, assert_fits
from tests.browser.test_shell import keep
from tests.factories import person_in
from tests.training.factories import class_of, enrol, recognition_of, sign_all
from training.attendance.models import Sign

NAMES = ("王小明", "李晓红", "欧阳修远", "陈大文", "梁月", "孟归鸿")


@pytest.fixture
def course(district):
    made = class_of(district.unit, opens_on=clock.today() - timedelta(days=4))
    for name in NAMES:
        enrol(made, person_in(district.neighbour_unit, name))
    return made


def test_a_class_teacher_ticks_everybody_but_one(page_for, district, course):
    page = page_for(district.owner, reverse("attendance:half_day", args=[course.pk, course.opens_on, "morning"]))
    page.get_by_label("全选").check()
    page.get_by_label("李晓红", exact=True).uncheck()
    page.get_by_role("button", name="登记所选学员").click()
    page.get_by_text("已登记签到 5 人、签退 5 人").wait_for()
    assert Sign.objects.count() == 10


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_pages_fit_and_are_accessible(page_for, district, course, size):
    sign_all(course, list(course.enrolments.all())[:5])
    case = recognition_of(course, state="submitted")
    half_day = reverse("attendance:half_day", args=[course.pk, course.opens_on, "morning"])
    for who, address, name in (
        (district.owner, reverse("attendance:class", args=[course.pk]), "attendance-class"),
        (district.owner, half_day, "attendance-half-day"),
        (district.handler, case.get_absolute_url(), "recognition"),
        (district.handler, reverse("recognition:list"), "recognition-list"),
    ):
        page = page_for(who, address, size=size)
        page.wait_for_load_state("networkidle")
        assert_fits(page)
        assert_accessible(page)
        keep(page, name)

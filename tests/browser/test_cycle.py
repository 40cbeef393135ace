"""A school across the five years of a cycle: one teacher completes the hours, one does not; both seals, the list."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from luojiang_ce.jobs.services import sweep
from luojiang_ce.papers.models import Paper, SealUse
from luojiang_ce.workflow.engine import fire
from tests.browser.conftest import PHONE, assert_accessible
from tests.browser.way import Office, act, shot, stands
from tests.factories import account_with, person_in
from tests.verification.batches.samples import a_seal, learned
from units.models import Certificate, Person, StudyPeriod, Unit
from verification.batches import services
from verification.batches.models import Batch, Material
from verification.counter.deciding import decide
from verification.requirements.models import RequirementSetting

FIRST, LAST = 2022, 2026
HOURS = {"顾清和": "72", "傅以宁": "60"}  # a year: 360 and 300 in five


@pytest.mark.notice("一(三)3", "二(一)教师验印", "二(一)教师未完成")
def test_five_years_of_a_school(office: Office, district: Any) -> None:
    Unit.objects.filter(pk=district.unit.pk).update(nature="school", supervisor=district.education)
    education = account_with("seal_keeper", district.education)
    drawn = {"arc_text": "洛江区教育局", "line_text": "验印专用章"}
    a_seal(district.bureau), a_seal(district.education, name="洛江区教育局验印专用章", **drawn)
    teachers = [hired(district, name) for name in HOURS]
    office.at("2022-09-01")
    enter_cycles(office, district)
    for year in range(FIRST, LAST):
        one_year(office, district, education, teachers, year)
    the_last_year(office, district, teachers)
    both_seals(office, district, education)
    the_list(office, district)


def hired(district: Any, name: str) -> Person:
    """A teacher with a booklet and no cycle."""
    person = person_in(district.unit, name, category="teacher")
    Certificate.objects.create(person=person, number=f"0526-{person.pk:04d}")
    return person


def enter_cycles(office: Office, district: Any) -> None:
    """The clerk is asked for what is missing, ticks both and sees the effect before it is written."""
    page = office.sit(district.owner, "/")
    page.get_by_role("link", name="登记教师周期：2 人没有").first.click()
    page.get_by_label("全选本页").check()
    page.locator("[name=first_year]").fill(str(FIRST))
    page.locator("[name=last_year]").fill(str(LAST))
    page.get_by_role("button", name="看看会怎样").click()
    expect(page.get_by_text("教师五年周期：未登记 → 2022–2026").first).to_be_visible()
    assert_accessible(page)
    shot(page, "set-for-many")
    page.get_by_role("button", name="确认登记").click()
    expect(page.get_by_text("已登记 2 人")).to_be_visible()
    assert StudyPeriod.objects.count() == 2


def one_year(office: Office, district: Any, education: Any, teachers: list[Person], year: int) -> None:
    """Hours of the year, filed by the school, reviewed and stamped by the education bureau alone."""
    earn(office, teachers, year)
    batch = filed(office, district, teachers, year, "teacher")
    page = office.at(f"{year + 1}-01-20").sit(district.education_reviewer, batch.get_absolute_url())
    act(page, "审核通过，送验印")
    page = office.at(f"{year + 1}-01-21").sit(education, batch.get_absolute_url())
    press_seal(page, "花名册用印")
    stands(page, "已盖章")


def earn(office: Office, teachers: list[Person], year: int) -> None:
    office.at(f"{year}-12-10")
    for person in teachers:
        learned(person, "0", HOURS[person.name], year=year, form="remote")
        if year <= FIRST + 1:
            learned(person, "0.5", "0", year=year)  # two different 公共必修课


def filed(office: Office, district: Any, teachers: list[Person], year: int, path: str) -> Batch:
    office.at(f"{year + 1}-01-15")
    batch = services.open_batch(unit=district.unit, year=year, path=path, actor=district.owner)
    services.add_people(batch=batch, people=[each.pk for each in teachers], actor=district.owner)
    batch.records.update(unmet_reason="学时未修满")
    Batch.objects.filter(pk=batch.pk).update(filler="林知秋", phone="0595-0000-0126")
    batch.refresh_from_db()
    fire(batch, "send", actor=district.owner)
    return batch


def press_seal(page: Page, label: str) -> None:
    page.get_by_role("link", name=label, exact=True).click()
    page.get_by_role("button", name=label, exact=True).click()
    expect(page.locator(".lj-errors")).to_have_count(0)


def the_last_year(office: Office, district: Any, teachers: list[Person]) -> None:
    """The total is set; education passes it on, the counter verifies who has met it and fails who has not."""
    RequirementSetting.objects.create(year=LAST, key="teacher_cycle_total", amount="360", document="区教育局函")
    earn(office, teachers, LAST)
    batch = filed(office, district, teachers, LAST, "cycle")
    page = office.at("2027-01-20").sit(district.education_reviewer, batch.get_absolute_url())
    act(page, "审核通过，送区人社局")
    met, unmet = batch.records.order_by("person__pk")
    assert (met.verdict["outcome"], unmet.verdict["outcome"]) == ("met", "unmet")
    decide(batch=batch, records=[met.pk], name="verify", actor=district.handler)
    decide(batch=batch, records=[unmet.pk], name="fail", actor=district.handler, reason="周期学时不足")
    services.check_materials(batch=batch, seen=Material.values, actor=district.handler)
    page = office.at("2027-01-25").sit(district.handler, batch.get_absolute_url())
    act(page, "办结，送用印")


def both_seals(office: Office, district: Any, education: Any) -> None:
    """The education bureau's first, the bureau's second: one paper, two lines in the register."""
    batch = Batch.objects.get(path="cycle")
    page = office.at("2027-01-26").sit(education, batch.get_absolute_url())
    press_seal(page, "盖本机关的印章")
    stands(page, "已办结，待用印")
    page = office.sit(district.keeper, batch.get_absolute_url())
    press_seal(page, "花名册用印")
    stands(page, "已盖章")
    sweep()
    (paper,) = Paper.objects.of(batch).filter(kind="verification_person")
    assert sorted(SealUse.objects.filter(paper=paper).values_list("seal_name", flat=True)) == [
        "洛江区人力资源和社会保障局职业能力培训专用章",
        "洛江区教育局验印专用章",
    ]


def the_list(office: Office, district: Any) -> None:
    """72 a year and two half hours are 361 of 360; 60 a year are 301, 59 short."""
    page = office.at("2027-03-10").sit(district.owner, "/cycles/")
    expect(page.get_by_text("2027 年度不予评聘")).to_have_count(1)
    assert_accessible(page)
    shot(page, "cycle-board")
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    shot(page, "cycle-board")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    page = office.sit(district.handler, "/cycles/not-appointed/")
    row = page.locator("tbody tr")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("傅以宁")
    expect(row).to_contain_text("学时差 59.0")
    assert_accessible(page)
    shot(page, "flagged")

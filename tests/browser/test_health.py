"""卫生系列 filed by their supervisor and reviewed together, down to the stamped paper (notice 二(一)卫生);
and how many clicks a roster of thirty costs."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from luojiang_ce.jobs.services import sweep
from luojiang_ce.papers.models import Paper
from tests.browser.conftest import PHONE, assert_accessible
from tests.browser.way import Office, act, shot, stands
from tests.factories import UnitFactory, account_with
from tests.verification.batches.samples import YEAR, staff
from units.models import Account, Person, Unit
from verification.batches.models import AnnualRecord, Batch
from verification.ledger.services import NewEntry, post

COUNT = """for (const [event, key] of [["click", "clicks"], ["keydown", "keys"]])
  addEventListener(event, (e) => {
    if (e.isTrusted) sessionStorage.setItem(key, Number(sessionStorage.getItem(key)) + 1);
  }, true);"""


def credited(unit: Unit, number: int) -> list[Person]:
    """Medical staff with 26 credits of class Ⅱ: the 25 that the notice asks, and one more."""
    people = staff(unit, number, category="medical")
    entries = [
        NewEntry(
            person_id=each.pk, year=YEAR, measure="credits", subject="class_2", amount=Decimal(26), form="class",
            title="基层常见病规范诊疗培训班", course="1",
        )
        for each in people
    ]  # fmt: skip
    post(entries=entries, source=unit, actor=Account.objects.first())
    return people


def clinics(district: Any) -> tuple[Unit, Unit]:
    """The own unit is a hospital that supervises two clinics; the neighbour is another one, on its own."""
    Unit.objects.filter(pk__in=[district.unit.pk, district.neighbour_unit.pk]).update(
        nature="medical", supervisor=district.health, medical_level="second", phone="0595-0000-0110"
    )
    facts = {"nature": "medical", "medical_level": "second", "supervisor": Unit.objects.get(pk=district.unit.pk)}
    return (
        UnitFactory(code="C1", name="洛江区双溪卫生院", **facts),
        UnitFactory(code="C2", name="洛江区河市卫生院", **facts),
    )


@pytest.mark.notice("二(一)卫生")
def test_filed_by_the_supervisor_reviewed_together_and_stamped(office: Office, district) -> None:
    call_command("load_reference", verbosity=0)
    office.at("2027-01-11")
    first, second = clinics(district)
    people = {unit: credited(unit, 2) for unit in (first, second)}
    people[district.unit], people[district.neighbour_unit] = (
        credited(unit, 1) for unit in (district.unit, district.neighbour_unit)
    )
    open_slots(office, district)
    file_for_the_clinics(office, district, first)
    file_own(office, district)
    pass_on_together(office, district)
    read_own_rows(office, account_with("unit_clerk", first), people[first], people[second])
    assert [serve(office, district, batch) for batch in Batch.objects.order_by("pk")] == [5, 1]
    office.sit(district.keeper, "/")
    for batch in Batch.objects.order_by("pk"):
        page = office.at("2027-01-19").sit(district.keeper, batch.get_absolute_url())
        act(page, "花名册用印")
        stands(page, "已盖章")
    sweep()
    assert Paper.objects.filter(kind="verification_person", state="issued").count() == 6
    assert set(AnnualRecord.objects.values_list("state", flat=True)) == {"stamped"}
    printed = text_of(Paper.objects.get(kind="verification_person", subject_id=record_of(people[first][0]).pk))
    assert all(word in printed for word in (people[first][0].name, "洛江区双溪卫生院", "26", "达到规定要求"))
    roster = text_of(Paper.objects.filter(kind="verification_roster").order_by("pk")[0])
    assert all(each.name in roster for unit in (district.unit, first, second) for each in people[unit])
    assert "洛江区双溪卫生院" in roster
    page = office.sit(account_with("unit_clerk", second), record_of(people[second][0]).get_absolute_url(), size=PHONE)
    expect(page.get_by_text("已盖章").first).to_be_visible()


def record_of(person: Person) -> AnnualRecord:
    return AnnualRecord.objects.get(person=person, year=YEAR)


def text_of(paper: Paper) -> str:
    with paper.file.open() as stored:
        return "".join("".join(sheet.extract_text() for sheet in PdfReader(stored).pages).split())


def open_slots(office: Office, district) -> None:
    page = office.sit(district.handler, "/verification/slots/new/")
    for name, value in {"first_day": "2027-01-18", "last_day": "2027-01-18", "times": "09:00-10:00",
                        "minutes": "60", "capacity": "1", "places": "区政务服务中心"}.items():  # fmt: skip
        page.locator(f"[name={name}]").fill(value)
    page.get_by_role("button", name="开放时段").click()


def file_for_the_clinics(office: Office, district, first: Unit) -> None:
    """V3: by unit, then whoever is left of all its units; one batch."""
    page = office.sit(district.owner, "/verification/new/")
    assert_accessible(page)
    shot(page, "health-new")
    page.get_by_role("button", name="选人员").click()
    page.get_by_role("link", name=first.name).click()
    assert_accessible(page)
    shot(page, "health-choose")
    page.get_by_role("button", name="本视图 2 人全部列入").click()
    page.get_by_role("link", name="选入人员").click()
    page.get_by_role("link", name="全部单位").click()
    page.get_by_role("button", name="本视图 3 人全部列入").click()
    act(page, "报送主管部门初审")
    stands(page, "待主管部门初审")
    shot(page, "health-batch")


def file_own(office: Office, district) -> None:
    page = office.sit(district.neighbour, "/verification/new/")
    page.get_by_role("button", name="选人员").click()
    page.get_by_role("button", name="本视图 1 人全部列入").click()
    act(page, "报送主管部门初审")


def pass_on_together(office: Office, district) -> None:
    """Both hospitals' batches in one act, one seat for both."""
    page = office.at("2027-01-12").sit(district.health_reviewer, "/verification/")
    assert_accessible(page)
    shot(page, "health-together")
    page.get_by_role("button", name="一起初审通过").click()
    expect(page.get_by_text("勾选的 2 件")).to_be_visible()
    page.get_by_role("button", name="初审通过，送区人社局").click()
    expect(page.get_by_text("已初审通过 2 件")).to_be_visible()
    shot(page, "health-passed")
    page.get_by_role("link", name="一起预约一个时间").click()
    expect(page.locator("[name=batches]:checked")).to_have_count(2)
    page.locator("[name=slot]").first.check()
    page.get_by_role("button", name="预约这个时段").click()
    expect(page.get_by_text("1月18日").first).to_be_visible()
    assert Batch.objects.values("appointment").distinct().count() == 1


def read_own_rows(office: Office, clerk: Account, own: list[Person], others: list[Person]) -> None:
    """The clinic reads its own people, and nobody else."""
    page = office.sit(clerk, "/verification/")
    page.get_by_role("link", name="由主管单位申报的人员").click()
    assert_accessible(page)
    shot(page, "health-for-us")
    for each in own:
        expect(page.get_by_role("link", name=each.name, exact=True)).to_be_visible()
    expect(page.locator("tbody tr")).to_have_count(len(own))
    for each in others:
        answer = page.request.get(page.url.split("/verification/")[0] + record_of(each).get_absolute_url())
        assert answer.status == 404


def serve(office: Office, district, batch: Batch) -> int:
    """Everybody of it passes at the counter; how many."""
    counter = f"{batch.get_absolute_url()}counter/"
    page = office.at("2027-01-18", "09:10").sit(district.handler, counter)
    page.get_by_role("button", name=re.compile("全部通过")).first.click()
    for seen in page.locator("[name=seen]").all()[:3]:
        seen.check()
    page.get_by_role("button", name="登记已查验").click()
    page.goto(page.url.split("/verification/")[0] + batch.get_absolute_url())
    act(page, "办结，送用印")
    return batch.records.filter(state="verified").count()


@pytest.mark.parametrize("category", ["general", "medical"])
def test_a_roster_of_thirty_whose_classes_are_known_costs_at_most_six_clicks_and_no_typing(
    office: Office, district, category: str
) -> None:
    call_command("load_reference", verbosity=0)
    office.at("2027-01-11")
    clinics(district)
    if category == "medical":
        credited(district.unit, 30)
        label = "报送主管部门初审"
    else:
        staff(district.unit, 30)
        label = "报送花名册"
    page = office.sit(district.owner, "/")
    page.add_init_script(COUNT)
    page.reload()
    page.get_by_role("link", name="报送 2026 年度验证花名册").first.click()
    page.get_by_role("button", name="选人员").click()
    page.get_by_role("button", name="本视图 30 人全部列入").click()
    page.get_by_role("link", name=label, exact=True).click()
    page.get_by_role("button", name=label, exact=True).click()
    expect(page.locator(".lj-errors")).to_have_count(0)
    batch = Batch.objects.get()
    assert batch.records.filter(state="filed").count() == 30
    assert counted(page, "clicks") == 5
    assert counted(page, "keys") == 0


def counted(page: Page, what: str) -> int:
    return int(page.evaluate(f"Number(sessionStorage.getItem('{what}'))"))

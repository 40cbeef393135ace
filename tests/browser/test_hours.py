"""Declarations, the ledger and the strip of days in the browser: accessible, fitting, both themes, wide and narrow."""

from __future__ import annotations

from datetime import date

import pytest

from luojiang_ce import clock
from luojiang_ce.workflow.engine import fire
from tests.browser.conftest import assert_accessible, assert_fits
from tests.browser.test_shell import LOOKS, keep
from tests.factories import UnitFactory, person_in
from tests.verification.declarations.cases import declaration_of, in_state, with_evidence
from tests.verification.ledger.entries import a_source, hours, posted
from units.models import StudyPeriod
from verification.ledger.services import counter

YEAR = clock.today().year


@pytest.fixture
def teacher(district):
    """A teacher with two entries, one of them taken back, and a declaration on its way."""
    person = person_in(district.unit, "阿依努尔·买买提", category="teacher")
    StudyPeriod.objects.create(person=person, kind="cycle", first_year=YEAR - 3, last_year=YEAR + 1)
    entries = [
        hours(
            person,
            "24",
            YEAR,
            "public",
            title="师德修养专题培训",
            organiser="洛江区测试教师进修学校",
            course="师德修养",
        ),
        hours(person, "6.5", YEAR, title="果蔬冷链保鲜技术培训班（第2期）", date_from=date(YEAR, 1, 5), intensive=True),
    ]
    _, wrong = posted(a_source(), district.handler, *entries)
    counter(entry=wrong, reason="监督检查：第二日上午签到不实，不予认定", actor=district.approver)
    declaration_of(district.unit, person, year=YEAR, state="submitted", first_submitted_at="2026-01-01T09:00+08:00")
    return person


@pytest.mark.parametrize(("size", "dark"), LOOKS)
def test_ledger(page_for, district, teacher, size, dark):
    for _ in range(31):
        person_in(UnitFactory())
    page = page_for(district.handler, "/ledger/", size=size, dark=dark)
    keep(page, "ledger-people")
    assert_accessible(page)
    assert_fits(page)
    page.goto(page.url.split("/ledger/")[0] + f"/ledger/people/{teacher.pk}/")
    assert "未到期" in page.inner_text(".lj-verdict")
    keep(page, "ledger-person")
    assert_accessible(page)
    assert_fits(page)


@pytest.mark.parametrize(("size", "dark"), LOOKS)
def test_declaration_form(page_for, district, size, dark):
    person_in(district.unit)
    page = page_for(district.owner, "/declarations/new/remote/", size=size, dark=dark)
    page.get_by_label("项目（课程、论文题目）名称").fill("果蔬保鲜技术网络课程")
    page.get_by_label("学习形式").select_option("self_study")
    page.get_by_role("button", name="保存草稿").click()
    page.wait_for_selector(".lj-errors")
    assert "请选已核准的自学备案" in page.inner_text(".lj-errors")
    page.get_by_label("学习形式").select_option("lecture")
    page.get_by_role("button", name="保存草稿").click()
    page.wait_for_selector("label[for=id_title]")
    assert page.get_by_label("项目（课程、论文题目）名称").input_value() == "果蔬保鲜技术网络课程"
    keep(page, "declaration-form")
    assert_accessible(page)
    assert_fits(page)


@pytest.mark.parametrize(("size", "dark"), LOOKS)
def test_declaration_list_and_case(page_for, district, size, dark):
    for state in ("draft", "submitted", "returned", "accepted", "refused"):
        in_state(district, state)
    case = with_evidence(in_state(district, "draft"), district.owner, without="proof")
    page = page_for(district.owner, "/declarations/", size=size, dark=dark)
    keep(page, "declaration-list")
    assert_accessible(page)
    assert_fits(page)
    page.goto(page.url + f"{case.pk}/")
    assert "还缺材料：学时（学分）证明" in page.inner_text(".lj-actions")
    keep(page, "declaration-draft")
    assert_accessible(page)
    assert_fits(page)


def test_a_declaration_goes_its_way(page_for, district):
    case = with_evidence(in_state(district, "draft"), district.owner)
    page = page_for(district.owner, f"/declarations/{case.pk}/")
    page.get_by_role("link", name="提交审核").click()
    page.get_by_role("button", name="提交审核").click()
    assert "待审核" in page.inner_text(".lj-head")
    items = [{"where": "折算依据", "wrong": "没有文号", "mend": "补写文号"}]
    fire(case, "return", actor=district.handler, data={"items": items})
    fire(case, "resubmit", actor=district.owner)
    page = page_for(district.handler, f"/declarations/{case.pk}/")
    keep(page, "declaration-case")
    page.get_by_role("link", name="认可并入账").click()
    page.get_by_role("button", name="认可并入账").click()
    assert "已认可" in page.inner_text(".lj-head")
    assert "12.0" in page.inner_text(".lj-verdict")


@pytest.mark.parametrize(("size", "dark"), LOOKS)
@pytest.mark.parametrize("asked", ["kind=opening&from=2026-10-12", "kind=plan&from=2027"])
def test_strip_of_days(page_for, district, size, dark, asked):
    """The fragment as a form shows it: put into a page by htmx."""
    page = page_for(district.owner, "/", size=size, dark=dark)
    page.evaluate(
        "asked => htmx.ajax('GET', '/workdays/explain/?' + asked, {target: '#main .lj-head', swap: 'afterend'})", asked
    )
    page.wait_for_selector(".lj-strip .due")
    keep(page, f"strip-{asked[5:9]}")
    assert_accessible(page)
    assert_fits(page)


@pytest.mark.parametrize(("size", "dark"), LOOKS)
def test_rules(page_for, district, size, dark):
    page = page_for(district.handler, "/requirements/", size=size, dark=dark)
    keep(page, "rules")
    assert_accessible(page)
    assert_fits(page)
    page.get_by_role("link", name="拟定年度学时").click()
    page.locator("#id_key").select_option("public_minimum")
    page.locator("#id_amount").fill("30")
    page.locator("#id_document").fill("闽人社〔2026〕0号")
    page.get_by_role("button", name="保存，下一步试算").click()
    page.get_by_role("button", name="试算").wait_for()
    assert "30.0" in page.inner_text("#main")
    keep(page, "rules-set")
    assert_accessible(page)
    assert_fits(page)

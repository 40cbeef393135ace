"""A plan year (notice 一(五)1, 三2): three units file by paste, by workbook and by the form; one plan is returned once;
both bodies answer on-line and one strikes an item; the rest is published, and one project withdrawn later."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from openpyxl import load_workbook
from playwright.sync_api import Download, Page, expect

from luojiang_ce.jobs.services import sweep
from luojiang_ce.papers.models import Paper
from luojiang_ce.workflow import chain
from tests.browser.conftest import DESKTOP, PHONE, assert_accessible, assert_fits
from tests.browser.plan_steps import (
    ask_for_withdrawal,
    begin_plan,
    carry_remark,
    choose,
    file_again,
    file_plan,
    fill_in_row,
    gather,
    give_back,
    object_to,
    paste,
    path_of,
    stands_above_the_bar,
    take_in,
)
from tests.browser.way import Office, act, shot, stands, upload
from tests.conftest import District
from tests.factories import UnitFactory, account_with
from tests.training.classes.factories import an_application
from tests.training.plans.sheets import FIRST, LOWER, UPPER, WHOLE, but, copied, filled
from training.classes.models import ClassApplication
from training.plans.models import PlanItem
from units.models import Account

COLD, DIGITAL = FIRST[2], WHOLE[2]
DAM, PUMP, AUDIT = "水库安全管理培训班", "泵站运行维护培训班", "基层审计实务培训班"
BODIES = {"区治理整顿培训办班工作协调小组": "bureau", "区委反腐败领导小组办公室": "health"}
VAGUE, UNFOUNDED = "没有写明办班依据", "与公需科目统一调训重复，不再单独办班"
OLD, NEW = "泉洛政人社〔2026〕15号", "泉洛政人社〔2026〕16号"


@pytest.mark.django_db(transaction=True)
@pytest.mark.notice("一(五)1", "三2")
def test_a_plan_year(office: Office, open_page: Callable[..., Page], district: District) -> None:
    call_command("load_reference", verbosity=0)
    third = account_with("unit_clerk", UnitFactory(name="洛江区云塘审计中心", is_provider=True))
    pasted = by_paste(office, district.owner)
    imported = by_workbook(office, district.neighbour)
    typed = by_form(office, third)
    returned_once(office, district, pasted)
    for case in (pasted, imported, typed):
        act(office.at("2026-02-09").sit(district.handler, case), "审核通过")
        stands(office.page, "审核通过")
    batch = before_both_bodies(office, district)
    answered(office, district, batch)
    published(office, district, batch)
    withdrawn(office, district, batch)
    seen_by_the_public(office, open_page)
    chain.seal()
    assert chain.check().problems == []


def by_paste(office: Office, clerk: Account) -> str:
    """P1: the rows as they lie on the clipboard; what is still missing is said before the plan is filed."""
    page = office.at("2026-01-20").sit(clerk, "/plans/new/")
    begin_plan(page, 2026)
    page.get_by_role("link", name="导入或粘贴").click()
    paste(page, copied(UPPER, LOWER, FIRST, but(WHOLE, basis=None)))
    shot(page, "year-pasted")
    take_in(page, 2)
    assert page.get_by_text("还不能报送").count() == 1
    page.get_by_role("link", name=f"修改 {DIGITAL}").click()
    page.locator("[name=basis]").fill("单位工作安排")
    page.get_by_role("button", name="保存这个班").click()
    shot(page, "year-plan")
    return file_plan(page, office)


def by_workbook(office: Office, clerk: Account) -> str:
    """P1: the wrong row comes back in the user's own workbook, is mended there and taken in."""
    page = office.sit(clerk, "/plans/new/")
    begin_plan(page, 2026)
    workbook = office.folder / "附件1（定稿）.xlsx"
    wrong = but(FIRST, organiser="区水利站", title=PUMP, people="五十来人")
    workbook.write_bytes(filled(wrong, but(WHOLE, organiser="区水利站", title=DAM)).getvalue())
    page.get_by_role("link", name="导入或粘贴").click()
    choose(page, workbook)
    expect(page.get_by_role("link", name="I5")).to_be_visible()
    assert_accessible(page)
    shot(page, "year-workbook-wrong")
    with page.expect_download() as download:
        page.get_by_role("link", name="下载有误的行").click()
    take_in(page, 1)
    page.get_by_role("link", name="导入或粘贴").click()
    choose(page, mended(download.value, office.folder / "有误的行.xlsx"))
    take_in(page, 1)
    return file_plan(page, office)


def mended(download: Download, path: Path) -> Path:
    """The clerk writes the number into the marked row of the workbook that came back."""
    download.save_as(path)
    book: Any = load_workbook(path)
    cell = next(cell for row in book.active.iter_rows() for cell in row if cell.value == "五十来人")
    cell.value = 50
    book.save(path)
    return path


def by_form(office: Office, clerk: Account) -> str:
    page = office.sit(clerk, "/plans/new/")
    begin_plan(page, 2026)
    fill_in_row(
        page, title=AUDIT, content="审计实务", audience="审计人员", starts_on="2026-09-07", ends_on="2026-09-08"
    )
    return file_plan(page, office)


def returned_once(office: Office, district: District, case: str) -> None:
    """All classes in one table; a remark goes along with the return, and the unit answers it."""
    page = office.at("2026-01-26").sit(district.handler, case)
    page.get_by_role("link", name="逐项审核").click()
    assert_accessible(page)
    shot(page, "year-review")
    carry_remark(page, f"第 2 行 {DIGITAL}", VAGUE)
    give_back(page)
    page = office.at("2026-01-28").sit(district.colleague, case)
    shot(page, "year-returned")
    page.get_by_role("link", name=f"修改 {DIGITAL}").click()
    page.locator("[name=basis]").fill("区农〔2026〕5号")
    page.get_by_role("button", name="保存这个班").click()
    file_again(page, VAGUE, "已写明文号")


def before_both_bodies(office: Office, district: District) -> str:
    """P3: whose officers answer for each body is the bureau's to say; then all that was checked goes before both."""
    for body, unit in BODIES.items():
        page = office.at("2026-02-10").sit(district.handler, "/plans/bodies/")
        page.get_by_role("link", name=body).click()
        page.get_by_label("网上会签的单位").select_option(label=str(getattr(district, unit)))
        page.get_by_role("button", name="保存会签单位").click()
    shot(page, "year-bodies")
    page = office.sit(district.handler, "/plans/batches/")
    gather(page, 2026)
    shot(page, "year-consenting")
    return path_of(page)


def answered(office: Office, district: District, batch: str) -> None:
    """One objects to one item; the other, which judges by itself, agrees to all; then the item is struck."""
    page = office.at("2026-02-12").sit(district.consent, "/")
    page.get_by_role("link", name="出具会签意见：").first.click()
    expect(page.get_by_text("0/2 同意").first).to_be_visible()
    page.get_by_role("link", name="出具意见").click()
    assert_accessible(page)
    object_to(page, DIGITAL, UNFOUNDED)
    shot(page, "year-answer")
    page.get_by_role("button", name="出具意见").click()
    expect(page.get_by_text("1/2 同意").first).to_be_visible()

    second = account_with("consent_officer", district.health)
    page = office.at("2026-02-13").sit(second, batch, size=PHONE)
    expect(page.get_by_text(UNFOUNDED)).to_have_count(0)
    page.get_by_role("link", name="出具意见").click()
    assert_fits(page)
    stands_above_the_bar(page, "出具意见")
    page.get_by_role("button", name="出具意见").click()
    expect(page.get_by_text("2/2 同意").first).to_be_visible()
    expect(page.get_by_text(UNFOUNDED).first).to_be_visible()


def published(office: Office, district: District, batch: str) -> None:
    """一(五)1: what both agreed to is published by document; the struck item is not, and its unit reads why."""
    page = office.at("2026-03-20").sit(district.approver, batch)
    shot(page, "year-to-publish")
    act(page, "发文公布", document_number=OLD, published_on="2026-03-20")
    stands(page, "已发文公布")
    sweep()
    page.reload()
    shot(page, "year-published")
    assert states() == {
        COLD: "published", DIGITAL: "struck", DAM: "published", PUMP: "published", AUDIT: "published",
    }  # fmt: skip
    page = office.sit(district.consent, batch)
    expect(page.get_by_role("link", name="更改意见")).to_have_count(0)
    page = office.sit(district.owner, PlanItem.objects.get(title=DIGITAL).get_absolute_url())
    stands(page, "会签未同意")
    expect(page.get_by_text(UNFOUNDED).first).to_be_visible()
    shot(page, "year-struck")


def states() -> dict[str, str]:
    return dict(PlanItem.objects.values_list("title", "state"))


def withdrawn(office: Office, district: District, batch: str) -> None:
    """三2: asked for, prepared, decided; the class that has begun goes on, the other ends, an amended list is out."""
    running = class_opened(office, district, COLD, "2026-05-11", "2026-05-13")
    coming = class_opened(office, district, COLD, "2026-06-15", "2026-06-17")
    class_opened(office, district, DAM, "2026-06-01", "2026-06-02")
    project = running.project
    page = office.at("2026-05-12").sit(district.owner, project.get_absolute_url())
    shot(page, "year-project")
    case = ask_for_withdrawal(page, office, "设备未到位")
    page = office.sit(district.handler, case)
    upload(page, "决定文件", office.scan)
    act(page, "审核通过，送审批")
    page = office.at("2026-05-13").sit(district.approver, case)
    expect(page.get_by_text("按开班时的项目继续办完，学时照常认定")).to_be_visible()
    assert_accessible(page)
    shot(page, "year-withdrawal")
    page.get_by_role("link", name="作出决定并公布", exact=True).click()
    assert_accessible(page)
    shot(page, "year-decision")
    expect(page.locator("[name=document_number]")).to_have_value(NEW)
    page.locator("[name=decision]").fill("局务会纪要〔2026〕9号")
    page.locator("[name=decided_on]").fill("2026-05-13")
    page.get_by_label(str(running), exact=False).check()
    page.get_by_role("button", name="作出决定并公布", exact=True).click()
    stands(page, "已决定并公布")
    sweep()
    coming.refresh_from_db()
    assert (states()[COLD], coming.state) == ("withdrawn", "cancelled")
    page = office.sit(district.approver, batch)
    expect(page.get_by_text(f"已被 {NEW} 替代")).to_be_visible()
    shot(page, "year-amended")
    page = office.sit(district.owner, project.get_absolute_url())
    expect(page.get_by_text("项目已撤销，不再受理开班申请")).to_be_visible()
    assert_accessible(page)


def class_opened(office: Office, district: District, title: str, opens_on: str, ends_on: str) -> ClassApplication:
    """A class of the project that the approver has let open."""
    office.at("2026-04-13")
    first, last = date.fromisoformat(opens_on), date.fromisoformat(ends_on)
    project = PlanItem.objects.get(title=title)
    case = an_application(project.unit, ClassApplication.State.CHECKED, project=project, opens_on=first, ends_on=last)
    page = office.sit(district.approver, case.get_absolute_url())
    act(page, "准予开班")
    stands(page, "准予开班")
    return case


def seen_by_the_public(office: Office, open_page: Callable[..., Page]) -> None:
    """P4, P6: the old document is marked superseded; the classes stand as they are, without a person's name."""
    old = Paper.objects.get(number=OLD)
    page = open_page(f"/check/{old.code}/")
    expect(page.get_by_text(f"已被 {NEW} 替代，不能使用")).to_be_visible()
    shot(page, "year-check-old")
    page.get_by_role("link", name="核验这一份").click()
    expect(page.get_by_text("现在有效")).to_be_visible()
    expect(page.get_by_text("撤销 2026-JH-001")).to_be_visible()
    for size in (DESKTOP, PHONE):
        page = open_page("/sign-in/", size=size)
        page.get_by_role("link", name="公布的培训班").first.click()
        expect(page.get_by_role("heading", name="公布的培训班")).to_be_visible()
        assert_the_classes(page)
        assert_fits(page)
        assert_accessible(page)
        shot(page, "year-public")
        page.get_by_role("link", name=COLD, exact=True).click()
        expect(page.get_by_role("link", name="核验这份文件")).to_be_visible()
        assert_fits(page)
        assert_accessible(page)
        shot(page, "year-public-project")


def assert_the_classes(page: Page) -> None:
    """Each in the state in which it is today; nothing of what was struck, and no person's name."""
    expect(page.locator("tr", has_text=f"{COLD}（第1期）")).to_contain_text("进行中")
    expect(page.locator("tr", has_text=f"{COLD}（第2期）")).to_contain_text("已撤销")
    expect(page.locator("tr", has_text=DAM)).to_contain_text("报名中")
    expect(page.get_by_text("拟于 2026年9月7日", exact=False)).to_be_visible()
    expect(page.get_by_text(DIGITAL)).to_have_count(0)
    expect(page.get_by_text("林知秋")).to_have_count(0)

"""A published project is withdrawn: asked for, prepared, decided; the amended list is out, the document before it is
superseded wherever it is named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from luojiang_ce import clock
from luojiang_ce.jobs.services import sweep
from luojiang_ce.papers.models import Paper
from luojiang_ce.workflow.engine import fire
from tests.browser.conftest import DESKTOP, PHONE, assert_accessible, assert_fits
from tests.browser.way import Office, act, stands, upload
from tests.conftest import District
from tests.training.factories import class_of
from tests.training.plans.factories import a_batch, a_plan, agreed_by_both, an_item
from training.plans.models import Plan, PlanBatch, PlanItem
from units.seals import load_bureau_seals

OLD, NEW = "泉洛政人社〔2026〕15号", "泉洛政人社〔2026〕16号"


@pytest.fixture
def project(district: District) -> PlanItem:
    load_bureau_seals()
    batch = a_batch(PlanBatch.State.CONSENTING)
    plan = a_plan(district.unit, 2026, Plan.State.CHECKED, first_submitted_at=clock.now())
    items = [an_item(plan, PlanItem.State.BATCHED, batch=batch, position=n, title=f"第{n}班") for n in (1, 2)]
    agreed_by_both(batch, district.handler)
    with clock.at(Office(lambda: None, Path()).at("2026-03-20").now):  # type: ignore[arg-type]
        document = {"document_number": OLD, "published_on": clock.today()}
        fire(batch, "publish", actor=district.approver, data=document)
    sweep()
    return PlanItem.objects.get(pk=items[0].pk)


def test_an_amended_list_after_a_withdrawal(
    page_for: Callable[..., Page],
    open_page: Callable[..., Page],
    district: District,
    project: PlanItem,
    tmp_path: Path,
) -> None:
    office, old = Office(page_for, tmp_path), Paper.objects.get()
    running = class_of(district.unit, project=project, state="approved", opens_on=clock.today(), ends_on=clock.today())
    page = office.sit(district.owner, project.get_absolute_url())
    page.get_by_role("link", name="申请撤销").click()
    page.locator("[name=reason]").fill("设备未到位")
    page.get_by_role("button", name="保存，下一步上传材料").click()
    upload(page, "申请报告", office.scan)
    act(page, "提交变更申请")
    stands(page, "待审核")
    case = page.url.split("/", 3)[3]
    page = office.sit(district.handler, f"/{case}")
    upload(page, "决定文件", office.scan)
    act(page, "审核通过，送审批")
    page = office.sit(district.approver, f"/{case}")
    expect(page.get_by_text("按开班时的项目继续办完，学时照常认定")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("link", name="作出决定并公布", exact=True).click()
    assert_accessible(page)
    for name, value in {"decision": "局务会纪要〔2026〕9号", "document_number": NEW}.items():
        page.locator(f"[name={name}]").fill(value)
    page.locator("[name=decided_on]").fill(f"{clock.today():%Y-%m-%d}")
    page.get_by_label(str(running), exact=False).check()
    page.get_by_role("button", name="作出决定并公布", exact=True).click()
    stands(page, "已决定并公布")
    sweep()
    page = office.sit(district.approver, project.batch.get_absolute_url())
    expect(page.get_by_text(f"已被 {NEW} 替代")).to_be_visible()
    page = office.sit(district.owner, project.get_absolute_url())
    expect(page.get_by_text("项目已撤销，不再受理开班申请")).to_be_visible()
    assert_accessible(page)
    public = open_page(reverse("papers:check_code", args=[old.code]))
    expect(public.get_by_text(f"已被 {NEW} 替代，不能使用")).to_be_visible()
    public.get_by_role("link", name="核验这一份").click()
    expect(public.get_by_text("现在有效")).to_be_visible()
    expect(public.get_by_text("撤销 2026-JH-001")).to_be_visible()


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_the_public_pages_fit_and_are_accessible(
    open_page: Callable[..., Page], district: District, project: PlanItem, size: tuple[int, int]
) -> None:
    class_of(district.unit, project=project, state="approved", people=40, place="区党校", audience="农业技术人员")
    page = open_page("/sign-in/", size=size)
    page.get_by_role("link", name="公布的培训班").first.click()
    expect(page.get_by_role("heading", name="公布的培训班")).to_be_visible()
    assert_fits(page)
    assert_accessible(page)
    page.get_by_role("link", name="第1班", exact=True).click()
    expect(page.get_by_role("link", name="核验这份文件")).to_be_visible()
    assert_fits(page)
    assert_accessible(page)

"""The list, the form and the case of which all pages are made: accessible and fitting, both themes, wide and narrow."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from playwright.sync_api import expect

from luojiang_ce.files.services import attach
from luojiang_ce.jobs.models import Job
from luojiang_ce.workflow import case_kind
from luojiang_ce.workflow.engine import fire
from tests.browser.conftest import DESKTOP, PHONE, assert_accessible, assert_fits
from tests.browser.patterns import PLAN_KIND
from tests.browser.test_shell import LOOKS, keep
from tests.documents import PDF
from tests.factories import UnitFactory
from tests.training.plans.factories import a_plan
from training.plans.models import Plan

pytestmark = pytest.mark.urls("tests.browser.patterns")


@pytest.fixture
def plan(district, monkeypatch):
    monkeypatch.setitem(case_kind._kinds, PLAN_KIND.key, PLAN_KIND)
    plan = Plan.objects.create(unit=district.unit, year=2027, created_by=district.owner, filler="林知秋")
    attach(case=plan, material="scheme", upload=SimpleUploadedFile("方案.pdf", PDF), actor=district.owner)
    fire(plan, "submit", actor=district.owner)
    wrong = [
        {"where": "第 3 行", "wrong": "公共科目 4 学时没有依据", "mend": "附文件，或改列专业科目"},
        {"where": "师资", "wrong": "柏松年没有简历"},
    ]
    fire(plan, "return", actor=district.handler, note="其余各项齐全", data={"items": wrong})
    fire(plan, "submit", actor=district.owner)
    Plan.objects.filter(pk=plan.pk).update(first_submitted_at="2026-11-20T09:00+08:00")
    return plan


@pytest.mark.parametrize(("size", "dark"), LOOKS)
def test_list(page_for, district, size, dark):
    UnitFactory.create_batch(70)
    page = page_for(district.handler, "/patterns/list/?page=2", size=size, dark=dark)
    keep(page, "pattern-list")
    assert_accessible(page)
    assert_fits(page)
    page.get_by_label("名称").fill("没有这样的单位")
    page.get_by_role("button", name="筛选").click()
    assert "没有符合条件的" in page.inner_text(".lj-empty")
    assert_accessible(page)


@pytest.mark.parametrize(("size", "dark"), LOOKS)
def test_form_with_errors(page_for, district, size, dark):
    page = page_for(district.owner, "/patterns/form/", size=size, dark=dark)
    page.get_by_label("地点", exact=True).fill("冷链产业园培训楼 4 楼")
    page.get_by_label("联系电话").fill("1380000012")
    page.get_by_role("button", name="提交开班申请").click()
    keep(page, "pattern-form")
    assert "有 5 处要改" in page.inner_text(".lj-errors h2")
    assert page.get_by_label("地点", exact=True).input_value() == "冷链产业园培训楼 4 楼"
    assert_accessible(page)
    assert_fits(page)
    page.get_by_role("link", name="联系电话：手机号应为 11 位，请核对").click()
    assert page.evaluate("location.hash") == "#id_phone"


@pytest.mark.parametrize(("size", "dark"), LOOKS)
def test_case(page_for, district, plan, size, dark):
    page = page_for(district.handler, f"/patterns/case/{plan.pk}/", size=size, dark=dark)
    keep(page, "pattern-case")
    assert page.locator("[aria-current=step]:visible").count() == 1
    assert "审核人与审批人须为两人" in page.inner_text(".lj-actions")
    assert page.locator(".lj-actions .btn-primary").count() == 1
    assert_accessible(page)
    assert_fits(page)


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
@pytest.mark.parametrize("act", ["return", "refuse"])
def test_the_page_behind_an_action(page_for, district, plan, size, act):
    page = page_for(district.handler, f"/cases/training_plans.plan/{plan.pk}/{act}/", size=size)
    page.locator(".lj-actions .btn").last.click()
    keep(page, f"pattern-act-{act}")
    assert page.locator(".lj-errors").count() == 1
    assert_accessible(page)
    assert_fits(page)


def test_uploading_and_removing_a_material(page_for, district, plan):
    page = page_for(district.owner, f"/patterns/case/{plan.pk}/?edit=1", size=PHONE)
    page.locator("#upload-form1").set_input_files(
        {"name": "附件1.pdf", "mimeType": "application/pdf", "buffer": PDF + b"\n"}
    )
    page.locator("#material-form1 .lj-upload button").click()
    assert "已上传：附件1.pdf" in page.inner_text(".lj-messages")
    keep(page, "pattern-case-edit")
    assert_accessible(page)


def test_the_bulk_bar_appears_with_the_first_tick(page_for, district):
    UnitFactory.create_batch(5)
    page = page_for(district.handler, "/patterns/list/")
    bar = page.locator("[data-bulk]")
    assert not bar.is_visible()
    page.locator("[data-tick]").nth(1).check()
    assert "已选 1 个" in bar.inner_text()
    page.get_by_label("全选本页").check()
    assert f"已选 {page.locator('[data-tick]').count()} 个" in bar.inner_text()
    assert_accessible(page)
    page.get_by_label("全选本页").uncheck()
    assert not bar.is_visible()


def test_ticked_rows_are_sent_without_script(page_for, district):
    page = page_for(district.handler, "/patterns/list/", script=False)
    page.get_by_label(f"选 {district.unit.name}").check()
    page.get_by_role("button", name="批量受理").click()
    assert page.inner_text("body") == district.unit.name


def test_a_draft_saves_itself_while_one_types(page_for, district):
    page = page_for(district.owner, "/patterns/form/")
    page.get_by_label("地点", exact=True).press_sequentially("冷链园")
    expect(page.locator("[data-typed-says]")).to_have_text("已自动保存：冷链园")


def test_progress_is_polled_until_the_work_is_over(page_for, district):
    job = Job.objects.create(kind="roster", title="导入花名册", owner=district.owner, state=Job.State.RUNNING)
    page = page_for(district.owner, f"/jobs/{job.uid}/", size=PHONE)
    Job.objects.filter(pk=job.pk).update(done=52, total=86)
    expect(page.locator("label")).to_contain_text("52 / 86")
    assert_accessible(page)
    keep(page, "pattern-job")
    Job.objects.filter(pk=job.pk).update(state=Job.State.DONE, message="导入 86 人", result_url="/account/")
    expect(page.get_by_role("status")).to_contain_text("导入 86 人")
    page.get_by_role("link", name="查看结果").click()
    page.wait_for_url("**/account/")


def test_work_on_a_case_that_is_watched_leads_on_by_itself(page_for, district):
    plan = a_plan(district.unit)
    about = {"case_type": plan._meta.label_lower, "case_id": plan.pk}
    job = Job.objects.create(kind="trial", title="试算", owner=district.owner, state=Job.State.RUNNING, **about)
    page = page_for(district.owner, f"/jobs/{job.uid}/")
    expect(page.get_by_label("位置").get_by_role("link", name=str(plan))).to_be_visible()
    Job.objects.filter(pk=job.pk).update(state=Job.State.DONE, message="没有人的结论会变", result_url="/account/")
    page.wait_for_url("**/account/")


def test_a_double_click_sends_once(page_for, district):
    page = page_for(district.owner, "/patterns/form/")
    sent = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    page.get_by_role("button", name="提交开班申请").dblclick()
    page.wait_for_selector(".lj-errors")
    assert len([url for url in sent if url.endswith("/patterns/form/")]) == 1

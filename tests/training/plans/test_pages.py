"""Pages of plans stay quick: as many queries for 30 rows as for 3."""

from __future__ import annotations

from io import BytesIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook
from pypdf import PdfReader

from luojiang_ce import clock
from luojiang_ce.jobs.services import sweep
from tests.factories import UnitFactory
from tests.training.plans.factories import (
    a_batch,
    a_plan,
    a_project,
    agreed_by_both,
    an_item,
    answers_on_line,
    two_bodies,
)
from training.plans.models import Plan, PlanBatch, PlanItem
from training.plans.papers import request_publication


def queries(client, address):
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def many_plans(district, count):
    for _ in range(count):
        an_item(a_plan(UnitFactory(), state=Plan.State.SUBMITTED, first_submitted_at=clock.now()))


def many_items(plan, count, **kwargs):
    for position in range(1, count + 1):
        an_item(plan, position=position, **kwargs)


@pytest.mark.parametrize("name", ["plans:list", "plans:items", "plans:batches"])
def test_lists(client, district, name):
    client.force_login(district.handler)
    counted = []
    for count in (3, 27):
        many_plans(district, count)
        [a_batch(PlanBatch.State.CONSENTING) for _ in range(count)]
        counted.append(queries(client, reverse(name)))
    assert counted[0] == counted[1] <= 12


def test_the_case_page(client, district):
    client.force_login(district.handler)
    counted = []
    for count in (3, 30):
        now = clock.now()
        plan = a_plan(UnitFactory(), state=Plan.State.SUBMITTED, first_submitted_at=now, submitted_at=now)
        many_items(plan, count)
        counted.append(queries(client, plan.get_absolute_url()))
    assert counted[0] == counted[1] <= 20


def test_the_batch_page(client, district):
    client.force_login(district.handler)
    counted = []
    for count in (3, 30):
        year = 2000 + count
        batch = a_batch(year=year)
        plan = a_plan(UnitFactory(), year, Plan.State.CHECKED)
        many_items(plan, count, state=PlanItem.State.BATCHED, batch=batch)
        many_items(plan, count, state=PlanItem.State.CHECKED)
        agreed_by_both(batch, district.handler)
        counted.append(queries(client, batch.get_absolute_url()))
    assert counted[0] == counted[1] <= 20


@pytest.mark.notice("附件1")
def test_the_workbook_of_annex_1(client, district):
    plan = a_plan(district.unit)
    an_item(plan, title="=1+1")
    client.force_login(district.owner)
    answer = client.get(reverse("plans:sheet", args=[plan.pk]))
    sheet = load_workbook(BytesIO(answer.content)).active
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value == "=1+1"]
    assert [cell.data_type for cell in cells] == ["s"]
    assert (sheet["A1"].value, sheet["A2"].value) == ("附件1", "区直机关事业单位培训办班计划登记表")


@pytest.mark.notice("附件1")
def test_annex_1_on_paper(client, district):
    plan = a_plan(district.unit, leader="岳临川")
    an_item(plan, title="果蔬冷链保鲜技术培训班")
    client.force_login(district.owner)
    pdf = PdfReader(BytesIO(client.get(reverse("plans:pdf", args=[plan.pk])).content))
    text = "".join("".join(page.extract_text() for page in pdf.pages).split())
    for said in ("区直机关事业单位培训办班计划登记表", "果蔬冷链保鲜技术培训班", "岳临川", "协调小组意见"):
        assert said in text


def test_the_published_document_lists_the_projects(district):
    project = a_project(district.unit)
    paper = request_publication(project.batch, district.approver)
    sweep()
    paper.refresh_from_db()
    with paper.file.open() as stored:
        text = "".join("".join(page.extract_text() for page in PdfReader(stored).pages).split())
    assert paper.state == "issued"
    for said in (project.number, project.title, project.batch.document_number):
        assert said in text


def test_only_what_may_stay_empty_for_good_is_called_optional(client, district):
    plan = a_plan(district.unit)
    client.force_login(district.owner)
    text = client.get(reverse("plans:item_new", args=[plan.pk])).content.decode()
    labels = [label.split("</label>")[0] for label in text.split("<label")[1:]]
    optional = {label.split(">")[1].split("<")[0].strip() for label in labels if "选填" in label}
    assert optional == {"承办（协办）单位", "拟请师资", "收费标准（元/人）", "收费批准文号", "备注"}


def test_a_consent_officer_finds_what_awaits_an_answer(client, district):
    batch = a_batch(state=PlanBatch.State.CONSENTING)
    answers_on_line(two_bodies()[0], district.bureau)
    client.force_login(district.consent)
    page = client.get("/").content.decode()
    assert reverse("plans:batches") in page
    assert f"出具会签意见：{batch}" in page
    agreed_by_both(batch, district.handler)
    assert "出具会签意见" not in client.get("/").content.decode()


def test_the_page_of_a_batch_belongs_to_its_own_entry(client, district):
    client.force_login(district.handler)
    shell = client.get(a_batch().get_absolute_url()).context["shell"]
    assert shell.current.url_name == "plans:batches"


def test_a_list_in_which_nothing_is_chosen_says_so(client, district):
    client.force_login(district.owner)
    page = client.get(reverse("plans:item_new", args=[a_plan(district.unit).pk])).content.decode()
    assert "请选择" in page
    assert "-----" not in page


def test_the_page_of_an_item_leads_to_the_plan_only_who_may_see_it(client, district):
    """A consent officer sees the items that lie before the bodies, not the units' plans."""
    plan = a_plan(district.unit, 2026, Plan.State.CHECKED)
    Plan.objects.filter(pk=plan.pk).update(first_submitted_at=clock.now())
    item = an_item(plan)
    PlanItem.objects.filter(pk=item.pk).update(batch=a_batch(PlanBatch.State.CONSENTING))
    link = f'href="{plan.get_absolute_url()}"'
    for who, leads in (("owner", True), ("handler", True), ("consent", False)):
        client.force_login(getattr(district, who), backend="django.contrib.auth.backends.ModelBackend")
        assert (link in client.get(item.get_absolute_url()).content.decode()) is leads

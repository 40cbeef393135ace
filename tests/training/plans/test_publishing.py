"""Gathering, the consent of both bodies, publication by document."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.files.models import Attachment
from luojiang_ce.files.services import remove
from luojiang_ce.papers.models import Paper
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.engine import Refused, fire
from tests.factories import Assignment
from tests.training.plans.factories import a_batch, a_plan, a_project, a_scan, agreed_by_both, an_item, two_bodies
from training.plans import services
from training.plans.materials import consent_code
from training.plans.models import Consent, Plan, PlanBatch, PlanItem

DOCUMENT = {"document_number": "泉洛政人社〔2026〕15号", "published_on": date(2026, 3, 20)}


@pytest.fixture
def batch(district):
    plan = a_plan(district.unit, 2026, Plan.State.CHECKED)
    batch = a_batch()
    items = [an_item(plan, PlanItem.State.CHECKED, position=i, title=f"第{i}班") for i in (1, 2)]
    services.gather(batch=batch, items=items, actor=district.handler)
    fire(batch, "send", actor=district.handler)
    two_bodies()
    return batch


def consent(batch, body, actor, result="agreed", **facts):
    given = {"result": result, "given_on": date(2026, 3, 10), "document": "纪要3号", "person": "宁致远", "note": "理由"}
    return services.record_consent(batch=batch, body=body, facts={**given, **facts}, scans=[a_scan()], actor=actor)


@pytest.mark.notice("一(五)1")
def test_nothing_is_published_before_both_bodies_agree(batch, district):
    first, second = two_bodies()
    with pytest.raises(Refused, match="0/2 同意"):
        fire(batch, "publish", actor=district.approver, data=DOCUMENT)
    consent(batch, first, district.handler)
    with pytest.raises(Refused, match=f"1/2 同意，还缺：{second.name}"):
        fire(batch, "publish", actor=district.approver, data=DOCUMENT)
    consent(batch, second, district.handler)
    fire(batch, "publish", actor=district.approver, data=DOCUMENT)
    assert [item.state for item in batch.items.all()] == ["published", "published"]
    assert [item.number for item in batch.items.all()] == ["2026-JH-001", "2026-JH-002"]


def test_a_consent_is_not_recorded_without_its_scan(batch, district):
    given = {"result": "agreed", "given_on": date(2026, 3, 10), "document": "纪要3号", "person": "宁致远", "note": ""}
    facts = {"batch": batch, "body": two_bodies()[0], "facts": given, "actor": district.handler}
    with pytest.raises(NotPossible, match="扫描件"):
        services.record_consent(scans=[], **facts)
    services.record_consent(scans=[a_scan()], **facts)
    assert services.record_consent(scans=[], **facts).result == "agreed"


def test_nothing_is_published_on_a_consent_whose_scan_was_removed(batch, district):
    agreed_by_both(batch, district.handler)
    body = two_bodies()[1]
    scan = Attachment.objects.of(batch).get(material=consent_code(body))
    remove(attachment=scan, case=batch, actor=district.handler)
    with pytest.raises(Refused, match=f"还缺扫描件：{body.name}意见"):
        fire(batch, "publish", actor=district.approver, data=DOCUMENT)


def test_an_objection_stops_publication(batch, district):
    first, second = two_bodies()
    consent(batch, first, district.handler)
    consent(batch, second, district.handler, result="objected")
    with pytest.raises(Refused, match=second.name):
        fire(batch, "publish", actor=district.approver, data=DOCUMENT)


def test_publication_freezes_the_consents(batch, district):
    agreed_by_both(batch, district.handler)
    fire(batch, "publish", actor=district.approver, data=DOCUMENT)
    with pytest.raises(NotPossible, match="公布后意见不能改动"):
        consent(batch, two_bodies()[0], district.handler, result="objected")
    assert {c.result for c in Consent.objects.all()} == {"agreed"}


def test_a_struck_item_is_not_published(batch, district):
    struck = batch.items.first()
    fire(struck, "strike", actor=district.handler, note="与他班重复", data={"body": two_bodies()[0]})
    agreed_by_both(batch, district.handler)
    fire(batch, "publish", actor=district.approver, data=DOCUMENT)
    assert {item.title: item.state for item in batch.items.all()} == {"第1班": "struck", "第2班": "published"}


def test_whoever_sent_a_batch_does_not_publish_it(batch, district):
    agreed_by_both(batch, district.handler)
    both = district.handler
    Assignment.objects.create(account=both, role="bureau_approver", unit=district.bureau, valid_from=date(2017, 1, 1))
    with pytest.raises(Refused, match="须为两人"):
        fire(batch, "publish", actor=district.fresh(both), data=DOCUMENT)


def test_publication_asks_for_the_official_document(batch, district):
    agreed_by_both(batch, district.handler)
    fire(batch, "publish", actor=district.approver, data=DOCUMENT)
    paper = Paper.objects.get()
    assert (paper.number, paper.case_id) == ("泉洛政人社〔2026〕15号", batch.pk)


def test_without_any_consent_body_nothing_is_published(batch, district):
    two_bodies()[0].__class__.objects.update(active=False)
    with pytest.raises(Refused, match="未设定会签单位"):
        fire(batch, "publish", actor=district.approver, data=DOCUMENT)


def test_a_document_number_is_used_once(client, batch, district):
    agreed_by_both(batch, district.handler)
    a_batch(PlanBatch.State.PUBLISHED, 2025, **DOCUMENT)
    client.force_login(district.approver)
    answer = client.post(reverse("workflow:act", args=["training_plans.planbatch", batch.pk, "publish"]), DOCUMENT)
    assert answer.status_code == 422
    assert "已用于" in answer.content.decode()


@pytest.mark.notice("三2")
def test_a_published_project_is_withdrawn_by_a_recorded_decision(district):
    project = a_project(district.unit)
    fire(project, "withdraw", actor=district.approver, note="主办单位申请撤销")
    assert project.state == PlanItem.State.WITHDRAWN
    assert project.number


def test_recording_a_consent_on_the_page_keeps_what_was_typed(client, batch, district):
    body = two_bodies()[0]
    client.force_login(district.handler)
    address = reverse("plans:consent", args=[batch.pk, body.pk])
    p = f"body{body.pk}-"
    version = {"version": client.get(address).context["form"].version_shown}
    sent = {
        **version,
        p + "result": "objected",
        p + "given_on": "2026-03-10",
        p + "document": "纪要7号",
        p + "person": "宁致远",
    }
    answer = client.post(address, sent)
    assert answer.status_code == 422
    assert "不同意须写明理由" in answer.content.decode()
    assert "纪要7号" in answer.content.decode()
    answer = client.post(address, {**sent, p + "note": "重复"})
    assert "请选择会签意见或会议纪要的扫描件" in answer.content.decode()
    assert not Consent.objects.exists()
    assert client.post(address, {**sent, p + "note": "重复", p + "scan": a_scan()}).status_code == 302
    assert Consent.objects.get().note == "重复"
    corrected = {**sent, p + "note": "与他班重复", "version": client.get(address).context["form"].version_shown}
    assert client.post(address, corrected).status_code == 302
    assert Consent.objects.get().note == "与他班重复"


def test_a_struck_item_stays_in_a_recalled_batch(client, batch, district):
    struck = batch.items.first()
    fire(struck, "strike", actor=district.handler, note="与他班重复", data={"body": two_bodies()[0]})
    fire(batch, "recall", actor=district.handler)
    Plan.objects.update(first_submitted_at=clock.now())
    client.force_login(district.handler)
    address = reverse("plans:drop", args=[batch.pk, struck.pk])
    page = client.post(address, follow=True).content.decode()
    assert "现在的状态是“会签未同意”，不能移出汇总" in page
    assert address not in page

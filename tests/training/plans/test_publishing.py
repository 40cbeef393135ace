"""Gathering, the consent of both bodies, publication by document."""

from __future__ import annotations

import hashlib
import re
from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.files.checks import checked
from luojiang_ce.files.models import Attachment
from luojiang_ce.files.services import remove
from luojiang_ce.jobs.services import sweep
from luojiang_ce.notices.models import Notice
from luojiang_ce.papers.content import printable
from luojiang_ce.papers.dates import in_chinese
from luojiang_ce.papers.models import Paper, Seal
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.engine import Refused, fire
from luojiang_ce.workflow.events import record
from tests.blank_papers import blank_papers
from tests.factories import Assignment, UnitFactory, account_with
from tests.training.factories import class_of
from tests.training.plans.factories import a_batch, a_plan, a_scan, agreed_by_both, an_item, two_bodies
from training.plans import consents, papers, services
from training.plans.materials import consent_code
from training.plans.models import Consent, Plan, PlanBatch, PlanItem
from units.seals import load_bureau_seals

SENT = datetime(2026, 3, 5, 10, tzinfo=clock.SHANGHAI)  # before the bodies answer
DOCUMENT = {"document_number": "泉洛政人社〔2026〕15号", "published_on": date(2026, 3, 20)}


@pytest.fixture
def batch(district):
    plan = a_plan(district.unit, 2026, Plan.State.CHECKED)
    batch = a_batch()
    items = [an_item(plan, PlanItem.State.CHECKED, position=i, title=f"第{i}班") for i in (1, 2)]
    services.gather(batch=batch, items=items, actor=district.handler)
    with clock.at(SENT):
        fire(batch, "send", actor=district.handler)
    two_bodies()
    return batch


def consent(batch, body, actor, result="agreed", **facts):
    given = {"result": result, "given_on": date(2026, 3, 10), "document": "纪要3号", "person": "宁致远", "note": "理由"}
    return consents.record_consent(
        batch=batch, body=body, facts={**given, **facts}, scans=[checked(a_scan())], actor=actor, why="更正"
    )


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
        consents.record_consent(scans=[], **facts)
    consents.record_consent(scans=[checked(a_scan())], **facts)
    assert consents.record_consent(scans=[], **facts).result == "agreed"


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


@pytest.mark.parametrize("act", ["consent", "checked an item", "gathered"])
def test_nor_does_whoever_had_another_hand_in_it(batch, district, act):
    one = account_with("bureau_handler", district.bureau)
    agreed_by_both(batch, district.handler)
    if act == "consent":
        consent(batch, two_bodies()[0], one)
    elif act == "gathered":
        record(batch, "edited", actor=one, data={"gathered": []})
    else:
        record(batch.items.first(), "check", actor=one)
    one.assignments.update(role="bureau_approver")
    with pytest.raises(Refused, match="须为两人"):
        fire(batch, "publish", actor=district.fresh(one), data=DOCUMENT)
    fire(batch, "publish", actor=district.approver, data=DOCUMENT)


def test_publication_asks_for_the_official_document(batch, district):
    agreed_by_both(batch, district.handler)
    fire(batch, "publish", actor=district.approver, data=DOCUMENT)
    paper = Paper.objects.get()
    assert (paper.number, paper.case_id) == ("泉洛政人社〔2026〕15号", batch.pk)


def test_without_any_consent_body_nothing_is_published(batch, district):
    two_bodies()[0].__class__.objects.update(ends_on=date(2026, 3, 4))
    with pytest.raises(Refused, match="未设定会签单位"):
        fire(batch, "publish", actor=district.approver, data=DOCUMENT)


def test_a_document_number_is_used_once(client, batch, district):
    agreed_by_both(batch, district.handler)
    a_batch(PlanBatch.State.PUBLISHED, 2025, **DOCUMENT)
    client.force_login(district.approver)
    answer = client.post(reverse("workflow:act", args=["training_plans.planbatch", batch.pk, "publish"]), DOCUMENT)
    assert answer.status_code == 422
    assert "已用于" in answer.content.decode()


def test_a_number_that_is_taken_is_said_once(client, batch, district):
    """The batch that has it and its document are one."""
    agreed_by_both(batch, district.handler)
    other = a_batch(PlanBatch.State.PUBLISHED, 2025, **DOCUMENT)
    papers.request_publication(other, district.approver)
    client.force_login(district.approver)
    answer = client.post(reverse("workflow:act", args=["training_plans.planbatch", batch.pk, "publish"]), DOCUMENT)
    assert len(answer.context["form"].errors["document_number"]) == 1


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
    corrected = {
        **sent,
        p + "note": "与他班重复",
        p + "why": "抄错",
        "version": client.get(address).context["form"].version_shown,
    }
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


# --- number and date of the document ---------------------------------------------------------------------------------


def act_on(batch, name):
    return reverse("workflow:act", args=["training_plans.planbatch", batch.pk, name])


@pytest.fixture
def agreed(batch, district):
    agreed_by_both(batch, district.handler)
    return batch


@pytest.fixture
def published(agreed, district):
    load_bureau_seals()
    fire(agreed, "publish", actor=district.approver, data=DOCUMENT)
    with blank_papers():
        sweep()
    return agreed


@pytest.mark.notice("一(五)1")
@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"published_on": date(2026, 3, 9)}, "早于最后一份会签意见（2026年3月10日）"),
        ({"published_on": clock.today() + timedelta(days=1)}, "发文日期在今天之后"),
        ({"document_number": "泉洛政人社〔2025〕15号"}, "文号的年份是 2025"),
        ({"document_number": "公布1"}, "不是完整的文号"),
    ],
)
def test_number_and_date_hold_on_the_page_and_without_it(client, agreed, district, document, said):
    with pytest.raises(Refused, match=said):
        fire(agreed, "publish", actor=district.approver, data=DOCUMENT | document)
    client.force_login(district.approver)
    answer = client.post(act_on(agreed, "publish"), DOCUMENT | document)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Paper.objects.exists()


def test_the_next_free_number_is_proposed_with_today(client, agreed, district):
    year = clock.today().year
    client.force_login(district.approver)
    assert f'value="泉洛政人社〔{year}〕1号"' in client.get(act_on(agreed, "publish")).content.decode()
    other = a_batch(PlanBatch.State.CONSENTING, year + 1)
    papers.request_paper("plan_publication", other, actor=district.approver, number=f"泉洛人社〔{year}〕30号")
    html = client.get(act_on(agreed, "publish")).content.decode()
    assert f'value="泉洛人社〔{year}〕31号"' in html
    assert f'value="{clock.today():%Y-%m-%d}"' in html


def test_a_number_that_another_paper_has_is_a_refusal_and_not_a_broken_page(client, agreed, district):
    """The paper was made between the look at the form and the act."""
    other = a_batch(PlanBatch.State.CONSENTING, 2025)
    papers.request_paper("plan_publication", other, actor=district.approver, number=DOCUMENT["document_number"])
    with pytest.raises(Refused, match="已用"):
        fire(agreed, "publish", actor=district.approver, data=DOCUMENT)
    client.force_login(district.approver)
    answer = client.post(act_on(agreed, "publish"), DOCUMENT)
    assert answer.status_code == 422
    assert "已用" in answer.content.decode()
    agreed.refresh_from_db()
    assert agreed.state == "consenting"


def test_a_seal_that_cannot_sign_is_a_refusal_and_not_a_broken_page(client, agreed, district):
    load_bureau_seals()
    Seal.objects.filter(purpose="office").update(provider="signed")
    client.force_login(district.approver)
    answer = client.post(act_on(agreed, "publish"), DOCUMENT)
    assert answer.status_code == 422
    assert "没有选定签名证书" in answer.content.decode()
    assert not Paper.objects.exists()


def test_the_document_is_sealed_in_the_register_and_linked_from_its_batch(client, published, district):
    paper = Paper.objects.get()
    assert paper.state == "issued"
    assert paper.seal.purpose == "office"
    assert paper.seal_uses.get().document == f"{paper.title}（{paper.number}）"
    client.force_login(district.owner)
    html = client.get(published.get_absolute_url()).content.decode()
    assert paper.get_absolute_url() in html
    assert reverse("papers:download", args=[paper.uid]) in html


def test_a_wrong_document_is_replaced_by_a_recorded_act(client, published, district):
    old = Paper.objects.get()
    client.force_login(district.approver)
    wrong = {**DOCUMENT, "note": "日期有误"}
    assert "已用于" in client.post(act_on(published, "republish"), wrong).content.decode()
    right = {"document_number": "泉洛政人社〔2026〕16号", "published_on": date(2026, 3, 23)}
    assert client.post(act_on(published, "republish"), right).status_code == 422  # no reason
    assert client.post(act_on(published, "republish"), {**right, "note": "日期有误"}).status_code == 302
    sweep()
    old.refresh_from_db()
    published.refresh_from_db()
    new = Paper.objects.exclude(pk=old.pk).get()
    assert (old.state, old.revoke_reason, new.replaces, new.number) == (
        "revoked",
        "日期有误",
        old,
        right["document_number"],
    )
    assert (published.state, published.document_number) == ("published", right["document_number"])
    assert {item.state for item in published.items.all()} == {"published"}
    assert "日期有误" in client.get(reverse("papers:check_code", args=[old.code])).content.decode()
    html = client.get(published.get_absolute_url()).content.decode()
    assert "更正发文" in html
    assert old.get_absolute_url() in html


def test_a_replaced_document_is_superseded_wherever_papers_are_named(client, published, district):
    """On the public check, in lists of papers, on the batch's page and in the workbook; the file stays."""
    old = Paper.objects.get()
    again = [{"document_number": f"泉洛政人社〔2026〕{seq}号", "published_on": date(2026, 3, 23)} for seq in (16, 17)]
    for document in again:
        fire(published, "republish", actor=district.approver, note="日期有误", data=document)
    client.force_login(district.approver)
    check = reverse("papers:check_code", args=[old.code])
    assert "已撤销，不能使用" in client.get(check).content.decode()  # as long as nothing is there in its place
    sweep()
    superseded = "已被 泉洛政人社〔2026〕17号 替代"  # the one in force, not the one between
    old.refresh_from_db()
    new = Paper.objects.get(number="泉洛政人社〔2026〕17号")
    html = client.get(check).content.decode()
    assert superseded in html
    assert reverse("papers:check_code", args=[new.code]) in html
    for page in (reverse("papers:list"), published.get_absolute_url(), old.get_absolute_url()):
        assert superseded in client.get(page).content.decode()
    kept = client.get(reverse("papers:download", args=[old.uid])).getvalue()
    assert hashlib.sha256(kept).hexdigest() == old.sha256


def test_lists_of_replaced_documents_ask_the_database_as_often_for_many(client, published, district):
    client.force_login(district.approver)
    counted = []
    for seqs in (range(16, 19), range(19, 40)):
        for seq in seqs:
            document = {"document_number": f"泉洛政人社〔2026〕{seq}号", "published_on": date(2026, 3, 23)}
            fire(published, "republish", actor=district.approver, note="日期有误", data=document)
        with blank_papers():
            sweep()
        with CaptureQueriesContext(connection) as captured:
            assert "替代" in client.get(reverse("papers:list")).content.decode()
        counted.append(len(captured))
    assert counted[0] == counted[1] <= 12


def test_a_publication_is_withdrawn_whole_and_its_projects_keep_their_numbers(published, district):
    numbers = [item.number for item in published.items.all()]
    fire(published, "unpublish", actor=district.approver, note="会签意见有误")
    assert (published.state, published.document_number, published.published_on) == ("consenting", "", None)
    assert {item.state for item in published.items.all()} == {"batched"}
    assert Paper.objects.get().state == "revoked"
    again = {"document_number": "泉洛政人社〔2026〕17号", "published_on": date(2026, 3, 25)}
    fire(published, "publish", actor=district.approver, data=again)
    assert [item.number for item in published.items.all()] == numbers


def test_nothing_is_withdrawn_over_a_class_that_goes_on(published, district):
    project = published.items.first()
    a_class = class_of(district.unit, project=project)
    with pytest.raises(Refused, match=f"已有开班申请的不能撤销公布：{project.title}"):
        fire(published, "unpublish", actor=district.approver, note="会签意见有误")
    type(a_class).objects.filter(pk=a_class.pk).update(state="cancelled")
    fire(published, "unpublish", actor=district.approver, note="会签意见有误")


def test_publishing_and_withdrawing_ask_the_database_as_often_for_many(district):
    counted = []
    for number, year in ((1, 2024), (3, 2026), (30, 2025)):  # the first of all makes the rows of the formats
        batch = a_batch(PlanBatch.State.CONSENTING, year)
        for _ in range(number):
            an_item(a_plan(clerk_of_a_new_unit(), year, Plan.State.CHECKED), PlanItem.State.BATCHED, batch=batch)
        agreed_by_both(batch, district.handler)
        for act, data in (
            ("publish", {"document_number": f"泉洛政人社〔{year}〕1号", "published_on": date(year, 3, 20)}),
            ("republish", {"document_number": f"泉洛政人社〔{year}〕2号", "published_on": date(year, 3, 21)}),
            ("unpublish", {}),
        ):
            actor = district.fresh(district.approver)
            with CaptureQueriesContext(connection) as captured:
                fire(batch, act, actor=actor, note="日期有误", data=data)
            counted.append((act, len(captured)))
        numbers = [f"{year}-JH-{n:03d}" for n in range(1, number + 1)]
        assert list(batch.items.order_by("pk").values_list("number", flat=True)) == numbers
        assert Notice.objects.filter(key__startswith=f"unpublish-{batch.pk}-").count() == number
    assert counted[3:6] == counted[6:]


def clerk_of_a_new_unit():
    return account_with("unit_clerk", UnitFactory()).current_assignments[0].unit


def test_only_the_approver_withdraws_and_says_why(published, district):
    for name in ("republish", "unpublish"):
        with pytest.raises(Refused, match="只有"):
            fire(published, name, actor=district.handler, note="有误", data=DOCUMENT)


@pytest.mark.notice("一(五)1")
def test_a_batch_stands_and_is_numbered_plan_after_plan_row_after_row(client, district):
    filed = {"state": Plan.State.CHECKED, "first_submitted_at": clock.now()}
    plans = [a_plan(unit, **filed) for unit in (district.neighbour_unit, district.unit)]
    batch, rows = a_batch(), ((1, 1, "丙"), (0, 2, "乙"), (0, 1, "甲"))
    items = [
        an_item(plans[of], PlanItem.State.CHECKED, position=position, title=f"{name}班") for of, position, name in rows
    ]
    services.gather(batch=batch, items=items, actor=district.handler)
    fire(batch, "send", actor=district.handler)
    agreed_by_both(batch, district.handler)
    client.force_login(district.approver)
    html = client.get(batch.get_absolute_url()).content.decode()
    assert "选入 3 个项目" in html
    assert html.index("甲班") < html.index("乙班") < html.index("丙班")
    fire(batch, "publish", actor=district.approver, data=DOCUMENT)
    numbered = PlanItem.objects.order_by("number").values_list("title", flat=True)
    assert [*numbered] == ["甲班", "乙班", "丙班"]


def test_a_struck_item_names_no_document_that_does_not_publish_it(client, batch, district):
    struck, _ = batch.items.order_by("position")
    agreed_by_both(batch, district.handler)
    body = two_bodies()[0]
    fire(struck, "strike", actor=district.handler, note="重复", data={"body": body, "note": "重复"})
    fire(batch, "publish", actor=district.approver, data=DOCUMENT)
    client.force_login(district.owner)
    html = client.get(struck.get_absolute_url()).content.decode()
    assert "未列入公布" in html
    assert DOCUMENT["document_number"] not in html


@pytest.mark.notice("一(五)1")
def test_a_later_batch_of_the_year_is_published_as_a_supplement_of_what_it_adds_to(client, published, district):
    """Title, text and annex say so, also when one of both is corrected; the year's first one stays what it is."""
    first, titles = published.document_number, []
    plan = a_plan(district.unit, 2026, Plan.State.CHECKED, supplement=1, leave="局务会")
    later = a_batch(PlanBatch.State.CONSENTING, 2026)
    an_item(plan, PlanItem.State.BATCHED, batch=later, title="增补班")
    agreed_by_both(later, district.handler)
    client.force_login(district.approver)
    assert "项目（第一批增补）的通知" in client.get(act_on(later, "publish")).content.decode()
    for batch, act, seq in ((later, "publish", 43), (published, "republish", 44), (later, "republish", 45)):
        document = {"document_number": f"泉洛政人社〔2026〕{seq}号", "published_on": date(2026, 3, 23)}
        fire(batch, act, actor=district.approver, note="日期有误", data=document)
        titles.append(Paper.objects.latest("pk").title)
        if seq == 43:
            said = printable(Paper.objects.latest("pk"))
            html = re.sub(r"<[^>]+>|\s", "", said.html())
            assert f"在{first}公布项目的基础上，现将2026年度专业技术人员继续教育培训项目（第一批增补）予以公布" in html
            assert said.context["enclosures"] == ["2026年度专业技术人员继续教育培训项目表（第一批增补）"]
    plain = "关于公布 2026 年度专业技术人员继续教育培训项目的通知"
    supplement = "关于公布 2026 年度专业技术人员继续教育培训项目（第一批增补）的通知"
    assert titles == [supplement, plain, supplement]


def test_batches_are_counted_in_chinese():
    assert [in_chinese(count) for count in (1, 9, 10, 11, 20, 99)] == ["一", "九", "十", "十一", "二十", "九十九"]

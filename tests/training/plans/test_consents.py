"""The bodies answer on-line (notice 一(五)1, P3): for the whole or item by item, until publication; or on paper."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.files.checks import checked
from luojiang_ce.notices.models import Notice
from luojiang_ce.refusals import NotPossible
from luojiang_ce.versions import Conflict
from luojiang_ce.workflow.engine import Refused, fire
from luojiang_ce.workflow.events import history, record
from luojiang_ce.workflow.models import Event
from tests.conftest import District, in_parallel
from tests.factories import Assignment, UnitFactory, account_with
from tests.training.plans.factories import (
    a_batch,
    a_plan,
    a_scan,
    agreed_by_both,
    an_item,
    answers_on_line,
    two_bodies,
)
from tests.units.views.helpers import browser
from training.plans import bodies, consents, services
from training.plans.consenting import agreed_of
from training.plans.models import Consent, ConsentBody, ItemAnswer, Plan, PlanBatch, PlanItem
from units.models import Account

pytestmark = pytest.mark.django_db
SENT = datetime(2026, 3, 5, 10, tzinfo=clock.SHANGHAI)
ANSWERED = datetime(2026, 3, 9, 15, tzinfo=clock.SHANGHAI)
DOCUMENT = {"document_number": "泉洛政人社〔2026〕15号", "published_on": date(2026, 3, 20)}


@pytest.fixture
def second(district: District) -> Account:
    """Who answers for the second body; the district's own officer answers for the first."""
    return account_with("consent_officer", district.health)


@pytest.fixture
def batch(district: District, second: Account) -> PlanBatch:
    """Two items before both bodies, each of which answers on-line."""
    plan = a_plan(district.unit, 2026, Plan.State.CHECKED, first_submitted_at=clock.now())
    made = a_batch()
    items = [an_item(plan, PlanItem.State.CHECKED, position=i, title=f"第{i}班") for i in (1, 2)]
    for body, unit in zip(two_bodies(), (district.bureau, district.health), strict=True):
        answers_on_line(body, unit)
    with clock.at(SENT):
        services.gather(batch=made, items=items, actor=district.handler)
        fire(made, "send", actor=district.handler)
    return made


def answer(batch: PlanBatch, body: ConsentBody, actor: Account, result: str = "agreed", **more: Any) -> Consent:
    facts = {"result": result, "note": more.pop("note", ""), "document": ""}
    with clock.at(more.pop("at", ANSWERED)):
        return consents.give_consent(batch=batch, body=body, facts=facts, actor=actor, **more)


def on_paper(batch: PlanBatch, body: ConsentBody, actor: Account, **more: Any) -> Consent:
    facts = {"result": "agreed", "given_on": date(2026, 3, 10), "document": "纪要3号", "person": "岳临川", "note": ""}
    facts |= {name: more.pop(name) for name in list(more) if name in facts}
    return consents.record_consent(batch=batch, body=body, facts=facts, scans=[checked(a_scan())], actor=actor, **more)


def states(batch: PlanBatch) -> list[str]:
    return [item.state for item in batch.items.order_by("pk")]


@pytest.mark.notice("一(五)1")
def test_both_answer_on_line_and_an_item_is_struck_when_both_have(
    batch: PlanBatch, district: District, second: Account
) -> None:
    one, two = two_bodies()
    item = batch.items.get(title="第2班")
    answer(batch, one, district.consent, objections={item.pk: "收费没有批准文号"})
    assert states(batch) == ["batched", "batched"]
    with pytest.raises(Refused, match=f"1/2 同意，还缺：{two}"):
        fire(batch, "publish", actor=district.approver, data=DOCUMENT)
    given = answer(batch, two, second)
    assert states(batch) == ["batched", "struck"]
    event = Event.objects.get(case_id=item.pk, name="object")
    assert event.note_row.text == f"{one}不同意：收费没有批准文号"
    assert (given.given_on, given.person, given.way) == (date(2026, 3, 9), second.name, "online")
    fire(batch, "publish", actor=district.approver, data=DOCUMENT)
    assert states(batch) == ["published", "struck"]
    assert Notice.objects.filter(recipient=district.owner, title__contains="会签未同意").count() == 1


def test_no_scan_is_asked_of_an_answer_on_line(batch: PlanBatch, district: District, second: Account) -> None:
    one, two = two_bodies()
    answer(batch, one, district.consent)
    on_paper(batch, two, district.handler)
    fire(batch, "publish", actor=district.approver, data=DOCUMENT)
    assert batch.state == PlanBatch.State.PUBLISHED


def test_an_answer_is_changed_until_publication_with_a_reason(
    batch: PlanBatch, district: District, second: Account
) -> None:
    one, two = two_bodies()
    item = batch.items.get(title="第2班")
    answer(batch, one, district.consent, objections={item.pk: "收费没有批准文号"})
    answer(batch, two, second)
    with pytest.raises(NotPossible, match="替换须写明原因"):
        answer(batch, one, district.consent)
    answer(batch, one, district.consent, why="单位补了批件")
    assert states(batch) == ["batched", "batched"]
    note = history(batch).first().note_row.text
    assert "原为网上，2026年3月9日" in note
    assert "“第2班”不同意（收费没有批准文号）" in note
    assert "替换原因：单位补了批件" in note
    fire(batch, "publish", actor=district.approver, data=DOCUMENT)
    with pytest.raises(NotPossible, match="公布后意见不能改动"):
        answer(batch, two, second, "objected", note="不妥", why="想改")


def test_the_same_answer_twice_is_one(batch: PlanBatch, district: District) -> None:
    one = two_bodies()[0]
    first = answer(batch, one, district.consent)
    assert answer(batch, one, district.consent) == first
    assert Event.objects.filter(name__startswith="consent").count() == 1


def test_paper_over_an_answer_on_line_says_who_was_first_and_why(batch: PlanBatch, district: District) -> None:
    one = two_bodies()[0]
    answer(batch, one, district.consent, objections={batch.items.first().pk: "重复"})
    with pytest.raises(NotPossible, match=f"{one}的意见已有记录（网上，2026年3月9日，{district.consent.name}"):
        on_paper(batch, one, district.handler)
    on_paper(batch, one, district.handler, why="以盖章件为准")
    given = Consent.objects.get()
    assert (given.way, given.recorded_by, given.items.count()) == ("paper", district.handler, 0)
    assert f"原为网上，2026年3月9日，{district.consent.name}" in history(batch).first().note_row.text
    with pytest.raises(NotPossible, match=r"已有记录（书面"):
        answer(batch, one, district.consent)


def test_of_two_at_once_the_second_is_shown_the_first(batch: PlanBatch, district: District) -> None:
    one = two_bodies()[0]
    opened = consents.standing(consents.answer_of(batch, one)).version
    answer(batch, one, district.consent)
    with pytest.raises(Conflict):
        on_paper(batch, one, district.handler, version=opened, why="以盖章件为准")


def test_what_is_missing_is_said_all_at_once(batch: PlanBatch, district: District) -> None:
    one = two_bodies()[0]
    pks = list(batch.items.values_list("pk", flat=True))
    with pytest.raises(NotPossible) as refused:
        answer(batch, one, district.consent, objections=dict.fromkeys(pks, " "))
    assert set(refused.value.by_field) == {f"why_{pk}" for pk in pks}
    with pytest.raises(NotPossible, match="不同意须写明理由"):
        answer(batch, one, district.consent, "objected")


@pytest.mark.parametrize(
    ("day", "said"),
    [(clock.today() + timedelta(days=1), "在今天之后"), (date(2026, 3, 4), "早于送会签的日期（2026年3月5日）")],
)
def test_paper_bears_a_day_between_sending_and_today(
    batch: PlanBatch, district: District, day: date, said: str
) -> None:
    with pytest.raises(NotPossible, match=said):
        on_paper(batch, two_bodies()[0], district.handler, given_on=day)
    url = reverse("plans:consent", args=[batch.pk, two_bodies()[0].pk])
    page = browser(district.handler).post(url, {f"body{two_bodies()[0].pk}-given_on": day.isoformat()})
    assert said in page.content.decode()


# --- who answers ------------------------------------------------------------------------------------------------------


def test_an_officer_answers_for_the_own_body_alone(batch: PlanBatch, district: District) -> None:
    with pytest.raises(PermissionDenied):
        answer(batch, two_bodies()[1], district.consent)
    with pytest.raises(PermissionDenied):
        answer(batch, two_bodies()[0], district.handler)


def test_nobody_answers_for_both_whatever_the_account(batch: PlanBatch, district: District) -> None:
    one, two = two_bodies()
    same = account_with("consent_officer", district.health, name=district.consent.name)
    answer(batch, one, district.consent)
    with pytest.raises(NotPossible, match="须由两人分别出具"):
        answer(batch, two, same)


@pytest.mark.parametrize("how", ["clerk", "clerk by another account", "filed it"])
def test_an_officer_does_not_decide_about_the_own_units_item(
    batch: PlanBatch, district: District, second: Account, how: str
) -> None:
    one, two = two_bodies()
    other = an_item(a_plan(district.neighbour_unit, state="checked"), "batched", batch=batch, title="邻单位的班")
    officer = district.consent
    if how == "filed it":
        record(Plan.objects.get(unit=district.unit), "submit", actor=officer)
    else:
        holder = officer if how == "clerk" else account_with("inspector", district.bureau, name=officer.name)
        Assignment.objects.create(account=holder, role="unit_clerk", unit=district.unit, valid_from=date(2017, 1, 1))
    officer = district.fresh(officer)
    with pytest.raises(NotPossible, match="不能对整批表态"):
        answer(batch, one, officer, "objected", note="不妥")
    answer(batch, one, officer, objections={other.pk: "重复", batch.items.first().pk: "想帮忙"})
    answer(batch, two, second)
    aside = ItemAnswer.objects.filter(answer="aside")
    assert {each.item.unit for each in aside} == {district.unit}
    assert agreed_of(batch) == "1/2 同意"
    with pytest.raises(Refused, match=f"还缺：{one}"):
        fire(batch, "publish", actor=district.approver, data=DOCUMENT)
    page = browser(officer).get(reverse("plans:answer", args=[batch.pk, one.pk])).content.decode()
    assert "您单位的项目不由您表态" in page
    colleague = account_with("consent_officer", district.bureau)
    answer(batch, one, colleague, objections={other.pk: "重复"}, why="对回避的项目表态")
    assert agreed_of(PlanBatch.objects.get(pk=batch.pk)) == "2/2 同意"
    assert [item.state for item in batch.items.filter(pk=other.pk)] == ["struck"]


def test_whoever_answered_does_not_publish(batch: PlanBatch, district: District, second: Account) -> None:
    one, two = two_bodies()
    answer(batch, one, district.consent)
    answer(batch, two, second)
    second.assignments.update(role="bureau_approver")
    with pytest.raises(Refused, match="须为两人"):
        fire(batch, "publish", actor=district.fresh(second), data=DOCUMENT)


def test_each_body_judges_by_itself(batch: PlanBatch, district: District, second: Account) -> None:
    one, two = two_bodies()
    answer(batch, one, district.consent, objections={batch.items.first().pk: "与他班重复"})
    client = browser(second)
    assert "与他班重复" not in client.get(batch.get_absolute_url()).content.decode()
    answer(batch, two, second)
    assert "与他班重复" in client.get(batch.get_absolute_url()).content.decode()


# --- which bodies -----------------------------------------------------------------------------------------------------


def test_the_day_of_sending_decides_which_bodies_are_asked(district: District) -> None:
    one, two = two_bodies()
    ConsentBody.objects.filter(pk=two.pk).update(ends_on=date(2026, 3, 5))
    ConsentBody.objects.create(name="区委编办", position=3, starts_on=date(2026, 3, 6))
    asked = {}
    for day in (5, 6):
        with clock.at(datetime(2026, 3, day, 23, tzinfo=clock.SHANGHAI)):
            made = a_batch(year=2020 + day)
            an_item(a_plan(district.unit, 2020 + day, "checked"), "batched", batch=made)
            fire(made, "send", actor=district.handler)
        asked[day] = [body.name for body in bodies.asked_of(made)]
    assert asked == {5: [one.name, two.name], 6: [one.name, "区委编办"]}
    with pytest.raises(NotPossible, match="不在会签单位之列"):
        on_paper(made, two, district.handler)
    assert browser(district.handler).get(reverse("plans:consent", args=[made.pk, two.pk])).status_code == 404


def test_how_each_body_answers_is_said_once_it_is_asked(district: District) -> None:
    answers_on_line(two_bodies()[0], district.bureau)
    client = browser(district.handler)
    for state, said in ((PlanBatch.State.GATHERING, (0, 0)), (PlanBatch.State.CONSENTING, (1, 1))):
        html = client.get(a_batch(state).get_absolute_url()).content.decode()
        assert (html.count("网上会签"), html.count("书面会签")) == said


def test_a_retired_body_keeps_its_name_on_old_papers(batch: PlanBatch, district: District) -> None:
    agreed_by_both(batch, district.handler)
    one = two_bodies()[0]
    facts = {"name": one.name, "position": 1, "starts_on": None, "ends_on": date(2026, 11, 1), "unit": None}
    with pytest.raises(NotPossible, match="旧文书上的名称不变"):
        bodies.save_body(body=one, facts={**facts, "name": "区培训办"}, actor=district.handler)
    bodies.save_body(body=one, facts=facts, actor=district.handler)
    assert "止：空 → 2026年11月1日" in history(one).first().note_row.text
    assert one.name in browser(district.handler).get(batch.get_absolute_url()).content.decode()


def test_an_officer_belongs_to_one_body(district: District) -> None:
    one, two = two_bodies()
    answers_on_line(one, district.bureau)
    facts = {"name": two.name, "position": 2, "starts_on": None, "ends_on": None, "unit": district.bureau}
    with pytest.raises(NotPossible, match=f"已为“{one}”网上会签"):
        bodies.save_body(body=two, facts=facts, actor=district.handler)
    ConsentBody.objects.filter(pk=one.pk).update(ends_on=date(2026, 1, 31))
    bodies.save_body(body=two, facts={**facts, "starts_on": date(2026, 2, 1)}, actor=district.handler)


def test_the_bureau_keeps_the_bodies_on_a_page(district: District) -> None:
    client = browser(district.handler)
    sent = {"name": "区委编办", "position": 3, "starts_on": "2026-05-02", "ends_on": "2026-05-01", "unit": ""}
    wrong = client.post(reverse("plans:body_new"), sent)
    assert "止的日期早于起的日期" in wrong.content.decode()
    assert client.post(reverse("plans:body_new"), {**sent, "ends_on": ""}).status_code == 302
    page = client.get(reverse("plans:bodies")).content.decode()
    assert "区委编办" in page
    body = ConsentBody.objects.get(name="区委编办")
    assert "添加会签单位" in client.get(reverse("plans:body_edit", args=[body.pk])).content.decode()


# --- on the way -------------------------------------------------------------------------------------------------------


def test_who_is_told_and_whose_turn_it_is(batch: PlanBatch, district: District, second: Account) -> None:
    one, two = two_bodies()
    start = "出具会签意见：2026 年度培训计划汇总"
    assert start in browser(second).get("/").content.decode()
    assert Notice.objects.filter(recipient=second, title__startswith="请会签").count() == 1
    assert "登记会签意见：" not in browser(district.handler).get("/").content.decode()
    second.assignments.update(valid_to=date(2026, 1, 1))  # the body is left without an officer
    assert "登记会签意见：2026 年度培训计划汇总" in browser(district.handler).get("/").content.decode()
    answer(batch, one, district.consent)
    assert Notice.objects.filter(recipient=district.handler, title__startswith="1/2 同意").count() == 1
    on_paper(batch, two, district.handler)
    assert Notice.objects.filter(recipient=district.approver, title__startswith="会签已齐").count() == 1
    assert "发文公布：2026 年度培训计划汇总" in browser(district.approver).get("/").content.decode()


@pytest.mark.parametrize("how", ["the whole", "every item"])
def test_what_no_body_lets_go_on_is_gathered_anew(
    batch: PlanBatch, district: District, second: Account, how: str
) -> None:
    one, two = two_bodies()
    if how == "the whole":
        answer(batch, one, district.consent, "objected", note="未列预算")
    else:
        answer(batch, one, district.consent, objections=dict.fromkeys(batch.items.values_list("pk", flat=True), "不妥"))
    with pytest.raises(Refused, match="已有会签意见，不能退回汇总"):
        fire(batch, "recall", actor=district.handler)
    on_paper(batch, two, district.handler)
    assert "退回汇总：2026 年度培训计划汇总" in browser(district.handler).get("/").content.decode()
    struck = states(batch)
    fire(batch, "recall", actor=district.handler)
    assert not Consent.objects.exists()
    more = an_item(a_plan(district.neighbour_unit, state="checked"), "batched", batch=batch, title="另一个班")
    fire(batch, "send", actor=district.handler)
    facts = {"result": "agreed", "given_on": clock.today(), "document": "纪要", "person": "岳临川", "note": ""}
    with pytest.raises(NotPossible, match="扫描件"):  # the scan of the first round proves nothing
        consents.record_consent(batch=batch, body=two, facts=facts, scans=[], actor=district.handler)
    answer(batch, one, district.consent, at=clock.now())
    answer(batch, two, second, at=clock.now())
    assert how == "the whole" or states(batch)[:2] == struck == ["struck", "struck"]
    more.refresh_from_db()
    assert more.state == "batched"


def test_what_the_bureau_struck_stays_struck(batch: PlanBatch, district: District, second: Account) -> None:
    one, two = two_bodies()
    item = batch.items.first()
    fire(item, "strike", actor=district.handler, note="与他班重复", data={"body": one})
    answer(batch, one, district.consent, objections={item.pk: "重复"})
    answer(batch, two, second)
    answer(batch, one, district.consent, why="看错了")
    assert states(batch) == ["struck", "batched"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.real_services
def test_two_officers_of_one_body_answer_once(batch: PlanBatch, district: District) -> None:
    one = two_bodies()[0]
    colleague = account_with("consent_officer", district.bureau)

    def say(actor: Account) -> str:
        try:
            return str(answer(batch, one, district.fresh(actor), version=consents.standing(None).version))
        except NotPossible as refused:
            return type(refused).__name__

    found = in_parallel([lambda: say(district.consent), lambda: say(colleague)])
    assert sorted(found) == ["Conflict", f"{one} 同意"]
    assert Consent.objects.count() == 1


# --- pages ------------------------------------------------------------------------------------------------------------


def test_the_officer_answers_on_the_page(batch: PlanBatch, district: District) -> None:
    one, client = two_bodies()[0], browser(district.consent)
    url = reverse("plans:answer", args=[batch.pk, one.pk])
    assert url in client.get(batch.get_absolute_url()).content.decode()
    opened = client.get(url)
    first, last = batch.items.order_by("position")
    p = f"body{one.pk}-"
    sent = {"version": opened.context["form"].version_shown, f"{p}result": "agreed", f"{p}item_{last.pk}": "objected"}
    wrong = client.post(url, sent)
    assert wrong.status_code == 422
    assert "“第2班”不同意须写明理由" in wrong.content.decode()
    assert client.post(url, {**sent, f"{p}why_{last.pk}": "未填办班依据"}).status_code == 302
    assert consents.objections_of(Consent.objects.get()) == {last.pk: "未填办班依据"}
    again = client.get(url)
    assert "已有意见" in again.content.decode()
    assert "未填办班依据" in again.content.decode()
    sent = {"version": again.context["form"].version_shown, f"{p}result": "agreed", f"{p}item_{first.pk}": "agreed"}
    assert "替换须写明原因" in client.post(url, sent).content.decode()


def test_the_pages_ask_the_database_as_often_for_many(district: District, second: Account) -> None:
    one, two = (answers_on_line(b, u) for b, u in zip(two_bodies(), (district.bureau, district.health), strict=True))
    counted = []
    for number, year in ((3, 2024), (30, 2025)):
        made = a_batch(PlanBatch.State.CONSENTING, year, sent_at=SENT)
        for _ in range(number):
            an_item(a_plan(UnitFactory(), year, "checked"), "batched", batch=made)
        answer(made, one, district.consent, objections=dict.fromkeys(made.items.values_list("pk", flat=True), "不妥"))
        for who, url in (
            (second, reverse("plans:answer", args=[made.pk, two.pk])),
            (second, made.get_absolute_url()),
            (district.handler, made.get_absolute_url()),
            (district.handler, reverse("plans:bodies")),
        ):
            client = browser(who)
            with CaptureQueriesContext(connection) as captured:
                assert client.get(url).status_code == 200
            counted.append(len(captured))
    assert counted[:4] == counted[4:]
    assert max(counted) <= 20
    assert counted[3] <= 12

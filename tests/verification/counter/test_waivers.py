"""请审批人同意, 全部通过, and what becomes of reasons whose figures have changed meanwhile."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from luojiang_ce.notices.models import Notice
from luojiang_ce.workflow.engine import Refused, fire
from luojiang_ce.workflow.models import Event
from tests.conftest import District
from tests.factories import account_with
from tests.verification.batches.samples import a_batch, a_record, a_seal, learned, staff
from tests.verification.batches.test_pages import browser
from units.models import Account
from units.models.account import Assignment
from verification.batches import services
from verification.batches.form4 import row_of
from verification.batches.models import AnnualRecord, Batch
from verification.batches.papers import _statement
from verification.batches.waivers import last_reckoning
from verification.counter.deciding import NothingDecided, decide, pass_everybody

pytestmark = pytest.mark.django_db
R = AnnualRecord.State
WHY = "下乡支教半年"


def ids(batch: Batch) -> list[int]:
    return list(batch.records.order_by("pk").values_list("pk", flat=True))


def asked(district: District, number: int = 1) -> Batch:
    """A batch in which the approver was asked for these people, who are 4 hours short."""
    batch = a_batch(district, people=staff(district.unit, number, met=False))
    decide(batch=batch, records=ids(batch), name="ask", actor=district.handler, reason=WHY)
    return batch


def start_page(account) -> str:
    return browser(account).get(reverse("home:start")).content.decode()


@pytest.mark.notice("一(三)1")
def test_the_approver_finds_what_was_asked_and_the_answer_goes_back(district: District) -> None:
    batch = asked(district)
    record = batch.records.get()
    assert (record.state, record.reason) == (R.ASKED, WHY)
    page = start_page(district.approver)
    assert f"审批未达标人员：{batch}，1 人" in page
    assert WHY in page
    assert "审批未达标人员" not in start_page(district.handler)
    form = browser(district.approver).get(
        reverse("workflow:act", args=["verification_batches.annualrecord", record.pk, "waive"])
    )
    assert WHY in form.content.decode()  # stands in the field already
    fire(record, "waive", actor=district.approver, note=WHY)
    assert (record.state, record.reason, record.waived_by) == (R.VERIFIED, WHY, district.approver)
    assert row_of(record)["result"] == "合格（经审批）"
    assert _statement(record).endswith(f"理由：{WHY}。")
    told = Notice.objects.get(recipient=district.handler, title__contains="1 人审批通过（未达标）")
    assert record.person.name in told.text
    assert record.person.name not in told.title
    assert "审批未达标人员" not in start_page(district.approver)


def test_a_refusal_comes_back_to_the_counter_with_its_reason(district: District) -> None:
    batch = asked(district, 2)
    with pytest.raises(NothingDecided, match="请写明理由"):
        decide(batch=batch, records=ids(batch), name="refuse_waiver", actor=district.approver)
    decide(batch=batch, records=ids(batch), name="refuse_waiver", actor=district.approver, reason="不属特殊情况")
    assert set(batch.records.values_list("state", "reason", "decided_by")) == {(R.FILED, "", None)}
    told = Notice.objects.get(recipient=district.handler, title__contains="2 人审批不同意")
    assert "不属特殊情况" in told.text


def test_thirty_are_asked_for_and_answered_with_one_notice_and_few_queries(district: District) -> None:
    counts = []
    for number in (3, 30):
        batch = asked(district, number)
        with CaptureQueriesContext(connection) as queries:
            decide(batch=batch, records=ids(batch), name="waive", actor=district.approver, reason=WHY)
        counts.append(len(queries))
        assert set(batch.records.values_list("state", flat=True)) == {R.VERIFIED}
        batch.records.all().delete()
        Batch.objects.filter(pk=batch.pk).update(state="stamped")
    assert counts[1] <= counts[0] + 1  # thirty events are written in two parts
    assert Notice.objects.filter(recipient=district.approver, title__contains="请审批是否通过").count() == 2
    assert Notice.objects.filter(recipient=district.handler, title__contains="审批通过").count() == 2


def test_who_asks_does_not_answer(district: District) -> None:
    both = account_with("bureau_handler", district.bureau)
    Assignment.objects.create(account=both, role="bureau_approver", unit=district.bureau, valid_from=date(2020, 1, 1))
    both = Account.objects.get(pk=both.pk)
    record = a_record(district, met=False)
    decide(batch=record.batch, records=[record.pk], name="ask", actor=both, reason=WHY)
    for answer in ("waive", "refuse_waiver"):
        with pytest.raises(NothingDecided, match="请示与审批须为两人"):
            decide(batch=record.batch, records=[record.pk], name=answer, actor=both, reason=WHY)
        record.refresh_from_db()
        with pytest.raises(Refused, match="请示与审批须为两人"):
            fire(record, answer, actor=both, note=WHY)
    decide(batch=record.batch, records=[record.pk], name="waive", actor=district.approver, reason=WHY)


def test_only_who_is_short_is_asked_for_and_with_a_reason(district: District) -> None:
    met, short = a_record(district), a_record(district, met=False)
    with pytest.raises(NothingDecided, match="已达标，直接通过即可"):
        decide(batch=met.batch, records=[met.pk], name="ask", actor=district.handler, reason=WHY)
    with pytest.raises(NothingDecided, match="请写明理由"):
        decide(batch=short.batch, records=[short.pk], name="ask", actor=district.handler)


def test_what_was_asked_of_other_figures_is_asked_no_more(district: District) -> None:
    """The approver's page, opened before: the old reason is not stamped on the new figures."""
    batch = asked(district, 2)
    changed, other = batch.records.order_by("pk")
    seen = last_reckoning(batch)
    learned(changed.person, "0", "1")
    with pytest.raises(NothingDecided, match="学时有变动"):
        decide(batch=batch, records=[changed.pk], name="waive", actor=district.approver, reason=WHY)
    services.refreeze(batch=batch, actor=district.handler)
    assert [batch.records.get(pk=each.pk).state for each in (changed, other)] == [R.FILED, R.ASKED]
    assert batch.records.get(pk=changed.pk).reason == ""
    assert Notice.objects.filter(recipient=district.handler, title__contains="请示作废").count() == 1
    with pytest.raises(NothingDecided, match="打开页面以后已按现有学时重新核算"):
        decide(batch=batch, records=[changed.pk], name="waive", actor=district.approver, reason=WHY, as_of=seen)
    record = batch.records.get(pk=changed.pk)
    with pytest.raises(Refused, match="打开页面以后已按现有学时重新核算"):
        fire(record, "waive", actor=district.approver, note=WHY, data={"as_of": seen})
    # The other's figures are as they were: the same page does for it.
    decide(batch=batch, records=[other.pk], name="waive", actor=district.approver, reason=WHY, as_of=seen)
    decide(
        batch=batch, records=[changed.pk], name="waive", actor=district.approver, reason=WHY,
        as_of=last_reckoning(batch),
    )  # fmt: skip


def test_a_page_that_has_become_stale_comes_back_with_the_new_figures_and_what_was_typed(district: District) -> None:
    """A second press, after they were read, is obeyed without opening the page anew."""
    record = a_record(district, met=False)
    url = reverse("workflow:act", args=["verification_batches.annualrecord", record.pk, "ask"])
    handler = browser(district.handler)
    page = handler.get(url)
    typed = {"note": WHY, "as_of": page.context["form"]["as_of"].value()}
    assert "差 4.0" in page.content.decode()
    learned(record.person, "0", "1")
    services.refreeze(batch=record.batch, actor=district.approver)
    refused = handler.post(url, typed)
    said = refused.content.decode()
    assert refused.status_code == 422
    assert "打开页面以后已按现有学时重新核算" in said
    assert "差 3.0" in said
    assert WHY in said
    again = refused.context["form"]
    second = handler.post(url, {"note": again["note"].value(), "as_of": again["as_of"].value()})
    assert second.status_code == 302
    record.refresh_from_db()
    assert (record.state, record.reason) == (R.ASKED, WHY)


def test_a_row_with_other_hours_is_never_stamped(district: District) -> None:
    """Verified, and then hours came or went: neither pages nor the roster go under the seal."""
    batch = a_batch(district, people=staff(district.unit, 2))
    decide(batch=batch, records=ids(batch), name="verify", actor=district.handler)
    seal = a_seal(district.bureau)
    learned(batch.records.first().person, "0", "8")
    for step in ("stamp_pages", "finish"):
        actor = district.keeper if step == "stamp_pages" else district.handler
        with pytest.raises(Refused, match="办理以后学时有变动"):
            fire(batch, step, actor=actor, data={"seal": seal})


def test_whoever_waits_for_the_approver_keeps_the_batch_open(district: District) -> None:
    batch = asked(district)
    with pytest.raises(Refused, match="1 人待审批"):
        fire(batch, "finish", actor=district.handler)
    decide(batch=batch, records=ids(batch), name="withdraw", actor=district.handler, reason="材料有误")
    assert batch.records.get().state == R.FILED


# --- 全部通过 ---------------------------------------------------------------------------------------------------------


def test_all_who_can_be_passed_are_and_the_rest_is_named_with_why(district: District) -> None:
    met, short, changed = staff(district.unit, 3), staff(district.unit, 1, met=False), staff(district.unit, 1)
    lacking, asked_for = staff(district.unit, 1), staff(district.unit, 1, met=False)
    batch = a_batch(district, people=[*met, *short, *changed, *lacking, *asked_for])
    of = {row.person_id: row for row in batch.records.select_related("person")}
    decide(batch=batch, records=[of[lacking[0].pk].pk], name="supplement", actor=district.handler, reason="缺缴费凭证")
    decide(batch=batch, records=[of[asked_for[0].pk].pk], name="ask", actor=district.handler, reason=WHY)
    learned(changed[0], "0", "8")
    said = str(pass_everybody(batch=batch, actor=district.handler))
    assert said.startswith("已通过 3 人；其余 4 人没有通过：")
    assert f"{short[0].name}：年度总学时差 4.0" in said
    assert f"{changed[0].name}：学时有变动，请先按现有学时重新核算" in said
    assert f"{lacking[0].name}：现为“待补”，请逐人办理" in said
    assert f"{asked_for[0].name}：现为“待审批”，请逐人办理" in said
    states = {row.person_id: row.state for row in batch.records.all()}
    assert [states[each.pk] for each in met] == [R.VERIFIED] * 3
    assert states[short[0].pk] == R.FILED


def test_all_at_once_makes_as_many_queries_for_thirty_as_for_three(district: District) -> None:
    counts = []
    for number in (3, 30):
        batch = a_batch(district, people=[*staff(district.unit, number), *staff(district.unit, number, met=False)])
        with CaptureQueriesContext(connection) as queries:
            assert pass_everybody(batch=batch, actor=district.handler).count == number
        counts.append(len(queries))
        batch.records.all().delete()
        Batch.objects.filter(pk=batch.pk).update(state="stamped")
    assert counts[1] <= counts[0] + 1  # thirty events are written in two parts


def test_the_page_says_what_came_of_it(district: District) -> None:
    batch = a_batch(district, people=[*staff(district.unit, 2), *staff(district.unit, 1, met=False)])
    client, address = browser(district.handler), reverse("batches:decide", args=[batch.pk])
    page = client.get(reverse("batches:counter", args=[batch.pk])).content.decode()
    assert "全部通过（未办 3 人，达标 2 人）" in page
    page = client.post(address, {"act": "verify", "everybody": "all"}, follow=True).content.decode()
    assert "已通过 2 人；其余 1 人没有通过" in page
    page = client.post(address, {"act": "verify", "everybody": "all"}, follow=True).content.decode()
    assert "没有可以通过的人；其余 1 人没有通过" in page


# --- bulk recount -----------------------------------------------------------------------------------------------------


def test_all_whose_hours_changed_are_reckoned_anew_at_once_and_the_decided_are_named(district: District) -> None:
    batch = a_batch(district, people=staff(district.unit, 3))
    first, second, same = batch.records.order_by("pk")
    decide(batch=batch, records=[first.pk], name="verify", actor=district.handler)
    for record in (first, second):
        learned(record.person, "0", "8")
    client = browser(district.handler)
    counter = reverse("batches:counter", args=[batch.pk])
    assert "1 人按现有学时重新核算" in client.get(counter).content.decode()
    sent = {"changed": "1", "next": counter}
    page = client.post(reverse("batches:refreeze", args=[batch.pk]), sent, follow=True).content.decode()
    assert "已按现有学时重新核算 1 人" in page
    assert f"{first.person.name}已有结论，需撤回结论后再核算" in page
    event = Event.objects.filter(name="refrozen", case_id=batch.pk).last()
    assert event.data["renewed"] == [second.pk]
    assert "人按现有学时重新核算" not in client.get(counter).content.decode()
    assert same.state == R.FILED


# --- one key a person -------------------------------------------------------------------------------------------------


def test_after_each_decision_the_next_who_waits_is_in_hand(district: District) -> None:
    batch = a_batch(district, people=staff(district.unit, 3))
    client = browser(district.handler)
    page = client.get(reverse("batches:counter", args=[batch.pk]))
    order = list(batch.records.order_by("person__pinyin", "pk"))
    for record in order:
        assert page.context["hand"]["record"] == record
        sent = {"act": "verify", "rows": [record.pk], "act_on": "one"}
        page = client.post(reverse("batches:decide", args=[batch.pk]), sent, follow=True)
        assert f"{record.person.name}：通过" in page.content.decode()
    assert set(batch.records.values_list("state", flat=True)) == {R.VERIFIED}

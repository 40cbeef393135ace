"""Deciding at the counter: one by one, many at once, twice, by two officers, and taking it back."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from luojiang_ce.notices.models import Notice
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.engine import Refused, fire
from luojiang_ce.workflow.models import Event
from tests.conftest import District
from tests.factories import id_number
from tests.verification.batches.cases import unjudged
from tests.verification.batches.samples import YEAR, a_batch, a_record, learned, quick_batch, staff
from tests.verification.batches.test_pages import browser
from tests.verification.requirements.cases import rules_of
from tests.verification.requirements.rules import credits, verdict
from units.models import Person
from verification.batches import services
from verification.batches.facts import outdated
from verification.batches.form4 import row_of
from verification.batches.models import AnnualRecord, Batch, Material
from verification.batches.papers import _statement
from verification.counter.deciding import NothingDecided, decide, find
from verification.counter.views.counter import TYPED
from verification.ledger.models import LedgerEntry
from verification.ledger.services import counter as counter_entry
from verification.requirements.assess import PersonFacts
from verification.requirements.display import freeze, verdict_of
from verification.requirements.models import Rule, RuleSet

pytestmark = pytest.mark.django_db
R = AnnualRecord.State


def ids(batch: Batch) -> list[int]:
    return list(batch.records.values_list("pk", flat=True))


@pytest.mark.notice("二(一)")
def test_many_are_passed_with_one_act_and_each_has_its_event(district: District) -> None:
    batch = a_batch(district, people=staff(district.unit, 4))
    assert decide(batch=batch, records=ids(batch), name="verify", actor=district.handler).count == 4
    assert set(batch.records.values_list("state", "decided_by")) == {(R.VERIFIED, district.handler.pk)}
    assert Event.objects.filter(name="verify", case_type="verification_batches.annualrecord").count() == 4


def test_a_second_click_changes_nothing(district: District) -> None:
    batch = a_batch(district)
    decide(batch=batch, records=ids(batch), name="verify", actor=district.handler)
    before = Event.objects.count()
    assert decide(batch=batch, records=ids(batch), name="verify", actor=district.handler).count == 0
    assert Event.objects.count() == before


def test_two_officers_at_once_the_second_learns_what_the_first_decided(district: District) -> None:
    batch = a_batch(district, people=staff(district.unit, 2))
    first, second = ids(batch)
    decide(batch=batch, records=[first], name="fail", actor=district.handler, reason="证书与本人不符")
    with pytest.raises(NothingDecided, match="现在的状态是“不通过”"):
        decide(batch=batch, records=[first], name="verify", actor=district.approver)
    decided = decide(batch=batch, records=[first, second], name="verify", actor=district.approver)
    name = batch.records.get(pk=first).person.name
    assert (decided.count, decided.said_of_left) == (1, f"{name}现为“不通过”，未改动")
    assert [batch.records.get(pk=pk).state for pk in (first, second)] == [R.FAILED, R.VERIFIED]


def test_a_key_decides_what_was_shown(district: District) -> None:
    row = a_record(district)
    client, address = browser(district.handler), reverse("batches:decide", args=[row.batch_id])
    sent = {"act": "verify", "rows": [row.pk], "act_on": "one", "shown": R.FILED}
    decide(batch=row.batch, records=[row.pk], name="supplement", actor=district.approver, reason="缺证书")
    page = client.post(address, sent, follow=True).content.decode()
    assert "现在的状态是“待补”，与页面所示不同" in page
    row.refresh_from_db()
    assert row.state == R.SUPPLEMENT
    client.post(address, {**sent, "shown": R.SUPPLEMENT})
    row.refresh_from_db()
    assert row.state == R.VERIFIED


def test_the_number_of_a_batch_opens_it_as_far_as_it_is_seen(district: District) -> None:
    first, second = a_batch(district), quick_batch(district)
    client, address = browser(district.handler), reverse("batches:counter", args=[first.pk])
    number = (second.number or "").replace("-", "－").lower()  # a Chinese input method
    answer = client.get(address, {"q": number})
    assert answer["Location"] == reverse("batches:arrived", args=[second.pk])
    assert "本批没有这个人" in client.get(address, {"q": "2026-V-9999"}).content.decode()
    Batch.objects.filter(pk=second.pk).update(state=Batch.State.DRAFT, first_submitted_at=None)
    seen = Batch.objects.visible_to(district.handler).filter(pk=second.pk).exists()
    assert ("Location" in client.get(address, {"q": number})) is seen


def test_nobody_can_be_passed_at_once_where_nobody_is_ready(district: District) -> None:
    batch = a_batch(district, people=staff(district.unit, 2, met=False))
    page = browser(district.handler).get(reverse("batches:counter", args=[batch.pk])).content.decode()
    assert 'name="everybody"' in page
    assert "未办的 2 人都没有达标或不能判定，请逐人办理" in page


def test_less_than_four_signs_of_a_number_find_nobody(district: District) -> None:
    record = a_record(district)
    AnnualRecord.objects.filter(pk=record.pk).update(certificate_number="0526-0417")
    assert not find(record.batch, "417").exists()
    assert find(record.batch, "0417").exists()


def test_a_reason_is_said_once_for_all_whom_it_is_about(district: District) -> None:
    batch = a_batch(district, people=[*staff(district.unit, 7, met=False), *staff(district.unit, 1)])
    with pytest.raises(NothingDecided) as refused:
        decide(batch=batch, records=ids(batch), name="verify", actor=district.approver, reason="下乡支教半年")
    said = str(refused.value)
    assert "7 人有问题" in said
    assert "等 7 人：没有达标" in said
    assert said.count("请审批人同意") == 1
    assert set(batch.records.values_list("state", flat=True)) == {R.FILED}


@pytest.mark.notice("一(三)1")
def test_the_approver_passes_many_who_are_short_with_one_reason_and_each_has_its_event(district: District) -> None:
    batch = a_batch(district, people=staff(district.unit, 3, met=False))
    address, client = reverse("batches:decide", args=[batch.pk]), browser(district.approver)
    client.post(address, {"act": "waive", "rows": ids(batch), "reason": "下乡支教半年", "act_on": "bulk"})
    assert set(batch.records.values_list("state", "reason")) == {(R.VERIFIED, "下乡支教半年")}
    assert Event.objects.filter(name="waive", case_type="verification_batches.annualrecord").count() == 3


def test_a_refused_act_leaves_the_typed_reason_in_its_field_once(district: District) -> None:
    batch = a_batch(district, people=staff(district.unit, 2, met=False))
    address, client = reverse("batches:decide", args=[batch.pk]), browser(district.approver)
    page = client.post(
        address, {"act": "verify", "rows": ids(batch), "reason": "下乡支教半年", "act_on": "bulk"}, follow=True
    )
    assert 'id="bulk-reason" name="reason" list="phrases" maxlength="300" value="下乡支教半年"' in page.content.decode()
    assert "下乡支教半年" not in client.get(reverse("batches:counter", args=[batch.pk])).content.decode()


def test_of_a_number_in_a_reason_that_is_kept_nothing_whole_is(district: District) -> None:
    batch = a_batch(district, people=staff(district.unit, 2, met=False))
    client, number = browser(district.approver), id_number(7)
    sent = {"act": "verify", "rows": ids(batch), "reason": f"证件 {number} 有误" + "长" * 400, "act_on": "bulk"}
    client.post(reverse("batches:decide", args=[batch.pk]), sent)
    kept = client.session[TYPED]["reason"]
    assert number not in kept
    assert kept.startswith("证件 ")
    assert len(kept) == 300


def test_who_is_decided_is_not_ticked_with_all(district: District) -> None:
    batch = a_batch(district, people=staff(district.unit, 2))
    first, second = ids(batch)
    decide(batch=batch, records=[first], name="verify", actor=district.handler)
    page = browser(district.handler).get(reverse("batches:counter", args=[batch.pk])).content.decode()
    ticks = re.findall(r'name="rows" value="(\d+)" data-tick', page)
    assert ticks == [str(second)]
    assert "未达标仍通过</button>" not in page  # the approver's alone


@pytest.mark.notice("一(三)1")
def test_who_is_short_is_not_passed_by_the_handler(district: District) -> None:
    record = a_record(district, met=False)
    with pytest.raises(NothingDecided, match=r"年度总学时差 4\.0"):
        decide(batch=record.batch, records=[record.pk], name="verify", actor=district.handler)
    with pytest.raises(NothingDecided, match="只有区人社局审批"):
        decide(batch=record.batch, records=[record.pk], name="waive", actor=district.handler, reason="病休两月")


@pytest.mark.notice("一(三)1")
def test_the_approver_passes_who_is_short_with_a_reason(district: District) -> None:
    record = a_record(district, met=False)
    with pytest.raises(NothingDecided, match="请写明理由"):
        decide(batch=record.batch, records=[record.pk], name="waive", actor=district.approver)
    decide(batch=record.batch, records=[record.pk], name="waive", actor=district.approver, reason="下乡支教半年")
    record.refresh_from_db()
    assert (record.state, record.reason, record.waived_by) == (R.VERIFIED, "下乡支教半年", district.approver)


@pytest.mark.notice("一(三)2")
def test_whom_the_rules_leave_open_the_handler_passes_with_a_note_many_at_once(district: District) -> None:
    batch = a_batch(district, people=staff(district.unit, 3))
    for record in batch.records.all():
        unjudged(district, record)
    with pytest.raises(NothingDecided, match="请点“附注通过”"):
        decide(batch=batch, records=ids(batch), name="verify", actor=district.handler)
    with pytest.raises(NothingDecided, match="请写明理由"):
        decide(batch=batch, records=ids(batch), name="verify_unjudged", actor=district.handler)
    page = browser(district.handler).get(reverse("batches:counter", args=[batch.pk])).content.decode()
    assert "附注通过" in page
    note = "通知未规定三级医疗机构的学分要求（一(三)2）"
    decide(batch=batch, records=ids(batch), name="verify_unjudged", actor=district.handler, reason=note)
    for record in batch.records.all():
        assert (record.state, record.reason, record.waived_by) == (R.VERIFIED, note, None)
        assert row_of(record)["result"] == "合格（附注）"
        assert row_of(record)["note"].endswith(note)
        assert _statement(record).endswith(f"准予验证。附注：{note}。")


@pytest.mark.notice("一(三)1")
def test_rules_that_change_while_a_batch_is_at_the_counter_do_not_judge_it(district: District) -> None:
    record = a_record(district)
    before = record.verdict
    RuleSet.objects.filter(code="general-2017").update(state="off")
    harder = rules_of(district, "in_force", first_year=2020)
    Rule.objects.filter(rule_set=harder).update(required=1000)
    services.refreeze(batch=record.batch, actor=district.handler)
    record.refresh_from_db()
    assert record.verdict == before
    assert record.facts["rules"]["rule_set"] == "general-2017"
    fire(record.batch, "return", actor=district.handler, data={"items": [{"where": "x", "wrong": "y", "mend": ""}]})
    services.refreeze(batch=record.batch, actor=district.owner)
    record.refresh_from_db()
    assert record.verdict["outcome"] == "unmet"  # it is filed anew, by the rules of that day


def test_a_note_does_not_stand_for_what_is_missing_of_the_person(district: District) -> None:
    record = a_record(district)
    with pytest.raises(NothingDecided, match="已经判定"):
        decide(batch=record.batch, records=[record.pk], name="verify_unjudged", actor=district.handler, reason="x")
    unjudged(district, record)
    facts = {**record.facts, "category": "medical", "institution_level": None}
    AnnualRecord.objects.filter(pk=record.pk).update(facts=facts)
    with pytest.raises(NothingDecided, match="没有登记医疗机构级别"):
        decide(batch=record.batch, records=[record.pk], name="verify_unjudged", actor=district.handler, reason="x")
    no_tenure = freeze(verdict_of(verdict(PersonFacts("medical", "first"), 2025, credits(2025, "class_2", "25"))))
    facts = {**facts, "institution_level": "first"}
    AnnualRecord.objects.filter(pk=record.pk).update(facts=facts, verdict=no_tenure)
    with pytest.raises(NothingDecided, match="没有登记包含本年度的任职周期"):
        decide(batch=record.batch, records=[record.pk], name="verify_unjudged", actor=district.handler, reason="x")


def test_waiving_is_for_those_who_are_short(district: District) -> None:
    record = a_record(district)
    with pytest.raises(NothingDecided, match="已达标"):
        decide(batch=record.batch, records=[record.pk], name="waive", actor=district.approver, reason="x")


@pytest.mark.parametrize("name", ["supplement", "fail"])
def test_the_unit_is_told_once_for_all_and_why(district: District, name: str) -> None:
    batch = a_batch(district, people=staff(district.unit, 3))
    with pytest.raises(NothingDecided, match="请写明理由"):
        decide(batch=batch, records=ids(batch), name=name, actor=district.handler)
    decide(batch=batch, records=ids(batch), name=name, actor=district.handler, reason="缺缴费凭证")
    told = Notice.objects.filter(recipient=district.owner, text__contains="缺缴费凭证")
    assert told.count() == 1
    if name == "supplement":
        assert {str(day) for day in batch.records.values_list("supplement_by", flat=True)} == {"2027-01-13"}


def test_a_wrong_decision_is_withdrawn_by_a_recorded_act(district: District) -> None:
    batch = a_batch(district)
    decide(batch=batch, records=ids(batch), name="fail", actor=district.handler, reason="证书与本人不符")
    with pytest.raises(NothingDecided, match="请写明理由"):
        decide(batch=batch, records=ids(batch), name="withdraw", actor=district.handler)
    decide(batch=batch, records=ids(batch), name="withdraw", actor=district.approver, reason="证书已核对无误")
    record = batch.records.first()
    assert (record.state, record.reason, record.decided_by) == (R.FILED, "", None)
    names = Event.objects.filter(case_type="verification_batches.annualrecord", case_id=record.pk)
    assert list(names.values_list("name", flat=True)) == ["fail", "withdraw"]


def test_rows_of_another_batch_are_not_touched(district: District) -> None:
    batch, other = a_batch(district), quick_batch(district)
    assert decide(batch=batch, records=ids(other), name="verify", actor=district.handler).count == 0
    assert other.records.get().state == R.FILED


def test_a_batch_that_is_not_at_the_counter_is_not_decided(district: District) -> None:
    batch = quick_batch(district, "in_review")
    with pytest.raises(NothingDecided, match="待主管部门初审"):
        decide(batch=batch, records=ids(batch), name="verify", actor=district.handler)


def test_a_later_entry_asks_for_a_second_look_before_the_verdict_is_relied_on(district: District) -> None:
    record = a_record(district)
    learned(record.person, "0", "8")
    assert outdated([record]) == {record.pk}
    with pytest.raises(NothingDecided, match="学时有变动"):
        decide(batch=record.batch, records=[record.pk], name="verify", actor=district.handler)
    assert services.refreeze(batch=record.batch, actor=district.handler, records=[record.pk]) == 1
    record.refresh_from_db()
    assert record.facts["sums"]["total"] == "104.00"
    assert outdated([record]) == frozenset()
    decide(batch=record.batch, records=[record.pk], name="verify", actor=district.handler)


def test_a_counter_entry_marks_a_verified_record_and_leaves_its_verdict(district: District) -> None:
    record = a_record(district, "verified")
    entry = LedgerEntry.objects.filter(person=record.person).last()
    counter_entry(entry=entry, reason="检查认定弄虚作假", actor=district.approver)
    assert outdated([record]) == {record.pk}
    assert services.refreeze(batch=record.batch, actor=district.handler) == 0
    record.refresh_from_db()
    assert record.verdict["outcome"] == "met"


def test_an_entry_that_becomes_visible_late_is_seen_although_its_number_is_lower(district: District) -> None:
    """Two posts at once: the later number may be committed, and frozen, before the earlier one is there to be seen."""
    record = a_record(district)
    first = LedgerEntry.objects.order_by("pk").first()
    LedgerEntry.objects.bulk_create([LedgerEntry(
        pk=first.pk - 1, person=record.person, year=YEAR, measure="hours", subject="professional", amount=8,
        form="lecture", title="讲座", source_type="units.unit", source_id=0,
    )])  # fmt: skip
    assert outdated([record]) == {record.pk}


@pytest.mark.parametrize(
    ("state", "who", "why"),
    [
        ("draft", "handler", "草稿由申报单位重新核算"),
        ("draft", "neighbour", "草稿由申报单位重新核算"),
        ("submitted", "owner", "报送后由区人社局重新核算"),
        ("decided", "handler", "已办结"),
        ("stamped", "approver", "已盖章"),
    ],
)
def test_nobody_else_has_a_batch_reckoned_anew(district: District, state: str, who: str, why: str) -> None:
    with pytest.raises(NotPossible, match=why):
        services.refreeze(batch=quick_batch(district, state), actor=getattr(district, who))


def test_an_entry_of_another_year_asks_for_nothing(district: District) -> None:
    record = a_record(district)
    learned(record.person, "0", "8", year=2025)
    assert outdated([record]) == frozenset()


@pytest.mark.parametrize("typed", ["0526-7001", "7001", "裴南枝", "pnz", "peinan", "{last4}"])
def test_a_person_is_found_by_booklet_name_pinyin_or_the_last_four(district: District, typed: str) -> None:
    batch = a_batch(district, people=staff(district.unit, 2))
    record = batch.records.first()
    AnnualRecord.objects.filter(pk=record.pk).update(certificate_number="0526-7001")
    Person.objects.filter(pk=record.person_id).update(name="裴南枝", pinyin="peinanzhi", initials="pnz")
    Person.objects.exclude(pk=record.person_id).update(name="温如故", pinyin="wenrugu", initials="wrg")
    found = find(batch, typed.format(last4=record.person.masked_id[-4:]))
    assert list(found) == [record]


@pytest.mark.notice("二(一)1")
@pytest.mark.notice("二(一)2")
@pytest.mark.notice("二(一)3")
def test_a_batch_is_finished_when_everybody_is_settled_and_the_papers_were_seen(district: District) -> None:
    batch = a_batch(district)
    with pytest.raises(Refused, match="还有 3 人未办；还没有查验：继续教育证书、相关培训通知文件、报名情况"):
        fire(batch, "finish", actor=district.handler)
    decide(batch=batch, records=ids(batch), name="verify", actor=district.handler)
    services.check_materials(batch=batch, seen=list(Material.values)[:3], actor=district.handler)
    fire(batch, "finish", actor=district.handler)
    assert batch.state == Batch.State.DECIDED
    assert Notice.objects.filter(recipient=district.keeper).count() == 1


@pytest.mark.parametrize(
    ("form", "asked"),
    [
        pytest.param("degree", Material.DEGREE, marks=pytest.mark.notice("二(一)5")),
        pytest.param("paper", Material.PAPER, marks=pytest.mark.notice("二(一)6")),
    ],
)
def test_what_people_learned_decides_which_papers_are_asked_for(district: District, form: str, asked: Material) -> None:
    people = staff(district.unit, 1)
    learned(people[0], "0", "10", form=form)
    batch = a_batch(district, people=people)
    decide(batch=batch, records=ids(batch), name="verify", actor=district.handler)
    services.check_materials(batch=batch, seen=list(Material.values)[:3], actor=district.handler)
    with pytest.raises(Refused, match=asked.label):
        fire(batch, "finish", actor=district.handler)


def test_the_number_of_queries_does_not_grow_with_the_rows(district: District) -> None:
    counted = []
    for number in (3, 30):
        batch = a_batch(district, people=staff(district.unit, number))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            decide(batch=batch, records=ids(batch), name="verify", actor=district.fresh(district.handler))
        counted.append(len(queries))
        batch.records.update(state="stamped")
        Batch.objects.filter(pk=batch.pk).update(state="stamped")
    assert counted[0] == counted[1]

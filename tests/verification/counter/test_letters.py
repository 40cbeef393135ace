"""补正, 不合格 and 不予受理 as numbered papers: what they say, when they go out, when they are withdrawn."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from luojiang_ce.jobs.services import sweep
from luojiang_ce.papers.content import printable
from luojiang_ce.papers.models import Paper
from luojiang_ce.workflow.engine import fire
from tests.blank_papers import blank_papers
from tests.conftest import District
from tests.verification.batches.samples import a_batch, a_record, quick_record, staff
from tests.verification.batches.test_pages import browser
from verification.batches.letters import BROUGHT, CLOSED_BY, MADE_ANEW, RIGHTS_BACK, TAKEN_BACK
from verification.batches.models import AnnualRecord, Batch
from verification.counter.deciding import decide

pytestmark = pytest.mark.django_db
R = AnnualRecord.State


def ids(batch: Batch) -> list[int]:
    return list(batch.records.order_by("pk").values_list("pk", flat=True))


def issued() -> list[Paper]:
    with blank_papers():
        sweep()
    return list(Paper.objects.order_by("pk"))


def text(paper: Paper) -> str:
    return printable(paper).html()


@pytest.mark.notice("二(一)")
def test_what_is_to_be_brought_is_a_numbered_letter_for_each(district: District) -> None:
    batch = a_batch(district, people=staff(district.unit, 2))
    decide(batch=batch, records=ids(batch), name="supplement", actor=district.handler, reason="缺缴费凭证")
    first, second = issued()
    assert [first.number, second.number] == ["洛人社验补〔2027〕0001号", "洛人社验补〔2027〕0002号"]
    said = text(first)
    for words in ("年度验证补正材料通知书", "缺缴费凭证", "2027年1月13日", first_name(batch), batch.number):
        assert words in said
    # It keeps saying it when the row has moved on, and that it is done with.
    decide(batch=batch, records=ids(batch), name="verify", actor=district.handler)
    assert "缺缴费凭证" in text(Paper.objects.get(pk=first.pk))
    assert set(Paper.objects.values_list("state", "revoke_reason")) == {("revoked", BROUGHT)}
    shown = browser(district.owner).get(reverse("papers:check_code", args=[first.code])).content.decode()
    assert BROUGHT in shown
    facts = dict(first.facts)
    assert first_name(batch) not in str(facts)
    assert "缺缴费凭证" not in str(facts)


def first_name(batch: Batch) -> str:
    return batch.records.order_by("pk").first().person.name


def test_the_record_alone_brings_its_letter_too_and_withdrawing_takes_it_back(district: District) -> None:
    record = a_record(district)
    fire(record, "fail", actor=district.handler, note="证书与本人不符")
    (paper,) = issued()
    assert paper.number == "洛人社验否〔2027〕0001号"
    assert "证书与本人不符" in text(paper)
    assert paper.number in browser(district.owner).get(record.get_absolute_url()).content.decode()
    fire(record, "withdraw", actor=district.handler, note="已核对")
    paper.refresh_from_db()
    assert (paper.state, paper.revoke_reason) == (Paper.State.REVOKED, TAKEN_BACK)
    fire(record, "fail", actor=district.handler, note="编号有误")
    anew = issued()[-1]
    assert anew.number == "洛人社验否〔2027〕0002号"
    assert "编号有误" in text(anew)


@pytest.mark.parametrize("step", ["verify", "ask"])
def test_what_has_been_brought_closes_the_letter_of_one_alone(district: District, step: str) -> None:
    batch = a_batch(district, people=staff(district.unit, 2, met=step == "verify"))
    decide(batch=batch, records=ids(batch), name="supplement", actor=district.handler, reason="缺缴费凭证")
    first, second = batch.records.order_by("pk")
    fire(first, step, actor=district.handler, note="下乡支教半年")
    closed, standing = issued()
    assert (closed.subject_id, closed.state, closed.revoke_reason) == (first.pk, "revoked", CLOSED_BY[step])
    assert (standing.subject_id, standing.state) == (second.pk, "issued")


def test_another_decision_takes_the_place_of_the_letter(district: District) -> None:
    batch = a_batch(district, people=staff(district.unit, 2))
    decide(batch=batch, records=ids(batch), name="supplement", actor=district.handler, reason="缺缴费凭证")
    decide(batch=batch, records=ids(batch), name="fail", actor=district.handler, reason="凭证不实")
    papers = issued()
    assert [paper.kind for paper in papers if paper.state != "revoked"] == ["verification_failed"] * 2
    assert {paper.revoke_reason for paper in papers if paper.state == "revoked"} == {MADE_ANEW}
    decide(batch=batch, records=ids(batch), name="withdraw", actor=district.handler, reason="重看")
    assert not Paper.objects.standing().exists()


def test_thirty_letters_take_as_many_queries_as_three(district: District) -> None:
    counts = []
    for number in (3, 30):
        batch = a_batch(district, people=staff(district.unit, number))
        with CaptureQueriesContext(connection) as queries:
            decide(batch=batch, records=ids(batch), name="fail", actor=district.handler, reason="证书与本人不符")
        counts.append(len(queries))
        assert Paper.objects.of(batch).count() == number
        batch.records.all().delete()
        Batch.objects.filter(pk=batch.pk).update(state="stamped")
    assert counts[1] <= counts[0] + 3  # thirty events and papers are written in parts


@pytest.mark.notice("二(三)2")
def test_that_a_year_is_given_up_is_given_in_writing_until_it_is_restored(district: District) -> None:
    record = quick_record(district, "given_up")
    fire(record, "decline", actor=district.handler, note="未在期限内报送，且无长期外出培训、病假等情形")
    (paper,) = issued()
    assert paper.number == "洛人社验拒〔2027〕0001号"
    for words in ("不予受理", "视同放弃验证权利（通知 二(三)2）", "未在期限内报送", record.person.name):
        assert words in text(paper)
    assert paper.number in browser(district.owner).get(record.get_absolute_url()).content.decode()
    assert browser(district.neighbour).get(paper.get_absolute_url()).status_code == 404
    fire(record, "restore", actor=district.approver, note="住院，有证明")
    paper.refresh_from_db()
    assert (paper.state, paper.revoke_reason) == (Paper.State.REVOKED, RIGHTS_BACK)

"""Which document of a year is the first one, and which supplement the others are, whatever is withdrawn in between."""

from __future__ import annotations

import re
from datetime import date

import pytest

from luojiang_ce.papers.content import printable
from luojiang_ce.papers.models import Paper
from luojiang_ce.workflow.engine import fire
from tests.training.plans.factories import a_batch, a_plan, agreed_by_both, an_item
from training.plans.models import Plan, PlanBatch, PlanItem
from training.plans.papers import PUBLICATION
from training.plans.supplements import places

A, B, C = 1, 2, 3
BEGIN, END = True, False


@pytest.mark.parametrize(
    ("history", "stand"),
    [
        ([], {}),
        ([(A, BEGIN)], {A: 0}),
        ([(A, BEGIN), (B, BEGIN), (C, BEGIN)], {A: 0, B: 1, C: 2}),
        # B is the year's first one as long as it stands, though A was there before.
        ([(A, BEGIN), (A, END), (B, BEGIN), (A, BEGIN)], {B: 0, A: 1}),
        # What is withdrawn moves nobody, and comes back where it was.
        ([(A, BEGIN), (B, BEGIN), (C, BEGIN), (B, END)], {A: 0, C: 2}),
        ([(A, BEGIN), (B, BEGIN), (C, BEGIN), (B, END), (B, BEGIN)], {A: 0, B: 1, C: 2}),
        ([(A, BEGIN), (B, BEGIN), (A, END), (A, BEGIN)], {A: 0, B: 1}),
        # Nobody takes a place that a document in force bears.
        ([(A, BEGIN), (B, BEGIN), (A, END), (C, BEGIN)], {B: 1, C: 2}),
        ([(A, BEGIN), (B, BEGIN), (B, END), (C, BEGIN), (B, BEGIN)], {A: 0, C: 1, B: 2}),
    ],
)
def test_places_are_kept_and_never_given_twice(history, stand):
    assert places(history) == stand


@pytest.fixture
def two_batches(district):
    """Two gatherings of one year that both bodies agreed to."""
    plan = a_plan(district.unit, 2026, Plan.State.CHECKED)
    batches = [a_batch(PlanBatch.State.CONSENTING) for _ in range(2)]
    for batch in batches:
        an_item(plan, PlanItem.State.BATCHED, batch=batch, title=f"第{batch.pk}班")
        agreed_by_both(batch, district.handler)
    return batches


@pytest.mark.notice("一(五)1")
def test_a_withdrawn_first_publication_comes_back_as_the_supplement_of_the_one_that_took_its_place(
    two_batches, district
):
    first, second = two_batches

    def issued(batch: PlanBatch, act: str, number: int = 0) -> str:
        document = {"document_number": f"泉洛政人社〔2026〕{number}号", "published_on": date(2026, 3, 20)}
        fire(batch, act, actor=district.approver, note="日期有误", data=document if number else {})
        return Paper.objects.latest("pk").title

    plain = "关于公布 2026 年度专业技术人员继续教育培训项目的通知"
    supplement = "关于公布 2026 年度专业技术人员继续教育培训项目（第一批增补）的通知"
    assert issued(first, "publish", 1) == plain
    issued(first, "unpublish")
    assert issued(second, "publish", 2) == plain
    assert issued(first, "publish", 3) == supplement
    assert "在泉洛政人社〔2026〕2号公布项目的基础上" in _text(Paper.objects.latest("pk"))
    assert issued(second, "republish", 4) == plain
    assert "的基础上" not in _text(Paper.objects.latest("pk"))
    # The sheet is made after its title, when the other one may be gone: both still say the same.
    assert issued(first, "republish", 5) == supplement
    paper = Paper.objects.latest("pk")
    assert dict(PUBLICATION.public_facts(paper))["增补批次"] == "第一批，在 泉洛政人社〔2026〕4号 的基础上"
    issued(second, "unpublish")
    assert "培训项目（第一批增补）予以公布" in _text(paper)
    assert dict(PUBLICATION.public_facts(paper))["增补批次"] == "第一批"


def _text(paper: Paper) -> str:
    return re.sub(r"<[^>]+>|\s", "", printable(paper).html())

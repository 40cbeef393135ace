"""A decision in the real browser: from the finding over its reach, the provider's statement and the decision to its
notice and its withdrawal, with everybody's ledger by hand beside it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from luojiang_ce import clock
from luojiang_ce.jobs.services import sweep
from luojiang_ce.papers.models import Paper
from tests.browser.conftest import DESKTOP, PHONE, assert_accessible, assert_fits
from tests.browser.test_shell import keep
from tests.browser.way import act, stands
from tests.factories import person_in
from tests.training.factories import class_of, enrol, recognition_of, sign_all
from tests.training.inspections.decisions.factories import a_draft, an_inspection, decided, moved
from tests.training.recognition.corrections import decided as recognised
from tests.training.recognition.corrections import in_ledger
from training.inspections.decisions.models import Decision

# Two days of two half-days, four hours each; everybody was there. By hand:
#                as recognised, without the first morning, after the withdrawal
BY_HAND = {
    "王小明": (16, 12, 16),
    "李晓红": (16, 12, 16),
    "欧阳修远": (16, 12, 16),
}


@pytest.fixture
def case(district):
    course = class_of(district.unit, opens_on=clock.today() - timedelta(days=7))
    sign_all(course, [enrol(course, person_in(district.neighbour_unit, name)) for name in BY_HAND])
    made = recognised(district, recognition_of(course))
    sweep()
    return made


def ledger(case) -> dict[str, Decimal]:
    """What each has of the class, every entry added up."""
    people = {each.person_id: each.name for each in case.application.enrolments.all()}
    sums = dict.fromkeys(people.values(), Decimal(0))
    for (person, *_), amount in in_ledger(case).items():
        sums[people[person]] += amount
    return sums


def by_hand(column: int) -> dict[str, int]:
    return {name: figures[column] for name, figures in BY_HAND.items()}


def test_from_the_finding_to_the_withdrawal(page_for, district, case):
    assert ledger(case) == by_hand(0)
    visit = an_inspection(district, case.application)
    page = page_for(district.handler, visit.get_absolute_url())
    page.get_by_role("link", name="拟定处理").first.click()
    page.get_by_label("弄虚作假").check()
    page.get_by_label("通报批评").check()
    page.get_by_label("学时（学分）不予认定").check()
    page.locator("input[name=half_days]").first.check()
    page.get_by_label("理由").fill("签到由他人代签，当日上午没有上课")
    assert_accessible(page)
    page.get_by_role("button", name="保存草稿").click()
    expect(page.get_by_text("1 个半日")).to_be_visible()
    keep(page, "decision-draft")
    act(page, "告知拟作处理")
    stands(page, "待陈述申辩")

    made = Decision.objects.get()
    page = page_for(district.owner, made.get_absolute_url(), size=PHONE)
    act(page, "提交陈述申辩", note="当日上午改为现场观摩，来不及报批")
    stands(page, "待提请审批")

    page = page_for(district.handler, made.get_absolute_url())
    act(page, "提请审批", note="观摩未报批，不予采纳")
    stands(page, "待决定")

    page = page_for(district.approver, made.get_absolute_url())
    expect(page.get_by_role("heading", name="决定一经作出，立即发生")).to_be_visible()
    for name in BY_HAND:
        expect(page.get_by_role("row", name=name)).to_contain_text("-4")
    keep(page, "decision-reach")
    act(page, "作出处理决定")
    stands(page, "已决定")
    assert ledger(case) == by_hand(1)
    sweep()
    notice = Paper.objects.of(made).get(kind="inspection_decision")
    assert notice.state == Paper.State.ISSUED

    page = page_for(district.handler, made.get_absolute_url())
    act(page, "提请撤回决定", note="经核对监控，当日上午确有授课")
    stands(page, "待撤回")
    page = page_for(district.approver, made.get_absolute_url())
    act(page, "撤回决定", note="经核对监控，当日上午确有授课")
    stands(page, "已撤回")
    assert ledger(case) == by_hand(2)
    page = page_for(district.owner, reverse("papers:check_code", args=[notice.code]))
    expect(page.get_by_text("处理决定已撤回").first).to_be_visible()


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_pages_fit_and_are_accessible(page_for, district, case, size):
    draft = a_draft(district, case.application, half_days=[(case.application.opens_on, "morning")])
    decided(district, case.application)
    for account, address, name in (
        (district.handler, draft.get_absolute_url(), "decision"),
        (district.handler, reverse("decisions:edit", args=[draft.pk]), "decision-edit"),
        (district.handler, reverse("decisions:list"), "decisions"),
        (district.overseer, reverse("oversight:decisions"), "oversight-decisions"),
        (district.overseer, reverse("oversight:inspections"), "oversight-inspections"),
        (district.owner, reverse("criticisms:list"), "criticisms"),
    ):
        page = page_for(account, address, size=size)
        page.wait_for_load_state("networkidle")
        assert_fits(page)
        assert_accessible(page)
        keep(page, name)
    assert moved(district, draft, "tell").state == "told"

"""A decision in the real browser: from the visit without a network over the finding, its reach, the provider's
statement and the decision to its notice and its withdrawal, with everybody's ledger by hand beside it.

A class of two days with two half-days of four hours each. On the first morning inspectors come, and somebody signs for
others; what is decided takes that half-day. By hand, the hours of the year:

| trainee | of the class                                 | before | recognised | decided | withdrawn |
| 温知故  | there all the time                           | 86     | 102        | 98      | 102       |
| 许明    | the same, and the year is stamped in between | 86     | 102        | 98      | 102       |
| 林静    | did not sign out of the last half-day        | 86     | 98         | 94      | 98        |
| 裴南枝  | there on the first morning only              | 86     | 90         | 86      | 90        |
| 宁致远  | came in the first afternoon                  | 86     | 98         | 98      | 98        |
| 沈听澜  | never came                                   | 86     | 86         | 86      | 86        |
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db.models import Sum
from django.urls import reverse
from playwright.sync_api import Page, expect

from luojiang_ce.jobs.services import sweep
from luojiang_ce.papers.models import Paper
from tests.blank_papers import blank_papers
from tests.browser.conftest import DESKTOP, PHONE, assert_accessible, assert_fits
from tests.browser.test_shell import keep
from tests.browser.visit_steps import opened, send_later, sent_by_itself, sign, signer_codes, taken_along, write_down
from tests.browser.way import Office, act, stands
from tests.conftest import District
from tests.training.factories import HALF_DAYS, class_of, enrol, recognition_of
from tests.training.factories import sign as was_there
from tests.training.inspections.decisions.factories import a_draft, decided, moved
from tests.training.inspections.factories import a_visit
from tests.training.recognition.corrections import decided as recognised
from tests.training.recognition.corrections import recognised as a_recognised_class
from tests.verification.batches.samples import staff, stamped
from training.attendance.timetable import slots_of_class
from training.classes.models import ClassApplication
from training.inspections.decisions.models import Decision
from training.inspections.models import Inspection
from units.models import Person
from verification.batches.models import Batch
from verification.ledger.models import LedgerEntry

# As the table says, in its columns.
NAMES = ("温知故", "许明", "林静", "裴南枝", "宁致远", "沈听澜")
BEFORE, RECOGNISED, DECIDED, WITHDRAWN = (
    [86, 86, 86, 86, 86, 86],
    [102, 102, 98, 90, 98, 86],
    [98, 98, 94, 86, 98, 86],
    [102, 102, 98, 90, 98, 86],
)
STAMPED, LOSES_THE_YEAR = 1, 3
OPENS = date(2026, 12, 21)
WRONG = "3 人不在场，由同室人员代签"


@pytest.mark.notice("一(五)4")
def test_from_the_visit_to_the_withdrawal(
    office: Office, open_page: Any, phone_of: Any, site: str, district: District, tmp_path: Path
) -> None:
    office.at("2026-12-21", "10:00")
    people = staff(district.unit, len(NAMES), met=False)
    for person, person.name in zip(people, NAMES, strict=True):
        person.save(update_fields=["name"])
    course = a_class(district, people)
    visit = visited_without_network(phone_of, site, district, course, tmp_path)
    assert ledger(people) == BEFORE
    office.at("2026-12-28")
    with blank_papers():
        sheet = Paper.objects.of(recognised(district, recognition_of(course)))
        sweep()
    assert ledger(people) == RECOGNISED
    office.at("2027-01-06")
    page_of_year = Paper.objects.of(stamped(district, [people[STAMPED]])).get(kind="verification_person")

    made = prepared(office.at("2027-01-11"), district, visit)
    heard(office.at("2027-01-13"), district, made)
    assert ledger(people) == RECOGNISED
    says(open_page, page_of_year, "现在有效")
    page = office.at("2027-01-15").sit(district.approver, made.get_absolute_url())
    reach_is_seen(page, people, page_of_year)
    act(page, "作出处理决定")
    stands(page, "已决定")
    assert ledger(people) == DECIDED
    sweep()
    notice = Paper.objects.of(made).get(kind="inspection_decision")
    says(open_page, notice, "现在有效")
    says(open_page, sheet.order_by("pk")[0], "不能使用")
    says(open_page, page_of_year, "复核中，以复核结论为准")

    taken_back(office.at("2027-01-18"), district, made)
    assert ledger(people) == WITHDRAWN
    says(open_page, notice, "已撤销，不能使用", "处理决定已撤回")
    looked_at_again(office.at("2027-01-19"), district, page_of_year)
    says(open_page, page_of_year, "现在有效")


def a_class(district: District, people: list[Person]) -> ClassApplication:
    """The class with who was there when, as the table says."""
    course = class_of(district.unit, opens_on=OPENS)
    keys = [slot.key for slot in slots_of_class(course)]
    there = (keys, keys, keys, keys[:1], keys[1:], [])
    for number, (person, half_days) in enumerate(zip(people, there, strict=True)):
        enrolment = enrol(course, person)
        for key in half_days:
            starts_at, ends_at, _ = HALF_DAYS[key[1]]
            forgot = number == 2 and key == keys[-1]
            was_there(enrolment, *key, time_in=starts_at, time_out=None if forgot else ends_at)
    return course


def visited_without_network(
    phone_of: Any, site: str, district: District, course: ClassApplication, folder: Path
) -> Inspection:
    """The sheet is filled in without a network, over a closed browser, and sent by itself when it is opened again."""
    case = a_visit(district, course, day=OPENS)
    page = taken_along(phone_of(district.inspector), site, case)
    write_down(page, folder, present=3, wrong=WRONG)
    first, *others = signer_codes(case)
    sign(page, [first])
    page.context.close()
    page = opened(phone_of(district.inspector, offline=True), site, case)
    expect(page.locator("#id_text_false")).to_have_value(WRONG)
    sign(page, others)
    send_later(page)
    page.context.close()
    assert not case.findings.exists()
    sent_by_itself(phone_of(district.inspector), site, case).context.close()
    found = case.findings.get()
    assert (found.date, found.half_day, found.text) == (OPENS, "morning", WRONG)
    return Inspection.objects.get(pk=case.pk)


def prepared(office: Office, district: District, visit: Inspection) -> Decision:
    """The handler takes up what was found, drafts what becomes of it and tells the provider."""
    page = office.sit(district.handler, visit.get_absolute_url())
    stands(page, "已记录")
    act(page, "转入处理")
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
    return Decision.objects.get()


def heard(office: Office, district: District, made: Decision) -> None:
    """The provider says something for itself, on the phone; the handler passes it up."""
    page = office.sit(district.owner, made.get_absolute_url(), size=PHONE)
    act(page, "提交陈述申辩", note="当日上午改为现场观摩，来不及报批")
    stands(page, "待提请审批")
    page = office.sit(district.handler, made.get_absolute_url())
    act(page, "提请审批", note="观摩未报批，不予采纳")
    stands(page, "待决定")


def reach_is_seen(page: Page, people: list[Person], page_of_year: Paper) -> None:
    """Before it is decided: whose hours, who does not reach the year any more, which paper needs a second look."""
    expect(page.get_by_role("heading", name="决定一经作出，立即发生")).to_be_visible()
    losing = page.get_by_role("region", name="学时会变动的学员，可左右滚动")
    for name, now, then in zip(NAMES, RECOGNISED, DECIDED, strict=True):
        row = losing.get_by_role("row", name=name)
        if now == then:
            expect(row).to_have_count(0)
        else:
            expect(row).to_contain_text("-4")
    worse = page.get_by_role("region", name="由达标变未达标")
    expect(worse.get_by_role("listitem")).to_have_count(1)
    expect(worse).to_contain_text(people[LOSES_THE_YEAR].name)
    resting = page.get_by_role("region", name="已据此验证的年度和文书")
    expect(resting.get_by_role("listitem")).to_have_count(1)
    expect(resting).to_contain_text(people[STAMPED].name)
    expect(resting).to_contain_text(page_of_year.number or "?")
    keep(page, "decision-reach")


def taken_back(office: Office, district: District, made: Decision) -> None:
    """The handler asks for it, the approver withdraws the decision."""
    why = "经核对监控，当日上午确有授课"
    for account, label, state in (
        (district.handler, "提请撤回决定", "待撤回"),
        (district.approver, "撤回决定", "已撤回"),
    ):
        page = office.sit(account, made.get_absolute_url())
        act(page, label, note=why)
        stands(page, state)


def looked_at_again(office: Office, district: District, page_of_year: Paper) -> None:
    """The approver confirms that the stamped result stands."""
    record = Batch.objects.get(pk=page_of_year.case_id).records.get()
    page = office.sit(district.approver, record.get_absolute_url())
    act(page, "复核：结论不变", note="处理决定已撤回，学时不变")


def ledger(people: list[Person]) -> list[Decimal]:
    """What each has of the year, every entry added up."""
    entries = LedgerEntry.objects.filter(person__in=people, year=OPENS.year).order_by()
    sums = dict(entries.values_list("person").annotate(Sum("amount")))
    return [sums[person.pk] for person in people]


def says(open_page: Any, paper: Paper, *words: str) -> None:
    """What the public check says of a paper, to anyone."""
    shown = open_page(reverse("papers:check_code", args=[paper.code])).locator(".lj-result")
    for word in words:
        expect(shown).to_contain_text(word)


@pytest.fixture
def case(district):
    made = a_recognised_class(district, people=3)
    sweep()
    return made


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

"""The board of teachers' cycles and the list of 次年度不予评聘 (notice 一(三)3, 二(一); product.md V9)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from luojiang_ce import clock
from tests.conftest import District
from tests.factories import person_in
from tests.units.views.helpers import browser, workbook_rows
from tests.verification.batches.samples import learned
from units.models import Leave, Person, StudyPeriod, Title
from units.services import transfer
from verification.batches.models import AnnualRecord
from verification.cycles.board import STATES, counted, cycles_of, in_state, of_year, rows_of
from verification.cycles.models import CycleSetting
from verification.requirements.models import RequirementSetting, Rule, RuleSet

pytestmark = [pytest.mark.django_db, pytest.mark.notice("二(一)教师未完成", "一(三)3")]
LAST = 2026  # the clock of the tests stands in January 2027


def teacher(district: District, name: str, last: int = LAST, **hours: str) -> Person:
    """A teacher of the own unit with a cycle, and hours by year (y2024="72")."""
    person = person_in(district.unit, name, category="teacher")
    StudyPeriod.objects.create(person=person, kind="cycle", first_year=last - 4, last_year=last)
    for year, amount in hours.items():
        learned(person, "0", amount, year=int(year[1:]), form="remote")
    return person


def asked(amount: str = "360", year: int = LAST) -> None:
    RequirementSetting.objects.create(year=year, key="teacher_cycle_total", amount=amount, document="区教育局函")


def state_of(person: Person) -> str:
    (row,) = rows_of(list(cycles_of(Person.objects.filter(pk=person.pk)).select_related("person")))
    found = [key for key in STATES if in_state(cycles_of(Person.objects.filter(pk=person.pk)), key)]
    assert found == [row.state], "the filter and the row say the same"
    return row.state


def test_short_of_the_total_after_the_end_is_flagged_and_met_is_not(district: District) -> None:
    asked()
    met = teacher(district, "顾清和", y2022="100", y2024="160", y2026="100")
    short = teacher(district, "傅以宁", y2022="100", y2024="159.5", y2026="100")
    assert (state_of(met), state_of(short)) == ("enough", "flagged")
    page = browser(district.owner).get(reverse("cycles:flagged")).content.decode()
    assert "傅以宁" in page
    assert "顾清和" not in page
    assert "2027 年度不予评聘" in page
    assert "学时差 0.5" in page


def test_while_the_total_is_not_set_nobody_is_flagged_and_the_page_says_so(district: District) -> None:
    short = teacher(district, "傅以宁", y2022="1")
    assert state_of(short) == "unset"
    board = browser(district.owner).get(reverse("cycles:board")).content.decode()
    assert "未设定" in board
    assert "不判定" in board
    assert "2027 年度不予评聘" not in board
    flagged = browser(district.owner).get(reverse("cycles:flagged")).content.decode()
    assert "学时总数未设定" in flagged
    assert "傅以宁" not in flagged


def test_other_unmet_requirements_flag_only_where_the_bureau_says_so(district: District) -> None:
    asked("100")
    person = person_in(district.unit, "祁晏舟", category="teacher")
    StudyPeriod.objects.create(person=person, kind="cycle", first_year=LAST - 4, last_year=LAST)
    learned(person, "0", "120", year=LAST)
    (row,) = rows_of(list(cycles_of(Person.objects.filter(pk=person.pk)).select_related("person")))
    assert row.lacks == "未参加集中脱产或远程培训，公共必修课差 1 门"
    assert state_of(person) == "enough"
    CycleSetting.objects.create(year=LAST, document="区教育局函〔2026〕3号")
    assert state_of(person) == "flagged"
    CycleSetting.objects.update(year=LAST + 1)
    assert state_of(person) == "enough"


def test_a_cap_of_the_rules_counts_on_the_board_as_in_the_verdict(district: District) -> None:
    asked("100")
    person = teacher(district, "韩砚青", y2023="120")
    assert state_of(person) == "enough"
    Rule.objects.filter(setting="teacher_cycle_total").update(caps={"remote": "60"})
    assert state_of(person) == "flagged"


@pytest.mark.parametrize(
    ("last", "state"), [(2024, "past"), (2025, "past"), (2026, "flagged"), (2027, "soon"), (2028, "running")]
)
def test_what_is_short_means_something_else_before_the_end(district: District, last: int, state: str) -> None:
    asked("360", last)
    assert state_of(teacher(district, "傅以宁", last, y2026="50")) == state


def test_the_list_is_of_one_year_and_ends_with_it(district: District) -> None:
    """notice 二(一): 在下一年度不予评聘; whose cycle ended in 2025 was on the list of 2026 and is on none since."""
    asked("360", LAST)
    asked("360", LAST - 1)
    teacher(district, "傅以宁", y2026="50")
    teacher(district, "韩砚青", LAST - 1, y2025="50")
    client, here = browser(district.owner), reverse("cycles:flagged")
    now, then = client.get(here).content.decode(), client.get(here, {"year": "2026"}).content.decode()
    assert "2027 年度不予评聘名单" in now
    assert ("傅以宁" in now, "韩砚青" in now) == (True, False)
    assert "2026 年度不予评聘名单" in then
    assert ("傅以宁" in then, "韩砚青" in then) == (False, True)
    assert "2026 年度曾不予评聘" in then
    head, *rows = workbook_rows(client.get(reverse("cycles:export_flagged"), {"year": "2026"}))
    assert [dict(zip(head, row, strict=True))["姓名"] for row in rows] == ["韩砚青"]
    for wrong in ("2030", "x"):
        assert client.get(here, {"year": wrong}).status_code == 200
    assert "2026 年度曾不予评聘" in client.get(reverse("cycles:board"), {"state": "past"}).content.decode()


def test_nobody_is_on_the_list_of_a_year_before_the_cycle_is_over(district: District) -> None:
    asked("360", LAST + 1)
    teacher(district, "傅以宁", LAST + 1, y2026="50")
    assert not of_year(cycles_of(Person.objects.all()), LAST + 2)


@pytest.mark.django_db
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    last=st.integers(2023, 2030),
    series=st.sampled_from(["", "中小学教师", "技工院校教师"]),
    figure=st.sampled_from([None, "80", "200"]),
    fixed=st.sampled_from([None, "72", "120"]),
    own=st.sampled_from([None, "60", "240"]),
    amount=st.sampled_from(["0", "60", "72", "100", "200"]),
)
def test_a_filter_and_a_row_never_disagree(
    district: District, last: int, series: str, figure: str, fixed: str, own: str, amount: str
) -> None:
    """Whether the total is the year's figure, stands in the rules, or in rules of the person's series alone."""
    with transaction.atomic():
        if figure:
            asked(figure, last)
        if fixed:
            Rule.objects.filter(setting="teacher_cycle_total").update(setting="", required=fixed)
        if own:
            _rules_of_a_series("技工院校教师", own)
        person = teacher(district, "傅以宁", last)
        if series:
            Title.objects.create(person=person, name="一级教师", level="middle", series=series)
        if amount != "0":
            learned(person, "0", amount, year=last - 1)
        state_of(person)  # asks both
        transaction.set_rollback(True)


def _rules_of_a_series(series: str, total: str) -> None:
    rules = RuleSet.objects.create(
        code="teacher-own", title="测试", document="测试", category="teacher", series=[series], first_year=2024,
        state="in_force",
    )  # fmt: skip
    facts = {"title": "周期总学时", "source": "测试", "measure": "hours", "period": "cycle", "required": total}
    Rule.objects.create(rule_set=rules, position=1, code="total", **facts)


def test_a_total_that_stands_in_the_rules_counts_in_filter_and_row(district: District) -> None:
    """The filter looked at the figure of the year alone: 学时总数未设定, while the row was short of the rules' 72."""
    Rule.objects.filter(setting="teacher_cycle_total").update(setting="", required="72")
    assert state_of(teacher(district, "傅以宁", y2026="50")) == "flagged"
    assert state_of(teacher(district, "顾清和", y2026="80")) == "enough"


def test_who_leaves_teaching_in_mid_cycle_is_not_judged_and_has_all_years_when_back(district: District) -> None:
    asked("200")
    person = teacher(district, "卫长歌", y2022="80", y2023="60")
    Person.objects.filter(pk=person.pk).update(category="general")
    assert state_of(person) == "left"
    learned(person, "0", "30", year=2025)  # in the office
    Person.objects.filter(pk=person.pk).update(category="teacher")
    assert state_of(person) == "flagged"
    learned(person, "0", "30", year=2026)
    assert state_of(person) == "enough"
    (row,) = rows_of(list(cycles_of(Person.objects.filter(pk=person.pk)).select_related("person")))
    assert [cell.text for cell in row.cells] == ["80.0", "60.0", "缺", "30.0", "30.0"]


def test_who_moves_between_schools_takes_the_years_along(district: District) -> None:
    asked("200")
    person = teacher(district, "江晚照", y2022="120", y2023="60")
    transfer(person=person, to=district.neighbour_unit, on=clock.today(), reason="交流", actor=district.handler)
    there = browser(district.neighbour).get(reverse("cycles:board")).content.decode()
    assert "江晚照" in there
    assert "180.0" in there
    assert "江晚照" not in browser(district.owner).get(reverse("cycles:board")).content.decode()


def test_hours_reversed_after_the_stamp_flag_again(district: District) -> None:
    from verification.ledger.models import LedgerEntry
    from verification.ledger.services import counter

    asked("100")
    person = teacher(district, "白若谷", y2023="60", y2025="60")
    AnnualRecord.objects.create(person=person, year=LAST, unit=district.unit, path="cycle", state="stamped")
    assert state_of(person) == "enough"
    counter(entry=LedgerEntry.objects.get(person=person, year=2023), reason="代签", actor=district.approver)
    assert state_of(person) == "flagged"


def test_each_year_says_how_it_stands(district: District) -> None:
    person = teacher(district, "裴南枝", 2028, y2024="70", y2026="20")
    AnnualRecord.objects.create(person=person, year=2024, unit=district.unit, path="teacher", state="stamped")
    (row,) = rows_of(list(cycles_of(Person.objects.filter(pk=person.pk)).select_related("person")))
    assert [(cell.year, cell.text, cell.said) for cell in row.cells] == [
        (2024, "70.0", "已验印"),
        (2025, "缺", "没有验印"),
        (2026, "20.0", "进行中"),
        (2027, "0.0", "进行中"),
        (2028, "·", "未到"),
    ]


def test_a_year_of_an_approved_absence_is_not_missing(district: District) -> None:
    person = teacher(district, "闻人若兰", 2028)
    days = {"starts_on": date(2025, 3, 1), "ends_on": date(2025, 12, 1)}
    Leave.objects.create(person=person, unit=district.unit, reason="sickness", state="approved", **days)
    (row,) = rows_of(list(cycles_of(Person.objects.filter(pk=person.pk)).select_related("person")))
    assert [(cell.year, cell.text) for cell in row.cells[:2]] == [(2024, "缺"), (2025, "请假")]


def test_the_counts_lead_to_their_rows_and_the_workbook_says_the_same(district: District) -> None:
    asked()
    teacher(district, "顾清和", y2024="360")
    teacher(district, "傅以宁", y2024="100")
    client = browser(district.owner)
    page = client.get(reverse("cycles:board"), {"state": "flagged"}).content.decode()
    assert "傅以宁" in page
    assert "顾清和" not in page
    rows = workbook_rows(client.get(reverse("cycles:export"), {"state": "flagged"}))
    line = dict(zip(rows[0], rows[1], strict=True))
    assert len(rows) == 2
    assert (line["姓名"], line["还差"], line["评聘"]) == ("傅以宁", "260.0", "2027 年度不予评聘")
    (head, only) = workbook_rows(client.get(reverse("cycles:export_flagged")))
    assert dict(zip(head, only, strict=True))["缺什么"].startswith("学时差 260")


def test_a_neighbour_finds_nobody_and_the_education_bureau_its_schools(district: District) -> None:
    teacher(district, "夏知远")
    district.unit.supervisor = district.education
    district.unit.save()
    for account, sees in (
        (district.owner, True),
        (district.colleague, True),
        (district.education_reviewer, True),
        (district.handler, True),
        (district.neighbour, False),
    ):
        page = browser(account).get(reverse("cycles:board")).content.decode()
        assert ("夏知远" in page) is sees, account


def test_the_board_asks_as_often_for_thirty_as_for_three(
    district: District, django_assert_max_num_queries: Any
) -> None:
    asked()
    numbers = []
    for size in (3, 27):
        for n in range(size):
            teacher(district, f"教师{'甲乙丙丁戊己庚辛壬癸'[n % 10]}", y2024="10")
        client = browser(district.owner)
        client.get(reverse("cycles:board"))
        with django_assert_max_num_queries(12) as queries:
            client.get(reverse("cycles:board"))
        numbers.append(len(queries))
    assert numbers[0] == numbers[1]


@pytest.mark.django_db
@given(
    amounts=st.lists(st.tuples(st.integers(2022, 2026), st.integers(1, 400)), max_size=6),
    total=st.integers(1, 400),
)
def test_what_is_missing_is_the_total_without_what_was_learned(amounts: list[tuple[int, int]], total: int) -> None:
    """By the rules themselves, against a plain sum."""
    from verification.requirements.assess import Counting, Entry, Period, PersonFacts, RuleSet, assess
    from verification.requirements.assess import Rule as PlainRule

    rule = PlainRule("total", "周期总学时", "", "hours", setting="t", period=Period.CYCLE, early=True)
    rules = RuleSet("x", "", "", "teacher", 2017, None, (rule,))
    entries = [Entry(year, "hours", "professional", "class", Decimal(amount)) for year, amount in amounts]
    found = assess(2026, PersonFacts("teacher", cycle=(2022, 2026)), entries, rules, {"t": Decimal(total)})
    (line,) = found.requirements
    assert line.rule.counting == Counting.AMOUNT
    assert line.missing == max(0, total - sum(amount for _, amount in amounts))


@pytest.mark.notice("一(三)3")
def test_what_the_notice_asks_in_the_last_year_is_to_be_mended_whether_or_not_the_total_is_set(
    district: District,
) -> None:
    this_year = clock.today().year
    short = teacher(district, "傅以宁", last=this_year)
    learned(short, "0", "90", year=this_year)  # neither 集中 nor 远程, no public course
    later = teacher(district, "顾清和", last=this_year + 1)
    assert (state_of(short), state_of(later)) == ("soon", "unset")
    (row,) = rows_of(list(cycles_of(Person.objects.filter(pk=short.pk)).select_related("person")))
    assert "未参加集中脱产或远程培训" in row.lacks
    assert row.label == "届满前要补"  # 不予评聘 is said only where the total is set
    assert counted(cycles_of(Person.objects.all()))["soon"] == 1
    asked(year=this_year)
    assert state_of(short) == "soon"
    (row,) = rows_of(list(cycles_of(Person.objects.filter(pk=short.pk)).select_related("person")))
    assert row.label == "届满仍差的，次年不予评聘"


def test_cycles_that_end_this_year_are_asked_for_as_often_for_thirty_as_for_three(district: District) -> None:
    numbers = []
    for size in (3, 27):
        for n in range(size):
            teacher(district, f"教师{'甲乙丙丁戊己庚辛壬癸'[n % 10]}", last=clock.today().year, y2024="10")
        client = browser(district.owner)
        client.get(reverse("cycles:board"))
        with CaptureQueriesContext(connection) as asked_for:
            client.get(reverse("cycles:board"))
        numbers.append(len(asked_for))
    assert numbers[0] == numbers[1]

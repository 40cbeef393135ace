"""Plan against application: what differs, by how much, what still lacks a word of explanation."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from tests.training.classes.factories import an_application
from training.classes.differences import LABELS, Facts, compare, names_in
from training.classes.facts import comparison, rows_of

pytestmark = pytest.mark.notice("附件2")

PLAN = Facts(
    people=50,
    days=Decimal("3.0"),
    starts_on=date(2026, 12, 14),
    ends_on=date(2026, 12, 16),
    place="区农业农村综合楼",
    audience="农业技术人员",
    form="面授",
    measure="学时",
    amounts=(("公共", Decimal("4.0")), ("专业", Decimal("20.0"))),
    budget=Decimal("18000.00"),
    funding="财政预算",
    lecturers=frozenset({"宁致远", "闻人溪"}),
    organisers=frozenset({"青麓农技中心"}),
)


def test_the_same_differs_in_nothing():
    found = compare(PLAN, PLAN, {})
    assert found.differences == ()
    assert found.same == tuple(LABELS.values())


@pytest.mark.parametrize(
    ("unsaid", "label"),
    [({"starts_on": None, "ends_on": None}, "起止日期"), ({"lecturers": frozenset()}, "师资")],
)
def test_what_the_plan_does_not_say_is_neither_the_same_nor_different(unsaid, label):
    found = compare(replace(PLAN, **unsaid), PLAN, {})
    assert found.differences == ()
    assert found.same == tuple(each for each in LABELS.values() if each != label)


@pytest.mark.django_db
def test_the_days_of_a_later_session_are_not_called_those_of_the_plan(client, district):
    """拟定起止时间 is that of the first session."""
    first = an_application(district.unit, actor=district.owner)
    later = an_application(district.unit, actor=district.owner, session=2)
    for case, says in ((first, True), (later, False)):
        compared = comparison(case, rows_of(case))
        assert ("起止日期" in compared.same or any(d.key == "dates" for d in compared.differences)) is says
        client.force_login(district.owner)
        for url in (case.get_absolute_url(), reverse("classes:review", args=[case.pk])):
            panel = client.get(url).content.decode().split('aria-labelledby="diff"')[1].split("</section>")[0]
            assert ("起止日期" in panel) is says


@pytest.mark.parametrize(
    ("change", "key", "planned", "applied", "gap"),
    [
        ({"people": 60}, "people", "50 人", "60 人", "+10 人"),
        ({"people": 45}, "people", "50 人", "45 人", "−5 人"),
        ({"people": None}, "people", "50 人", "未填", "未填"),
        ({"days": Decimal("2.5")}, "days", "3 天", "2.5 天", "−0.5 天"),
        ({"place": "河畔实训基地"}, "place", "区农业农村综合楼", "河畔实训基地", "地点变更"),
        ({"form": "远程"}, "form", "面授", "远程", "形式变更"),
        ({"budget": Decimal("21600")}, "budget", "18,000 元", "21,600 元", "+3,600 元"),
        ({"charges": True, "fee": Decimal("280.50")}, "fee", "不收费", "收费，280.5 元/人", "收费变更"),
        (
            {"lecturers": frozenset({"宁致远", "柏松年"})},
            "lecturers",
            "宁致远、闻人溪",
            "宁致远、柏松年",
            "增加柏松年，减少闻人溪",
        ),
        ({"organisers": frozenset()}, "organisers", "青麓农技中心", "未填", "减少青麓农技中心"),
        (
            {"amounts": (("公共", Decimal(0)), ("专业", Decimal(22)))},
            "amounts",
            "公共 4，专业 20（学时）",
            "公共 0，专业 22（学时）",
            "公共 −4，专业 +2",
        ),
    ],
)
def test_a_difference_says_both_sides_and_the_gap(change, key, planned, applied, gap):
    (found,) = compare(PLAN, replace(PLAN, **change), {}).differences
    assert (found.key, found.planned, found.applied, found.gap) == (key, planned, applied, gap)
    assert found.unexplained


def test_proposed_dates_may_move_without_a_word():
    (found,) = compare(PLAN, replace(PLAN, starts_on=date(2026, 12, 15)), {}).differences
    assert found.planned == "2026年12月14日 至 2026年12月16日"
    assert not found.unexplained


def test_a_plan_without_named_lecturers_asks_for_none():
    assert compare(replace(PLAN, lecturers=frozenset()), PLAN, {}).differences == ()


def test_a_note_explains_its_own_line_only():
    applied = replace(PLAN, people=60, place="河畔实训基地")
    found = compare(PLAN, applied, {"people": "新增禾山镇 10 名检测员", "budget": "多余的"})
    assert [d.note for d in found.differences] == ["新增禾山镇 10 名检测员", ""]
    assert [d.key for d in found.unexplained] == ["place"]


def test_a_line_that_differs_is_not_among_the_same():
    found = compare(PLAN, replace(PLAN, people=60), {})
    assert "计划人数" not in found.same
    assert len(found.same) == len(LABELS) - 1


@pytest.mark.parametrize(
    "text", ["温如故、沈听澜", "温如故，沈听澜", " 温如故 沈听澜 ", "沈听澜;温如故", "温如故/沈听澜"]
)
def test_names_are_told_apart_however_they_are_joined(text):
    assert names_in(text) == {"温如故", "沈听澜"}


def test_no_names_in_nothing():
    assert names_in("　") == frozenset()

"""What keeps the head of 附件2 from being submitted: everything at once, each with its place."""

from datetime import date
from decimal import Decimal

import pytest

from training.classes.checks import REQUIRED, basics, phone_problem

SOUND = {
    "opens_on": date(2026, 12, 14),
    "ends_on": date(2026, 12, 16),
    "days": Decimal("3.0"),
    "place": "培训楼",
    "audience": "农业技术人员",
    "people": 40,
    "purpose": "提高检测能力",
    "content": "检测方法",
    "funding": "budget",
    "leader": "岳临川",
    "class_teacher": "顾清和",
    "contact": "林知秋",
    "phone": "0595-0000-0126",
    "session": 1,
    "measure": "hours",
    "budget": Decimal(1000),
    "charges": False,
    "fee": None,
    "fee_document": "",
    "credits": {},
    "credits_basis": "",
}


def said(year=2026, sessions=2, **changes):
    return {(f.anchor.removeprefix("id_"), f.text) for f in basics({**SOUND, **changes}, year=year, sessions=sessions)}


def anchors(**changes):
    return {anchor for anchor, _ in said(**changes)}


def test_a_sound_head_has_nothing_to_mend():
    assert said() == set()


@pytest.mark.notice("附件2")
def test_everything_missing_is_said_at_once():
    empty = {key: "" if isinstance(value, str) else None for key, value in SOUND.items() if key in REQUIRED}
    assert anchors(**empty) == set(REQUIRED)


def test_the_opening_lies_in_the_year_of_the_project():
    assert ("opens_on", "开班日期 2026年12月14日 不在项目的计划年度 2025 年") in said(year=2025)


def test_a_session_beyond_the_plan_is_refused():
    assert said(session=3) == {("session", "公布的计划只有 2 期，这是第 3 期")}


@pytest.mark.parametrize(
    ("changes", "anchor"),
    [
        ({"ends_on": date(2026, 12, 13)}, "ends_on"),
        ({"days": Decimal("3.5")}, "days"),
        ({"days": Decimal(0)}, "days"),
        ({"people": 0}, "people"),
        ({"budget": Decimal(-1)}, "budget"),
        ({"phone": "1380000012"}, "phone"),
    ],
)
def test_impossible_values_are_found(changes, anchor):
    assert anchor in anchors(**changes)


@pytest.mark.notice("三2")
class TestMoney:
    def test_charging_needs_a_standard_and_an_approval(self):
        assert anchors(charges=True) == {"fee", "fee_document"}

    def test_charging_with_both_is_sound(self):
        assert said(charges=True, fee=Decimal(280), fee_document="洛发改价〔2026〕8号") == set()

    def test_a_fee_without_charging_is_pointed_out(self):
        assert anchors(fee=Decimal(280)) == {"fee"}


@pytest.mark.notice("一(三)2")
class TestCredits:
    def test_need_an_amount_and_a_basis(self):
        assert anchors(measure="credits") == {"credits_class_2", "credits_basis"}

    def test_with_both_are_sound(self):
        assert said(measure="credits", credits={"class_2": "5"}, credits_basis="闽卫科教〔2026〕1号") == set()


@pytest.mark.parametrize(
    "number", ["13800000123", "+86 138 0000 0123", "0595-0000-0126", "0595 00000126", "22630126", "059500000126转8001"]
)
def test_numbers_that_can_be_dialled(number):
    assert phone_problem(number) is None


@pytest.mark.parametrize(
    ("number", "says"),
    [
        ("1380000012", "手机号应为 11 位，现为 10 位"),
        ("138000001234", "现为 12 位"),
        ("12345", "11 位手机号"),
        ("0595-12", "11 位手机号"),
        ("找林老师", "不是号码的字"),
    ],
)
def test_numbers_that_cannot(number, says):
    assert says in phone_problem(number)

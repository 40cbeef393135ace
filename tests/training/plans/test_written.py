"""The cells of 附件1 in the shapes in which units write them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from luojiang_ce.sheets.problems import UnreadableCellError
from training.plans import written
from training.plans.form1 import FORM1
from verification.choices import Measure

MARCH = (date(2026, 3, 2), date(2026, 3, 6))


@pytest.mark.parametrize(
    "cell",
    [
        *("2026年3月2日至6日", "2026年3月2日至3月6日", "2026年3月2日-2026年3月6日", "2026.3.2—2026.3.6", "3月2-6日"),
        *("2026-03-02至2026-03-06", "2026-03-02-06", "2026/3/2-3/6", "3.2-3.6", "20260302-20260306", "26年3月2日至6日"),
        *("2026年3月2日\n2026年3月6日", "2026年3月2日\n至6日", "自2026年3月2日起至3月6日止", "３月２日～６日"),
        *("2026年3月2日（星期一）上午8:30至3月6日（共5天）", "3月2日-3月6日，5天", "二〇二六年三月二日至六日"),
        *("2026年3月2日8:30-3月6日17:30", "2026年3月2日 — 2026年3月6日"),
    ],
)
def test_a_period_in_one_cell(cell: str) -> None:
    assert written.period(cell, year=2026, epoch_1904=False) == MARCH


def test_a_day_is_a_period_and_a_class_may_run_over_new_year() -> None:
    assert written.period("2026年3月2日", year=2026, epoch_1904=False) == (MARCH[0], MARCH[0])
    assert written.period(datetime(2026, 3, 2), year=2026, epoch_1904=False) == (MARCH[0], MARCH[0])
    over = written.period("12月29日至1月3日", year=2026, epoch_1904=False)
    assert over == (date(2026, 12, 29), date(2027, 1, 3))


@pytest.mark.parametrize(
    ("cell", "what"),
    [
        ("3月中旬", "认不出起止是哪两天"),
        ("第二季度", "认不出起止是哪两天"),
        ("2026年3月", "认不出起止是哪两天"),
        ("3月2-6日、9月7-11日", "这一格里有几段时间"),
        ("2026年2月30日至3月2日", "没有 2026年2月30日 这一天"),
        ("3月6日至2日", "结束早于开始"),
    ],
)
def test_what_is_no_period_is_not_guessed(cell: str, what: str) -> None:
    with pytest.raises(UnreadableCellError) as wrong:
        written.period(cell, year=2026, epoch_1904=False)
    assert wrong.value.what == what


@pytest.mark.parametrize(
    ("read", "cell", "value"),
    [
        *((written.count, cell, 50) for cell in ("50人", "每期50人", 50.0, "约50人", "50人/期", "五十人", "５０")),
        *((written.count, cell, 2) for cell in ("2期", "两期", "2")),
        *((written.days, cell, Decimal(3)) for cell in ("3天", 3.0, "三天", "3个工作日", "每期3天")),
        *((written.days, cell, Decimal("2.5")) for cell in ("2.5", "两天半", "2天半")),
        (written.days, "半天", Decimal("0.5")),
        *((written.money, cell, Decimal(18000)) for cell in ("18000", "18,000元", "1.8万元", "￥18000.00", 18000.0)),
        (written.amount, "16学时", (Decimal(16), Measure.HOURS)),
        (written.amount, "5学分", (Decimal(5), Measure.CREDITS)),
        (written.amounts, "公共8、专业16学时", ({"公共": Decimal(8), "专业": Decimal(16)}, Measure.HOURS)),
        (written.contact, "林知秋0595-0000-0101", ("林知秋", "0595-0000-0101")),
        (written.contact, "联系人：林知秋\n电话：0595-0000-0101", ("林知秋", "0595-0000-0101")),
        (written.contact, "林知秋", ("林知秋", "")),
    ],
)
def test_counts_amounts_and_whom_to_call(read: Any, cell: Any, value: Any) -> None:
    assert read(cell) == value


@pytest.mark.parametrize(
    ("cell", "fee"),
    [
        *((cell, (False, None, "")) for cell in ("不收费", "否", "无", "免费", "0")),
        *((cell, (True, 300, "")) for cell in ("300", "300元/人", "每人300元", "是，300元")),
        *((cell, (True, None, "")) for cell in ("是", "收费", "收费 标准未填，批准文号未填")),
        ("收费 300 元/人，泉发改〔2026〕1号", (True, 300, "泉发改〔2026〕1号")),
        ("收费标准：300元/人；批准文号：泉发改〔2026〕1号", (True, 300, "泉发改〔2026〕1号")),
        ("是，1,280.50元/人，泉价〔2025〕12号", (True, Decimal("1280.50"), "泉价〔2025〕12号")),
        ("泉发改〔2026〕1号", (True, None, "泉发改〔2026〕1号")),
    ],
)
@pytest.mark.notice("三2")
def test_a_fee_in_one_cell(cell: str, fee: Any) -> None:
    assert written.fee(cell) == fee


@pytest.mark.parametrize(
    ("read", "cell"),
    [(written.count, "50-60"), (written.count, "50.5"), (written.days, "若干"), (written.money, "万"),
     (written.amount, "若干"), (written.fee, "按规定")],
)  # fmt: skip
def test_what_is_no_figure_says_how_to_write_it(read: Any, cell: str) -> None:
    with pytest.raises(UnreadableCellError) as wrong:
        read(cell)
    assert wrong.value.remedy.startswith("请")


@pytest.mark.parametrize(
    ("key", "cell", "word"),
    [
        *(("category", cell, "公共") for cell in ("公需科目", "公共科目", "公共")),
        ("category", "专业科目（学科知识）", "专业"),
        ("form", "线上线下结合", "混合"),
        ("form", "集中面授", "面授"),
        ("funding", "区财政拨款", "财政预算"),
    ],
)
def test_words_that_mean_a_choice(key: str, cell: str, word: str) -> None:
    assert written.choice(FORM1.column(key), cell) == word


def test_two_choices_in_one_cell_are_none() -> None:
    with pytest.raises(UnreadableCellError, match="一格里有"):
        written.choice(FORM1.column("funding"), "财政预算、单位自筹")
